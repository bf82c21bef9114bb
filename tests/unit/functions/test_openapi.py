"""openapi/orders.yaml: fit for API Gateway's import, and true to the functions."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.orders import contract
from tests.unit.functions.region import Region

FILE = Path(__file__).resolve().parents[3] / "openapi" / "orders.yaml"
SPEC: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
INTEGRATION = "x-amazon-apigateway-integration"
GATEWAY_RESPONSES: dict[str, Any] = SPEC["x-amazon-apigateway-gateway-responses"]
PLACEHOLDERS = {"create_invoke_arn", "read_invoke_arn", "fill_invoke_arn", "region", "api_name"}
# ResponseType in the service model of API Gateway.
RESPONSE_TYPES = {
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "RESOURCE_NOT_FOUND",
    "UNAUTHORIZED",
    "INVALID_API_KEY",
    "ACCESS_DENIED",
    "AUTHORIZER_FAILURE",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "INVALID_SIGNATURE",
    "EXPIRED_TOKEN",
    "MISSING_AUTHENTICATION_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "API_CONFIGURATION_ERROR",
    "UNSUPPORTED_MEDIA_TYPE",
    "BAD_REQUEST_PARAMETERS",
    "BAD_REQUEST_BODY",
    "REQUEST_TOO_LARGE",
    "THROTTLED",
    "QUOTA_EXCEEDED",
    "WAF_FILTERED",
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in SPEC["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from texts(key)
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    elif isinstance(node, str):
        yield node


def test_it_is_the_version_that_api_gateway_imports() -> None:
    assert SPEC["openapi"] == "3.0.1"


def test_it_has_exactly_the_agreed_placeholders() -> None:
    found = {name for text in texts(SPEC) for name in re.findall(r"\$\{(\w+)\}", text)}
    assert found == PLACEHOLDERS


def test_its_routes_are_those_of_the_functions() -> None:
    routes = {(path, method) for path, method, _ in operations() if method != "options"}
    assert routes == {
        (contract.ORDERS_PATH, "post"),
        (contract.ORDERS_PATH, "get"),
        (contract.FILL_PATH, "post"),
        (contract.HEALTH_PATH, "get"),
    }


@pytest.mark.parametrize(("path", "method", "operation"), list(operations()))
def test_every_call_but_options_is_signed(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation.get("security") == (None if method == "options" else [{"sigv4": []}]), (path, method)


def test_the_signature_is_awss() -> None:
    assert SPEC["components"]["securitySchemes"] == {
        "sigv4": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "awsSigv4",
        }
    }


@pytest.mark.parametrize(
    ("path", "method", "arn"),
    [
        ("/orders", "post", "${create_invoke_arn}"),
        ("/orders", "get", "${read_invoke_arn}"),
        ("/health", "get", "${read_invoke_arn}"),
        ("/fill", "post", "${fill_invoke_arn}"),
    ],
)
def test_a_call_goes_to_its_function(path: str, method: str, arn: str) -> None:
    integration = SPEC["paths"][path][method][INTEGRATION]
    assert (integration["type"], integration["httpMethod"], integration["uri"]) == ("aws_proxy", "POST", arn)
    assert 8000 < integration["timeoutInMillis"] <= 29000


@pytest.mark.parametrize("path", list(SPEC["paths"]))
def test_options_is_answered_by_the_gateway_itself(path: str) -> None:
    options = SPEC["paths"][path]["options"]
    assert options[INTEGRATION]["type"] == "mock"
    headers = options[INTEGRATION]["responses"]["default"]["responseParameters"]
    assert headers["method.response.header.Access-Control-Allow-Origin"] == "'*'"
    assert headers[f"method.response.header.{contract.REGION_HEADER}"] == "'${region}'"
    # API Gateway refuses a mapping to a header that the method does not declare.
    declared = options["responses"]["204"]["headers"]
    assert {name.removeprefix("method.response.header.") for name in headers} == set(declared)
    allowed = headers["method.response.header.Access-Control-Allow-Headers"]
    for needed in ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Region-Set", "X-Amz-Security-Token"):
        assert needed in allowed


def test_what_is_required_in_the_query_is_checked_by_the_gateway() -> None:
    read = SPEC["paths"]["/orders"]["get"]
    validator = SPEC["x-amazon-apigateway-request-validators"][read["x-amazon-apigateway-request-validator"]]
    assert validator["validateRequestParameters"] is True
    required = {p["name"] for p in read["parameters"] if p["required"]}
    assert required == {contract.ORDER_ID_PARAMETER, contract.PRODUCT_ID_PARAMETER}


def test_its_parameters_are_those_that_the_functions_read() -> None:
    names = {
        (path, method): {p["name"] for p in operation.get("parameters", [])}
        for path, method, operation in operations()
    }
    ids = {contract.ORDER_ID_PARAMETER, contract.PRODUCT_ID_PARAMETER}
    create = ids | {contract.CUSTOMER_ID_PARAMETER, contract.SYNTHETIC_PARAMETER}
    counts = {
        contract.FILL_CUSTOMERS_PARAMETER,
        contract.FILL_ORDERS_PARAMETER,
        contract.FILL_PRODUCTS_PARAMETER,
    }
    assert names["/orders", "post"] == create
    assert names["/orders", "get"] == ids
    assert names["/fill", "post"] == counts
    assert set(SPEC["components"]["schemas"]["OrderRequest"]["properties"]) == create


def test_ids_and_counts_have_the_limits_of_the_functions() -> None:
    order = SPEC["components"]["schemas"]["OrderRequest"]["properties"]["orderId"]
    assert (order["pattern"], order["maxLength"]) == (contract.ID_PATTERN, contract.MAX_ID_LENGTH)
    assert {p["schema"]["maximum"] for p in SPEC["paths"]["/fill"]["post"]["parameters"]} == {
        contract.FILL_LIMIT
    }


def test_models_have_names_and_words_that_api_gateway_takes() -> None:
    """Amazon API Gateway, "Important notes": names are alphanumeric, some keywords are not supported."""
    schemas = SPEC["components"]["schemas"]
    assert all(re.fullmatch("[a-zA-Z0-9]+", name) for name in schemas)
    keywords = {key for schema in schemas.values() for key in keys(schema)}
    assert keywords.isdisjoint({"oneOf", "discriminator", "nullable", "example", "default", "readOnly"})


def keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from keys(value)
    elif isinstance(node, list):
        for value in node:
            yield from keys(value)


def test_every_reference_leads_somewhere() -> None:
    references = {text for text in texts(SPEC) if text.startswith("#/")}
    schemas = {f"#/components/schemas/{name}" for name in SPEC["components"]["schemas"]}
    assert references <= schemas


@pytest.mark.parametrize("response_type", list(GATEWAY_RESPONSES))
def test_what_the_gateway_says_itself_is_a_problem_with_region_and_cors(response_type: str) -> None:
    assert response_type in RESPONSE_TYPES
    response = GATEWAY_RESPONSES[response_type]
    headers = response["responseParameters"]
    assert headers[f"gatewayresponse.header.{contract.REGION_HEADER}"] == "'${region}'"
    assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
    assert list(response["responseTemplates"]) == ["application/json"]
    template = response["responseTemplates"]["application/json"]
    rendered = (
        template.replace("$context.error.messageString", '"a message"')
        .replace("$context.error.responseType", response_type)
        .replace("$context.requestId", "r-1")
    )
    assert "$" not in rendered
    body = json.loads(rendered)
    assert {"type", "title", "detail", "code", "requestId"} <= set(body)
    assert str(body.get("status", "")) == response.get("statusCode", "")


@pytest.mark.parametrize("response_type", list(GATEWAY_RESPONSES))
def test_no_message_that_may_name_callers_or_echo_the_request_is_passed_on(response_type: str) -> None:
    template = GATEWAY_RESPONSES[response_type]["responseTemplates"]["application/json"]
    assert ("$context.error.message" in template) == (response_type == "BAD_REQUEST_PARAMETERS")


def test_nothing_is_promised_of_the_one_answer_that_api_gateway_keeps_to_itself() -> None:
    """API Gateway Developer Guide, "Important notes for REST APIs": 413 REQUEST_TOO_LARGE."""
    assert "REQUEST_TOO_LARGE" not in GATEWAY_RESPONSES
    page = (FILE.parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
    assert "request-too-large" not in page
    assert "413" in page


def test_parameters_stand_in_the_order_in_which_aws_signs_them() -> None:
    for path, method, operation in operations():
        names = [parameter["name"] for parameter in operation.get("parameters", [])]
        assert names == sorted(names), (path, method)


def test_both_families_of_gateway_errors_have_a_default_that_keeps_its_status() -> None:
    for family in ("DEFAULT_4XX", "DEFAULT_5XX"):
        assert "statusCode" not in GATEWAY_RESPONSES[family]


def conforms(body: dict[str, Any], schema: str) -> None:
    model = SPEC["components"]["schemas"][schema]
    assert set(model["required"]) <= set(body) <= set(model["properties"])


def test_answers_are_as_described(region: Region) -> None:
    conforms(region.create(synthetic="true").body, "CreatedOrder")
    conforms(region.read().body, "Order")
    conforms(region.fill(cust="1", order="1").body, "Filled")
    conforms(region.health().body, "Health")
    conforms(region.read(order="none").body, "Problem")
    region.db.unprocessed = lambda _table, _item: True
    conforms(region.fill(cust="1").body, "FillProblem")
    described = set(SPEC["paths"]["/orders"]["post"]["responses"])
    assert described == {"200", "201", "400", "403", "404", "409", "429", "500", "503", "504"}


def test_the_api_page_names_every_code_and_every_permission() -> None:
    page = (FILE.parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
    sources = sorted((FILE.parents[1] / "functions" / "orders").glob("*.py"))
    code = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    codes = set(re.findall(r'Error\(\s*"([a-z-]+)"', code)) | set(re.findall(r'code="([a-z-]+)"', code))
    for response in GATEWAY_RESPONSES.values():
        codes |= set(re.findall(r'"code": "([a-z-]+)"', response["responseTemplates"]["application/json"]))
    assert len(codes) > 20
    assert [one for one in sorted(codes) if f"`{one}`" not in page] == []
    actions = {
        action.removeprefix("dynamodb:")
        for mode in (contract.EVENTUAL, contract.STRONG)
        for function in contract.HANDLERS
        for table in contract.table_actions(function, mode).values()
        for action in table
    }
    assert [one for one in sorted(actions) if f"`{one}`" not in page] == []
