"""The canaries' script, told what the program tells it, against answers of the API and others."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from blueprint import order_service
from blueprint.order_service import canary_items, expected_order
from functions.orders import contract
from functions.orders.order import from_item
from tests.fakes import canary_script
from tests.fakes.canary_script import Log

REGION = "us-west-2"
BASE = "https://abc.execute-api.us-west-2.amazonaws.com/live"
ORDER = from_item(canary_items("us-east-1")[contract.ORDERS]).to_body()


@dataclass
class Api:
    """Answers by path; each is (status, region in the header, body)."""

    answers: dict[str, tuple[int, str, Any]] = field(
        default_factory=lambda: {
            "/health": (200, REGION, {"region": REGION, "status": "ok"}),
            "/orders": (200, REGION, ORDER),
        }
    )
    calls: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        self.calls.append((url, headers))
        status, region, body = self.answers["/" + url.partition("?")[0].rpartition("/")[2]]
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return status, {contract.REGION_HEADER: region} if region else {}, content


@dataclass
class Metrics:
    """CloudWatch in one region; `error` is what a call raises."""

    error: Exception | None = None
    put: list[Mapping[str, Any]] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)

    def client(self, service: str, *, region_name: str, config: object) -> "Metrics":
        assert service == "cloudwatch"
        self.regions.append(region_name)
        return self

    def put_metric_data(self, **arguments: Any) -> None:
        if self.error is not None:
            raise self.error
        self.put.append(arguments)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Log]:
    told(monkeypatch, order_service.canary_check(BASE, signing_region=REGION, regions=[REGION]))
    return canary_script.load(monkeypatch)


@pytest.fixture
def script(loaded: tuple[Any, Log]) -> Any:
    return loaded[0]


@pytest.fixture
def log(loaded: tuple[Any, Log]) -> Log:
    return loaded[1]


@pytest.fixture
def api(script: Any, monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api()
    monkeypatch.setattr(script, "_call", made)
    return made


@pytest.fixture
def metrics(script: Any, monkeypatch: pytest.MonkeyPatch) -> Metrics:
    made = Metrics()
    monkeypatch.setattr(script._session, "client", made.client)
    told(monkeypatch, order_service.canary_result_metric(REGION, "us-east-2"))
    return made


def told(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_a_healthy_region_with_the_canaries_order_passes(script: Any, api: Api) -> None:
    assert REGION in script.handler(None, None)
    assert [url for url, _ in api.calls] == [
        f"{BASE}/health",
        f"{BASE}/orders?orderId=0000000000CANARY0000000003&productId=0000000000CANARY0000000002",
    ]


def test_the_program_expects_what_the_functions_answer_for_its_items() -> None:
    assert expected_order().items() <= ORDER.items()
    items = canary_items("us-east-1")
    assert items[contract.PRODUCTS][contract.ORDER_ID] == items[contract.ORDERS][contract.ORDER_ID]
    for table, key in contract.TABLE_KEYS.items():
        assert contract.is_valid_id(items[table][key]["S"])
        assert items[table][contract.SYNTHETIC_ATTRIBUTE] == {"BOOL": True}


def test_a_regions_call_is_signed_for_that_region(script: Any, api: Api) -> None:
    script.handler(None, None)
    for _, headers in api.calls:
        assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        assert f"/{REGION}/execute-api/aws4_request" in headers["Authorization"]


def test_a_call_of_the_name_is_signed_for_all_regions_and_any_of_them_may_answer(
    script: Any, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(
        monkeypatch,
        order_service.canary_check(
            "https://orders.example.com/v1", signing_region="*", regions=["us-east-1", REGION]
        ),
    )
    script.handler(None, None)
    for _, headers in api.calls:
        assert headers["Authorization"].startswith("AWS4-ECDSA-P256-SHA256 ")
        assert headers["X-Amz-Region-Set"] == "*"


@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        ("/health", (503, REGION, {"title": "unhealthy"}), "answered 503"),
        ("/health", (200, REGION, {"region": REGION, "status": "degraded"}), "'status': 'degraded'"),
        ("/health", (200, "us-east-1", {"region": REGION, "status": "ok"}), "answered by 'us-east-1'"),
        ("/health", (200, "", {"region": REGION, "status": "ok"}), "answered by ''"),
        ("/health", (200, REGION, {"region": "us-east-1", "status": "ok"}), "'region': 'us-east-1'"),
        ("/orders", (403, REGION, {"message": "Forbidden"}), "answered 403"),
        ("/orders", (200, REGION, {**ORDER, "CustomerId": "somebody"}), "'CustomerId': 'somebody'"),
        ("/orders", (200, REGION, {**ORDER, "OrderTotal": 1}), "'OrderTotal': 1"),
        ("/orders", (200, REGION, {}), "'OrderId': None"),
        ("/orders", (200, REGION, b"<html>"), "no JSON"),
        ("/orders", (200, REGION, []), "no JSON object"),
    ],
)
def test_another_answer_than_the_right_one_fails_with_what_was_wrong(
    script: Any, api: Api, path: str, answer: tuple[int, str, Any], reason: str
) -> None:
    api.answers[path] = answer
    with pytest.raises(script.CheckFailed, match=reason):
        script.handler(None, None)


def test_no_answer_at_all_fails_with_the_address(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told(
        monkeypatch, order_service.canary_check("http://127.0.0.1:1", signing_region=REGION, regions=[REGION])
    )
    with pytest.raises(script.CheckFailed, match=r"127\.0\.0\.1:1/health was not answered: .*refused"):
        script.handler(None, None)


def test_the_result_is_put_as_a_metric_into_the_observer_region(
    script: Any, api: Api, metrics: Metrics
) -> None:
    script.handler(None, None)
    assert metrics.regions == ["us-east-2"]
    assert metrics.put == [
        {
            "Namespace": contract.METRICS_NAMESPACE,
            "MetricData": [
                {
                    "MetricName": contract.REGION_CHECK,
                    "Dimensions": [{"Name": contract.REGION_DIMENSION, "Value": REGION}],
                    "Value": 1.0,
                }
            ],
        }
    ]


def test_a_failed_check_is_put_as_a_zero_and_still_fails(script: Any, api: Api, metrics: Metrics) -> None:
    api.answers["/health"] = (503, REGION, {})
    with pytest.raises(script.CheckFailed):
        script.handler(None, None)
    assert [data["MetricData"][0]["Value"] for data in metrics.put] == [0.0]


def test_a_metric_that_cannot_be_put_is_logged_and_changes_no_verdict(
    script: Any, api: Api, metrics: Metrics, log: Log
) -> None:
    metrics.error = ConnectionError("us-east-2 is gone")
    assert script.handler(None, None)
    assert log.errors == ["The result was not put as a metric: ConnectionError: us-east-2 is gone"]
    api.answers["/health"] = (503, REGION, {})
    with pytest.raises(script.CheckFailed):
        script.handler(None, None)


def test_each_call_is_logged_with_its_status_and_region(script: Any, api: Api, log: Log) -> None:
    script.handler(None, None)
    assert [line.split(":")[0] for line in log.infos] == ["GET https"] * 2
    assert all(f"200 from {REGION}" in line for line in log.infos)
