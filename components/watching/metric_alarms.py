"""Makes alarms of their definitions."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import cloudwatch

from blueprint.alarm_definitions import AlarmDefinition
from blueprint.naming import ALARM
from blueprint.stack_config import StackConfig


def create_alarms(
    name: str,
    config: StackConfig,
    definitions: Sequence[AlarmDefinition],
    *,
    actions: Sequence[pulumi.Input[str]],
    parent: pulumi.Resource,
) -> Mapping[str, cloudwatch.MetricAlarm]:
    """The alarms by their key, in the region of the parent's provider; `actions` hear of ALARM and of OK."""
    return {
        definition.key: _create_alarm(f"{name}-{definition.key}", config, definition, actions, parent)
        for definition in definitions
    }


def _create_alarm(
    name: str,
    config: StackConfig,
    definition: AlarmDefinition,
    actions: Sequence[pulumi.Input[str]],
    parent: pulumi.Resource,
) -> cloudwatch.MetricAlarm:
    is_percentile = definition.statistic.startswith("p")
    return cloudwatch.MetricAlarm(
        name,
        name=config.namer.physical(definition.key, ALARM),
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
