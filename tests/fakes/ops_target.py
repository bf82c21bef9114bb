"""A target without AWS and without a twin: clients are what a test puts in."""

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.deployed.deployment import Outputs
from ops.deployed.stacks import StackPlan
from ops.net.signing import Keys
from ops.net.transport import Address
from ops.routing.cluster import ClusterClient, Endpoint
from tests.fakes.arc_endpoints import FakeArcCluster


class FakeSts:
    """Says whose account the caller is in, or raises `problem`."""

    def __init__(self, account: str, problem: Exception | None) -> None:
        self._account = account
        self._problem = problem

    def get_caller_identity(self) -> Mapping[str, str]:
        if self._problem is not None:
            raise self._problem
        return {"Account": self._account}


@dataclass
class FakeTarget:
    """`deployed` are the outputs by stack; `clients` are found by (service, region), then by service.

    `problems` are what a region's STS raises, `asked` the regions that any client was made for.
    """

    name: str = "twin"
    exports: Path = Path("nowhere")
    account: str = "111122223333"
    deployed: dict[str, Outputs] = field(default_factory=dict)
    clients: dict[Any, Any] = field(default_factory=dict)
    cluster: FakeArcCluster = field(default_factory=lambda: FakeArcCluster(states={}))
    problems: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    on_outputs: Callable[[], None] = lambda: None

    def outputs(self, plan: StackPlan) -> Mapping[str, Outputs]:
        self.on_outputs()
        return {stack: self.deployed[stack] for stack in plan.names if stack in self.deployed}

    def client(self, service: str, region: str) -> Any:
        self.asked.append(region)
        if service == "sts":
            return FakeSts(self.account, self.problems.get(region))
        return self.clients.get((service, region)) or self.clients[service]

    def cluster_client(self, endpoint: Endpoint) -> ClusterClient:
        return self.cluster.connect(endpoint)

    def keys(self) -> Keys:
        return Keys(access_key="A", secret_key="s")

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def dial(self, address: str) -> Address:
        return Address(host=address)

    def resolve(self, host: str) -> Address:
        return Address(host=host)

    def name_servers(self) -> Sequence[Address]:
        return []

    def subnet_near(self, region: str) -> str | None:
        return None
