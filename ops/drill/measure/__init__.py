"""What a drill measured: from the ledger, and from both regions' tables.

bounds.py        Holds a drill's numbers against the bounds that were stated
ledger.py        what every client noted about every request, and what can be counted from it
orders_check.py  what became of the orders: missing in the survivor at the switch, lost after healing
parts.py         what a recovery time is made of: noticing, deciding, switching, and clients that move
probes.py        Measures replication from outside: writes an item in one region and looks for it in another
recovery.py      Recovery time: how long clients noticed that traffic moved
statistics.py    Small statistics over what a drill saw
"""
