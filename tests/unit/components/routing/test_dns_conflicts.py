from collections.abc import Mapping

import pytest

from blueprint import stack_config
from blueprint.stack_config import StackConfig
from components.errors import HostedZoneError
from components.routing.dns_conflicts import StandingRecord, refuse_conflicts


def config(**overrides: str) -> StackConfig:
    values: Mapping[str, str] = {
        "domainName": "orders.example.com",
        "hostedZone": "example.com",
        **overrides,
    }

    class Source:
        def get(self, key: str, /) -> str | None:
            return values.get(key)

    return stack_config.load(Source(), "resilient-orders", "region1")


def standing(type_: str, region: str = "", name: str = "orders.example.com.") -> StandingRecord:
    return StandingRecord(name=name, type=type_, set_identifier=region)


def test_another_regions_record_of_the_same_type_is_no_conflict() -> None:
    refuse_conflicts(config(), [standing("CNAME", "us-west-2"), standing("CNAME", "us-east-1")])
    refuse_conflicts(config(dnsRecord="alias"), [standing("A", "us-west-2")])


def test_the_regions_own_record_may_change_its_type_while_it_is_alone() -> None:
    refuse_conflicts(config(dnsRecord="alias"), [standing("CNAME", "us-east-1")])


def test_other_names_do_not_matter() -> None:
    refuse_conflicts(config(), [standing("A", name="other.example.com.")])


@pytest.mark.parametrize(
    ("record", "type_"), [("cname", "A"), ("cname", "TXT"), ("cname", "AAAA"), ("alias", "CNAME")]
)
def test_a_record_that_excludes_ours_is_refused_with_the_steps(record: str, type_: str) -> None:
    with pytest.raises(HostedZoneError) as caught:
        refuse_conflicts(config(dnsRecord=record), [standing(type_, "us-west-2")])
    assert caught.value.seen == [f"{type_} of us-west-2"]
    assert "pulumi up in the primary" in caught.value.do


def test_an_alias_stands_beside_the_records_of_an_apex() -> None:
    apex = config(domainName="example.com", dnsRecord="alias")
    refuse_conflicts(apex, [standing("NS", name="example.com."), standing("SOA", name="example.com.")])


@pytest.mark.parametrize(("record", "type_"), [("cname", "CNAME"), ("alias", "A")])
def test_a_record_of_the_same_type_without_routing_policy_is_refused(record: str, type_: str) -> None:
    with pytest.raises(HostedZoneError, match="without a routing policy"):
        refuse_conflicts(config(dnsRecord=record), [standing(type_)])
