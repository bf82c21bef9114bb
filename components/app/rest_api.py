"""The REST API of one region, made from an OpenAPI document: deployment, stage, logs, limits, permissions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import apigateway, cloudwatch, lambda_

from blueprint import openapi
from blueprint.naming import Namer, api_name
from components.answers import required
from components.app.account_log_role import StandingLogRole
from components.app.api_gateway_account import ApiGatewayAccount, ApiGatewayAccountArgs
from components.errors import as_program_errors

ACCESS_LOG_FIELDS: Final[Mapping[str, str]] = {
    "requestId": "$context.requestId",
    "extendedRequestId": "$context.extendedRequestId",
    "requestTimeEpoch": "$context.requestTimeEpoch",
    "httpMethod": "$context.httpMethod",
    "resourcePath": "$context.resourcePath",
    "domainName": "$context.domainName",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "errorType": "$context.error.responseType",
    "responseLatency": "$context.responseLatency",
    "integrationStatus": "$context.integrationStatus",
    "integrationLatency": "$context.integrationLatency",
    "responseLength": "$context.responseLength",
    "xrayTraceId": "$context.xrayTraceId",
}
"""Who called is left out on purpose, and so are the query and API Gateway's error text, which can quote the
signature's canonical request (names: API Gateway Developer Guide, "Variables for access logging")."""


@dataclass(frozen=True, kw_only=True)
class ApiSettings:
    stage: str
    throttle_rate: int
    """Requests a second."""
    throttle_burst: int
    """Requests at once."""
    access_logs: bool
    log_retention_days: int
    manage_account: bool
    """Whether to set the role with which API Gateway writes the logs of the region (ApiGatewayAccount)."""


@dataclass(frozen=True, kw_only=True)
class RestApiArgs:
    namer: Namer
    region: str
    account_id: pulumi.Input[str]
    document: openapi.Document
    """With its placeholders: `${region}`, `${api_name}`, and `${<function>_invoke_arn}` for each function."""
    settings: ApiSettings
    functions: Mapping[str, lambda_.Function]
    """By the name that the API document's placeholders give them: `create` for `${create_invoke_arn}`."""
    log_role: StandingLogRole = ()
    """What the stage waits for, where it has access logs and does not set the role itself."""


class OrdersRestApi(pulumi.ComponentResource):
    """Makes an API with IAM authorisation, live under one stage; every change is deployed by itself:

    - a RestApi, a Deployment and a Stage
    - MethodSettings with the limits for all methods
    - a Permission for each route to call its function
    - for access logs a LogGroup, and where asked for an ApiGatewayAccount
    """

    def __init__(self, name: str, args: RestApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:RestApi", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._api, body = self._create_api(args.document)
        self._stage = self._create_stage(body)
        self._create_limits()
        self._create_permissions(args.document)
        self.register_outputs({"apiId": self.rest_api_id, "apiUrl": self.api_url})

    @property
    def rest_api_id(self) -> pulumi.Output[str]:
        return self._api.id

    @property
    def stage_name(self) -> pulumi.Output[str]:
        return required(self._stage, "stage_name")

    @property
    def api_url(self) -> pulumi.Output[str]:
        """The stage's own address in this region, without a slash at its end."""
        return required(self._stage, "invoke_url")

    def _create_api(self, document: openapi.Document) -> tuple[apigateway.RestApi, pulumi.Output[str]]:
        name = api_name(self._args.namer)
        literals = {"region": self._args.region, "api_name": name}
        arns = {
            f"{function}_invoke_arn": required(resource, "arn").apply(self._invoke_arn)
            for function, resource in self._args.functions.items()
        }
        body = pulumi.Output.all(**arns).apply(
            as_program_errors()(lambda known: openapi.render(document, {**literals, **known}))
        )
        api = apigateway.RestApi(
            self._name,
            name=name,
            description=f"Orders in {self._args.region}",
            body=body,
            endpoint_configuration=apigateway.RestApiEndpointConfigurationArgs(types="REGIONAL"),
            opts=self._child,
        )
        return api, body

    def _invoke_arn(self, function_arn: str) -> str:
        # API Gateway's name for calling a function (Developer Guide, "x-amazon-apigateway-integration", uri).
        path = f"2015-03-31/functions/{function_arn}/invocations"
        return f"arn:aws:apigateway:{self._args.region}:lambda:path/{path}"

    def _create_stage(self, body: pulumi.Output[str]) -> apigateway.Stage:
        deployment = apigateway.Deployment(
            f"{self._name}-deployment",
            rest_api=self._api.id,
            # Of the rendered body: a change of the document, a region's value or a function's ARN counts.
            triggers={"body": body.apply(openapi.fingerprint)},
            opts=self._child,
        )
        return apigateway.Stage(
            f"{self._name}-stage",
            rest_api=self._api.id,
            deployment=deployment.id,
            stage_name=self._args.settings.stage,
            access_log_settings=self._create_access_log() if self._args.settings.access_logs else None,
            xray_tracing_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._account()),
        )

    def _account(self) -> Sequence[pulumi.Input[pulumi.Resource]]:
        if not self._args.settings.manage_account:
            return self._args.log_role
        account = ApiGatewayAccount(
            f"{self._name}-account",
            ApiGatewayAccountArgs(
                namer=self._args.namer, region=self._args.region, account_id=self._args.account_id
            ),
            opts=self._child,
        )
        return [account.resource]

    def _create_access_log(self) -> apigateway.StageAccessLogSettingsArgs:
        group = cloudwatch.LogGroup(
            f"{self._name}-access-log",
            name=f"/aws/apigateway/{self._args.namer.physical('api')}",
            retention_in_days=self._args.settings.log_retention_days,
            opts=self._child,
        )
        return apigateway.StageAccessLogSettingsArgs(
            destination_arn=group.arn,
            format=json.dumps({**ACCESS_LOG_FIELDS, "region": self._args.region}),
        )

    def _create_limits(self) -> None:
        apigateway.MethodSettings(
            f"{self._name}-settings",
            rest_api=self._api.id,
            stage_name=self._stage.stage_name,
            method_path="*/*",
            settings=apigateway.MethodSettingsSettingsArgs(
                metrics_enabled=True,
                throttling_rate_limit=self._args.settings.throttle_rate,
                throttling_burst_limit=self._args.settings.throttle_burst,
                # Execution logs hold headers and bodies; the access log has what is needed.
                logging_level="OFF",
                data_trace_enabled=False,
            ),
            opts=self._child,
        )

    def _create_permissions(self, document: openapi.Document) -> None:
        for route in openapi.routes(document):
            label = f"{route.function}-{route.method}{route.path}".lower().replace("/", "-")
            lambda_.Permission(
                f"{self._name}-{label}",
                action="lambda:InvokeFunction",
                function=self._args.functions[route.function].name,
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(
                    required(self._api, "execution_arn"), "/", self.stage_name, "/", route.method, route.path
                ),
                opts=self._child,
            )
