"""Makes alarms of their definitions."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import cloudwatch

from blueprint.alarm_definitions import AlarmDefinition
from blueprint.naming import ALARM, Namer


def create_alarms(
    name: str,
    namer: Namer,
    definitions: Sequence[AlarmDefinition],
    *,
    actions: Sequence[pulumi.Input[str]],
    parent: pulumi.Resource,
) -> Mapping[str, cloudwatch.MetricAlarm]:
    """Makes a MetricAlarm of each definition, and returns them by key; `actions` hear of ALARM and of OK.

        create_alarms("alarms", namer, definitions, actions=[topic.arn], parent=self)

    They are in the region of the parent's provider.
    """
    return {
        definition.key: _create_alarm(f"{name}-{definition.key}", namer, definition, actions, parent)
        for definition in definitions
    }


def _create_alarm(
    name: str,
    namer: Namer,
    definition: AlarmDefinition,
    actions: Sequence[pulumi.Input[str]],
    parent: pulumi.Resource,
) -> cloudwatch.MetricAlarm:
    is_percentile = definition.statistic.startswith("p")
    return cloudwatch.MetricAlarm(
        name,
        name=namer.physical(definition.key, ALARM),
        alarm_description=definition.description,
        namespace=definition.namespace,
        metric_name=definition.metric,
        dimensions=definition.dimensions,
        statistic=None if is_percentile else definition.statistic,
        extended_statistic=definition.statistic if is_percentile else None,
        comparison_operator=definition.comparison,
        threshold=definition.threshold,
        period=definition.period,
        evaluation_periods=definition.periods,
        datapoints_to_alarm=definition.breaching_periods,
        treat_missing_data=definition.missing,
        alarm_actions=actions,
        ok_actions=actions,
        opts=pulumi.ResourceOptions(parent=parent),
    )
