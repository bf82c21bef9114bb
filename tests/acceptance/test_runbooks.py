"""Every block of commands of the runbooks, typed on the twin in the situation that its page is for."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blueprint import output_names as names
from ops import cli as ops_cli
from tests.acceptance.routing import Cluster
from tests.acceptance.service import EAST, REGIONS, WEST, Service
from tests.fakes import aws_cli, runbook_pages
from tests.fakes.ci_roles import with_key
from tests.fakes.runbook_pages import RUNBOOKS, Runbook
from tests.fakes.typed_commands import Terminal
from tests.waiting import until
from twin import cli as twin_cli
from twin.client import TwinClient
from twin.home import Home

pytestmark = pytest.mark.twin

PAGES = {page.name: page for page in map(runbook_pages.read, RUNBOOKS)}
ONLY_AWS = {"restore-a-table": 5}
"""How many blocks of a page the twin cannot run; the page says why at each."""

OPERATOR, ADMINISTRATOR = "operator", "administrator"


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The deployed twin, and the homes by which each user sees it."""

    service: Service
    cluster: Cluster
    homes: dict[str, Path]

    def play(self, page: Runbook) -> None:
        """Make the situation, type every block as its user, and hold it to what it promises."""
        for command in page.situation:
            self._type(ADMINISTRATOR, command)
        for block in page.blocks:
            if block.user and block.promise:
                if block.over:
                    self._type(ADMINISTRATOR, runbook_pages.END)
                self._type(block.user, block.commands)
                PROMISES[block.promise](self)

    def _type(self, user: str, commands: str) -> None:
        home = self.homes[user]
        os.environ["TWIN_HOME"] = str(home)
        Terminal(
            programs={
                "python -m ops": ops_cli.main,
                "python -m twin": twin_cli.main,
                "aws": lambda words: aws_cli.run(words, _clients(TwinClient.from_home(home))),
                "cat": lambda words: _process("cat", words),
                "sed": lambda words: _process("sed", words),
            },
            instead={"OPS_TARGET=aws": "OPS_TARGET=twin", "--target aws": "--target twin"},
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


def _east_creates_nothing(rehearsal: Rehearsal) -> None:
    wish = rehearsal.service.pair().wish()
    assert rehearsal.service.east.order(wish).status >= 500
    assert rehearsal.service.west.order(wish).status == 201


PROMISES: dict[str, Promise] = {
    "both regions have traffic": _both_have_traffic,
    "the traffic has left us-east-1": _the_east_is_left,
    "customers are still in us-west-2 alone": _the_east_is_left,
    "each client is still led to the nearer region": _clients_are_at_home,
    "the name leads to us-west-2 alone": _name_leads_west,
    "us-east-1 creates no order": _east_creates_nothing,
}


@pytest.fixture
def homes(eventual: Service, tmp_path: Path) -> Iterator[dict[str, Path]]:
    """The administrator's home of the twin, and that of a user who has the operator policy alone."""
    user = "rehearsing-operator"
    arn = eventual.deployed.outputs["region1"][names.OPERATOR_POLICY_ARN]
    iam: Any = eventual.iam
    iam.create_user(UserName=user)
    iam.attach_user_policy(UserName=user, PolicyArn=arn)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    home = Home(tmp_path / user)
    home.path.mkdir()
    home.describe(with_key(eventual.twin, key).description)
    yield {ADMINISTRATOR: eventual.twin.home, OPERATOR: home.path}
    eventual.mend()
    iam.detach_user_policy(UserName=user, PolicyArn=arn)
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=user)


@pytest.fixture
def rehearsal(
    traffic_at_home: Service,
    cluster: Cluster,
    homes: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Rehearsal]:
    """Both regions On; variables and files of the commands are gone afterwards."""
    environment = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    cluster.set({EAST: "On", WEST: "On"})
    yield Rehearsal(service=traffic_at_home, cluster=cluster, homes=homes)
    os.environ.clear()
    os.environ.update(environment)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_a_runbook_does_what_it_says(page: Runbook, rehearsal: Rehearsal) -> None:
    rehearsal.play(page)


def test_the_blocks_that_are_only_for_aws_are_known() -> None:
    found = {page.name: sum(not block.promise for block in page.blocks) for page in PAGES.values()}
    assert {name: number for name, number in found.items() if number} == ONLY_AWS


def test_every_promise_is_one_that_can_be_held() -> None:
    made = {block.promise for page in PAGES.values() for block in page.blocks if block.promise}
    assert made == PROMISES.keys()
