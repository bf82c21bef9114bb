"""The twin's settings: one frozen object, read from the command line and the environment by one function."""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twin.errors import SettingsError

DEFAULT_PORT_BASE = 4560
ACCOUNT_ID = "111122223333"  # the account id AWS's documentation uses in examples
DEFAULT_REGIONS = ("us-east-1", "us-west-2", "us-east-2")
# IAM, the global STS endpoint and Route 53's control plane are served from us-east-1 in the commercial
# partition; ARC's control APIs from us-west-2 (AWS General Reference, endpoints).
GLOBAL_SERVICES_REGION = "us-east-1"
ARC_CONFIG_REGION = "us-west-2"
# Services with one endpoint for all regions, by signing name, and where it is.
HOME_REGIONS: Mapping[str, str] = {
    "iam": GLOBAL_SERVICES_REGION,
    "route53": GLOBAL_SERVICES_REGION,
    "route53-recovery-control-config": ARC_CONFIG_REGION,
    "route53-recovery-readiness": ARC_CONFIG_REGION,
}
# The five regions of an ARC cluster's endpoints (ARC developer guide, "Routing control components").
ARC_ENDPOINT_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")

# Round trips between regions in milliseconds. They decide latency records only: which region is nearer.
# Orders of magnitude from public latency tables; a pair that is not listed counts as 150.
LATENCY_MS: Mapping[frozenset[str], float] = {
    frozenset({"us-east-1", "us-east-2"}): 12.0,
    frozenset({"us-east-1", "us-west-1"}): 62.0,
    frozenset({"us-east-1", "us-west-2"}): 67.0,
    frozenset({"us-east-2", "us-west-1"}): 51.0,
    frozenset({"us-east-2", "us-west-2"}): 52.0,
    frozenset({"us-west-1", "us-west-2"}): 21.0,
    frozenset({"us-east-1", "ca-central-1"}): 15.0,
    frozenset({"us-east-1", "eu-west-1"}): 68.0,
    frozenset({"us-east-1", "eu-central-1"}): 92.0,
    frozenset({"us-west-2", "eu-west-1"}): 118.0,
    frozenset({"us-west-2", "eu-central-1"}): 141.0,
    frozenset({"eu-west-1", "eu-central-1"}): 25.0,
    frozenset({"eu-west-1", "eu-west-2"}): 12.0,
    frozenset({"us-west-2", "ap-northeast-1"}): 97.0,
    frozenset({"us-east-1", "ap-northeast-1"}): 146.0,
    frozenset({"us-west-2", "ap-southeast-2"}): 139.0,
    frozenset({"us-east-1", "ap-southeast-2"}): 198.0,
    frozenset({"ap-northeast-1", "ap-southeast-2"}): 105.0,
}
UNKNOWN_LATENCY_MS = 150.0

# Of a canary's schedule and of an alarm's periods, in seconds: as on AWS at most.
SHORTEST_MINUTE, LONGEST_MINUTE = 5.0, 60.0

_REGION = re.compile(r"^[a-z]{2}(-[a-z]+)+-\d$")
_ZONE = re.compile(r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a twin is started with. Times are in seconds unless the name says otherwise."""

    port_base: int = DEFAULT_PORT_BASE
    home: Path = field(default_factory=lambda: Path.cwd() / ".twin")
    regions: tuple[str, ...] = DEFAULT_REGIONS
    hosted_zone: str = "example.com"
    account_id: str = field(default=ACCOUNT_ID, init=False)
    # AWS says only that routing control changes reach DNS within "a few seconds".
    health_check_delay: float = 2.0
    # AWS's own sample of this architecture measured 600 to 1200 ms between us-east-1 and us-west-2.
    replication_lag_p50: float = 0.8
    replication_lag_p99: float = 1.2
    # How many seconds a minute of a canary's schedule and of an alarm's periods lasts: 60 as on AWS, less to
    # see in seconds what takes minutes there.
    minute: float = 60.0
    # Use 127.0.0.1 alone, as on machines that have no other loopback address (macOS).
    single_address: bool = False
    owner_pid: int | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        if not 1024 <= self.port_base <= 65000:
            raise SettingsError(
                f"the port base must be between 1024 and 65000, not {self.port_base}: "
                "the twin uses some 100 ports above it"
            )
        if len(set(self.regions)) != len(self.regions) or not 1 <= len(self.regions) <= 20:
            raise SettingsError(f"the regions must be 1 to 20 different ones, not {', '.join(self.regions)}")
        for region in self.regions:
            if not _REGION.match(region):
                raise SettingsError(f"not the name of an AWS region: {region!r}; write it like us-east-1")
        if not _ZONE.match(self.hosted_zone):
            raise SettingsError(
                f"not the name of a public hosted zone: {self.hosted_zone!r}; write it like example.com"
            )
        if not SHORTEST_MINUTE <= self.minute <= LONGEST_MINUTE:
            raise SettingsError(
                f"a minute must last {SHORTEST_MINUTE:g} to {LONGEST_MINUTE:g} seconds, not {self.minute:g}"
            )
        delays = (self.health_check_delay, self.replication_lag_p50, self.replication_lag_p99)
        if not all(0 <= delay < math.inf for delay in delays):
            raise SettingsError(f"delays must be 0 seconds or more, not {', '.join(map(str, delays))}")
        if self.replication_lag_p99 < self.replication_lag_p50:
            raise SettingsError(
                f"the replication lag's p99 ({self.replication_lag_p99} s) is below its p50 "
                f"({self.replication_lag_p50} s): raise --lag-p99 or lower --lag-p50"
            )


def home_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """`TWIN_HOME`, else `.twin` under the working directory."""
    named = environ.get("TWIN_HOME", "")
    return Path(named).expanduser().absolute() if named else Path.cwd() / ".twin"


def port_base(environ: Mapping[str, str] = os.environ) -> int:
    """`TWIN_PORT_BASE`, else 4560."""
    value = environ.get("TWIN_PORT_BASE", "")
    if not value:
        return DEFAULT_PORT_BASE
    if not value.isdigit():
        raise SettingsError(f"TWIN_PORT_BASE must be a number, not {value!r}")
    return int(value)


def latency_ms(a: str, b: str) -> float:
    """Round trip between two regions, in milliseconds."""
    if a == b:
        return 1.0
    return LATENCY_MS.get(frozenset({a, b}), UNKNOWN_LATENCY_MS)
