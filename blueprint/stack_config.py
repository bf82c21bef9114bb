"""Every key of the stack configuration, typed and checked.

`load()` is pure, so that tests and tools need no engine. It refuses a wrong value with a ConfigError. What
each key means is said in Pulumi.yaml, which a test holds equal to DEFAULTS and REQUIRED.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypedDict

from blueprint import config_rules
from blueprint.canary_runtimes import check_runtime
from blueprint.config_values import ConfigSource, Reader
from blueprint.errors import ConfigError
from blueprint.naming import Namer

REQUIRED = ("domainName", "hostedZone")

DEFAULTS: Mapping[str, object] = MappingProxyType(
    {
        "stacks": {"region1": "us-east-1", "region2": "us-west-2"},
        "primaryStack": "region1",
        "observerRegion": "us-east-2",
        "hostedZoneId": "",
        "dnsRecord": "cname",
        "dnsTtl": 10,
        "consistency": "eventual",
        "witnessRegion": "us-east-2",
        "strongRegionCheck": True,
        "apiStage": "live",
        "protect": True,
        "pointInTimeRecovery": True,
        "arcCluster": "create",
        "accountId": "",
        "readiness": False,
        "canaryRateMinutes": 1,
        "canaryRuntime": "syn-python-selenium-14.0",
        "lambdaRuntime": "python3.13",
        "lambdaArchitecture": "arm64",
        "lambdaMemoryMb": 1024,
        "throttleRate": 1000,
        "throttleBurst": 2000,
        "logRetentionDays": 30,
        "alarmEmail": "",
        "apiAccessLogs": True,
        "manageApiGatewayAccount": False,
        "fillEnabled": True,
        "awsEndpointUrl": "",
    }
)

# CloudWatch Logs accepts these and no others (CloudWatch Logs API, PutRetentionPolicy).
LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
LAMBDA_RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")
LAMBDA_ARCHITECTURES = ("arm64", "x86_64")
# A function's memory (Lambda quotas page).
LAMBDA_MEMORY_MB = (128, 10240)
# A longer TTL would keep clients for that long on a region that has been switched off.
DNS_TTL_SECONDS = (1, 3600)


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """The checked configuration of one stack; a field is a key's snake_case name."""

    project: str
    stack: str
    stacks: Mapping[str, str]
    primary_stack: str
    observer_region: str
    domain_name: str
    hosted_zone: str
    hosted_zone_id: str
    dns_record: str
    dns_ttl: int
    consistency: str
    witness_region: str
    strong_region_check: bool
    api_stage: str
    protect: bool
    point_in_time_recovery: bool
    arc_cluster: str
    account_id: str
    readiness: bool
    canary_rate_minutes: int
    canary_runtime: str
    lambda_runtime: str
    lambda_architecture: str
    lambda_memory_mb: int
    throttle_rate: int
    throttle_burst: int
    log_retention_days: int
    alarm_email: str
    api_access_logs: bool
    manage_api_gateway_account: bool
    fill_enabled: bool
    aws_endpoint_url: str

    @property
    def namer(self) -> Namer:
        """Makes the physical names of what this stack has."""
        return Namer(project=self.project, stack=self.stack)

    @property
    def region(self) -> str:
        """This stack's own region."""
        return self.stacks[self.stack]

    @property
    def is_primary(self) -> bool:
        return self.stack == self.primary_stack

    @property
    def has_readiness_checks(self) -> bool:
        """Whether it is this stack that makes them: the last one, since they audit what every stack has."""
        return self.readiness and self.stack == self.last_stack

    @property
    def last_stack(self) -> str:
        """The one to deploy last. By name: Pulumi hands `stacks` over in no order of the file's."""
        return max(stack for stack in self.stacks if stack != self.primary_stack)

    @property
    def primary_region(self) -> str:
        return self.stacks[self.primary_stack]

    @property
    def regions(self) -> tuple[str, ...]:
        """Every application region, in the order of `stacks`."""
        return tuple(self.stacks.values())

    @property
    def other_regions(self) -> tuple[str, ...]:
        return tuple(r for r in self.regions if r != self.region)

    @property
    def other_stacks(self) -> Mapping[str, str]:
        """The regions of all other stacks by their names."""
        return {stack: region for stack, region in self.stacks.items() if stack != self.stack}

    @property
    def is_strong(self) -> bool:
        return self.consistency == "strong"

    @property
    def creates_arc_cluster(self) -> bool:
        return self.arc_cluster == "create"


def load(
    config: ConfigSource, project: str, stack: str, *, configured_keys: Iterable[str] = ()
) -> StackConfig:
    """Reads and checks every key; raises ConfigError.

    `configured_keys` are those set in the project namespace, where they can be seen: one that is not ours is
    refused, since a misspelt `protect` would otherwise count as its default.
    """
    _refuse_unknown(configured_keys)
    loaded = _read(Reader(source=config, defaults=dict(DEFAULTS)), project, stack)
    config_rules.check(loaded)
    return loaded


def _refuse_unknown(configured_keys: Iterable[str]) -> None:
    known = (*REQUIRED, *DEFAULTS)
    for key in configured_keys:
        if key in known:
            continue
        near = difflib.get_close_matches(key, known, n=1)
        raise ConfigError(
            f"`{key}` is not a key of this project.",
            seen=key,
            why="It would be ignored, and what you meant would keep its default.",
            do=f"Write `{near[0]}` instead." if near else "Remove it; Pulumi.yaml lists the keys.",
        )


class _CanarySettings(TypedDict):
    canary_rate_minutes: int
    canary_runtime: str


class _FunctionSettings(TypedDict):
    lambda_runtime: str
    lambda_architecture: str
    lambda_memory_mb: int
    log_retention_days: int
    fill_enabled: bool


class _ApiSettings(TypedDict):
    throttle_rate: int
    throttle_burst: int
    api_access_logs: bool
    manage_api_gateway_account: bool
    aws_endpoint_url: str


def _read(read: Reader, project: str, stack: str) -> StackConfig:
    return StackConfig(
        project=project,
        stack=stack,
        stacks=MappingProxyType(
            read.text_map(
                "stacks",
                why="It names every regional stack and its region.",
                example='{"region1": "us-east-1", "region2": "us-west-2"}',
            )
        ),
        primary_stack=read.text("primaryStack"),
        observer_region=read.text("observerRegion"),
        domain_name=read.required_text("domainName", example="orders.example.com"),
        hosted_zone=read.required_text("hostedZone", example="example.com"),
        hosted_zone_id=read.matching(
            "hostedZoneId",
            r"(Z[A-Z0-9]{1,31})?",
            why="A hosted zone's id is a Z and up to 31 more capitals and digits.",
            example="Z0123456789ABCDEFGHIJ (without /hostedzone/)",
        ),
        dns_record=read.choice(
            "dnsRecord", ("cname", "alias"), why="The service's name is one kind of record in every region."
        ),
        dns_ttl=read.integer(
            "dnsTtl",
            low=DNS_TTL_SECONDS[0],
            high=DNS_TTL_SECONDS[1],
            why="Clients stay on a region that was switched off for as long as the record lives (seconds).",
        ),
        consistency=read.choice(
            "consistency", ("eventual", "strong"), why="A global table has one of two consistency modes."
        ),
        witness_region=read.text("witnessRegion"),
        strong_region_check=read.boolean("strongRegionCheck"),
        api_stage=read.matching(
            "apiStage",
            r"[A-Za-z0-9_-]{1,128}",
            why="API Gateway allows letters, digits, hyphens and underscores, at most 128.",
            example="live",
        ),
        protect=read.boolean("protect"),
        point_in_time_recovery=read.boolean("pointInTimeRecovery"),
        arc_cluster=_arc_cluster(read),
        account_id=read.matching(
            "accountId",
            r"([0-9]{12})?",
            why="An AWS account's id has 12 digits; without quotes YAML may read it as a number.",
            example='"111122223333", in quotes',
        ),
        readiness=read.boolean("readiness"),
        alarm_email=read.matching(
            "alarmEmail",
            r"([^@\s]+@[^@\s]+\.[^@\s]+)?",
            why="Alarms are mailed to it.",
            example='team@example.com, or "" for no mail',
        ),
        **_canary_settings(read),
        **_function_settings(read),
        **_api_settings(read),
    )


def _arc_cluster(read: Reader) -> str:
    return read.matching(
        "arcCluster",
        r"create|arn:aws:route53-recovery-control::[0-9]{12}:cluster/[A-Za-z0-9-]{1,64}",
        why="It is either the word create or the ARN of a routing control cluster that exists.",
        example="create, or arn:aws:route53-recovery-control::111122223333:cluster/<id>",
    )


def _canary_settings(read: Reader) -> _CanarySettings:
    return {
        "canary_rate_minutes": read.integer(
            "canaryRateMinutes",
            low=1,
            high=60,
            why="CloudWatch Synthetics runs a canary once in 1 to 60 minutes.",
        ),
        "canary_runtime": check_runtime(
            read.matching(
                "canaryRuntime",
                r"syn-python-selenium-[0-9]+\.[0-9]+",
                why="The canaries are Python scripts for the Selenium runtimes.",
                example=str(DEFAULTS["canaryRuntime"]),
            )
        ),
    }


def _function_settings(read: Reader) -> _FunctionSettings:
    days = tuple(str(d) for d in LOG_RETENTION_DAYS)
    return {
        "lambda_runtime": read.choice(
            "lambdaRuntime", LAMBDA_RUNTIMES, why="The functions need one of Lambda's Python runtimes."
        ),
        "lambda_architecture": read.choice(
            "lambdaArchitecture", LAMBDA_ARCHITECTURES, why="Lambda has two instruction sets."
        ),
        "lambda_memory_mb": read.integer(
            "lambdaMemoryMb",
            low=LAMBDA_MEMORY_MB[0],
            high=LAMBDA_MEMORY_MB[1],
            why="Lambda's memory is within these bounds (MB).",
        ),
        "log_retention_days": int(
            read.choice("logRetentionDays", days, why="CloudWatch Logs knows no other numbers of days.")
        ),
        "fill_enabled": read.boolean("fillEnabled"),
    }


def _api_settings(read: Reader) -> _ApiSettings:
    return {
        "throttle_rate": read.integer("throttleRate", low=1, why="Requests a second; 0 would answer nobody."),
        "throttle_burst": read.integer(
            "throttleBurst", low=1, why="Requests at once; 0 would answer nobody."
        ),
        "api_access_logs": read.boolean("apiAccessLogs"),
        "manage_api_gateway_account": read.boolean("manageApiGatewayAccount"),
        "aws_endpoint_url": read.matching(
            "awsEndpointUrl",
            r"(https?://([A-Za-z0-9.-]|\{region\})+(:[0-9]{1,5})?/?)?",
            why="Every AWS call is sent to it; it is a scheme, a host and a port, and may contain {region}.",
            example="http://127.0.0.1:4566 or https://{region}.aws.example.internal",
        ),
    }
