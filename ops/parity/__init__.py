"""Are the regions the same, and could each carry all the traffic?

api.py           what one region's API is: its definition as deployed, its stage, its domain name
audit.py         reads the settings of every region that answers and holds them side by side
capacity.py      could each region alone carry what all regions carried together in their busiest minute?
carrying.py      can a region carry all the traffic alone? The answer that an operator waits for
certificates.py  whether the shared name's certificates are good, and for how long
functions.py     what one region's Lambda functions are: code, layers and settings
neutral.py       takes out of a region's settings what must differ: its name, its stack's, the ids AWS gave
peaks.py         the busiest minute of all regions together, from CloudWatch
reading.py       reads every region that answers; one that stops answering is left alone from then on
report.py        the audit for people: what is wrong, row by row, and how much is right
rows.py          what the regions have side by side: one row a setting, and what is wrong with it
tables.py        what one region's replicas are: settings, protection
"""
