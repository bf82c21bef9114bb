"""Reads every region that answers; one that stops answering is left alone from then on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws_errors import explain
from ops.deployed.answering import silence_of
from ops.deployed.deployment import Stack

Report = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Read(Generic[T]):
    """What each region told, and why reading failed in others just now; both by region."""

    values: Mapping[str, T]
    missing: Mapping[str, str]


class Regions:
    """The regions of `stacks` but those of `silent`, which do not answer."""

    def __init__(self, stacks: Sequence[Stack], silent: Collection[str], report: Report) -> None:
        self._left = [stack for stack in stacks if stack.region not in silent]
        self._report = report

    def read(self, section: str, reader: Callable[[Stack], T]) -> Read[T]:
        """Each region through `reader`; what it raises of botocore's is why the region is missing."""
        values: dict[str, T] = {}
        missing: dict[str, str] = {}
        for stack in tuple(self._left):
            region = stack.region
            self._report(f"{section} in {region} ...")
            try:
                values[region] = reader(stack)
            except (ClientError, BotoCoreError) as error:
                missing[region] = str(explain(error, f"read the {section} in {region}"))
                if silence_of(error):
                    missing[region] += ". It is asked nothing more."
                    self._left.remove(stack)
        return Read(values=values, missing=missing)
