"""A workspace of the engine whose engine only makes stacks, and what tests ask about it."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.project_files import Project
from twin.deploy.engine.workspace import Workspace
from twin.deploy.project import ROOT
from twin.environment import pulumi_environment
from twin.home import Home
from twin.net.ports import Ports

PORTS = Ports(base=4560, regions=("us-east-1",))
REAL = "#!/bin/sh\necho v3.259.0\n"


def executable(path: Path, text: str = REAL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def environment(home: Path) -> dict[str, str]:
    client = {"TWIN_HOSTED_ZONE": "example.com", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}
    return {**client, **pulumi_environment(PORTS, Home(home))}


def workspace_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose engine makes stacks by writing an empty state, as Pulumi's does."""
    state = tmp_path / "home/pulumi/backend/.pulumi/stacks/resilient-orders"
    script = f"#!/bin/sh\nmkdir -p {state}\necho '{{}}' > {state}/$3.json\necho salt: >> Pulumi.$3.yaml\n"
    monkeypatch.setenv(
        "PATH", str(executable(tmp_path / "bin" / "pulumi", script).parent), prepend=os.pathsep
    )
    return Workspace(
        home=tmp_path / "home", twin_environment=environment(tmp_path / "home"), project=Project.at(ROOT)
    )


def configuration(place: Workspace, stack: str = "region1") -> dict[str, Any]:
    content = yaml.safe_load(place.config_file(stack).read_text())
    return {key.removeprefix("resilient-orders:"): value for key, value in content["config"].items()}
