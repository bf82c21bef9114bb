"""`load`: chains of executions, what they counted, and command lines that make no sense."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.commands import fill, load, order
from ops.console import Console
from ops.deployed.deployment import parse
from ops.errors import DeploymentError, MisuseError
from ops.load.chain import Chain, follow, sizes
from ops.load.generator import Acknowledged, Counts, LoadGenerator, generators
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs

EAST = "us-east-1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def tally(asked: int, done: int, failed: int = 0) -> dict[str, Any]:
    regions = {EAST: {"created": done, "read": done}}
    return {"asked": asked, "created": done, "read": done, "failed": failed, "regions": regions}


class FakeStepFunctions:
    """Each look at an execution shows half of what is left of it; those in `fails` fail at once."""

    def __init__(self, *, fails: bool = False) -> None:
        self.inputs: list[dict[str, Any]] = []
        self.looks: dict[str, int] = {}
        self.fails = fails
        self.pages: list[dict[str, Any]] = []

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: A002, N803
        assert stateMachineArn == "arn:machine"
        self.inputs.append(json.loads(input))
        return {"executionArn": f"{stateMachineArn}:{name}", "startDate": NOW}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        looks = self.looks[executionArn] = self.looks.get(executionArn, 0) + 1
        found: dict[str, Any] = {"status": "RUNNING", "startDate": NOW}
        if self.fails:
            return {**found, "status": "FAILED", "error": "InvalidInputError", "cause": "num_items is 0"}
        if looks > 2:
            asked = self.inputs[len(self.looks) - 1]["num_items"]
            found |= {"status": "SUCCEEDED", "output": json.dumps(tally(asked, asked))}
        return found

    def list_executions(self, *, stateMachineArn: str, maxResults: int) -> dict[str, Any]:  # noqa: N803
        return {"executions": [{"executionArn": arn} for arn in self.looks][:maxResults]}

    def get_execution_history(self, **request: Any) -> dict[str, Any]:
        if request.get("reverseOrder"):
            exited = {"output": json.dumps(tally(7, 3, failed=1))}
            return {"events": [{"type": "WaitStateEntered"}, {"stateExitedEventDetails": exited}]}
        return self.pages[int(request.get("nextToken", 0))]


def generator(client: FakeStepFunctions) -> LoadGenerator:
    return LoadGenerator(client, region=EAST, arn="arn:machine", url="orders.example.com")


@pytest.mark.parametrize(
    ("items", "expected"), [(1, [1]), (1000, [1000]), (1001, [1000, 1]), (2500, [1000, 1000, 500])]
)
def test_no_execution_gets_more_than_it_takes(items: int, expected: list[int]) -> None:
    assert sizes(items) == expected


def test_a_chain_starts_the_next_execution_when_one_has_ended_and_sums_what_they_counted() -> None:
    client = FakeStepFunctions()
    report: list[str] = []
    chain = Chain(generator(client), 1500)
    follow([chain], report.append, pause=lambda _: None)
    assert [given["num_items"] for given in client.inputs] == [1000, 500]
    assert client.inputs[0]["url"] == "orders.example.com"
    assert chain.counts == Counts(
        asked=1500, created=1500, read=1500, regions={EAST: {"created": 1500, "read": 1500}}
    )
    assert report[:2] == ["us-east-1: 0 of 1500 (0 failed) ...", "us-east-1: 4 of 1500 (1 failed) ..."]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ('{"num_items": 12}', 12),
        ('{"num_items": 12.0}', 12),
        ("[]", 0),
        ("{", 0),
        ('{"num_items": "x"}', 0),
        ('{"num_items": 1.5}', 0),
    ],
)
def test_an_execution_that_has_not_counted_yet_was_asked_for_what_its_input_says(
    given: str, asked: int
) -> None:
    class Started(FakeStepFunctions):
        def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
            return {"status": "RUNNING", "startDate": NOW, "input": given}

        def get_execution_history(self, **request: Any) -> dict[str, Any]:
            return {"events": [{"type": "ExecutionStarted"}]}

    assert generator(Started()).look("arn:machine:one").counts == Counts(asked=asked)


def test_counts_are_whole_however_the_state_machine_writes_them() -> None:
    class Counted(FakeStepFunctions):
        def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
            output = json.dumps({**tally(9, 3), "regions": {EAST: {"created": 3.0, "read": 3.0}}})
            return {"status": "SUCCEEDED", "startDate": NOW, "output": output}

    counts = generator(Counted()).look("arn:machine:one").counts
    assert json.dumps(counts.regions) == '{"us-east-1": {"created": 3, "read": 3}}'


def test_a_chain_ends_with_an_execution_that_failed() -> None:
    client = FakeStepFunctions(fails=True)
    chain = Chain(generator(client), 3000)
    chain.look()
    [failed] = chain.executions
    assert (failed.status, failed.why) == ("FAILED", "InvalidInputError: num_items is 0")


def test_acknowledged_orders_are_read_from_every_page_of_the_history() -> None:
    def succeeded(payload: object) -> dict[str, Any]:
        return {"taskSucceededEventDetails": {"output": json.dumps({"Payload": payload})}}

    client = FakeStepFunctions()
    made = [{"orderId": f"o{n}", "productId": f"p{n}", "customerId": "c"} for n in range(3)]
    unread = {"error": "OrderNotReadError", "cause": '{"errorMessage": "order o1: 404 from us-east-1"}'}
    client.pages = [
        {"events": [succeeded({"orders": made}), {"type": "TaskScheduled"}], "nextToken": "1"},
        {
            "events": [
                succeeded({"order": {"orderId": "o0", "productId": "p0"}, "tally": tally(3, 1)}),
                {"taskFailedEventDetails": unread},
                {"taskFailedEventDetails": unread},
                {"taskFailedEventDetails": {"error": "OrderNotCreatedError", "cause": "order o2: 503"}},
            ]
        },
    ]
    assert generator(client).acknowledged("arn:machine:one") == [
        Acknowledged(order_id="o0", product_id="p0"),
        Acknowledged(order_id="o1", product_id="p1"),
    ]


def test_a_stack_without_a_load_generator_says_why() -> None:
    deployment = parse(both(), source="test")
    with pytest.raises(DeploymentError, match=r"region1 has no load generator .*fillEnabled"):
        generators(FakeTarget(), deployment, None)


def test_each_regions_generator_orders_from_the_shared_name() -> None:
    named = {"loadGeneratorArn": "arn:machine"}
    deployment = parse({"region1": outputs(EAST, **named)}, source="test")
    client = FakeStepFunctions()
    [found] = generators(FakeTarget(clients={"stepfunctions": client}), deployment, EAST)
    found.start(3)
    assert client.inputs == [{"num_items": 3, "url": "orders.example.com"}]


@pytest.mark.parametrize(
    ("module", "line", "said"),
    [
        (load, "start", "--items N"),
        (load, "start --items 1001", "at most 1000.*--chain"),
        (load, "status --items 3", "belong to start"),
        (load, "status --wait", "belong to start"),
        (fill, "", "Say what to make"),
        (order, "read --order o", "--product"),
        (order, "read --order o --product p --customer c", "takes no --customer"),
        (order, "create --customer c", "both --customer and --product"),
        (order, "create --product p", "both --customer and --product"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_misuse(module: Any, line: str, said: str) -> None:
    parser = ArgumentParser()
    module.configure(parser)
    with pytest.raises(MisuseError, match=said):
        module.run(parser.parse_args(line.split()), Console())


def test_fill_asks_for_everything_in_batches() -> None:
    asked = list(fill.batches({"customers": 450, "products": 200, "orders": 0}))
    assert [batch["customers"] for batch in asked] == [200, 200, 50]
    assert [batch["products"] for batch in asked] == [200, 0, 0]
    assert {batch["orders"] for batch in asked} == {0}


def test_the_newest_execution_is_the_one_that_was_started_last() -> None:
    # One that has ended counts as of its end: before a later one that still runs.
    listed = [
        {"executionArn": "arn:machine:first", "startDate": NOW},
        {"executionArn": "arn:machine:second", "startDate": NOW + timedelta(seconds=3)},
    ]

    class Listing(FakeStepFunctions):
        def list_executions(self, *, stateMachineArn: str, maxResults: int) -> dict[str, Any]:  # noqa: N803
            return {"executions": listed[:maxResults]}

        def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
            return {"status": "SUCCEEDED", "startDate": NOW, "output": json.dumps(tally(1, 1))}

    assert [one.name for one in generator(Listing()).recent(1)] == ["second"]
