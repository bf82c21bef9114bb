"""Dashboards: CloudWatch's documented structure, metrics that exist, both regions in one picture."""

import json
from typing import Any

import pytest

from blueprint import dashboard_bodies as bodies
from blueprint.stack_config import StackConfig, load
from tests.fakes.aws_metrics import OPERATIONS, is_known
from tests.fakes.dashboard_structure import problems

TABLES = {"customers": "t-customers", "products": "t-products", "orders": "t-orders"}
CHECKS = {"us-east-1": "check-east", "us-west-2": "check-west"}


def configured(stack: str = "region1", **settings: str) -> StackConfig:
    return load({"domainName": "orders.example.com", "hostedZone": "example.com", **settings}, "shop", stack)


def dynamodb(config: StackConfig) -> dict[str, Any]:
    return bodies.dynamodb_metrics(config, tables=TABLES, health_checks=CHECKS)


def graphs(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {w["properties"]["title"]: w["properties"] for w in body["widgets"] if w["type"] == "metric"}


def metrics(body: dict[str, Any]) -> list[tuple[str, str, dict[str, str], dict[str, Any]]]:
    found = []
    for graph in graphs(body).values():
        for namespace, name, *rest in graph["metrics"]:
            *flat, options = rest
            found.append((namespace, name, dict(zip(flat[::2], flat[1::2], strict=True)), options))
    return found


ALL = [
    dynamodb(configured()),
    dynamodb(configured("region2")),
    dynamodb(configured(consistency="strong", fillEnabled="false")),
    bodies.canary_metrics(configured()),
    bodies.canary_metrics(configured("region2")),
]


@pytest.mark.parametrize("body", ALL)
def test_a_body_is_what_cloudwatch_documents(body: dict[str, Any]) -> None:
    assert problems(body) == []
    assert json.loads(bodies.as_json(body)) == body
    assert bodies.as_json(dict(reversed(body.items()))) == bodies.as_json(body)


@pytest.mark.parametrize("body", ALL)
def test_every_metric_exists_and_says_its_region_and_its_name_in_the_legend(body: dict[str, Any]) -> None:
    for namespace, name, dimensions, options in metrics(body):
        assert is_known(namespace, name, dimensions), (namespace, name, dimensions)
        assert dimensions.get("Operation", "GetItem") in OPERATIONS
        assert options["region"]
        assert options["label"]


@pytest.mark.parametrize("body", ALL)
def test_no_two_lines_of_a_graph_have_one_label(body: dict[str, Any]) -> None:
    for graph in graphs(body).values():
        labels = [metric[-1]["label"] for metric in graph["metrics"]]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("stack", ["region1", "region2"])
def test_requests_of_all_regions_are_in_one_picture(stack: str) -> None:
    requests = graphs(dynamodb(configured(stack)))["Requests by region"]
    assert requests["stat"] == "SampleCount"
    east, west = requests["metrics"]
    api = ["AWS/ApiGateway", "Count", "ApiName"]
    assert east == [*api, "shop-region1-api", "Stage", "live", {"region": "us-east-1", "label": "us-east-1"}]
    assert west == [*api, "shop-region2-api", "Stage", "live", {"region": "us-west-2", "label": "us-west-2"}]


def test_client_latency_is_shown_as_median_and_p99() -> None:
    lines = graphs(dynamodb(configured()))["What clients of the tables wait"]["metrics"]
    assert [(line[1], line[-1]["stat"]) for line in lines] == [
        ("WriteTime", "p50"),
        ("WriteTime", "p99"),
        ("ReadTime", "p50"),
        ("ReadTime", "p99"),
    ]


def test_replication_shows_the_three_tables_and_in_strong_mode_is_not_there() -> None:
    lines = graphs(dynamodb(configured()))["Replication from us-east-1"]["metrics"]
    assert [line[3] for line in lines] == list(TABLES.values())
    names = [name for _, name, _, _ in metrics(dynamodb(configured(consistency="strong")))]
    assert "ReplicationLatency" not in names


def test_health_checks_are_asked_for_in_the_only_region_that_has_them() -> None:
    body = dynamodb(configured("region2"))
    checks = [m for m in metrics(body) if m[0] == "AWS/Route53"]
    assert [m[2]["HealthCheckId"] for m in checks] == ["check-east", "check-west"]
    assert {m[3]["region"] for m in checks} == {"us-east-1"}
    notes = [w["properties"]["markdown"] for w in body["widgets"] if w["type"] == "text"]
    assert any("does not document it" in note for note in notes)


def test_a_function_that_does_not_exist_is_not_drawn() -> None:
    functions = [
        m[2]["FunctionName"]
        for m in metrics(dynamodb(configured(fillEnabled="false")))
        if m[0] == "AWS/Lambda"
    ]
    assert functions
    assert not [name for name in functions if "fill" in name]


@pytest.mark.parametrize("graph", ["Success, %", "Duration"])
def test_canaries_of_every_region_are_shown_from_every_viewpoint(graph: str) -> None:
    lines = graphs(bodies.canary_metrics(configured("region2")))[graph]["metrics"]
    assert [(line[3], line[-1]["region"]) for line in lines] == [
        ("shop-region1-inside", "us-east-1"),
        ("shop-region1-outside", "us-east-2"),
        ("shop-region1-domain", "us-east-2"),
        ("shop-region2-inside", "us-west-2"),
        ("shop-region2-outside", "us-east-2"),
    ]


@pytest.mark.parametrize("body", ALL)
def test_no_widget_covers_another(body: dict[str, Any]) -> None:
    cells = [
        (x, y)
        for w in body["widgets"]
        for x in range(w["x"], w["x"] + w["width"])
        for y in range(w["y"], w["y"] + w["height"])
    ]
    assert len(cells) == len(set(cells))
