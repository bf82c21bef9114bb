"""Stack outputs as the program exports them."""

from collections.abc import Mapping
from typing import Any

ACCOUNT = "111122223333"


def outputs(region: str, /, **fields: Any) -> dict[str, Any]:
    """The outputs of the stack in a region; `fields` replace members."""
    return {
        "schemaVersion": 1,
        "region": region,
        "apiId": f"api-{region}",
        "apiUrl": f"https://api-{region}.execute-api.{region}.amazonaws.com/live",
        "domainUrl": "https://orders.example.com/v1",
        "tableNames": {"customers": "C", "products": "P", "orders": "O"},
        "functionArns": {
            name: f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}" for name in ("create", "read", "fill")
        },
        "hostedZoneId": "Z1",
        "arc": {
            "clusterArn": "arn:cluster",
            "controlPanelArn": "arn:panel",
            "clusterEndpoints": [
                {"region": "us-east-1", "url": "https://us-east-1.cluster.test"},
                {"region": "us-west-2", "url": "https://us-west-2.cluster.test"},
            ],
            "routingControls": {"us-east-1": "arn:east", "us-west-2": "arn:west"},
            "safetyRuleArn": "arn:rule",
            "healthChecks": {"us-east-1": "h1", "us-west-2": "h2"},
        },
    } | fields


def both() -> dict[str, Mapping[str, Any]]:
    return {"region1": outputs("us-east-1"), "region2": outputs("us-west-2")}
