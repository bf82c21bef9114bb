"""One message for a resource that failed: which, what AWS said, what to do."""

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, HTTPClientError

from twin.deploy.errors import ProtectedError, ResourceError

T = TypeVar("T")

_NEXT_STEPS = {
    "AccessDenied": "Check the credentials: 'python -m twin env' prints those of the running twin.",
    "NotInTwin": "The twin lacks this operation; 'python -m twin status' says what it has.",
    "Exists": (
        "It is in the twin but not in this stack's state: another stack or a broken-off deployment made it; "
        "remove it, or restart the twin ('python -m twin down', then 'up') and deploy again."
    ),
    "Unreachable": "Is the twin up? 'python -m twin status' says; 'python -m twin up' starts it.",
    "Other": "Correct the program or the configuration and deploy again: what is done already is kept.",
}


def guarded(pulumi_type: str, name: str, act: Callable[[], T], region: str = "") -> T:
    """Runs, and turns what AWS or a handler says into one message that names the resource."""
    try:
        return act()
    except ProtectedError:
        raise
    except (ResourceError, ClientError, BotoCoreError, KeyError, TypeError, ValueError, OSError) as error:
        raise ResourceError(failure(pulumi_type, name, error, region)) from error


def failure(pulumi_type: str, name: str, error: Exception, region: str = "") -> str:
    """`<type> '<name>': <operation> answered <code>: <message> Next: <step>`."""
    what = f"{pulumi_type} {name!r}"
    if isinstance(error, ClientError):
        return f"{what}: {client_error(error)} {_next_step(error)}"
    if isinstance(error, EndpointConnectionError | HTTPClientError):
        silent = f"{region} does not answer. " if region else ""
        return f"{what}: {silent}{_sentence(str(error))} {_NEXT_STEPS['Unreachable']}"
    if isinstance(error, KeyError):
        return f"{what}: the argument or answer lacks {error}. {_NEXT_STEPS['Other']}"
    if isinstance(error, BotoCoreError | ValueError | TypeError | OSError):
        return f"{what}: {_sentence(str(error))} {_NEXT_STEPS['Other']}"
    return f"{what}: {_sentence(str(error))}"


def client_error(error: ClientError) -> str:
    """What AWS answered, in one sentence."""
    details = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    message = _sentence(str(details.get("Message") or "no message"))
    return f"{error.operation_name} answered {details.get('Code', status)} ({status}): {message}"


def _next_step(error: ClientError) -> str:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if status == 501:
        return _NEXT_STEPS["NotInTwin"]
    if "AccessDenied" in code or code in ("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken"):
        return _NEXT_STEPS["AccessDenied"]
    if any(word in code for word in ("AlreadyExists", "AlreadyOwned", "ResourceInUse", "Conflict")):
        return _NEXT_STEPS["Exists"]
    return _NEXT_STEPS["Other"]


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
