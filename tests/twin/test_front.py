"""The layers in front of the emulator, without sockets and without the emulator."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest

from tests.twin.asgi import US_EAST_1, Response, call, request, signed
from twin.app import assemble
from twin.core import Core
from twin.front.allow_list import allow_list_layer
from twin.front.credentials import credentials_layer
from twin.front.data_plane import data_plane_layer, is_in_zone
from twin.front.faults import Fault, FaultTable, faults_layer
from twin.front.outage import outage_layer
from twin.front.protocol import ASGIApp, ConnectionCutError, Layer, ListenerInfo, Receive, Scope, Send
from twin.front.request import Request, answer, request_of
from twin.home import Home
from twin.net.ports import Ports
from twin.settings import Settings

REGIONS = ("us-east-1", "us-west-2", "us-east-2")
WEST = ListenerInfo(region="us-west-2", tls=False, kind="region")
EVERYWHERE = ListenerInfo(region=None, tls=False, kind="global")
ARC = ListenerInfo(region="eu-west-1", tls=True, kind="arc", arc_endpoint=3)
IN_ZONE = is_in_zone("example.com")


async def emulator(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for the emulator: says where the request arrived and under which path."""
    del receive
    seen = {"region": scope["twin"].region, "path": scope["path"], "operation": request_of(scope).operation}
    await answer(send, 200, {}, json.dumps(seen).encode())


def answered(app: ASGIApp, asked: Request, listener: ListenerInfo = US_EAST_1) -> Response:
    return asyncio.run(call(app, asked, listener))


def dynamodb(operation: str = "ListTables", region: str = "us-east-1", key: str = "AKIAEXAMPLE") -> Request:
    headers = {**signed("dynamodb", region, key), "x-amz-target": f"DynamoDB_20120810.{operation}"}
    return request(headers=headers, body=b"{}")


def iam(region: str) -> Request:
    headers = {**signed("iam", region), "content-type": "application/x-www-form-urlencoded"}
    return request(headers=headers, body=b"Action=ListUsers")


CREDENTIALS = credentials_layer(emulator, IN_ZONE)
ALLOWED = allow_list_layer(emulator, IN_ZONE)


def test_a_body_that_is_not_the_signed_one_is_refused_except_by_s3_which_knows_more_forms() -> None:
    claimed = {"x-amz-content-sha256": hashlib.sha256(b"{}").hexdigest()}
    for body, status in ((b"{}", 200), (b'{"Limit": 1}', 400)):
        asked = request(headers={**dynamodb().headers, **claimed}, body=body)
        assert answered(CREDENTIALS, asked).status == status
    streamed = {**signed("s3", "us-east-1"), "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
    assert answered(CREDENTIALS, request("PUT", "/bucket/key", headers=streamed, body=b"x")).status == 200


@pytest.mark.parametrize("key", ["test", "111122223333", "000000000000"])
def test_keys_that_the_emulator_takes_as_root_are_refused_in_json(key: str) -> None:
    found = answered(CREDENTIALS, dynamodb(key=key))
    assert (found.status, found.headers["x-amzn-errortype"]) == (400, "UnrecognizedClientException")


@pytest.mark.parametrize(
    ("service", "form", "status", "code"),
    [
        ("sts", True, 403, "InvalidClientTokenId"),
        ("s3", False, 403, "InvalidAccessKeyId"),
        ("route53", False, 403, "InvalidClientTokenId"),
        ("lambda", False, 403, "UnrecognizedClientException"),
    ],
)
def test_a_root_key_is_refused_in_the_service_s_protocol(
    service: str, form: bool, status: int, code: str
) -> None:
    headers = signed(service, key="test")
    if form:
        headers["content-type"] = "application/x-www-form-urlencoded"
    found = answered(CREDENTIALS, request("GET", "/x", headers=headers))
    assert found.status == status
    assert code.encode() in found.body


@pytest.mark.parametrize(
    "path",
    ["/_ministack/reset", "/_localstack/health", "/_aws/execute-api/a/b", "/restapis/a/b/_user_request_/c"],
)
def test_the_emulator_s_own_paths_are_closed(path: str) -> None:
    found = answered(CREDENTIALS, request("POST", path, headers=signed("s3")))
    assert found.status == 403
    assert b"closed in the twin" in found.body


def test_an_unsigned_call_is_refused() -> None:
    unsigned = request(headers={"x-amz-target": "DynamoDB_20120810.ListTables"}, body=b"{}")
    found = answered(CREDENTIALS, unsigned)
    assert (found.status, json.loads(found.body)["__type"]) == (400, "MissingAuthenticationTokenException")


def test_an_unsigned_query_is_refused_in_xml() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    found = answered(CREDENTIALS, request(headers=headers, body=b"Action=GetCallerIdentity"))
    assert found.status == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in found.body


def test_a_signature_for_another_region_is_refused() -> None:
    found = answered(CREDENTIALS, dynamodb(region="us-east-1"), WEST)
    assert (found.status, json.loads(found.body)) == (
        400,
        {
            "__type": "InvalidSignatureException",
            "message": "Credential should be scoped to a valid region. ",
        },
    )


def test_s3_says_which_region_it_expects() -> None:
    found = answered(CREDENTIALS, request("GET", "/bucket", headers=signed("s3", "us-east-1")), WEST)
    assert found.status == 400
    assert b"<Region>us-west-2</Region>" in found.body
    assert b"the region 'us-east-1' is wrong; expecting 'us-west-2'" in found.body


@pytest.mark.parametrize(
    ("region_set", "passes"),
    [
        ("*", True),
        ("us-west-2", True),
        ("us-east-1,us-west-2", True),
        ("us-west-*", True),
        ("us-east-1", False),
    ],
)
def test_a_sigv4a_signature_is_good_where_its_region_set_covers(region_set: str, passes: bool) -> None:
    scope = "AKIAEXAMPLE/20260101/dynamodb/aws4_request"
    headers = {
        "authorization": f"AWS4-ECDSA-P256-SHA256 Credential={scope}, SignedHeaders=host, Signature=00",
        "x-amz-region-set": region_set,
        "x-amz-target": "DynamoDB_20120810.ListTables",
    }
    assert (answered(CREDENTIALS, request(headers=headers), WEST).status == 200) is passes


def test_iam_is_served_in_us_east_1_alone() -> None:
    assert answered(CREDENTIALS, iam("us-east-1")).status == 200
    for signed_for in ("us-east-1", "us-west-2"):
        found = answered(CREDENTIALS, iam(signed_for), WEST)
        assert found.status == 403
        assert b"<Code>SignatureDoesNotMatch</Code>" in found.body


@pytest.mark.parametrize(
    ("asked", "region"),
    [
        (dynamodb(region="us-west-2"), "us-west-2"),
        (dynamodb(region="us-east-2"), "us-east-2"),
        (iam("us-west-2"), "us-east-1"),
        (request("GET", "/cluster", headers=signed("route53-recovery-control-config")), "us-west-2"),
    ],
)
def test_the_endpoint_for_all_regions_goes_where_aws_s_names_would(asked: Request, region: str) -> None:
    app = outage_layer(CREDENTIALS, REGIONS, lambda _: True)
    found = answered(app, asked, EVERYWHERE)
    assert json.loads(found.body)["region"] == region


def test_a_region_the_twin_lacks_is_no_valid_region() -> None:
    app = outage_layer(CREDENTIALS, REGIONS, lambda _: True)
    found = answered(app, dynamodb(region="eu-west-3"), EVERYWHERE)
    assert json.loads(found.body)["__type"] == "InvalidSignatureException"


def test_a_request_for_a_dead_region_is_cut_at_the_endpoint_for_all() -> None:
    app = outage_layer(emulator, REGIONS, lambda region: region != "us-west-2")
    with pytest.raises(ConnectionCutError):
        answered(app, dynamodb(region="us-west-2"), EVERYWHERE)
    assert answered(app, dynamodb(region="us-east-1"), EVERYWHERE).status == 200


def test_arc_s_endpoints_outlive_the_region_they_are_named_after() -> None:
    app = outage_layer(emulator, REGIONS, lambda _: False)
    assert answered(app, request(headers=signed("route53-recovery-cluster", "eu-west-1")), ARC).status == 200


def test_what_the_twin_has_goes_through_with_its_name() -> None:
    found = answered(ALLOWED, dynamodb("TransactWriteItems"))
    assert json.loads(found.body)["operation"] == "TransactWriteItems"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (dynamodb("ExportTableToPointInTime"), b"not in the twin: dynamodb.ExportTableToPointInTime"),
        (dynamodb("Nonsense"), b"not in the twin: dynamodb.Nonsense"),
        (
            request("PUT", "/bucket", query="logging", headers=signed("s3")),
            b"not in the twin: s3.PutBucketLogging",
        ),
        (
            request("POST", "/", query="Action=ListPlatformApplications", headers=signed("sns")),
            b"not in the twin: sns.ListPlatformApplications",
        ),
        (request("PUT", "/x/y", headers=signed("lambda")), b"not in the twin: lambda (PUT /x/y)"),
        (request("GET", "/a", headers=signed("nonsense")), b"not in the twin: nonsense (GET /a)"),
    ],
)
def test_what_the_twin_lacks_is_refused_by_name(asked: Request, name: bytes) -> None:
    found = answered(ALLOWED, asked)
    assert found.status == 501
    assert name in found.body


def test_arc_s_cluster_api_is_served_at_its_endpoints_alone() -> None:
    headers = {**signed("route53-recovery-cluster"), "x-amz-target": "ToggleCustomerAPI.ListRoutingControls"}
    asked = request(headers=headers, body=b"{}")
    assert (answered(ALLOWED, asked).status, answered(ALLOWED, asked, ARC).status) == (501, 200)
    assert answered(ALLOWED, dynamodb(), ARC).status == 501


@pytest.mark.parametrize("host", ["orders.example.com", "orders.example.com:4603", "EXAMPLE.com"])
def test_calls_of_deployed_apis_need_no_aws_signature_here(host: str) -> None:
    asked = request("GET", "/v1/orders", headers={"host": host})
    assert json.loads(answered(ALLOWED, asked).body)["operation"] == "Invoke"
    assert answered(CREDENTIALS, asked).status == 200


def test_an_api_s_own_host_name_becomes_the_emulator_s_path() -> None:
    app = data_plane_layer(emulator)
    asked = request("GET", "/live/orders", headers={"host": "abc123.execute-api.us-east-1.amazonaws.com"})
    assert json.loads(answered(app, asked).body)["path"] == "/_aws/execute-api/abc123/live/orders"


def test_the_path_style_form_of_an_api_s_url_becomes_the_emulator_s_path() -> None:
    app = data_plane_layer(emulator)
    asked = request("GET", "/_api/abc123/live/orders", headers={"host": "127.0.10.1:4566"})
    assert json.loads(answered(app, asked).body)["path"] == "/_aws/execute-api/abc123/live/orders"


def test_an_api_of_another_region_is_forbidden() -> None:
    asked = request("GET", "/live/orders", headers={"host": "abc123.execute-api.us-west-2.amazonaws.com"})
    assert answered(data_plane_layer(emulator), asked).status == 403


async def no_sleep(seconds: float) -> None:
    slept.append(seconds)


slept: list[float] = []


def faulty(*faults: Fault, chance: float = 0.0, up: bool = True) -> ASGIApp:
    table = FaultTable(lambda: chance)
    for fault in faults:
        table.add(fault)
    return allow_list_layer(faults_layer(emulator, table, lambda _: up, no_sleep), IN_ZONE)


def test_a_throttled_service_answers_its_own_throttling_error() -> None:
    found = answered(faulty(Fault(service="dynamodb", kind="throttled")), dynamodb("PutItem"))
    assert (found.status, json.loads(found.body)["__type"]) == (400, "ThrottlingException")


def test_a_failing_service_answers_its_own_internal_error() -> None:
    found = answered(faulty(Fault(service="dynamodb", kind="failing")), dynamodb("PutItem"))
    assert (found.status, json.loads(found.body)["__type"]) == (500, "InternalServerError")


def test_a_conflicting_transaction_cancels_one_with_a_reason_an_item() -> None:
    asked = dynamodb("TransactWriteItems")
    asked.body = b'{"TransactItems": [{}, {}, {}]}'
    found = answered(faulty(Fault(service="dynamodb", kind="conflicting")), asked)
    document = json.loads(found.body)
    assert (found.status, document["__type"]) == (400, "TransactionCanceledException")
    assert [reason["Code"] for reason in document["CancellationReasons"]] == [
        "TransactionConflict",
        "None",
        "None",
    ]
    assert document["message"].endswith("[TransactionConflict, None, None]")


def test_a_conflicting_transaction_stops_single_writes_and_lets_reads_through() -> None:
    app = faulty(Fault(service="dynamodb", kind="conflicting"))
    assert json.loads(answered(app, dynamodb("PutItem")).body)["__type"] == "TransactionConflictException"
    assert answered(app, dynamodb("GetItem")).status == 200


def test_only_dynamodb_has_conflicting_transactions() -> None:
    with pytest.raises(ValueError, match="conflicting"):
        Fault(service="lambda", kind="conflicting")


def test_a_slow_service_acts_after_the_delay() -> None:
    slept.clear()
    found = answered(faulty(Fault(service="dynamodb", kind="slow", seconds=2.5)), dynamodb("PutItem"))
    assert (found.status, slept) == (200, [2.5])


def test_a_region_that_dies_during_the_delay_answers_nothing() -> None:
    app = faulty(Fault(service="dynamodb", kind="slow", seconds=1.0), up=False)
    with pytest.raises(ConnectionCutError):
        answered(app, dynamodb("PutItem"))


@pytest.mark.parametrize(
    "elsewhere",
    [
        Fault(service="dynamodb", kind="failing", region="us-west-2"),
        Fault(service="dynamodb", kind="failing", operation="PutItem"),
        Fault(service="lambda", kind="failing"),
    ],
)
def test_a_fault_of_another_place_does_not_strike(elsewhere: Fault) -> None:
    assert answered(faulty(elsewhere), dynamodb("GetItem")).status == 200


def test_a_fault_strikes_as_often_as_its_rate_says() -> None:
    sometimes = Fault(service="dynamodb", kind="failing", rate=0.3)
    assert answered(faulty(sometimes, chance=0.29), dynamodb()).status == 500
    assert answered(faulty(sometimes, chance=0.31), dynamodb()).status == 200


def test_a_second_fault_of_one_kind_and_place_replaces_the_first() -> None:
    table = FaultTable()
    table.add(Fault(service="dynamodb", kind="slow", seconds=1.0))
    table.add(Fault(service="dynamodb", kind="slow", seconds=2.0))
    assert [fault.seconds for fault in table.all()] == [2.0]


@pytest.mark.parametrize(
    "wrong", [{"rate": 0.0}, {"rate": 1.5}, {"seconds": -1.0}, {"kind": "slow"}, {"kind": "odd"}]
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"rate|seconds|kind"):
        Fault(**{"service": "dynamodb", "kind": "failing", **wrong})  # type: ignore[arg-type]


# All of them together


def test_a_request_passes_the_layers_in_the_order_in_which_they_are_listed(tmp_path: Path) -> None:
    core = Core(Settings(), Ports(base=15000, regions=REGIONS), Home(tmp_path))
    passed: list[str] = []

    def noting(name: str) -> Layer:
        def layer(app: ASGIApp) -> ASGIApp:
            async def noted(scope: Scope, receive: Receive, send: Send) -> None:
                passed.append(f"{name}, {'named' if request_of(scope).operation else 'not named'}")
                await app(scope, receive, send)

            return noted

        return layer

    core.watchers += [noting("first watcher"), noting("second watcher")]
    core.own_services.append(noting("own service"))
    core.fixups += [noting("outer fixup"), noting("inner fixup")]
    asyncio.run(call(assemble(core, noting("emulator")(emulator)), dynamodb()))
    assert passed == [
        f"{name}, named"
        for name in (
            "first watcher",
            "second watcher",
            "own service",
            "outer fixup",
            "inner fixup",
            "emulator",
        )
    ]
