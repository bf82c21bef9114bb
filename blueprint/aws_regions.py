"""Which AWS regions exist, and which of them can hold strongly consistent tables together."""

from collections.abc import Iterable
from functools import cache

STRONG_REGION_SETS: tuple[frozenset[str], ...] = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"}),
    frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
)
"""Multi-region strong consistency cannot span these sets (AWS: "DynamoDB global tables", MRSC regions)."""

ARC_CONTROL_REGION = "us-west-2"
"""Where ARC's control APIs live, routing control's and readiness check's, for all regions (ARC endpoints)."""

GLOBAL_SERVICES_REGION = "us-east-1"
"""Where IAM's and Route 53's control APIs live, and Route 53's metrics (AWS General Reference, endpoints)."""


@cache
def commercial_regions() -> frozenset[str]:
    """The regions of the partition `aws`, from botocore's own data: a newer boto3 brings new regions.

    ARC routing control exists in no other partition. Needs no credentials, profile or network.
    """
    # Imported here: it takes longer than all else that a command needs before it knows what to do.
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("endpoints")["partitions"]
    return frozenset(next(p["regions"] for p in partitions if p["partition"] == "aws"))


def strong_set_of(regions: Iterable[str]) -> frozenset[str] | None:
    """The set that holds all of `regions`, or None when they span sets or are in none."""
    wanted = frozenset(regions)
    return next((s for s in STRONG_REGION_SETS if wanted <= s), None)
