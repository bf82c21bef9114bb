"""What the program refuses.

ProgramError                 one clear message, no stack trace: Pulumi prints a RunError's text alone
+-- PrimaryStackError        the primary stack cannot serve this secondary one
+-- OtherStackError          another stack than the primary cannot serve this one
+-- HostedZoneError          what DNS holds already does not fit
+-- ProviderAnswerError      the AWS provider does not tell what others are made from
+-- LogRoleError             the account lacks what API Gateway writes logs with
+-- PackagingError           code that cannot be packed, or is more than Lambda takes
+-- LayerBuildError          a Lambda layer that could not be built

A blueprint's ConfigError knows nothing of Pulumi; `as_program_errors` is where it becomes a ProgramError.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

from blueprint.errors import ConfigError, FourPartError


class ProgramError(FourPartError, pulumi.RunError):
    """A refusal that Pulumi prints without a stack trace."""


class PrimaryStackError(ProgramError):
    """The primary stack's outputs are missing, too old, or describe another deployment."""


class OtherStackError(ProgramError):
    """Another regional stack is not deployed, or its outputs do not say what this stack needs of it."""


class HostedZoneError(ProgramError):
    """The hosted zone is another one than configured, or holds a record that ours cannot stand beside."""


class ProviderAnswerError(ProgramError):
    """An output of a resource or lookup is null or empty, and the program cannot go on without it."""


class LogRoleError(ProgramError):
    """API Gateway has no role in the region, and the stack is not to make one."""


class PackagingError(ProgramError):
    """There is nothing to pack, a zip is damaged, or code and layers are over Lambda's quota."""


class LayerBuildError(ProgramError):
    """A Lambda layer could not be built: no installer, no network, no wheel or a wrong hash."""


@contextmanager
def as_program_errors() -> Iterator[None]:
    """A wrong configuration leaves the program as a ProgramError, whichever part found it."""
    try:
        yield
    except ConfigError as error:
        raise ProgramError(error.what, seen=error.seen, why=error.why, do=error.do) from error
