"""One file a command: it parses its options, calls the library and prints.

check.py       could the traffic be moved now, and would anybody be notified?
clean.py       remove synthetic items from all tables
controls.py    which region takes traffic, read and changed through the ARC cluster's data plane alone
costs.py       what the configured stacks cost, from their files alone
demo.py        the whole thing on this machine: a twin of AWS, both stacks, a failover and the way back
demo_full.py   everything at work on this machine: load, canaries, alarms, dashboards, and an outage
deploy.py      preflight, then every stack in waves
deployment.py  what is deployed
destroy.py     take everything down, in the one order that works
drill.py       move traffic off a region and back, and measure what clients noticed
export.py      the file that a failover needs, for when nothing else can be asked
fill.py        make synthetic customers, products and orders through the API
load.py        start the regions' load generators, and see what they do
order.py       create one order, or read one
parity.py      are the regions the same, and could each carry everything alone?
preflight.py   is everything there that a deployment needs?
put_back.py    write the items of a restored table into the live one
reconcile.py   do products and orders fit together in every region? And, on request, mend them
smoke.py       a few real calls to each region's own URL
"""
