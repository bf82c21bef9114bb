"""Route 53's answers: latency, health, fail-open, aliases, CNAMEs, wildcards and negative answers."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from twin.net.route53_answers import Alias, DnsAnswer, DnsState, Rcode, RecordSet, Zone, resolve
from twin.settings import latency_ms

EAST, WEST = "us-east-1", "us-west-2"
ADDRESSES = {EAST: "127.0.10.1", WEST: "127.0.11.1"}
SOA = "ns-1.awsdns-1.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"


def gateway(region: str) -> str:
    return f"d-abc.execute-api.{region}.amazonaws.com"


def cname(region: str, check: str | None = None) -> RecordSet:
    return RecordSet(
        name="orders.example.com",
        type="CNAME",
        ttl=10,
        values=(gateway(region),),
        latency_region=region,
        health_check=check,
    )


def alias(region: str, check: str | None = None, *, evaluate: bool = False) -> RecordSet:
    return RecordSet(
        name="orders.example.com",
        type="A",
        alias=Alias(name=gateway(region), evaluate_target_health=evaluate),
        latency_region=region,
        health_check=check,
    )


def zone(*records: RecordSet, name: str = "example.com") -> Zone:
    soa = RecordSet(name=name, type="SOA", ttl=900, values=(SOA,))
    return Zone(name=name, records=(soa, *records))


def aws_address(name: str) -> str | None:
    return next((a for region, a in ADDRESSES.items() if name.endswith(f".{region}.amazonaws.com")), None)


def world(*zones: Zone, health: Mapping[str, bool] | None = None) -> DnsState:
    known = health or {}
    return DnsState(
        zones=zones, healthy=lambda check: known[check], aws_address=aws_address, latency=latency_ms
    )


def addresses(found: DnsState, near: str = EAST, name: str = "orders.example.com") -> list[str]:
    return [a.value for a in resolve(found, name, "A", near).answers if a.type == "A"]


@pytest.mark.parametrize("make", [cname, alias])
@pytest.mark.parametrize("near", [EAST, WEST])
def test_a_latency_record_answers_with_the_nearest_region(make: type, near: str) -> None:
    assert addresses(world(zone(make(EAST), make(WEST))), near) == [ADDRESSES[near]]


def test_a_client_in_a_third_region_gets_the_nearer_of_the_two() -> None:
    assert addresses(world(zone(cname(EAST), cname(WEST))), "us-east-2") == [ADDRESSES[EAST]]
    assert addresses(world(zone(cname(EAST), cname(WEST))), "us-west-1") == [ADDRESSES[WEST]]


@pytest.mark.parametrize("make", [cname, alias])
def test_an_unhealthy_region_is_left_out(make: type) -> None:
    records = zone(make(EAST, "check-e"), make(WEST, "check-w"))
    assert addresses(world(records, health={"check-e": False, "check-w": True})) == [ADDRESSES[WEST]]


@pytest.mark.parametrize("make", [cname, alias])
def test_when_every_region_is_unhealthy_it_answers_as_if_all_were_healthy(make: type) -> None:
    records = zone(make(EAST, "check-e"), make(WEST, "check-w"))
    found = world(records, health={"check-e": False, "check-w": False})
    assert [addresses(found, near) for near in (EAST, WEST)] == [[ADDRESSES[EAST]], [ADDRESSES[WEST]]]


def test_a_record_without_a_health_check_is_always_healthy() -> None:
    records = zone(cname(EAST, "check-e"), cname(WEST))
    assert addresses(world(records, health={"check-e": False})) == [ADDRESSES[WEST]]


def test_a_cname_answers_with_its_own_ttl_and_the_whole_chain() -> None:
    reply = resolve(world(zone(cname(EAST))), "Orders.Example.com.", "A", EAST)
    assert reply.answers == [
        DnsAnswer(name="orders.example.com", type="CNAME", ttl=10, value=gateway(EAST) + "."),
        DnsAnswer(name=gateway(EAST), type="A", ttl=60, value=ADDRESSES[EAST]),
    ]


def test_an_alias_answers_under_its_own_name_for_60_seconds() -> None:
    reply = resolve(world(zone(alias(EAST))), "orders.example.com", "A", EAST)
    assert reply.answers == [DnsAnswer(name="orders.example.com", type="A", ttl=60, value=ADDRESSES[EAST])]


def test_a_question_for_the_cname_itself_is_not_followed() -> None:
    reply = resolve(world(zone(cname(EAST))), "orders.example.com", "CNAME", EAST)
    assert [answer.type for answer in reply.answers] == ["CNAME"]


def test_an_alias_to_a_record_of_the_zone_takes_that_record_s_ttl() -> None:
    inner = RecordSet(name="inner.example.com", type="A", ttl=5, values=("192.0.2.1",))
    outer = RecordSet(name="outer.example.com", type="A", alias=Alias(name="inner.example.com"))
    reply = resolve(world(zone(inner, outer)), "outer.example.com", "A", EAST)
    assert reply.answers == [DnsAnswer(name="outer.example.com", type="A", ttl=5, value="192.0.2.1")]


def test_evaluate_target_health_looks_at_the_target_s_records() -> None:
    target = RecordSet(
        name="inner.example.com", type="A", values=("192.0.2.1",), latency_region=EAST, health_check="check"
    )
    east = replace(
        alias(EAST, evaluate=True), alias=Alias(name="inner.example.com", evaluate_target_health=True)
    )
    records = zone(target, east, alias(WEST))
    assert addresses(world(records, health={"check": False})) == [ADDRESSES[WEST]]
    assert addresses(world(records, health={"check": True})) == ["192.0.2.1"]


def test_a_name_that_does_not_exist_is_nxdomain_with_the_zone_s_soa() -> None:
    reply = resolve(world(zone(cname(EAST))), "nothing.example.com", "A", EAST)
    assert (reply.rcode, reply.answers) == (Rcode.NXDOMAIN, [])
    assert [(a.name, a.type, a.ttl) for a in reply.authority] == [("example.com", "SOA", 900)]


def test_a_name_with_other_types_only_is_an_empty_answer() -> None:
    reply = resolve(world(zone(alias(EAST))), "orders.example.com", "AAAA", EAST)
    assert (reply.rcode, reply.answers, len(reply.authority)) == (Rcode.NOERROR, [], 1)


def test_a_name_between_zone_and_record_exists_without_records() -> None:
    deep = RecordSet(name="a.b.example.com", type="A", values=("192.0.2.1",))
    reply = resolve(world(zone(deep)), "b.example.com", "A", EAST)
    assert (reply.rcode, reply.answers) == (Rcode.NOERROR, [])


def test_a_wildcard_covers_names_that_do_not_exist_and_no_others() -> None:
    star = RecordSet(name="*.example.com", type="A", values=("192.0.2.9",))
    own = RecordSet(name="own.example.com", type="TXT", values=('"x"',))
    found = world(zone(star, own))
    assert addresses(found, name="any.thing.example.com") == ["192.0.2.9"]
    assert addresses(found, name="own.example.com") == []


def test_a_name_outside_every_zone_is_refused() -> None:
    assert resolve(world(zone()), "www.example.org", "A", EAST).rcode == Rcode.REFUSED


def test_a_name_that_only_ends_like_the_zone_is_refused() -> None:
    assert resolve(world(zone()), "badexample.com", "A", EAST).rcode == Rcode.REFUSED


def test_an_aws_name_of_the_twin_s_regions_has_its_region_s_address() -> None:
    found = world(zone())
    assert addresses(found, name="dynamodb.us-west-2.amazonaws.com") == [ADDRESSES[WEST]]
    assert resolve(found, "dynamodb.eu-west-1.amazonaws.com", "A", EAST).rcode == Rcode.REFUSED


def test_the_longest_zone_holds_a_name() -> None:
    inner = RecordSet(name="www.sub.example.com", type="A", values=("192.0.2.2",))
    outer = RecordSet(name="www.sub.example.com", type="A", values=("192.0.2.1",))
    found = world(zone(outer), zone(inner, name="sub.example.com"))
    assert addresses(found, name="www.sub.example.com") == ["192.0.2.2"]


def test_a_cname_that_leaves_the_twin_ends_the_chain() -> None:
    away = RecordSet(name="away.example.com", type="CNAME", ttl=10, values=("www.example.org",))
    reply = resolve(world(zone(away)), "away.example.com", "A", EAST)
    assert (reply.rcode, [a.type for a in reply.answers]) == (Rcode.NOERROR, ["CNAME"])


def test_a_loop_of_cnames_fails() -> None:
    one = RecordSet(name="one.example.com", type="CNAME", ttl=10, values=("two.example.com",))
    two = RecordSet(name="two.example.com", type="CNAME", ttl=10, values=("one.example.com",))
    assert resolve(world(zone(one, two)), "one.example.com", "A", EAST).rcode == Rcode.SERVFAIL


def test_a_routing_policy_that_is_not_modelled_fails_by_name() -> None:
    weighted = RecordSet(name="w.example.com", type="A", values=("192.0.2.1",), other_policy="weighted")
    reply = resolve(world(zone(weighted)), "w.example.com", "A", EAST)
    assert (reply.rcode, reply.problem) == (
        Rcode.SERVFAIL,
        "w.example.com has weighted routing, which the twin lacks",
    )


def test_only_answers_that_depend_on_the_place_say_so() -> None:
    plain = RecordSet(name="www.example.com", type="A", values=("192.0.2.1",))
    found = world(zone(cname(EAST), plain))
    assert resolve(found, "orders.example.com", "A", EAST).by_location
    assert not resolve(found, "www.example.com", "A", EAST).by_location
