"""Where the alarms of one region go: an SNS topic, and an e-mail address that hears of it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import sns

from blueprint import policies
from blueprint.naming import SNS_TOPIC, Namer
from components.answers import required


@dataclass(frozen=True, kw_only=True)
class AlarmTopicArgs:
    namer: Namer
    """Of the stack whose alarms, and no others, may publish."""
    region: str
    """The provider's: alarms can notify a topic of their own region only."""
    account_id: pulumi.Input[str]
    email: str = ""
    """Hears of every alarm, after its owner has followed the link that AWS mails; none if empty."""


class AlarmTopic(pulumi.ComponentResource):
    """Makes a Topic, a TopicPolicy that lets the stack's alarms alone publish, and that over TLS alone, and
    for an e-mail address a TopicSubscription.

    Not encrypted with a key. CloudWatch cannot publish with SNS's own (alias/aws/sns: its policy,
    which nobody can change, does not let it), and one of our own costs $1 a month and makes every
    notification depend on KMS, in the very hour in which a region fails. What goes through holds names and
    numbers, no customer's data, and leaves as plain e-mail.
    """

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic_name = args.namer.physical("alarms", SNS_TOPIC)
        self._topic = sns.Topic(name, name=topic_name, opts=child)
        document = pulumi.Output.all(topic=self.arn, account_id=args.account_id).apply(
            lambda known: policies.as_json(
                policies.alarm_topic(
                    topic_arn=known["topic"],
                    region=args.region,
                    account_id=known["account_id"],
                    alarms=args.namer.physical("*"),
                )
            )
        )
        policy = sns.TopicPolicy(f"{name}-policy", arn=self._topic.arn, policy=document, opts=child)
        if args.email:
            # AWS mails a link first; until somebody follows it the subscription is pending.
            sns.TopicSubscription(
                f"{name}-email",
                topic=self._topic.arn,
                protocol="email",
                endpoint=args.email,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
            )
        self.register_outputs({"arn": self.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        return required(self._topic, "arn")
