"""Lambda without containers: worker processes that run AWS's runtime client against a local Runtime API."""
