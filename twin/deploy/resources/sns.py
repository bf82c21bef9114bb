"""SNS: topics, their policies, subscriptions."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    HalfMade,
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    error_code,
    found,
    ignore_gone,
    paths,
    tag_changes,
    tag_list,
)


class Topic(Handler):
    pulumi_type = "aws:sns/topic:Topic"
    accepts = paths("name", "displayName", "tags.*")
    replaces = frozenset({"name"})
    autoname = AutoName(argument="name", limit=256)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        attributes = compact(DisplayName=inputs.get("displayName"))
        answer = aws.client("sns").create_topic(
            Name=inputs["name"], Attributes=attributes, Tags=tag_list(inputs.get("tags") or {})
        )
        arn = answer["TopicArn"]
        return Made(identity=arn, outputs=self.read(aws, arn, inputs) or {})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        attributes = _topic_attributes(aws, identity)
        if attributes is None:
            return None
        # Its policy is left out: a TopicPolicy changes it behind this resource's back.
        return {
            "arn": identity,
            "name": identity.rpartition(":")[2],
            "owner": attributes["Owner"],
            "displayName": attributes.get("DisplayName", ""),
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        if (old.get("displayName") or "") != (new.get("displayName") or ""):
            _set(aws, identity, "DisplayName", new.get("displayName") or "")
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        if to_set:
            aws.client("sns").tag_resource(ResourceArn=identity, Tags=tag_list(to_set))
        if to_remove:
            aws.client("sns").untag_resource(ResourceArn=identity, TagKeys=to_remove)
        return self.read(aws, identity, new) or {}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(aws.client("sns").delete_topic, TopicArn=identity)


class TopicPolicy(Handler):
    """A topic always has a policy: to delete ours is to put SNS's own back, as the provider does."""

    pulumi_type = "aws:sns/topicPolicy:TopicPolicy"
    accepts = paths("arn", "policy")
    replaces = frozenset({"arn"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        arn = inputs["arn"]
        _set(aws, arn, "Policy", inputs["policy"])
        try:
            return Made(identity=arn, outputs=self.read(aws, arn, inputs) or {})
        except Exception as error:
            raise HalfMade(arn, error) from error

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        attributes = _topic_attributes(aws, identity)
        if attributes is None:
            return None
        return {"arn": identity, "owner": attributes["Owner"], "policy": attributes["Policy"]}

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        _set(aws, identity, "Policy", new["policy"])
        return self.read(aws, identity, new) or {}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        policy = json.dumps(_default_policy(identity, aws.account_id))
        ignore_gone(
            aws.client("sns").set_topic_attributes,
            TopicArn=identity,
            AttributeName="Policy",
            AttributeValue=policy,
        )


class TopicSubscription(Handler):
    pulumi_type = "aws:sns/topicSubscription:TopicSubscription"
    accepts = paths("topic", "protocol", "endpoint")
    replaces = frozenset({"topic", "protocol", "endpoint"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            ReturnSubscriptionArn=True,
        )
        arn = answer["SubscriptionArn"]
        return Made(identity=arn, outputs=self.read(aws, arn, inputs) or {})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(aws.client("sns").get_subscription_attributes, SubscriptionArn=identity)
        if answer is None:
            return None
        attributes = answer["Attributes"]
        return {
            "arn": identity,
            "topic": attributes["TopicArn"],
            "protocol": attributes["Protocol"],
            "endpoint": attributes["Endpoint"],
            "ownerId": attributes["Owner"],
            "pendingConfirmation": attributes["PendingConfirmation"] == "true",
            "confirmationWasAuthenticated": attributes.get("ConfirmationWasAuthenticated") == "true",
            "rawMessageDelivery": attributes.get("RawMessageDelivery") == "true",
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        return self.read(aws, identity, new) or {}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        try:
            ignore_gone(aws.client("sns").unsubscribe, SubscriptionArn=identity)
        except ClientError as error:
            # One that nobody confirmed cannot be taken back; SNS forgets it (Unsubscribe, API Reference).
            if error_code(error) != "InvalidParameter" or "pending confirmation" not in str(error):
                raise


def _topic_attributes(aws: Aws, arn: str) -> dict[str, str] | None:
    answer = found(aws.client("sns").get_topic_attributes, TopicArn=arn)
    return dict(answer["Attributes"]) if answer else None


def _set(aws: Aws, arn: str, name: str, value: str) -> None:
    aws.client("sns").set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)


def _default_policy(topic_arn: str, account_id: str) -> dict[str, Any]:
    actions = (
        *("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"),
        *("Subscribe", "ListSubscriptionsByTopic", "Publish"),
    )
    return {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{action}" for action in actions],
                "Resource": topic_arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": account_id}},
            }
        ],
    }
