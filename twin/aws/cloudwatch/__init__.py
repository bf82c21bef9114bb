"""CloudWatch: alarms, dashboards, and the metrics that AWS's services write."""
