"""Pages of a listing: MaxResults and NextToken, as AWS's list operations have them."""

from typing import Any

from twin.aws.own.contract import Params, Result
from twin.aws.own.errors import ServiceError


def page(member: str, items: list[Any], params: Params, *, default: int = 1000) -> Result:
    """The page that a request asks for, under `member`, with NextToken when there is more."""
    token = params.get("NextToken", "0")
    if not token.isdigit():
        raise ServiceError("ValidationException", "NextToken is not one that this operation gave.")
    start, size = int(token), int(params.get("MaxResults", default))
    result: Result = {member: items[start : start + size]}
    if start + size < len(items):
        # Some models want at least four characters.
        result["NextToken"] = f"{start + size:08d}"
    return result
