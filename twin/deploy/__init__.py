"""Runs the project's own Pulumi program against the running twin, with nothing but Python packages.

arguments.py  what a handler is given for a declared resource, whichever way the program is run
clients.py    boto3 clients for one deployment: a client per service, region and endpoint, made once
context.py    what a handler has at hand: clients of the resource's region, the account, and waiting
errors.py     what can go wrong while a stack is deployed
explain.py    one message for a resource that failed: which, what AWS said, what to do
invokes.py    functions of the AWS provider that the program may call while it is built
names.py      physical names for resources that the program does not name itself
progress.py   what a deployment says while it runs
process.py    a deployment's own process: how it is started, what it may see
project.py    the program that is deployed, and what makes its configuration fit the running twin
provider.py   the AWS provider resources of the program: region, endpoints, default tags, allowed accounts
run.py        deploys stacks into the running twin and destroys them: both ways behind one interface
schema.py     what the AWS provider's own Python classes say about a resource type's arguments and outputs
values.py     the plain values that handlers take: JSON, plus local files and secrets
"""
