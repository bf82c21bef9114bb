"""The program under Pulumi's real engine: one deployment of both stacks, and what becomes of it.

The tests are one story in the order of this file, since each operation costs seconds: made, unchanged,
edited, repaired, in outages, refused, destroyed.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blueprint import output_names as names
from components.packing.layers import Platform
from ops import cli
from ops.client import api
from ops.client.calls import Signature
from ops.deployed.target import TwinTarget
from tests.engine.world import EAST, REGIONS, WEST, World, host_target
from twin.deploy.engine.find import find_program
from twin.deploy.errors import DeployError
from twin.deploy.project import ROOT

pytestmark = pytest.mark.twin
if find_program() is None:
    pytest.skip(
        "NO PULUMI ENGINE: none of the tests of the real engine ran; make engine gets one",
        allow_module_level=True,
    )

SKIP = "--skip-preview"
"""Seconds saved, where a preview beforehand is not what is tested."""
FUNCTIONS = ("create", "fill", "read")
LATER_STEPS = {
    "acm": "DescribeCertificate",
    "dynamodb": "DescribeTable",
    "iam": "GetRole",
    "lambda": "GetFunctionConfiguration",
    "logs": "PutRetentionPolicy",
    "route53-recovery-control-config": "DescribeCluster",
    "s3": "PutBucketTagging",
}
"""Calls that creations make after the one that creates, by service."""


@pytest.fixture(autouse=True)
def mended(world: World) -> Iterator[None]:
    """Whatever a test broke is whole for the next."""
    yield
    world.twin.clear_faults()
    for region in (EAST, WEST):
        world.twin.revive(region)


def test_a_preview_of_an_empty_stack_creates_everything_and_makes_nothing(world: World) -> None:
    result = world.run("preview", "region1")
    assert result.resources.keys() == {"created"}
    assert {step["op"] for step in result.steps} == {"create"}
    world.previewed = result.resources["created"]
    assert world.aws("dynamodb").list_tables()["TableNames"] == []


def test_creations_that_stop_half_way_are_finished_by_the_next_up(world: World) -> None:
    for service, operation in LATER_STEPS.items():
        world.twin.fault(service, "failing", operation=operation)
    with pytest.raises(DeployError) as failed:
        world.run("up", "region1")
    assert "aws:dynamodb/table:Table" in str(failed.value)
    assert "DescribeTable answered" in str(failed.value)
    half = len(world.resources("region1"))
    assert half > 4

    world.twin.clear_faults()
    result = world.run("up", "region1")
    assert sum(result.resources.values()) == world.previewed
    assert result.resources["updated"] >= 5, "the half-made ones, which were kept"
    assert set(result.outputs) == set(names.ALL)
    assert_nothing_is_orphaned(world)


def assert_nothing_is_orphaned(world: World) -> None:
    """What exists is what the state has: nothing was made twice."""
    kinds = [resource["type"] for resource in world.resources("region1")]
    config = world.aws("route53-recovery-control-config", WEST)
    assert len(config.list_clusters()["Clusters"]) == 1
    assert len(world.aws("dynamodb").list_tables()["TableNames"]) == kinds.count("aws:dynamodb/table:Table")
    buckets = world.aws("s3").list_buckets()["Buckets"]
    assert len(buckets) == kinds.count("aws:s3/bucket:Bucket")
    certificates = world.aws("acm").list_certificates()["CertificateSummaryList"]
    assert len(certificates) == kinds.count("aws:acm/certificate:Certificate")
    assert len(world.aws("apigateway").get_rest_apis()["items"]) == 1


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A shell in the checkout, with the twin's environment, as a user has it."""

    world: World
    environment: dict[str, str]

    def type(self, line: str) -> "subprocess.CompletedProcess[str]":
        python = f"'{sys.executable}' -m twin env --home '{self.world.twin.home}'"
        return subprocess.run(
            ["/bin/sh", "-c", f'eval "$({python})"; {line}'],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def shell(world: World, engine_program: Path, tmp_path: Path) -> Shell:
    """Its PATH has the engine and, since only the official download has one, a language host of ours."""
    host = tmp_path / "pulumi-language-python"
    script = Path(__file__).with_name("language_host.py")
    host.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{script}' \"$@\"\n")
    host.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), str(engine_program.parent), os.environ["PATH"]])
    return Shell(world=world, environment={**os.environ, "PATH": path})


def test_pulumis_commands_work_as_typed_and_leave_the_committed_files_alone(
    world: World, shell: Shell
) -> None:
    committed = {path: path.read_bytes() for path in ROOT.glob("Pulumi*.yaml")}
    preview = shell.type("pulumi preview -s region1 --expect-no-changes")
    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert "unchanged" in preview.stdout

    set_memory = "pulumi config set lambdaMemoryMb 512 -s region2"
    up = shell.type(f"{set_memory} && pulumi up -s region2 --yes --skip-preview")
    assert up.returncode == 0, up.stdout + up.stderr
    assert set(world.outputs()["region2"]) == set(names.ALL), "the operator's commands see them"
    assert memory(world, "region2") == {512}, "the user's own configuration is in force"

    assert shell.type("pulumi config get no-such-key -s region2").returncode != 0, "the code is Pulumi's own"
    assert {path: path.read_bytes() for path in ROOT.glob("Pulumi*.yaml")} == committed


def memory(world: World, stack: str) -> set[int]:
    client = world.aws("lambda", REGIONS[stack])
    prefix = f"resilient-orders-{stack}-orders-"
    found = client.list_functions()["Functions"]
    return {f["MemorySize"] for f in found if f["FunctionName"].startswith(prefix)}


def test_an_unchanged_up_does_nothing_and_moves_no_traffic(world: World) -> None:
    before = move_traffic_to(world, WEST)
    for stack in REGIONS:
        result = world.run("up", stack, "--expect-no-changes", SKIP)
        assert result.resources.keys() == {"unchanged"}
    assert controls(world) == before
    assert str(TwinTarget(world.twin).resolve(host(world)).host).startswith("127.0.11.")


def move_traffic_to(world: World, region: str) -> dict[str, str]:
    """As `controls off` of the other region does, at once; the states afterwards."""
    cluster, arns = routing(world)
    states = {arn: "On" if name == region else "Off" for name, arn in arns.items()}
    cluster.update_routing_control_states(
        UpdateRoutingControlStateEntries=[
            {"RoutingControlArn": arn, "RoutingControlState": state} for arn, state in states.items()
        ],
    )
    return controls(world)


def controls(world: World) -> dict[str, str]:
    cluster, arns = routing(world)
    return {
        region: cluster.get_routing_control_state(RoutingControlArn=arn)["RoutingControlState"]
        for region, arn in arns.items()
    }


def routing(world: World) -> tuple[Any, dict[str, str]]:
    """A client of a cluster endpoint that no outage here reaches, and the controls by region."""
    endpoint = world.twin.addresses["arcEndpoints"][-1]
    session: Any = world.twin.boto3_session(endpoint["region"])
    client = session.client(
        "route53-recovery-cluster", endpoint_url=endpoint["url"], verify=world.twin.env["AWS_CA_BUNDLE"]
    )
    return client, world.outputs()["region1"][names.ARC][names.ARC_ROUTING_CONTROLS]


def host(world: World) -> str:
    return api.Site.of(world.outputs()["region1"][names.DOMAIN_URL]).host


@pytest.mark.parametrize("stack", REGIONS)
def test_a_refresh_finds_what_was_declared(world: World, stack: str) -> None:
    assert world.run("refresh", stack, "--expect-no-changes").resources.keys() == {"unchanged"}


NEW_CODE = {
    "BucketObjectv2 region-app-orders-code": "replaced",
    **{f"Function region-app-orders-{name}": "updated" for name in FUNCTIONS},
}
NEW_DEPLOYMENT = {
    "RestApi region-app-api": "updated",
    "Deployment region-app-api-deployment": "replaced",
    "Stage region-app-api-stage": "updated",
}


NEW_ROUTE = """\
  /version:
    get:
      operationId: version
      tags: [operations]
      summary: Which version this is
      security: *signed
      responses:
        "200":
          description: The version
          headers: *region
      x-amazon-apigateway-integration: *readIntegration
    options: *preflight

components:
  securitySchemes:
"""


def test_edited_handlers_an_edited_api_definition_and_a_new_route_are_live_after_one_up(world: World) -> None:
    world.checkout.edit("functions/orders/read.py", '"status": "ok"}', '"status": "ok", "edited": "handler"}')
    world.checkout.edit("openapi/orders.yaml", "The request is not signed, or", "Edited: unsigned, or")
    world.checkout.edit("openapi/orders.yaml", "components:\n  securitySchemes:\n", NEW_ROUTE)
    world.checkout.edit(
        "functions/orders/read.py",
        'f"GET {contract.HEALTH_PATH}": health}',
        'f"GET {contract.HEALTH_PATH}": health, "GET /version": health}',
    )
    assert world.changes("up", "region1", SKIP) == {
        **NEW_CODE,
        **NEW_DEPLOYMENT,
        "Permission region-app-api-read-get-version": "created",
    }
    assert api.document(world.call(api.health()).body)["edited"] == "handler"
    refused = world.call(api.health(), signature=Signature.NONE)
    assert api.document(refused.body)["detail"].startswith("Edited: unsigned")
    assert world.call(api.OrderCall(method="GET", path="/version", query={})).status == 200


CANARY_CODE = {
    "BucketObjectv2 region-synthetics-observer-code": "replaced",
    "BucketObjectv2 region-synthetics-site-code": "replaced",
    "Canary region-synthetics-inside": "updated",
    "Canary region-synthetics-observer-domain": "updated",
    "Canary region-synthetics-observer-outside": "updated",
}
LAYER_CODE = {
    "BucketObjectv2 region-artifacts-ulid-archive": "replaced",
    "LayerVersion region-artifacts-ulid": "replaced",
}


def test_another_memory_size_layer_and_canary_code_are_live_after_one_up(world: World) -> None:
    canary = world.physical("region1", "region-synthetics-inside")
    before = canary_code(world, canary)
    world.overrides["lambdaMemoryMb"] = "512"
    world.checkout.change_layer("ulid", host_target())
    world.checkout.edit("canaries/order_read/python/order_read.py", "CALL_SECONDS = 12", "CALL_SECONDS = 11")
    changes = world.changes("up", "region1", SKIP)
    functions = {key: what for key, what in changes.items() if key.startswith("Function ")}
    assert functions.items() >= {f"Function region-app-orders-{n}": "updated" for n in FUNCTIONS}.items()
    assert set(functions.values()) == {"updated"}
    assert {k: what for k, what in changes.items() if k not in functions} == {**LAYER_CODE, **CANARY_CODE}
    assert memory(world, "region1") == {512}
    assert world.call(api.health()).status == 200
    assert canary_code(world, canary) != before


def canary_code(world: World, canary: str) -> str:
    """Where the service keeps the code that the canary's next run uses."""
    found = world.aws("synthetics").get_canary(Name=canary)["Canary"]
    return f"{found['Code']} {found['Timeline']['LastModified']}"


def test_another_runtime_replaces_layers_and_updates_functions(world: World) -> None:
    host = host_target()
    other = Platform(
        runtime="python3.12" if host.runtime != "python3.12" else "python3.13", architecture=host.architecture
    )
    world.checkout.take_layers(host, other)
    changes = world.changes("preview", "region1", lambdaRuntime=other.runtime)
    kinds = {(key.split()[0], what) for key, what in changes.items()}
    assert ("Function", "updated") in kinds
    assert ("LayerVersion", "replaced") in kinds
    assert kinds <= {("Function", "updated"), ("LayerVersion", "replaced"), ("BucketObjectv2", "replaced")}


def test_what_was_changed_behind_pulumis_back_is_found_and_repaired(world: World) -> None:
    function = world.physical("region1", "region-app-orders-read")
    table = world.physical("region1", "foundation-tables-orders-eventual")
    bucket = world.physical("region1", "resilient-orders-region1-artifacts")
    world.aws("lambda").update_function_configuration(FunctionName=function, Timeout=3)
    world.aws("dynamodb", WEST).update_table(TableName=table, DeletionProtectionEnabled=False)
    world.aws("s3").delete_bucket_policy(Bucket=bucket)

    assert world.changes("up", "region1", "--refresh", SKIP) == {
        "Function region-app-orders-read": "updated",
        f"TableReplica foundation-tables-orders-eventual-{WEST}": "updated",
        "BucketPolicy region-artifacts-tls-only": "created",
    }
    replica = world.aws("dynamodb", WEST).describe_table(TableName=table)["Table"]
    assert replica["DeletionProtectionEnabled"]
    assert world.aws("s3").get_bucket_policy(Bucket=bucket)["Policy"]


def test_with_the_other_region_dead_this_one_is_previewed_and_changed(world: World) -> None:
    world.twin.kill(WEST)
    world.checkout.edit("functions/orders/read.py", '"edited": "handler"', '"edited": "outage"')
    assert world.changes("up", "region1") == NEW_CODE, "all else is previewed and left alone"
    assert api.document(world.call(api.health()).body)["edited"] == "outage"

    replicas = "components/global_tables.py"
    argument = "point_in_time_recovery=args.point_in_time_recovery,\n                deletion_"
    world.checkout.edit(replicas, argument, argument.replace("=args.point_in_time_recovery", "=False"))
    with pytest.raises(DeployError, match=rf"TableReplica '.*': {WEST} does not answer"):
        world.run("up", "region1", SKIP)
    world.checkout.edit(replicas, argument.replace("=args.point_in_time_recovery", "=False"), argument)


def test_with_the_primarys_region_dead_traffic_still_moves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_traffic_to(world, EAST)
    world.twin.kill(EAST)
    monkeypatch.setenv("TWIN_HOME", str(world.twin.home))
    assert cli.main(["controls", "off", EAST, "--on", WEST, "--target", "twin"]) == 0
    assert controls(world) == {EAST: "Off", WEST: "On"}


NEVER_REPLACED = {"Cluster", "ControlPanel", "HealthCheck", "RoutingControl", "Table", "TableReplica"}
REPLACING_EDITS = (
    ("components/routing/arc_routing.py", 'self._physical("cluster")', 'self._physical("cluster-2")'),
    ("components/global_tables.py", 'f"{table}-{args.consistency}", DYN', 'f"{table}-2", DYN'),
)


def test_what_holds_data_or_moves_traffic_is_never_replaced_by_an_edit(world: World) -> None:
    before = world.resources("region1")
    kinds = {(resource["type"].rsplit(":", 1)[-1], resource.get("protect", False)) for resource in before}
    assert {name for name, protected in kinds if protected} == NEVER_REPLACED
    assert not {(name, False) for name in NEVER_REPLACED} & kinds

    for edit in REPLACING_EDITS:
        world.checkout.edit(*edit)
    with pytest.raises(DeployError, match=r"unable to replace .*remove the `protect` flag"):
        world.run("up", "region1")
    assert world.resources("region1") == before
    for file, old, new in REPLACING_EDITS:
        world.checkout.edit(file, new, old)


def test_a_protected_stack_is_not_destroyed_at_all_and_an_unprotected_one_goes_in_order(world: World) -> None:
    before = len(world.resources("region1"))
    with pytest.raises(DeployError, match="it is protected"):
        world.run("destroy", "region1")
    assert len(world.resources("region1")) == before

    unprotected = {"protect": "false", "pointInTimeRecovery": "false"}
    changes = world.changes("up", "region1", SKIP, **unprotected)
    assert {key.split()[0] for key in changes} == {"Table", "TableReplica"}
    assert set(changes.values()) == {"updated"}
    for stack in reversed(list(REGIONS)):
        world.run("destroy", stack, SKIP)
        assert world.resources(stack) == []
    assert world.aws("dynamodb").list_tables()["TableNames"] == []
    assert world.aws("lambda").list_functions()["Functions"] == []
    assert world.aws("route53", EAST).list_health_checks()["HealthChecks"] == []
    assert world.outputs() == {}
