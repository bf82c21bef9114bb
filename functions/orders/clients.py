"""The DynamoDB client of the functions."""

from typing import TYPE_CHECKING, Final, cast

# boto3's own layer (resources, its default session) is not used: without it a cold start loads less.
import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONNECT_SECONDS: Final = 1.0
READ_SECONDS: Final = 2.0
CALL_SECONDS: Final = CONNECT_SECONDS + READ_SECONDS
"""The longest that one call takes."""


def dynamodb(region: str) -> "DynamoDBClient":
    """A client of the region's own endpoint, or of AWS_ENDPOINT_URL where that is set.

    It never retries by itself: a request's time is limited as a whole (see attempts.py), and a retry that
    nobody counts would break that.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        tcp_keepalive=True,
        # The shapes are this package's own, and its tests hold them against the service's model.
        parameter_validation=False,
    )
    client = botocore.session.get_session().create_client("dynamodb", region_name=region, config=config)
    return cast("DynamoDBClient", client)
