"""The real `__main__.py` for both stacks: where everything is made, how it is protected, what is exported."""

import json
import re

import pytest

from blueprint import output_names as names
from components.errors import HostedZoneError, LogRoleError, PrimaryStackError, ProgramError
from tests.fakes.pulumi_mocks import (
    HOSTED_ZONE_ID,
    Change,
    Inputs,
    Resource,
    Run,
    attempt_program,
    regions_of,
    run_program,
)

ARC_PREFIX = "aws:route53recoverycontrol/"
ACCOUNT = "aws:apigateway/account:Account"
TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
STAGE = "aws:apigateway/stage:Stage"
RECORD = "aws:route53/record:Record"
CLUSTER = "aws:route53recoverycontrol/cluster:Cluster"
CONTROL = "aws:route53recoverycontrol/routingControl:RoutingControl"
RULE = "aws:route53recoverycontrol/safetyRule:SafetyRule"
POLICY = "aws:iam/policy:Policy"
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
MAPPING = "aws:apigateway/basePathMapping:BasePathMapping"
EXISTING_CLUSTER = (
    "arn:aws:route53-recovery-control::111122223333:cluster/5678abcd-abcd-5678-abcd-5678abcdefgh"
)
THREE_US = {"region1": "us-east-1", "region2": "us-west-2", "region3": "us-east-2"}


def arc(run: Run) -> list[Resource]:
    return [r for r in run.aws if r.type.startswith(ARC_PREFIX)]


def physical_names(run: Run, type_: str) -> set[str]:
    return {r.inputs["name"] for r in run.all(type_)}


def is_of_observer(resource: Resource) -> bool:
    """Whether it belongs to what watches a region from outside, and is made there."""
    watches = "-observer-" in resource.name
    assert watches == (resource.provider == "aws-observer"), resource.name
    return watches


# Where things are made


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_every_aws_resource_and_lookup_has_an_explicit_provider(
    which: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(which)
    assert len(run.aws) > 20
    assert [r.name for r in run.aws if not r.provider] == []
    assert [i.token for i in run.invokes if not i.region] == []


def test_the_primary_makes_only_replicas_in_other_regions_and_routing_in_the_control_region(
    primary: Run,
) -> None:
    replicas = primary.all(REPLICA)
    assert regions_of(replicas) == ["us-west-2"]
    assert {r.provider for r in replicas} == {"aws-us-west-2"}
    assert {r.provider for r in arc(primary)} == {"aws-arc"}
    rest = [r for r in primary.aws if r not in replicas and r not in arc(primary)]
    assert {r.provider for r in rest if not is_of_observer(r)} == {"aws-us-east-1"}


def test_a_secondary_makes_nothing_in_another_stacks_region(secondary: Run) -> None:
    assert regions_of(r for r in secondary.aws if not is_of_observer(r)) == ["us-west-2"]
    assert {i.region for i in secondary.invokes} == {"us-west-2"}
    assert sorted(r.name for r in secondary.all("pulumi:providers:aws")) == ["aws-observer", "aws-us-west-2"]


def test_the_operator_policy_names_every_control_and_the_stack(primary: Run) -> None:
    policy = primary.one(POLICY, "foundation-operator-policy")
    controls = sorted(primary.exports["arc"]["routingControls"].values())
    assert [one["Resource"] for one in json.loads(policy.inputs["policy"])["Statement"]] == [
        "*",
        controls,
        controls,
    ]
    assert policy.inputs["name"] == "resilient-orders-region1-operator"
    assert primary.exports[names.OPERATOR_POLICY_ARN]
    # IAM cannot change it: another text would replace the policy, and take it from whoever has it.
    assert policy.inputs["description"] == (
        "Move traffic between the regions: list, read and switch these routing controls."
    )


def test_the_policy_to_look_at_the_regions_is_one_of_its_own(primary: Run) -> None:
    policy = primary.one(POLICY, "foundation-operator-check-policy")
    assert policy.inputs["name"] == "resilient-orders-region1-operator-check"
    actions = [one["Action"] for one in json.loads(policy.inputs["policy"])["Statement"]]
    assert not [a for listed in actions for a in listed if "UpdateRoutingControl" in a]
    arn = primary.exports[names.OPERATOR_CHECK_POLICY_ARN]
    assert arn
    assert arn != primary.exports[names.OPERATOR_POLICY_ARN]


def test_a_secondary_owns_nothing_global(secondary: Run) -> None:
    assert arc(secondary) == []
    for type_ in (TABLE, REPLICA, HEALTH_CHECK, POLICY):
        assert secondary.all(type_) == []
    assert [r.inputs["setIdentifier"] for r in secondary.all(RECORD)] == ["us-west-2"]


def test_both_stacks_run_the_same_regional_code(primary: Run, secondary: Run) -> None:
    def regional(run: Run) -> list[tuple[str, str]]:
        inside = [r for r in run.resources if r.name.startswith(("region-", "resilient-orders-"))]
        # The shared name is watched once, and called by one canary.
        both = [r for r in inside if not r.name.endswith("-domain") and "-domain-" not in r.name]
        return sorted((r.type, re.sub("region[12]|us-(east-1|west-2)", "", r.name)) for r in both)

    assert len(regional(primary)) > 40
    assert regional(primary) == regional(secondary)


@pytest.mark.parametrize("stack", ["region1", "region2"])
def test_every_provider_has_tags_and_asks_sts_in_the_stacks_own_region(stack: str, primary: Run) -> None:
    run = run_program(stack, {"accountId": "111122223333"}, stacks={"region1": primary.exports})
    own = {"region1": "us-east-1", "region2": "us-west-2"}[stack]
    for provider in run.all("pulumi:providers:aws"):
        assert provider.inputs["stsRegion"] == own
        assert json.loads(provider.inputs["allowedAccountIds"]) == ["111122223333"]
        tags = {"Project": "resilient-orders", "Stack": stack, "ManagedBy": "Pulumi"}
        assert json.loads(provider.inputs["defaultTags"]) == {"tags": tags}
        assert "endpoints" not in provider.inputs
        assert provider.inputs["skipCredentialsValidation"] == "false"


def test_the_observer_has_a_provider_in_both_stacks(primary: Run, secondary: Run) -> None:
    for run in (primary, secondary):
        assert run.one("pulumi:providers:aws", "observer").inputs["region"] == "us-east-2"


def test_names_that_are_one_namespace_for_all_regions_differ_between_stacks(
    primary: Run, secondary: Run
) -> None:
    role = "aws:iam/role:Role"
    assert physical_names(primary, role) & physical_names(secondary, role) == set()
    assert all("-region1-" in name for name in physical_names(primary, role))


# Another endpoint


def test_an_endpoint_url_replaces_every_service_this_program_uses(primary: Run) -> None:
    run = run_program("region1", {"awsEndpointUrl": "http://{region}.test:4566"})
    west = run.one("pulumi:providers:aws", "us-west-2").inputs
    endpoints = json.loads(west["endpoints"])[0]
    # What the provider calls for a resource of another service: keys of replicas, tags of buckets.
    assert _services(primary) | {"kms", "s3control", "sts"} <= set(endpoints)
    assert endpoints["dynamodb"] == "http://us-west-2.test:4566"
    assert endpoints["sts"] == "http://us-east-1.test:4566"
    assert endpoints["route53"] == endpoints["iam"] == "http://us-east-1.test:4566"
    assert endpoints["route53recoverycontrolconfig"] == "http://us-west-2.test:4566"
    for flag in ("s3UsePathStyle", "skipCredentialsValidation", "skipMetadataApiCheck"):
        assert west[flag] == "true"
    assert "skipRequestingAccountId" not in west


def _services(run: Run) -> set[str]:
    renamed = {"route53recoverycontrol": "route53recoverycontrolconfig"}
    found = set()
    for resource in run.aws:
        module, kind = resource.type.split(":")[1].split("/")
        found.add("logs" if kind == "logGroup" else renamed.get(module, module))
    return found


# Tables


def test_each_table_has_one_key_backups_protection_and_a_stream(primary: Run) -> None:
    keys = {"customers": "CustomerId", "products": "ProductId", "orders": "OrderId"}
    for table, key in keys.items():
        declared = primary.one(TABLE, table)
        assert declared.name == f"foundation-tables-{table}-eventual"
        assert declared.inputs == {
            "name": f"resilient-orders-region1-{table}-eventual",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": key,
            "attributes": [{"name": key, "type": "S"}],
            "streamEnabled": True,
            "streamViewType": "NEW_AND_OLD_IMAGES",
            "pointInTimeRecovery": {"enabled": True},
            "deletionProtectionEnabled": True,
        }
        assert declared.options.protect
        assert declared.options.ignore_changes == ("replicas",)


def test_each_replica_is_protected_and_backed_up_too(primary: Run) -> None:
    for table in ("customers", "products", "orders"):
        replica = primary.one(REPLICA, table)
        arn = f"arn:aws:dynamodb:us-east-1:111122223333:table/resilient-orders-region1-{table}-eventual"
        assert replica.inputs == {
            "globalTableArn": arn,
            "pointInTimeRecovery": True,
            "deletionProtectionEnabled": True,
        }
        assert replica.options.protect


def test_strong_tables_carry_their_replica_and_a_witness_themselves(primary: Run) -> None:
    run = run_program("region1", {"consistency": "strong"})
    assert run.all(REPLICA) == []
    tables = run.all(TABLE)
    assert len(tables) == 3
    for table in tables:
        assert table.inputs["replicas"] == [
            {
                "regionName": "us-west-2",
                "consistencyMode": "STRONG",
                "pointInTimeRecovery": True,
                "deletionProtectionEnabled": True,
                "propagateTags": True,
            }
        ]
        assert table.inputs["globalTableWitness"] == {"regionName": "us-east-2"}
        assert table.options.ignore_changes == ()
        assert table.options.protect


def test_a_change_of_mode_is_a_change_of_every_tables_name(primary: Run) -> None:
    strong = run_program("region1", {"consistency": "strong"})
    for attribute in ("name", "urn"):
        before = {getattr(t, attribute) for t in primary.all(TABLE)}
        assert before & {getattr(t, attribute) for t in strong.all(TABLE)} == set()
    assert physical_names(primary, TABLE) & physical_names(strong, TABLE) == set()


def test_another_set_of_regions_is_another_strong_table_and_protection_refuses_that() -> None:
    def logical_names(**overrides: object) -> set[str]:
        done = run_program("region1", {"consistency": "strong", "observerRegion": "us-west-1", **overrides})
        return {t.name for t in done.all(TABLE)}

    before = logical_names()
    assert "foundation-tables-orders-strong-us-west-2-witness-us-east-2" in before
    moved = {"region1": "us-east-1", "region2": "us-east-2"}
    assert before & logical_names(stacks=moved, witnessRegion="us-west-2") == set()
    three = logical_names(stacks=THREE_US, witnessRegion="")
    assert before & three == set()
    reordered = dict(reversed(THREE_US.items()))
    assert logical_names(stacks=reordered, witnessRegion="") == three


def test_three_strong_regions_have_two_replicas_and_no_witness() -> None:
    overrides = {
        "stacks": THREE_US,
        "observerRegion": "us-west-1",
        "consistency": "strong",
        "witnessRegion": "",
    }
    table = run_program("region1", overrides).one(TABLE, "orders")
    assert [r["regionName"] for r in table.inputs["replicas"]] == ["us-west-2", "us-east-2"]
    assert "globalTableWitness" not in table.inputs


def test_three_eventual_regions_get_replicas_one_after_the_other() -> None:
    run = run_program("region1", {"stacks": THREE_US, "observerRegion": "eu-west-1"})
    replicas = [r for r in run.all(REPLICA) if "orders" in r.name]
    assert regions_of(replicas) == ["us-east-2", "us-west-2"]
    first = next(r for r in replicas if r.region == "us-west-2")
    second = next(r for r in replicas if r.region == "us-east-2")
    assert first.urn in second.options.depends_on
    assert len(run.all(CONTROL)) == len(run.all(HEALTH_CHECK)) == 3


def test_without_protection_everything_can_be_destroyed_but_backups_stay_on() -> None:
    run = run_program("region1", {"protect": False})
    assert [r.name for r in run.resources if r.options.protect] == []
    assert [t.inputs["deletionProtectionEnabled"] for t in run.all(TABLE)] == [False] * 3
    assert [r.inputs["deletionProtectionEnabled"] for r in run.all(REPLICA)] == [False] * 3
    assert [t.inputs["pointInTimeRecovery"] for t in run.all(TABLE)] == [{"enabled": True}] * 3


def test_backups_can_be_switched_off_on_every_replica() -> None:
    run = run_program("region1", {"pointInTimeRecovery": False})
    assert [t.inputs["pointInTimeRecovery"] for t in run.all(TABLE)] == [{"enabled": False}] * 3
    assert [r.inputs["pointInTimeRecovery"] for r in run.all(REPLICA)] == [False] * 3


# Routing controls


def test_each_region_has_a_control_in_our_own_panel_and_a_health_check(primary: Run) -> None:
    panel = primary.one("aws:route53recoverycontrol/controlPanel:ControlPanel")
    assert panel.inputs["name"] == "resilient-orders-region1-panel"
    assert [c.inputs["name"] for c in primary.all(CONTROL)] == ["us-east-1", "us-west-2"]
    for control in primary.all(CONTROL):
        assert control.inputs["controlPanelArn"].endswith(panel.name)
        assert set(control.inputs) == {"name", "clusterArn", "controlPanelArn"}, "no state may be declared"
    for check in primary.all(HEALTH_CHECK):
        assert check.inputs["type"] == "RECOVERY_CONTROL"
        assert set(check.inputs) == {"type", "routingControlArn", "tags"}
        assert check.options.protect


def test_everything_that_moves_traffic_is_protected(primary: Run) -> None:
    unprotected = {r.type for r in arc(primary) if not r.options.protect}
    assert unprotected == {RULE}, "the rule is replaced on every change of it"


def test_the_rule_keeps_one_control_on_and_is_replaced_never_updated(primary: Run) -> None:
    rule = primary.one(RULE)
    assert rule.inputs["ruleConfig"] == {"type": "ATLEAST", "threshold": 1, "inverted": False}
    assert rule.inputs["waitPeriodMs"] == 5000
    controls = rule.inputs["assertedControls"]
    assert controls == sorted(controls)
    assert len(controls) == 2
    assert rule.options.replace_on_changes == ("name", "waitPeriodMs")
    assert rule.options.delete_before_replace
    assert rule.options.ignore_changes == ("tags", "tagsAll")


def test_an_existing_cluster_is_read_and_nothing_of_it_is_managed() -> None:
    run = run_program("region1", {"arcCluster": EXISTING_CLUSTER})
    cluster = run.one(CLUSTER)
    assert cluster.read_id == EXISTING_CLUSTER
    assert cluster.provider == "aws-arc"
    assert not cluster.options.protect
    assert len(run.exports[names.ARC][names.ARC_CLUSTER_ENDPOINTS]) == 5
    assert len(run.all(CONTROL)) == 2


def test_the_first_line_says_what_an_own_cluster_costs(primary: Run, secondary: Run) -> None:
    assert "$2.50 an hour" in primary.logs[0]
    assert not any("$" in line for line in secondary.logs)
    shared = run_program("region1", {"arcCluster": EXISTING_CLUSTER})
    assert not any("$" in line for line in shared.logs)


# The service's name


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_the_latency_record_is_short_lived_and_follows_the_regions_health_check(
    which: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(which)
    region = run.exports[names.REGION]
    record = run.one(RECORD, "region-endpoint")
    assert record.inputs == {
        "zoneId": HOSTED_ZONE_ID,
        "name": "orders.example.com",
        "type": "CNAME",
        "ttl": 10,
        "records": [f"d-abcdef.execute-api.{region}.amazonaws.com"],
        "setIdentifier": region,
        "latencyRoutingPolicies": [{"region": region}],
        "healthCheckId": f"foundation-arc-check-{region}-id",
    }
    assert record.options.delete_before_replace
    assert run.one(MAPPING).urn in record.options.depends_on


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_the_name_leads_to_the_api_only_when_all_of_it_is_there(
    which: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(which)
    awaited = set(run.one(MAPPING).options.depends_on)
    app = [r for r in run.aws if r.name.startswith("region-app-")]
    assert {"permission", "methodSettings", "rolePolicy", "stage"} <= {
        r.type.split("/")[1].split(":")[0] for r in app
    }
    assert {r.urn for r in app} <= awaited


def test_an_alias_has_no_time_to_live_and_leaves_the_decision_to_the_health_check() -> None:
    record = run_program("region1", {"dnsRecord": "alias"}).one(RECORD, "region-endpoint")
    assert record.inputs["type"] == "A"
    assert record.inputs["aliases"] == [
        {
            "name": "d-abcdef.execute-api.us-east-1.amazonaws.com",
            "zoneId": "ZREGIONALUSEAST1",
            "evaluateTargetHealth": False,
        }
    ]
    assert "ttl" not in record.inputs
    assert "records" not in record.inputs
    assert record.inputs["healthCheckId"]


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_the_custom_domain_is_regional_with_tls_and_waits_for_its_certificate(
    which: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(which)
    certificate = run.one("aws:acm/certificate:Certificate")
    assert certificate.inputs == {"domainName": "orders.example.com", "validationMethod": "DNS"}
    issued = run.one("aws:acm/certificateValidation:CertificateValidation")
    domain = run.one("aws:apigateway/domainName:DomainName")
    assert domain.inputs == {
        "domainName": "orders.example.com",
        "regionalCertificateArn": issued.inputs["certificateArn"],
        "endpointConfiguration": {"types": "REGIONAL"},
        "securityPolicy": "TLS_1_2",
    }
    assert issued.urn in domain.options.depends_on
    mapping = run.one(MAPPING)
    assert mapping.inputs["basePath"] == "v1"
    assert mapping.inputs["stageName"] == "live"
    assert mapping.options.delete_before_replace


def test_the_certificates_validation_record_has_one_owner(primary: Run, secondary: Run) -> None:
    record = primary.one(RECORD, "validation")
    assert record.inputs["name"] == "_token.orders.example.com."
    assert record.inputs["type"] == "CNAME"
    assert record.inputs["allowOverwrite"] is True
    assert not record.options.retain_on_delete
    issued = "aws:acm/certificateValidation:CertificateValidation"
    assert primary.one(issued).inputs["validationRecordFqdns"] == ["_token.orders.example.com"]
    assert "validationRecordFqdns" not in secondary.one(issued).inputs


def test_the_zone_is_looked_up_by_name_or_by_id_but_never_by_both(primary: Run) -> None:
    token = "aws:route53/getZone:getZone"
    assert [i.args for i in primary.invokes if i.token == token] == [{"name": "example.com"}]
    by_id = run_program("region1", {"hostedZoneId": "Z9"})
    assert [i.args for i in by_id.invokes if i.token == token] == [{"zoneId": "Z9"}]
    assert by_id.exports[names.HOSTED_ZONE_ID] == "Z9"


@pytest.mark.parametrize("zone", [{"name": "other.com"}, {"name": "example.com", "privateZone": True}])
def test_an_id_of_another_or_a_private_zone_is_refused(zone: Inputs) -> None:
    answer = {"zoneId": "Z9", "id": "Z9", "privateZone": False, **zone}
    done = attempt_program(
        "region1", {"hostedZoneId": "Z9"}, answers={"aws:route53/getZone:getZone": lambda _: answer}
    )
    assert isinstance(done.error, HostedZoneError)
    assert "`hostedZoneId`" in done.error.what
    assert done.all(RECORD) == []


def test_another_kind_of_record_at_the_name_is_refused_before_ours_is_touched(primary: Run) -> None:
    standing = {"name": "orders.example.com.", "type": "A", "setIdentifier": "us-west-2"}
    done = attempt_program(
        "region1",
        answers={"aws:route53/getRecords:getRecords": lambda i: {**i, "resourceRecordSets": [standing]}},
    )
    assert isinstance(done.error, HostedZoneError)
    assert done.error.seen == ["A of us-west-2"]
    assert "destroy the other regional stacks" in done.error.do
    assert [r for r in done.all(RECORD) if "endpoint" in r.name] == []


def test_a_deployment_of_a_secondary_asks_no_control_api_outside_its_region(secondary: Run) -> None:
    assert [i.token for i in secondary.invokes] == ["aws:index/getCallerIdentity:getCallerIdentity"]


# Outputs


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_every_stack_exports_the_same_names(which: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(which)
    stack = {"primary": "region1", "secondary": "region2"}[which]
    assert set(run.exports) == set(names.ALL)
    assert run.exports[names.SCHEMA_VERSION_KEY] == names.SCHEMA_VERSION
    assert run.exports[names.DOMAIN_URL] == "https://orders.example.com/v1"
    assert run.exports[names.API_URL].endswith("/live")
    assert set(run.exports[names.FUNCTION_ARNS]) == {"create", "read", "fill"}
    assert all(f":{run.exports[names.REGION]}:" in arn for arn in run.exports[names.FUNCTION_ARNS].values())
    assert f"resilient-orders-{stack}-inside" in run.exports[names.CANARY_NAMES]
    assert run.exports[names.LOAD_GENERATOR_ARN].endswith("region-load")
    region = run.exports[names.REGION]
    dashboards = {f"DynamoDB-Metrics-{region}", f"Canary-Metrics-{region}"}
    assert set(run.exports[names.DASHBOARD_URLS]) == dashboards
    assert set(run.exports[names.ALARM_TOPIC_ARNS]) == {region, "us-east-2"}


def test_a_secondary_passes_the_global_outputs_through(primary: Run, secondary: Run) -> None:
    for key in (*names.GLOBAL, *names.PASSED_ON):
        assert secondary.exports[key] == primary.exports[key]
    assert secondary.exports[names.REGION] == "us-west-2"


def test_a_secondary_can_be_deployed_before_the_primary_has_the_check_policy(primary: Run) -> None:
    earlier = {k: v for k, v in primary.exports.items() if k != names.OPERATOR_CHECK_POLICY_ARN}
    done = attempt_program("region2", stacks={"region1": earlier})
    assert done.error is None
    assert done.exports[names.OPERATOR_CHECK_POLICY_ARN] == ""


def test_the_routing_output_is_all_that_moving_traffic_needs(primary: Run) -> None:
    found = primary.exports[names.ARC]
    endpoints = found[names.ARC_CLUSTER_ENDPOINTS]
    assert [e["region"] for e in endpoints] == sorted(e["region"] for e in endpoints)
    assert all(e["url"].startswith("https://") for e in endpoints)
    assert list(found[names.ARC_ROUTING_CONTROLS]) == ["us-east-1", "us-west-2"]
    assert list(found[names.ARC_HEALTH_CHECKS]) == ["us-east-1", "us-west-2"]
    assert found[names.ARC_SAFETY_RULE_ARN]
    assert found[names.ARC_CONTROL_PANEL_ARN]
    assert found[names.ARC_CLUSTER_ARN]


@pytest.mark.parametrize("stack", ["region1", "region2"])
def test_a_preview_of_a_new_stack_runs_to_its_end(stack: str, primary: Run) -> None:
    run = run_program(stack, stacks={"region1": primary.exports}, preview=True)
    assert set(run.exports) == set(names.ALL)
    assert len(run.aws) > 20


# Refusals


@pytest.mark.parametrize(
    ("stack", "overrides"),
    [
        ("region1", {"observerRegion": "us-west-2"}),
        ("region9", {}),
        ("region1", {"domainName": None}),
        ("region1", {"protected": True}),
        ("region1", {"domainName": "example.com"}),
    ],
)
def test_a_wrong_configuration_is_refused_before_anything_is_built(stack: str, overrides: Inputs) -> None:
    done = attempt_program(stack, overrides)
    assert isinstance(done.error, ProgramError)
    assert done.resources == []
    assert done.invokes == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda o: {}, "has no outputs"),
        (lambda o: {**o, "schemaVersion": 0}, "deployed by an older version"),
        (lambda o: {k: v for k, v in o.items() if k != "schemaVersion"}, "deployed by an older version"),
        (lambda o: {**o, "schemaVersion": 2.0}, "deployed by a newer version"),
        (lambda o: {k: v for k, v in o.items() if k != "tableNames"}, "lacks outputs"),
        (lambda o: {**o, "arc": {**o["arc"], "healthChecks": {"us-east-1": "x"}}}, "lacks outputs"),
        (lambda o: {**o, "domainUrl": "https://other.example.com/v1"}, "configured differently"),
        (lambda o: {**o, "consistency": "strong"}, "configured differently"),
        (lambda o: {**o, "dnsRecord": "alias"}, "configured differently"),
    ],
)
def test_a_primary_that_cannot_serve_this_stack_is_refused_in_one_message(
    change: "object", what: str, primary: Run
) -> None:
    assert callable(change)
    done = attempt_program("region2", stacks={"region1": change(primary.exports)})
    assert isinstance(done.error, PrimaryStackError)
    assert what in done.error.what
    assert done.all("aws:lambda/function:Function") == []
    assert done.all(RECORD) == []


def without_log_role(role: str | None) -> Change:
    """An account in which API Gateway was never given a role."""
    return lambda type_, answer: {**answer, "cloudwatchRoleArn": role} if type_ == ACCOUNT else answer


# In a preview the SDK takes null for what is not known yet; the provider answers an empty text.
@pytest.mark.parametrize(("role", "preview"), [("", True), ("", False), (None, False)])
def test_an_account_without_a_log_role_is_refused_before_a_cluster_is_billed(
    role: str | None, preview: bool
) -> None:
    done = attempt_program("region1", changed=without_log_role(role), preview=preview)
    assert isinstance(done.error, LogRoleError)
    assert "us-east-1" in done.error.what
    assert "manageApiGatewayAccount: true" in done.error.do
    assert done.all(CLUSTER) == done.all(STAGE) == []


def test_a_secondary_looks_for_the_log_role_of_its_own_region(primary: Run) -> None:
    done = attempt_program("region2", stacks={"region1": primary.exports}, changed=without_log_role(None))
    assert isinstance(done.error, LogRoleError)
    assert "us-west-2" in done.error.what


def test_a_standing_log_role_is_only_read(primary: Run, secondary: Run) -> None:
    for run, region in ((primary, "us-east-1"), (secondary, "us-west-2")):
        account = run.one(ACCOUNT)
        assert (account.read_id, account.region, account.inputs) == (region, region, {})


@pytest.mark.parametrize("settings", [{"manageApiGatewayAccount": True}, {"apiAccessLogs": False}])
def test_no_log_role_is_looked_for_where_none_is_needed_or_the_stack_makes_it(settings: Inputs) -> None:
    run = run_program("region1", settings, changed=without_log_role(None))
    assert [r for r in run.all(ACCOUNT) if r.read_id] == []
    assert run.one(CLUSTER)


def test_a_primary_that_never_existed_is_named_before_the_engine_refuses() -> None:
    done = attempt_program("region2")
    assert done.error is not None
    assert "organization/resilient-orders/region1" in done.logs[-1]
    assert "must be deployed before" in done.logs[-1]
