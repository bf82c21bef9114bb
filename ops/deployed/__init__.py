"""What is deployed: the target, the stacks' outputs, the exported file, the stack files, the tables.

answering.py   which regions answer, and whose credentials these are
deployment.py  the deployment that the stacks' outputs describe
export.py      the file that a failover needs, when nothing else can be asked
options.py     options that several commands share, and what they stand for
stacks.py      which stacks there are, from Pulumi's files beside the program
survivors.py   which regions carry the traffic now: those that are On and answer
tables.py      reads and writes the regions' tables directly: what is really stored
target.py      where commands work: the local twin of AWS, or AWS itself
"""
