"""Where the alarms of one region go: an SNS topic, and an e-mail address that hears of it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import sns

from blueprint import policies
from blueprint.naming import SNS_TOPIC
from blueprint.stack_config import StackConfig
from components.answers import required


@dataclass(frozen=True, kw_only=True)
class AlarmTopicArgs:
    config: StackConfig
    region: str
    """The provider's: alarms can notify a topic of their own region only."""
    account_id: pulumi.Input[str]


class AlarmTopic(pulumi.ComponentResource):
    """Takes messages from this stack's alarms alone, and over TLS alone.

    Not encrypted with a key. CloudWatch cannot publish with SNS's own (alias/aws/sns: its policy,
    which nobody can change, does not let it), and one of our own costs $1 a month and makes every
    notification depend on KMS, in the very hour in which a region fails. What goes through holds names and
    numbers, no customer's data, and leaves as plain e-mail.
    """

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic_name = args.config.namer.physical("alarms", SNS_TOPIC)
        self._topic = sns.Topic(name, name=topic_name, opts=child)
        document = pulumi.Output.all(topic=self.arn, account_id=args.account_id).apply(
            lambda known: policies.as_json(
                policies.alarm_topic(
                    topic_arn=known["topic"],
                    region=args.region,
                    account_id=known["account_id"],
                    alarms=args.config.namer.physical("*"),
                )
            )
        )
        policy = sns.TopicPolicy(f"{name}-policy", arn=self._topic.arn, policy=document, opts=child)
        if args.config.alarm_email:
            # AWS mails a link first; until somebody follows it the subscription is pending.
            sns.TopicSubscription(
                f"{name}-email",
                topic=self._topic.arn,
                protocol="email",
                endpoint=args.config.alarm_email,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
            )
        self.register_outputs({"arn": self.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        return required(self._topic, "arn")
