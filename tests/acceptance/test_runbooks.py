"""Every block of commands of the runbooks, typed on the twin in the situation that its page is for."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from blueprint import output_names as names
from blueprint.order_service import CANARY_IDS
from functions.orders import contract
from ops import batches
from ops import cli as ops_cli
from tests.acceptance.routing import Cluster
from tests.acceptance.service import EAST, REGIONS, WEST, Pair, Service, Wish
from tests.fakes import aws_cli, runbook_pages
from tests.fakes.runbook_pages import RUNBOOKS, Runbook
from tests.fakes.typed_commands import Terminal
from tests.waiting import until
from twin import cli as twin_cli
from twin.acting import act_as
from twin.caller import INSTANCE_VARIABLE
from twin.client import TwinClient

pytestmark = pytest.mark.twin

PAGES = {page.name: page for page in map(runbook_pages.read, RUNBOOKS)}
ONLY_AWS = {"arc-does-not-answer": 1, "restore-a-table": 3, "retire-a-replica": 3}
"""How many blocks of a page the twin cannot run; the page says why at each."""

EXAMPLE_TIME = "2026-11-25T03:00:00Z"
"""What the page about restoring has in place of the last good second."""

ADMINISTRATOR = "administrator"
"""Of the twin; every other user of a page has the rights of `python -m twin env --as USER`."""

CALLER = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", INSTANCE_VARIABLE)
"""Of the environment: whose terminal it is."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The deployed twin, and as each user sees it."""

    service: Service
    cluster: Cluster
    callers: dict[str, TwinClient]
    words: dict[str, str] = field(
        default_factory=lambda: {"OPS_TARGET=aws": "OPS_TARGET=twin", "--target aws": "--target twin"}
    )
    acknowledged: list[Wish] = field(default_factory=list)

    def play(self, page: Runbook) -> None:
        """Make the situation, type every block as its user, and hold it to what it promises."""
        *before, last = page.situation or ("",)
        for command in before:
            self._type(ADMINISTRATOR, command)
        if page.name in MEANWHILE:
            MEANWHILE[page.name](self)
        self._type(ADMINISTRATOR, last)
        for block in page.blocks:
            if block.user and block.promise:
                if block.over:
                    self._type(ADMINISTRATOR, runbook_pages.END)
                self._type(block.user, block.commands)
                PROMISES[block.promise](self)

    def _type(self, user: str, commands: str) -> None:
        caller = self.callers[user]
        os.environ.update({name: caller.env[name] for name in CALLER}, TWIN_HOME=str(caller.home))
        Terminal(
            programs={
                "python -m ops": ops_cli.main,
                "python -m twin": twin_cli.main,
                "aws": lambda words: aws_cli.run(words, _clients(caller)),
                "cat": lambda words: _process("cat", words),
                "sed": lambda words: _process("sed", words),
            },
            instead=self.words,
        ).type(commands)


def _clients(twin: TwinClient) -> aws_cli.Clients:
    return lambda service, region: twin.boto3_client(service, region or EAST)


def _process(program: str, words: list[str]) -> int:
    found = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    print(found.stdout, end="")
    return found.returncode


Promise = Callable[[Rehearsal], None]


def _both_have_traffic(rehearsal: Rehearsal) -> None:
    assert rehearsal.cluster.states() == {EAST: "On", WEST: "On"}
    _clients_are_at_home(rehearsal)


def _the_east_is_left(rehearsal: Rehearsal) -> None:
    assert rehearsal.cluster.states() == {EAST: "Off", WEST: "On"}
    _name_leads_west(rehearsal)


def _clients_are_at_home(rehearsal: Rehearsal) -> None:
    until(
        lambda: all(rehearsal.service.shared_region(near) == near for near in REGIONS), "clients are at home"
    )


def _name_leads_west(rehearsal: Rehearsal) -> None:
    until(
        lambda: {rehearsal.service.shared_region(near) for near in REGIONS} == {WEST}, "the name leads west"
    )


def _the_west_is_left(rehearsal: Rehearsal) -> None:
    assert rehearsal.cluster.states() == {EAST: "On", WEST: "Off"}
    service = rehearsal.service
    until(lambda: {service.shared_region(near) for near in REGIONS} == {EAST}, "the name leads east")


def _east_creates_nothing(rehearsal: Rehearsal) -> None:
    wish = rehearsal.service.pair().wish()
    assert rehearsal.service.east.order(wish).status >= 500
    assert rehearsal.service.west.order(wish).status == 201


def _no_region_creates(rehearsal: Rehearsal) -> None:
    wish = Pair(customer="nobody", product="nothing").wish()
    assert all(region.order(wish).status >= 500 for region in rehearsal.service.regions.values())


def _acknowledged_orders_have_their_products(rehearsal: Rehearsal) -> None:
    rehearsal.service.settle()
    assert rehearsal.acknowledged
    for region in rehearsal.service.regions.values():
        for wish in rehearsal.acknowledged:
            assert region.read(wish).json["OrderStatus"] == contract.CONFIRMED
            product = region.stored(contract.PRODUCTS, wish.product)
            assert product is not None
            assert product[contract.ORDER_ID] == {"S": wish.order}


def _customers_buy_again(rehearsal: Rehearsal) -> None:
    _acknowledged_orders_have_their_products(rehearsal)
    (bought,) = rehearsal.acknowledged
    pair = rehearsal.service.pair()
    late = Pair(customer=pair.customer, product=bought.product)
    for region in rehearsal.service.regions.values():
        assert region.order(late.wish()).code == "product-sold"
    assert rehearsal.service.west.order(pair.wish()).status == 201


def _restored_tables_are_gone(rehearsal: Rehearsal) -> None:
    names = rehearsal.service.east.dynamodb.list_tables()["TableNames"]
    assert [name for name in names if name.endswith("-before")] == []


def _sell_after_the_last_good_second(rehearsal: Rehearsal) -> None:
    """What is restored to that second is older than this acknowledged order."""
    wish = rehearsal.service.pair().wish()
    moment = int(time.time()) + 1
    until(lambda: time.time() > moment, "the next second")
    rehearsal.words[EXAMPLE_TIME] = datetime.fromtimestamp(moment, UTC).isoformat()
    assert rehearsal.service.east.order(wish).status == 201
    rehearsal.acknowledged.append(wish)
    rehearsal.service.settle()


MEANWHILE: dict[str, Promise] = {"restore-a-table": _sell_after_the_last_good_second}
"""What happens before the last command of a page's situation."""

PROMISES: dict[str, Promise] = {
    "both regions have traffic": _both_have_traffic,
    "the traffic has left us-east-1": _the_east_is_left,
    "the traffic has left us-west-2": _the_west_is_left,
    "customers are still in us-west-2 alone": _the_east_is_left,
    "each client is still led to the nearer region": _clients_are_at_home,
    "the name leads to us-west-2 alone": _name_leads_west,
    "us-east-1 creates no order": _east_creates_nothing,
    "no region creates orders": _no_region_creates,
    "every acknowledged order has its product": _acknowledged_orders_have_their_products,
    "every acknowledged order has its product, and customers buy again": _customers_buy_again,
    "the restored tables are gone": _restored_tables_are_gone,
}


@pytest.fixture
def callers(eventual: Service) -> dict[str, TwinClient]:
    """The twin as each user of the pages sees it; made while IAM answers, as on AWS."""
    users = {block.user for page in PAGES.values() for block in page.blocks if block.user}
    acting = {user: act_as(eventual.twin, user) for user in users - {ADMINISTRATOR}}
    return {ADMINISTRATOR: eventual.twin, **acting}


def empty_tables(service: Service) -> None:
    """Leave the canaries' items alone: what other tests left is not for a page to find."""
    for table, name in service.deployment.primary.table_names.items():
        key = contract.TABLE_KEYS[table]
        pages = service.east.dynamodb.get_paginator("scan").paginate(TableName=name)
        found = [item[key] for page in pages for item in page["Items"]]
        gone = [{"DeleteRequest": {"Key": {key: one}}} for one in found if one != {"S": CANARY_IDS[table]}]
        batches.write(service.east.dynamodb, name, gone)
    service.settle()


def latency_records(service: Service) -> list[dict[str, Any]]:
    """Those of the shared name, one a region."""
    zone = service.deployed.outputs["region1"][names.HOSTED_ZONE_ID]
    found = service.twin.boto3_client("route53", EAST).list_resource_record_sets(HostedZoneId=zone)
    return [record for record in found["ResourceRecordSets"] if "Region" in record]


def put_right(service: Service, records: Sequence[dict[str, Any]]) -> None:
    """Undo what a page had not come to undo when it failed."""
    service.mend()
    zone = service.deployed.outputs["region1"][names.HOSTED_ZONE_ID]
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in records]
    service.twin.boto3_client("route53", EAST).change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": changes}
    )
    for region in service.regions.values():
        functions = service.twin.boto3_client("lambda", region.name)
        for arn in region.stack.function_arns.values():
            functions.delete_function_concurrency(FunctionName=arn)
    for name in service.east.dynamodb.list_tables()["TableNames"]:
        if name.endswith("-before"):
            service.east.dynamodb.delete_table(TableName=name)


@pytest.fixture
def rehearsal(
    traffic_at_home: Service,
    cluster: Cluster,
    callers: dict[str, TwinClient],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Rehearsal]:
    """Both regions On; variables and files of the commands are gone afterwards."""
    environment = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    empty_tables(traffic_at_home)
    cluster.set({EAST: "On", WEST: "On"})
    records = latency_records(traffic_at_home)
    yield Rehearsal(service=traffic_at_home, cluster=cluster, callers=callers)
    os.environ.clear()
    os.environ.update(environment)
    put_right(traffic_at_home, records)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_a_runbook_does_what_it_says(page: Runbook, rehearsal: Rehearsal) -> None:
    rehearsal.play(page)


def test_the_blocks_that_are_only_for_aws_are_known() -> None:
    found = {page.name: sum(not block.promise for block in page.blocks) for page in PAGES.values()}
    assert {name: number for name, number in found.items() if number} == ONLY_AWS


def test_every_page_names_the_rights_that_its_steps_need() -> None:
    silent = [file.stem for file in RUNBOOKS if "\n**Rights.** " not in file.read_text(encoding="utf-8")]
    assert silent == []


def test_every_promise_is_one_that_can_be_held() -> None:
    made = {block.promise for page in PAGES.values() for block in page.blocks if block.promise}
    assert made == PROMISES.keys()
