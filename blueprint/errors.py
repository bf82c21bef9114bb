"""What the program refuses.

ProgramError                 one clear message, no stack trace: Pulumi prints a RunError's text alone
+-- ConfigError              a configuration value that cannot work
+-- PrimaryStackError        the primary stack cannot serve this secondary one
+-- OtherStackError          another stack than the primary cannot serve this one
+-- HostedZoneError          what DNS holds already does not fit
+-- ProviderAnswerError      the AWS provider does not tell what others are made from
+-- LogRoleError             the account lacks what API Gateway writes logs with
+-- PackagingError           code that cannot be packed, or is more than Lambda takes
+-- LayerBuildError          a Lambda layer that could not be built
"""

import pulumi


class ProgramError(pulumi.RunError):
    """A refusal in four parts, so that the reader can act on it without opening the source."""

    def __init__(self, what: str, *, seen: object, why: str, do: str) -> None:
        self.what = what
        self.seen = seen
        self.why = why
        self.do = do
        super().__init__(f"{what}\n  value seen: {_shown(seen)}\n  why: {why}\n  what to do: {do}")


class ConfigError(ProgramError):
    """A value of the stack's configuration is missing, malformed or contradicts another one."""


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


_SHOWN_CHARACTERS = 200


def _shown(seen: object) -> str:
    text = repr(seen)
    return (
        text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}... ({len(text)} characters)"
    )
