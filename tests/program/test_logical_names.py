"""What holds data or moves traffic keeps its logical name: under another one Pulumi would make it anew.

Whoever renames one of these, or moves it to another parent, gives it `aliases=[pulumi.Alias(...)]` with the
name below, and adds the new name here; docs/changes.md says what is refused otherwise.
"""

from tests.fakes.pulumi_mocks import Run

_TABLES = "resilient-orders:data:GlobalTables"
_ARC = "resilient-orders:routing:ArcRouting"
_NAMES = ("customers", "orders", "products")
_CONTROL = "aws:route53recoverycontrol/"

DEPLOYED = {
    *(f"{_TABLES}$aws:dynamodb/table:Table::foundation-tables-{name}-eventual" for name in _NAMES),
    *(
        f"{_TABLES}$aws:dynamodb/tableReplica:TableReplica::foundation-tables-{name}-eventual-us-west-2"
        for name in _NAMES
    ),
    f"{_ARC}${_CONTROL}cluster:Cluster::foundation-arc-cluster",
    f"{_ARC}${_CONTROL}controlPanel:ControlPanel::foundation-arc-panel",
    f"{_ARC}${_CONTROL}routingControl:RoutingControl::foundation-arc-control-us-east-1",
    f"{_ARC}${_CONTROL}routingControl:RoutingControl::foundation-arc-control-us-west-2",
    f"{_ARC}$aws:route53/healthCheck:HealthCheck::foundation-arc-check-us-east-1",
    f"{_ARC}$aws:route53/healthCheck:HealthCheck::foundation-arc-check-us-west-2",
}
"""The parent's type and the resource's own, and its name, as deployed stacks know them."""


def test_deployed_stacks_find_their_tables_controls_and_health_checks_again(primary: Run) -> None:
    declared = {resource.urn.split("::", 2)[-1] for resource in primary.aws}
    assert declared >= DEPLOYED
