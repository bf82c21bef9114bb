"""Everything the twin refuses with a sentence for its user.

TwinError                 one line and an exit code; never a stack trace
├── SettingsError         a setting that cannot work
├── AlreadyRunningError        the home directory or the ports belong to another twin or program
├── HomeError                  the home directory cannot be used
├── NotRunningError            a command needs a running twin
├── StartFailedError           the twin did not become ready
├── EmulatorChangedError       the emulator is not the version whose internals the twin hooks
├── ActingError                nobody has the name that a rehearsal shall act as
└── AdminRefusedError          the running twin refused a request of its administration API
"""


class TwinError(Exception):
    """Base of all errors shown to the user as one line."""

    exit_code = 1


class SettingsError(TwinError):
    """A setting of the twin that cannot work."""

    exit_code = 2


class AlreadyRunningError(TwinError):
    """Another process holds the home directory or the ports."""


class HomeError(TwinError):
    """The home directory cannot be made, read or written."""

    exit_code = 2


class NotRunningError(TwinError):
    """No twin runs in the home directory."""


class StartFailedError(TwinError):
    """The twin ended before it was ready."""


class EmulatorChangedError(TwinError):
    """A name or signature inside the emulator is not the one the twin was built on."""


class ActingError(TwinError):
    """Whom a rehearsal shall act as is not there, or has no key."""

    exit_code = 2


class AdminRefusedError(TwinError):
    """The twin's administration API answered with an error."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        # What the user asked for cannot be, as with a wrong option; anything else is the twin's own failure.
        self.exit_code = 2 if 400 <= status < 500 else 1
