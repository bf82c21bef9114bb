"""The metric AWS/DynamoDB ReplicationLatency, which global tables write by themselves."""

from collections.abc import Callable

from twin.aws.cloudwatch import service_metrics
from twin.aws.dynamodb import store
from twin.aws.dynamodb.global_tables import Replicated


def replication_latency(account_id: str) -> Callable[[Replicated], None]:
    """An observer that writes each lag as AWS does: in the region of the write, by receiving region."""

    def observe(replicated: Replicated) -> None:
        if replicated.strong:
            return  # AWS publishes it for eventually consistent global tables only
        with store.acting_in(account_id, replicated.source):
            service_metrics.record(
                "AWS/DynamoDB",
                "ReplicationLatency",
                replicated.lag * 1000,
                "Milliseconds",
                {"TableName": replicated.table, "ReceivingRegion": replicated.target},
            )

    return observe
