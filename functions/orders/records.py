"""One JSON line a request: log record and metrics at once (CloudWatch embedded metric format).

Lambda drops lines below the function's log level and takes a line's own ``level`` and ``timestamp`` for that
(AWS Lambda Developer Guide, "Log-level filtering"): metrics need the level at INFO or lower.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# The provider alone: it serialises; the record decides what is written, and when.
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider
from botocore.exceptions import ClientError

from . import contract
from .attempts import error_code

_MESSAGE_LENGTH: Final = 300


@dataclass(kw_only=True)
class Record:
    """What a request leaves behind. ``fields`` are for the log, ``metrics`` map a name to (unit, value)."""

    fields: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, tuple[str, float]] = field(default_factory=dict)

    def count(self, name: str, value: int) -> None:
        self.metrics[name] = ("Count", value)

    def time(self, name: str, milliseconds: float) -> None:
        self.metrics[name] = ("Milliseconds", round(milliseconds, 2))

    def known(self) -> dict[str, Any]:
        """The fields that have a value."""
        return {name: value for name, value in self.fields.items() if value is not None}

    def fail(self, error: BaseException) -> None:
        """Note the type of an error's first cause and the first line of its message."""
        cause = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        self.fields["error"] = type(cause).__name__
        self.fields["errorMessage"] = first_line(cause)


def first_line(error: BaseException) -> str:
    """A message fit for a log: one line, cut.

    AWS's message on a wrong signature repeats the signed request, session token included, on further lines.
    """
    text = str(error)
    if isinstance(error, ClientError):
        text = f"{error_code(error)}: {error.response.get('Error', {}).get('Message', '')}"
    return text.split("\n", 1)[0][:_MESSAGE_LENGTH]


def write_line(line: str) -> None:
    # One write with its newline: the lines of two writers never mix.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Recorder:
    """Writes records; whatever goes wrong in here changes no answer."""

    def __init__(self, region: str, write: Callable[[str], None] = write_line) -> None:
        self._write = write
        # An empty service: the library would else take one from the environment, as a second dimension.
        self._provider = AmazonCloudWatchEMFProvider(
            namespace=contract.METRICS_NAMESPACE,
            service="",
            default_dimensions={contract.REGION_DIMENSION: region},
        )
        self._region = region

    def write(self, record: Record) -> None:
        try:
            self._write(json.dumps(self._document(record), separators=(",", ":"), default=str))
        except Exception:  # noqa: BLE001 a full or closed log must not turn an order into an error
            return

    def _document(self, record: Record) -> Mapping[str, Any]:
        plain = {contract.REGION_DIMENSION: self._region, **record.known()}
        if not record.metrics:
            return plain
        try:
            return self._with_metrics(record)
        except Exception:  # noqa: BLE001 the log line is worth more than its metrics
            return plain
        finally:
            self._provider.clear_metrics()

    def _with_metrics(self, record: Record) -> Mapping[str, Any]:
        for name, (unit, value) in record.metrics.items():
            self._provider.add_metric(name=name, unit=unit, value=value)
        for name, text in record.known().items():
            self._provider.add_metadata(name, text)
        document: Mapping[str, Any] = self._provider.serialize_metric_set()
        return document
