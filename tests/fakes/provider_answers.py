"""Holds what stands in for the AWS provider to what the real one gave (tests/provider/answers.json)."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.provider.answers import recorded
from tests.provider.kinds import kinds

ANSWERS = recorded()
OTHERWISE: Mapping[str, str] = {
    "aws:s3/bucketObjectv2:BucketObjectv2 source": "an asset in Pulumi, a path in Terraform",
}
"""Attributes that may be of another kind, each with the reason."""


def contradictions(kind: str, given: Mapping[str, Any], echoed: Mapping[str, Any]) -> Iterator[str]:
    """Attributes whose kind of value the real provider never gave, one sentence each.

    Left out: arguments that are only handed back (`echoed`), and what the recorded provider does not have.
    """
    known = ANSWERS.get(kind, {})
    for path, seen in kinds(given):
        first = path.partition(".")[0].removesuffix("[]")
        expected = known.get(path)
        if expected and seen not in expected and first not in echoed and f"{kind} {path}" not in OTHERWISE:
            yield f"{kind} {path} is {seen}, the real provider gave {' or '.join(expected)}"
