"""The deployed alarms and their states, in the stacks' regions and in the observer's.

    found = alarms(target, outputs)
    red = [alarm for alarm in found if alarm.state == ALARM]
    never = [alarm for alarm in found if not alarm.evaluated]

`outputs` are the stacks' outputs by stack name (`target.outputs(plan)`); `regions` limits the question to
some regions, such as those that are alive.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from blueprint import output_names as names
from ops.aws_errors import explained
from ops.deployed.deployment import Outputs
from ops.deployed.target import Target

ALARM: Final = "ALARM"
OK: Final = "OK"
# What CloudWatch says of an alarm that it has not looked at.
_UNCHECKED: Final = "Unchecked"


@dataclass(frozen=True, kw_only=True)
class DeployedAlarm:
    stack: str
    region: str
    name: str
    state: str
    """OK, ALARM or INSUFFICIENT_DATA."""
    reason: str

    @property
    def evaluated(self) -> bool:
        return not self.reason.startswith(_UNCHECKED)


def alarms(
    target: Target, outputs: Mapping[str, Outputs], *, regions: Collection[str] | None = None
) -> list[DeployedAlarm]:
    """Every alarm of the stacks, composites too, sorted by region and name."""
    found = [
        alarm
        for stack, values in outputs.items()
        for region, topic in (values.get(names.ALARM_TOPIC_ARNS) or {}).items()
        if regions is None or region in regions
        for alarm in _of_stack(target, stack, region, topic)
    ]
    return sorted(found, key=lambda alarm: (alarm.region, alarm.name))


def _of_stack(target: Target, stack: str, region: str, topic_arn: str) -> Iterator[DeployedAlarm]:
    # Topic and alarms share the beginning of their names: project and stack.
    prefix = topic_arn.rpartition(":")[2].removesuffix("alarms")
    pages = target.client("cloudwatch", region).get_paginator("describe_alarms")
    with explained(f"read the alarms in {region}"):
        for page in pages.paginate(AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
            for alarm in (*page["MetricAlarms"], *page["CompositeAlarms"]):
                yield _alarm(stack, region, alarm)


def _alarm(stack: str, region: str, described: Mapping[str, Any]) -> DeployedAlarm:
    return DeployedAlarm(
        stack=stack,
        region=region,
        name=described["AlarmName"],
        state=described["StateValue"],
        reason=described.get("StateReason", ""),
    )
