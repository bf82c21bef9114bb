"""AWS's errors as one line that says what to do."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound

from ops.aws_errors import explained
from ops.errors import CallError, CredentialsError, OpsError


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "said AWS"}}, "GetAccount")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (NoCredentialsError(), CredentialsError, "no AWS credentials were found.*Sign in"),
        (ProfileNotFound(profile="gone"), CredentialsError, "gone.*Sign in"),
        (client_error("AccessDeniedException"), CredentialsError, "access denied to GetAccount"),
        (client_error("ExpiredToken"), CredentialsError, "not valid.*Sign in"),
        (client_error("ThrottlingException"), CallError, "ThrottlingException: said AWS"),
        (EndpointConnectionError(endpoint_url="https://x.test"), CallError, "https://x.test"),
    ],
)
def test_an_error_says_what_was_tried_and_what_to_do(
    error: Exception, kind: type[OpsError], words: str
) -> None:
    with pytest.raises(kind, match=f"(?s)Could not look: .*{words}"), explained("look"):
        raise error


def test_other_errors_pass_through() -> None:
    with pytest.raises(KeyError), explained("look"):
        raise KeyError("bug")
