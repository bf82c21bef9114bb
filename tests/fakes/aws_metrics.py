"""The metrics that exist, by namespace and name, with the dimension sets that they have.

AWS's from the documentation of each service ("Metrics and dimensions" pages), the program's own from its
contract. Dashboards and alarms are held to it: one that names anything else would stay empty without a word.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from functions.orders import contract

_API: Final = [{"ApiName"}, {"ApiName", "Stage"}, {"ApiName", "Method", "Resource", "Stage"}]
_FUNCTION: Final = [{"FunctionName"}, {"FunctionName", "Resource"}]
_OPERATION: Final = [{"TableName", "Operation"}]
_CANARY: Final = [{"CanaryName"}]
_OWN: Final = [{contract.REGION_DIMENSION}]

METRICS: Final[Mapping[str, Mapping[str, list[set[str]]]]] = {
    "AWS/ApiGateway": dict.fromkeys(("Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"), _API),
    "AWS/Lambda": dict.fromkeys(("Invocations", "Errors", "Duration", "Throttles"), _FUNCTION),
    "AWS/DynamoDB": {
        "ReplicationLatency": [{"TableName", "ReceivingRegion"}],
        "SuccessfulRequestLatency": _OPERATION,
        "SystemErrors": _OPERATION,
    },
    "AWS/Route53": {"HealthCheckStatus": [{"HealthCheckId"}]},
    "CloudWatchSynthetics": dict.fromkeys(("SuccessPercent", "Duration"), _CANARY),
    contract.METRICS_NAMESPACE: dict.fromkeys(
        (contract.READ_TIME, contract.WRITE_TIME, contract.ORDERS_CREATED, contract.REGION_CHECK), _OWN
    ),
}

# DynamoDB Developer Guide, "DynamoDB metrics and dimensions", Operation.
OPERATIONS: Final = frozenset(
    {
        *(
            "PutItem",
            "DeleteItem",
            "UpdateItem",
            "GetItem",
            "BatchGetItem",
            "Scan",
            "Query",
            "BatchWriteItem",
        ),
        *("TransactWriteItems", "TransactGetItems"),
        *("ExecuteTransaction", "BatchExecuteStatement", "ExecuteStatement"),
    }
)


def is_known(namespace: str, name: str, dimensions: Iterable[str]) -> bool:
    return set(dimensions) in METRICS.get(namespace, {}).get(name, [])
