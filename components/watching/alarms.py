"""The alarms of one region: those that live in it, and those that watch it from the observer region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.alarm_definitions import AlarmDefinition, CompositeDefinition, any_of
from blueprint.naming import ALARM, Namer
from components.answers import required
from components.watching.alarm_topic import AlarmTopic, AlarmTopicArgs
from components.watching.metric_alarms import create_alarms


@dataclass(frozen=True, kw_only=True)
class ObserverAlarmsArgs:
    namer: Namer
    region: str
    """The observer region."""
    account_id: pulumi.Input[str]
    email: str = ""
    """Hears of every alarm; none if empty."""
    unhealthy: CompositeDefinition
    """Whether the stack's region serves."""
    alarms: Sequence[AlarmDefinition] = ()
    """Further ones."""


@dataclass(frozen=True, kw_only=True)
class RegionalAlarmsArgs:
    namer: Namer
    region: str
    """The stack's own."""
    account_id: pulumi.Input[str]
    email: str = ""
    """Hears of every alarm; none if empty."""
    alarms: Sequence[AlarmDefinition]
    """Those of the region itself."""
    observed: ObserverAlarmsArgs
    """Those that watch it from the observer region."""
    observer: aws.Provider
    """Of the observer region."""


class RegionalAlarms(pulumi.ComponentResource):
    """Makes the alarms of a region:

    - an AlarmTopic and MetricAlarms in the region itself, for its API, functions and tables
    - ObserverAlarms in the observer region: a region that is down cannot say so

    The component's provider must be the region's own.
    """

    def __init__(
        self, name: str, args: RegionalAlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:app:RegionalAlarms", name, None, opts)
        topic = AlarmTopic(
            f"{name}-topic",
            AlarmTopicArgs(
                namer=args.namer, region=args.region, account_id=args.account_id, email=args.email
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        create_alarms(name, args.namer, args.alarms, actions=[topic.arn], parent=self)
        observer = ObserverAlarms(
            f"{name}-observer",
            args.observed,
            opts=pulumi.ResourceOptions(parent=self, provider=args.observer),
        )
        self.topic_arns: Mapping[str, pulumi.Output[str]] = {
            args.region: topic.arn,
            args.observed.region: observer.topic_arn,
        }
        """By region: the stack's own and the observer's."""
        self.register_outputs({"topicArns": dict(self.topic_arns)})


class ObserverAlarms(pulumi.ComponentResource):
    """Makes the alarms that ask where the region's failure cannot reach; the provider is the observer's:

    - an AlarmTopic
    - a MetricAlarm a view of the region, and a CompositeAlarm over them: the region is unhealthy
    - further MetricAlarms

    "Unhealthy" is either of two views, not both. The one inside falls silent with its region, and CloudWatch
    looks back past the newest gaps before it takes missing data for bad, some minutes longer than the canary
    outside needs to fail twice: to wait for both would be to wait for the slower. And a region that only one
    of them finds sick fails some customers. A false alarm costs little: another region can serve everybody.
    """

    def __init__(
        self, name: str, args: ObserverAlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:app:ObserverAlarms", name, None, opts)
        topic = AlarmTopic(
            f"{name}-topic",
            AlarmTopicArgs(
                namer=args.namer, region=args.region, account_id=args.account_id, email=args.email
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.topic_arn = topic.arn
        self._create_unhealthy(name, args.namer, args.unhealthy)
        create_alarms(name, args.namer, args.alarms, actions=[topic.arn], parent=self)
        self.register_outputs({"topicArn": self.topic_arn})

    def _create_unhealthy(self, name: str, namer: Namer, definition: CompositeDefinition) -> None:
        # They tell nobody by themselves: one failure is one message, the composite's.
        views = create_alarms(name, namer, definition.views, actions=[], parent=self)
        aws.cloudwatch.CompositeAlarm(
            f"{name}-{definition.key}",
            alarm_name=namer.physical(definition.key, ALARM),
            alarm_description=definition.description,
            alarm_rule=pulumi.Output.all(*(required(view, "name") for view in views.values())).apply(any_of),
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            opts=pulumi.ResourceOptions(parent=self),
        )
