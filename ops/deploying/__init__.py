"""Deploying stacks in waves and taking them down, in the twin and on AWS."""
