"""The mocks answer as the real provider did, where the program can see it."""

from typing import Any

from tests.fakes.provider_answers import ANSWERS, contradictions
from tests.fakes.pulumi_mocks import Inputs, run_program


def test_the_mocks_give_what_the_real_provider_gives() -> None:
    answers: list[tuple[str, Inputs]] = []

    def remember(kind: str, answer: Inputs) -> Inputs:
        answers.append((kind, answer))
        return answer

    done = run_program("region1", changed=remember)
    given = {resource.type: resource.inputs for resource in done.resources}
    assert len({kind for kind, _ in answers} & ANSWERS.keys()) > 30
    wrong = {
        text for kind, answer in answers for text in contradictions(kind, answer, given.get(kind, NOTHING))
    }
    assert sorted(wrong) == []


NOTHING: dict[str, Any] = {}
