"""CloudWatch dashboards: checked as AWS checks them, and the same in every region."""

from collections.abc import Callable, Mapping
from typing import Any

import ministack.services.cloudwatch as emulated
from ministack.core.responses import AccountScopedDict

from twin.aws.cloudwatch.dashboard_rules import problems, refusal
from twin.aws.hooks import HookedName, replace
from twin.core import Core

_MODULE = "ministack.services.cloudwatch"
_HANDLER = "(params, cbor_data, is_cbor, is_json)"
Handler = Callable[..., Any]


def install(core: Core) -> None:
    """Hook what writes dashboards. Their ARN has no region: they are global (CloudWatch User Guide)."""
    del core
    replace(HookedName(module=_MODULE, attribute="_dashboards"), lambda _: AccountScopedDict())
    replace(HookedName(module=_MODULE, attribute="_put_dashboard", signature=_HANDLER), _checking)
    replace(HookedName(module=_MODULE, attribute="_delete_dashboards", signature=_HANDLER), _naming_errors)


def _checking(original: Handler) -> Handler:
    def put_dashboard(
        params: Mapping[str, Any], cbor_data: Mapping[str, Any], is_cbor: bool, is_json: bool = False
    ) -> Any:
        found = problems(str(cbor_data.get("DashboardBody") or ""))
        if found:
            message = refusal(found)
            return emulated._error("InvalidParameterInput", message, 400, use_json=is_json, use_cbor=is_cbor)
        return original(params, cbor_data, is_cbor, is_json)

    return put_dashboard


def _naming_errors(original: Handler) -> Handler:
    """With AWS's code for a dashboard that is not there (botocore, DashboardNotFoundError)."""

    def delete_dashboards(
        params: Mapping[str, Any], cbor_data: Mapping[str, Any], is_cbor: bool, is_json: bool = False
    ) -> Any:
        answer = original(params, cbor_data, is_cbor, is_json)
        if answer[0] != 404:
            return answer
        message = "One or more of the dashboards do not exist"
        return emulated._error("ResourceNotFound", message, 404, use_json=is_json, use_cbor=is_cbor)

    return delete_dashboards
