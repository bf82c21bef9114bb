"""A client of the order API."""
