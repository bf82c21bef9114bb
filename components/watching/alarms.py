"""The alarms of one region: those that live in it, and those that watch it from the observer region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint import alarm_definitions as definitions
from blueprint.naming import ALARM
from blueprint.stack_config import StackConfig
from components.answers import required
from components.watching.alarm_topic import AlarmTopic, AlarmTopicArgs
from components.watching.metric_alarms import create_alarms


@dataclass(frozen=True, kw_only=True)
class RegionalAlarmsArgs:
    """`observer` is the provider of the observer region, `functions` the keys of those that exist."""

    config: StackConfig
    account_id: pulumi.Input[str]
    tables: Mapping[str, pulumi.Input[str]]
    functions: Sequence[str]
    observer: aws.Provider


class RegionalAlarms(pulumi.ComponentResource):
    """API, functions and tables, told in the region itself; whether it serves at all, told in the observer's.

    A region that is down cannot say so. The component's provider must be the region's own.
    """

    def __init__(
        self, name: str, args: RegionalAlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:app:RegionalAlarms", name, None, opts)
        config = args.config
        topic = AlarmTopic(
            f"{name}-topic",
            AlarmTopicArgs(config=config, region=config.region, account_id=args.account_id),
            opts=pulumi.ResourceOptions(parent=self),
        )
        create_alarms(
            name,
            config,
            definitions.regional(config, args.tables, functions=args.functions),
            actions=[topic.arn],
            parent=self,
        )
        observer = ObserverAlarms(
            f"{name}-observer",
            ObserverAlarmsArgs(config=config, account_id=args.account_id),
            opts=pulumi.ResourceOptions(parent=self, provider=args.observer),
        )
        self.topic_arns: Mapping[str, pulumi.Output[str]] = {
            config.region: topic.arn,
            config.observer_region: observer.topic_arn,
        }
        """By region: the stack's own and the observer's."""
        self.register_outputs({"topicArns": dict(self.topic_arns)})


@dataclass(frozen=True, kw_only=True)
class ObserverAlarmsArgs:
    config: StackConfig
    account_id: pulumi.Input[str]


class ObserverAlarms(pulumi.ComponentResource):
    """Whether the stack's region is healthy, asked where its failure cannot reach; provider: the observer's.

    "Unhealthy" is either of two views, not both. The one inside falls silent with its region, and CloudWatch
    looks back past the newest gaps before it takes missing data for bad, some minutes longer than the canary
    outside needs to fail twice: to wait for both would be to wait for the slower. And a region that only one
    of them finds sick fails some customers. A false alarm costs little: another region can serve everybody.
    """

    def __init__(
        self, name: str, args: ObserverAlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:app:ObserverAlarms", name, None, opts)
        config = args.config
        topic = AlarmTopic(
            f"{name}-topic",
            AlarmTopicArgs(config=config, region=config.observer_region, account_id=args.account_id),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.topic_arn = topic.arn
        self._create_unhealthy(name, config)
        if config.is_primary:
            create_alarms(name, config, [definitions.domain_check(config)], actions=[topic.arn], parent=self)
        self.register_outputs({"topicArn": self.topic_arn})

    def _create_unhealthy(self, name: str, config: StackConfig) -> None:
        outside, inside = definitions.outside_check(config), definitions.inside_check(config)
        # They tell nobody by themselves: one failure is one message, the composite's.
        views = create_alarms(name, config, [outside, inside], actions=[], parent=self)
        aws.cloudwatch.CompositeAlarm(
            f"{name}-{definitions.UNHEALTHY_KEY}",
            alarm_name=config.namer.physical(definitions.UNHEALTHY_KEY, ALARM),
            alarm_description=definitions.unhealthy_description(config),
            alarm_rule=pulumi.Output.all(*(required(views[v.key], "name") for v in (outside, inside))).apply(
                lambda names: definitions.either(*names)
            ),
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            opts=pulumi.ResourceOptions(parent=self),
        )
