"""What both of the load generator's functions have in common: where they send signed requests, and how."""

from collections.abc import Mapping
from typing import Any

import pytest

from functions.load import contract, entry, fill, order
from functions.load.api import CONNECT_SECONDS, OrdersApi
from functions.load.errors import ConfigurationError, InvalidInputError
from functions.load.settings import load
from functions.load.signing import Signer
from tests.fakes.orders_api_fake import FakeOrdersApi

ENVIRONMENT = {
    "DOMAIN_NAME": "orders.example.com",
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_SESSION_TOKEN": "session",
}


def handler() -> entry.Handler:
    def work(given: Mapping[str, Any], _api: entry.Api) -> dict[str, Any]:
        return {"done": given["count"]}

    return entry.build(work, ENVIRONMENT, read_seconds=1, api=FakeOrdersApi())


@pytest.mark.parametrize(
    "url",
    [
        "orders.example.com",
        "ORDERS.example.com",
        "https://orders.example.com",
        "https://orders.example.com/v1",
    ],
)
def test_the_deployments_own_name_is_taken_in_each_way_it_is_written(url: str) -> None:
    assert handler()({"url": url, "count": 1}, None) == {"done": 1}


@pytest.mark.parametrize("url", ["evil.example.com", "orders.example.com.evil.org", "", None, 7, "https://"])
def test_signed_requests_go_nowhere_else(url: object) -> None:
    with pytest.raises(InvalidInputError, match=r"orders\.example\.com and nowhere else"):
        handler()({"url": url, "count": 1}, None)


@pytest.mark.parametrize("event", [None, [], "text"])
def test_an_input_that_is_no_object_is_refused(event: object) -> None:
    with pytest.raises(InvalidInputError):
        handler()(event, None)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load({**ENVIRONMENT, name: ""})


def test_settings_never_show_the_credentials() -> None:
    shown = repr(load(ENVIRONMENT))
    assert "session" not in shown
    assert "secret_key" not in shown


def test_a_request_is_signed_for_every_region_with_the_functions_session() -> None:
    headers = Signer(load(ENVIRONMENT)).headers("GET", "orders.example.com", "/v1/orders?orderId=o")
    assert headers["Authorization"].startswith("AWS4-ECDSA-P256-SHA256 ")
    assert headers["X-Amz-Region-Set"] == "*"
    assert headers["X-Amz-Security-Token"] == "session"


def test_a_function_lives_longer_than_its_calls_may_take() -> None:
    from blueprint.load_definition import FUNCTION_SECONDS

    calls = {contract.FILL_FUNCTION: [fill.READ_SECONDS], contract.ORDER_FUNCTION: [order.READ_SECONDS] * 2}
    for function, seconds in calls.items():
        assert sum(CONNECT_SECONDS + read for read in seconds) < FUNCTION_SECONDS[function]


def test_a_name_that_leads_nowhere_is_no_answer() -> None:
    api = OrdersApi("orders.invalid", Signer(load(ENVIRONMENT)), read_seconds=1)
    with pytest.raises(entry.NO_ANSWER):
        api.send("GET", "/orders", {})
