"""The twin's web page: dashboards, routing controls, canaries, alarms. Its files are in static/.

alarm_rows.py   rows of alarms, made of DescribeAlarms' answers
clients.py      AWS clients of the page: it asks the twin as any client of AWS would
controls.py     a switch of the page: a routing control is set through the ARC cluster's own endpoints
drawing.py      a dashboard as the page's scripts draw it: JSON with nothing but checked types
metric_data.py  the values behind a page's charts, by GetMetricData, asked for once
regional.py     what the page shows of a region's alarms, canaries and dashboards, as its AWS APIs tell it
routes.py       the page's routes at the administration address: its files, its state, its switches
state.py        everything the page shows, in one answer that all pages share for a second
widgets.py      the body of a CloudWatch dashboard, read: which metrics its widgets want, in which form
"""
