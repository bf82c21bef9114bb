"""A switch of the page: a routing control is set through the ARC cluster's own endpoints, under its rules."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from twin.core import Json
from twin.page.clients import Clients, words


def switch(clients: Clients, endpoints: list[Json], arn: str, *, on: bool) -> str | None:
    """Set a routing control; what the cluster said when it refused, or why it could not be asked."""
    alive = [endpoint for endpoint in endpoints if endpoint["up"]]
    if not alive:
        return "None of the cluster's five endpoints answers."
    entry = {"RoutingControlArn": arn, "RoutingControlState": "On" if on else "Off"}
    cluster: Any = clients.cluster(alive[0]["url"], alive[0]["region"])
    try:
        cluster.update_routing_control_states(UpdateRoutingControlStateEntries=[entry])
    except (ClientError, BotoCoreError) as error:
        return words(error)
    return None
