"""Deploys into the twin, in this process's name, with the twin's own run of the program."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ops.errors import MisuseError
from ops.options import PROJECT

if TYPE_CHECKING:
    from twin.client import TwinClient


class TwinDeployer:
    """`overrides` are configuration values in place of the stack files', which are in `directory`."""

    def __init__(
        self, twin: "TwinClient", *, overrides: Mapping[str, str], directory: Path = PROJECT
    ) -> None:
        self._twin = twin
        self._overrides = overrides
        self._directory = directory

    def up(self, stack: str) -> None:
        from twin.deploy.run import deploy_stack

        with stdout_on_stderr():
            deploy_stack(stack, self._twin, self._overrides, project_directory=self._directory)

    def destroy(self, stack: str) -> None:
        raise MisuseError(
            f"{stack}: nothing to destroy on the twin; stop it and all is gone: python -m twin down"
        )


@contextmanager
def stdout_on_stderr() -> Iterator[None]:
    """Inside, what child processes print goes to stderr: stdout is for the command's own outcome."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
