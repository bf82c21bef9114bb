"""The rights of the CI roles, enforced by the twin: enough for their work, and no more.

That the deploy role's are enough to create both stacks shows in the fixtures: every deployed twin is made
with them (tests/fakes/twin_fixtures.py).
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from blueprint.order_service import CANARY_IDS
from functions.orders.contract import TABLE_KEYS
from ops.checks import smoke
from ops.deployed.deployment import parse
from ops.deployed.options import routing_switch
from ops.deployed.stacks import PROJECT, read_plan
from ops.deployed.target import TwinTarget
from ops.deploying.preflight import inspect
from tests.fakes.twin_fixtures import DeployedTwin
from twin.acting import act_as
from twin.client import TwinClient
from twin.deploy.clients import Clients
from twin.deploy.context import Aws
from twin.deploy.in_process.state import StackState
from twin.deploy.provider import ProviderSettings
from twin.deploy.resources.registry import handler_of
from twin.deploy.values import reveal

pytestmark = pytest.mark.twin


@pytest.fixture(scope="module")
def previewer(strong_twin: DeployedTwin) -> TwinClient:
    return act_as(strong_twin.client, "ci-preview")


@pytest.fixture(scope="module")
def driller(strong_twin: DeployedTwin) -> TwinClient:
    return act_as(strong_twin.client, "ci-drill")


@pytest.fixture(scope="module")
def deployer(strong_twin: DeployedTwin) -> TwinClient:
    """The user that deployed the twin."""
    return act_as(strong_twin.client, "ci-deploy")


def code(call: Callable[[], Any]) -> str:
    """How a call is refused; empty when it is not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize("stack", ["region1", "region2"])
def test_the_preview_role_may_read_every_resource(
    stack: str, strong_twin: DeployedTwin, previewer: TwinClient
) -> None:
    """As `pulumi preview --refresh` does, where everything is to be made anew as well."""
    client = strong_twin.client
    state = StackState.load(client.home / "state" / f"{stack}.json", client.description["instance"])
    clients = Clients(previewer.boto3_session("us-east-1"))
    seen = set()
    for kept in state.resources.values():
        inputs = reveal(state.providers[kept.provider])
        settings = ProviderSettings.from_inputs(kept.provider, inputs)
        aws = Aws(settings, clients, fallback_endpoint=client.addresses["endpoint"], region=kept.region)
        handler, given = handler_of(kept.type), reveal(kept.inputs)
        assert handler.read(aws, kept.identity, given) is not None, kept.urn
        handler.plan(aws, {}, given)
        seen.add(kept.type)
    assert len(seen) > 20


def other_ways_to_read(client: Any, table: str, key: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """All that reads items but GetItem."""
    ((name, value),) = key.items()
    return {
        "several": lambda: client.batch_get_item(RequestItems={table: {"Keys": [key]}}),
        "query": lambda: client.query(
            TableName=table,
            KeyConditionExpression=f"{name} = :v",
            ExpressionAttributeValues={":v": value},
        ),
        "scan": lambda: client.scan(TableName=table),
    }


def test_the_preview_role_reads_no_items_but_the_canaries(
    strong_twin: DeployedTwin, previewer: TwinClient
) -> None:
    client: Any = previewer.boto3_client("dynamodb", "us-east-1")
    for table, own_id in CANARY_IDS.items():
        name, key = strong_twin.outputs["region1"]["tableNames"][table], TABLE_KEYS[table]
        own, other = {key: {"S": own_id}}, {key: {"S": "somebody-elses"}}
        assert client.get_item(TableName=name, Key=own, ConsistentRead=True)["Item"][key] == {"S": own_id}
        with pytest.raises(ClientError, match="AccessDeniedException"):
            client.get_item(TableName=name, Key=other)
        codes = {what: code(call) for what, call in other_ways_to_read(client, name, own).items()}
        assert set(codes.values()) == {"AccessDeniedException"}, codes


def test_the_preview_role_changes_nothing(strong_twin: DeployedTwin, previewer: TwinClient) -> None:
    outputs = strong_twin.outputs["region1"]
    table = outputs["tableNames"]["orders"]

    def client(service: str, region: str = "us-east-1") -> Any:
        return previewer.boto3_client(service, region)

    refused = {
        "table": lambda: client("dynamodb").delete_table(TableName=table),
        "item": lambda: client("dynamodb").put_item(TableName=table, Item={"OrderId": {"S": "x"}}),
        "function": lambda: client("lambda").delete_function(FunctionName=outputs["functionArns"]["read"]),
        "stage": lambda: client("apigateway").delete_stage(restApiId=outputs["apiId"], stageName="live"),
        "role": lambda: client("iam").create_role(
            RoleName="resilient-orders-x", AssumeRolePolicyDocument="{}"
        ),
        "user": lambda: client("iam").create_access_key(UserName="as-ci-deploy"),
        "bucket": lambda: client("s3").create_bucket(Bucket="resilient-orders-x"),
        "control": lambda: client("route53-recovery-control-config", "us-west-2").delete_routing_control(
            RoutingControlArn=outputs["arc"]["routingControls"]["us-east-1"]
        ),
    }
    codes = {what: code(call) for what, call in refused.items()}
    assert {what: found for what, found in codes.items() if not found.startswith("AccessDenied")} == {}


def test_the_deploy_role_touches_nothing_of_anybody_else(deployer: TwinClient) -> None:
    def client(service: str) -> Any:
        return deployer.boto3_client(service, "us-east-1")

    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    refused = {
        "table": lambda: client("dynamodb").delete_table(TableName="somebody-elses"),
        "function": lambda: client("lambda").delete_function(FunctionName="somebody-elses"),
        "role": lambda: client("iam").create_role(RoleName="somebody-elses", AssumeRolePolicyDocument=trust),
        "user": lambda: client("iam").create_user(UserName="resilient-orders-user"),
        "managed": lambda: client("iam").attach_user_policy(
            UserName="as-ci-deploy", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        ),
        "bucket": lambda: client("s3").create_bucket(Bucket="somebody-elses"),
        "log": lambda: client("logs").create_log_group(logGroupName="/somebody/elses"),
    }
    codes = {what: code(call) for what, call in refused.items()}
    assert {what: found for what, found in codes.items() if not found.startswith("AccessDenied")} == {}


def test_the_deploy_role_may_change_a_roles_description_and_sessions(
    strong_twin: DeployedTwin, deployer: TwinClient
) -> None:
    settings = ProviderSettings(region="us-east-1")
    aws = Aws(
        settings,
        Clients(deployer.boto3_session("us-east-1")),
        fallback_endpoint=deployer.addresses["endpoint"],
    )
    role, trust = handler_of("aws:iam/role:Role"), {"Version": "2012-10-17", "Statement": []}
    name = "resilient-orders-described"
    before = {"name": name, "assumeRolePolicy": json.dumps(trust), "description": "one"}
    role.create(aws, before)
    after = {**before, "description": "two", "maxSessionDuration": 7200}
    role.update(aws, name, before, after)
    found = strong_twin.client.boto3_client("iam", "us-east-1").get_role(RoleName=name)["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("two", 7200)
    role.delete(aws, name, after, {})


def test_the_drill_role_moves_traffic_and_deploys_nothing(
    strong_twin: DeployedTwin, driller: TwinClient
) -> None:
    arc = strong_twin.outputs["region1"]["arc"]
    control = arc["routingControls"]["us-east-1"]
    endpoint = arc["clusterEndpoints"][0]
    cluster: Any = driller.boto3_session(endpoint["region"])
    client = cluster.client(
        "route53-recovery-cluster", endpoint_url=endpoint["url"], verify=driller.env["AWS_CA_BUNDLE"]
    )
    assert len(client.list_routing_controls(ControlPanelArn=arc["controlPanelArn"])["RoutingControls"]) == 2
    state = client.get_routing_control_state(RoutingControlArn=control)["RoutingControlState"]
    # Whether the safety rule takes it depends on the other control; IAM does.
    changed = code(
        lambda: client.update_routing_control_state(RoutingControlArn=control, RoutingControlState=state)
    )
    assert changed in ("", "ConflictException")
    tables = strong_twin.outputs["region1"]["tableNames"]
    dynamodb = driller.boto3_client("dynamodb", "us-west-2")
    keys = {tables["orders"]: {"Keys": [{"OrderId": {"S": "nobodys"}}]}}
    assert dynamodb.batch_get_item(RequestItems=keys)["Responses"] == {tables["orders"]: []}
    assert code(lambda: dynamodb.delete_table(TableName=tables["orders"])).startswith("AccessDenied")
    config = driller.boto3_client("route53-recovery-control-config", "us-west-2")
    assert code(lambda: config.describe_cluster(ClusterArn=arc["clusterArn"])).startswith("AccessDenied")


def test_the_deploy_role_may_do_what_the_waves_do_besides_deploying(
    strong_twin: DeployedTwin, deployer: TwinClient
) -> None:
    """Preflight, the smoke test with signed calls, and the routing controls."""
    target, plan = TwinTarget(deployer), read_plan("region1", PROJECT)
    findings = inspect(target, plan)
    assert [one for one in findings if "AccessDenied" in one.seen or "not authorized" in one.seen] == []
    deployment = parse(strong_twin.outputs, source="test")
    results = smoke.check(target, deployment, ("us-east-1",), report=lambda _: None)
    assert smoke.passed(results), smoke.table(results)
    assert set(routing_switch(target, deployment).read().states) == {"us-east-1", "us-west-2"}
