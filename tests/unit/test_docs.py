"""What the documentation tells people to type, set and read exists: commands, options, keys, files."""

import argparse
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from blueprint import alarm_definitions
from ops.cli import build_parser
from twin import cli as twin_cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
# Also the workflows, and what alarms tell the person who is woken.
SOURCES = [*PAGES, *(ROOT / ".github").rglob("*.yml"), *(ROOT / "blueprint").rglob("*.py")]
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))

COMMAND = re.compile(r"python -m (?P<package>[a-z_.]+)(?P<rest>[^`\n|]*)")
MAKE = re.compile(r"(?:^|`|&& |run: )make (?P<target>[a-z][a-z-]*)(?P<rest>[^`\n|]*)", re.MULTILINE)
ARGS = re.compile(r"ARGS=(\"[^\"]*\"|\S+)")
KEY = re.compile(r"`(?P<key>[a-z]+[A-Za-z]*): [^`]*`")
CONFIG_SET = re.compile(r"pulumi config set (?P<key>\w+)")
QUERY = re.compile(r"\?(?P<query>\w+(?:=[^&\s`|\"]*)?(?:&\w+(?:=[^&\s`|\"]*)?)+)")
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)(?:#[^)\s]*)?\)")

NOT_OUR_KEYS = {"environment", "type"}
"""Of other files than Pulumi's."""


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def parsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """A command line's commands."""
    found = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return cast(dict[str, argparse.ArgumentParser], found.choices)


OPS = parsers(build_parser())


def twin_parsers() -> dict[str, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    for command in twin_cli._COMMANDS:
        command.add_parser(subparsers)
    return parsers(parser)


TWIN = twin_parsers()


def words(rest: str) -> list[str]:
    """What is typed after a command's name: without comments, and without the sentence's punctuation."""
    # A shell's `$(...)` and a diagram's node end before the line does.
    text = re.split(r' #|\)"|\]\)', rest)[0].replace("$", "").strip()
    try:
        split = shlex.split(text)
    except ValueError:
        split = text.split()
    return [word.strip("().,;:[]") for word in split if word.strip("().,;:[]")]


def problems(typed: Sequence[str], commands: dict[str, argparse.ArgumentParser]) -> Iterator[str]:
    if not typed or typed[0] in ("COMMAND", "--help", "..."):
        return
    if typed[0] not in commands:
        yield f"no command {typed[0]}"
        return
    yield from wrong_arguments(typed[1:], commands[typed[0]])


def wrong_arguments(typed: Sequence[str], parser: argparse.ArgumentParser) -> Iterator[str]:
    """Options that do not exist, and words that are none of an argument's choices."""
    actions: Any = parser._actions
    options = {option: action for action in actions for option in action.option_strings}
    positionals = [action for action in actions if not action.option_strings]
    left = iter(typed)
    for word in left:
        option, equals, value = word.partition("=")
        if option.startswith("--"):
            if option not in options:
                yield f"no option {option}"
                return
            if options[option].nargs != 0 and not equals:
                value = next(left, "")
            choices = options[option].choices
        else:
            if not positionals:
                return  # the sentence goes on
            value, choices = word, positionals.pop(0).choices
        if choices and value and value.islower() and value not in choices:
            yield f"{value} is none of {', '.join(map(str, choices))}"


@pytest.mark.parametrize("file", SOURCES, ids=name)
def test_every_command_that_is_named_can_be_typed(file: Path) -> None:
    wrong = []
    for found in COMMAND.finditer(file.read_text(encoding="utf-8")):
        package, typed = found["package"].rstrip("."), words(found["rest"])
        if package in ("ops", "twin"):
            wrong += [(found[0], p) for p in problems(typed, OPS if package == "ops" else TWIN)]
        elif not (ROOT / package.replace(".", "/")).is_dir():
            module = ROOT / f"{package.replace('.', '/')}.py"
            wrong += [] if module.is_file() else [(found[0], "no such module")]
    assert wrong == []


@pytest.mark.parametrize("file", SOURCES, ids=name)
def test_every_make_target_that_is_named_exists_and_takes_its_arguments(file: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    wrong = []
    for found in MAKE.finditer(file.read_text(encoding="utf-8")):
        if found["target"] not in targets:
            wrong.append((found[0], "no such target"))
        arguments = ARGS.search(found["rest"])
        if arguments and found["target"] in OPS:
            typed = words(arguments[1].strip('"'))
            wrong += [(found[0], p) for p in wrong_arguments(typed, OPS[found["target"]])]
    assert wrong == []


@pytest.mark.parametrize("file", PAGES, ids=name)
def test_every_configuration_key_that_is_named_exists(file: Path) -> None:
    keys = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"].keys()
    text = file.read_text(encoding="utf-8")
    named = {found["key"] for pattern in (KEY, CONFIG_SET) for found in pattern.finditer(text)}
    assert sorted(named - keys - NOT_OUR_KEYS) == []


@pytest.mark.parametrize("file", PAGES, ids=name)
def test_every_link_to_a_file_leads_there(file: Path) -> None:
    targets = {found["target"] for found in LINK.finditer(file.read_text(encoding="utf-8"))}
    local = {target for target in targets if "://" not in target and not target.startswith("mailto:")}
    assert [target for target in sorted(local) if not (file.parent / target).exists()] == []


def test_every_runbook_that_an_alarm_names_exists() -> None:
    for runbook in (alarm_definitions.EVACUATE, alarm_definitions.ROTATE_OUT):
        assert (ROOT / runbook).is_file()


@pytest.mark.parametrize("file", RUNBOOKS, ids=name)
def test_a_runbook_says_when_what_how_to_see_it_and_how_to_go_back(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for part in ("**When.**", "```sh", "**Back"):
        assert part in text, part
    assert re.search(r"See that it worked", text)


def test_every_runbook_and_decision_is_listed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/runbooks/" in readme
    numbers = sorted(file.name[:4] for file in (ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


# The test's own eyes


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("controls off us-east-1 --target aws", []),
        ("controls list", []),
        ("controls of us-east-1", ["of is none of list, init, on, off"]),
        ("control list", ["no command control"]),
        ("smoke --regions us-east-1", ["no option --regions"]),
        ("smoke --target azure", ["azure is none of twin, aws"]),
        ("check) and go home.", []),
    ],
)
def test_wrong_commands_are_seen(typed: str, wrong: list[str]) -> None:
    assert list(problems(words(typed), OPS)) == wrong


def test_query_parameters_are_named_in_the_order_in_which_aws_signs_them() -> None:
    """Whoever copies an example to a client that signs it as written gets a good signature."""
    files = [*PAGES, ROOT / "docs" / "postman_collection.json"]
    queries = [found["query"] for file in files for found in QUERY.finditer(file.read_text(encoding="utf-8"))]
    names = {query: [part.partition("=")[0] for part in query.split("&")] for query in queries}
    assert {query: found for query, found in names.items() if found != sorted(found)} == {}
    ours = {name for found in names.values() for name in found}
    assert ours >= {"customerId", "orderId", "productId", "cust", "order", "product"}
