"""Finding and getting an engine, the stacks' configuration for the twin, and what `pulumi` means there."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.twin.workspaces import configuration, executable, workspace_in
from twin.client import TwinClient
from twin.deploy.engine import command, find, get, runner, workspace
from twin.deploy.engine.workspace import Workspace
from twin.deploy.errors import SettingsError
from twin.deploy.project import ROOT


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    return workspace_in(tmp_path, monkeypatch)


def test_the_program_on_the_path_comes_first_then_the_one_that_was_got(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "bin" / "pulumi")
    variables = {"PATH": str(on_path.parent), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    got = executable(find.cached_program(variables))
    assert find.find_program(variables) == on_path
    assert find.find_program({**variables, "PATH": "/nowhere"}) == got
    got.unlink()
    assert find.find_program({**variables, "PATH": "/nowhere"}) is None
    with pytest.raises(SettingsError, match=r"There is no Pulumi program .* make engine gets one"):
        find.program({**variables, "PATH": "/nowhere"})


def test_the_twins_own_pulumi_is_never_taken_for_the_real_one(place: Workspace) -> None:
    place.lay_out()
    variables = {"PATH": f"{place.bin}{os.pathsep}{os.environ['PATH']}"}
    found = find.find_program(variables)
    assert found is not None
    assert found.parent != place.bin


def test_the_version_that_is_built_is_the_one_that_is_looked_for() -> None:
    module = (get.TOOLS / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{find.VERSION}" in module


def test_where_nothing_can_be_had_the_command_says_so_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(get, "_INSTALLER", "http://127.0.0.1:9/install.sh")
    assert get.main() == 1
    told = capsys.readouterr().out
    assert "the official installer cannot be reached" in told
    assert "there is no Go on the PATH" in told
    assert "there is NO Pulumi engine" in told


def test_a_build_that_works_is_kept_and_found_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = 'printf "#!/bin/sh\\necho v9\\n" > "$2"; chmod +x "$2"'
    go = f'#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\n{build}\n'
    executable(tmp_path / "bin" / "go", go)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(get, "_INSTALLER", "http://127.0.0.1:9/install.sh")
    monkeypatch.setattr(get, "find_program", lambda: None)
    assert get.main() == 0
    assert f"{find.cached_program()} (v9)" in capsys.readouterr().out
    assert get.main() == 0
    assert "building" not in capsys.readouterr().out


def test_a_stacks_configuration_is_the_committed_one_and_what_the_twin_needs(place: Workspace) -> None:
    committed = (ROOT / "Pulumi.region1.yaml").read_bytes()
    place.prepare("region1", {"protect": "false"})
    found = configuration(place)
    assert found["awsEndpointUrl"] == "http://127.0.0.1:4566"
    assert found["domainName"] == "orders.example.com"
    assert found["protect"] is False
    assert found["manageApiGatewayAccount"] is True
    assert found["pulumi:disable-default-providers"] == ["aws"]
    place.prepare("region1")
    assert "protect" not in configuration(place), "an override is for its own run"
    assert (ROOT / "Pulumi.region1.yaml").read_bytes() == committed


def test_what_the_user_sets_stays_and_so_does_the_stacks_salt(place: Workspace) -> None:
    file = place.prepare("region1")
    content = yaml.safe_load(file.read_text())
    content["config"]["resilient-orders:lambdaMemoryMb"] = 512
    file.write_text(yaml.safe_dump({**content, "encryptionsalt": "v1:salt"}))
    place.prepare("region1")
    assert configuration(place)["lambdaMemoryMb"] == 512
    assert yaml.safe_load(file.read_text())["encryptionsalt"] == "v1:salt"


def test_a_new_stack_is_made_once(place: Workspace) -> None:
    place.prepare("region1")
    state = place.home / "pulumi/backend/.pulumi/stacks/resilient-orders/region1.json"
    assert json.loads(state.read_text()) == {}
    state.write_text('{"checkpoint": {}}')
    place.prepare("region1")
    assert json.loads(state.read_text()) == {"checkpoint": {}}


def test_outputs_are_read_from_the_state_without_secrets(place: Workspace) -> None:
    place.prepare("region1")
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
    root = {"type": "pulumi:pulumi:Stack", "outputs": {"region": "us-east-1", "key": secret}}
    state = place.home / "pulumi/backend/.pulumi/stacks/resilient-orders/region1.json"
    state.write_text(json.dumps({"checkpoint": {"latest": {"resources": [root]}}}))
    place.keep_outputs("region1")
    kept = place.home / "outputs" / "region1.json"
    assert json.loads(kept.read_text()) == {"region": "us-east-1", "key": "[secret]"}
    state.write_text(json.dumps({"checkpoint": {"latest": {}}}))
    place.keep_outputs("region1")
    assert not kept.exists()


def test_the_placeholder_of_the_plugin_says_what_is_missing(place: Workspace) -> None:
    place.lay_out()
    (plugin,) = (place.home / "pulumi/home/plugins").glob("resource-aws-v*/pulumi-resource-aws")
    done = subprocess.run([str(plugin)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'eval "$(python -m twin env)"' in done.stderr


@pytest.fixture
def typed(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A shell in the checkout with the twin's environment."""
    description = {"home": str(place.home), "environment": dict(place.twin_environment)}
    monkeypatch.setattr(command, "_twin_home", lambda: place.home)
    monkeypatch.setattr(TwinClient, "from_home", lambda _: TwinClient(description))
    monkeypatch.chdir(ROOT)
    return place


@pytest.mark.parametrize(
    "words",
    [
        ["preview", "-s", "region1"],
        ["up", "--stack=region1", "--yes"],
        ["-s", "organization/resilient-orders/region1", "destroy"],
        ["config", "set", "dnsTtl", "20", "-sregion1"],
    ],
    ids=" ".join,
)
def test_commands_on_a_stack_are_given_its_configuration_for_the_twin(
    typed: Workspace, words: list[str]
) -> None:
    call = command.understand(words)
    assert call.stack == "region1"
    at = call.words.index("--config-file")
    assert call.words[at + 1] == str(typed.config_file("region1"))
    assert [word for word in call.words[1:] if word not in call.words[at : at + 2]] == words


@pytest.mark.parametrize(
    "words",
    [
        ["version"],
        ["stack", "ls"],
        ["up", "--help"],
        ["up", "-s", "nobody-has-this-stack"],
        ["up", "-s", "region1", "--config-file", "mine.yaml"],
        ["preview", "-s", "region1", "-C", "/"],
    ],
    ids=" ".join,
)
def test_everything_else_is_passed_on_as_typed(typed: Workspace, words: list[str]) -> None:
    call = command.understand(words)
    assert call.words[1:] == words
    assert call.place is None


def test_an_error_of_the_engine_is_one_line() -> None:
    framed = "1 error occurred:\n\t* aws:x/y:Z 'one': refused.\n\n"
    assert runner._sentence(framed) == "aws:x/y:Z 'one': refused."


def test_a_twin_of_an_earlier_version_is_told_to_restart(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="restart it"):
        workspace.workspace(tmp_path, {})
