"""Global tables through boto3: lag, last writer wins, cut links, dead regions, strong consistency."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.links import links_cut
from tests.waiting import until
from twin.client import TwinClient
from twin.errors import AdminRefusedError

pytestmark = pytest.mark.twin

EAST, WEST, OHIO = "us-east-1", "us-west-2", "us-east-2"
_ONCE = Config(retries={"total_max_attempts": 1})
_numbers = count()


class Table:
    """A table in us-east-1 and us-west-2."""

    def __init__(self, twin: TwinClient, *, replicas: Sequence[str] = (WEST,), **replication: Any) -> None:
        self.name = f"global-{next(_numbers)}"
        self.east = twin.boto3_client("dynamodb", EAST, config=_ONCE)
        self.west = twin.boto3_client("dynamodb", WEST, config=_ONCE)
        self.east.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        updates = [{"Create": {"RegionName": region}} for region in replicas]
        self.east.update_table(TableName=self.name, ReplicaUpdates=updates, **replication)

    def put(self, client: Any, key: str, text: str, **more: Any) -> None:
        client.put_item(TableName=self.name, Item=_item(key, text), **more)

    def get(self, client: Any, key: str, *, consistent: bool = False) -> str | None:
        found = client.get_item(TableName=self.name, Key={"id": {"S": key}}, ConsistentRead=consistent)
        return found["Item"]["text"]["S"] if "Item" in found else None

    def both(self, key: str) -> tuple[str | None, str | None]:
        return self.get(self.east, key), self.get(self.west, key)


def _item(key: str, text: str) -> dict[str, Any]:
    return {"id": {"S": key}, "text": {"S": text}}


def eventually(holds: Callable[[], bool]) -> None:
    until(holds, "the other region's items")


@pytest.fixture(autouse=True)
def healed(twin: TwinClient) -> Iterator[None]:
    """Fast, open links before each test; everything healed after it."""
    for source, target in ((EAST, WEST), (WEST, EAST)):
        fast = {"p50": 0.1, "p99": 0.15}
        twin.call("POST", "/_twin/links", {"from": source, "to": target, "cut": False, "lag": fast})
    yield
    twin.revive(EAST)
    twin.revive(WEST)
    for source, target in (
        (EAST, WEST),
        (WEST, EAST),
        (EAST, OHIO),
        (OHIO, EAST),
        (WEST, OHIO),
        (OHIO, WEST),
    ):
        twin.link(source, target, cut=False)
    twin.call("POST", "/_twin/strong", {"round_trip": None})


@pytest.fixture
def table(twin: TwinClient) -> Table:
    return Table(twin)


def test_a_write_is_in_the_other_region_after_the_lag(twin: TwinClient, table: Table) -> None:
    twin.call("POST", "/_twin/links", {"from": EAST, "to": WEST, "lag": {"p50": 0.4, "p99": 0.4}})
    begun = time.monotonic()
    table.put(table.east, "a", "1")
    eventually(lambda: table.get(table.west, "a") == "1")
    # Never sooner; how much later it is seen is the machine's affair.
    assert time.monotonic() - begun > 0.39


def test_the_last_writer_wins_in_both_regions(twin: TwinClient, table: Table) -> None:
    before = twin.replication()["conflicts"]
    with links_cut(twin, (EAST, WEST)):
        table.put(table.east, "a", "first")
        table.put(table.west, "a", "second")
        assert table.both("a") == ("first", "second")
    eventually(lambda: table.both("a") == ("second", "second"))
    eventually(lambda: twin.replication()["pending"] == 0)
    assert table.both("a") == ("second", "second")
    assert twin.replication()["conflicts"] == before + 1


def test_updates_and_deletions_travel_too(table: Table) -> None:
    table.put(table.east, "a", "1")
    eventually(lambda: table.both("a") == ("1", "1"))
    table.west.update_item(
        TableName=table.name,
        Key={"id": {"S": "a"}},
        UpdateExpression="SET #t = :t",
        ExpressionAttributeNames={"#t": "text"},
        ExpressionAttributeValues={":t": {"S": "2"}},
    )
    eventually(lambda: table.both("a") == ("2", "2"))
    table.east.delete_item(TableName=table.name, Key={"id": {"S": "a"}})
    eventually(lambda: table.both("a") == (None, None))


def test_a_transaction_is_atomic_in_its_own_region_alone(twin: TwinClient, table: Table) -> None:
    twin.call("POST", "/_twin/links", {"from": EAST, "to": WEST, "lag": {"p50": 0.2, "p99": 1.5}})
    puts = [{"Put": {"TableName": table.name, "Item": _item(str(n), "x")}} for n in range(20)]
    table.east.transact_write_items(TransactItems=puts)
    assert table.east.scan(TableName=table.name, Select="COUNT")["Count"] == 20
    seen = set()

    def all_there() -> bool:
        seen.add(table.west.scan(TableName=table.name, Select="COUNT")["Count"])
        return 20 in seen

    eventually(all_there)
    assert len(seen) > 2


def test_clearing_faults_ends_every_kind_and_names_each(twin: TwinClient, table: Table) -> None:
    kinds = ("slow", "failing", "throttled", "conflicting")
    for kind in kinds:
        twin.fault("dynamodb", kind, region=WEST, operation="ListTables", seconds=0.01)
    twin.link(EAST, WEST, cut=True)
    twin.kill(OHIO)
    twin.kill_arc_endpoint(3)
    table.put(table.east, "k", "waiting")

    mended = twin.clear_faults()["mended"]

    assert mended == [
        *(
            f"{kind} dynamodb ListTables in {WEST}"
            for kind in ("slow", "failing", "throttled", "conflicting")
        ),
        f"{OHIO} down",
        "ARC endpoint 3 down",
        f"replication from {EAST} to {WEST} cut",
    ]
    status = twin.status()
    assert status["faults"] == []
    assert {*status["regions"].values(), *status["arcEndpoints"].values()} == {"up"}
    eventually(lambda: table.both("k") == ("waiting", "waiting"))


def test_clearing_faults_where_there_are_none_mends_nothing(twin: TwinClient) -> None:
    assert twin.clear_faults() == {"faults": [], "mended": []}


def test_a_cut_link_loses_nothing_when_it_heals(twin: TwinClient, table: Table) -> None:
    twin.link(EAST, WEST, cut=True)
    table.put(table.east, "a", "1")
    table.put(table.west, "b", "2")
    eventually(lambda: table.get(table.east, "b") == "2")
    time.sleep(0.3)
    assert table.get(table.west, "a") is None
    assert twin.replication()["pending"] == 1
    twin.link(EAST, WEST, cut=False)
    eventually(lambda: table.both("a") == ("1", "1"))


def test_a_dead_region_gets_the_writes_it_missed(twin: TwinClient, table: Table) -> None:
    twin.kill(WEST)
    table.put(table.east, "a", "1")
    time.sleep(0.3)
    assert twin.replication()["pending"] == 1
    twin.revive(WEST)
    eventually(lambda: table.both("a") == ("1", "1"))


def test_what_had_not_left_a_dead_region_arrives_when_it_is_back(twin: TwinClient, table: Table) -> None:
    twin.call("POST", "/_twin/links", {"from": EAST, "to": WEST, "lag": {"p50": 3.0, "p99": 3.0}})
    table.put(table.east, "a", "1")
    twin.kill(EAST)
    twin.call("POST", "/_twin/links", {"from": EAST, "to": WEST, "lag": {"p50": 0.1, "p99": 0.1}})
    time.sleep(0.3)
    assert table.get(table.west, "a") is None
    twin.revive(EAST)
    eventually(lambda: table.both("a") == ("1", "1"))


def test_a_table_made_again_gets_nothing_of_its_predecessor(twin: TwinClient, table: Table) -> None:
    twin.link(EAST, WEST, cut=True)
    table.put(table.east, "a", "1")
    table.west.delete_table(TableName=table.name)
    table.west.create_table(
        TableName=table.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    twin.link(EAST, WEST, cut=False)
    eventually(lambda: twin.replication()["pending"] == 0)
    assert table.get(table.west, "a") is None


def test_each_replica_has_one_stream_record_a_change(twin: TwinClient, table: Table) -> None:
    table.put(table.east, "a", "1")
    eventually(lambda: table.both("a") == ("1", "1"))
    for region in (EAST, WEST):
        streams = twin.boto3_client("dynamodbstreams", region)
        arn = streams.list_streams(TableName=table.name)["Streams"][0]["StreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        assert [r["eventName"] for r in streams.get_records(ShardIterator=iterator)["Records"]] == ["INSERT"]


def test_the_lag_is_a_metric_of_the_region_of_the_write(twin: TwinClient, table: Table) -> None:
    twin.call("POST", "/_twin/links", {"from": EAST, "to": WEST, "lag": {"p50": 0.2, "p99": 0.2}})
    table.put(table.east, "a", "1")
    eventually(lambda: table.get(table.west, "a") == "1")
    now = datetime.now(UTC)
    points = twin.boto3_client("cloudwatch", EAST).get_metric_statistics(
        Namespace="AWS/DynamoDB",
        MetricName="ReplicationLatency",
        Dimensions=[
            {"Name": "TableName", "Value": table.name},
            {"Name": "ReceivingRegion", "Value": WEST},
        ],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        Statistics=["Maximum"],
    )["Datapoints"]
    assert 190 < points[0]["Maximum"] < 1500


def test_links_and_parameters_that_cannot_be_are_refused(twin: TwinClient) -> None:
    refused: list[tuple[str, dict[str, Any]]] = [
        ("/_twin/links", {"from": EAST, "to": EAST, "cut": True}),
        ("/_twin/links", {"from": EAST, "to": "mars-1", "cut": True}),
        ("/_twin/links", {"from": EAST, "to": WEST, "cut": "yes"}),
        ("/_twin/links", {"from": EAST, "to": WEST, "lag": {"p50": 2, "p99": 1}}),
        ("/_twin/links", {"from": EAST, "to": WEST, "lag": "slow"}),
        ("/_twin/strong", {"round_trip": -1}),
    ]
    for path, body in refused:
        with pytest.raises(AdminRefusedError) as caught:
            twin.call("POST", path, body)
        assert caught.value.status == 400


@pytest.fixture
def strong(twin: TwinClient) -> Table:
    return Table(
        twin,
        MultiRegionConsistency="STRONG",
        GlobalTableWitnessUpdates=[{"Create": {"RegionName": OHIO}}],
    )


def test_a_strong_table_describes_its_mode_and_witness(strong: Table) -> None:
    for client, other in ((strong.east, WEST), (strong.west, EAST)):
        found = client.describe_table(TableName=strong.name)["Table"]
        assert found["MultiRegionConsistency"] == "STRONG"
        assert found["GlobalTableWitnesses"] == [{"RegionName": OHIO, "WitnessStatus": "ACTIVE"}]
        assert [(r["RegionName"], r["ReplicaStatus"]) for r in found["Replicas"]] == [(other, "ACTIVE")]
        assert "LatestStreamArn" not in found


def test_a_witness_takes_no_requests(twin: TwinClient, strong: Table) -> None:
    ohio = twin.boto3_client("dynamodb", OHIO)
    with pytest.raises(ohio.exceptions.ResourceNotFoundException):
        strong.get(ohio, "a")


def test_three_strong_regions_need_no_witness_and_lose_one_without_a_loss(twin: TwinClient) -> None:
    three = Table(twin, replicas=(WEST, OHIO), MultiRegionConsistency="STRONG")
    ohio = twin.boto3_client("dynamodb", OHIO, config=_ONCE)
    found = ohio.describe_table(TableName=three.name)["Table"]
    assert {r["RegionName"] for r in found["Replicas"]} == {EAST, WEST}
    assert not found.get("GlobalTableWitnesses")
    three.put(ohio, "a", "1")
    twin.kill(OHIO)
    try:
        assert (
            three.get(three.east, "a", consistent=True) == three.get(three.west, "a", consistent=True) == "1"
        )
        three.put(three.west, "a", "2")
        assert three.get(three.east, "a", consistent=True) == "2"
    finally:
        twin.revive(OHIO)


def test_a_strong_write_is_in_both_regions_when_it_is_answered(strong: Table) -> None:
    for number in range(5):
        strong.put(strong.east, "a", str(number))
        assert strong.get(strong.west, "a", consistent=True) == str(number)
        strong.put(strong.west, "b", str(number))
        assert strong.get(strong.east, "b", consistent=True) == str(number)


def test_two_regions_writing_one_item_at_once_conflict(twin: TwinClient, strong: Table) -> None:
    twin.call("POST", "/_twin/strong", {"round_trip": 1.0})
    condition = {"ConditionExpression": "attribute_not_exists(id)"}
    clients = {"east": strong.east, "west": strong.west}
    with ThreadPoolExecutor(2) as pool:
        writes = {n: pool.submit(strong.put, client, "a", n, **condition) for n, client in clients.items()}
    # Which of them is first is the threads' affair.
    refused = {name: error for name, write in writes.items() if (error := write.exception())}
    [(loser, conflict)] = refused.items()
    [winner] = clients.keys() - {loser}
    assert isinstance(conflict, clients[loser].exceptions.ReplicatedWriteConflictException)
    with pytest.raises(clients[loser].exceptions.ConditionalCheckFailedException):
        strong.put(clients[loser], "a", loser, **condition)
    assert strong.both("a") == (winner, winner)


def test_exactly_one_of_many_conditional_writes_from_both_regions_succeeds(strong: Table) -> None:
    def attempt(number: int) -> bool:
        client = (strong.east, strong.west)[number % 2]
        try:
            strong.put(client, "a", str(number), ConditionExpression="attribute_not_exists(id)")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            assert code in ("ConditionalCheckFailedException", "ReplicatedWriteConflictException")
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(40)))
    assert sum(outcomes) == 1
    assert strong.get(strong.east, "a") == strong.get(strong.west, "a")


def test_strong_tables_refuse_transactions(strong: Table) -> None:
    with pytest.raises(ClientError) as caught:
        strong.east.transact_write_items(
            TransactItems=[{"Put": {"TableName": strong.name, "Item": _item("a", "1")}}]
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError) as caught:
        strong.east.transact_get_items(
            TransactItems=[{"Get": {"TableName": strong.name, "Key": {"id": {"S": "a"}}}}]
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert strong.get(strong.east, "a") is None


def test_a_strong_table_goes_on_when_the_other_region_dies_and_catches_up(
    twin: TwinClient, strong: Table
) -> None:
    strong.put(strong.west, "a", "before")
    twin.kill(WEST)
    strong.put(strong.east, "a", "during")
    assert strong.get(strong.east, "a", consistent=True) == "during"
    # So slow a link that nothing is caught up before it has been looked at.
    twin.call("POST", "/_twin/links", {"from": EAST, "to": WEST, "lag": {"p50": 3600.0, "p99": 3600.0}})
    twin.revive(WEST)
    with pytest.raises(strong.west.exceptions.InternalServerError, match="catching up"):
        strong.get(strong.west, "a", consistent=True)
    assert strong.get(strong.west, "a") == "before"
    # What a cut link held sets out anew when it heals, with the lag of then.
    twin.call(
        "POST", "/_twin/links", {"from": EAST, "to": WEST, "lag": {"p50": 0.1, "p99": 0.15}, "cut": True}
    )
    twin.link(EAST, WEST, cut=False)
    eventually(lambda: strong.get(strong.west, "a") == "during")
    assert strong.get(strong.west, "a", consistent=True) == "during"


def test_an_isolated_region_serves_eventually_consistent_reads_only(twin: TwinClient, strong: Table) -> None:
    strong.put(strong.east, "a", "1")
    twin.link(EAST, WEST, cut=True)
    strong.put(strong.east, "a", "2")
    assert strong.get(strong.west, "a", consistent=True) == "2"
    twin.link(EAST, OHIO, cut=True)
    with pytest.raises(strong.east.exceptions.InternalServerError, match="No second Region"):
        strong.put(strong.east, "a", "3")
    with pytest.raises(strong.east.exceptions.InternalServerError):
        strong.get(strong.east, "a", consistent=True)
    assert strong.get(strong.east, "a") == "2"
    strong.put(strong.west, "a", "4")
    assert strong.get(strong.east, "a") == "2"
    twin.link(EAST, WEST, cut=False)
    twin.link(EAST, OHIO, cut=False)
    eventually(lambda: strong.get(strong.east, "a") == "4")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"MultiRegionConsistency": "STRONG"}, "exactly three different Regions"),
        (
            {
                "MultiRegionConsistency": "STRONG",
                "GlobalTableWitnessUpdates": [{"Create": {"RegionName": "eu-west-1"}}],
            },
            "not in one Region set",
        ),
        (
            {
                "MultiRegionConsistency": "STRONG",
                "GlobalTableWitnessUpdates": [{"Create": {"RegionName": WEST}}],
            },
            "exactly three different Regions",
        ),
        ({"GlobalTableWitnessUpdates": [{"Create": {"RegionName": OHIO}}]}, "needs MultiRegionConsistency"),
    ],
)
def test_a_strong_table_that_cannot_be_is_refused(
    twin: TwinClient, more: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        Table(twin, **more)


def test_a_replica_that_is_to_leave_with_its_data_is_not_in_the_twin(table: Table, twin: TwinClient) -> None:
    """Sent as it travels, since clients older than Disassociate refuse it themselves."""
    body = {"TableName": table.name, "ReplicaUpdates": [{"Disassociate": {"RegionName": WEST}}]}
    request = AWSRequest(
        method="POST",
        url=twin.addresses["regions"][EAST]["http"] + "/",
        data=json.dumps(body),
        headers={
            "x-amz-target": "DynamoDB_20120810.UpdateTable",
            "content-type": "application/x-amz-json-1.0",
        },
    )
    SigV4Auth(
        Credentials(twin.description["accessKeyId"], twin.description["secretAccessKey"]), "dynamodb", EAST
    ).add_auth(request)
    answer = requests.post(str(request.url), data=request.data, headers=dict(request.headers), timeout=10)
    lacking = "not in the twin: dynamodb.UpdateTable with ReplicaUpdates.Disassociate"
    assert (answer.status_code, answer.json()["message"]) == (501, lacking)
    replicas = table.east.describe_table(TableName=table.name)["Table"]["Replicas"]
    assert {replica["RegionName"] for replica in replicas} >= {WEST}


def test_the_mode_of_a_global_table_cannot_change(table: Table) -> None:
    with pytest.raises(ClientError, match="only when a global table is made"):
        table.east.update_table(
            TableName=table.name,
            ReplicaUpdates=[{"Create": {"RegionName": OHIO}}],
            MultiRegionConsistency="STRONG",
        )


def test_a_strong_table_gives_up_all_other_members_together(strong: Table) -> None:
    with pytest.raises(ClientError, match="deleted together"):
        strong.east.update_table(TableName=strong.name, ReplicaUpdates=[{"Delete": {"RegionName": WEST}}])
    strong.east.update_table(
        TableName=strong.name,
        ReplicaUpdates=[{"Delete": {"RegionName": WEST}}],
        GlobalTableWitnessUpdates=[{"Delete": {"RegionName": OHIO}}],
    )
    found = strong.east.describe_table(TableName=strong.name)["Table"]
    assert "MultiRegionConsistency" not in found
    assert "GlobalTableWitnesses" not in found
    strong.east.transact_write_items(
        TransactItems=[{"Put": {"TableName": strong.name, "Item": _item("a", "1")}}]
    )
