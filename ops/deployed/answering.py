"""Which regions answer, and whose credentials these are: every region's STS is asked, all at the same time.

A command that must do without a dead region asks here, once, and leaves the silent ones alone.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws_errors import explain, is_about_credentials
from ops.deployed.deployment import Deployment
from ops.deployed.target import Target
from ops.errors import CredentialsError, OpsError
from ops.routing.cluster import within

# Seconds for a region to answer, the SDK's own retries included: what a dead region costs a command.
ANSWER_DEADLINE = 4.0
SERVER_ERROR = 500
PURPOSE = "find out whose credentials these are"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one region said: the caller's `account`, or a `refusal` that is an answer too, or a `silence`."""

    account: str = ""
    refusal: OpsError | None = None
    silence: str = ""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The caller's account (empty where no region told it), and who answered; `silent` says what was seen."""

    account: str
    answering: tuple[str, ...]
    silent: Mapping[str, str]

    def without(self, unread: Mapping[str, str]) -> "Answers":
        """The same, where regions fell silent after they had told whose credentials these are."""
        answering = tuple(region for region in self.answering if region not in unread)
        return replace(self, answering=answering, silent={**self.silent, **unread})


def ask(target: Target, regions: Sequence[str], *, deadline: float = ANSWER_DEADLINE) -> Answers:
    """Ask each region within `deadline` seconds; CredentialsError where all that answer refuse the caller."""
    # Made beforehand, one by one: boto3's sessions are not for several threads.
    calls = [partial(_say, target.client("sts", region), deadline) for region in regions]
    with ThreadPoolExecutor(max(len(calls), 1)) as pool:
        said = list(pool.map(lambda call: call(), calls))
    return judge(dict(zip(regions, said, strict=True)))


def judge(said: Mapping[str, Said]) -> Answers:
    """What follows from the answers; a refusal counts only where no region knows the caller."""
    account = next((one.account for one in said.values() if one.account), "")
    refusal = next((one.refusal for one in said.values() if one.refusal), None)
    if refusal is not None and not account:
        raise refusal
    return Answers(
        account=account,
        answering=tuple(region for region, one in said.items() if not one.silence),
        silent={region: one.silence for region, one in said.items() if one.silence},
    )


def known_caller(target: Target, expected: str, regions: Sequence[str]) -> Answers:
    """For what cannot be undone: CredentialsError in another account (`expected` empty: any), or in none."""
    answers = ask(target, regions)
    if not answers.account:
        raise CredentialsError(
            f"Could not {PURPOSE}: no region's STS answered ({_words(answers.silent)}). Nothing was done, "
            "since it cannot be undone. Try again when one of them answers."
        )
    _refuse_another(answers.account, expected)
    return answers


def likely_caller(
    target: Target, deployment: Deployment, regions: Sequence[str], report: Callable[[str], None]
) -> Answers:
    """For what an outage must not stop: CredentialsError in another account than the deployment's.

    Where no region answers, `report` hears it and the command goes on: what it calls by ARN or by signature
    refuses another account's credentials by itself.
    """
    answers = ask(target, regions)
    for region, seen in answers.silent.items():
        report(f"{region} does not answer: {seen}")
    if answers.account:
        _refuse_another(answers.account, deployment.account_id)
    else:
        report(
            f"Whose credentials these are could not be asked. Going on: account {deployment.account_id} is "
            f"pinned in the deployment ({deployment.source})."
        )
    return answers


def silence_of(error: ClientError | BotoCoreError) -> str:
    """What was seen where a region is down: it was not reached, or failed itself. Empty for its refusals.

    In a few words: the error's own text is an address, which says nothing to an operator.
    """
    if isinstance(error, ClientError):
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return str(error.response["Error"].get("Code", status)) if status >= SERVER_ERROR else ""
    return "" if is_about_credentials(error) else type(error).__name__


def _say(client: Any, deadline: float) -> Said:
    try:
        return Said(account=str(within(deadline, client.get_caller_identity)["Account"]))
    except TimeoutError:
        return Said(silence=f"nothing in {deadline:g} s")
    except (ClientError, BotoCoreError) as error:
        silence = silence_of(error)
        return Said(silence=silence) if silence else Said(refusal=explain(error, PURPOSE))


def _refuse_another(caller: str, expected: str) -> None:
    if expected and caller != expected:
        raise CredentialsError(
            f"These credentials are of account {caller}; the deployment is in account {expected}. Nothing was"
            " done. Use that account's credentials."
        )


def _words(silent: Mapping[str, str]) -> str:
    return "; ".join(f"{region}: {seen}" for region, seen in silent.items())
