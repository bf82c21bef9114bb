"""SNS as alarms and their readers meet it: mail is recorded, an address has to confirm before it gets any."""

import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import ministack.services.sns as emulated

from twin.aws.hooks import HookedName, declare, replace
from twin.core import Core, Json

_MODULE = "ministack.services.sns"
_KEPT = 500
_MAIL = ("email", "email-json")
declare(
    HookedName(module=_MODULE, attribute="_p", signature="(params, key, default)"),
    HookedName(module=_MODULE, attribute="_error", signature="(code, message, status)"),
    HookedName(module=_MODULE, attribute="_topics"),
    HookedName(module=_MODULE, attribute="_sub_arn_to_topic"),
    HookedName(module=_MODULE, attribute="_topic_by_arn_any_scope", signature="(topic_arn)"),
    HookedName(module=_MODULE, attribute="_find_subscription", signature="(topic_arn, sub_arn)"),
    HookedName(module=_MODULE, attribute="_refresh_subscription_counts", signature="(topic)"),
)
Handler = Callable[..., Any]


def install(core: Core) -> None:
    """Keep what is published, and serve it at `GET /_twin/notifications`, the newest last."""
    kept: deque[Json] = deque(maxlen=_KEPT)
    _hook("_fanout", _FANOUT, lambda original: _recording(original, kept))
    _hook("_subscribe", "(params)", lambda original: _subscribing(original, kept))
    _hook("_unsubscribe", "(params)", _unsubscribing)
    for attribute in ("_list_subscriptions", "_list_subscriptions_by_topic"):
        _hook(attribute, "(params)", _listing)

    async def notifications(path: Mapping[str, str], body: Json) -> Json:
        del path, body
        return {"notifications": list(kept)}

    core.admin_route("GET", "/_twin/notifications", notifications)


_FANOUT = (
    "(topic_arn, msg_id, message, subject, message_structure, message_attributes, message_group_id, "
    "message_dedup_id)"
)


def _hook(attribute: str, signature: str, make: Callable[[Handler], Handler]) -> None:
    replace(HookedName(module=_MODULE, attribute=attribute, signature=signature), make)


def _recording(original: Handler, kept: deque[Json]) -> Handler:
    def fanout(topic_arn: str, msg_id: str, message: str, subject: str, *rest: Any, **more: Any) -> None:
        topic = emulated._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
        readers = [s["endpoint"] for s in topic["subscriptions"] if s["confirmed"] and s["protocol"] in _MAIL]
        kept.append(
            {
                "at": time.time(),
                "topicArn": topic_arn,
                "subject": subject,
                "message": message,
                "mailedTo": readers,
            }
        )
        original(topic_arn, msg_id, message, subject, *rest, **more)

    return fanout


def _subscribing(original: Handler, kept: deque[Json]) -> Handler:
    """An address is pending until the link that SNS mails to it is followed: here, its token used."""

    def subscribe(params: Mapping[str, Any]) -> Any:
        topic = emulated._topic_by_arn_any_scope(emulated._p(params, "TopicArn"))
        known = {s["arn"] for s in topic["subscriptions"]} if topic else set()
        answer = original(params)
        if topic is None or emulated._p(params, "Protocol") not in _MAIL:
            return answer
        for subscription in topic["subscriptions"]:
            if subscription["arn"] not in known:
                _leave_pending(topic, subscription, kept)
        if emulated._p(params, "ReturnSubscriptionArn") == "true":
            return answer
        return _hidden(answer, topic["subscriptions"], "pending confirmation")

    return subscribe


def _leave_pending(topic: Json, subscription: Json, kept: deque[Json]) -> None:
    token = uuid.uuid4().hex
    subscription.update(confirmed=False, token=token)
    subscription["attributes"].update(PendingConfirmation="true", ConfirmationWasAuthenticated="false")
    emulated._refresh_subscription_counts(topic)
    kept.append(
        {
            "at": time.time(),
            "topicArn": topic["arn"],
            "subject": "AWS Notification - Subscription Confirmation",
            "message": "Confirm with ConfirmSubscription and this token.",
            "token": token,
            "mailedTo": [subscription["endpoint"]],
        }
    )


def _unsubscribing(original: Handler) -> Handler:
    def unsubscribe(params: Mapping[str, Any]) -> Any:
        arn = emulated._p(params, "SubscriptionArn")
        topic_arn = emulated._sub_arn_to_topic.get(arn)
        found = emulated._find_subscription(topic_arn, arn) if topic_arn else None
        if found and not found["confirmed"]:
            message = "Invalid parameter: Cannot unsubscribe a subscription that is pending confirmation"
            return emulated._error("InvalidParameter", message, 400)
        return original(params)

    return unsubscribe


def _listing(original: Handler) -> Handler:
    """A subscription that is pending is listed without its ARN."""

    def listed(params: Mapping[str, Any]) -> Any:
        every = [s for topic in emulated._topics.values() for s in topic["subscriptions"]]
        return _hidden(original(params), every, "PendingConfirmation")

    return listed


def _hidden(answer: Any, subscriptions: list[Json], word: str) -> Any:
    status, headers, body = answer
    for subscription in subscriptions:
        if not subscription["confirmed"]:
            arn = f"<SubscriptionArn>{subscription['arn']}<".encode()
            body = body.replace(arn, f"<SubscriptionArn>{word}<".encode())
    return status, headers, body
