"""The routing controls' data plane: five endpoints of one ARC cluster. One is called, three must be at work.

Nothing else is called here: no describe call, no control plane, no DNS. Endpoints are tried in random order,
the next one after an error or after two seconds (ARC's advice: keep the endpoints at hand and try each).
They agree on a state by a quorum of the five; AWS promises that three can always be reached (ARC developer
guide, "AWS Region availability for routing control", "Getting and updating routing control states").
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Protocol, cast

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    SSLError,
)

from ops.aws_errors import explain, is_about_credentials
from ops.errors import ControlsError

# After so many seconds without an answer the next endpoint is asked.
ENDPOINT_DEADLINE = 2.0
# Answers that every endpoint would give: the request is wrong, not the endpoint.
FINAL_CODES = frozenset(
    {
        "AccessDeniedException",
        "ResourceNotFoundException",
        "ServiceLimitExceededException",
        "ValidationException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "ExpiredTokenException",
    }
)
# "There was a conflict with this request. Try again": a safety rule said no, for now or for good.
CONFLICT_CODE = "ConflictException"
# Raised before a request is on its way: after any other missing answer the endpoint may have done it.
NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError, SSLError)
# Answers by which an endpoint says that it did nothing (Recovery Cluster API): any other may follow a change.
UNDONE_CODES = frozenset({"EndpointTemporarilyUnavailableException", "ThrottlingException"})


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One endpoint of the cluster and the region that it is in."""

    region: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A control panel as one endpoint sees it: its name, and each control's state by ARN."""

    name: str
    states: Mapping[str, bool]


class RuleConflictError(ControlsError):
    """A safety rule refused the change; within its wait period that passes by itself."""


class UncertainError(ControlsError):
    """An endpoint may have made the change although none confirmed it: read the states again.

    `refusal` is what a later endpoint answered, where one refused to make the change (again).
    """

    def __init__(self, message: str, refusal: ControlsError | None = None) -> None:
        super().__init__(message)
        self.refusal = refusal


class ClusterClient(Protocol):
    """The part of boto3's route53-recovery-cluster client that is used."""

    def list_routing_controls(self, **kwargs: Any) -> Mapping[str, Any]: ...

    def update_routing_control_states(self, **kwargs: Any) -> Mapping[str, Any]: ...


class ClusterEndpoints:
    """Read and change routing control states through whichever endpoint answers.

    `connect` makes a client for an endpoint; `deadline` is in seconds.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        connect: Callable[[Endpoint], ClusterClient],
        *,
        random: Random | None = None,
        deadline: float = ENDPOINT_DEADLINE,
    ) -> None:
        if not endpoints:
            raise ControlsError("The deployment names no cluster endpoint; deploy the primary stack again.")
        self._endpoints = tuple(endpoints)
        self._connect = connect
        self._random = random or Random()
        self._deadline = deadline
        self._clients: dict[str, ClusterClient] = {}
        self._silent: set[str] = set()

    def read(self, panel_arn: str) -> Panel:
        """The states of all controls of a panel; ControlsError when no endpoint answers."""

        return cast(
            Panel,
            self._first_answer("read the routing controls", lambda client: list_panel(client, panel_arn)),
        )

    def write(self, changes: Mapping[str, bool], *, override: Sequence[str] = ()) -> None:
        """Set every control of `changes` (ARN -> On) in one call, `override` being safety rules to pass over.

        RuleConflictError when a safety rule refuses; UncertainError when no endpoint accepted and one of
        them may have made the change all the same; ControlsError when nothing was changed.
        """
        entries = [
            {"RoutingControlArn": arn, "RoutingControlState": "On" if on else "Off"}
            for arn, on in sorted(changes.items())
        ]
        extra = {"SafetyRulesToOverride": list(override)} if override else {}
        self._first_answer(
            "change the routing controls",
            lambda client: client.update_routing_control_states(
                UpdateRoutingControlStateEntries=entries, **extra
            ),
            changes=True,
        )

    def _first_answer(
        self, purpose: str, call: Callable[[ClusterClient], Any], *, changes: bool = False
    ) -> Any:
        failures: list[_Failure] = []
        for endpoint in self._order():
            try:
                return within(self._deadline, partial(call, self._client(endpoint)))
            except (ClientError, TimeoutError, BotoCoreError) as error:
                failures.append(self._failure(endpoint, error, purpose))
                self._silent.add(endpoint.url)
            if failures[-1].refusal is not None:
                break
        refusal = failures[-1].refusal
        if changes and any(failure.may_have_done_it for failure in failures):
            raise UncertainError(f"No cluster endpoint confirmed the change ({_said(failures)}).", refusal)
        raise refusal or ControlsError(
            f"Could not {purpose}: none of the {len(failures)} cluster endpoints did it ({_said(failures)})."
            f"{' Nothing was changed.' if changes else ''} The cluster needs three of its five endpoints; try"
            " again, it is safe to repeat. If it stays so: docs/runbooks/arc-does-not-answer.md"
        )

    def _order(self) -> list[Endpoint]:
        """At random, those that failed before last: they may cost the whole deadline again."""
        order = list(self._endpoints)
        self._random.shuffle(order)
        return sorted(order, key=lambda endpoint: endpoint.url in self._silent)

    def _failure(self, endpoint: Endpoint, error: Exception, purpose: str) -> "_Failure":
        if isinstance(error, ClientError):
            return _refused(endpoint, error, purpose)
        if isinstance(error, TimeoutError):
            return _Failure(f"{endpoint.region}: no answer in {self._deadline:g} s", may_have_done_it=True)
        if isinstance(error, BotoCoreError) and is_about_credentials(error):
            raise explain(error, purpose) from error
        sent = not isinstance(error, NEVER_SENT)
        return _Failure(f"{endpoint.region}: {type(error).__name__}", may_have_done_it=sent)

    def _client(self, endpoint: Endpoint) -> ClusterClient:
        if endpoint.url not in self._clients:
            self._clients[endpoint.url] = self._connect(endpoint)
        return self._clients[endpoint.url]


@dataclass(frozen=True)
class _Failure:
    """What came of asking one endpoint: in words, and whether it may have done it all the same.

    A `refusal` is an answer that every endpoint would give.
    """

    said: str
    may_have_done_it: bool
    refusal: ControlsError | None = None


def _refused(endpoint: Endpoint, error: ClientError, purpose: str) -> _Failure:
    code, message = _code(error), error.response["Error"].get("Message", "")
    said = f"{endpoint.region}: {code}"
    refusal: ControlsError | None = None
    if code == CONFLICT_CODE:
        refusal = RuleConflictError(f"A safety rule refuses the change: {message}")
    elif code in FINAL_CODES:
        refusal = ControlsError(f"Could not {purpose}: {code}: {message}")
    return _Failure(said, may_have_done_it=not refusal and code not in UNDONE_CODES, refusal=refusal)


def _said(failures: Sequence[_Failure]) -> str:
    return "; ".join(failure.said for failure in failures)


def list_panel(client: ClusterClient, panel_arn: str) -> Panel:
    """The states of all controls of a panel, through one endpoint."""
    controls: list[Mapping[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = client.list_routing_controls(ControlPanelArn=panel_arn, **token)
        controls += page["RoutingControls"]
        if not page.get("NextToken"):
            return _panel(controls)
        token = {"NextToken": page["NextToken"]}


def within(seconds: float, call: Callable[[], Any]) -> Any:
    """The call's result, or TimeoutError after `seconds`.

    The call runs on in a thread that does not keep the process alive: name resolution and a client's own
    timeouts, one after the other, may take longer than an operator should wait for one endpoint.
    """
    box: dict[str, Any] = {}

    def run() -> None:
        try:
            box["value"] = call()
        except Exception as error:  # noqa: BLE001 - handed to the caller below
            box["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    if "error" in box:
        raise box["error"]
    return box["value"]


def _panel(controls: Sequence[Mapping[str, Any]]) -> Panel:
    return Panel(
        name=controls[0].get("ControlPanelName", "") if controls else "",
        states={c["RoutingControlArn"]: c["RoutingControlState"] == "On" for c in controls},
    )


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "Unknown"))
