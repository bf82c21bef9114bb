"""boto3 clients for one deployment: a client per service, region and endpoint, made once."""

import ipaddress
import threading
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from twin.deploy.errors import SettingsError

# Services with one control plane for all regions, and the region that signs for it (AWS general
# reference, "Service endpoints and quotas": IAM and Route 53 in us-east-1, ARC in us-west-2).
CONTROL_REGIONS = {
    "iam": "us-east-1",
    "route53": "us-east-1",
    "route53-recovery-control-config": "us-west-2",
    "route53-recovery-readiness": "us-west-2",
}

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=60,
    retries={"mode": "standard", "max_attempts": 3},
    s3={"addressing_style": "path"},
)


class Clients:
    """Makes clients with the credentials of the environment; safe to use from several threads."""

    def __init__(self, session: boto3.Session | None = None) -> None:
        self._session = session or boto3.Session()
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str, str], Any] = {}

    def get(self, service: str, region: str, endpoint: str) -> Any:
        """`endpoint` must be on this machine: nothing here ever talks to AWS itself."""
        signing_region = CONTROL_REGIONS.get(service, region)
        url = endpoint.replace("{region}", signing_region)
        refuse_remote(url)
        with self._lock:
            key = (service, signing_region, url)
            if key not in self._made:
                client = self._session.client(
                    service,  # type: ignore[call-overload]
                    region_name=signing_region,
                    endpoint_url=url,
                    config=_CONFIG,
                )
                self._made[key] = client
            return self._made[key]


def refuse_remote(url: str) -> None:
    """Raises SettingsError unless the URL's host is this machine's loopback network."""
    if not _is_loopback(urlsplit(url).hostname or ""):
        raise SettingsError(
            f"The endpoint {url!r} is not on this machine (127.x.x.x). This deploys to a twin only. "
            f"Use 'pulumi up' for AWS, or set awsEndpointUrl to the address that 'python -m twin env' prints."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
