"""Filter patterns of CloudWatch Logs."""

import pytest

from twin.aws.logs.log_patterns import PatternError, compile_pattern

DOCUMENT = (
    '{"level": "ERROR", "count": 3, "who": {"name": "ann"}, "tags": ["a", "b"], "ok": true, "no": null}'
)


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR disk", "disk: ERROR", True),
        ("ERROR disk", "ERROR", False),
        ("ERROR -timeout", "ERROR timeout", False),
        ("ERROR -timeout", "ERROR", True),
        ("?ERROR ?WARN", "a WARN", True),
        ("?ERROR ?WARN", "an INFO", False),
        ('"two words"', "these two words", True),
        ('"two words"', "words two", False),
        ('{ $.level = "ERROR" }', DOCUMENT, True),
        ('{ $.level != "ERROR" }', DOCUMENT, False),
        ('{ $.level = "ERR*" }', DOCUMENT, True),
        ("{ $.count > 2 }", DOCUMENT, True),
        ("{ $.count <= 2 }", DOCUMENT, False),
        ("{ $.count = 3 }", DOCUMENT, True),
        ('{ $.who.name = "ann" && $.tags[1] = "b" }', DOCUMENT, True),
        ('{ $.who.name = "bob" || ($.count >= 3 && $.level = ERROR) }', DOCUMENT, True),
        ("{ $.nothing NOT EXISTS }", DOCUMENT, True),
        ("{ $.ok IS TRUE }", DOCUMENT, True),
        ("{ $.no IS NULL }", DOCUMENT, True),
        ('{ $.level = "ERROR" }', "ERROR", False),
    ],
)
def test_a_pattern_matches_as_in_cloudwatch_logs(pattern: str, message: str, expected: bool) -> None:
    assert compile_pattern(pattern)(message) is expected


@pytest.mark.parametrize(
    "pattern",
    ["[a, b]", "%regex%", "{ $.a", "{ $.a }", "{ a = 1 }", "{ ($.a = 1 }", "{ $.a > x }", "{ $.a IS 1 }"],
)
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)
