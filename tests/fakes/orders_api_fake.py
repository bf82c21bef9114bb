"""The order API as the load generator's functions see it: answers from a list, and what was asked for."""

import json
from collections.abc import Mapping
from typing import Any

from functions.load.api import ApiAnswer

EAST = "us-east-1"


def answer(status: int, region: str = EAST, **body: object) -> ApiAnswer:
    return ApiAnswer(status=status, region=region, body=json.dumps(body).encode())


class FakeOrdersApi:
    """Each call takes the next answer; an exception in its place is raised."""

    def __init__(self, *answers: ApiAnswer | Exception) -> None:
        self._answers = list(answers)
        self.calls: list[tuple[str, str, dict[str, str]]] = []

    def send(self, method: str, path: str, query: Mapping[str, str]) -> ApiAnswer:
        self.calls.append((method, path, dict(query)))
        given: Any = self._answers.pop(0)
        if isinstance(given, Exception):
            raise given
        assert isinstance(given, ApiAnswer)
        return given
