"""API Gateway's REST APIs: imported from OpenAPI, deployed as snapshots, served in their own region.

access_log.py          a stage's access log: one line a call, in the format the stage names
addresses.py           which API and stage a request means: by the API's own address
answers.py             what API Gateway answers a caller with: headers in any case
authorization.py       who may call a method: AWS_IAM with SigV4 or SigV4a, and the API's resource policy
call.py                one call of a deployed API, and the `$context` variables that it has
control.py             API Gateway's control plane: what the emulator lacks or does in another way
data_plane.py          calls of deployed APIs, from the request to the answer
definition.py          an API as an imported document defines it
domains.py             Regional custom domain names and their base path mappings
errors.py              how API Gateway's control plane refuses, and what the twin's does not have
gateway_responses.py   the answers that API Gateway makes by itself (Developer Guide, "Gateway responses")
importing.py           ImportRestApi and PutRestApi: a definition becomes an API
integration_reader.py  read one `x-amazon-apigateway-integration`: what it says
mock_integration.py    Mock integrations: a request template chooses the status
openapi.py             read an OpenAPI 3.0 document with API Gateway's extensions
proxy_integration.py   Lambda proxy integrations: the event a function gets, and what becomes of its answer
routing.py             which resource and method of a deployed API serves a request (API Gateway Developer
snapshots.py           what a deployment froze: the only thing that a stage serves
stages.py              Deployments and stages: what CreateDeployment freezes, and what a stage may be set to
store.py               the emulator's API Gateway state, as far as the twin reads and writes it
throttling.py          Method throttling of a stage: a token bucket a method (Developer Guide
validation.py          Request validation by a method's validator: required parameters first
"""

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
