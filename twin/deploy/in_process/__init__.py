"""Deploying without Pulumi's engine: the program runs in its own process, resources are made one by one."""
