from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.own_services import ACCOUNT_ID, InProcess
from twin.aws.arc.cluster import ArcCluster
from twin.aws.arc.control_config import ArcControlConfig
from twin.aws.arc.state import ArcState, Endpoint
from twin.aws.own.wire import Wire

CONFIG = "route53-recovery-control-config"
CLUSTER = "route53-recovery-cluster"
ENDPOINT = Endpoint(region="us-east-1", url="https://127.0.0.1:4571/v1")


class Arc:
    """ARC's two services in one process, with a clock and endpoints that a test controls."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.endpoints_up = 5
        self.state = ArcState(account_id=ACCOUNT_ID, endpoints=(ENDPOINT,), clock=lambda: self.now)
        self.config_service = ArcControlConfig(self.state, health_checks=lambda arn: [f"check-of-{arn[-4:]}"])
        cluster = ArcCluster(self.state, endpoints_up=lambda: self.endpoints_up, clock=lambda: self.now)
        self.served = InProcess(self.config_service, cluster)
        self.config = self.served.client(CONFIG)
        self.cluster = self.served.client(CLUSTER, "us-east-1")

    def build(self) -> dict[str, str]:
        """A cluster with a panel, two controls and a rule; their ARNs."""
        cluster = self.config.create_cluster(ClusterName="orders")["Cluster"]["ClusterArn"]
        panel = self.config.create_control_panel(ClusterArn=cluster, ControlPanelName="orders")
        panel_arn = panel["ControlPanel"]["ControlPanelArn"]
        one, two = (
            self.config.create_routing_control(
                ClusterArn=cluster, ControlPanelArn=panel_arn, RoutingControlName=name
            )["RoutingControl"]["RoutingControlArn"]
            for name in ("region1", "region2")
        )
        rule = self.config.create_safety_rule(
            AssertionRule={
                "AssertedControls": [one, two],
                "ControlPanelArn": panel_arn,
                "Name": "at-least-one",
                "RuleConfig": {"Inverted": False, "Threshold": 1, "Type": "ATLEAST"},
                "WaitPeriodMs": 0,
            }
        )["AssertionRule"]["SafetyRuleArn"]
        return {"cluster": cluster, "panel": panel_arn, "one": one, "two": two, "rule": rule}

    def switch(self, control: str, state: str, **more: Any) -> None:
        self.cluster.update_routing_control_state(
            RoutingControlArn=control, RoutingControlState=state, **more
        )

    def state_of(self, control: str) -> str:
        found = self.cluster.get_routing_control_state(RoutingControlArn=control)["RoutingControlState"]
        return str(found)


@pytest.fixture
def arc() -> Arc:
    return Arc()


def test_every_operation_of_the_model_is_answered_or_listed_as_missing(arc: Arc) -> None:
    modelled = set(Wire(CONFIG).model.operation_names)
    assert modelled - arc.config_service.operations == {"GetResourcePolicy"}
    assert arc.config_service.operations <= modelled


def test_boto3_builds_and_describes_a_cluster(arc: Arc) -> None:
    arns = arc.build()
    cluster = arc.config.describe_cluster(ClusterArn=arns["cluster"])["Cluster"]
    assert cluster["Status"] == "DEPLOYED"
    assert cluster["ClusterEndpoints"] == [{"Endpoint": ENDPOINT.url, "Region": "us-east-1"}]
    panel = arc.config.describe_control_panel(ControlPanelArn=arns["panel"])["ControlPanel"]
    assert (panel["RoutingControlCount"], panel["DefaultControlPanel"]) == (2, False)
    control = arc.config.describe_routing_control(RoutingControlArn=arns["one"])["RoutingControl"]
    assert (control["Name"], control["Owner"]) == ("region1", ACCOUNT_ID)
    rule = arc.config.describe_safety_rule(SafetyRuleArn=arns["rule"])["AssertionRule"]
    assert rule["RuleConfig"] == {"Inverted": False, "Threshold": 1, "Type": "ATLEAST"}


def test_a_cluster_has_no_endpoints_before_it_is_deployed(arc: Arc) -> None:
    arc.state.settle_seconds = 5
    cluster = arc.config.create_cluster(ClusterName="orders")["Cluster"]
    assert cluster["Status"] == "PENDING"
    assert "ClusterEndpoints" not in cluster


def test_listings_are_paged(arc: Arc) -> None:
    arns = arc.build()
    pages = arc.config.get_paginator("list_routing_controls").paginate(
        ControlPanelArn=arns["panel"], PaginationConfig={"PageSize": 1}
    )
    assert [page["RoutingControls"][0]["Name"] for page in pages] == ["region1", "region2"]
    panels = arc.config.list_control_panels(ClusterArn=arns["cluster"])["ControlPanels"]
    assert [panel["Name"] for panel in panels] == ["DefaultControlPanel", "orders"]
    assert len(arc.config.list_clusters()["Clusters"]) == 1
    rules = arc.config.list_safety_rules(ControlPanelArn=arns["panel"])["SafetyRules"]
    assert rules[0]["ASSERTION"]["Name"] == "at-least-one"


def test_tags_are_kept_by_arn(arc: Arc) -> None:
    arns = arc.build()
    arc.config.tag_resource(ResourceArn=arns["panel"], Tags={"a": "1", "b": "2"})
    arc.config.untag_resource(ResourceArn=arns["panel"], TagKeys=["a", "c"])
    assert arc.config.list_tags_for_resource(ResourceArn=arns["panel"])["Tags"] == {"b": "2"}


def test_health_checks_that_follow_a_control_are_listed(arc: Arc) -> None:
    control = arc.build()["one"]
    found = arc.config.list_associated_route53_health_checks(RoutingControlArn=control)
    assert found["HealthCheckIds"] == [f"check-of-{control[-4:]}"]


def test_a_gating_rule_goes_round(arc: Arc) -> None:
    arns = arc.build()
    rule = arc.config.create_safety_rule(
        GatingRule={
            "GatingControls": [arns["two"]],
            "TargetControls": [arns["one"]],
            "ControlPanelArn": arns["panel"],
            "Name": "gate",
            "RuleConfig": {"Inverted": True, "Threshold": 1, "Type": "OR"},
            "WaitPeriodMs": 5000,
        }
    )["GatingRule"]
    updated = arc.config.update_safety_rule(
        GatingRuleUpdate={"SafetyRuleArn": rule["SafetyRuleArn"], "Name": "gate2", "WaitPeriodMs": 1}
    )["GatingRule"]
    assert (updated["Name"], updated["TargetControls"]) == ("gate2", [arns["one"]])


def test_a_rule_of_neither_kind_is_refused(arc: Arc) -> None:
    with pytest.raises(arc.config.exceptions.ValidationException):
        arc.config.create_safety_rule(ClientToken="x")


def test_deleting_leaves_nothing(arc: Arc) -> None:
    arns = arc.build()
    with pytest.raises(arc.config.exceptions.ConflictException):
        arc.config.delete_routing_control(RoutingControlArn=arns["one"])
    arc.config.delete_safety_rule(SafetyRuleArn=arns["rule"])
    arc.config.delete_routing_control(RoutingControlArn=arns["one"])
    arc.config.delete_routing_control(RoutingControlArn=arns["two"])
    arc.config.delete_control_panel(ControlPanelArn=arns["panel"])
    arc.config.delete_cluster(ClusterArn=arns["cluster"])
    with pytest.raises(arc.config.exceptions.ResourceNotFoundException) as caught:
        arc.config.describe_cluster(ClusterArn=arns["cluster"])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("name", [" ", "two words", "x" * 65])
def test_a_name_outside_the_model_is_a_validation_error(arc: Arc, name: str) -> None:
    with pytest.raises(arc.config.exceptions.ValidationException) as caught:
        arc.config.create_cluster(ClusterName=name)
    assert "ClusterName" in str(caught.value)


def test_configuration_is_served_in_one_region(arc: Arc) -> None:
    with pytest.raises(ClientError) as caught:
        arc.served.client(CONFIG, "us-east-1").list_clusters()
    assert "us-west-2 only" in str(caught.value)


def test_states_are_read_and_switched(arc: Arc) -> None:
    arns = arc.build()
    assert arc.state_of(arns["one"]) == "Off"
    arc.switch(arns["one"], "On")
    assert arc.state_of(arns["one"]) == "On"
    listed = arc.cluster.list_routing_controls(ControlPanelArn=arns["panel"])["RoutingControls"]
    assert [(c["RoutingControlName"], c["RoutingControlState"]) for c in listed] == [
        ("region1", "On"),
        ("region2", "Off"),
    ]
    assert listed[0]["ControlPanelName"] == "orders"
    assert len(arc.cluster.list_routing_controls()["RoutingControls"]) == 2


def test_a_safety_rule_refuses_as_a_typed_exception(arc: Arc) -> None:
    arns = arc.build()
    arc.switch(arns["one"], "On")
    with pytest.raises(arc.cluster.exceptions.ConflictException) as caught:
        arc.switch(arns["one"], "Off")
    assert caught.value.response["resourceId"] == arns["rule"]
    assert arc.state_of(arns["one"]) == "On"
    arc.now += 1
    arc.switch(arns["one"], "Off", SafetyRulesToOverride=[arns["rule"]])
    assert arc.state_of(arns["one"]) == "Off"


def test_several_states_switch_together_or_not_at_all(arc: Arc) -> None:
    arns = arc.build()

    def entries(one: str, two: str) -> list[dict[str, str]]:
        return [
            {"RoutingControlArn": arns["one"], "RoutingControlState": one},
            {"RoutingControlArn": arns["two"], "RoutingControlState": two},
        ]

    arc.cluster.update_routing_control_states(UpdateRoutingControlStateEntries=entries("On", "Off"))
    with pytest.raises(arc.cluster.exceptions.ConflictException):
        arc.cluster.update_routing_control_states(UpdateRoutingControlStateEntries=entries("Off", "Off"))
    arc.cluster.update_routing_control_states(UpdateRoutingControlStateEntries=entries("Off", "On"))
    assert (arc.state_of(arns["one"]), arc.state_of(arns["two"])) == ("Off", "On")


def test_two_dead_endpoints_are_fine_and_three_change_nothing(arc: Arc) -> None:
    arns = arc.build()
    arc.endpoints_up = 3
    arc.switch(arns["one"], "On")
    arc.endpoints_up = 2
    calls: list[Callable[[], object]] = [
        lambda: arc.switch(arns["two"], "On"),
        lambda: arc.state_of(arns["one"]),
        arc.cluster.list_routing_controls,
    ]
    for call in calls:
        with pytest.raises(arc.cluster.exceptions.EndpointTemporarilyUnavailableException) as caught:
            call()
        assert "fewer than 3 of the cluster's 5 endpoints are alive" in str(caught.value)
    assert arc.state.is_on(arns["one"])
    assert not arc.state.is_on(arns["two"])


def test_an_endpoint_takes_three_changes_a_second(arc: Arc) -> None:
    arns = arc.build()
    for _ in range(3):
        arc.switch(arns["one"], "On")
    with pytest.raises(arc.cluster.exceptions.ThrottlingException):
        arc.switch(arns["one"], "On")
    arc.now += 1
    arc.switch(arns["one"], "On")


def test_at_most_ten_states_change_in_one_call(arc: Arc) -> None:
    arn = arc.build()["one"]
    entries = [{"RoutingControlArn": f"{arn}{i}", "RoutingControlState": "On"} for i in range(11)]
    with pytest.raises(arc.cluster.exceptions.ServiceLimitExceededException):
        arc.cluster.update_routing_control_states(UpdateRoutingControlStateEntries=entries)


def test_an_unknown_control_is_not_found(arc: Arc) -> None:
    arn = arc.build()["one"]
    with pytest.raises(arc.cluster.exceptions.ResourceNotFoundException) as caught:
        arc.state_of(f"{arn}x")
    assert caught.value.response["resourceId"] == f"{arn}x"


def test_permissions_name_the_routing_controls_and_the_override(arc: Arc) -> None:
    arns = arc.build()
    arc.served.asked.clear()
    arc.switch(arns["one"], "On", SafetyRulesToOverride=[arns["rule"]])
    asked = arc.served.asked[0]
    assert (asked.action, asked.resource) == (f"{CLUSTER}:UpdateRoutingControlState", arns["one"])
    assert asked.context == {f"{CLUSTER}:AllowSafetyRulesOverrides": "true"}
    arc.served.asked.clear()
    arc.config.describe_safety_rule(SafetyRuleArn=arns["rule"])
    assert (arc.served.asked[0].action, arc.served.asked[0].resource) == (
        f"{CONFIG}:DescribeSafetyRule",
        arns["rule"],
    )


def test_a_call_that_iam_refuses_changes_nothing(arc: Arc) -> None:
    arns = arc.build()
    arc.served.denied.add(f"{CLUSTER}:UpdateRoutingControlState")
    with pytest.raises(arc.cluster.exceptions.AccessDeniedException):
        arc.switch(arns["one"], "On")
    assert arc.state_of(arns["one"]) == "Off"
