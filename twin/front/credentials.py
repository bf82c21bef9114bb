"""The layer that refuses what must not reach the emulator.

Its own paths, keys it takes as root, requests without a signature, and signatures for another region.
"""

import hashlib
import re
from collections.abc import Callable

from twin.front.aws_errors import AwsError, render, unknown_key, unsigned, wrong_payload, wrong_region
from twin.front.data_plane import is_data_plane
from twin.front.identify import protocol_of, services_signed_as
from twin.front.protocol import ASGIApp, ListenerInfo, Receive, Scope, Send
from twin.front.request import Request, answer, listener_of, request_of
from twin.front.signature import Claim
from twin.settings import HOME_REGIONS

# The emulator's administration (a reset is one of them) and its other ways to reach an API.
_CLOSED_PATHS = re.compile(
    r"^/(_ministack|_localstack|_aws|_alb|_user_request_)(/|$)|^/restapis/.*/_user_request_(/|$)"
)
_ACCOUNT_ID = re.compile(r"^\d{12}$")


def is_root_equivalent(access_key: str) -> bool:
    """Keys the emulator would serve as the account's root without checking a signature."""
    return access_key == "test" or bool(_ACCOUNT_ID.match(access_key))


def credentials_layer(app: ASGIApp, domain_of: Callable[[str], bool]) -> ASGIApp:
    """Refuse, in the service's own protocol, what AWS would refuse before looking at the signature's value.

    The signature itself, and for calls of deployed APIs the key and region too, are checked where the call is
    authorised, so that API Gateway's error bodies apply. `domain_of(host)` says whether APIs are
    called by a host name.
    """

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        request, listener = request_of(scope), listener_of(scope)
        refusal = _refusal(request, listener, domain_of)
        if refusal is None:
            await app(scope, receive, send)
            return
        service, protocol, error = refusal
        status, headers, body = render(service, protocol, error)
        if service == "s3" and error.code == "AuthorizationHeaderMalformed":
            headers["x-amz-bucket-region"] = listener.region or ""
            body = body.replace(b"<RequestId>", f"<Region>{listener.region}</Region><RequestId>".encode())
        await answer(send, status, headers, body)

    return layer


def _refusal(
    request: Request, listener: ListenerInfo, domain_of: Callable[[str], bool]
) -> tuple[str, str, AwsError] | None:
    if _CLOSED_PATHS.match(request.path):
        error = AwsError(
            code="AccessDeniedException", message="not a path of AWS: closed in the twin", status=403
        )
        return "twin", "rest-json", error
    if is_data_plane(request, domain_of):
        return None
    services = services_signed_as(request.claim.service) if request.claim else ()
    service, protocol = protocol_of(request, services)
    if request.claim is None:
        return service, protocol, unsigned(service, protocol)
    if is_root_equivalent(request.claim.access_key):
        return service, protocol, unknown_key(service, protocol)
    if not _is_for_here(request.claim, listener):
        signed = request.claim.region or ",".join(request.claim.regions)
        return service, protocol, wrong_region(service, protocol, signed, listener.region or "")
    if service != "s3" and _is_about_another_body(request):
        return service, protocol, wrong_payload(protocol)
    return None


def _is_about_another_body(request: Request) -> bool:
    """Services hash the body themselves; the emulator takes the header's word. S3 checks its own."""
    claimed = request.headers.get("x-amz-content-sha256")
    return claimed is not None and claimed != hashlib.sha256(request.body).hexdigest()


def _is_for_here(claim: Claim, listener: ListenerInfo) -> bool:
    here, home = listener.region or "", HOME_REGIONS.get(claim.service)
    if home is None:
        return claim.covers(here)
    # SDKs sign for their own region when a global service's endpoint is overridden: at the endpoint for all
    # regions that is no mistake. A region's own listener has the service only where it lives.
    return listener.kind == "global" or (home == here and claim.covers(here))
