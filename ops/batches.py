"""Writes to a table in batches, as many items a call as DynamoDB takes."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ops.errors import CallError

# The most items that one BatchWriteItem takes (DynamoDB API reference).
BATCH_WRITE_LIMIT = 25
ATTEMPTS = 8
BACKOFF = 0.1


def write(
    client: Any,
    name: str,
    requests: Sequence[Mapping[str, Any]],
    *,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Make the writes and return how many; CallError when DynamoDB keeps throttling.

    `requests` are BatchWriteItem's: each has a PutRequest or a DeleteRequest.
    """
    for start in range(0, len(requests), BATCH_WRITE_LIMIT):
        left: Mapping[str, Any] = {name: list(requests[start : start + BATCH_WRITE_LIMIT])}
        for attempt in range(ATTEMPTS):
            left = client.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
            if not left:
                break
            pause(BACKOFF * 2**attempt)
        else:
            raise CallError(
                f"DynamoDB kept throttling writes to {name}; {start} of {len(requests)} are made."
                " Run it again later."
            )
    return len(requests)
