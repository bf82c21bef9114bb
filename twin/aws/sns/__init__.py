"""SNS: the notifications of alarms."""
