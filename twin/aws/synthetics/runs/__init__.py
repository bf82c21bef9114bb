"""Runs the canaries that Synthetics holds: on their schedule, from their deployed code, as their role."""
