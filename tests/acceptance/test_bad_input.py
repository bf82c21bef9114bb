"""Bad input, each with its status and problem body, and nothing in any answer that callers should not see.

What API Gateway refuses by itself comes as application/json, the only key that it takes for such templates;
what the functions refuse as application/problem+json. Both are problem bodies.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from botocore.credentials import Credentials

from functions.orders import contract
from tests.acceptance.service import EAST, WEST, Answer, Pair, Region, Service

pytestmark = pytest.mark.twin

FROM_FUNCTION, FROM_GATEWAY = contract.PROBLEM_CONTENT_TYPE, "application/json"
LEAKS = re.compile(
    r"arn:|Traceback|File \"|line \d+|\w+(Error|Exception)\b|botocore|boto3|dynamodb|lambda|1111222|/opt/",
    re.IGNORECASE,
)
UNSAFE_IDS = {
    "of 3,000 characters": "x" * 3000,
    "of 65 characters": "x" * 65,
    "with a space": "a b",
    "with a slash": "a/b",
    "with dots": "../../etc/passwd",
    "beginning with a dash": "-a",
    "with a newline": "a\nb",
    "ending in a newline": "a\n",
    "with a null": "a\x00",
    "with quotes": "a' OR '1'='1",
    "with markup": "<script>alert(1)</script>",
    "with an accent": "caf\u00e9",
    "of full-width digits": "\uff10\uff11\uff12",
    "of an emoji": "\U0001f600",
}
WRONG_TYPES = {"number": "7", "true": "true", "null": "null", "list": '["a"]', "object": '{"S": "a"}'}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A bad request and its answer; `{customer}`, `{product}` and `{order}` stand for ids that are good."""

    name: str
    method: str = "POST"
    path: str = contract.ORDERS_PATH
    query: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = ""
    status: int = 400
    code: str
    content_type: str = FROM_FUNCTION


GOOD = {"customerId": "{customer}", "productId": "{product}", "orderId": "{order}"}
READ = {"orderId": "{order}", "productId": "{product}"}


def without(query: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in query.items() if key != name}


def json_text(members: Mapping[str, str]) -> str:
    """A JSON object of values that are JSON already."""
    return "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"


def create_ids() -> Iterator[Case]:
    for name in GOOD:
        yield Case(name=f"create without {name}", query=without(GOOD, name), code="missing-parameter")
        yield Case(name=f"create with an empty {name}", query={**GOOD, name: ""}, code="malformed-id")
        for what, value in UNSAFE_IDS.items():
            query = {**GOOD, name: value}
            yield Case(name=f"create with a {name} {what}", query=query, code="malformed-id")
        other = json_text({name: '"another"'})
        yield Case(
            name=f"create with two different {name}", query=GOOD, body=other, code="contradictory-parameter"
        )
    yield Case(name="create with nothing", code="missing-parameter")


def create_bodies() -> Iterator[Case]:
    for what, value in WRONG_TYPES.items():
        for name in GOOD:
            query, body = without(GOOD, name), json_text({name: value})
            yield Case(name=f"create with {what} as {name}", query=query, body=body, code="malformed-id")
        if what != "object":
            yield Case(name=f"create with {what} as its body", query=GOOD, body=value, code="malformed-body")
    text = json_text({name: f'"{value}"' for name, value in GOOD.items()})
    yield Case(name="create with half a body", body=text[:-3], code="malformed-body")
    yield Case(
        name="create with a body that is a form", body="customerId=a&productId=b", code="malformed-body"
    )
    yield Case(name="create with a text as its body", query=GOOD, body='"text"', code="malformed-body")
    yield Case(
        name="create with a body that is not UTF-8", query=GOOD, body=b"\xff\xfe{}", code="malformed-body"
    )
    yield Case(name="create with deep nesting", query=GOOD, body="[" * 8000, code="malformed-body")
    yield Case(name="create with a large body", query=GOOD, body=" {" * 9000, code="body-too-large")
    yield Case(name="create with an odd flag", query={**GOOD, "synthetic": "maybe"}, code="malformed-flag")
    flagged = json_text({"synthetic": '"true"'})
    yield Case(name="create with a text as its flag", query=GOOD, body=flagged, code="malformed-flag")


def unknown_things() -> Iterator[Case]:
    strange = {"customerId": "no-such-customer", "productId": "no-such-product"}
    yield Case(
        name="create for an unknown customer",
        query={**GOOD, "customerId": "nobody"},
        status=404,
        code="no-such-customer",
    )
    yield Case(
        name="create of an unknown product",
        query={**GOOD, "productId": "nothing"},
        status=404,
        code="no-such-product",
    )
    yield Case(
        name="create of unknown things", query={**GOOD, **strange}, status=404, code="no-such-customer"
    )
    yield Case(name="read of an unknown order", method="GET", query=READ, status=404, code="no-such-order")


def reads() -> Iterator[Case]:
    for name in READ:
        yield Case(
            name=f"read without {name}",
            method="GET",
            query=without(READ, name),
            code="missing-parameter",
            content_type=FROM_GATEWAY,
        )
        for what, value in UNSAFE_IDS.items():
            query = {**READ, name: value}
            yield Case(name=f"read with a {name} {what}", method="GET", query=query, code="malformed-id")


def fills() -> Iterator[Case]:
    counts = ("-5", "abc", "100000", "1001", "1.5", "1e2", " 5", "+5", "1_0", "\uff15", "9" * 3000, "")
    for name in ("cust", "product", "order"):
        for value in counts:
            yield Case(
                name=f"fill with {name}={value[:12]!r}",
                path=contract.FILL_PATH,
                query={name: value},
                code="malformed-count",
            )


def wrong_routes() -> Iterator[Case]:
    calls = (
        *(
            ("PUT", "/orders"),
            ("DELETE", "/orders"),
            ("PATCH", "/orders"),
            ("GET", "/fill"),
            ("POST", "/health"),
        ),
        *(("GET", "/"), ("GET", "/orders/1"), ("POST", "/order"), ("GET", "/..%2f..%2fetc%2fpasswd")),
    )
    for method, path in calls:
        yield Case(
            name=f"{method} {path}",
            method=method,
            path=path,
            status=403,
            code="not-signed-or-no-such-route",
            content_type=FROM_GATEWAY,
        )


CASES = [*create_ids(), *create_bodies(), *unknown_things(), *reads(), *fills(), *wrong_routes()]


@pytest.fixture(scope="module")
def good(eventual_session: Service) -> Iterator[Pair]:
    """A customer and a product that nothing in here may sell."""
    pair = eventual_session.pair()
    yield pair
    for region in eventual_session.regions.values():
        assert not region.sold(pair.product), "a refused request sold the product"
        assert region.stored(contract.ORDERS, ORDER) is None, "a refused request stored the order"


ORDER = "the-order-that-is-never-made"


def assert_problem(service: Service, answer: Answer, region: Region, case: Case) -> None:
    said = answer.body.decode()
    assert answer.status == case.status, said
    assert answer.headers["content-type"] == case.content_type
    assert answer.region == region.name
    problem: dict[str, Any] = answer.json
    assert problem["code"] == case.code, said
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    assert problem["requestId"]
    assert problem.get("status", case.status) == case.status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert_no_leak(service, answer)


def assert_no_leak(service: Service, answer: Answer) -> None:
    # The kind of error in x-amzn-errortype is API Gateway's own, for AWS's SDKs.
    shown = [f"{name}: {value}" for name, value in answer.headers.items() if name != "x-amzn-errortype"]
    text = "\n".join([*shown, answer.body.decode()])
    found = LEAKS.search(text)
    assert found is None, f"{found.group()!r} in {text}"
    assert [name for name in service.table_names if name in text] == []
    assert len(answer.body) < 1000, "an answer does not repeat a long value"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_refused_with_a_problem(eventual_session: Service, good: Pair, case: Case) -> None:
    known = {"{customer}": good.customer, "{product}": good.product, "{order}": ORDER}
    query = "&".join(
        f"{name}={quote(known.get(value, value), safe='')}" for name, value in case.query.items()
    )
    body = case.body if isinstance(case.body, bytes) else case.body.encode()
    for placeholder, value in known.items():
        body = body.replace(placeholder.encode(), value.encode())
    region = eventual_session.regions[EAST if len(case.name) % 2 else WEST]
    headers = {"Content-Type": "application/json"} if body else {}

    answer = region.call(case.method, case.path, query, body=body, headers=headers)

    assert_problem(eventual_session, answer, region, case)


def test_an_order_is_not_read_by_another_product(eventual: Service) -> None:
    sale, other = (pair.wish() for pair in eventual.stock(2))
    assert eventual.east.order(sale).status == 201
    query = {"orderId": sale.order, "productId": other.product}
    answer = eventual.east.call("GET", contract.ORDERS_PATH, query)
    case = Case(name="", status=404, code="no-such-order")
    assert_problem(eventual, answer, eventual.east, case)


def test_a_sold_product_is_refused(eventual: Service) -> None:
    pair = eventual.pair()
    assert eventual.east.order(pair.wish()).status == 201
    answer = eventual.east.order(pair.wish())
    assert_problem(eventual, answer, eventual.east, Case(name="", status=409, code="product-sold"))


def test_an_error_of_the_database_is_not_passed_on(eventual: Service, good: Pair) -> None:
    eventual.twin.fault("dynamodb", "failing", region=EAST)
    wish = good.wish(ORDER)
    for answer in (eventual.east.order(wish), eventual.east.read(wish)):
        assert_problem(eventual, answer, eventual.east, Case(name="", status=503, code="unavailable"))


FORGERIES: Mapping[str, dict[str, str]] = {
    "with another secret": {"credentials": "another secret"},
    "with an unknown key": {"credentials": "unknown key"},
    "for another region": {"region": "eu-central-1"},
    "for the other region": {"region": WEST},
    "for another service": {"service": "dynamodb"},
}


@pytest.mark.parametrize("path", [contract.ORDERS_PATH, contract.HEALTH_PATH])
def test_an_unsigned_request_is_refused(eventual: Service, path: str) -> None:
    east = eventual.east
    answer = east.send("GET", east.target(path, {"orderId": "a", "productId": "b"}), {})
    case = Case(name="", status=403, code="not-signed-or-no-such-route", content_type=FROM_GATEWAY)
    assert_problem(eventual, answer, east, case)


@pytest.mark.parametrize("how", FORGERIES)
def test_a_wrongly_signed_request_is_refused(eventual: Service, good: Pair, how: str) -> None:
    east, given = eventual.east, FORGERIES[how]
    keys = {
        "another secret": Credentials(east.credentials.access_key, "another" * 6),
        "unknown key": Credentials("AKIAUNKNOWN000000000", east.credentials.secret_key),
    }
    target = east.target(contract.ORDERS_PATH, good.wish(ORDER).query)
    headers = east.signed(
        "POST",
        target,
        credentials=keys.get(given.get("credentials", "")),
        region=given.get("region"),
        service=given.get("service", "execute-api"),
    )
    answer = east.send("POST", target, headers)
    assert_forgery_refused(eventual, answer)


def test_a_request_that_was_changed_after_it_was_signed_is_refused(eventual: Service, good: Pair) -> None:
    east = eventual.east
    signed_for = east.target(contract.ORDERS_PATH, good.wish("another-order").query)
    sent = east.target(contract.ORDERS_PATH, good.wish(ORDER).query)
    assert_forgery_refused(eventual, east.send("POST", sent, east.signed("POST", signed_for)))
    plain = east.target(contract.ORDERS_PATH)
    body = json_text({name: f'"{value}"' for name, value in good.wish(ORDER).query.items()}).encode()
    assert_forgery_refused(eventual, east.send("POST", plain, east.signed("POST", plain, b"{}"), body))
    assert_forgery_refused(eventual, east.send("GET", sent, east.signed("POST", sent)))


def test_a_header_that_is_no_signature_is_refused(eventual: Service) -> None:
    east = eventual.east
    target = east.target(contract.HEALTH_PATH)
    for text in ("Bearer abc", "AWS4-HMAC-SHA256 Credential=x", "AWS4-HMAC-SHA256"):
        answer = east.send("GET", target, {"Authorization": text})
        assert answer.status == 403
        assert answer.region == east.name
        assert_no_leak(eventual, answer)


def assert_forgery_refused(service: Service, answer: Answer) -> None:
    assert answer.status == 403, answer.body
    assert answer.headers["content-type"] == FROM_GATEWAY
    assert answer.region == EAST
    assert {"type", "title", "detail", "code"} <= answer.json.keys()
    assert_no_leak(service, answer)
