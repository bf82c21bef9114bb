"""REST APIs through boto3 and signed HTTP: import, snapshots, permissions, limits, logs, custom domains."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from awscrt.auth import (  # type: ignore[import-untyped]
    AwsCredentialsProvider,
    AwsSignatureType,
    AwsSignedBodyHeaderType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.http import HttpHeaders, HttpRequest  # type: ignore[import-untyped]
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.twin.api_kit import (
    ACCOUNT,
    ECHO,
    Api,
    Function,
    administrator,
    document,
    make_api,
    make_function,
    make_role,
    make_user,
    send,
    statement,
    unique,
)
from twin.client import TwinClient

pytestmark = pytest.mark.twin

EAST, WEST = "us-east-1", "us-west-2"


@pytest.fixture(scope="module")
def function(twin: TwinClient) -> Function:
    return make_function(twin, ECHO)


@pytest.fixture(scope="module")
def api(twin: TwinClient, function: Function) -> Api:
    return make_api(twin, function)


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def message(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Message"])


def test_a_signed_call_reaches_the_function_with_the_event_of_aws(api: Api) -> None:
    answer = api.call("GET", "/orders/7?a=1&a=2&b=", headers={"X-MiXed": "Case"})
    event, context = answer.json(), answer.json()["requestContext"]

    assert answer.status_code == 200
    assert answer.headers["X-Made-By"] == "function"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["x-amzn-RequestId"] == context["requestId"]
    assert answer.headers["x-amz-apigw-id"] == context["extendedRequestId"]
    assert (event["resource"], event["path"]) == ("/orders/{id}", "/orders/7")
    assert event["pathParameters"] == {"id": "7"}
    assert event["queryStringParameters"] == {"a": "2", "b": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    assert event["headers"]["X-MiXed"] == "Case"
    assert event["multiValueHeaders"]["X-MiXed"] == ["Case"]
    assert not {"authorization", "connection"} & {name.lower() for name in event["headers"]}
    assert event["body"] is None
    assert event["isBase64Encoded"] is False
    assert context["path"] == "/live/orders/7"
    assert context["domainName"] == f"{api.api_id}.execute-api.us-east-1.amazonaws.com"
    assert context["identity"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:user/twin-admin"
    assert context["identity"]["accountId"] == ACCOUNT
    assert (context["apiId"], context["stage"], context["accountId"]) == (api.api_id, "live", ACCOUNT)


def test_a_mock_answers_without_a_signature_and_with_its_mapped_header(api: Api) -> None:
    answer = api.call("OPTIONS", credentials=None)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["X-Region"] == EAST


def test_an_import_defines_what_describe_calls_answer(api: Api) -> None:
    found = api.client.get_rest_api(restApiId=api.api_id)
    resources = {item["path"]: item for item in api.client.get_resources(restApiId=api.api_id)["items"]}
    method = resources["/orders"]["resourceMethods"]["POST"]
    validators = api.client.get_request_validators(restApiId=api.api_id)["items"]

    assert found["endpointConfiguration"] == {"types": ["REGIONAL"]}
    assert set(resources) == {"/", "/orders", "/orders/{id}", "/strict"}
    assert method["authorizationType"] == "AWS_IAM"
    assert method["requestModels"] == {"application/json": "Order"}
    assert method["requestValidatorId"] == validators[0]["id"]
    assert method["methodIntegration"]["type"] == "AWS_PROXY"
    assert method["methodIntegration"]["timeoutInMillis"] == 2000


def test_single_parts_and_an_export_can_be_read(api: Api) -> None:
    resources = {item["path"]: item["id"] for item in api.client.get_resources(restApiId=api.api_id)["items"]}
    where = {"restApiId": api.api_id, "resourceId": resources["/orders"], "httpMethod": "OPTIONS"}

    method, integration = api.client.get_method(**where), api.client.get_integration(**where)
    export = api.client.get_export(restApiId=api.api_id, stageName="live", exportType="oas30")
    stage = api.client.get_stage(restApiId=api.api_id, stageName="live")

    assert method["authorizationType"] == "NONE"
    assert integration["integrationResponses"]["204"]["responseParameters"] == {
        "method.response.header.X-Region": f"'{EAST}'"
    }
    assert set(json.loads(export["body"].read())["paths"]) == {"/orders", "/orders/{id}", "/strict"}
    assert "accessLogSettings" not in stage


def test_a_body_over_10_mb_is_refused_unread(api: Api) -> None:
    answer = api.call("POST", body=b"x" * (10 * 1024 * 1024 + 1), credentials=None)

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Too Long"})


def test_a_yaml_body_is_taken_too(twin: TwinClient, function: Function) -> None:
    client = twin.boto3_client("apigateway", EAST)
    body = "openapi: 3.0.1\ninfo: {title: from-yaml}\npaths: {/a: {}}\n"

    made = client.import_rest_api(body=body.encode())

    assert made["name"] == "from-yaml"
    assert made["endpointConfiguration"] == {"types": ["EDGE"]}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "Invalid OpenAPI input"),
        (b"[1]", "not an object"),
        (b"{}", "Unsupported OpenAPI version"),
        (b'{"openapi": "3.0.1", "paths": {}}', "info.title"),
        (b'{"openapi": "3.0.1", "info": {"title": "a"}}', "paths is missing"),
    ],
)
def test_a_broken_body_is_a_bad_request(twin: TwinClient, body: bytes, reason: str) -> None:
    with pytest.raises(ClientError) as error:
        twin.boto3_client("apigateway", EAST).import_rest_api(body=body)

    assert code(error) == "BadRequestException"
    assert reason in message(error)


def _broken(function: Function, part: str) -> dict[str, Any]:
    body = document(function.arn)
    get, options = body["paths"]["/orders"]["get"], body["paths"]["/orders"]["options"]
    match part:
        case "security":
            get["security"] = [{"nobody": []}]
        case "uri":
            get["x-amazon-apigateway-integration"]["uri"] = "https://example.com"
        case "mapping":
            options["responses"] = {"204": {"description": "none"}}
        case "response":
            options["responses"] = {"200": {"description": "none"}}
        case "validator":
            get["x-amazon-apigateway-request-validator"] = "other"
        case "timeout":
            get["x-amazon-apigateway-integration"]["timeoutInMillis"] = 30000
    return body


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("security", "no such security scheme: nobody"),
        ("uri", "Invalid ARN specified in the request"),
        ("mapping", "Invalid mapping expression parameter specified: method.response.header.X-Region"),
        ("response", "No method response exists for method"),
        ("validator", "Invalid Request Validator specified"),
        ("timeout", "Timeout should be between 50 ms and 29000 ms"),
    ],
)
def test_a_body_with_an_error_changes_nothing(api: Api, function: Function, part: str, reason: str) -> None:
    before = api.client.get_resources(restApiId=api.api_id)["items"]

    with pytest.raises(ClientError) as error:
        api.put(_broken(function, part))

    assert code(error) == "BadRequestException"
    assert reason in message(error)
    assert api.client.get_resources(restApiId=api.api_id)["items"] == before


def test_warnings_are_told_or_refused(api: Api, function: Function) -> None:
    body = document(function.arn)
    body["components"]["schemas"]["Lost"] = {"$ref": "#/components/schemas/Nowhere"}

    with pytest.raises(ClientError) as error:
        api.client.put_rest_api(
            restApiId=api.api_id, mode="overwrite", failOnWarnings=True, body=json.dumps(body)
        )
    taken = api.client.put_rest_api(restApiId=api.api_id, mode="overwrite", body=json.dumps(body))

    assert "Invalid model reference" in message(error)
    assert "Invalid model reference in 'Lost': #/components/schemas/Nowhere" in taken["warnings"]


def test_what_the_twin_lacks_is_named(api: Api, function: Function) -> None:
    body = document(function.arn)
    body["paths"]["/orders"]["get"]["x-amazon-apigateway-integration"]["type"] = "http_proxy"

    with pytest.raises(ClientError) as error:
        api.put(body)

    assert "not in the twin: integrations of type http_proxy" in message(error)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_overwrite_replaces_and_merge_adds(twin: TwinClient, function: Function) -> None:
    api = make_api(twin, function)
    body = document(function.arn)
    only = {**body, "paths": {"/strict": body["paths"]["/strict"]}}
    more = {**body, "paths": {"/new/one": body["paths"]["/strict"]}}

    api.put(only)
    overwritten = _paths(api)
    api.client.put_rest_api(restApiId=api.api_id, mode="merge", body=json.dumps(more))

    assert overwritten == {"/", "/strict"}
    assert _paths(api) == {"/", "/strict", "/new", "/new/one"}


def _paths(api: Api) -> set[str]:
    return {item["path"] for item in api.client.get_resources(restApiId=api.api_id)["items"]}


def test_a_change_is_live_only_when_its_deployment_is_on_the_stage(
    twin: TwinClient, function: Function
) -> None:
    api = make_api(twin, function)
    body = document(function.arn)
    body["paths"]["/fresh"] = body["paths"]["/orders"]
    mock = body["paths"]["/orders"]["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
    mock["responseParameters"] = {"method.response.header.X-Region": "'changed'"}
    api.put(body)

    after_put = _seen(api)
    deployment = api.deploy()
    after_deployment = _seen(api)
    api.promote(deployment)

    assert after_put == after_deployment == (403, EAST)
    assert _seen(api) == (200, "changed")


def _seen(api: Api) -> tuple[int, str]:
    """Whether /fresh is there, and the header that the mock of /orders answers with."""
    return api.call("GET", "/fresh").status_code, api.call("OPTIONS").headers["X-Region"]


def test_a_deployment_on_a_stage_cannot_be_deleted(twin: TwinClient, function: Function) -> None:
    api = make_api(twin, function)
    first = api.client.get_stage(restApiId=api.api_id, stageName="live")["deploymentId"]

    with pytest.raises(ClientError) as error:
        api.client.delete_deployment(restApiId=api.api_id, deploymentId=first)
    api.promote(api.deploy())
    api.client.delete_deployment(restApiId=api.api_id, deploymentId=first)

    assert "Active stages pointing to this deployment" in message(error)
    assert api.call().status_code == 200


def test_stages_are_made_once_and_of_a_deployment_that_exists(api: Api) -> None:
    stage = api.client.get_stage(restApiId=api.api_id, stageName="live")

    with pytest.raises(ClientError) as exists:
        api.client.create_stage(restApiId=api.api_id, stageName="live", deploymentId=stage["deploymentId"])
    with pytest.raises(ClientError) as unknown:
        api.client.create_stage(restApiId=api.api_id, stageName="next", deploymentId="nothing")

    assert (code(exists), code(unknown)) == ("ConflictException", "NotFoundException")


@pytest.mark.parametrize(
    ("method", "path", "signed"),
    [("GET", "/orders", False), ("DELETE", "/orders", True), ("GET", "/none", True), ("GET", "/none", False)],
)
def test_unsigned_and_unknown_are_one_403(api: Api, method: str, path: str, signed: bool) -> None:
    credentials = administrator(api.twin) if signed else None

    answer = api.call(method, path, credentials=credentials)

    assert (answer.status_code, answer.text) == (403, '{"message":"Missing Authentication Token"}')
    assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_signatures_that_are_wrong_are_refused(api: Api) -> None:
    right = administrator(api.twin)
    url = api.base + "/orders"

    answers = {
        "secret": api.call(credentials=Credentials(right.access_key, "another")),
        "key": api.call(credentials=Credentials("AKIAUNKNOWNUNKNOWN00", right.secret_key)),
        "root": api.call(credentials=Credentials("test", "test")),
        "region": send("GET", url, WEST, right),
        "header": requests.get(url, headers={"Authorization": "Bearer token"}, timeout=5),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)
    types = {name: answer.headers["x-amzn-ErrorType"] for name, answer in answers.items()}
    assert types["secret"] == "InvalidSignatureException"
    assert types["key"] == "UnrecognizedClientException"
    assert types["root"] == "UnrecognizedClientException"
    assert "Credential should be scoped to a valid region" in answers["region"].text
    assert types["header"] == "IncompleteSignatureException"


@pytest.mark.parametrize(
    ("service", "payload_hash"), [("execute-api", "UNSIGNED-PAYLOAD"), ("execute-api", "0" * 64), ("s3", "")]
)
def test_a_signature_of_another_body_or_service_does_not_match(
    api: Api, service: str, payload_hash: str
) -> None:
    hashed = {"x-amz-content-sha256": payload_hash} if payload_hash else {}
    request = AWSRequest(method="GET", url=api.base + "/orders", headers=hashed)
    SigV4Auth(administrator(api.twin), service, EAST).add_auth(request)

    answer = requests.get(str(request.url), headers=dict(request.headers), timeout=5)

    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (403, "InvalidSignatureException")


def test_execute_api_invoke_is_asked_of_iam_for_each_method(api: Api) -> None:
    arn = f"arn:aws:execute-api:{EAST}:{ACCOUNT}:{api.api_id}/live"
    user = make_user(api.twin, statement("execute-api:Invoke", f"{arn}/GET/orders"))

    allowed, refused = api.call(credentials=user), api.call("POST", credentials=user, body=b'{"id": "1"}')

    assert allowed.status_code == 200
    assert refused.status_code == 403
    assert refused.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    assert "is not authorized to perform: execute-api:Invoke on resource" in refused.json()["Message"]
    assert ACCOUNT not in refused.json()["Message"].partition("on resource")[2]


@pytest.mark.parametrize("hashed", [True, False])
def test_sigv4a_for_all_regions_is_taken(api: Api, hashed: bool) -> None:
    host = api.base.removeprefix("http://").partition("/")[0]
    path = f"/_api/{api.api_id}/live/orders"
    key = administrator(api.twin)
    request = HttpRequest("GET", path, HttpHeaders([("host", host)]))
    config = AwsSigningConfig(
        algorithm=AwsSigningAlgorithm.V4_ASYMMETRIC,
        signature_type=AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=AwsCredentialsProvider.new_static(key.access_key, key.secret_key),
        region="*",
        service="execute-api",
        signed_body_header_type=(
            AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256 if hashed else AwsSignedBodyHeaderType.NONE
        ),
    )
    signed = aws_sign_request(request, config).result(5)

    answer = requests.get(f"http://{host}{path}", headers=dict(signed.headers), timeout=10)

    assert answer.status_code == 200


def test_required_parameters_and_bodies_are_validated_before_the_function(api: Api) -> None:
    missing = api.call("GET", "/strict")
    wrong = api.call("POST", body=b'{"id": ""}')
    broken = api.call("POST", body=b"{")

    assert missing.status_code == 400
    assert missing.json() == {"message": "Missing required request parameters: [orderId]"}
    assert (wrong.status_code, wrong.json()) == (400, {"message": "Invalid request body"})
    assert (broken.status_code, broken.json()) == (400, {"message": "Invalid request body"})
    assert api.call("POST", body=b'{"id": "1"}').json()["body"] == '{"id": "1"}'


def test_gateway_responses_are_customised_by_type_and_family(twin: TwinClient, function: Function) -> None:
    template = '{"code": "$context.error.responseType", "id": "$context.requestId"}'
    family = {
        "responseParameters": {"gatewayresponse.header.X-Region": "'here'"},
        "responseTemplates": {"application/json": template},
    }
    responses = {"DEFAULT_4XX": family, "BAD_REQUEST_PARAMETERS": {**family, "statusCode": 422}}
    api = make_api(twin, function, extensions={"x-amazon-apigateway-gateway-responses": responses})

    unsigned, missing = api.call(credentials=None), api.call("GET", "/strict")

    assert (unsigned.status_code, unsigned.headers["X-Region"]) == (403, "here")
    assert unsigned.json() == {
        "code": "MISSING_AUTHENTICATION_TOKEN",
        "id": unsigned.headers["x-amzn-RequestId"],
    }
    assert (missing.status_code, missing.json()["code"]) == (422, "BAD_REQUEST_PARAMETERS")


def test_the_answer_to_a_request_that_is_too_large_cannot_be_customised(
    twin: TwinClient, function: Function
) -> None:
    own = {
        "responseParameters": {"gatewayresponse.header.X-Region": "'here'"},
        "responseTemplates": {"application/json": '{"code": "too-large"}'},
    }
    responses = {"DEFAULT_4XX": own, "REQUEST_TOO_LARGE": {**own, "statusCode": 400}}
    api = make_api(twin, function, extensions={"x-amazon-apigateway-gateway-responses": responses})

    answer = api.call("POST", body=b"x" * (10 * 1024 * 1024 + 1), credentials=None)

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Too Long"})
    assert "X-Region" not in answer.headers


def test_without_lambdas_permission_the_api_answers_500(twin: TwinClient, function: Function) -> None:
    api = make_api(twin, function, permit=False)

    before = api.call()
    api.permit(function, "POST", "orders")
    other_method = api.call()
    api.permit(function, "GET", "orders")

    assert (before.status_code, before.json()) == (500, {"message": "Internal server error"})
    assert other_method.status_code == 500
    assert api.call().status_code == 200


def test_a_failing_function_is_a_502_and_a_slow_one_a_504(twin: TwinClient) -> None:
    source = """
import time
def handler(event, context):
    what = event["pathParameters"]["id"]
    if what == "raise":
        raise ValueError("secret")
    if what == "slow":
        time.sleep(1.5)
    return {"statusCode": 200} if what == "fine" else "no proxy answer"
"""
    function = make_function(twin, source, Timeout=3)
    api = make_api(twin, function)
    body = document(function.arn)
    body["paths"]["/orders/{id}"]["get"]["x-amazon-apigateway-integration"]["timeoutInMillis"] = 1000
    api.put(body)
    api.promote(api.deploy())

    answers = {what: api.call("GET", f"/orders/{what}") for what in ("fine", "raise", "other", "slow")}

    statuses = {what: answer.status_code for what, answer in answers.items()}
    assert statuses == {"fine": 200, "raise": 502, "other": 502, "slow": 504}
    assert answers["raise"].json() == {"message": "Internal server error"}
    assert answers["slow"].json() == {"message": "Endpoint request timed out"}


def test_throttling_by_stage_settings_answers_429(twin: TwinClient, function: Function) -> None:
    api = make_api(twin, function)
    api.patch("/*/*/throttling/burstLimit", "2")
    api.patch("/*/*/throttling/rateLimit", "0.001")

    statuses = [api.call("OPTIONS", credentials=None).status_code for _ in range(4)]

    assert statuses == [204, 204, 429, 429]
    assert api.call("OPTIONS", credentials=None).json() == {"message": "Too Many Requests"}


def test_access_logs_need_the_accounts_role_and_then_tell_of_every_call(
    twin: TwinClient, function: Function
) -> None:
    api = make_api(twin, function)
    logs = twin.boto3_client("logs", EAST)
    group = unique("/api/access")
    logs.create_log_group(logGroupName=group)
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"]
    fields = ("requestId", "httpMethod", "resourcePath", "status", "error.responseType", "integrationLatency")
    line = json.dumps({name: f"$context.{name}" for name in fields})
    api.client.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}])

    with pytest.raises(ClientError) as no_role:
        api.patch("/accessLogSettings/destinationArn", arn)
    with pytest.raises(ClientError) as untrusted:
        _set_log_role(api, make_role(twin))
    _set_log_role(api, make_role(twin, service="apigateway.amazonaws.com"))
    api.patch("/accessLogSettings/destinationArn", arn)
    api.patch("/accessLogSettings/format", line)
    answers = [api.call(), api.call(credentials=None)]

    assert message(no_role) == "CloudWatch Logs role ARN must be set in account settings to enable logging"
    assert "required permissions" in message(untrusted)
    written = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert [entry["requestId"] for entry in written] == [a.headers["x-amzn-RequestId"] for a in answers]
    assert [entry["status"] for entry in written] == ["200", "403"]
    assert [entry["resourcePath"] for entry in written] == ["/orders", "/orders"]
    assert written[1]["error.responseType"] == "MISSING_AUTHENTICATION_TOKEN"
    assert written[1]["integrationLatency"] == "-"


def _set_log_role(api: Api, arn: str) -> None:
    operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
    api.client.update_account(patchOperations=[operation])


def _certificate(twin: TwinClient, region: str, name: str) -> str:
    arn: str = twin.boto3_client("acm", region).request_certificate(DomainName=name, ValidationMethod="DNS")[
        "CertificateArn"
    ]
    return arn


def _regional_domain(twin: TwinClient, region: str, name: str, api: Api) -> dict[str, Any]:
    made: dict[str, Any] = api.client.create_domain_name(
        domainName=name,
        regionalCertificateArn=_certificate(twin, region, name),
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_2",
    )
    api.client.create_base_path_mapping(domainName=name, basePath="v1", restApiId=api.api_id, stage="live")
    return made


def test_one_domain_name_in_two_regions_leads_to_each_regions_own_api(twin: TwinClient) -> None:
    name = f"{unique('shop')}.example.com"
    apis = {region: make_api(twin, make_function(twin, ECHO, region=region)) for region in (EAST, WEST)}
    domains = {region: _regional_domain(twin, region, name, api) for region, api in apis.items()}
    answers = {region: _through_domain(twin, region, name, "/v1/orders") for region in apis}
    elsewhere = _through_domain(twin, EAST, name, "/v2/orders")

    for region, api in apis.items():
        event = answers[region].json()
        assert answers[region].status_code == 200
        assert event["requestContext"]["apiId"] == api.api_id
        assert (event["path"], event["requestContext"]["path"]) == ("/v1/orders", "/v1/orders")
        assert (event["resource"], event["requestContext"]["domainName"]) == ("/orders", name)
        assert domains[region]["regionalDomainName"].startswith("d-")
        assert domains[region]["regionalDomainName"].endswith(f".execute-api.{region}.amazonaws.com")
    assert domains[EAST]["regionalHostedZoneId"] == "Z1UJRXOUMOOFQ8"
    assert domains[WEST]["regionalHostedZoneId"] == "Z2OJLYMUO9EFXC"
    assert (elsewhere.status_code, elsewhere.json()) == (403, {"message": "Forbidden"})


def _through_domain(twin: TwinClient, region: str, name: str, path: str) -> requests.Response:
    http = twin.description["addresses"]["regions"][region]["http"]
    return send("GET", f"{http}{path}", region, administrator(twin), headers={"Host": name})


def test_mappings_move_and_the_default_endpoint_can_be_shut(twin: TwinClient, function: Function) -> None:
    api, name = make_api(twin, function), f"{unique('shop')}.example.com"
    _regional_domain(twin, EAST, name, api)
    moved = [{"op": "replace", "path": "/basePath", "value": "v2"}]
    shut = [{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "True"}]

    api.client.update_base_path_mapping(domainName=name, basePath="v1", patchOperations=moved)
    api.client.update_rest_api(restApiId=api.api_id, patchOperations=shut)
    before = api.call().status_code
    api.promote(api.deploy())

    assert _through_domain(twin, EAST, name, "/v2/orders").status_code == 200
    assert _through_domain(twin, EAST, name, "/v1/orders").status_code == 403
    assert (before, api.call().status_code) == (200, 403)
    assert api.client.get_rest_api(restApiId=api.api_id)["disableExecuteApiEndpoint"] is True


def test_domains_and_mappings_that_cannot_work_are_refused(twin: TwinClient, api: Api) -> None:
    name = f"{unique('shop')}.example.com"
    foreign = _certificate(twin, WEST, name)
    regional = {"types": ["REGIONAL"]}

    with pytest.raises(ClientError) as certificate:
        api.client.create_domain_name(
            domainName=name, regionalCertificateArn=foreign, endpointConfiguration=regional
        )
    _regional_domain(twin, EAST, name, api)
    with pytest.raises(ClientError) as twice:
        _regional_domain(twin, EAST, name, api)
    with pytest.raises(ClientError) as path:
        api.client.create_base_path_mapping(
            domainName=name, basePath="v1", restApiId=api.api_id, stage="live"
        )
    with pytest.raises(ClientError) as stage:
        api.client.create_base_path_mapping(domainName=name, basePath="v2", restApiId=api.api_id, stage="no")

    assert "certificate does not exist" in message(certificate)
    assert (code(twice), code(path)) == ("ConflictException", "ConflictException")
    assert "Base path already exists" in message(path)
    assert message(stage) == "Invalid stage identifier specified"


def test_api_gateway_metrics_count_calls_and_errors(twin: TwinClient, function: Function) -> None:
    api = make_api(twin, function)
    name = api.client.get_rest_api(restApiId=api.api_id)["name"]
    api.call()
    api.call(credentials=None)

    values = {
        metric: _sum(twin, "AWS/ApiGateway", metric, {"ApiName": name, "Stage": "live"})
        for metric in ("Count", "4XXError", "5XXError")
    }

    assert values == {"Count": 2.0, "4XXError": 1.0, "5XXError": 0.0}


def _sum(twin: TwinClient, namespace: str, metric: str, dimensions: dict[str, str]) -> float:
    found = twin.boto3_client("cloudwatch", EAST).get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=time.time() - 300,
        EndTime=time.time() + 60,
        Period=600,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in found["Datapoints"])


def test_calls_at_the_same_time_get_workers_of_their_own(twin: TwinClient) -> None:
    source = """
import os, time
def handler(event, context):
    time.sleep(0.3)
    return {"statusCode": 200, "body": str(os.getpid())}
"""
    api = make_api(twin, make_function(twin, source))
    with ThreadPoolExecutor(3) as callers:
        answers = list(callers.map(lambda _: api.call(), range(3)))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.text for answer in answers}) > 1


def test_tags_that_change_later_are_those_of_the_api_its_stage_and_its_domain_name(
    twin: TwinClient, api: Api
) -> None:
    client, name = api.client, f"{unique('tagged')}.example.com"
    first, then = {"Kept": "1", "Removed": "1"}, {"Kept": "1", "Added": "1"}
    client.create_domain_name(
        domainName=name,
        regionalCertificateArn=_certificate(twin, EAST, name),
        endpointConfiguration={"types": ["REGIONAL"]},
        tags=first,
    )
    made = client.create_rest_api(name=name, endpointConfiguration={"types": ["REGIONAL"]}, tags=first)["id"]
    live = client.get_stage(restApiId=api.api_id, stageName="live")
    client.create_stage(
        restApiId=api.api_id, stageName="tagged", deploymentId=live["deploymentId"], tags=first
    )
    for path in (f"/domainnames/{name}", f"/restapis/{made}", f"/restapis/{api.api_id}/stages/tagged"):
        arn = f"arn:aws:apigateway:{EAST}::{path}"
        client.tag_resource(resourceArn=arn, tags={"Added": "1"})
        client.untag_resource(resourceArn=arn, tagKeys=["Removed"])
        assert client.get_tags(resourceArn=arn)["tags"] == then
    assert client.get_domain_name(domainName=name)["tags"] == then
    assert client.get_rest_api(restApiId=made)["tags"] == then
    assert client.get_stage(restApiId=api.api_id, stageName="tagged")["tags"] == then
