"""AWS's errors in one line that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    UnauthorizedSSOTokenError,
)

from ops.errors import CallError, CredentialsError, OpsError

# AuthorizationError is SNS's word.
DENIED_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)
STALE_CODES = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    }
)
# DynamoDB's word for an item that is not as a write's condition wants it.
CONDITION_FAILED = "ConditionalCheckFailedException"
SIGN_IN = "Sign in (aws sso login, or set AWS_PROFILE) and try again."


CREDENTIALS_ERRORS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    UnauthorizedSSOTokenError,
)


def is_about_credentials(error: ClientError | BotoCoreError) -> bool:
    """Could no request be signed at all?"""
    return isinstance(error, CREDENTIALS_ERRORS)


@contextmanager
def explained(purpose: str) -> Iterator[None]:
    """Inside, botocore's errors become an OpsError; `purpose` finishes the sentence "Could not ..."."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise explain(error, purpose) from error


def explain(error: ClientError | BotoCoreError, purpose: str) -> OpsError:
    """The error as one sentence, of the class that fits."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return CredentialsError(f"Could not {purpose}: no AWS credentials were found. {SIGN_IN}")
    if is_about_credentials(error):
        return CredentialsError(f"Could not {purpose}: {error}. {SIGN_IN}")
    if not isinstance(error, ClientError):
        return CallError(f"Could not {purpose}: {error}")
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code in DENIED_CODES:
        return CredentialsError(
            f"Could not {purpose}: access denied to {error.operation_name}. Use a role that may do this. "
            f"{message}"
        )
    if code in STALE_CODES:
        return CredentialsError(f"Could not {purpose}: the credentials are not valid ({code}). {SIGN_IN}")
    return CallError(f"Could not {purpose}: {code}: {message}")
