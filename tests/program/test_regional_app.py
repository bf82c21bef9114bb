"""A region's artifacts and application as the engine would see them."""

import itertools
import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from blueprint import openapi, policies
from blueprint.errors import ConfigError
from blueprint.stack_config import load
from components.app.artifacts import Artifacts
from components.app.regional_app import RegionalApp
from components.region_args import app_args, artifacts_args
from functions.orders import contract
from tests.fakes.pulumi_mocks import ACCOUNT_ID, Run, run

REGION = "us-west-2"
NAME = "resilient-orders-region2"
TABLES = {"customers": "t-customers", "products": "t-products", "orders": "t-orders"}

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
STAGE = "aws:apigateway/stage:Stage"


class Source(dict[str, str]):
    """Configuration texts in place of pulumi.Config."""


def declare(*, stack: str = "region2", project: str = "resilient-orders", **settings: str) -> Run:
    """What a stack declares for its region; settings are configuration keys and texts."""
    source = Source(domainName="orders.example.com", hostedZone="example.com", **settings)

    def build() -> None:
        config = load(source, project, stack)
        provider = aws.Provider("aws-own", region=config.region)
        options = pulumi.ResourceOptions(providers=[provider])
        artifacts = Artifacts("artifacts", artifacts_args(config), options)
        args = app_args(config, account_id=ACCOUNT_ID, tables=TABLES, artifacts=artifacts)
        app = RegionalApp("app", args, options)
        pulumi.export("functionArns", dict(app.function_arns))
        pulumi.export("apiId", app.rest_api_id)
        pulumi.export("apiUrl", app.api_url)
        pulumi.export("stageName", app.stage_name)

    return run(build, stack=stack)


@pytest.fixture
def declared() -> Run:
    return declare()


def named(done: Run, type_: str) -> dict[str, dict[str, Any]]:
    return {resource.inputs["name"]: resource.inputs for resource in done.all(type_)}


def depends_on(done: Run, type_: str, name_contains: str = "") -> set[str]:
    """Types of what a resource waits for."""
    urns = done.one(type_, name_contains).options.depends_on
    return {urn.split("::")[2].split("$")[-1] for urn in urns}


def test_every_resource_is_made_by_the_regions_own_provider(declared: Run) -> None:
    assert {(r.name, r.provider, r.region) for r in declared.aws} == {
        (r.name, "aws-own", REGION) for r in declared.aws
    }
    assert len(declared.aws) > 30


def test_every_resource_has_a_component_as_its_parent(declared: Run) -> None:
    parents = {r.options.parent.split("::")[2].split("$")[-1] for r in declared.aws}
    assert all(parent.startswith("resilient-orders:app:") for parent in parents)


# The bucket


def test_the_bucket_gets_a_name_of_pulumis_making_and_goes_with_its_contents(declared: Run) -> None:
    bucket = declared.one("aws:s3/bucket:Bucket")
    assert bucket.name == f"{NAME}-artifacts"
    assert bucket.inputs == {"forceDestroy": True}


def test_the_bucket_is_private_encrypted_and_versioned(declared: Run) -> None:
    access = declared.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert [access[key] for key in sorted(access) if key != "bucket"] == [True] * 4
    encryption = declared.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).inputs
    assert encryption["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
            "blockedEncryptionTypes": ["SSE-C"],
        }
    ]
    versioning = declared.one("aws:s3/bucketVersioning:BucketVersioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    policy = json.loads(declared.one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    assert policy == policies.tls_only(f"arn:aws:s3:::{NAME}-artifacts")


def test_the_buckets_settings_are_made_one_after_the_other(declared: Run) -> None:
    chain = [
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketObjectv2:BucketObjectv2",
    ]
    for before, after in itertools.pairwise(chain):
        for resource in declared.all(after):
            assert before in " ".join(resource.options.depends_on), f"{after} does not wait for {before}"


def test_archives_are_uploaded_as_files_under_a_key_with_their_hash(declared: Run) -> None:
    objects = declared.all("aws:s3/bucketObjectv2:BucketObjectv2")
    keys = sorted(resource.inputs["key"] for resource in objects)
    assert [key.rsplit("-", 1)[0] for key in keys] == [
        "functions/orders",
        "layers/powertools",
        "layers/sigv4a",
        "layers/ulid",
    ]
    for resource in objects:
        assert isinstance(resource.inputs["source"], pulumi.FileAsset)
        assert Path(resource.inputs["source"].path).is_file()


def test_layers_are_for_the_configured_runtime_and_architecture() -> None:
    done = declare(lambdaRuntime="python3.12", lambdaArchitecture="x86_64")
    found = done.all("aws:lambda/layerVersion:LayerVersion")
    assert [r.inputs["layerName"] for r in found] == [f"{NAME}-{n}" for n in ("powertools", "sigv4a", "ulid")]
    for layer in found:
        assert layer.inputs["compatibleRuntimes"] == ["python3.12"]
        assert layer.inputs["compatibleArchitectures"] == ["x86_64"]
        assert layer.inputs["s3Key"].startswith(f"layers/{layer.name.removeprefix('artifacts-')}-")
        assert layer.inputs["sourceCodeHash"]


def test_a_project_name_that_leaves_no_room_in_a_buckets_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="S3 bucket"):
        declare(project="resilient-orders-for-a-very-large-company")


# The functions


def test_the_three_functions_have_the_configured_shape() -> None:
    done = declare(lambdaRuntime="python3.12", lambdaArchitecture="x86_64", lambdaMemoryMb="512")
    functions = named(done, FUNCTION)
    assert sorted(functions) == [f"{NAME}-orders-{name}" for name in ("create", "fill", "read")]
    for name, inputs in functions.items():
        key = name.rsplit("-", 1)[1]
        assert inputs["handler"] == contract.HANDLERS[key]
        assert inputs["runtime"] == "python3.12"
        assert inputs["architectures"] == ["x86_64"]
        assert inputs["memorySize"] == 512
        assert inputs["tracingConfig"] == {"mode": "Active"}
        assert inputs["s3Key"].startswith("functions/orders-")
        assert inputs["sourceCodeHash"]


def test_a_request_has_eight_seconds_and_no_function_more_than_api_gateway_waits(declared: Run) -> None:
    timeouts = {name.rsplit("-", 1)[1]: f["timeout"] for name, f in named(declared, FUNCTION).items()}
    assert timeouts == {"create": 8, "read": 8, "fill": 28}


def test_a_function_gets_its_own_layers_in_order(declared: Run) -> None:
    used = {
        name.rsplit("-", 1)[1]: [arn.rsplit("artifacts-", 1)[1] for arn in inputs["layers"]]
        for name, inputs in named(declared, FUNCTION).items()
    }
    assert used == {"create": ["powertools"], "read": ["powertools"], "fill": ["powertools", "ulid"]}


@pytest.mark.parametrize("consistency", ["eventual", "strong"])
def test_a_function_is_told_its_tables_and_the_consistency_and_nothing_else(consistency: str) -> None:
    functions = named(declare(consistency=consistency), FUNCTION)
    everything = {
        "CUSTOMERS_TABLE": "t-customers",
        "PRODUCTS_TABLE": "t-products",
        "ORDERS_TABLE": "t-orders",
        "CONSISTENCY": consistency,
    }
    told = {name.rsplit("-", 1)[1]: inputs["environment"]["variables"] for name, inputs in functions.items()}
    assert told["create"] == told["fill"] == everything
    assert told["read"] == {"ORDERS_TABLE": "t-orders", "CONSISTENCY": consistency}


@pytest.mark.parametrize("consistency", ["eventual", "strong"])
@pytest.mark.parametrize("function", ["create", "read", "fill"])
def test_a_function_has_a_role_of_its_own_with_exactly_its_policy(function: str, consistency: str) -> None:
    done = declare(consistency=consistency)
    name = f"{NAME}-orders-{function}"
    role = named(done, ROLE)[name]
    assert json.loads(role["assumeRolePolicy"]) == policies.trust("lambda.amazonaws.com")
    assert "managedPolicyArns" not in role
    (policy,) = [r.inputs for r in done.all(ROLE_POLICY) if r.inputs["role"] == name]
    assert json.loads(policy["policy"]) == policies.order_function(
        function=function,
        consistency=consistency,
        region=REGION,
        account_id=ACCOUNT_ID,
        tables=TABLES,
        log_group=f"/aws/lambda/{name}",
    )


def test_no_managed_policy_is_attached_to_anything(declared: Run) -> None:
    assert [r.type for r in declared.aws if "Attachment" in r.type] == []


def test_a_function_logs_json_into_its_own_group_with_a_retention() -> None:
    done = declare(logRetentionDays="7")
    groups = named(done, LOG_GROUP)
    for name, inputs in named(done, FUNCTION).items():
        assert groups[f"/aws/lambda/{name}"]["retentionInDays"] == 7
        assert inputs["loggingConfig"] == {
            "logFormat": "JSON",
            "applicationLogLevel": "INFO",
            "systemLogLevel": "WARN",
            "logGroup": f"/aws/lambda/{name}",
        }


@pytest.mark.parametrize("function", ["create", "read", "fill"])
def test_a_function_waits_for_its_policy_and_its_log_group(declared: Run, function: str) -> None:
    assert {ROLE_POLICY, LOG_GROUP} <= depends_on(declared, FUNCTION, function)


# The API


def test_the_api_is_regional_and_made_from_the_document(declared: Run) -> None:
    api = declared.one("aws:apigateway/restApi:RestApi").inputs
    assert api["name"] == f"{NAME}-api"
    assert api["endpointConfiguration"] == {"types": "REGIONAL"}
    invoke = (
        f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:{REGION}:{ACCOUNT_ID}"
    )
    body = json.loads(api["body"])
    assert body["info"]["title"] == f"{NAME}-api"
    assert (
        body["paths"]["/orders"]["post"]["x-amazon-apigateway-integration"]["uri"]
        == f"{invoke}:function:{NAME}-orders-create/invocations"
    )
    headers = body["x-amazon-apigateway-gateway-responses"]["DEFAULT_4XX"]["responseParameters"]
    assert headers["gatewayresponse.header.X-Orders-Region"] == f"'{REGION}'"


def test_a_deployment_follows_every_change_of_the_body(declared: Run) -> None:
    body = declared.one("aws:apigateway/restApi:RestApi").inputs["body"]
    deployment = declared.one("aws:apigateway/deployment:Deployment").inputs
    assert deployment["triggers"] == {"body": openapi.fingerprint(body)}
    other_region = declare(stack="region1").one("aws:apigateway/deployment:Deployment").inputs
    assert other_region["triggers"] != deployment["triggers"]


def test_the_old_deployment_goes_after_the_stage_has_left_it(declared: Run) -> None:
    deployment = declared.one("aws:apigateway/deployment:Deployment")
    assert deployment.options.delete_before_replace is False


def test_the_stage_has_traces_metrics_and_the_configured_limits() -> None:
    done = declare(apiStage="blue", throttleRate="50", throttleBurst="80")
    stage = done.one(STAGE).inputs
    assert (stage["stageName"], stage["xrayTracingEnabled"]) == ("blue", True)
    limits = done.one("aws:apigateway/methodSettings:MethodSettings").inputs
    assert (limits["stageName"], limits["methodPath"]) == ("blue", "*/*")
    assert limits["settings"] == {
        "metricsEnabled": True,
        "throttlingRateLimit": 50,
        "throttlingBurstLimit": 80,
        "loggingLevel": "OFF",
        "dataTraceEnabled": False,
    }


def test_access_logs_are_json_without_caller_query_or_body(declared: Run) -> None:
    settings = declared.one(STAGE).inputs["accessLogSettings"]
    fields = json.loads(settings["format"])
    assert fields["region"] == REGION
    assert "\n" not in settings["format"]
    for secret in ("identity", "authorizer", "header", "querystring", "body", "error.message"):
        assert secret not in settings["format"].lower()
    group = named(declared, LOG_GROUP)[f"/aws/apigateway/{NAME}-api"]
    assert group["retentionInDays"] == 30


def test_access_logs_can_be_switched_off() -> None:
    done = declare(apiAccessLogs="false")
    assert "accessLogSettings" not in done.one(STAGE).inputs
    assert [name for name in named(done, LOG_GROUP) if "apigateway" in name] == []


def test_the_accounts_log_role_is_left_alone_unless_asked_for(declared: Run) -> None:
    assert declared.all("aws:apigateway/account:Account") == []
    assert sorted(named(declared, ROLE)) == [f"{NAME}-orders-{n}" for n in ("create", "fill", "read")]


def test_the_accounts_log_role_outlives_the_stack_with_all_it_needs() -> None:
    done = declare(manageApiGatewayAccount="true")
    kept = [
        done.one("aws:apigateway/account:Account"),
        done.one(ROLE, "api-gateway-logs"),
        done.one(ROLE_POLICY, "account"),
    ]
    assert all(resource.options.retain_on_delete for resource in kept)
    # A fixed name would be taken already when the stack is deployed again.
    assert "name" not in kept[1].inputs
    assert json.loads(kept[1].inputs["assumeRolePolicy"]) == policies.trust("apigateway.amazonaws.com")
    assert json.loads(kept[2].inputs["policy"]) == policies.api_gateway_logs(
        region=REGION, account_id=ACCOUNT_ID
    )
    assert ROLE_POLICY in depends_on(done, "aws:apigateway/account:Account")
    assert "aws:apigateway/account:Account" in depends_on(done, STAGE)


def test_api_gateway_may_invoke_each_function_for_its_own_routes_and_stage_only() -> None:
    permissions = declare(apiStage="blue").all(PERMISSION)
    allowed = {(p.inputs["function"], p.inputs["sourceArn"].split(f"{ACCOUNT_ID}:")[1]) for p in permissions}
    assert allowed == {
        (f"{NAME}-orders-create", "app-api-id/blue/POST/orders"),
        (f"{NAME}-orders-read", "app-api-id/blue/GET/orders"),
        (f"{NAME}-orders-read", "app-api-id/blue/GET/health"),
        (f"{NAME}-orders-fill", "app-api-id/blue/POST/fill"),
    }
    assert {p.inputs["principal"] for p in permissions} == {"apigateway.amazonaws.com"}


def test_without_fill_there_is_no_route_function_role_or_permission_of_it() -> None:
    done = declare(fillEnabled="false")
    assert [r.name for r in done.resources if "fill" in r.name] == []
    body = done.one("aws:apigateway/restApi:RestApi").inputs["body"]
    assert "/fill" not in json.loads(body)["paths"]
    assert sorted(done.exports["functionArns"]) == ["create", "read"]


# What others get from it


def test_the_app_says_where_it_is(declared: Run) -> None:
    assert declared.exports == {
        "apiId": "app-api-id",
        "apiUrl": f"https://app-api-id.execute-api.{REGION}.amazonaws.com/live",
        "stageName": "live",
        "functionArns": {
            key: f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{NAME}-orders-{key}"
            for key in ("create", "read", "fill")
        },
    }
