"""Route 53: zones, records, health checks."""
