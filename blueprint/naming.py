"""Physical names: every one carries project and stack, so that several environments fit into one account."""

import re
from dataclasses import dataclass

from blueprint.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """What AWS accepts as the name of a kind of resource."""

    kind: str
    characters: int
    pattern: str
    source: str


_LOWER = r"[a-z0-9][a-z0-9-]*[a-z0-9]"
_ANY = r"[A-Za-z0-9_.-]+"

LAMBDA_FUNCTION = NameRule(
    kind="Lambda function", characters=64, pattern=r"[A-Za-z0-9_-]+", source="Lambda API, CreateFunction"
)
LAMBDA_LAYER = NameRule(
    kind="Lambda layer", characters=140, pattern=r"[A-Za-z0-9_-]+", source="Lambda API, PublishLayerVersion"
)
IAM_ROLE = NameRule(kind="IAM role", characters=64, pattern=_ANY, source="IAM API, CreateRole")
IAM_POLICY = NameRule(kind="IAM policy", characters=128, pattern=_ANY, source="IAM API, CreatePolicy")
S3_BUCKET = NameRule(kind="S3 bucket", characters=63, pattern=_LOWER, source="S3 guide, bucket naming rules")
DYNAMODB_TABLE = NameRule(
    kind="DynamoDB table", characters=255, pattern=_ANY, source="DynamoDB API, CreateTable"
)
ARC_RESOURCE = NameRule(
    kind="routing control resource",
    characters=64,
    pattern=r"\S+",
    source="Recovery Control Configuration API, CreateCluster",
)
REST_API = NameRule(
    kind="REST API", characters=1024, pattern=r"[A-Za-z0-9 _-]+", source="API Gateway API, CreateRestApi"
)
CANARY = NameRule(
    kind="canary", characters=255, pattern=r"[0-9a-z_-]+", source="Synthetics API, CreateCanary"
)
STATE_MACHINE = NameRule(
    kind="state machine", characters=80, pattern=r"[A-Za-z0-9_-]+", source="Step Functions API"
)
READINESS_RESOURCE = NameRule(
    kind="readiness check resource",
    characters=64,
    pattern=r"[A-Za-z0-9_]+",
    source="Recovery Readiness API, CreateCell",
)
ALARM = NameRule(
    kind="alarm", characters=255, pattern=r"[A-Za-z0-9_-]+", source="CloudWatch API, PutMetricAlarm"
)
DASHBOARD = NameRule(
    kind="dashboard", characters=255, pattern=r"[A-Za-z0-9_-]+", source="CloudWatch API, PutDashboard"
)
SNS_TOPIC = NameRule(
    kind="SNS topic", characters=256, pattern=r"[A-Za-z0-9_-]+", source="SNS API, CreateTopic"
)


@dataclass(frozen=True, kw_only=True)
class Namer:
    """Makes a stack's physical names.

        namer = Namer(project="resilient-orders", stack="region1")
        namer.physical("alarms", SNS_TOPIC)  # "resilient-orders-region1-alarms"

    Raises ConfigError where AWS would refuse a name.
    """

    project: str
    stack: str

    def physical(self, name: str, rule: NameRule | None = None) -> str:
        """`<project>-<stack>-<name>`; without a rule it is not checked: a part of a name, or a pattern."""
        return _accepted(f"{self.project}-{self.stack}-{name}", rule)

    def underscored(self, name: str, rule: NameRule) -> str:
        """The same for kinds of names without hyphens; no stack or region has an underscore: none collide."""
        return _accepted(self.physical(name).replace("-", "_"), rule)


def _accepted(full: str, rule: NameRule | None) -> str:
    if rule and (len(full) > rule.characters or not re.fullmatch(rule.pattern, full)):
        raise ConfigError(
            f"The name of a {rule.kind} would be refused by AWS.",
            seen=full,
            why=f"It has {len(full)} of at most {rule.characters} characters and must match {rule.pattern} "
            f"({rule.source}).",
            do="Shorten the project's name in Pulumi.yaml, or the stack's.",
        )
    return full


def api_name(namer: Namer) -> str:
    """Of a stack's REST API: also the dimension ApiName of its metrics."""
    return namer.physical("api", REST_API)


def function_name(namer: Namer, function: str) -> str:
    """Of an order function, by its key in the functions' contract: also the dimension FunctionName."""
    return namer.physical(f"orders-{function}", LAMBDA_FUNCTION)
