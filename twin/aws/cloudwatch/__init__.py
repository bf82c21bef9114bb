"""CloudWatch: alarms, dashboards, and the metrics that AWS's services write.

alarm_requests.py    what PutMetricAlarm refuses (CloudWatch API Reference), and what the twin lacks of it
alarm_rules.py       When a metric alarm goes off
alarms.py            CloudWatch alarms: what is refused, when they change state, whom they tell
dashboard_rules.py   what PutDashboard refuses: CloudWatch API Reference
dashboards.py        CloudWatch dashboards: checked as AWS checks them, and the same in every region
embedded_metrics.py  Metrics inside log lines: CloudWatch's embedded metric format (CloudWatch User Guide)
metric_queries.py    Questions about metrics that the emulator would answer wrongly
query.py             CloudWatch's query protocol, answered from what the emulator answers in JSON
service_metrics.py   Metrics that AWS itself writes
"""
