"""Handlers of every resource type that the program declares, one module a service."""
