"""The data plane of an ARC cluster: reading and switching routing controls at its five endpoints.

Operations, errors and limits are those of AWS's routing control API reference. A cluster's answers are the
consensus of its five regions (ARC developer guide), so with fewer than three endpoints alive it answers
neither reads nor changes: EndpointTemporarilyUnavailableException, and nothing changes.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from twin.aws.arc.state import ArcState, RoutingControl
from twin.aws.own.contract import CallContext, Params, Permission, Result
from twin.aws.own.errors import ServiceError
from twin.aws.own.paging import page

QUORUM = 3
# ARC developer guide, "Quotas for routing control".
CONTROLS_PER_UPDATE = 10
CHANGES_PER_SECOND = 3
# The API reference of ListRoutingControls.
DEFAULT_PAGE = 500

_ON_RESOURCE = frozenset(
    {"GetRoutingControlState", "UpdateRoutingControlState", "UpdateRoutingControlStates"}
)
_CHANGES = frozenset({"UpdateRoutingControlState", "UpdateRoutingControlStates"})


class ArcCluster:
    """The service `route53-recovery-cluster`.

    `endpoints_up` says how many of the five endpoints are alive; `clock` gives seconds.
    """

    botocore_service = "route53-recovery-cluster"

    def __init__(
        self, state: ArcState, *, endpoints_up: Callable[[], int], clock: Callable[[], float]
    ) -> None:
        self._state = state
        self._endpoints_up = endpoints_up
        self._clock = clock
        self._recent_changes: dict[str, deque[float]] = defaultdict(deque)
        self._operations = {
            "GetRoutingControlState": self._get,
            "ListRoutingControls": self._list,
            "UpdateRoutingControlState": self._update_one,
            "UpdateRoutingControlStates": self._update_many,
        }

    def permissions(self, operation: str, params: Params) -> list[Permission]:
        """One permission a routing control; listing has no resource (Service Authorization Reference).

        The condition key AllowSafetyRulesOverrides says whether a change wants to override a safety rule.
        """
        action = f"{self.botocore_service}:{operation}"
        if operation not in _ON_RESOURCE:
            return [Permission(action=action)]
        context = None
        if operation in _CHANGES:
            overrides = "true" if params.get("SafetyRulesToOverride") else "false"
            context = {f"{self.botocore_service}:AllowSafetyRulesOverrides": overrides}
        return [Permission(action=action, resource=arn, context=context) for arn in _arns(params)]

    def call(self, operation: str, params: Params, ctx: CallContext) -> Result:
        """Answer an operation at the endpoint of `ctx.region`."""
        if self._endpoints_up() < QUORUM:
            raise ServiceError(
                "EndpointTemporarilyUnavailableException",
                f"The cluster endpoint is not available: fewer than {QUORUM} of the cluster's 5 endpoints "
                "are alive, so that they cannot agree on a state. Try another cluster endpoint, or later.",
            )
        if operation in _CHANGES:
            self._throttle(ctx.region)
        return self._operations[operation](params)

    def _get(self, params: Params) -> Result:
        control = self._state.control(params["RoutingControlArn"])
        return {
            "RoutingControlArn": control.arn,
            "RoutingControlName": control.name,
            "RoutingControlState": _word(self._state.is_on(control.arn)),
        }

    def _list(self, params: Params) -> Result:
        panel_arn = params.get("ControlPanelArn")
        controls: Iterable[RoutingControl] = self._state.controls.values()
        if panel_arn:
            controls = self._state.controls_of(self._state.panel(panel_arn).arn)
        listed = [self._described(control) for control in controls]
        return page("RoutingControls", listed, params, default=DEFAULT_PAGE)

    def _described(self, control: RoutingControl) -> Result:
        return {
            "ControlPanelArn": control.panel_arn,
            "ControlPanelName": self._state.panel(control.panel_arn).name,
            "RoutingControlArn": control.arn,
            "RoutingControlName": control.name,
            "RoutingControlState": _word(self._state.is_on(control.arn)),
            "Owner": self._state.account_id,
        }

    def _update_one(self, params: Params) -> Result:
        changes = {params["RoutingControlArn"]: params["RoutingControlState"] == "On"}
        self._state.set_states(changes, override=params.get("SafetyRulesToOverride", ()))
        return {}

    def _update_many(self, params: Params) -> Result:
        entries = params["UpdateRoutingControlStateEntries"]
        if len(entries) > CONTROLS_PER_UPDATE:
            raise ServiceError(
                "ServiceLimitExceededException",
                f"At most {CONTROLS_PER_UPDATE} routing control states can be updated in one call.",
                limitCode="RoutingControlsPerUpdate",
                serviceCode=self.botocore_service,
            )
        changes = {entry["RoutingControlArn"]: entry["RoutingControlState"] == "On" for entry in entries}
        if len(changes) < len(entries):
            raise ServiceError("ValidationException", "A routing control is named more than once.")
        self._state.set_states(changes, override=params.get("SafetyRulesToOverride", ()))
        return {}

    def _throttle(self, endpoint: str) -> None:
        recent, now = self._recent_changes[endpoint], self._clock()
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= CHANGES_PER_SECOND:
            raise ServiceError(
                "ThrottlingException",
                f"More than {CHANGES_PER_SECOND} changes a second at one cluster endpoint.",
                retryAfterSeconds=1,
            )
        recent.append(now)


def _arns(params: Params) -> list[str]:
    if "RoutingControlArn" in params:
        return [params["RoutingControlArn"]]
    return [entry["RoutingControlArn"] for entry in params.get("UpdateRoutingControlStateEntries", ())]


def _word(state: bool) -> str:
    return "On" if state else "Off"
