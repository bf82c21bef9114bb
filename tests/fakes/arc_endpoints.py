"""An ARC cluster's five endpoints in memory: states, quorum, and a safety rule that may refuse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError

from ops.routing.cluster import Endpoint

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")
ENDPOINTS = tuple(Endpoint(region=region, url=f"https://{region}.cluster.test") for region in REGIONS)


def refusal(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "UpdateRoutingControlStates")


@dataclass
class FakeArcCluster:
    """`dead` endpoints time out; fewer than three alive answer that they are unavailable, as ARC's do.

    `lost_answers` is how many changes are made without an answer, `lost_requests` how many are neither made
    nor answered; after them nothing answers at all where `then_silent`.
    """

    states: dict[str, bool]
    panel_name: str = "orders"
    dead: set[str] = field(default_factory=set)
    refuse: Callable[[], ClientError | None] = lambda: None
    asked: list[str] = field(default_factory=list)
    updates: list[Mapping[str, Any]] = field(default_factory=list)
    page_size: int = 500
    missing_credentials: bool = False
    lost_answers: int = 0
    lost_requests: int = 0
    then_silent: bool = False

    def connect(self, endpoint: Endpoint) -> "FakeEndpoint":
        return FakeEndpoint(self, endpoint)


@dataclass
class FakeEndpoint:
    """One endpoint's client."""

    cluster: FakeArcCluster
    endpoint: Endpoint

    def list_routing_controls(self, **kwargs: Any) -> Mapping[str, Any]:
        self._answer()
        start = int(kwargs.get("NextToken", 0))
        arns = sorted(self.cluster.states)
        page = arns[start : start + self.cluster.page_size]
        rest = start + len(page)
        return {
            "RoutingControls": [
                {
                    "ControlPanelName": self.cluster.panel_name,
                    "RoutingControlArn": arn,
                    "RoutingControlState": "On" if self.cluster.states[arn] else "Off",
                }
                for arn in page
            ],
            **({"NextToken": str(rest)} if rest < len(arns) else {}),
        }

    def update_routing_control_states(self, **kwargs: Any) -> Mapping[str, Any]:
        self._answer()
        refused = self.cluster.refuse()
        if refused is not None:
            raise refused
        if self.cluster.lost_requests:
            self.cluster.lost_requests -= 1
            self._fall_silent()
        self.cluster.updates.append(kwargs)
        for entry in kwargs["UpdateRoutingControlStateEntries"]:
            self.cluster.states[entry["RoutingControlArn"]] = entry["RoutingControlState"] == "On"
        if self.cluster.lost_answers:
            self.cluster.lost_answers -= 1
            self._fall_silent()
        return {}

    def _fall_silent(self) -> None:
        if self.cluster.then_silent:
            self.cluster.dead.update(REGIONS)
        raise ReadTimeoutError(endpoint_url=self.endpoint.url)

    def _answer(self) -> None:
        self.cluster.asked.append(self.endpoint.region)
        if self.cluster.missing_credentials:
            raise NoCredentialsError
        if self.endpoint.region in self.cluster.dead:
            raise ConnectTimeoutError(endpoint_url=self.endpoint.url)
        if len(REGIONS) - len(self.cluster.dead) < 3:
            raise refusal("EndpointTemporarilyUnavailableException")
