"""ComponentResources of the order service, and what the program reads and writes around them.

answers.py         what the AWS provider answers: refused where the program cannot go on without it
current_config.py  the running program's configuration: the only reader of `pulumi.Config`
errors.py          what the program refuses
foundation.py      everything global: tables, replicas, routing controls and the right to switch them
global_tables.py   DynamoDB tables, each with a replica in every other region
providers.py       one explicit AWS provider a region; nothing is made by a default provider
region.py          everything of one region that holds no data: the same code in every stack
region_args.py     what the components of a regional stack take, translated from its configuration
shared_outputs.py  what a region must know of the foundation
stack_outputs.py   what a stack exports: the same names in every stack, the global ones passed through
watched_sites.py   what the canaries of a stack watch: its own API and the shared name
"""
