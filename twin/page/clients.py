"""AWS clients of the page: it asks the twin as any client of AWS would."""

from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from twin.client import TwinClient

# A page that waits is worse than one with a gap: no retries, short patience.
_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10, proxies={})
ARC_CLUSTER = "route53-recovery-cluster"


class Clients:
    """Clients by service and region, made once, since each takes longer to make than to ask."""

    def __init__(self, twin: TwinClient) -> None:
        self._twin = twin
        # One for all: each would read the descriptions of the services again.
        self._session: Any = twin.boto3_session(twin.regions[0])
        self._made: dict[tuple[str, str], Any] = {}

    def of(self, service: str, region: str) -> Any:
        """A client of a service in a region."""
        if (service, region) not in self._made:
            self._made[service, region] = self._session.client(
                service, region_name=region, endpoint_url=self._twin.addresses["endpoint"], config=_CONFIG
            )
        return self._made[service, region]

    def cluster(self, url: str, region: str) -> Any:
        """A client of one of the ARC cluster's five endpoints."""
        if (ARC_CLUSTER, url) not in self._made:
            self._made[ARC_CLUSTER, url] = self._session.client(
                ARC_CLUSTER,
                region_name=region,
                endpoint_url=url,
                config=_CONFIG,
                verify=self._twin.env["SSL_CERT_FILE"],
            )
        return self._made[ARC_CLUSTER, url]


def words(error: Exception) -> str:
    """What AWS said, without botocore's words around it."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Message") or error)
    return str(error)
