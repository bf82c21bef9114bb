"""The stack configuration: one declaration a key, from which it is read, checked, declared and documented.

A key's name, type, rule, default and meaning stand together below. Pulumi.yaml's list and
docs/configuration.md are made of them (`make docs`). What needs more than one key is in config_rules.py.
`load()` is pure, so that tests and tools need no engine.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from blueprint import config_rules
from blueprint.canary_runtimes import check_runtime
from blueprint.config_keys import (
    ConfigSource,
    Flag,
    Key,
    Matching,
    Needed,
    OneNumberOf,
    OneOf,
    Text,
    TextMap,
    Whole,
    key,
    keys_of,
)
from blueprint.errors import ConfigError
from blueprint.naming import Namer

# CloudWatch Logs accepts these and no others (CloudWatch Logs API, PutRetentionPolicy).
LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
LAMBDA_RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """The checked configuration of one stack. Each field but the first two is a key of the stack files."""

    project: str
    stack: str
    stacks: Mapping[str, str] = key(
        "Every regional stack and its region, the same in all stack files. A stack's region is "
        "its own entry. A further region is one more entry and one more stack file; several "
        "environments in one account have other stack names.",
        TextMap(
            why="It names every regional stack and its region.",
            example='{"region1": "us-east-1", "region2": "us-west-2"}',
        ),
        default={"region1": "us-east-1", "region2": "us-west-2"},
    )
    primary_stack: str = key(
        "The stack that owns the tables and the routing controls; primary by this name and by nothing else.",
        Text(),
        default="region1",
    )
    observer_region: str = key(
        "Where the service is watched from outside; a region that stacks does not use.",
        Text(),
        default="us-east-2",
    )
    domain_name: str = key(
        "The service's name for its clients, like orders.example.com.",
        Needed(example="orders.example.com"),
    )
    hosted_zone: str = key(
        "The public Route 53 zone that holds the name, like example.com.",
        Needed(example="example.com"),
    )
    hosted_zone_id: str = key(
        "The zone's id, needed where several public zones have its name.",
        Matching(
            pattern=r"(Z[A-Z0-9]{1,31})?",
            why="A hosted zone's id is a Z and up to 31 more capitals and digits.",
            example="Z0123456789ABCDEFGHIJ (without /hostedzone/)",
        ),
        default="",
    )
    dns_record: str = key(
        "cname (follows dnsTtl, not possible at a zone's apex) or alias (a time to live of 60 "
        "seconds, fixed by AWS). Cannot be changed while another region's record exists.",
        OneOf(("cname", "alias"), why="The service's name is one kind of record in every region."),
        default="cname",
    )
    dns_ttl: int = key(
        "Seconds that resolvers keep a cname record; bounds how long clients stay on a region switched off.",
        Whole(
            # A longer TTL would keep clients for that long on a region that has been switched off.
            1,
            3600,
            why="Clients stay on a region that was switched off for as long as the record lives (seconds).",
        ),
        default=10,
    )
    consistency: str = key(
        "eventual (replicas follow within a second or so) or strong (a write is in two regions "
        "before it is answered). Fixed for the life of the tables.",
        OneOf(("eventual", "strong"), why="A global table has one of two consistency modes."),
        default="eventual",
    )
    witness_region: str = key(
        "Strong consistency with two regions needs a third one that only witnesses; with three "
        'regions it is "". Fixed for the life of the tables, as are the regions of strong tables.',
        Text(),
        default="us-east-2",
    )
    strong_region_check: bool = key(
        "Refuse strong consistency outside the region sets that AWS listed when this was written.",
        Flag(),
        default=True,
    )
    api_stage: str = key(
        "The name of the API's stage, part of the regional URL.",
        Matching(
            pattern=r"[A-Za-z0-9_-]{1,128}",
            why="API Gateway allows letters, digits, hyphens and underscores, at most 128.",
            example="live",
        ),
        default="live",
    )
    protect: bool = key(
        "Deletion protection on every replica, and Pulumi's protection of tables, replicas, "
        "routing controls and health checks. To destroy, set it to false, run pulumi up, then "
        "pulumi destroy. With strong consistency run pulumi up twice after the tables are made: "
        "the AWS provider protects their other replicas in the second run, and of a change of "
        "this key and of pointInTimeRecovery in one run it makes only one there.",
        Flag(),
        default=True,
    )
    point_in_time_recovery: bool = key(
        "Continuous backups of every replica. A table deleted with it on leaves a backup for 35 days.",
        Flag(),
        default=True,
    )
    arc_cluster: str = key(
        "create (2.50 US dollars an hour), or the ARN of a routing control cluster that exists "
        "and stays unmanaged.",
        Matching(
            pattern=r"create|arn:aws:route53-recovery-control::[0-9]{12}:cluster/[A-Za-z0-9-]{1,64}",
            why="It is either the word create or the ARN of a routing control cluster that exists.",
            example="create, or arn:aws:route53-recovery-control::111122223333:cluster/<id>",
        ),
        default="create",
    )
    account_id: str = key(
        "The AWS account's 12 digits, in quotes; every other account is then refused.",
        Matching(
            pattern=r"([0-9]{12})?",
            why="An AWS account's id has 12 digits; without quotes YAML may read it as a number.",
            example='"111122223333", in quotes',
        ),
        default="",
    )
    readiness: bool = key(
        "Readiness checks of Application Recovery Controller, made by the last stack. AWS offers "
        "them to earlier customers only.",
        Flag(),
        default=False,
    )
    canary_rate_minutes: int = key(
        "Minutes between two runs of a canary.",
        Whole(1, 60, why="CloudWatch Synthetics runs a canary once in 1 to 60 minutes."),
        default=1,
    )
    canary_runtime: str = key(
        "The canaries' CloudWatch Synthetics runtime; one of those in blueprint/canary_runtimes.py.",
        Matching(
            pattern=r"syn-python-selenium-[0-9]+\.[0-9]+",
            why="The canaries are Python scripts for the Selenium runtimes.",
            example="syn-python-selenium-14.0",
            check=check_runtime,
        ),
        default="syn-python-selenium-14.0",
    )
    lambda_runtime: str = key(
        "The functions' Lambda runtime; layers are built for it.",
        OneOf(LAMBDA_RUNTIMES, why="The functions need one of Lambda's Python runtimes."),
        default="python3.13",
    )
    lambda_architecture: str = key(
        "arm64 or x86_64; layers are built for it.",
        OneOf(("arm64", "x86_64"), why="Lambda has two instruction sets."),
        default="arm64",
    )
    lambda_memory_mb: int = key(
        "Memory of each function; processor time grows with it.",
        Whole(128, 10240, why="Lambda's memory is within these bounds (MB; Lambda quotas page)."),
        default=1024,
    )
    throttle_rate: int = key(
        "Requests a second that a region's API admits; enough for the whole traffic, equal in all regions.",
        Whole(1, None, why="Requests a second; 0 would answer nobody."),
        default=1000,
    )
    throttle_burst: int = key(
        "Requests at once that a region's API admits.",
        Whole(1, None, why="Requests at once; 0 would answer nobody."),
        default=2000,
    )
    log_retention_days: int = key(
        "Days that logs are kept; one of the numbers CloudWatch Logs knows.",
        OneNumberOf(LOG_RETENTION_DAYS, why="CloudWatch Logs knows no other numbers of days."),
        default=30,
    )
    alarm_email: str = key(
        'Where alarms are mailed to; "" for nowhere.',
        Matching(
            pattern=r"([^@\s]+@[^@\s]+\.[^@\s]+)?",
            why="Alarms are mailed to it.",
            example='team@example.com, or "" for no mail',
        ),
        default="",
    )
    api_access_logs: bool = key(
        "JSON access logs of the API; they need API Gateway's CloudWatch role in the account and region.",
        Flag(),
        default=True,
    )
    manage_api_gateway_account: bool = key(
        "Create that role and register it for the whole account and region, where nobody else does.",
        Flag(),
        default=False,
    )
    fill_enabled: bool = key(
        "Offer POST /fill, which makes test data.",
        Flag(),
        default=True,
    )
    aws_endpoint_url: str = key(
        "Send every AWS call to this address, that of any AWS-compatible server; may contain {region}.",
        Matching(
            pattern=r"(https?://([A-Za-z0-9.-]|\{region\})+(:[0-9]{1,5})?/?)?",
            why="Every AWS call is sent to it; it is a scheme, a host and a port, and may contain {region}.",
            example="http://127.0.0.1:4566 or https://{region}.aws.example.internal",
        ),
        default="",
    )

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
        return self.stacks_in_order[-1]

    @property
    def stacks_in_order(self) -> tuple[str, ...]:
        """Every stack in the order of a deployment: the primary, then the others by name."""
        return tuple(sorted(self.stacks, key=lambda stack: (stack != self.primary_stack, stack)))

    @property
    def of_every_stack(self) -> tuple["StackConfig", ...]:
        """This configuration as each stack has it, in the order of a deployment."""
        return tuple(replace(self, stack=stack) for stack in self.stacks_in_order)

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


KEYS: Final[Mapping[str, Key]] = MappingProxyType({one.name: one for one in keys_of(StackConfig)})
"""Every key by its name: what Pulumi.yaml declares, what is read, what docs/configuration.md lists."""


def load(
    config: ConfigSource, project: str, stack: str, *, configured_keys: Iterable[str] = ()
) -> StackConfig:
    """Reads and checks every key; raises ConfigError.

    `configured_keys` are those set in the project namespace, where they can be seen: one that is not ours is
    refused, since a misspelt `protect` would otherwise count as its default.
    """
    refuse_unknown(configured_keys)
    values = {one.field: one.read(config) for one in KEYS.values()}
    loaded = StackConfig(project=project, stack=stack, **values)
    config_rules.check(loaded)
    return loaded


def refuse_unknown(names: Iterable[str]) -> None:
    """Raises ConfigError for a name that is no key's."""
    for name in names:
        if name in KEYS:
            continue
        near = difflib.get_close_matches(name, KEYS, n=1)
        raise ConfigError(
            f"`{name}` is not a key of this project.",
            seen=name,
            why="It would be ignored, and what you meant would keep its default.",
            do=f"Write `{near[0]}` instead." if near else "Remove it; Pulumi.yaml lists the keys.",
        )
