"""Runs the project's own Pulumi program against the running twin, with nothing but Python packages."""
