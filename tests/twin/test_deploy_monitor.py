"""Pulumi's values and references as the handlers' plain ones."""

import hashlib
import json
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime import rpc

from twin.deploy.errors import ResourceError
from twin.deploy.in_process.monitor import plain, stack_reference
from twin.deploy.values import LocalFile, Secret, changed_keys, storable


def test_numbers_are_whole_again_lists_and_maps_are_followed() -> None:
    assert plain({"a": [3.0, 1.5, True, "x"], "b": {"c": 2.0}}) == {"a": [3, 1.5, True, "x"], "b": {"c": 2}}
    assert isinstance(plain(3.0), int)
    assert plain(True) is True


def test_a_file_is_told_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "code.zip"
    path.write_bytes(b"code")
    found = plain(pulumi.FileAsset(str(path)))
    assert found == LocalFile(path=path, sha256=hashlib.sha256(b"code").hexdigest())
    assert found.read() == b"code"


def test_an_archive_that_is_not_a_file_is_refused() -> None:
    with pytest.raises(ResourceError, match="AssetArchive is not in the twin"):
        plain(pulumi.AssetArchive({"a": pulumi.StringAsset("x")}))


def test_a_secret_stays_marked_until_a_handler_needs_it() -> None:
    assert plain({"p": rpc.wrap_rpc_secret("hunter2")}) == {"p": Secret(value="hunter2")}


def test_a_secret_always_counts_as_changed_since_it_is_not_kept() -> None:
    kept = storable({"p": Secret(value="x"), "q": 1})
    assert changed_keys(kept, storable({"p": Secret(value="x"), "q": 1})) == {"p"}


def test_a_reference_has_the_outputs_of_the_deployed_stack(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps({"a": 1}))
    assert stack_reference(tmp_path, "organization/shop/one")["outputs"] == {"a": 1}


def test_a_reference_to_a_stack_that_is_not_deployed_says_how_to_deploy_it(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="python -m twin deploy --stack one"):
        stack_reference(tmp_path, "organization/shop/one")
