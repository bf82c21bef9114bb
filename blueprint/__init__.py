"""What is to be deployed, as plain data: configuration, names, policies, alarms, dashboards, the API."""
