"""The time that an answer of AWS takes at the least, given to a twin."""

from twin.client import TwinClient
from twin.front.operations import OPERATIONS

SECONDS = 0.02
"""Less than a round trip to most regions."""


def answer_no_sooner_than_aws(twin: TwinClient) -> None:
    """Delay every call.

    Where an answer comes while the provider still finishes sending the request, which the twin manages within
    2 ms on a busy machine, Go's HTTP client closes the connection, and the SDK repeats the call as it does
    after any closed connection (aws/aws-sdk-go-v2 pull request 2949). A repeated creation is refused: what it
    makes is there. Seen on the wire: the client's FIN between the answer's head and its body.
    """
    for service in OPERATIONS:
        twin.fault(service, "slow", seconds=SECONDS)
