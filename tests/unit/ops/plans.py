"""A plan of two stacks."""

from typing import Any

from ops.deployed.stacks import StackPlan


def plan(**fields: Any) -> StackPlan:
    values: dict[str, Any] = {
        "regions": {"region1": "us-east-1", "region2": "us-west-2"},
        "domain_name": "orders.example.com",
        "hosted_zone": "example.com",
        "hosted_zone_id": "",
        "account_id": "",
        "access_logs": True,
        "manages_api_gateway_account": False,
        "observer_region": "us-east-2",
        "dns_record": "cname",
        "dns_ttl": 10,
    }
    return StackPlan(**(values | fields))
