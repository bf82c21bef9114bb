"""Which stacks there are, from Pulumi's files beside the program; no Pulumi needed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from blueprint.errors import ConfigError
from blueprint.project_files import Project
from blueprint.stack_config import KEYS, StackConfig
from ops.errors import MisuseError

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_STACK = "region1"
# What every stack of a deployment must have alike; the program checks more, once the primary is deployed.
_SAME_EVERYWHERE = ("stacks", "primaryStack", "domainName", "hostedZone", "consistency", "dnsRecord")


@dataclass(frozen=True, kw_only=True)
class StackPlan:
    """The stacks that belong together, as the configuration of one of them says."""

    config: StackConfig

    @property
    def regions(self) -> Mapping[str, str]:
        """Each stack's region, the primary first and the others by name.

        By name, since that is how the program tells which stack is the last one.
        """
        return {stack: self.config.stacks[stack] for stack in self.names}

    @property
    def names(self) -> tuple[str, ...]:
        return self.config.stacks_in_order

    @property
    def primary(self) -> str:
        return self.config.primary_stack

    @property
    def secondaries(self) -> tuple[str, ...]:
        return self.names[1:]


def read_plan(stack: str, directory: Path) -> StackPlan:
    """The stacks that belong together with `stack`, as its configuration file says.

    MisuseError: there is no such stack file, the program would refuse it, or another stack's file says
    something else.
    """
    config = read_config(stack, directory)
    for other in config.stacks:
        if other != stack and _file(directory, other).exists():
            _refuse_disagreement(config, read_config(other, directory), directory)
    return StackPlan(config=config)


def read_config(stack: str, directory: Path, given: Mapping[str, str] | None = None) -> StackConfig:
    """A stack's configuration, with the values of `given` in place of its file's; MisuseError.

    Encrypted values count as their defaults: only Pulumi can read them.
    """
    with _as_misuse(stack, _file(directory, stack)):
        return Project.at(directory).stack_config(stack, given, leave_out_secrets=True)


def project_name(directory: Path) -> str:
    """With which every configuration key begins in a stack's file."""
    return Project.at(directory).name


@contextmanager
def _as_misuse(stack: str, file: Path) -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        raise MisuseError(f"--stack {stack} ({file}): {error}") from error


def _file(directory: Path, stack: str) -> Path:
    return directory / f"Pulumi.{stack}.yaml"


def _refuse_disagreement(one: StackConfig, other: StackConfig, directory: Path) -> None:
    """MisuseError where two stack files of one plan do not describe the same deployment."""
    for name in _SAME_EVERYWHERE:
        ours, theirs = (getattr(config, KEYS[name].field) for config in (one, other))
        if ours != theirs:
            files = " and ".join(_file(directory, config.stack).name for config in (one, other))
            raise MisuseError(
                f"{files} have different `{name}`: {ours} and {theirs}. They are stacks of one deployment:"
                " write the same into both."
            )
