"""Tests of the twin use the fixtures of tests/fakes/twin_fixtures.py."""

from tests.fakes.twin_fixtures import DeployedTwin

__all__ = ["DeployedTwin"]
