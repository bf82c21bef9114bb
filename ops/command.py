"""What a command is: a name, its arguments, and a function from arguments to an outcome."""

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ops.console import Console, Outcome


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command of `python -m ops`; `summary` is its line in the list, `description` its help page."""

    name: str
    summary: str
    description: str
    configure: Callable[[ArgumentParser], None]
    run: Callable[[Namespace, Console], Outcome]


def positive(text: str) -> float:
    """A number above zero."""
    value = not_negative(text)
    if value == 0:
        raise ArgumentTypeError(f"must be above 0, not {text!r}")
    return value


def not_negative(text: str) -> float:
    """A finite number, zero or more."""
    try:
        value = float(text)
    except ValueError:
        raise ArgumentTypeError(f"must be a number, not {text!r}") from None
    if not 0 <= value < float("inf"):
        raise ArgumentTypeError(f"must be 0 or more, not {text!r}")
    return value


def moment(text: str) -> datetime:
    """A time with its offset, such as 2026-11-25T03:00:00Z."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"must be a time such as 2026-11-25T03:00:00Z, not {text!r}") from None
    if time.tzinfo is None:
        raise ArgumentTypeError(f"must say its offset, such as {text}Z for UTC, not {text!r}")
    return time


def count(text: str) -> int:
    """A whole number, zero or more."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"must be a whole number of 0 or more, not {text!r}")
    return int(text)


def at_least_one(text: str) -> int:
    """A whole number above zero."""
    value = count(text)
    if value == 0:
        raise ArgumentTypeError(f"must be 1 or more, not {text!r}")
    return value


def folder(text: str) -> Path:
    """A folder that is there or can be made: what is written at the end must not fail there."""
    path = Path(text)
    there = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ArgumentTypeError(f"cannot be written to: {there} is no folder that you may write to")
    return path
