"""API Gateway's REST APIs: imported from OpenAPI, deployed as snapshots, served in their own region."""

from collections.abc import Iterator

from twin.aws.apigateway.call import ApiCall
from twin.aws.apigateway.control import control_plane
from twin.aws.apigateway.data_plane import DataPlane
from twin.aws.apigateway.snapshots import Snapshots
from twin.aws.apigateway.store import MODULE
from twin.aws.cloudwatch import service_metrics
from twin.aws.hooks import HookedName, replace
from twin.aws.lambda_.functions import functions_of
from twin.aws.logs import delivery
from twin.core import Core


def install(core: Core) -> None:
    """Hook the control plane and put the data plane in front of the emulator."""
    snapshots = Snapshots()
    replace(
        HookedName(
            module=MODULE, attribute="handle_request", signature="(method, path, headers, body, query_params)"
        ),
        lambda original: control_plane(original, snapshots),
    )
    plane = DataPlane(snapshots, functions_of(core), _observe, account=core.settings.account_id)
    core.fixups.append(plane.layer)


def _observe(call: ApiCall, log: tuple[str, str] | None) -> None:
    if log is not None:
        delivery.write_access_line(call.api_id, call.stage_name, group=log[0], line=log[1])
    name = str((call.snapshot.api if call.snapshot else {}).get("name", ""))
    metrics: list[tuple[str, float, str]] = [
        ("Count", 1, "Count"),
        ("4XXError", float(400 <= call.status < 500), "Count"),
        ("5XXError", float(call.status >= 500), "Count"),
        ("Latency", call.latency, "Milliseconds"),
    ]
    if call.integration_latency is not None:
        metrics.append(("IntegrationLatency", call.integration_latency, "Milliseconds"))
    for dimensions in _dimension_sets(call, name):
        for metric, value, unit in metrics:
            service_metrics.record("AWS/ApiGateway", metric, value, unit, dimensions)


def _dimension_sets(call: ApiCall, name: str) -> Iterator[dict[str, str]]:
    """By API, by stage, and where the stage asks for detailed metrics by method too."""
    yield {"ApiName": name}
    yield {"ApiName": name, "Stage": call.stage_name}
    settings = (call.stage.get("methodSettings") or {}).get("*/*") or {}
    if call.route is not None and settings.get("metricsEnabled"):
        of_method = {"Method": call.method, "Resource": call.resource_path}
        yield {"ApiName": name, "Stage": call.stage_name, **of_method}
