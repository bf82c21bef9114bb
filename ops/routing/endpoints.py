"""What each of the cluster's endpoints says, one by one: a failover calls one, and needs three at work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws_errors import explain, is_about_credentials
from ops.routing.cluster import ENDPOINT_DEADLINE, ClusterClient, Endpoint, Panel, list_panel, within


@dataclass(frozen=True, kw_only=True)
class EndpointAnswer:
    """An endpoint's answer in `seconds`: the states by control ARN, or the `problem` in a few words."""

    region: str
    url: str
    seconds: float
    states: Mapping[str, bool] = field(default_factory=dict)
    problem: str = ""


def ask_each(
    endpoints: Sequence[Endpoint],
    connect: Callable[[Endpoint], ClusterClient],
    panel_arn: str,
    *,
    deadline: float = ENDPOINT_DEADLINE,
    clock: Callable[[], float] = monotonic,
    report: Callable[[str], None] = lambda _: None,
) -> list[EndpointAnswer]:
    """Read the panel through every endpoint in turn; CredentialsError when no request can be signed."""
    answers = []
    for endpoint in endpoints:
        report(f"cluster endpoint in {endpoint.region} ...")
        # Made beforehand: loading the service's description is not the endpoint's time.
        client = connect(endpoint)
        started = clock()
        said = _ask(partial(list_panel, client, panel_arn), deadline)
        seconds = clock() - started
        states, problem = (said.states, "") if isinstance(said, Panel) else ({}, said)
        answers.append(
            EndpointAnswer(
                region=endpoint.region, url=endpoint.url, seconds=seconds, states=states, problem=problem
            )
        )
    return answers


def _ask(call: Callable[[], Panel], deadline: float) -> Panel | str:
    try:
        panel: Panel = within(deadline, call)
        return panel
    except TimeoutError:
        return f"no answer in {deadline:g} s"
    except ClientError as error:
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    except BotoCoreError as error:
        if is_about_credentials(error):
            raise explain(error, "read the routing controls") from error
        return type(error).__name__
