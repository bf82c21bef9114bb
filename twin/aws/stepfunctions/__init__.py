"""Step Functions: the emulator walks through the states; what it takes on trust is checked here."""

from twin.aws.stepfunctions import control, evaluation, executions
from twin.core import Core


def install(core: Core) -> None:
    """Check definitions, roles and logging; bound expressions; run executions with their role, and only
    in living regions.
    """
    control.install()
    evaluation.install()
    executions.install(core)
