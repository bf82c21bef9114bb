"""Writes docs/cli.md from the command line's parser: `python -m tools.pages.cli_reference`."""

from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator

from ops.cli import PROGRAM, build_parser
from ops.deployed.stacks import PROJECT

PAGE = PROJECT / "docs" / "cli.md"

HEAD = f"""# The command line

Made from the parser by `python -m tools.pages.cli_reference`; do not edit.

Every command is `{PROGRAM} COMMAND`. The outcome goes to stdout (one JSON document with `--json`), everything
else to stderr. Exit status: 0 done, 1 failed or a bound broken, 2 misuse.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_commands(build_parser())])


def _commands(parser: ArgumentParser) -> Iterator[str]:
    subparsers = next(a for a in parser._actions if isinstance(a, _SubParsersAction))
    for name, command in subparsers.choices.items():
        yield f"## {name}\n\n{command.description}\n"
        yield "| argument | meaning |\n|---|---|"
        yield from (_row(action) for action in command._actions if action.dest != "help")
        yield ""


def _row(action: Action) -> str:
    text = (action.help or "") % {"default": action.default} if action.help else ""
    return f"| {_names(action)} | {text.replace('|', chr(92) + '|')} |"


def _names(action: Action) -> str:
    value = action.metavar or ("|".join(action.choices) if action.choices else action.dest.upper())
    if not action.option_strings:
        return f"`{value}`".replace("|", "\\|")
    shown = action.option_strings[-1] + ("" if action.nargs == 0 else f" {value}")
    return f"`{shown}`".replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
