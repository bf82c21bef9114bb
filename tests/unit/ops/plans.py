"""A plan of two stacks."""

from blueprint.config_keys import as_text
from blueprint.stack_config import load
from ops.deployed.stacks import StackPlan

NAMES = {"domainName": "orders.example.com", "hostedZone": "example.com"}


def plan(**configured: object) -> StackPlan:
    """With the defaults of every key that is not given, and of its primary stack."""
    values = {name: as_text(value) for name, value in (NAMES | configured).items()}
    return StackPlan(config=load(values, "resilient-orders", values.get("primaryStack", "region1")))
