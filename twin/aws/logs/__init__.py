"""CloudWatch Logs: how other services write to it, and filter patterns."""
