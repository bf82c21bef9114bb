"""What listens, and what clients find by name: listeners, ports, TLS, DNS."""
