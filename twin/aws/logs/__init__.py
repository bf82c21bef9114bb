"""CloudWatch Logs: how other services write to it."""
