"""Every refusal of the configuration, and that Pulumi.yaml declares what the program reads."""

import json
from collections.abc import Mapping
from pathlib import Path

import botocore.session
import pytest
import yaml
from botocore.model import StringShape, StructureShape

from blueprint import stack_config
from blueprint.aws_regions import STRONG_REGION_SETS, commercial_regions
from blueprint.config_keys import as_text
from blueprint.errors import ConfigError
from blueprint.stack_config import KEYS, StackConfig

REPOSITORY = Path(__file__).resolve().parents[3]
PROJECT = "resilient-orders"
NAMES = {"domainName": "orders.example.com", "hostedZone": "example.com"}
THREE = {"region1": "us-east-1", "region2": "us-west-2", "region3": "eu-west-1"}
THREE_US = {"region1": "us-east-1", "region2": "us-west-2", "region3": "us-east-2"}
PYTHON_TYPES = {str: "string", bool: "boolean", int: "integer", dict: "object"}


class Source:
    """A `pulumi.Config` over a dictionary, with values as the engine passes them: texts."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}

    def get(self, key: str, /) -> str | None:
        return self._values.get(key)


def load(stack: str = "region1", /, **overrides: object) -> StackConfig:
    return stack_config.load(Source(NAMES | overrides), PROJECT, stack)


def refusal(stack: str = "region1", /, **overrides: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(stack, **overrides)
    return caught.value


def test_defaults_are_enough_beside_the_two_names() -> None:
    config = load()
    assert config.region == "us-east-1"
    assert config.regions == ("us-east-1", "us-west-2")
    assert config.is_primary
    assert config.protect
    assert config.dns_ttl == 10


def test_a_secondary_knows_its_own_and_the_primarys_region() -> None:
    config = load("region2")
    assert not config.is_primary
    assert config.region == "us-west-2"
    assert config.primary_region == "us-east-1"
    assert config.other_regions == ("us-east-1",)


def test_every_value_that_is_set_replaces_its_default() -> None:
    config = load(
        stacks={"prod-a": "eu-west-1", "region1": "eu-west-2"},
        primaryStack="prod-a",
        observerRegion="eu-west-3",
        witnessRegion="eu-west-3",
        consistency="strong",
        dnsRecord="alias",
        protect=False,
        lambdaArchitecture="x86_64",
        arcCluster="arn:aws:route53-recovery-control::111122223333:cluster/5678abcd-abcd-5678-abcd-5678abcdefgh",
        accountId="012345678901",
        awsEndpointUrl="http://{region}.aws.test:4566",
    )
    assert config.primary_region == "eu-west-1"
    assert config.is_strong
    assert not config.protect
    assert not config.creates_arc_cluster
    assert config.account_id == "012345678901"


def test_each_default_is_a_value_that_its_rule_takes() -> None:
    for key in KEYS.values():
        if not key.required:
            assert key.rule.read(key.name, as_text(key.default)) == key.default
            assert PYTHON_TYPES[type(key.default)] == key.rule.kind
        assert len(key.words) > 10


@pytest.mark.parametrize("stack", ["region1", "region2"])
def test_a_stack_file_disables_default_providers_and_sets_only_known_keys(stack: str) -> None:
    config = yaml.safe_load((REPOSITORY / f"Pulumi.{stack}.yaml").read_text())["config"]
    assert config.pop("pulumi:disable-default-providers") == ["aws"]
    own = {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}
    loaded = stack_config.load(Source(own), PROJECT, stack, configured_keys=own)
    assert loaded.domain_name == "orders.example.com"


def test_a_refusal_says_what_was_wrong_what_was_seen_why_and_what_to_do() -> None:
    error = refusal(observerRegion="us-east-1")
    lines = str(error).splitlines()
    assert lines[0] == "`observerRegion` is one of the application regions."
    assert lines[1] == "  value seen: 'us-east-1'"
    assert lines[2].startswith("  why: ")
    assert lines[3].startswith("  what to do: ")


def test_a_very_long_value_is_not_repeated_in_full() -> None:
    error = refusal(domainName="a" * 3000)
    assert len(str(error)) < 700


@pytest.mark.parametrize(
    ("overrides", "what"),
    [
        (
            {"stacks": {"region1": "us-east-1", "region2": "us-west-9"}},
            "`stacks.region2` is not an AWS region",
        ),
        (
            {"stacks": {"region1": "us-east-1", "region2": "us-gov-west-1"}},
            "`stacks.region2` is not an AWS region",
        ),
        ({"stacks": {"region1": "us-east-1", "region2": "us-east-1"}}, "two stacks into one region"),
        ({"stacks": {"region1": "us-east-1"}}, "fewer than two"),
        ({"stacks": {"region1": "us-east-1", "Region_2": "us-west-2"}}, "cannot be part of AWS names"),
        ({"stacks": {"region1": "us-east-1", "r" * 20: "us-west-2"}}, "cannot be part of AWS names"),
        ({"stacks": "region1"}, "`stacks` is not a map"),
        ({"stacks": {"region1": 1}}, "`stacks` is not a map"),
        ({"stacks": {"other1": "us-east-1", "other2": "us-west-2"}}, "`region1` is not in `stacks`"),
        ({"primaryStack": "region9"}, "`primaryStack` is not in `stacks`"),
        ({"observerRegion": "us-west-2"}, "`observerRegion` is one of the application regions"),
        ({"observerRegion": "moon-1"}, "`observerRegion` is not an AWS region"),
        ({"witnessRegion": "moon-1"}, "`witnessRegion` is not an AWS region"),
        ({"domainName": ""}, "`domainName` is not set"),
        ({"hostedZone": " "}, "`hostedZone` is not set"),
        ({"domainName": "example.com"}, "is the zone's apex, and `dnsRecord` is cname"),
        ({"domainName": "orders.example.org"}, "outside the hosted zone"),
        ({"domainName": "ordersexample.com"}, "outside the hosted zone"),
        ({"domainName": "*.example.com"}, "not a name that a certificate can hold"),
        ({"domainName": "Orders.example.com"}, "not a name that a certificate can hold"),
        ({"domainName": "orders.example.com."}, "not a name that a certificate can hold"),
        ({"domainName": f"{'a' * 53}.example.com"}, "not a name that a certificate can hold"),
        ({"hostedZone": "com"}, "`hostedZone` is not a name"),
        ({"hostedZoneId": "/hostedzone/Z123"}, "`hostedZoneId` is malformed"),
        ({"dnsRecord": "a"}, "`dnsRecord` has an unknown value"),
        ({"dnsTtl": 0}, "`dnsTtl` is not a whole number from 1 to 3600"),
        ({"dnsTtl": "3601"}, "`dnsTtl` is not"),
        ({"dnsTtl": "ten"}, "`dnsTtl` is not"),
        ({"consistency": "Strong"}, "`consistency` has an unknown value"),
        ({"apiStage": "live stage"}, "`apiStage` is malformed"),
        ({"protect": "yes"}, "`protect` is neither true nor false"),
        ({"protect": "1"}, "`protect` is neither true nor false"),
        ({"pointInTimeRecovery": ""}, "`pointInTimeRecovery` is neither"),
        ({"arcCluster": ""}, "`arcCluster` is malformed"),
        ({"arcCluster": "arn:aws:ec2:us-east-1:111122223333:cluster/1"}, "`arcCluster` is malformed"),
        ({"accountId": "12345"}, "`accountId` is malformed"),
        ({"canaryRateMinutes": 0}, "`canaryRateMinutes` is not"),
        ({"canaryRuntime": "syn-nodejs-puppeteer-9.0"}, "`canaryRuntime` is malformed"),
        ({"canaryRateMinutes": "0.5"}, "`canaryRateMinutes` is not"),
        ({"canaryRuntime": "syn-python-selenium-99.0"}, "is not a runtime that the canaries can have"),
        ({"lambdaRuntime": "nodejs22.x"}, "`lambdaRuntime` has an unknown value"),
        ({"lambdaArchitecture": "arm"}, "`lambdaArchitecture` has an unknown value"),
        ({"lambdaMemoryMb": 64}, "`lambdaMemoryMb` is not"),
        ({"lambdaMemoryMb": 10241}, "`lambdaMemoryMb` is not"),
        ({"throttleRate": 0}, "`throttleRate` is not"),
        ({"throttleRate": -5}, "`throttleRate` is not"),
        ({"throttleBurst": "1.5"}, "`throttleBurst` is not"),
        ({"logRetentionDays": 31}, "`logRetentionDays` has an unknown value"),
        ({"alarmEmail": "nobody"}, "`alarmEmail` is malformed"),
        ({"awsEndpointUrl": "127.0.0.1:4566"}, "`awsEndpointUrl` is malformed"),
        ({"awsEndpointUrl": "http://127.0.0.1:4566/?a"}, "`awsEndpointUrl` is malformed"),
        ({"awsEndpointUrl": "http://{zone}:4566"}, "`awsEndpointUrl` is malformed"),
    ],
)
def test_a_value_that_cannot_work_is_refused(overrides: dict[str, object], what: str) -> None:
    assert what in refusal(**overrides).what


def test_the_zone_itself_is_allowed_with_an_alias() -> None:
    assert load(domainName="example.com", dnsRecord="alias").domain_name == "example.com"


@pytest.mark.parametrize(
    ("runtime", "why"),
    [("syn-python-selenium-5.1", "AWS has deprecated it"), ("syn-python-selenium-8.0", "for Python 3.12")],
)
def test_a_runtime_that_the_canaries_cannot_have_is_refused_with_the_reason_and_the_others(
    runtime: str, why: str
) -> None:
    error = refusal(canaryRuntime=runtime)
    assert why in error.why
    assert "syn-python-selenium-14.0" in error.do


def test_a_stack_that_stacks_does_not_name_is_refused_with_what_to_add() -> None:
    error = refusal("region3")
    assert "`region3` is not in `stacks`" in error.what
    assert "Add `region3`" in error.do


@pytest.mark.parametrize(
    ("overrides", "what"),
    [
        ({"witnessRegion": ""}, "the regions are not three"),
        ({"witnessRegion": "us-west-2"}, "`witnessRegion` is one of the application regions"),
        ({"witnessRegion": "eu-west-1"}, "not in one of AWS's region sets"),
        (
            {"stacks": {"region1": "us-east-1", "region2": "eu-west-1"}, "witnessRegion": "us-west-2"},
            "not in one of AWS's region sets",
        ),
        ({"stacks": {"region1": "ap-south-1", "region2": "us-west-2"}}, "not in one of AWS's region sets"),
        ({"stacks": THREE_US, "observerRegion": "us-west-1"}, "the regions are not three"),
        ({"stacks": THREE, "witnessRegion": ""}, "not in one of AWS's region sets"),
        (
            {"stacks": THREE_US | {"region4": "us-west-1"}, "observerRegion": "eu-west-1"},
            "the regions are not three",
        ),
    ],
)
def test_strong_consistency_outside_its_region_sets_is_refused(
    overrides: dict[str, object], what: str
) -> None:
    assert what in refusal(consistency="strong", **overrides).what


def test_strong_consistency_takes_two_regions_and_a_witness_or_three_and_none() -> None:
    assert load(consistency="strong").witness_region == "us-east-2"
    config = load(consistency="strong", stacks=THREE_US, observerRegion="us-west-1", witnessRegion="")
    assert len(config.regions) == 3


def test_three_strong_regions_and_the_default_witness_are_told_to_unset_it() -> None:
    error = refusal(consistency="strong", stacks=THREE_US, observerRegion="us-west-1")
    assert error.do == 'Set `witnessRegion` to "".'


def test_the_region_sets_can_be_overridden_where_aws_allows_more() -> None:
    config = load(consistency="strong", witnessRegion="eu-west-1", strongRegionCheck=False)
    assert config.witness_region == "eu-west-1"


def test_a_witness_is_not_asked_for_in_eventual_mode() -> None:
    assert load(witnessRegion="us-west-2").consistency == "eventual"


def test_a_misspelt_key_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(ConfigError) as caught:
        stack_config.load(Source(NAMES), PROJECT, "region1", configured_keys=["domainName", "protected"])
    assert "`protected` is not a key" in caught.value.what
    assert caught.value.do == "Write `protect` instead."


def test_a_key_like_none_of_ours_is_told_to_be_removed() -> None:
    with pytest.raises(ConfigError) as caught:
        stack_config.load(Source(NAMES), PROJECT, "region1", configured_keys=["zzz"])
    assert caught.value.do.startswith("Remove it")


def test_the_configuration_cannot_be_changed_after_it_was_read() -> None:
    with pytest.raises(TypeError):
        load().stacks["region1"] = "eu-west-1"  # type: ignore[index]


def test_the_regions_are_those_that_have_every_service_of_this_program() -> None:
    session = botocore.session.get_session()
    for service in ("dynamodb", "lambda", "apigateway", "acm", "synthetics"):
        assert set(session.get_available_regions(service)) == commercial_regions()


def test_the_strong_region_sets_are_regions_and_do_not_overlap() -> None:
    everything = [region for regions in STRONG_REGION_SETS for region in regions]
    assert len(everything) == len(set(everything))
    assert set(everything) <= commercial_regions()


def test_runtimes_and_retention_days_are_ones_that_aws_has() -> None:
    session = botocore.session.get_session()
    runtimes = session.get_service_model("lambda").shape_for("Runtime")
    assert isinstance(runtimes, StringShape)
    assert set(stack_config.LAMBDA_RUNTIMES) <= set(runtimes.enum)
    put = session.get_service_model("logs").shape_for("PutRetentionPolicyRequest")
    assert isinstance(put, StructureShape)
    text = put.members["retentionInDays"].documentation
    listed = text.split("Possible values are: ")[1].split(".")[0].replace("and ", "")
    assert tuple(int(day) for day in listed.split(", ")) == stack_config.LOG_RETENTION_DAYS
