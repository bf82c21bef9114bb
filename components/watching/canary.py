"""One CloudWatch Synthetics canary with a role and a log group of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch, iam, synthetics

from blueprint import policies
from blueprint.canary_names import RESULTS_KEPT_DAYS, RESULTS_PREFIX, canary_name, function_name
from blueprint.naming import IAM_ROLE, Namer
from components.answers import required
from components.watching.canary_site import CanarySite

OWN_METRICS: Final = "CloudWatchSynthetics"
"""The namespace of the metrics that AWS's runtime puts for a canary, with the canary's role."""

# The least that Synthetics takes; a run needs no browser.
_MEMORY_MB: Final = 960
# Below the shortest rate, a minute: a run that hangs has failed before the next one is due.
_TIMEOUT_SECONDS: Final = 50
_WITHOUT_END: Final = 0


@dataclass(frozen=True, kw_only=True)
class CanarySettings:
    """What all canaries of a stack have in common."""

    runtime: str
    """`syn-python-selenium-14.0`"""
    rate_minutes: int
    log_retention_days: int


@dataclass(frozen=True, kw_only=True)
class WatchedSite:
    """What one canary watches."""

    viewpoint: str
    """The canary's name within its stack."""
    calls: pulumi.Input[Sequence[str]]
    """The ARNs of the API's routes that it may call."""
    environment: pulumi.Input[Mapping[str, str]]
    """What its script is told."""
    ready: Sequence[pulumi.Resource] = ()
    """What has to be there before its first run."""
    namespaces: Sequence[str] = ()
    """Of the metrics that its script puts."""


@dataclass(frozen=True, kw_only=True)
class CanaryArgs:
    namer: Namer
    watched: WatchedSite
    site: CanarySite
    """Where it runs; the component's provider must be that region's."""
    account_id: pulumi.Input[str]
    settings: CanarySettings


class Canary(pulumi.ComponentResource):
    """Makes a Canary, its Role with two RolePolicies, and the LogGroup of its function.

    It runs at the given rate, without end, from the moment it exists.
    X-Ray tracing is left out: AWS has it for canaries on Node.js and Java only (CloudWatch User Guide,
    "Canaries and X-Ray tracing").
    """

    def __init__(self, name: str, args: CanaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:Canary", name, None, opts)
        self._name = name
        self._args = args
        self._physical_name = canary_name(args.namer, args.watched.viewpoint)
        self._role = self._create_role()
        self._canary = self._create_canary(self._create_policy())
        self._create_log()
        self.register_outputs({"name": self.canary_name})

    @property
    def canary_name(self) -> pulumi.Output[str]:
        return required(self._canary, "name")

    def _create_role(self) -> iam.Role:
        # IAM is one for all regions: the name carries the stack and the viewpoint.
        return iam.Role(
            f"{self._name}-role",
            name=self._args.namer.physical(f"canary-{self._args.watched.viewpoint}", IAM_ROLE),
            description=f"What the canary {self._physical_name} may do",
            assume_role_policy=policies.as_json(policies.trust("lambda.amazonaws.com")),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_policy(self) -> iam.RolePolicy:
        watched = self._args.watched
        document = pulumi.Output.all(calls=watched.calls, bucket=self._args.site.bucket.arn).apply(
            lambda known: policies.as_json(
                policies.canary(
                    calls=known["calls"],
                    results_bucket_arn=known["bucket"],
                    results_prefix=f"{RESULTS_PREFIX}{watched.viewpoint}",
                    namespaces=[OWN_METRICS, *watched.namespaces],
                )
            )
        )
        return iam.RolePolicy(
            f"{self._name}-policy",
            name="own-work",
            role=self._role.name,
            policy=document,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_canary(self, policy: iam.RolePolicy) -> synthetics.Canary:
        watched, site, settings = self._args.watched, self._args.site, self._args.settings
        minutes = settings.rate_minutes
        return synthetics.Canary(
            self._name,
            name=self._physical_name,
            artifact_s3_location=site.bucket.name.apply(
                lambda bucket: f"s3://{bucket}/{RESULTS_PREFIX}{watched.viewpoint}"
            ),
            execution_role_arn=self._role.arn,
            handler=site.script.handler,
            runtime_version=settings.runtime,
            s3_bucket=site.code.bucket,
            s3_key=site.code.key,
            schedule=synthetics.CanaryScheduleArgs(
                expression=f"rate({minutes} minute{'s' if minutes > 1 else ''})",
                duration_in_seconds=_WITHOUT_END,
            ),
            run_config=synthetics.CanaryRunConfigArgs(
                timeout_in_seconds=_TIMEOUT_SECONDS,
                memory_in_mb=_MEMORY_MB,
                environment_variables=watched.environment,
            ),
            success_retention_period=RESULTS_KEPT_DAYS,
            failure_retention_period=RESULTS_KEPT_DAYS,
            start_canary=True,
            # The function and the layer that Synthetics makes from the code go with the canary.
            delete_lambda=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, *watched.ready]),
        )

    def _create_log(self) -> None:
        """The group that the canary's function writes to, with a retention, and gone with the stack.

        The canary's role may not create log groups, so the group is always this stack's: no run creates it
        again after a destroy. The lines of the first seconds, before the group exists, are lost. Synthetics
        gives the function's name a random ending, which is part of two ARNs of the canary. Both may be
        absent: the provider reads `engine_arn` from the canary's EngineConfigs, which AWS documents for
        Node.js alone, and a canary in state ERROR may have no function. The group is then declared under a
        stand-in name of ours. Leaving it out would plan to delete it, with its lines, whenever the name is
        not known. It is not left to Synthetics either: that group would have no retention, nothing would
        remove it, and ours could not be created beside it later.
        """
        group = pulumi.Output.all(self._canary.engine_arn, self._canary.source_location_arn).apply(
            lambda arns: f"/aws/lambda/{function_name(*arns) or self._stand_in()}"
        )
        log = cloudwatch.LogGroup(
            f"{self._name}-log",
            name=group,
            retention_in_days=self._args.settings.log_retention_days,
            opts=pulumi.ResourceOptions(parent=self),
        )
        document = pulumi.Output.all(account_id=self._args.account_id, group=required(log, "name")).apply(
            lambda known: policies.as_json(
                policies.log_writer(
                    region=self._args.site.region, account_id=known["account_id"], log_group=known["group"]
                )
            )
        )
        iam.RolePolicy(
            f"{self._name}-log-policy",
            name="own-log",
            role=self._role.name,
            policy=document,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _stand_in(self) -> str:
        """In place of the function's name. Every run leaves its log file among its results too."""
        pulumi.log.warn(
            f"Synthetics names no function for the canary {self._physical_name}, so its log group is a "
            "stand-in that stays empty: the lines of its runs are in its results alone, under "
            f"{RESULTS_PREFIX}{self._args.watched.viewpoint} in the bucket. When the canary runs, pulumi up "
            "--refresh replaces the stand-in by the group of its function.",
            resource=self,
        )
        return f"cwsyn-{self._physical_name}"
