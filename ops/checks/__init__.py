"""What is deployed, looked at: smoke tests, failover, alarms, canaries, dashboards.

alarms.py      the deployed alarms and their states, in the stacks' regions and in the observer's
canaries.py    the deployed canaries' last runs, in the stacks' regions and in the observer's
dashboards.py  what the deployed dashboards show, and what of it has no data: read from CloudWatch
failover.py    could the traffic be moved now? What an operator wants to know before the day on which it
findings.py    what a check found: one line each, and what to do about it
health.py      what watches the service says of it, all in one look: the canaries' last runs and the alarms
serving.py     Does a region serve its customers? Asked of the region's own URL
smoke.py       Does a deployed region do its work? A few real calls, each one a check with a name
"""
