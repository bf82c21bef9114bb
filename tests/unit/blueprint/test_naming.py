from dataclasses import replace

import pytest

from blueprint import naming, stack_config
from blueprint.errors import ConfigError
from blueprint.stack_config import StackConfig


class _Names:
    """Only what has no default."""

    def get(self, key: str, /) -> str | None:
        return {"domainName": "orders.example.com", "hostedZone": "example.com"}.get(key)


@pytest.fixture
def config() -> StackConfig:
    return stack_config.load(_Names(), "resilient-orders", "region1")


def test_a_physical_name_carries_project_and_stack(config: StackConfig) -> None:
    assert naming.physical(config, "orders-create") == "resilient-orders-region1-orders-create"


def test_a_name_that_is_too_long_for_aws_is_refused_with_its_length(config: StackConfig) -> None:
    longer = replace(config, project="resilient-orders-of-a-company-with-a-long-name")
    with pytest.raises(ConfigError) as caught:
        naming.physical(longer, "orders-create", naming.IAM_ROLE)
    assert "68 of at most 64" in caught.value.why
    assert "IAM role" in caught.value.what


def test_a_name_with_a_character_that_aws_refuses_is_refused(config: StackConfig) -> None:
    upper = replace(config, project="Orders")
    assert naming.physical(upper, "code", naming.LAMBDA_FUNCTION) == "Orders-region1-code"
    with pytest.raises(ConfigError, match="S3 bucket"):
        naming.physical(upper, "code", naming.S3_BUCKET)


def test_the_longest_stack_name_leaves_room_for_every_kind_of_name(config: StackConfig) -> None:
    longest = replace(config, stack="s" * 19)
    for rule in (naming.IAM_ROLE, naming.S3_BUCKET, naming.LAMBDA_FUNCTION, naming.ARC_RESOURCE):
        assert naming.physical(longest, "x" * 26, rule)
