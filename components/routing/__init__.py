"""How clients find a region, and how an operator moves them: names, certificates, routing controls."""
