"""What can go wrong while a stack is deployed.

DeployError
├── SettingsError        the stack's configuration or the project's files cannot be used
├── ProgramError         the program itself refused or failed
├── StateError           what is kept about earlier deployments cannot be used
└── ResourceError        one resource could not be created, changed or deleted
    ├── UnknownResourceError      a resource type or a function that the twin has no handler for
    ├── UnknownInputError         an argument that the handler of this type does not know
    └── ProtectedError            a deletion that the program's protection refuses
"""


class DeployError(Exception):
    """A deployment that cannot go on; its text is what the user is told, whole."""


class SettingsError(DeployError):
    """The stack's configuration or the project's files cannot be used."""


class ProgramError(DeployError):
    """The Pulumi program refused its configuration or failed."""


class StateError(DeployError):
    """The record of earlier deployments cannot be used."""


class ResourceError(DeployError):
    """One resource could not be created, changed or deleted."""


class UnknownResourceError(ResourceError):
    """A resource type, or a function, that the twin has no handler for."""


class UnknownInputError(ResourceError):
    """An argument that the handler of this resource type does not know."""


class ProtectedError(ResourceError):
    """A deletion that the program's own protection refuses."""
