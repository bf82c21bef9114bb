"""Whose credentials these are, asked of whichever region answers."""

from threading import Event

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError

from ops.deployed.answering import Answers, ask, known_caller, likely_caller
from ops.deployed.deployment import parse
from ops.deployed.survivors import survivors
from ops.errors import CredentialsError
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import ACCOUNT, both

EAST, WEST = "us-east-1", "us-west-2"
REGIONS = (EAST, WEST)
DEAD = ConnectTimeoutError(endpoint_url="https://sts.test")


def refusal(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "GetCallerIdentity",
    )


def test_a_region_that_answers_tells_the_account_when_another_is_dead() -> None:
    answers = ask(FakeTarget(problems={EAST: DEAD}), REGIONS)
    assert answers == Answers(account=ACCOUNT, answering=(WEST,), silent={EAST: "ConnectTimeoutError"})


def test_a_service_that_fails_by_itself_is_silence_and_one_that_refuses_is_not() -> None:
    failing = ask(FakeTarget(problems={EAST: refusal("ServiceUnavailable", 503)}), REGIONS)
    assert failing.silent == {EAST: "ServiceUnavailable"}
    refusing = ask(FakeTarget(problems={EAST: refusal("InvalidClientTokenId", 403)}), REGIONS)
    assert (refusing.silent, refusing.account) == ({}, ACCOUNT)


def test_a_region_that_never_answers_costs_the_deadline_and_no_more() -> None:
    never = Event()

    class Hanging(FakeTarget):
        def client(self, service: str, region: str) -> object:
            found = super().client(service, region)
            if region == EAST:
                found.get_caller_identity = never.wait
            return found

    answers = ask(Hanging(), REGIONS, deadline=0.05)
    never.set()
    assert answers.silent == {EAST: "nothing in 0.05 s"}
    assert answers.answering == (WEST,)


@pytest.mark.parametrize("problem", [NoCredentialsError(), refusal("ExpiredToken", 403)])
def test_credentials_that_no_region_accepts_are_an_error(problem: Exception) -> None:
    with pytest.raises(CredentialsError, match="Sign in"):
        ask(FakeTarget(problems=dict.fromkeys(REGIONS, problem)), REGIONS)


def test_another_account_is_refused_with_both_numbers() -> None:
    target = FakeTarget(account="999999999999")
    deployment = parse(both(), source="test")
    with pytest.raises(CredentialsError, match=r"999999999999.*111122223333.*Nothing was done"):
        known_caller(target, ACCOUNT, REGIONS)
    with pytest.raises(CredentialsError, match=r"999999999999.*111122223333.*Nothing was done"):
        likely_caller(target, deployment, REGIONS, lambda _: None)
    assert known_caller(target, "", REGIONS).account == "999999999999"


def test_where_no_region_answers_a_reader_goes_on_and_says_so_and_a_destroyer_stops() -> None:
    target, report = FakeTarget(problems=dict.fromkeys(REGIONS, DEAD)), list[str]()
    answers = likely_caller(target, parse(both(), source="the file"), REGIONS, report.append)
    assert answers.account == ""
    assert report[-1].endswith(f"Going on: account {ACCOUNT} is pinned in the deployment (the file).")
    with pytest.raises(CredentialsError, match="no region's STS answered"):
        known_caller(target, ACCOUNT, REGIONS)


@pytest.mark.parametrize(
    ("states", "silent", "regions", "left_out"),
    [
        ({EAST: True, WEST: True}, [], [EAST, WEST], {}),
        ({EAST: False, WEST: True}, [], [WEST], {EAST: "Off"}),
        ({EAST: True, WEST: True}, [EAST], [WEST], {EAST: "does not answer"}),
        ({EAST: False, WEST: True}, [WEST], [], {EAST: "Off", WEST: "does not answer"}),
        ({EAST: False, WEST: False}, [EAST], [WEST], {EAST: "does not answer"}),
        ({}, [EAST], [WEST], {EAST: "does not answer"}),
    ],
)
def test_survivors_are_the_regions_that_are_on_and_answer(
    states: dict[str, bool], silent: list[str], regions: list[str], left_out: dict[str, str]
) -> None:
    answers = Answers(
        account=ACCOUNT,
        answering=tuple(region for region in REGIONS if region not in silent),
        silent=dict.fromkeys(silent, "nothing"),
    )
    found = survivors(answers, states)
    assert (list(found.regions), dict(found.left_out)) == (regions, left_out)
