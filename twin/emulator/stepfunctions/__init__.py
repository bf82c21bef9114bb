"""Step Functions: the emulator walks through the states; what it takes on trust is checked here."""

from twin.core import Core
from twin.emulator.stepfunctions import control, executions


def install(core: Core) -> None:
    """Check definitions, roles and logging; run executions with their role, and only in living regions."""
    control.install()
    executions.install(core)
