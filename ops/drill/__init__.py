"""The drill: moves traffic or breaks a region, and measures what clients noticed.

drill.py        a drill from start to end: it is checked and confirmed, carried through, and written down
make_world.py   Puts together what a drill acts on, from a deployment on a target
phases.py       the phases of a drill and how long each lasts
progress.py     the line that shows how a drill goes
run.py          one drill from the first read of the controls to the last read of the tables
settings.py     what a drill is asked to do
twin_outage.py  an outage in the twin: a region's sockets close, its functions die, its replication stops
world.py        what a drill acts on
"""
