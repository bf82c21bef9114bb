"""Cuts the twin's replication between regions for as long as something happens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import permutations

from twin.client import TwinClient


@contextmanager
def links_cut(twin: TwinClient, regions: Sequence[str]) -> Iterator[None]:
    """Nothing travels between these regions: a lag that lasts, however slow the machine is."""
    links = list(permutations(regions, 2))
    for source, target in links:
        twin.link(source, target, cut=True)
    try:
        yield
    finally:
        for source, target in links:
            twin.link(source, target, cut=False)
