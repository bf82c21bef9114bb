"""The full demonstration: load, canaries, alarms and dashboards around a drill."""
