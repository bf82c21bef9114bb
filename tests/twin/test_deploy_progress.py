"""What a deployment says: a line for each resource, or one live line in a terminal."""

import io

from twin.deploy.progress import CLEAR_LINE, Progress

TABLE = ("aws:dynamodb/table:Table", "orders")
TOPIC = ("aws:sns/topic:Topic", "alarms")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_without_a_terminal_each_resource_is_a_line() -> None:
    stream = io.StringIO()
    with Progress("region1", stream, clock=Clock()) as progress:
        progress.declared = 2
        progress.begun(*TABLE)
        progress.done("created", *TABLE, 0.25)
    assert (
        stream.getvalue() == "region1    1/2      0.0 s  created   aws:dynamodb/table:Table orders (0.25 s)\n"
    )


def test_the_live_line_has_counts_and_what_is_slow() -> None:
    clock = Clock()
    progress = Progress("region1", io.StringIO(), live=True, clock=clock)
    progress.declared = 3
    progress.begun(*TABLE)
    progress.begun(*TOPIC)
    progress.done("created", *TOPIC, 0.1)
    assert progress.live_line() == "region1    1/3      0.0 s  1 created"
    clock.now += 7
    assert (
        progress.live_line() == "region1    1/3      7.0 s  1 created  7 s in aws:dynamodb/table:Table orders"
    )


def test_the_live_line_is_one_line_and_gone_at_the_end() -> None:
    stream = io.StringIO()
    with Progress("region1", stream, live=True, clock=Clock()) as progress:
        progress.done("created", *TABLE, 1.0)
        progress.done("created", *TOPIC, 1.0)
        assert "\n" not in stream.getvalue()
        progress.say("deployed")
    assert stream.getvalue().endswith(f"{CLEAR_LINE}region1  deployed\n{CLEAR_LINE}")
