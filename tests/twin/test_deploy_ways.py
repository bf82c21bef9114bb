"""Both ways of deploying, behind one interface: a stack goes on in the way that it began."""

import json
from pathlib import Path

import pytest

from ops.deploying.teardown import standing_of
from twin.client import TwinClient
from twin.deploy.errors import SettingsError
from twin.deploy.in_process.state import StackState, StoredResource, state_file
from twin.deploy.run import ENGINE, IN_PROCESS, deploy_stack, resources, way_of

STACK = "region1"
URN = "urn:pulumi:region1::resilient-orders::aws:sns/topic:Topic::alarms"


@pytest.fixture
def twin(tmp_path: Path) -> TwinClient:
    """A twin that nothing is asked of."""
    return TwinClient({"home": str(tmp_path), "instance": "i-1", "environment": {}})


def made_in_process(twin: TwinClient, *, protect: bool = False) -> None:
    state = StackState.load(state_file(twin.home, STACK), "i-1")
    state.put(
        StoredResource(
            urn=URN,
            type="aws:sns/topic:Topic",
            name="alarms",
            identity="arn:of:alarms",
            region="us-east-1",
            provider="aws",
            inputs={},
            outputs={},
            protect=protect,
        )
    )


def made_by_the_engine(twin: TwinClient) -> None:
    file = twin.home / "pulumi/backend/.pulumi/stacks/resilient-orders/region1.json"
    file.parent.mkdir(parents=True)
    resource = {"urn": URN, "type": "aws:sns/topic:Topic", "id": "arn:of:alarms", "custom": True}
    file.write_text(json.dumps({"checkpoint": {"latest": {"resources": [resource]}}}))


def test_nothing_deployed_is_no_way(twin: TwinClient) -> None:
    assert way_of(STACK, twin) is None
    assert resources(STACK, twin) == []


def test_a_stack_made_in_process_is_not_deployed_by_the_engine(twin: TwinClient) -> None:
    made_in_process(twin)
    assert way_of(STACK, twin) is IN_PROCESS
    with pytest.raises(SettingsError, match=r"region1 was deployed .* without Pulumi's engine"):
        deploy_stack(STACK, twin, engine=True)


def test_a_stack_made_by_the_engine_is_not_deployed_without_it(twin: TwinClient) -> None:
    made_by_the_engine(twin)
    assert way_of(STACK, twin) is ENGINE
    with pytest.raises(SettingsError, match=r"region1 was deployed .*--engine --stack region1"):
        deploy_stack(STACK, twin)


def test_both_ways_tell_what_is_there_as_pulumi_exports_it(twin: TwinClient) -> None:
    made_in_process(twin, protect=True)
    [found] = standing_of({"deployment": {"resources": resources(STACK, twin)}})
    assert (found.type, found.name, found.identity) == ("aws:sns/topic:Topic", "alarms", "arn:of:alarms")
    assert found.protected
