"""Where commands act: real AWS, or the local twin of it. Everything after this file is the same for both."""

import os
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from ops.aws_errors import explained
from ops.deployed import deployment as deployments
from ops.deployed import export as exports
from ops.deployed.deployment import Deployment, Outputs
from ops.deployed.stacks import PROJECT, StackPlan
from ops.errors import CredentialsError, DeploymentError, MisuseError
from ops.net.signing import Keys
from ops.net.transport import Address
from ops.routing.cluster import ENDPOINT_DEADLINE, ClusterClient, Endpoint

# boto3 is imported where a client is made: most of a command's start would be its import.
if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

    from twin.client import TwinClient

TWIN = "twin"
AWS = "aws"

ARC_SERVICE = "route53-recovery-cluster"


def _cluster_config() -> "Config":
    """One attempt an endpoint: the next endpoint is the retry."""
    from botocore.config import Config

    return Config(
        connect_timeout=ENDPOINT_DEADLINE, read_timeout=ENDPOINT_DEADLINE, retries={"total_max_attempts": 1}
    )


def _call_config() -> "Config":
    from botocore.config import Config

    return Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


class Target(Protocol):
    """What a command needs of the place it acts on. Deployments are exported to `exports` by default."""

    name: str
    exports: Path

    def outputs(self, plan: StackPlan) -> Mapping[str, Outputs]:
        """The outputs of the plan's stacks that are deployed, the primary first."""

    def client(self, service: str, region: str) -> Any:
        """boto3's client of a service in a region; the same one each time, since making one is slow."""

    def cluster_client(self, endpoint: Endpoint) -> ClusterClient:
        """A client of one endpoint of the ARC cluster."""

    def keys(self) -> Keys:
        """The operator's credentials now."""

    def tls(self) -> ssl.SSLContext:
        """The TLS settings of clients: which certificate authorities they trust."""

    def dial(self, address: str) -> Address:
        """Where an address that DNS gave really listens for HTTPS."""

    def resolve(self, host: str) -> Address:
        """Where one region's own host name leads, now."""

    def name_servers(self) -> Sequence[Address]:
        """The DNS servers that clients ask."""

    def subnet_near(self, region: str) -> str | None:
        """The client subnet (RFC 7871) of clients near a region; None: wherever this host is."""


class AwsTarget:
    """Real AWS, with the credentials of the environment."""

    name = AWS

    def __init__(self) -> None:
        self.exports = PROJECT / "deployments"
        self._clients: dict[tuple[str, str], Any] = {}
        with explained("use the AWS profile"):
            self._session = _session()

    def outputs(self, plan: StackPlan) -> Mapping[str, Outputs]:
        return deployments.read_pulumi(plan.names)

    def client(self, service: str, region: str) -> Any:
        session: Any = self._session
        if (service, region) not in self._clients:
            made = session.client(service, region_name=region, config=_call_config())
            self._clients[service, region] = made
        return self._clients[service, region]

    def cluster_client(self, endpoint: Endpoint) -> ClusterClient:
        session: Any = self._session
        made = session.client(
            ARC_SERVICE, region_name=endpoint.region, endpoint_url=endpoint.url, config=_cluster_config()
        )
        return cast(ClusterClient, made)

    def keys(self) -> Keys:
        with explained("sign requests"):
            found = self._session.get_credentials()
            if found is None:
                raise CredentialsError("No AWS credentials were found. Sign in, or set AWS_PROFILE.")
            frozen = found.get_frozen_credentials()
        return Keys(
            access_key=str(frozen.access_key), secret_key=str(frozen.secret_key), token=frozen.token or None
        )

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def dial(self, address: str) -> Address:
        return Address(host=address)

    def resolve(self, host: str) -> Address:
        return Address(host=host)

    def name_servers(self) -> Sequence[Address]:
        import dns.resolver

        servers = dns.resolver.get_default_resolver().nameservers
        return [Address(host=str(server), port=53) for server in servers]

    def subnet_near(self, region: str) -> str | None:  # noqa: ARG002 - the same for every region
        return None


class TwinTarget:
    """The twin that runs in a home directory."""

    name = TWIN

    def __init__(self, twin: "TwinClient") -> None:
        self.twin = twin
        self.exports = twin.home / "deployments"
        self._clients: dict[tuple[str, str], Any] = {}
        regions: Mapping[str, Mapping[str, str]] = twin.addresses["regions"]
        self._regions = regions
        self._https = {where["dnsAddress"]: _address(where["https"]) for where in regions.values()}
        self._keys = Keys(
            access_key=twin.env["AWS_ACCESS_KEY_ID"],
            secret_key=twin.env["AWS_SECRET_ACCESS_KEY"],
            token=twin.env.get("AWS_SESSION_TOKEN"),
        )

    def outputs(self, plan: StackPlan) -> Mapping[str, Outputs]:
        return deployments.read_directory(self.twin.home / "outputs", plan.names)

    def client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            made = self.twin.boto3_client(service, region, config=_call_config())
            self._clients[service, region] = made
        return self._clients[service, region]

    def cluster_client(self, endpoint: Endpoint) -> ClusterClient:
        session: Any = self.twin.boto3_session(endpoint.region)
        made = session.client(
            ARC_SERVICE,
            endpoint_url=endpoint.url,
            verify=self.twin.env["AWS_CA_BUNDLE"],
            config=_cluster_config(),
        )
        return cast(ClusterClient, made)

    def keys(self) -> Keys:
        return self._keys

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.twin.env["SSL_CERT_FILE"])

    def dial(self, address: str) -> Address:
        return self._https.get(address, Address(host=address))

    def resolve(self, host: str) -> Address:
        from ops.net.dns_lookup import dns_lookup

        found = dns_lookup(host, self.name_servers(), subnet=None, ttl=None)()
        if not found.addresses:
            raise OSError(f"{host} has no address")
        return self.dial(found.addresses[0])

    def name_servers(self) -> Sequence[Address]:
        return [_address(self.twin.env["TWIN_DNS"])]

    def subnet_near(self, region: str) -> str | None:
        return self._regions[region]["nearSubnet"]


def open_target(name: str) -> Target:
    """The target of `--target`, with the environment's credentials; TwinError when no twin runs.

    In the twin they are those that it made; an environment without any has the administrator's.
    """
    if name == AWS:
        return AwsTarget()
    if name != TWIN:
        raise MisuseError(f"OPS_TARGET={name}: write {TWIN} or {AWS}.")
    from twin.caller import of_caller
    from twin.client import TwinClient

    return TwinTarget(of_caller(TwinClient.from_home()))


def live_deployment(target: Target, plan: StackPlan) -> Deployment:
    """The deployment as the stacks' outputs say now."""
    outputs = target.outputs(plan)
    if not outputs and target.name == TWIN:
        raise DeploymentError("No stack is deployed in the twin. Deploy first: python -m twin deploy")
    return deployments.parse(outputs, source=f"outputs on the {target.name} target")


def export_file(target: Target, primary: str) -> Path:
    """Where a deployment is exported to, and on AWS looked for."""
    return target.exports / f"{primary}.json"


def export_outputs(target: Target, plan: StackPlan, outputs: Mapping[str, Outputs], file: Path) -> None:
    """Write what is deployed now into a file."""
    export = exports.Export(
        target=target.name, primary=plan.primary, exported_at=datetime.now(UTC), stacks=outputs
    )
    exports.write(export, file)


def default_target() -> str:
    """`OPS_TARGET`, else the twin: the one where nothing can be harmed."""
    return os.environ.get("OPS_TARGET", TWIN)


def _session() -> "boto3.session.Session":
    import boto3

    return boto3.session.Session()


def _address(text: str) -> Address:
    host, _, port = text.removeprefix("https://").rpartition(":")
    if not port.isdecimal():
        raise DeploymentError(f"The twin gives an address without a port: {text!r}.")
    return Address(host=host, port=int(port))
