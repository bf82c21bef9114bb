"""What the tests of APIs and functions share: an API and its function in one region, made with boto3."""

import io
import json
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from twin.client import TwinClient

ACCOUNT = "111122223333"
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
_numbers = count()
_ONCE = Config(retries={"total_max_attempts": 1})

ECHO = """
import json

def handler(event, context):
    return {"statusCode": 200, "headers": {"X-Made-By": "function"}, "body": json.dumps(event)}
"""


def unique(name: str) -> str:
    """A name that no other test of the session uses."""
    return f"{name}-{next(_numbers)}"


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip archive of text files, the same bytes at any time: a function's code is known by them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return made.getvalue()


def statement(action: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def make_role(twin: TwinClient, *statements: Mapping[str, Any], service: str = "lambda.amazonaws.com") -> str:
    """A role that a service may assume; returns its ARN."""
    iam, name = twin.boto3_client("iam", "us-east-1"), unique("role")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=policy)
    return arn


def make_user(twin: TwinClient, *statements: Mapping[str, Any]) -> Credentials:
    """An IAM user with an access key and a policy."""
    iam, name = twin.boto3_client("iam", "us-east-1"), unique("user")
    iam.create_user(UserName=name)
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName=name, PolicyName="allowed", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def administrator(twin: TwinClient) -> Credentials:
    return Credentials(twin.env["AWS_ACCESS_KEY_ID"], twin.env["AWS_SECRET_ACCESS_KEY"])


@dataclass(frozen=True, kw_only=True)
class Function:
    """A deployed function; its log group is its own."""

    name: str
    region: str
    arn: str
    log_group: str
    client: Any

    def invoke(self, payload: Any = None, **more: Any) -> tuple[Any, str | None]:
        """The function's result, and the function error if there was one."""
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(payload).encode(), **more)
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")


def log_permissions(group: str) -> dict[str, Any]:
    return statement(
        ["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:*:{ACCOUNT}:log-group:{group}:*"
    )


def make_function(
    twin: TwinClient, source: str, *statements: Mapping[str, Any], region: str = "us-east-1", **more: Any
) -> Function:
    """A function of one module, `app.handler`, whose role may write its logs and what is given."""
    name = unique("function")
    group = f"/functions/{name}"
    twin.boto3_client("logs", region).create_log_group(logGroupName=group)
    role = make_role(twin, log_permissions(group), *statements)
    client = twin.boto3_client("lambda", region, config=_ONCE)
    logging = {"LogGroup": group, **more.pop("LoggingConfig", {})}
    created = client.create_function(
        FunctionName=name,
        Role=more.pop("Role", role),
        LoggingConfig=logging,
        **{
            "Runtime": RUNTIME,
            "Handler": "app.handler",
            "Code": {"ZipFile": zipped({"app.py": source})},
            **more,
        },
    )
    return Function(name=name, region=region, arn=created["FunctionArn"], log_group=group, client=client)


def document(
    function_arn: str, *, title: str = "orders", region: str = "us-east-1", **more: Any
) -> dict[str, Any]:
    """An OpenAPI document: GET and POST /orders call the function (signed), OPTIONS is a mock."""
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations",
        "timeoutInMillis": 2000,
    }
    signed = {
        "security": [{"sigv4": []}],
        "responses": {"200": {"description": "done"}},
        "x-amazon-apigateway-integration": integration,
    }
    mock = {
        "responses": {
            "204": {"description": "none", "headers": {"X-Region": {"schema": {"type": "string"}}}}
        },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": {"method.response.header.X-Region": f"'{region}'"},
                }
            },
        },
    }
    required = {"name": "orderId", "in": "query", "required": True, "schema": {"type": "string"}}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    return {
        "openapi": "3.0.1",
        "info": {"title": title, "version": "1"},
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestParameters": True, "validateRequestBody": True}
        },
        "paths": {
            "/orders": {
                "get": signed,
                "post": {**signed, "requestBody": body, "x-amazon-apigateway-request-validator": "all"},
                "options": mock,
            },
            "/orders/{id}": {"get": {**signed, "parameters": [{**required, "in": "path", "name": "id"}]}},
            "/strict": {
                "get": {**signed, "parameters": [required], "x-amazon-apigateway-request-validator": "all"}
            },
        },
        "components": {
            "securitySchemes": {
                "sigv4": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                }
            },
            "schemas": {
                "Order": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"$ref": "#/components/schemas/Id"}},
                },
                "Id": {"type": "string", "minLength": 1},
            },
        },
        **more,
    }


@dataclass(frozen=True, kw_only=True)
class Api:
    """A deployed API with the stage `live`."""

    twin: TwinClient
    region: str
    api_id: str
    client: Any

    @property
    def base(self) -> str:
        """The path-style address of the stage in its region."""
        http: str = self.twin.description["addresses"]["regions"][self.region]["http"]
        return f"{http}/_api/{self.api_id}/live"

    def put(self, body: Mapping[str, Any]) -> None:
        self.client.put_rest_api(restApiId=self.api_id, mode="overwrite", body=json.dumps(body))

    def deploy(self) -> str:
        """A new deployment, not on the stage yet."""
        identity: str = self.client.create_deployment(restApiId=self.api_id)["id"]
        return identity

    def promote(self, deployment: str) -> None:
        self.patch("/deploymentId", deployment)

    def patch(self, path: str, value: str) -> None:
        operation = {"op": "replace", "path": path, "value": value}
        self.client.update_stage(restApiId=self.api_id, stageName="live", patchOperations=[operation])

    def permit(self, function: Function, method: str = "*", path: str = "*") -> None:
        function.client.add_permission(
            FunctionName=function.name,
            StatementId=unique("permit"),
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{self.region}:{ACCOUNT}:{self.api_id}/live/{method}/{path}",
        )

    def call(self, method: str = "GET", path: str = "/orders", **more: Any) -> requests.Response:
        """A call signed by the twin's administrator, or by `credentials`; see `send`."""
        return send(
            method, self.base + path, self.region, more.pop("credentials", administrator(self.twin)), **more
        )


def make_api(
    twin: TwinClient, function: Function, *, permit: bool = True, extensions: Mapping[str, Any] | None = None
) -> Api:
    """An API for a function in the function's region, deployed to the stage `live`."""
    client = twin.boto3_client("apigateway", function.region)
    body = document(function.arn, title=unique("api"), region=function.region, **(extensions or {}))
    made = client.import_rest_api(
        body=json.dumps(body).encode(), parameters={"endpointConfigurationTypes": "REGIONAL"}
    )
    api = Api(twin=twin, region=function.region, api_id=made["id"], client=client)
    client.create_stage(restApiId=api.api_id, stageName="live", deploymentId=api.deploy())
    if permit:
        api.permit(function)
    return api


def send(
    method: str,
    url: str,
    region: str,
    credentials: Credentials | None,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> requests.Response:
    """Sign with SigV4 for a region (not at all without credentials) and send."""
    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers or {}))
    if credentials is not None:
        SigV4Auth(credentials, "execute-api", region).add_auth(request)
    return requests.request(method, url, headers=dict(request.headers.items()), data=body, timeout=15)
