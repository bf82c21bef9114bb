"""Does a region serve its customers? Asked of the region's own URL, before customers are sent there."""

from functools import partial

from ops.client import api, calls
from ops.deployed.deployment import Deployment
from ops.deployed.target import Target
from ops.errors import CallError, DeploymentError
from ops.routing.cluster import within

# Seconds for an answer; a function that has to be started first takes one or two.
HEALTH_DEADLINE = 5.0
BROKEN = 500


def problem(target: Target, deployment: Deployment, region: str, *, deadline: float = HEALTH_DEADLINE) -> str:
    """Why customers would fail there, in a few words; empty where the region answers.

    A refusal (403: these credentials may not call the API) comes from a region that works.
    """
    try:
        choice = calls.regional(target, deployment.stack_in(region))
        answer = within(deadline, partial(choice.send, api.health()))
    except TimeoutError:
        return f"no answer in {deadline:g} s"
    except (CallError, DeploymentError) as error:
        return str(error)
    return f"its health check answers {answer.status}" if answer.status >= BROKEN else ""
