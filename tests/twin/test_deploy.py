"""The real program in a running twin: what is made, what a second deployment does, what failure leaves."""

import io
import json
import zipfile

import pytest

from blueprint import output_names as names
from tests.fakes.twin_fixtures import DeployedTwin
from twin.client import TwinClient
from twin.deploy import schema
from twin.deploy.clients import Clients
from twin.deploy.context import Aws
from twin.deploy.errors import DeployError
from twin.deploy.in_process.state import StackState, StoredResource
from twin.deploy.provider import ProviderSettings
from twin.deploy.resources.registry import handler_of
from twin.deploy.run import deploy_stack, destroy_stack

pytestmark = pytest.mark.twin

PRIMARY, SECONDARY = "us-east-1", "us-west-2"
STACKS = ("region1", "region2")
CHANGING = frozenset({"lastModified", "routingControlCount", "status"})
"""Outputs that other resources, or the operator, change after this one was made."""


def kept(client: TwinClient, stack: str) -> list[StoredResource]:
    state = StackState.load(client.home / "state" / f"{stack}.json", str(client.description["instance"]))
    return list(state.resources.values())


def of_type(client: TwinClient, stack: str, pulumi_type: str) -> list[StoredResource]:
    return [resource for resource in kept(client, stack) if resource.type == pulumi_type]


def test_outputs_are_complete_and_what_is_global_is_equal(deployed_twin: DeployedTwin) -> None:
    first, second = (deployed_twin.outputs[stack] for stack in STACKS)
    assert set(first) == set(second) == set(names.ALL)
    for name in names.GLOBAL:
        assert first[name] == second[name]
        assert first[name]
    for name in (names.REGION, names.API_ID, names.API_URL, names.FUNCTION_ARNS):
        assert first[name] != second[name]
    assert len(first[names.ARC]["clusterEndpoints"]) == 5
    assert first[names.ARC]["routingControls"].keys() == {PRIMARY, SECONDARY}


def test_outputs_are_in_files_of_their_owner(deployed_twin: DeployedTwin) -> None:
    for stack, outputs in deployed_twin.outputs.items():
        path = deployed_twin.client.home / "outputs" / f"{stack}.json"
        assert json.loads(path.read_text()) == outputs
        assert path.stat().st_mode & 0o077 == 0


def test_credentials_are_in_no_file_of_a_deployment(deployed_twin: DeployedTwin) -> None:
    secret = deployed_twin.client.env["AWS_SECRET_ACCESS_KEY"]
    for directory in ("outputs", "state"):
        for path in (deployed_twin.client.home / directory).glob("*.json"):
            assert secret not in path.read_text()


@pytest.mark.parametrize("stack", STACKS)
def test_a_second_deployment_changes_nothing(deployed_twin: DeployedTwin, stack: str) -> None:
    # Other tests of this twin deploy it with a DNS TTL of their own.
    deploy_stack(stack, deployed_twin.client, deployed_twin.values, quiet=True)
    count = len(kept(deployed_twin.client, stack))
    again = deploy_stack(stack, deployed_twin.client, deployed_twin.values, quiet=True)
    assert again.resources == {"unchanged": count}
    assert again.outputs == deployed_twin.outputs[stack]


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_has_outputs_that_the_provider_names_and_aws_confirms(
    deployed_twin: DeployedTwin, stack: str
) -> None:
    clients = Clients(deployed_twin.client.boto3_session(PRIMARY))
    endpoint = deployed_twin.client.addresses["endpoint"]
    for resource in kept(deployed_twin.client, stack):
        known = schema.outputs(resource.type)
        assert resource.outputs.keys() <= known, resource.type
        if "arn" in known and "arn" not in resource.inputs:
            assert str(resource.outputs["arn"]).startswith("arn:aws:"), resource.type
        aws = Aws(ProviderSettings(region=resource.region), clients, fallback_endpoint=endpoint)
        found = handler_of(resource.type).read(aws, resource.identity, resource.inputs)
        assert found is not None, f"{resource.type} {resource.name} is not there"
        for name in (found.keys() & resource.outputs.keys()) - CHANGING:
            assert found[name] == resource.outputs[name], f"{resource.type}.{name}"


def test_tables_are_protected_backed_up_and_streamed_in_both_regions(deployed_twin: DeployedTwin) -> None:
    for region in (PRIMARY, SECONDARY):
        dynamodb = deployed_twin.client.boto3_client("dynamodb", region)
        for name in deployed_twin.outputs["region1"][names.TABLE_NAMES].values():
            table = dynamodb.describe_table(TableName=name)["Table"]
            assert table["DeletionProtectionEnabled"], (name, region)
            assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
            assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
            backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
            recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
            assert recovery == "ENABLED", (name, region)


@pytest.mark.parametrize("kind", ["artifacts", "observer-canaries"])
@pytest.mark.parametrize("stack", STACKS)
def test_each_bucket_is_private_encrypted_and_versioned(
    deployed_twin: DeployedTwin, stack: str, kind: str
) -> None:
    found = of_type(deployed_twin.client, stack, "aws:s3/bucket:Bucket")
    (bucket,) = [b for b in found if f"-{kind}-" in b.identity]
    s3 = deployed_twin.client.boto3_client("s3", bucket.region)
    blocks = s3.get_public_access_block(Bucket=bucket.identity)["PublicAccessBlockConfiguration"]
    assert all(blocks.values())
    assert len(blocks) == 4
    rules = s3.get_bucket_encryption(Bucket=bucket.identity)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_versioning(Bucket=bucket.identity)["Status"] == "Enabled"
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket.identity)["Policy"])
    assert "aws:SecureTransport" in json.dumps(policy)


@pytest.mark.parametrize("stack", STACKS)
def test_functions_run_on_this_machine_with_their_layers_and_log_groups(
    deployed_twin: DeployedTwin, stack: str
) -> None:
    for function in of_type(deployed_twin.client, stack, "aws:lambda/function:Function"):
        client = deployed_twin.client.boto3_client("lambda", function.region)
        found = client.get_function_configuration(FunctionName=function.identity)
        assert found["Runtime"] == function.inputs["runtime"]
        assert [layer["Arn"] for layer in found["Layers"]] == function.inputs["layers"]
        assert found["LoggingConfig"]["LogGroup"] == function.inputs["loggingConfig"]["logGroup"]
        assert found["Environment"]["Variables"] == function.inputs["environment"]["variables"]


def test_the_stage_logs_accesses_and_measures(deployed_twin: DeployedTwin) -> None:
    (stage,) = of_type(deployed_twin.client, "region1", "aws:apigateway/stage:Stage")
    client = deployed_twin.client.boto3_client("apigateway", stage.region)
    found = client.get_stage(restApiId=stage.inputs["restApi"], stageName=stage.inputs["stageName"])
    assert found["accessLogSettings"]["format"] == stage.inputs["accessLogSettings"]["format"]
    assert found["methodSettings"]["*/*"]["metricsEnabled"] is True


def test_routing_controls_are_off_and_guarded_after_a_deployment(deployed_twin: DeployedTwin) -> None:
    arc = deployed_twin.outputs["region1"][names.ARC]
    client = deployed_twin.client.boto3_client("route53-recovery-control-config", SECONDARY)
    rules = client.list_safety_rules(ControlPanelArn=arc["controlPanelArn"])["SafetyRules"]
    assert rules[0]["ASSERTION"]["SafetyRuleArn"] == arc["safetyRuleArn"]
    assert set(rules[0]["ASSERTION"]["AssertedControls"]) == set(arc["routingControls"].values())


def test_everything_is_tagged_with_project_and_stack(deployed_twin: DeployedTwin) -> None:
    for bucket in of_type(deployed_twin.client, "region2", "aws:s3/bucket:Bucket"):
        s3 = deployed_twin.client.boto3_client("s3", bucket.region)
        tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket.identity)["TagSet"]}
        assert tags["Project"] == "resilient-orders"
        assert tags["Stack"] == "region2"


def test_another_consistency_is_refused_by_protection_before_anything_changes(
    deployed_twin: DeployedTwin,
) -> None:
    before = kept(deployed_twin.client, "region1")
    with pytest.raises(DeployError, match=r"tables-.*-eventual.*would delete it, but it is protected"):
        deploy_stack("region1", deployed_twin.client, {"consistency": "strong"}, quiet=True)
    assert kept(deployed_twin.client, "region1") == before


def test_a_protected_stack_is_not_destroyed(deployed_twin: DeployedTwin) -> None:
    with pytest.raises(DeployError, match="it is protected"):
        destroy_stack("region1", deployed_twin.client, quiet=True)
    assert len(kept(deployed_twin.client, "region1")) > 50


def test_an_account_without_a_log_role_is_refused_before_a_cluster_is_made(twin: TwinClient) -> None:
    empty = {"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}
    twin.boto3_client("apigateway", PRIMARY).update_account(patchOperations=[empty])
    clusters = twin.boto3_client("route53-recovery-control-config", SECONDARY).list_clusters
    before = clusters()["Clusters"]
    values = {"manageApiGatewayAccount": "false", "protect": "false"}
    with pytest.raises(DeployError, match="no role to write logs with in us-east-1") as refused:
        deploy_stack("region1", twin, values, quiet=True)
    assert "what to do: Set `manageApiGatewayAccount: true`" in str(refused.value)
    assert clusters()["Clusters"] == before
    destroy_stack("region1", twin, quiet=True)


def test_a_strong_table_gives_up_replica_and_witness_and_leaves_a_system_backup(twin: TwinClient) -> None:
    table = handler_of("aws:dynamodb/table:Table")
    aws = Aws(
        ProviderSettings(region=PRIMARY),
        Clients(twin.boto3_session(PRIMARY)),
        fallback_endpoint=twin.addresses["endpoint"],
    )
    inputs = {
        "name": "strong-and-gone",
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}],
        "billingMode": "PAY_PER_REQUEST",
        "pointInTimeRecovery": {"enabled": True},
        "replicas": [{"regionName": SECONDARY, "consistencyMode": "STRONG"}],
        "globalTableWitness": {"regionName": "us-east-2"},
    }
    made = table.create(aws, inputs)
    table.delete(aws, made.identity, inputs, made.outputs)
    for region in (PRIMARY, SECONDARY):
        assert made.identity not in twin.boto3_client("dynamodb", region).list_tables()["TableNames"]
    client = twin.boto3_client("dynamodb", PRIMARY)
    # Without a type, only those of users are listed.
    assert client.list_backups(TableName=made.identity)["BackupSummaries"] == []
    (backup,) = client.list_backups(TableName=made.identity, BackupType="SYSTEM")["BackupSummaries"]
    found = client.describe_backup(BackupArn=backup["BackupArn"])["BackupDescription"]["BackupDetails"]
    assert (found["BackupExpiryDateTime"] - found["BackupCreationDateTime"]).days == 35


def test_a_layers_version_is_deleted_by_the_layers_arn_too(twin: TwinClient) -> None:
    client = twin.boto3_client("lambda", PRIMARY)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("python/nothing.py", "")
    made = client.publish_layer_version(LayerName="soon-gone", Content={"ZipFile": archive.getvalue()})
    client.delete_layer_version(LayerName=made["LayerArn"], VersionNumber=made["Version"])
    assert "soon-gone" not in {layer["LayerName"] for layer in client.list_layers()["Layers"]}
