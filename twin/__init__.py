"""The local twin of AWS.

__main__.py     `python -m twin`: the command line of the local twin of AWS
acting.py       the running twin as somebody else sees it: a user with exactly one name's rights
admin.py        the twin's own HTTP API on 127.0.0.1: status, outages, faults, stop; and its page
app.py          all layers in front of the emulator, put together
caller.py       whose keys a command uses: the caller's, where the environment has those of the twin
client.py       a running twin, seen from another process: its environment, AWS clients for it
core.py         what the parts of a running twin share, and where they attach
description.py  what a twin tells of itself: twin.json for its clients, the status for everybody
environment.py  the environment that makes AWS clients use the twin: what `python -m twin env` prints
errors.py       everything the twin refuses with a sentence for its user
home.py         the twin's home directory: what a running twin leaves for its clients
invocation.py   how a command line of this project starts and ends, whichever it is
occupied.py     who holds an address: told from a twin's own administration API
parts.py        the parts a twin is made of, in the order they are installed
server.py       a twin's process: bind every address, start the parts, serve, stop
settings.py     the twin's settings: one frozen object
"""
