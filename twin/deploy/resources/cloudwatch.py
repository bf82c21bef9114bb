"""CloudWatch: metric alarms, composite alarms, dashboards."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    error_code,
    found,
    paths,
    tag_changes,
    tag_list,
)

_ACTIONS = {
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
    "insufficientDataActions": "InsufficientDataActions",
}


class MetricAlarm(Handler):
    pulumi_type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    accepts = paths(
        "name",
        "alarmDescription",
        "namespace",
        "metricName",
        "dimensions.*",
        "statistic",
        "extendedStatistic",
        "unit",
        "comparisonOperator",
        "threshold",
        "period",
        "evaluationPeriods",
        "datapointsToAlarm",
        "treatMissingData",
        "evaluateLowSampleCountPercentiles",
        "actionsEnabled",
        *_ACTIONS,
        "tags.*",
    )
    replaces = frozenset({"name"})
    autoname = AutoName(argument="name", limit=255)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        _put(aws, inputs, tags=inputs.get("tags") or {})
        return Made(identity=inputs["name"], outputs=self.read(aws, inputs["name"], inputs) or {})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        alarm = _described(aws, identity, "MetricAlarm")
        if alarm is None:
            return None
        dimensions = {d["Name"]: d["Value"] for d in alarm.get("Dimensions", [])}
        return compact(
            arn=alarm["AlarmArn"],
            name=alarm["AlarmName"],
            namespace=alarm.get("Namespace"),
            metricName=alarm.get("MetricName"),
            dimensions=dimensions or None,
            statistic=alarm.get("Statistic"),
            extendedStatistic=alarm.get("ExtendedStatistic"),
            unit=alarm.get("Unit"),
            comparisonOperator=alarm["ComparisonOperator"],
            threshold=alarm.get("Threshold"),
            period=alarm.get("Period"),
            evaluationPeriods=alarm["EvaluationPeriods"],
            datapointsToAlarm=alarm.get("DatapointsToAlarm"),
            treatMissingData=alarm.get("TreatMissingData"),
            evaluateLowSampleCountPercentiles=alarm.get("EvaluateLowSampleCountPercentile"),
            **_common(alarm, inputs),
        )

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        _put(aws, new, tags={})  # with tags it would be refused: they are taken at creation only
        outputs = self.read(aws, identity, new) or {}
        _retag(aws, outputs["arn"], old, new)
        return outputs

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        aws.client("cloudwatch").delete_alarms(AlarmNames=[identity])


class CompositeAlarm(Handler):
    pulumi_type = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
    accepts = paths("alarmName", "alarmDescription", "alarmRule", "actionsEnabled", *_ACTIONS, "tags.*")
    replaces = frozenset({"alarmName", "actionsEnabled"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        self._put(aws, inputs, tags=inputs.get("tags") or {})
        name = inputs["alarmName"]
        return Made(identity=name, outputs=self.read(aws, name, inputs) or {})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        alarm = _described(aws, identity, "CompositeAlarm")
        if alarm is None:
            return None
        return {
            "arn": alarm["AlarmArn"],
            "alarmName": alarm["AlarmName"],
            "alarmRule": alarm["AlarmRule"],
            **_common(alarm, inputs),
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        self._put(aws, new, tags={})
        outputs = self.read(aws, identity, new) or {}
        _retag(aws, outputs["arn"], old, new)
        return outputs

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        aws.client("cloudwatch").delete_alarms(AlarmNames=[identity])

    def _put(self, aws: Aws, inputs: Inputs, *, tags: Mapping[str, str]) -> None:
        aws.client("cloudwatch").put_composite_alarm(
            AlarmName=inputs["alarmName"],
            AlarmRule=inputs["alarmRule"],
            **_common_request(inputs),
            **compact(Tags=tag_list(tags) or None),
        )


class Dashboard(Handler):
    """To create one is to replace what has its name: CloudWatch has no other way."""

    pulumi_type = "aws:cloudwatch/dashboard:Dashboard"
    accepts = paths("dashboardName", "dashboardBody")
    replaces = frozenset({"dashboardName"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        return Made(identity=inputs["dashboardName"], outputs=self._put(aws, inputs))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        dashboard = found(aws.client("cloudwatch").get_dashboard, DashboardName=identity)
        if dashboard is None:
            return None
        return {
            "dashboardArn": dashboard["DashboardArn"],
            "dashboardBody": dashboard["DashboardBody"],
            "dashboardName": dashboard["DashboardName"],
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        return self._put(aws, new)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        try:
            aws.client("cloudwatch").delete_dashboards(DashboardNames=[identity])
        except ClientError as error:
            if error_code(error) not in ("ResourceNotFound", "DashboardNotFoundError"):
                raise

    def _put(self, aws: Aws, inputs: Inputs) -> Outputs:
        name = inputs["dashboardName"]
        aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=inputs["dashboardBody"])
        return self.read(aws, name, inputs) or {}


def _put(aws: Aws, inputs: Inputs, *, tags: Mapping[str, str]) -> None:
    dimensions = inputs.get("dimensions") or {}
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=inputs["name"],
        ComparisonOperator=inputs["comparisonOperator"],
        EvaluationPeriods=int(inputs["evaluationPeriods"]),
        # The schema's default, which the provider always sends.
        TreatMissingData=inputs.get("treatMissingData") or "missing",
        Dimensions=[{"Name": name, "Value": value} for name, value in sorted(dimensions.items())],
        **_common_request(inputs),
        **compact(
            Namespace=inputs.get("namespace"),
            MetricName=inputs.get("metricName"),
            Statistic=inputs.get("statistic"),
            ExtendedStatistic=inputs.get("extendedStatistic"),
            Unit=inputs.get("unit"),
            Threshold=inputs.get("threshold"),
            Period=_whole(inputs.get("period")),
            DatapointsToAlarm=_whole(inputs.get("datapointsToAlarm")),
            EvaluateLowSampleCountPercentile=inputs.get("evaluateLowSampleCountPercentiles"),
            Tags=tag_list(tags) or None,
        ),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _common_request(inputs: Inputs) -> dict[str, Any]:
    """What both kinds of alarm have."""
    return {
        "AlarmDescription": inputs.get("alarmDescription") or "",
        "ActionsEnabled": inputs.get("actionsEnabled", True) is not False,
        **{theirs: inputs.get(ours) or [] for ours, theirs in _ACTIONS.items()},
    }


def _common(alarm: Mapping[str, Any], inputs: Inputs) -> Outputs:
    """Of actions that nobody gave and nobody added the provider answers null, and not an empty list."""
    return {
        "alarmDescription": alarm.get("AlarmDescription", ""),
        "actionsEnabled": alarm.get("ActionsEnabled", True),
        **{ours: alarm.get(theirs) or ([] if ours in inputs else None) for ours, theirs in _ACTIONS.items()},
    }


def _described(aws: Aws, name: str, kind: str) -> dict[str, Any] | None:
    answer = aws.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=[kind])
    alarms: list[dict[str, Any]] = answer.get(f"{kind}s", [])
    return alarms[0] if alarms else None


def _retag(aws: Aws, arn: str, old: Inputs, new: Inputs) -> None:
    to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
    if to_set:
        aws.client("cloudwatch").tag_resource(ResourceARN=arn, Tags=tag_list(to_set))
    if to_remove:
        aws.client("cloudwatch").untag_resource(ResourceARN=arn, TagKeys=to_remove)
