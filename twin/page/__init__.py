"""The twin's web page: dashboards, routing controls, canaries, alarms. Its files are in static/."""
