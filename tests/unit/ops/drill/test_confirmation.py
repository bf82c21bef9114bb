"""Who is asked, before a drill moves customers' traffic."""

from collections.abc import Callable
from io import StringIO

import pytest

from ops.console import Console
from ops.deployed.target import AWS, TWIN
from ops.drill.drill import check_scenario, confirm
from ops.drill.settings import DrillSettings, Scenario
from ops.errors import MisuseError, RefusedError

SETTINGS = DrillSettings(region="us-east-1")


def nobody(_: str) -> str:
    raise EOFError


def console(ask: Callable[[str], str]) -> Console:
    return Console(out=StringIO(), err=StringIO(), ask=ask)


def test_whoever_types_the_domain_name_goes_on() -> None:
    confirm("orders.example.com", SETTINGS, console(lambda _: "orders.example.com"))


def test_the_domain_name_may_be_given_beforehand_and_nobody_is_asked() -> None:
    confirm("orders.example.com", SETTINGS, console(nobody), given="orders.example.com")


@pytest.mark.parametrize("given", ["orders.example.org", "ORDERS.EXAMPLE.COM", "orders.example.com."])
def test_another_name_moves_no_traffic(given: str) -> None:
    for ask, beforehand in ((lambda _: given, None), (nobody, given)):
        with pytest.raises(RefusedError, match="No traffic was moved") as refused:
            confirm("orders.example.com", SETTINGS, console(ask), given=beforehand)
        assert repr(given) in str(refused.value)


@pytest.mark.parametrize("given", [None, ""])
def test_where_nobody_types_the_option_is_named(given: str | None) -> None:
    with pytest.raises(RefusedError, match="--confirm-domain"):
        confirm("orders.example.com", SETTINGS, console(nobody), given=given)


def test_an_outage_on_aws_is_refused_with_a_command_that_can_be_typed() -> None:
    with pytest.raises(MisuseError, match=r"python -m ops controls off REGION"):
        check_scenario(AWS, Scenario.OUTAGE)
    check_scenario(TWIN, Scenario.OUTAGE)
