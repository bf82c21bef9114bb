"""How calls leave this machine: DNS, connections, signatures."""
