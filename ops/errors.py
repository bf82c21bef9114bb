"""What can go wrong at the command line; every class becomes one line on stderr and an exit code.

OpsError                     1  done could not be reached
├── DeploymentError          1  the stacks' outputs are missing, incomplete or too new
├── CredentialsError         1  no usable credentials, wrong account, or not allowed
├── CallError                1  a service or the API answered with an error
├── ControlsError            1  the routing controls could not be read or changed
│   └── RefusedError         1  a change that would leave no region with traffic, or that nobody confirmed
├── InterruptedByOperator    1  Ctrl-C or a termination signal; what was moved has been put back
└── MisuseError              2  the command line itself is wrong
"""


class OpsError(Exception):
    """A failure that the operator can read: what was wrong, the value seen, why, and what to do."""

    exit_code = 1


class DeploymentError(OpsError):
    """The deployment's outputs cannot be used."""


class CredentialsError(OpsError):
    """The caller has no credentials, the wrong account's, or no permission."""


class CallError(OpsError):
    """A call to AWS or to the order API failed."""


class ControlsError(OpsError):
    """The routing controls could not be read or changed; the message says what is known of their states."""


class RefusedError(ControlsError):
    """The change was not tried, because it would do harm or was not confirmed."""


class InterruptedByOperator(OpsError):  # noqa: N818 - an event, not an error of ours
    """Ctrl-C or a termination signal arrived."""


class MisuseError(OpsError):
    """The command line asks for something that does not exist or contradicts itself."""

    exit_code = 2
