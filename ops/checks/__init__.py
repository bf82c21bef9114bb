"""What is deployed, looked at: smoke tests, failover, alarms, canaries, dashboards."""
