"""Which stacks can make synthetic items through the API."""

import pytest

from ops.client.entrance import refuse_without_fill
from ops.deployed.deployment import parse
from ops.errors import DeploymentError
from tests.unit.ops.outputs import ACCOUNT, outputs


def test_a_stack_without_fill_is_named_with_what_can_be_done_instead() -> None:
    arns = {"create": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:create"}
    found = parse({"region1": outputs("us-east-1", functionArns=arns)}, source="here")
    with pytest.raises(DeploymentError, match=r"region1 has no /fill: .*--customer ID"):
        refuse_without_fill(found.primary)


def test_a_stack_with_fill_is_not_refused() -> None:
    refuse_without_fill(parse({"region1": outputs("us-east-1")}, source="here").primary)
