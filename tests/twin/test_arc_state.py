import pytest

from twin.aws.arc.rules import RuleConfig, SafetyRule
from twin.aws.arc.state import CONCURRENT_CHANGE, ArcState, Cluster, ControlPanel, Endpoint
from twin.aws.own.errors import ServiceError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Panel:
    """A cluster with one control panel and two routing controls."""

    def __init__(self, clock: Clock, **options: float) -> None:
        self.clock = clock
        self.state = ArcState(
            account_id="111122223333",
            endpoints=(Endpoint(region="us-east-1", url="https://127.0.0.1:1/v1"),),
            clock=clock,
            **options,
        )
        self.cluster: Cluster = self.state.create_cluster("orders")
        self._settle()
        self.panel: ControlPanel = self.state.create_panel(self.cluster.arn, "orders")
        self._settle()
        self.one = self.add_control("region1")
        self.two = self.add_control("region2")

    def _settle(self) -> None:
        self.clock.now += self.state.settle_seconds

    def add_control(self, name: str) -> str:
        control = self.state.create_control(self.cluster.arn, name, panel_arn=self.panel.arn)
        self._settle()
        return control.arn

    def add_rule(self, *, wait_ms: int = 0, kind: str = "ATLEAST", inverted: bool = False) -> SafetyRule:
        config = RuleConfig(type=kind, threshold=1, inverted=inverted)  # type: ignore[arg-type]
        return self.state.create_rule(
            kind="ASSERTION",
            panel_arn=self.panel.arn,
            name="at-least-one",
            config=config,
            counted=(self.one, self.two),
            guarded=(self.one, self.two),
            wait_period_ms=wait_ms,
        )

    def gate(self, gating: str, *targets: str) -> SafetyRule:
        return self.state.create_rule(
            kind="GATING",
            panel_arn=self.panel.arn,
            name="gate",
            config=RuleConfig(type="OR", threshold=1),
            counted=(gating,),
            guarded=targets,
            wait_period_ms=0,
        )

    def states(self) -> tuple[bool, bool]:
        return self.state.is_on(self.one), self.state.is_on(self.two)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def panel(clock: Clock) -> Panel:
    return Panel(clock)


def refused(code: str) -> pytest.RaisesExc[ServiceError]:
    return pytest.RaisesExc(ServiceError, check=lambda error: error.code == code)


def test_a_new_routing_control_is_off(panel: Panel) -> None:
    assert panel.states() == (False, False)


def test_a_cluster_has_a_default_panel_for_controls_that_name_none(panel: Panel) -> None:
    control = panel.state.create_control(panel.cluster.arn, "elsewhere")
    home = panel.state.panel(control.panel_arn)
    assert (home.default, home.name) == (True, "DefaultControlPanel")


def test_several_controls_switch_in_one_transaction(panel: Panel) -> None:
    panel.state.set_states({panel.one: True, panel.two: True})
    assert panel.states() == (True, True)


def test_the_last_control_that_is_on_cannot_be_switched_off(panel: Panel) -> None:
    rule = panel.add_rule()
    panel.state.set_states({panel.one: True})
    with refused("ConflictException") as caught:
        panel.state.set_states({panel.one: False})
    assert rule.arn in caught.value.message
    assert caught.value.members["resourceId"] == rule.arn
    assert panel.states() == (True, False)


def test_all_traffic_can_be_moved_in_one_transaction(panel: Panel) -> None:
    panel.add_rule()
    panel.state.set_states({panel.one: True})
    panel.state.set_states({panel.one: False, panel.two: True})
    assert panel.states() == (False, True)


def test_a_refused_transaction_changes_nothing(panel: Panel) -> None:
    other = panel.add_control("third")
    panel.add_rule()
    panel.state.set_states({panel.one: True})
    with refused("ConflictException"):
        panel.state.set_states({other: True, panel.one: False})
    assert not panel.state.is_on(other)


def test_an_overridden_rule_is_not_asked(panel: Panel) -> None:
    rule = panel.add_rule(wait_ms=5000)
    panel.state.set_states({panel.one: True})
    panel.state.set_states({panel.one: False}, override=[rule.arn])
    assert panel.states() == (False, False)


def test_a_rule_to_override_must_exist(panel: Panel) -> None:
    with refused("ValidationException"):
        panel.state.set_states({panel.one: True}, override=[f"{panel.panel.arn}/safetyrule/none"])


def test_a_rule_waits_between_changes_of_its_controls(panel: Panel, clock: Clock) -> None:
    panel.add_rule(wait_ms=5000)
    panel.state.set_states({panel.one: True})
    clock.now += 4.9
    with refused("ConflictException") as caught:
        panel.state.set_states({panel.two: True})
    assert "waits 5000 ms" in caught.value.message
    clock.now += 0.2
    panel.state.set_states({panel.two: True})
    assert panel.states() == (True, True)


def test_a_request_that_changes_nothing_does_not_start_the_wait(panel: Panel, clock: Clock) -> None:
    panel.add_rule(wait_ms=5000)
    panel.state.set_states({panel.one: True})
    clock.now += 5
    panel.state.set_states({panel.one: True})
    panel.state.set_states({panel.two: True})
    assert panel.states() == (True, True)


@pytest.mark.parametrize(
    ("kind", "inverted", "states", "holds"),
    [
        ("ATLEAST", False, [True, True, False], True),
        ("ATLEAST", False, [True, False, False], False),
        ("ATLEAST", True, [True, True, False], False),
        ("ATLEAST", True, [True, False, False], True),
        ("AND", False, [True, True, True], True),
        ("AND", False, [True, True, False], False),
        ("AND", True, [True, True, True], False),
        ("OR", False, [False, False, True], True),
        ("OR", False, [False, False, False], False),
        ("OR", True, [False, False, False], True),
    ],
)
def test_a_rule_config_counts_the_controls_that_are_on(
    kind: str, inverted: bool, states: list[bool], holds: bool
) -> None:
    config = RuleConfig(type=kind, threshold=2, inverted=inverted)  # type: ignore[arg-type]
    assert config.holds(states) is holds


def test_a_gating_rule_keeps_its_targets_until_the_gate_is_on(panel: Panel) -> None:
    gate = panel.add_control("gate")
    panel.gate(gate, panel.one)
    with refused("ConflictException"):
        panel.state.set_states({panel.one: True})
    panel.state.set_states({gate: True})
    panel.state.set_states({panel.one: True})
    panel.state.set_states({panel.two: True})
    assert panel.states() == (True, True)


def test_dns_sees_a_change_after_the_propagation_delay(clock: Clock) -> None:
    panel = Panel(clock, propagation_delay=2.0)
    panel.state.set_states({panel.one: True})
    clock.now += 1.9
    assert panel.state.is_on(panel.one)
    assert not panel.state.routing_control_state(panel.one)
    clock.now += 0.2
    assert panel.state.routing_control_state(panel.one)
    panel.state.set_states({panel.one: False})
    assert panel.state.routing_control_state(panel.one)
    clock.now += 2
    assert not panel.state.routing_control_state(panel.one)


def test_an_unknown_control_is_off_for_dns(panel: Panel) -> None:
    assert panel.state.routing_control_state("arn:aws:route53-recovery-control::1:none") is False


def test_resources_are_pending_for_a_while(clock: Clock) -> None:
    panel = Panel(clock, settle_seconds=3.0)
    control = panel.state.create_control(panel.cluster.arn, "third", panel_arn=panel.panel.arn)
    assert panel.state.status(control) == "PENDING"
    clock.now += 3
    assert panel.state.status(control) == "DEPLOYED"


def test_two_controls_of_a_panel_made_at_the_same_time_conflict(clock: Clock) -> None:
    panel = Panel(clock, settle_seconds=3.0)
    panel.state.create_control(panel.cluster.arn, "third", panel_arn=panel.panel.arn)
    with refused("ConflictException") as caught:
        panel.state.create_control(panel.cluster.arn, "fourth", panel_arn=panel.panel.arn)
    assert caught.value.message == CONCURRENT_CHANGE


def test_a_cluster_that_is_pending_takes_no_control_panel(clock: Clock) -> None:
    state = ArcState(account_id="111122223333", endpoints=(), clock=clock, settle_seconds=3.0)
    cluster = state.create_cluster("orders")
    with refused("ConflictException"):
        state.create_panel(cluster.arn, "orders")


def test_names_are_unique_where_aws_wants_it(panel: Panel) -> None:
    with refused("ConflictException"):
        panel.state.create_cluster("orders")
    with refused("ConflictException"):
        panel.state.create_panel(panel.cluster.arn, "orders")
    with refused("ConflictException"):
        panel.add_control("region1")
    with refused("ConflictException"):
        panel.state.rename_control(panel.two, "region1")
    elsewhere = panel.state.create_panel(panel.cluster.arn, "other")
    panel.state.create_control(panel.cluster.arn, "region1", panel_arn=elsewhere.arn)
    panel.add_rule()
    with refused("ConflictException"):
        panel.add_rule()


def test_a_client_token_repeats_the_first_answer(panel: Panel) -> None:
    first = panel.state.create_control(panel.cluster.arn, "third", panel_arn=panel.panel.arn, token="t")
    again = panel.state.create_control(panel.cluster.arn, "third", panel_arn=panel.panel.arn, token="t")
    assert first == again


def test_the_quota_of_clusters_is_two(panel: Panel) -> None:
    panel.state.create_cluster("second")
    with refused("ServiceQuotaExceededException"):
        panel.state.create_cluster("third")


def test_a_rule_needs_controls_of_its_own_panel_and_a_threshold_it_can_reach(panel: Panel) -> None:
    stranger = panel.state.create_control(panel.cluster.arn, "stranger").arn
    with refused("ValidationException"):
        panel.gate(stranger, panel.one)
    with refused("ValidationException"):
        panel.state.create_rule(
            kind="ASSERTION",
            panel_arn=panel.panel.arn,
            name="three-of-two",
            config=RuleConfig(type="ATLEAST", threshold=3),
            counted=(panel.one, panel.two),
            guarded=(panel.one, panel.two),
            wait_period_ms=0,
        )


def test_deletion_goes_from_rules_to_the_cluster(panel: Panel) -> None:
    rule = panel.add_rule()
    for delete, arn in [
        (panel.state.delete_cluster, panel.cluster.arn),
        (panel.state.delete_panel, panel.panel.arn),
        (panel.state.delete_control, panel.one),
    ]:
        with refused("ConflictException"):
            delete(arn)
    panel.state.set_states({panel.one: True})
    panel.state.delete_rule(rule.arn)
    panel.state.delete_control(panel.one)
    panel.state.delete_control(panel.two)
    panel.state.delete_panel(panel.panel.arn)
    panel.state.delete_cluster(panel.cluster.arn)
    with refused("ResourceNotFoundException"):
        panel.state.cluster(panel.cluster.arn)
    assert panel.state.panels == {}


def test_the_default_panel_cannot_be_deleted_alone(panel: Panel) -> None:
    default = next(p for p in panel.state.panels_of(panel.cluster.arn) if p.default)
    with refused("ConflictException"):
        panel.state.delete_panel(default.arn)


def test_only_name_and_wait_period_of_a_rule_can_change(panel: Panel) -> None:
    rule = panel.add_rule()
    changed = panel.state.update_rule(rule.arn, kind="ASSERTION", name="renamed", wait_period_ms=7)
    assert (changed.name, changed.wait_period_ms, changed.config) == ("renamed", 7, rule.config)
    with refused("ValidationException"):
        panel.state.update_rule(rule.arn, kind="GATING", name="renamed", wait_period_ms=7)
