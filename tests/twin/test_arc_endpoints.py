"""ARC through boto3 and the cluster's five endpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.waiting import until
from twin.client import TwinClient

pytestmark = pytest.mark.twin

_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5)
CONFIG, CLUSTER = "route53-recovery-control-config", "route53-recovery-cluster"


@dataclass(frozen=True, kw_only=True)
class Arc:
    """A cluster with one routing control, and a client of each of its endpoints."""

    cluster_arn: str
    control_arn: str
    endpoints: list[Any]

    def state(self, number: int) -> str:
        """The control's state at an endpoint (1 to 5)."""
        answer = self.endpoints[number - 1].get_routing_control_state(RoutingControlArn=self.control_arn)
        return str(answer["RoutingControlState"])

    def switch(self, number: int, state: str) -> None:
        self.endpoints[number - 1].update_routing_control_state(
            RoutingControlArn=self.control_arn, RoutingControlState=state
        )


def _until_deployed(describe: Any, member: str, **arguments: str) -> Any:
    def look() -> Any:
        found = describe(**arguments)[member]
        return found if found["Status"] == "DEPLOYED" else None

    return until(look, f"a deployed {member}")


@pytest.fixture(scope="module")
def arc(twin: TwinClient) -> Iterator[Arc]:
    config = twin.boto3_client(CONFIG, "us-west-2")
    cluster_arn = config.create_cluster(ClusterName="endpoints")["Cluster"]["ClusterArn"]
    cluster = _until_deployed(config.describe_cluster, "Cluster", ClusterArn=cluster_arn)
    made = config.create_routing_control(ClusterArn=cluster_arn, RoutingControlName="region1")
    control_arn = made["RoutingControl"]["RoutingControlArn"]
    bundle = twin.env["AWS_CA_BUNDLE"]
    clients = []
    for endpoint in cluster["ClusterEndpoints"]:
        session: Any = twin.boto3_session(endpoint["Region"])
        clients.append(
            session.client(CLUSTER, endpoint_url=endpoint["Endpoint"], verify=bundle, config=_ONCE)
        )
    yield Arc(cluster_arn=cluster_arn, control_arn=control_arn, endpoints=clients)
    config.delete_routing_control(RoutingControlArn=control_arn)
    config.delete_cluster(ClusterArn=cluster_arn)


@pytest.fixture(autouse=True)
def alive(twin: TwinClient) -> Iterator[None]:
    yield
    for number in range(1, 6):
        twin.revive_arc_endpoint(number)


def test_a_cluster_has_five_endpoints_in_five_regions(arc: Arc) -> None:
    regions = {client.meta.region_name for client in arc.endpoints}
    assert regions == {"us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"}


def test_a_change_at_one_endpoint_is_seen_at_all(arc: Arc) -> None:
    arc.switch(3, "On")
    assert [arc.state(number) for number in range(1, 6)] == ["On"] * 5
    arc.switch(5, "Off")
    assert [arc.state(number) for number in range(1, 6)] == ["Off"] * 5


def test_two_dead_endpoints_are_fine(twin: TwinClient, arc: Arc) -> None:
    twin.kill_arc_endpoint(1)
    twin.kill_arc_endpoint(4)
    with pytest.raises(EndpointConnectionError):
        arc.state(1)
    arc.switch(2, "On")
    assert arc.state(5) == "On"
    arc.switch(3, "Off")


def test_three_dead_endpoints_are_a_clear_error_and_change_nothing(twin: TwinClient, arc: Arc) -> None:
    for number in (1, 2, 3):
        twin.kill_arc_endpoint(number)
    client = arc.endpoints[4]
    with pytest.raises(client.exceptions.EndpointTemporarilyUnavailableException, match="fewer than 3 of"):
        arc.switch(5, "On")
    twin.revive_arc_endpoint(1)
    assert arc.state(5) == "Off"


def test_endpoints_live_on_when_regions_die(twin: TwinClient, arc: Arc) -> None:
    for region in ("us-east-1", "us-west-2"):
        twin.kill(region)
    try:
        arc.switch(1, "On")
        arc.switch(2, "Off")
    finally:
        for region in ("us-east-1", "us-west-2"):
            twin.revive(region)


def test_the_data_plane_is_served_at_cluster_endpoints_only(twin: TwinClient, arc: Arc) -> None:
    client = twin.boto3_client(CLUSTER, "us-east-1", config=_ONCE)
    with pytest.raises(ClientError) as caught:
        client.get_routing_control_state(RoutingControlArn=arc.control_arn)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_health_checks_that_follow_a_control_are_listed(twin: TwinClient, arc: Arc) -> None:
    route53 = twin.boto3_client("route53", "us-east-1")
    check = route53.create_health_check(
        CallerReference="arc-endpoints",
        HealthCheckConfig={"Type": "RECOVERY_CONTROL", "RoutingControlArn": arc.control_arn},
    )["HealthCheck"]["Id"]
    config = twin.boto3_client(CONFIG, "us-west-2")
    try:
        found = config.list_associated_route53_health_checks(RoutingControlArn=arc.control_arn)
        assert found["HealthCheckIds"] == [check]
    finally:
        route53.delete_health_check(HealthCheckId=check)


def test_iam_decides_about_each_routing_control(twin: TwinClient, arc: Arc) -> None:
    iam = twin.boto3_client("iam", "us-east-1")
    iam.create_user(UserName="arc-reader")
    key = iam.create_access_key(UserName="arc-reader")["AccessKey"]
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Action":"route53-recovery-cluster:GetRoutingControlState","Resource":"%s"}]}'
    )
    iam.put_user_policy(UserName="arc-reader", PolicyName="p", PolicyDocument=policy % arc.control_arn)
    client = _client(twin, arc, key["AccessKeyId"], key["SecretAccessKey"])
    assert client.get_routing_control_state(RoutingControlArn=arc.control_arn)["RoutingControlName"]
    with pytest.raises(client.exceptions.AccessDeniedException, match="UpdateRoutingControlState"):
        client.update_routing_control_state(RoutingControlArn=arc.control_arn, RoutingControlState="On")
    with pytest.raises(ClientError) as caught:
        _client(twin, arc, key["AccessKeyId"], "wrong").get_routing_control_state(
            RoutingControlArn=arc.control_arn
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def _client(twin: TwinClient, arc: Arc, key: str, secret: str) -> Any:
    make: Any = boto3.client
    return make(
        CLUSTER,
        region_name="us-east-1",
        endpoint_url=arc.endpoints[0].meta.endpoint_url,
        verify=twin.env["AWS_CA_BUNDLE"],
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=_ONCE,
    )
