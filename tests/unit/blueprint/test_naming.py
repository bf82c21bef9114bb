from dataclasses import replace

import pytest

from blueprint import naming
from blueprint.errors import ConfigError
from blueprint.naming import Namer

NAMER = Namer(project="resilient-orders", stack="region1")


def test_a_physical_name_carries_project_and_stack() -> None:
    assert NAMER.physical("orders-create") == "resilient-orders-region1-orders-create"


def test_a_name_without_hyphens_is_made_where_aws_takes_none() -> None:
    made = NAMER.underscored("us-east-1", naming.READINESS_RESOURCE)
    assert made == "resilient_orders_region1_us_east_1"


def test_a_name_that_is_too_long_for_aws_is_refused_with_its_length() -> None:
    longer = replace(NAMER, project="resilient-orders-of-a-company-with-a-long-name")
    with pytest.raises(ConfigError) as caught:
        longer.physical("orders-create", naming.IAM_ROLE)
    assert "68 of at most 64" in caught.value.why
    assert "IAM role" in caught.value.what


def test_a_name_with_a_character_that_aws_refuses_is_refused() -> None:
    upper = replace(NAMER, project="Orders")
    assert upper.physical("code", naming.LAMBDA_FUNCTION) == "Orders-region1-code"
    with pytest.raises(ConfigError, match="S3 bucket"):
        upper.physical("code", naming.S3_BUCKET)


def test_the_longest_stack_name_leaves_room_for_every_kind_of_name() -> None:
    longest = replace(NAMER, stack="s" * 19)
    for rule in (naming.IAM_ROLE, naming.S3_BUCKET, naming.LAMBDA_FUNCTION, naming.ARC_RESOURCE):
        assert longest.physical("x" * 26, rule)
