"""The AWS CLI as far as the runbooks use it, on boto3 clients: names and arguments are of its models.

Only what the real one takes is taken: an unknown operation or option is an error. Structures are JSON or
`file://`, lists of texts are words (AWS CLI User Guide, "Specify parameter values").
"""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jmespath  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.model import Shape

Clients = Callable[[str, str | None], Any]
"""boto3's client of a service in a region, None for a service that has none."""

_OWN = {"region", "query", "output"}


def run(arguments: list[str], clients: Clients) -> int:
    """A command without the word `aws`; the outcome goes to stdout."""
    service, operation, *rest = arguments
    waiter = rest.pop(0) if operation == "wait" else None
    given = dict(_options(rest))
    own = {name: given.pop(name)[0] for name in _OWN & given.keys()}
    client = clients(service, own.get("region"))
    if waiter:
        _wait(client, waiter, given)
        return 0
    model = client.meta.service_model.operation_model(_operation(client, operation))
    answer = getattr(client, xform_name(model.name))(**_parameters(model.input_shape, given))
    answer.pop("ResponseMetadata", None)
    _show(answer, own)
    return 0


def _wait(client: Any, name: str, given: dict[str, list[str]]) -> None:
    waiter = client.get_waiter(name.replace("-", "_"))
    model = client.meta.service_model.operation_model(waiter.config.operation)
    waiter.wait(WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **_parameters(model.input_shape, given))


def _options(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    while words:
        option = words.pop(0)
        if not option.startswith("--"):
            raise ValueError(f"aws: {option} is no option")
        values = []
        while words and not words[0].startswith("--"):
            values.append(words.pop(0))
        yield option.removeprefix("--"), values


def _operation(client: Any, typed: str) -> str:
    names = {_cli_name(name): name for name in client.meta.service_model.operation_names}
    return str(names[typed])


def _cli_name(name: str) -> str:
    return str(xform_name(name, "-"))


def _parameters(shape: Any, given: dict[str, list[str]]) -> dict[str, Any]:
    members: dict[str, tuple[str, Shape]] = {
        _cli_name(name): (name, member) for name, member in shape.members.items()
    }
    found = {}
    for option, values in given.items():
        negated = option.startswith("no-") and option not in members
        name, member = members[option.removeprefix("no-") if negated else option]
        found[name] = not negated if member.type_name == "boolean" else _value(member, values)
    return found


def _value(shape: Shape, words: list[str]) -> Any:
    text = words[0]
    if text.startswith("file://"):
        text = Path(text.removeprefix("file://")).read_text(encoding="utf-8")
    match shape.type_name:
        case "integer" | "long":
            return int(text)
        case "timestamp":
            return datetime.fromisoformat(text)
        case "list" if not text.startswith("["):
            return words
        case "structure" | "map" | "list":
            return json.loads(text)
        case _:
            return text


def _show(answer: Any, own: dict[str, str]) -> None:
    found = jmespath.search(own["query"], answer) if "query" in own else answer
    if own.get("output") == "text":
        sys.stdout.write(f"{found}\n")
    else:
        sys.stdout.write(json.dumps(found, default=str, indent=2) + "\n")
