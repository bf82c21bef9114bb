"""The canaries of both stacks, as the real program declares them."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pulumi
import pytest

from blueprint import order_service, policies
from blueprint.order_service import canary_items
from components.packing.packaging import Member, write_archive
from functions.orders import contract
from tests.fakes.pulumi_mocks import ACCOUNT_ID, Resource, Run, run_program

CANARY = "aws:synthetics/canary:Canary"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
RUNTIME = "syn-python-selenium-14.0"


def canaries(run: Run) -> dict[str, Resource]:
    """By viewpoint."""
    return {r.name.rsplit("-", 1)[1]: r for r in run.all(CANARY)}


def policy(run: Run, viewpoint: str, kind: str = "policy") -> dict[str, Any]:
    found = run.one(ROLE_POLICY, f"{viewpoint}-{kind}")
    document: dict[str, Any] = json.loads(found.inputs["policy"])
    return document


def environment(resource: Resource) -> Mapping[str, str]:
    found: Mapping[str, str] = resource.inputs["runConfig"]["environmentVariables"]
    return found


def test_the_primary_watches_from_inside_outside_and_through_the_name(primary: Run) -> None:
    found = canaries(primary)
    assert {viewpoint: r.region for viewpoint, r in found.items()} == {
        "inside": "us-east-1",
        "outside": "us-east-2",
        "domain": "us-east-2",
    }
    assert {r.inputs["name"] for r in found.values()} == {
        f"resilient-orders-region1-{viewpoint}" for viewpoint in ("inside", "outside", "domain")
    }
    assert primary.exports["canaryNames"] == [
        f"resilient-orders-region1-{viewpoint}" for viewpoint in ("inside", "outside", "domain")
    ]


def test_a_secondary_has_no_canary_of_the_name(secondary: Run) -> None:
    assert {v: r.region for v, r in canaries(secondary).items()} == {
        "inside": "us-west-2",
        "outside": "us-east-2",
    }


def test_everything_of_a_canary_is_made_where_it_runs(primary: Run) -> None:
    for viewpoint, provider in (("inside", "aws-us-east-1"), ("outside", "aws-observer")):
        of_it = [r for r in primary.aws if re.search(rf"synthetics(-observer)?-{viewpoint}", r.name)]
        assert {r.provider for r in of_it} == {provider}
        assert len(of_it) == 5


@pytest.fixture(scope="module")
def changed(primary: Run) -> Run:
    """A secondary with another rate and runtime."""
    settings = {"canaryRateMinutes": "5", "canaryRuntime": "syn-python-selenium-13.0"}
    return run_program("region2", settings, stacks={"region1": primary.exports})


def test_a_canary_runs_at_the_rate_without_end_from_the_start(primary: Run, changed: Run) -> None:
    for run, expression in ((primary, "rate(1 minute)"), (changed, "rate(5 minutes)")):
        for canary in run.all(CANARY):
            assert canary.inputs["schedule"] == {"expression": expression, "durationInSeconds": 0}
            assert canary.inputs["startCanary"] is True
            assert canary.inputs["runConfig"]["timeoutInSeconds"] < 60
            assert canary.inputs["runConfig"]["memoryInMb"] % 64 == 0


def test_a_canary_leaves_no_function_behind_and_forgets_its_runs(primary: Run) -> None:
    for canary in primary.all(CANARY):
        assert canary.inputs["deleteLambda"] is True
        assert canary.inputs["successRetentionPeriod"] == canary.inputs["failureRetentionPeriod"] == 31


def test_no_tracing_is_asked_for_which_python_canaries_do_not_have(primary: Run) -> None:
    assert all("activeTracing" not in r.inputs["runConfig"] for r in primary.all(CANARY))


def test_the_codes_key_carries_its_hash_and_the_runtime(primary: Run, changed: Run) -> None:
    former = {r.inputs["s3Key"] for r in primary.all(CANARY)}
    now = {r.inputs["s3Key"] for r in changed.all(CANARY)}
    assert len(former) == len(now) == 1
    [key] = now
    digest = key.rsplit("-", 1)[1].removesuffix(".zip")
    assert key == f"canaries/order_read-syn-python-selenium-13.0-{digest}.zip"
    assert former == {f"canaries/order_read-{RUNTIME}-{digest}.zip"}
    assert len(digest) == 16


def test_the_code_is_in_a_bucket_of_the_region_that_runs_it(primary: Run) -> None:
    found = canaries(primary)
    assert found["inside"].inputs["s3Bucket"] == "resilient-orders-region1-artifacts"
    for viewpoint in ("outside", "domain"):
        assert found[viewpoint].inputs["s3Bucket"] == "resilient-orders-region1-observer-canaries"
    bucket = primary.one("aws:s3/bucket:Bucket", "region1-observer-canaries")
    assert (bucket.region, bucket.inputs) == ("us-east-2", {"forceDestroy": True})


def test_the_bundle_holds_the_script_and_its_dependencies_under_python(primary: Run) -> None:
    uploaded = primary.one(OBJECT, "synthetics-site-code").inputs["source"]
    assert isinstance(uploaded, pulumi.FileAsset)
    with ZipFile(str(uploaded.path)) as archive:
        names = archive.namelist()
    assert names == ["python/order_read.py", "python/order_read_dependency.py"]
    assert canaries(primary)["inside"].inputs["handler"] == "order_read.handler"


def test_the_results_expire(primary: Run) -> None:
    kept = primary.all("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert len(kept) == 2
    for configuration in kept:
        [rule] = [r for r in configuration.inputs["rules"] if r["filter"]["prefix"] == "canary-results/"]
        assert (rule["status"], rule["expiration"]) == ("Enabled", {"days": 31})
    for viewpoint, canary in canaries(primary).items():
        assert canary.inputs["artifactS3Location"].endswith(f"/canary-results/{viewpoint}")


def test_a_regions_canaries_call_its_own_api_and_sign_for_it(secondary: Run) -> None:
    for viewpoint, canary in canaries(secondary).items():
        told = dict(environment(canary))
        metric = told.pop("RESULT_METRIC", None)
        assert (metric is not None) == (viewpoint == "inside")
        assert told == order_service.canary_check(
            secondary.exports["apiUrl"], signing_region="us-west-2", regions=["us-west-2"]
        )


def test_the_inside_canary_reports_to_the_observer_region(secondary: Run) -> None:
    assert json.loads(environment(canaries(secondary)["inside"])["RESULT_METRIC"]) == {
        "region": "us-east-2",
        "namespace": contract.METRICS_NAMESPACE,
        "name": contract.REGION_CHECK,
        "dimensions": {contract.REGION_DIMENSION: "us-west-2"},
    }


def test_the_names_canary_signs_for_all_regions_and_takes_any_of_ours(primary: Run) -> None:
    assert environment(canaries(primary)["domain"]) == order_service.canary_check(
        "https://orders.example.com/v1", signing_region="*", regions=["us-east-1", "us-west-2"]
    )


def test_a_canary_may_call_two_routes_of_its_api_keep_results_and_put_its_metrics(secondary: Run) -> None:
    api = f"arn:aws:execute-api:us-west-2:{ACCOUNT_ID}:{secondary.exports['apiId']}/live"
    for viewpoint, bucket, namespaces in (
        ("inside", "artifacts", ["CloudWatchSynthetics", "ResilientOrders"]),
        ("outside", "observer-canaries", ["CloudWatchSynthetics"]),
    ):
        assert policy(secondary, viewpoint) == policies.canary(
            calls=[f"{api}/GET/health", f"{api}/GET/orders"],
            results_bucket_arn=f"arn:aws:s3:::resilient-orders-region2-{bucket}",
            results_prefix=f"canary-results/{viewpoint}",
            namespaces=namespaces,
        )


def test_the_names_canary_may_call_the_two_routes_in_every_application_region(primary: Run) -> None:
    [allowed] = [s for s in policy(primary, "domain")["Statement"] if s["Sid"] == "CallApi"]
    assert allowed["Resource"] == [
        f"arn:aws:execute-api:{region}:{ACCOUNT_ID}:*/live/GET/{path}"
        for region in ("us-east-1", "us-west-2")
        for path in ("health", "orders")
    ]


def test_the_log_group_is_ours_and_the_role_can_write_to_it_but_not_make_it(primary: Run) -> None:
    for viewpoint, region in (("inside", "us-east-1"), ("outside", "us-east-2"), ("domain", "us-east-2")):
        group = primary.one(LOG_GROUP, f"{viewpoint}-log")
        name = f"/aws/lambda/cwsyn-resilient-orders-regi-resilient-orders-region1-{viewpoint}"
        assert (group.region, group.inputs) == (region, {"name": name, "retentionInDays": 30})
        assert policy(primary, viewpoint, "log-policy") == policies.log_writer(
            region=region, account_id=ACCOUNT_ID, log_group=name
        )
        everything = json.dumps([policy(primary, viewpoint), policy(primary, viewpoint, "log-policy")])
        assert "CreateLogGroup" not in everything


def without(*names: str, value: object) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """A provider that answers `value` for these properties of canaries."""
    return lambda type_, answer: {**answer, **dict.fromkeys(names, value)} if type_ == CANARY else answer


@pytest.mark.parametrize("missing", [None, ""])
def test_a_function_that_is_not_told_is_named_by_the_layer_with_the_canarys_code(
    missing: object, primary: Run
) -> None:
    done = run_program("region1", changed=without("engineArn", value=missing))
    groups = {r.name: r.inputs for r in primary.all(LOG_GROUP)}
    assert {r.name: r.inputs for r in done.all(LOG_GROUP)} == groups
    assert not [line for line in done.logs if "canary" in line]


@pytest.mark.parametrize("missing", [None, "", "arn:aws:s3:::code/check.zip"])
def test_a_canary_without_a_function_has_a_stand_in_for_its_log_group_and_a_warning(
    missing: object, primary: Run
) -> None:
    done = run_program("region1", changed=without("engineArn", "sourceLocationArn", value=missing))
    assert {r.name for r in done.aws} == {r.name for r in primary.aws}, "nothing is planned as deleted"
    for viewpoint in ("inside", "outside", "domain"):
        group = done.one(LOG_GROUP, f"{viewpoint}-log").inputs["name"]
        assert group == f"/aws/lambda/cwsyn-resilient-orders-region1-{viewpoint}"
        [warning] = [
            line for line in done.logs if f"the canary resilient-orders-region1-{viewpoint}," in line
        ]
        assert f"under canary-results/{viewpoint} in the bucket" in warning
        assert "pulumi up --refresh" in warning


def test_a_canary_waits_for_its_policy_and_for_what_it_calls(primary: Run) -> None:
    for viewpoint, called in (
        ("inside", "aws:lambda/permission:Permission"),
        ("outside", "aws:lambda/permission:Permission"),
        ("domain", "aws:route53/record:Record"),
    ):
        waits = " ".join(canaries(primary)[viewpoint].options.depends_on)
        assert f"-{viewpoint}-policy" in waits
        assert called in waits


# The canaries' own order


def test_the_primary_declares_the_canaries_customer_product_and_order(primary: Run, secondary: Run) -> None:
    found = {r.inputs["hashKey"]: r for r in primary.all("aws:dynamodb/tableItem:TableItem")}
    for table, item in canary_items("us-east-1").items():
        declared = found.pop(contract.TABLE_KEYS[table])
        assert json.loads(declared.inputs["item"]) == item
        assert declared.inputs["tableName"] == primary.exports["tableNames"][table]
        assert declared.provider == "aws-us-east-1"
    assert found == {}
    assert secondary.all("aws:dynamodb/tableItem:TableItem") == []


def test_another_script_is_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from components.packing import canary_bundle, sources
    from components.packing.layers import LayerBuilder

    script = tmp_path / "order_read" / "python" / "order_read.py"
    script.parent.mkdir(parents=True)
    other = tmp_path / "other.py"
    other.write_text("")
    zipped = write_archive(tmp_path / "d.zip", [Member(path="python/other.py", source=other)])
    monkeypatch.setattr(LayerBuilder, "build", lambda *_, **__: {"order_read": zipped})
    monkeypatch.setattr(sources, "CANARIES", tmp_path)
    monkeypatch.setattr(sources, "CACHE", tmp_path / "cache")
    hashes = []
    for text in ("A = 1\n", "A = 2\n", "A = 1\n"):
        script.write_text(text)
        hashes.append(canary_bundle.order_read_bundle().short_hash)
    assert hashes[0] == hashes[2] != hashes[1]
