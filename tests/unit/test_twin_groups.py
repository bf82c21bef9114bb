"""Tests that share a deployed twin stay on one worker, and every file stays whole."""

from tests.fakes.twin_groups import group


def test_whatever_uses_a_deployed_twin_is_one_group() -> None:
    assert group("tests/acceptance/test_parity.py") == group("tests/twin/test_deploy.py") == "deployed"


def test_every_other_file_is_a_group_of_its_own() -> None:
    assert group("tests/unit/test_layout.py") == "tests/unit/test_layout.py"
