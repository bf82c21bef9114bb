"""Filter patterns of CloudWatch Logs (User Guide, "Filter pattern syntax"): terms, and JSON selectors.

    ERROR -timeout        every term, case and all; a term after - must not be there
    ?ERROR ?WARN          one of the terms
    "two words"           words in this order
    {$.level = "ERROR" && $.count > 3}

Regular expressions and patterns for delimited fields ([a, b]) are refused.
"""

import fnmatch
import json
import operator
import re
from collections.abc import Callable
from typing import Any

Matcher = Callable[[str], bool]
_TERM = re.compile(r'([?-]?)("(?:[^"\\]|\\.)*"|[^\s]+)')
_TOKEN = re.compile(r'\s*(&&|\|\||\(|\)|!=|>=|<=|=|>|<|"(?:[^"\\]|\\.)*"|[^\s()&|=!<>]+)')
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class PatternError(ValueError):
    """A filter pattern that cannot be read, or that the twin has not."""


def compile_pattern(pattern: str) -> Matcher:
    """A test for messages. Raises PatternError."""
    text = (pattern or "").strip()
    if not text:
        return lambda _: True
    if text.startswith("{"):
        return _json_matcher(text)
    if text.startswith(("[", "%")):
        raise PatternError(f"not in the twin: filter patterns of this form: {text[:60]}")
    return _term_matcher(text)


def _term_matcher(text: str) -> Matcher:
    wanted: list[str] = []
    unwanted: list[str] = []
    either: list[str] = []
    for sign, term in _TERM.findall(text):
        bare = json.loads(term) if term.startswith('"') else term
        {"": wanted, "-": unwanted, "?": either}[sign].append(bare)

    def matches(message: str) -> bool:
        if any(term in message for term in unwanted):
            return False
        if wanted:
            # Beside terms that are all needed, optional ones change nothing.
            return all(term in message for term in wanted)
        return not either or any(term in message for term in either)

    return matches


def _json_matcher(text: str) -> Matcher:
    if not text.endswith("}"):
        raise PatternError(f"not a filter pattern: {text[:60]}")
    test = _Parser(text[1:-1]).parse()

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except ValueError:
            return False
        return isinstance(document, dict) and test(document)

    return matches


_Test = Callable[[dict[str, Any]], bool]


class _Parser:
    """`or` of `and` of comparisons, with parentheses."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(text)
        self._text = text

    def parse(self) -> _Test:
        test = self._any_of()
        if self._tokens:
            raise PatternError(f"not a filter pattern: {self._text}")
        return test

    def _any_of(self) -> _Test:
        tests = [self._all_of()]
        while self._accept("||"):
            tests.append(self._all_of())
        return lambda document: any(test(document) for test in tests)

    def _all_of(self) -> _Test:
        tests = [self._one()]
        while self._accept("&&"):
            tests.append(self._one())
        return lambda document: all(test(document) for test in tests)

    def _one(self) -> _Test:
        if self._accept("("):
            test = self._any_of()
            if not self._accept(")"):
                raise PatternError(f"a parenthesis is not closed: {self._text}")
            return test
        return self._comparison()

    def _comparison(self) -> _Test:
        selector, sign = self._next(), self._next()
        if not selector.startswith("$"):
            raise PatternError(f"a selector starts with $.: {selector}")
        if sign.upper() in ("IS", "NOT"):
            return self._word_test(selector, sign.upper(), self._next().upper())
        value = self._next()
        if sign in _COMPARISONS:
            limit, compare = _number(value), _COMPARISONS[sign]
            return lambda document: _compares(_select(document, selector), limit, compare)
        if sign not in ("=", "!="):
            raise PatternError(f"not a comparison: {sign}")
        return lambda document: _equals(_select(document, selector), value) is (sign == "=")

    def _word_test(self, selector: str, sign: str, word: str) -> _Test:
        if (sign, word) == ("NOT", "EXISTS"):
            return lambda document: _select(document, selector) is _MISSING
        constants = {"TRUE": True, "FALSE": False, "NULL": None}
        if sign != "IS" or word not in constants:
            raise PatternError(f"not a test: {sign} {word}")
        return lambda document: _select(document, selector) is constants[word]

    def _accept(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            del self._tokens[0]
            return True
        return False

    def _next(self) -> str:
        if not self._tokens:
            raise PatternError(f"a filter pattern ends too early: {self._text}")
        return self._tokens.pop(0)


_MISSING = object()


def _select(document: Any, selector: str) -> Any:
    found = document
    for part in re.findall(r"[^.\[\]]+", selector.removeprefix("$")):
        if isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        elif isinstance(found, dict) and part in found:
            found = found[part]
        else:
            return _MISSING
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise PatternError(f"not a number: {text}") from error


def _compares(found: Any, limit: float, compare: Callable[[float, float], bool]) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool) and compare(found, limit)


def _equals(found: Any, value: str) -> bool:
    wanted = json.loads(value) if value.startswith('"') else value
    if isinstance(found, str):
        return fnmatch.fnmatchcase(found, wanted)
    if isinstance(found, int | float) and not isinstance(found, bool):
        try:
            return found == float(wanted)
        except ValueError:
            return False
    return False
