"""The order service of one region: its functions, its API, what they are made of, and the load generator."""
