"""A provider that answers nothing: null, empty or not known yet, for all that the program could read.

Generic: the names come from pulumi_aws's own classes, so a new resource or read is covered by being there.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from pulumi.runtime import rpc

from blueprint import output_names as names
from components import answers
from components.errors import HostedZoneError, ProgramError, ProviderAnswerError
from tests.fakes.provider_outputs import outputs_of
from tests.fakes.pulumi_mocks import Change, Inputs, Run, attempt_program, run_program
from tests.program.conftest import EVERY_OPTION

GET_ZONE = "aws:route53/getZone:getZone"
CERTIFICATE = "aws:acm/certificate:Certificate"
CLUSTER = "aws:route53recoverycontrol/cluster:Cluster"
ZONE: Mapping[str, object] = {"name": "example.com", "zoneId": "Z0123456789EXAMPLE"}
"""What the program holds the zone to: without it everything else ends in that refusal."""
STAND_IN = "arn:aws:stand-in:us-east-1:111122223333:stand-in:stand-in"


def null(_annotation: str) -> object:
    return None


def empty(annotation: str) -> object:
    return [] if "Sequence[" in annotation else {} if "Mapping[" in annotation else ""


def unknown(_annotation: str) -> object:
    return rpc.UNKNOWN


def absent(value: Callable[[str], object]) -> Change:
    """Every output of every resource and lookup, what was given to it too, is answered with `value`."""

    def change(token: str, answer: Inputs) -> Inputs:
        # A lookup is made while planning too, and what it finds is known.
        if not token.startswith("aws:") or (value is unknown and ":get" in token):
            return answer
        nothing = {name: value(annotation) for name, annotation in outputs_of(token).items()}
        return {**answer, **nothing, **(ZONE if token == GET_ZONE else {})}

    return change


def only(token: str, **properties: object) -> Change:
    return lambda other, answer: {**answer, **properties} if other == token else answer


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """What the program refused: it goes on with a stand-in, so that one run finds every read."""
    found: set[tuple[str, str]] = set()

    def note(of: str, name: str, answer: object) -> str:
        assert not answer
        found.add((of, name))
        return STAND_IN

    monkeypatch.setattr(answers, "refused", note)
    return found


def made_from_nothing(run: Run) -> list[tuple[str, object]]:
    """Inputs with a text that was made from null, or a list of nothing."""
    texts = ((r.name, json.dumps(r.inputs, default=str)) for r in run.aws)
    return [(name, text) for name, text in texts if any(made in text for made in ("None", "null", '[""'))]


@pytest.mark.parametrize("consistency", ["eventual", "strong"])
@pytest.mark.parametrize("value", [null, empty])
def test_nothing_is_made_from_an_answer_that_is_not_there(
    value: Callable[[str], object], consistency: str, refusals: set[tuple[str, str]]
) -> None:
    settings = {**EVERY_OPTION, "consistency": consistency}
    whole = run_program("region1", settings)
    assert refusals == set()
    first = run_program("region1", settings, changed=absent(value))
    second = run_program("region2", settings, changed=absent(value), stacks={"region1": whole.exports})
    assert made_from_nothing(first) == made_from_nothing(second) == []
    assert {r.name for r in first.aws} == {r.name for r in whole.aws}
    assert {("Function", "arn"), ("Stage", "invoke_url"), ("getCallerIdentity", "account_id")} <= refusals


def test_what_cannot_be_done_without_is_refused_in_four_parts() -> None:
    with pytest.raises(ProviderAnswerError) as refused:
        answers.present("", of="Stage", name="invoke_url")
    assert str(refused.value).count("\n") == 3
    assert "no invoke_url of Stage" in refused.value.what


@pytest.mark.parametrize("options", [None, [], [{"domainName": "orders.example.com"}]])
def test_a_certificate_without_its_validation_record_is_refused(options: object) -> None:
    done = attempt_program("region1", changed=only(CERTIFICATE, domainValidationOptions=options))
    assert isinstance(done.error, ProviderAnswerError)
    assert "domain_validation_options" in done.error.what


@pytest.mark.parametrize("answer", [{"name": None}, {"name": ""}, {"zoneId": None}, {"zoneId": ""}])
def test_a_zone_that_does_not_say_what_it_is_is_refused(answer: dict[str, Any]) -> None:
    done = attempt_program("region1", changed=only(GET_ZONE, **answer))
    assert isinstance(done.error, ProgramError)
    assert isinstance(done.error, HostedZoneError if "name" in answer else ProviderAnswerError)


@pytest.mark.parametrize("endpoints", [None, [], [{"region": "us-east-1"}]])
def test_a_cluster_without_endpoints_is_a_warning_which_says_what_to_do(endpoints: object) -> None:
    done = run_program("region1", changed=only(CLUSTER, clusterEndpoints=endpoints))
    assert done.exports[names.ARC][names.ARC_CLUSTER_ENDPOINTS] == []
    [warning] = [line for line in done.logs if "tells no endpoints" in line]
    assert "pulumi up --refresh" in warning
    assert "python -m ops export" in warning


@pytest.mark.parametrize("stack", ["region1", "region2"])
def test_a_preview_in_which_nothing_is_known_yet_declares_everything(stack: str, primary: Run) -> None:
    preview = partial(run_program, stack, stacks={"region1": primary.exports}, preview=True)
    assert {r.urn for r in preview(changed=absent(unknown)).aws} == {r.urn for r in preview().aws}
