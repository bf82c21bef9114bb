"""What every answer carries, and when a function is built."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.orders import clients, contract, create, entry, fill, read, settings
from functions.orders.errors import ConfigurationError
from tests.fakes.dynamodb_fake import client_error
from tests.unit.functions.region import Region, event

ROOT = Path(__file__).resolve().parents[3]
ENVIRON = {
    "AWS_REGION": "us-east-1",
    "CONSISTENCY": "eventual",
    "CUSTOMERS_TABLE": "c",
    "PRODUCTS_TABLE": "p",
    "ORDERS_TABLE": "o",
}


def test_every_answer_names_its_region_and_allows_browsers(region: Region) -> None:
    region.db.fail("get_item", client_error("ValidationException"))
    answers = [
        region.read(),
        region.create(),
        region.create("bad id"),
        region.read("none"),
        region.fill(),
        region.health(),
    ]
    assert [answer.status for answer in answers] == [500, 201, 400, 404, 200, 200]
    for answer in answers:
        assert answer.headers[contract.REGION_HEADER] == "us-east-1"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert contract.REGION_HEADER in answer.headers["Access-Control-Expose-Headers"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_error_is_a_problem_body_that_names_the_request(region: Region) -> None:
    answer = region.create("unknown")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no customer unknown. Check customerId.",
        "code": "no-such-customer",
        "requestId": "11111111-2222-3333-4444-555555555555",
    }


def test_a_success_is_json(region: Region) -> None:
    assert region.create().headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("module", [create, read, fill])
def test_importing_a_handler_needs_no_environment(module: Any) -> None:
    assert callable(module.handler)


def test_outside_lambda_a_function_is_built_once_at_its_first_call() -> None:
    built: list[str] = []

    def build() -> entry.Handler:
        built.append("built")
        return lambda event, context: {"event": event}

    handler = entry.entry_point(build)
    assert built == []
    assert [handler(1, None), handler(2, None)] == [{"event": 1}, {"event": 2}]
    assert built == ["built"]


def test_in_lambda_a_function_is_built_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    built: list[str] = []

    def build() -> entry.Handler:
        built.append("built")
        return lambda event, context: {}

    entry.entry_point(build)
    assert built == ["built"]


@pytest.mark.parametrize("function", ["create", "read", "fill"])
def test_a_handler_works_as_lambda_imports_it(function: str) -> None:
    """From the package alone, as in the deployed archive, with a client of its own."""
    code = f"from orders.{function} import handler; print(handler({{}}, None)['statusCode'])"
    environ = {
        **ENVIRON,
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "PYTHONPATH": str(ROOT / "functions"),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "404"


@pytest.mark.parametrize("function", list(contract.HANDLERS))
@pytest.mark.parametrize("empty", [False, True])
def test_a_missing_setting_is_named(function: str, empty: bool) -> None:
    needed = ["AWS_REGION", "CONSISTENCY", *map(contract.table_variable, contract.FUNCTION_TABLES[function])]
    for name in needed:
        environ = {**ENVIRON, name: ""} if empty else {k: v for k, v in ENVIRON.items() if k != name}
        with pytest.raises(ConfigurationError, match=f"^{name} is {'empty' if empty else 'missing'}"):
            settings.load(environ, function)


def test_an_unknown_consistency_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="CONSISTENCY is 'Strong'"):
        settings.load({**ENVIRON, "CONSISTENCY": "Strong"}, contract.READ)


def test_the_client_waits_as_long_as_promised_and_never_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    config: Any = clients.dynamodb("us-west-2").meta.config
    assert (config.connect_timeout, config.read_timeout) == (1.0, 2.0)
    assert config.retries["total_max_attempts"] == 1
    assert config.region_name == "us-west-2"


def test_a_gateway_event_without_multiple_values_is_read(region: Region) -> None:
    region.create()
    only_single = event(
        "GET", "/orders", {"orderId": "01K0ORDER0000000000000000C", "productId": "01K0PRODUCT00000000000000B"}
    )
    only_single["multiValueQueryStringParameters"] = None
    assert region.call(contract.READ, only_single).status == 200


@pytest.mark.parametrize("module", ["create", "read", "fill"])
def test_a_cold_start_logs_nothing_of_its_own(module: str) -> None:
    program = f"import logging; logging.basicConfig(level='INFO'); import functions.orders.{module}"
    in_lambda = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=ENVIRON | in_lambda | keys,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout + run.stderr == ""
