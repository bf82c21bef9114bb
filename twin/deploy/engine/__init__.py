"""The real Pulumi engine against the twin: its resource provider, its workspace, its command line.

backend.py          what Pulumi's engine keeps of the stacks that it deployed into a twin
command.py          the `pulumi` of a shell with the twin's environment: the real one
differences.py      what differs between two sets of arguments, by property path
find.py             Finds the Pulumi program: the real engine, which this repository does not contain
get.py              `make engine`: gets a Pulumi program where there is none, and says which
official.py         what Pulumi's own AWS plugin must be told to work on the twin, and nowhere else
plugin.py           the AWS provider's plugin in the engine's home: a placeholder, or Pulumi's own
provider.py         one configured AWS provider
provider_port.py    the provider's address in a running twin
provider_schema.py  the provider's schema, for tools that ask for it: the types that the twin can create
provider_server.py  Serves the provider: `python -m twin.deploy.engine.provider_server` prints its port and
run.py              Has Pulumi's real engine work on a stack in the running twin, in a process of its own
runner.py           runs one operation of the real engine on a stack
wire.py             Pulumi's property values, as they travel between engine and provider
workspace.py        what the engine works with besides the program, all of it under the twin's home
"""
