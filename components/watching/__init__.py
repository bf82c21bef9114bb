"""What watches the service: canaries, alarms, dashboards.

alarm_topic.py    where the alarms of one region go: an SNS topic, and an e-mail address that hears of it
alarms.py         the alarms of one region: those in it, and those in the observer region
canary.py         one CloudWatch Synthetics canary with a role and a log group of its own
canary_items.py   items that canaries read: whoever deploys never has to find an id
canary_site.py    a region's place for canaries: a bucket for their results, and their code in it
dashboards.py     the dashboards of one region; what is on them is in blueprint/dashboard_bodies.py
metric_alarms.py  makes alarms of their definitions
synthetics.py     the canaries of one stack: those in its own region, those in the observer region
"""
