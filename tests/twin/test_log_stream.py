"""A worker's two pipes, of what it prints and what it logs, become one stream in the order of writing."""

import io
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.twin.test_worker_pool import spec
from twin.aws.lambda_runtime.log_stream import LogEvents, LogStream
from twin.aws.lambda_runtime.worker_main import StampedOutput

FRAME_TYPE = bytes.fromhex("a55a0003")
MICROSECONDS = 1_700_000_000_000_000


class Recorded:
    """A log stream that keeps what it hands over."""

    def __init__(self) -> None:
        self.events: LogEvents = []
        self.stream = LogStream(spec(), "stream", lambda _spec, _name, events: self.events.extend(events))

    def messages(self) -> list[str]:
        self.stream.end_line()
        self.stream.flush()
        return [message for _, message in self.events]


def frame(message: str, at: int) -> bytes:
    """A record as AWS's runtime client writes it."""
    return FRAME_TYPE + len(message).to_bytes(4, "big") + at.to_bytes(8, "big") + message.encode()


def printed(message: str, at: int) -> bytes:
    return f"\x1e{at}\x1e{message}\n".encode()


@pytest.fixture
def written() -> Iterator[tuple[StampedOutput, io.BytesIO]]:
    raw = io.BytesIO()
    console = io.TextIOWrapper(raw)
    with closing(StampedOutput(console)) as stream:
        yield stream, raw


def test_lines_stand_in_the_order_of_writing_whichever_pipe_is_read_first() -> None:
    recorded = Recorded()
    recorded.stream.feed_frames(frame("logged second", MICROSECONDS + 1))
    recorded.stream.feed_output(printed("printed first", MICROSECONDS))
    recorded.stream.feed_output(printed("printed third", MICROSECONDS + 2))
    assert recorded.messages() == ["printed first", "logged second", "printed third"]


def test_a_line_has_the_time_of_its_writing_in_milliseconds() -> None:
    recorded = Recorded()
    recorded.stream.feed_output(printed("a line", MICROSECONDS))
    recorded.messages()
    assert recorded.events == [(MICROSECONDS // 1000, "a line")]


def test_a_line_that_no_python_stream_wrote_is_kept() -> None:
    recorded = Recorded()
    recorded.stream.feed_output(b"from a library in C\n")
    assert recorded.messages() == ["from a library in C"]


def test_what_is_printed_in_pieces_is_one_line_with_one_time(
    written: tuple[StampedOutput, io.BytesIO],
) -> None:
    stream, raw = written
    print("a", "b", end="", file=stream)
    print("c\n\nd", file=stream)
    recorded = Recorded()
    recorded.stream.feed_output(raw.getvalue())
    assert recorded.messages() == ["a bc", "d"]
    assert raw.getvalue().count(b"\x1e") == 4
