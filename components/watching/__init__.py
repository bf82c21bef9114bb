"""What watches the service: canaries, alarms, dashboards."""
