"""Ids of the things that smoke tests and drills make: ULIDs, as everywhere in the system."""

import ulid


def new_id() -> str:
    """A ULID: 26 characters that sort by time."""
    return str(ulid.new())
