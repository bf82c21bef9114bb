"""Could the traffic be moved now? What an operator wants to know before the day on which it must be.

Runs under either operator policy: what one of them does not allow to read is said, and is no failure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws_errors import DENIED_CODES, explained
from ops.checks.findings import Finding, State
from ops.deployed import export
from ops.deployed.answering import ANSWER_DEADLINE, silence_of
from ops.deployed.deployment import Deployment
from ops.deployed.target import Target
from ops.errors import OpsError
from ops.routing.cluster import within
from ops.routing.endpoints import EndpointAnswer

# In place of its ARN, an e-mail subscription that nobody confirmed has this (SNS, ListSubscriptionsByTopic).
UNCONFIRMED = "PendingConfirmation"


@dataclass(frozen=True, kw_only=True)
class Row:
    """An endpoint's answer by region; no states where it did not answer."""

    endpoint: str
    milliseconds: int
    states: Mapping[str, bool]
    problem: str


def rows(answers: Sequence[EndpointAnswer], arns: Mapping[str, str]) -> list[Row]:
    """The answers with regions in place of ARNs (`arns`: region -> its control)."""
    return [
        Row(
            endpoint=one.region,
            milliseconds=round(one.seconds * 1000),
            states={region: one.states[arn] for region, arn in arns.items() if arn in one.states},
            problem=one.problem,
        )
        for one in answers
    ]


def endpoints(found: Sequence[Row]) -> Finding:
    """How many endpoints answered."""
    answered = [row for row in found if not row.problem]
    seen = f"{len(answered)} of {len(found)} answered"
    name = "cluster endpoints"
    if len(answered) == len(found):
        slowest = max(row.milliseconds for row in found)
        return Finding(name=name, state=State.OK, seen=f"{seen}, the slowest in {slowest} ms")
    if all(row.problem in DENIED_CODES for row in found):
        return Finding(
            name=name,
            state=State.FAILED,
            seen=f"{seen}: access denied",
            todo="attach the operator policy (stack output operatorPolicyArn) to this user or role",
        )
    return Finding(
        name=name,
        state=State.FAILED,
        seen=seen,
        todo="a failover still works through the others; see whether it passes, and AWS's health dashboard"
        if answered
        else "traffic cannot be moved from here: check this host's network and the credentials; if it is"
        " neither: docs/runbooks/arc-does-not-answer.md",
    )


def agreement(found: Sequence[Row]) -> Finding | None:
    """Whether all that answered say the same; None where fewer than two did."""
    answered = [row for row in found if not row.problem]
    if len(answered) < 2:
        return None
    regions = sorted({region for row in answered for region in row.states})
    split = [region for region in regions if len({row.states.get(region) for row in answered}) > 1]
    if not split:
        return Finding(name="states", state=State.OK, seen="every endpoint says the same")
    return Finding(
        name="states",
        state=State.FAILED,
        seen=f"the endpoints disagree about {', '.join(split)}",
        todo="a change may be under way: check again; if it stays, change nothing and ask AWS support",
    )


def controls(answers: Sequence[EndpointAnswer], arns: Mapping[str, str]) -> Finding | None:
    """The panel's controls against those of the deployment; None where no endpoint answered."""
    answered = [one for one in answers if not one.problem]
    if not answered:
        return None
    listed = set(answered[0].states)
    gone = sorted(region for region, arn in arns.items() if arn not in listed)
    new = len(listed - set(arns.values()))
    if gone or new:
        said = [f"no control for {', '.join(gone)}"] if gone else []
        said += [f"{new} unknown to the deployment"] if new else []
        return Finding(
            name="controls",
            state=State.FAILED if gone else State.WARNING,
            seen=f"the panel has {' and '.join(said)}",
            todo="the exported file is older than the deployment: python -m ops export",
        )
    on = sorted(region for region, arn in arns.items() if answered[0].states[arn])
    if not on:
        return Finding(
            name="controls",
            state=State.FAILED,
            seen="no region is On: Route 53 answers as if all were",
            todo="give the traffic to one: python -m ops controls on REGION",
        )
    return Finding(name="controls", state=State.OK, seen=f"On: {', '.join(on)}")


def exported_file(deployment: Deployment, now: datetime) -> Finding:
    """How old what we know is."""
    name = "exported file"
    if deployment.exported_at is None:
        return Finding(
            name=name,
            state=State.WARNING,
            seen=f"not used: {deployment.source}",
            todo="a failover should not need them: python -m ops export, commit it and copy it",
        )
    if export.is_old(deployment.exported_at, now):
        return Finding(
            name=name,
            state=State.WARNING,
            seen=deployment.source,
            todo="write it again, so that it is known to be current: python -m ops export",
        )
    return Finding(name=name, state=State.OK, seen=deployment.source)


def subscriptions(target: Target, topics: Sequence[str]) -> Iterator[Finding]:
    """For each alarm topic, whether somebody gets its mail."""
    if not topics:
        yield Finding(name="alarm topics", state=State.WARNING, seen="the deployment has none")
    silent: dict[str, str] = {}
    for topic in topics:
        region, _, topic_name = topic.split(":", 3)[3].split(":")
        name = f"{topic_name}, {region}"
        if region not in silent:
            found = _told(target, topic, name)
            if isinstance(found, Finding):
                yield found
                continue
            silent[region] = found
        yield _not_read(name, region, silent[region])


def _told(target: Target, topic: str, name: str) -> Finding | str:
    """What a topic's region says, or what was seen of a region that does not answer."""
    try:
        return _subscribers(name, _subscriptions_of(target, topic))
    except TimeoutError:
        return f"nothing in {ANSWER_DEADLINE:g} s"
    except OpsError as error:
        cause = error.__cause__
        silence = silence_of(cause) if isinstance(cause, ClientError | BotoCoreError) else ""
        return silence or _unreadable(name, error)


def _not_read(name: str, region: str, seen: str) -> Finding:
    return Finding(
        name=name,
        state=State.WARNING,
        seen=f"not read: {region} does not answer ({seen})",
        todo="traffic can be moved without it; check again when the region is back",
    )


def _subscribers(name: str, found: Sequence[Mapping[str, Any]]) -> Finding:
    waiting = sorted(str(one["Endpoint"]) for one in found if one["SubscriptionArn"] == UNCONFIRMED)
    if waiting:
        return Finding(
            name=name,
            state=State.FAILED,
            seen=f"not confirmed: {', '.join(waiting)}",
            todo="follow the link in the mail of AWS Notifications; the SNS console sends it once more",
        )
    if not found:
        return Finding(
            name=name,
            state=State.WARNING,
            seen="nobody is subscribed",
            todo="set alarmEmail in every stack file",
        )
    return Finding(name=name, state=State.OK, seen=f"{len(found)} confirmed")


def _subscriptions_of(target: Target, topic: str) -> list[Mapping[str, Any]]:
    client = target.client("sns", topic.split(":")[3])
    with explained("read the subscriptions"):
        found: list[Mapping[str, Any]] = within(ANSWER_DEADLINE, partial(_pages, client, topic))
        return found


def _pages(client: Any, topic: str) -> list[Mapping[str, Any]]:
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [one for page in pages for one in page["Subscriptions"]]


def _unreadable(name: str, error: OpsError) -> Finding:
    cause = error.__cause__
    if isinstance(cause, ClientError) and cause.response["Error"].get("Code") in DENIED_CODES:
        return Finding(
            name=name,
            state=State.WARNING,
            seen="not readable with these credentials",
            todo="attach the policy to look at the regions, too (stack output operatorCheckPolicyArn)",
        )
    return Finding(name=name, state=State.FAILED, seen=str(error))


def table(found: Sequence[Row], regions: Sequence[str]) -> str:
    """A line an endpoint."""
    head = ["endpoint", "answer", *regions]
    lines = [
        [
            row.endpoint,
            row.problem or f"{row.milliseconds} ms",
            *(_word(row.states.get(region)) for region in regions),
        ]
        for row in found
    ]
    widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *lines]
    )


def _word(state: bool | None) -> str:
    return "-" if state is None else "On" if state else "Off"
