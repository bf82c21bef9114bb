"""The twin's page as a reader sees it, in a real browser, on the deployed system."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from blueprint import output_names as names
from functions.orders import contract
from tests.acceptance.service import EAST, WEST, Service
from tests.browser.browser import Browser
from tests.fakes.twin_fixtures import DeployedTwin

pytestmark = pytest.mark.twin
OBSERVER = "us-east-2"
DASHBOARD = "drawn-in-a-browser"
NASTY = "<script>window.injected = 1</script><img src=x onerror='window.injected = 2'>"
ORDERS = 3
PHONE = (390, 844)
ARROW_LEFT, SPACE = "\ue012", "\ue00d"


def body(region: str, other: str) -> str:
    """One widget of each kind; the switch to another region is read off the second."""
    orders: list[Any] = [contract.METRICS_NAMESPACE, contract.ORDERS_CREATED, contract.REGION_DIMENSION]
    metric = {"region": region, "stat": "Sum", "period": 60}
    widgets = [
        ("text", {"markdown": f"# Orders {NASTY}\n**both** regions, [runbook](javascript:alert(1)) `code`"}),
        (
            "metric",
            {
                **metric,
                "title": f"Orders created {NASTY}",
                "metrics": [[*orders, region, {"label": NASTY}], ["...", other, {"region": other}]],
                "annotations": {"horizontal": [{"label": "many", "value": 1000}]},
            },
        ),
        ("metric", {**metric, "title": "Now", "view": "singleValue", "metrics": [[*orders, region]]}),
        ("metric", {**metric, "title": "Nothing", "metrics": [["Nowhere", "Nothing"]]}),
        ("log", {"title": "A query"}),
    ]
    placed = [
        {"type": kind, "x": 0, "y": 6 * row, "width": 24, "height": 6, "properties": properties}
        for row, (kind, properties) in enumerate(widgets)
    ]
    return json.dumps({"widgets": placed})


@pytest.fixture(scope="module")
def dashboard(deployed_twin: DeployedTwin) -> Iterator[str]:
    """A dashboard of a region with a few orders, and where the page shows it."""
    twin = deployed_twin.client
    cloudwatch = twin.boto3_client("cloudwatch", EAST)
    cloudwatch.put_dashboard(DashboardName=DASHBOARD, DashboardBody=body(EAST, WEST))
    service = Service(deployed_twin)
    for pair in service.stock(ORDERS):
        assert service.east.order(pair.wish()).status == 201
    yield f"{twin.addresses['admin']}/#dashboard={DASHBOARD}"
    cloudwatch.delete_dashboards(DashboardNames=[DASHBOARD])


@pytest.fixture
def controls(deployed_twin: DeployedTwin) -> Iterator[None]:
    """The routing controls as they were, afterwards."""
    twin = deployed_twin.client
    arc = deployed_twin.outputs["region1"][names.ARC]
    endpoint = twin.addresses["arcEndpoints"][-1]
    session: Any = twin.boto3_session(endpoint["region"])
    cluster = session.client(
        "route53-recovery-cluster", endpoint_url=endpoint["url"], verify=twin.env["AWS_CA_BUNDLE"]
    )
    before = cluster.list_routing_controls(ControlPanelArn=arc[names.ARC_CONTROL_PANEL_ARN])

    yield
    cluster.update_routing_control_states(
        UpdateRoutingControlStateEntries=[
            {key: control[key] for key in ("RoutingControlArn", "RoutingControlState")}
            for control in before["RoutingControls"]
        ],
        SafetyRulesToOverride=[arc[names.ARC_SAFETY_RULE_ARN]],
    )


def shown(browser: Browser, address: str) -> None:
    """Open the page and wait for its first state."""
    browser.open(address)
    browser.until(lambda: browser.text("#live").startswith("Live"), "the page is live")


def widget(number: int) -> str:
    return f"#widgets > article:nth-child({number})"


def test_a_deployed_dashboard_is_drawn_with_its_data(browser: Browser, dashboard: str) -> None:
    shown(browser, dashboard)
    browser.until(lambda: browser.count(f"{widget(2)} .c0 .point, {widget(2)} .c0 .line"), "a line")
    assert browser.text(f"{widget(2)} h3").startswith("Orders created")
    assert browser.text(f"{widget(2)} .subtitle") == "Sum, 1 min"
    assert browser.count(f"{widget(2)} .legend li") == 2
    assert int(browser.text(f"{widget(3)} .legend .value")) >= 1
    assert "many" in browser.script(f"return document.querySelector('{widget(2)} svg').textContent")
    assert browser.text(f"{widget(4)} .empty") == "No data"
    assert "does not draw widgets of type 'log'" in browser.text(widget(5))
    pressed = "#dashboard-names [aria-pressed=true]"
    assert browser.text(pressed).startswith(DASHBOARD)


def test_text_of_a_widget_is_never_markup(browser: Browser, dashboard: str) -> None:
    shown(browser, dashboard)
    assert "<script>" in browser.text(f"{widget(1)} h4")
    assert browser.text(f"{widget(1)} strong") == "both"
    assert "<script>" in browser.text(f"{widget(2)} .legend .label")
    assert "<script>" in browser.text(f"{widget(2)} h3")
    assert browser.count("#widgets script, #widgets img, #widgets a") == 0
    assert browser.script("return window.injected") is None


def test_the_values_of_a_moment_are_read_with_the_arrow_keys(browser: Browser, dashboard: str) -> None:
    shown(browser, dashboard)
    plot = f"{widget(2)} .plot"
    browser.until(lambda: browser.count(f"{plot} svg"), "a drawing")
    label = f"return document.querySelector('{plot}').getAttribute('aria-label')"
    assert "newest values" in browser.script(label)
    browser.press(plot, ARROW_LEFT)
    assert browser.count(f"{plot} .marker line") == 1
    assert " at " in browser.script(label)


def test_a_switch_moves_its_control_and_the_last_one_stays_on(
    browser: Browser, dashboard: str, controls: None, deployed_twin: DeployedTwin
) -> None:
    shown(browser, dashboard)
    switch = f"[data-region={EAST}] [role=switch]"
    state = f"return document.querySelector('{switch}').getAttribute('aria-checked')"
    others = deployed_twin.client.status()["arc"]["controls"]
    assert not any(control["on"] for control in others)
    browser.click(switch)
    browser.until(lambda: browser.script(state) == "true", "the switch is on")
    assert [c["name"] for c in deployed_twin.client.status()["arc"]["controls"] if c["on"]] == [EAST]
    browser.until(lambda: browser.script("return document.activeElement.role") == "switch", "its focus")

    browser.press(switch, SPACE)
    browser.until(lambda: browser.count("#refusal:not([hidden])"), "a refusal")
    assert f"Routing control {EAST} was not switched" in browser.text("#refusal")
    assert "at least 1 of 2 On" in browser.text("#refusal")
    assert browser.script(state) == "true"


def test_a_region_is_taken_down_and_brought_back(
    browser: Browser, dashboard: str, deployed_twin: DeployedTwin
) -> None:
    shown(browser, dashboard)
    card = f"[data-region={OBSERVER}]"
    browser.click(f"{card} .power")
    try:
        browser.until(lambda: browser.text(f"{card} .pill") == "Down", "the region is down")
        assert deployed_twin.client.status()["regions"][OBSERVER] == "down"
        assert f"{OBSERVER} is down" in browser.text("#dashboard-note")
        browser.until(lambda: browser.text(f"{card} .power") == "Bring back", "the way back")
        browser.until(lambda: browser.count(f"{card} .power:enabled"), "a button")
        browser.click(f"{card} .power")
        browser.until(lambda: browser.text(f"{card} .pill") == "Up", "the region is up")
    finally:
        deployed_twin.client.revive(OBSERVER)


def test_nothing_is_wider_than_a_phone(browser: Browser, dashboard: str) -> None:
    for dark in (False, True):
        browser.resize(*PHONE, dark=dark)
        shown(browser, dashboard)
        browser.until(lambda: browser.count(f"{widget(2)} svg"), "a drawing")
        widths = browser.script(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert widths[0] <= widths[1] <= PHONE[0]


def test_every_deployed_alarm_and_canary_is_listed(
    browser: Browser, dashboard: str, deployed_twin: DeployedTwin
) -> None:
    shown(browser, dashboard)
    listed = "return [...document.querySelectorAll(arguments[0])].map((row) => row.dataset.name).sort()"
    state = deployed_twin.client.call("GET", "/_twin/page/state")
    for subject in ("alarms", "canaries"):
        expected = sorted(row["name"] for row in state[subject]["rows"])
        assert browser.script(listed, f"#{subject} li[data-name]") == expected


# What the twin would tell of alarms and canaries in a bad moment, put into the page's own answers.
BAD_MOMENT = """
const ask = window.fetch;
window.fetch = async (...question) => {
  const state = await (await ask(...question)).json();
  const row = { name: "n", region: "us-west-2", reason: arguments[0], since: state.now - 70, rule: null };
  state.alarms.rows = [
    { ...row, name: "calm", state: "OK", description: "", threshold: 5 },
    { ...row, name: "unhealthy", state: "ALARM", description: "Open runbook", threshold: null },
  ];
  const run = { state: "FAILED", reason: arguments[0], started: state.now - 9, completed: state.now - 8 };
  const outside = { name: "outside", region: "us-east-2", last: run, runs: [run, run] };
  state.canaries = { problems: { "us-east-2": "no answer" }, rows: [outside] };
  return new Response(JSON.stringify(state));
};
"""


def test_alarms_and_failed_canaries_come_first_with_their_reasons(browser: Browser, dashboard: str) -> None:
    shown(browser, dashboard)
    browser.script(BAD_MOMENT, NASTY)
    browser.until(lambda: browser.count("#alarms li[data-name=unhealthy]"), "an alarm")
    assert browser.text("#alarms li:first-child .pill") == "In alarm"
    assert browser.text("#alarms-count") == "1 of 2 in alarm"
    assert NASTY in browser.text("#alarms li:first-child .reason")
    assert re.fullmatch(r"us-west-2, changed 7\d s ago", browser.text("#alarms li:first-child .where"))
    browser.click("#alarms li:first-child summary")
    assert browser.text("#alarms li:first-child details p") == "Open runbook"
    assert browser.text("#canaries .pill") == "Failed"
    assert browser.text("#canaries .note") == "us-east-2: no answer"
    assert browser.count("#canaries .runs .bad") == 2
    assert browser.text("#canaries-count") == "1 of 1 failed"
    assert browser.script("return window.injected") is None


# Two alarms of a region that is down, and one that CloudWatch has not evaluated yet.
DEAD_REGION = """
const ask = window.fetch;
window.fetch = async (...question) => {
  const state = await (await ask(...question)).json();
  state.regions.find((region) => region.name === "us-west-2").up = false;
  const row = { reason: "", since: state.now, rule: null, description: "", threshold: 5 };
  state.alarms.rows = [
    { ...row, name: "was-calm", region: "us-west-2", state: "OK" },
    { ...row, name: "was-loud", region: "us-west-2", state: "ALARM" },
    { ...row, name: "new", region: "us-east-1", state: "INSUFFICIENT_DATA" },
  ];
  return new Response(JSON.stringify(state));
};
"""


def test_what_a_dead_region_said_last_counts_neither_as_ok_nor_as_in_alarm(
    browser: Browser, dashboard: str
) -> None:
    shown(browser, dashboard)
    browser.script(DEAD_REGION)
    browser.until(lambda: browser.count("#alarms li[data-name=was-calm]"), "an old alarm")
    assert browser.text("#alarms-count") == "0 of 1 in alarm, 1 not evaluated yet, 2 not known"
    assert browser.text("#alarms .old summary") == "2 of regions that are down, with their last state"
    assert browser.count("#alarms .old li") == 2
    assert browser.count("#alarms li[data-name=new] .pill.bad") == 0


def test_a_twin_that_stopped_is_said(browser: Browser, dashboard: str) -> None:
    shown(browser, dashboard)
    browser.script("window.fetch = () => Promise.reject(new TypeError('gone'))")
    browser.until(lambda: "does not answer" in browser.text("#live"), "the page says so")
