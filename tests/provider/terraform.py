"""Runs terraform in a directory of its own, against a running twin."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.provider.mirror import Mirror
from twin.client import TwinClient

Json = dict[str, Any]
REQUIRED: Json = {"required_providers": {"aws": {"source": "hashicorp/aws"}}}
_QUIET = ("-no-color", "-input=false")
_PARALLEL = "-parallelism=30"
"""Most of an apply is waiting for what AWS, and the provider's own polls, take."""


class TerraformError(Exception):
    """terraform ended with an error; the message is what it said."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a plan would do with one resource; `paths` are the attributes that differ, with both values."""

    address: str
    actions: tuple[str, ...]
    paths: Mapping[str, tuple[Any, Any]]

    @property
    def kind(self) -> str:
        """The resource's type."""
        return self.address.partition(".")[0]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`imported` are addresses, `seen` the resources as the plan's refresh found them."""

    changes: list[Change]
    imported: list[str]
    seen: list[Json]


class Terraform:
    """A working directory; `client` says whose credentials are used, and which twin is AWS."""

    def __init__(self, mirror: Mirror, directory: Path, client: TwinClient) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        rc = directory / "terraform.rc"
        rc.write_text(mirror.configuration(), encoding="utf-8")
        self._terraform, self._directory, self._rc = mirror.terraform, directory, rc
        self._client = client

    def write(self, configuration: Mapping[str, Any]) -> None:
        """Makes this the whole configuration, and gets it ready to be planned."""
        file = self._directory / "main.tf.json"
        file.write_text(json.dumps(configuration, indent=1, sort_keys=True), encoding="utf-8")
        if not (self._directory / ".terraform.lock.hcl").exists():
            self._run("init", *_QUIET)

    def schema(self) -> Mapping[str, Any]:
        """What the provider says of its resource types and data sources."""
        self.write({"terraform": REQUIRED})
        printed = json.loads(self._run("providers", "schema", "-json"))
        (schema,) = printed["provider_schemas"].values()
        return dict(schema)

    def plan(self, *, client: TwinClient | None = None) -> Plan:
        """What `apply` would do next; `client` plans instead of the one who applies."""
        self._run("plan", *_QUIET, _PARALLEL, "-lock=false", "-out=plan", client=client)
        shown = json.loads(self._run("show", "-json", "plan"))
        entries = shown.get("resource_changes", [])
        return Plan(
            changes=list(changes(entries)),
            imported=[entry["address"] for entry in entries if "importing" in entry["change"]],
            seen=_resources(shown.get("prior_state", {})),
        )

    def apply(self) -> None:
        """Carries out what was planned last."""
        self._run("apply", *_QUIET, _PARALLEL, "plan")

    def destroy(self) -> None:
        """Destroys everything that the state has, without asking AWS first what is there."""
        self._run("destroy", *_QUIET, _PARALLEL, "-auto-approve", "-refresh=false")

    def state(self) -> list[Json]:
        """Every resource and data source with its attributes, as the last apply left them."""
        return _resources(json.loads(self._run("show", "-json")))

    def _run(self, *arguments: str, client: TwinClient | None = None) -> str:
        finished = subprocess.run(
            [self._terraform, *arguments],
            cwd=self._directory,
            env=self._environment(client or self._client),
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            raise TerraformError(f"terraform {arguments[0]}:\n{finished.stderr[-20_000:]}")
        return finished.stdout

    def _environment(self, client: TwinClient) -> dict[str, str]:
        """The twin's environment for clients, less what is for Python and Pulumi."""
        given = {k: v for k, v in client.env.items() if not k.startswith(("PULUMI_", "PYTHON", "TWIN_"))}
        return {
            **given,
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._directory),
            "TF_CLI_CONFIG_FILE": str(self._rc),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }


def _resources(state: Json) -> list[Json]:
    return list(state.get("values", {}).get("root_module", {}).get("resources", []))


def changes(resource_changes: Iterable[Mapping[str, Any]]) -> Iterable[Change]:
    """The changes of a plan (JSON output format, "Change Representation") that are any."""
    for entry in resource_changes:
        change = entry["change"]
        actions = tuple(change["actions"])
        if actions not in (("no-op",), ("read",)):
            before, after = change["before"] or {}, change["after"] or {}
            unknown = {
                name: "(unknown)" for name, is_unknown in change["after_unknown"].items() if is_unknown
            }
            after = {**after, **unknown}
            paths = {
                name: (before.get(name), after.get(name))
                for name in sorted({*before, *after})
                if before.get(name) != after.get(name)
            }
            yield Change(address=entry["address"], actions=actions, paths=paths)
