"""Both stacks in one twin under Pulumi's real engine, and what tests ask about them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.packing.layers import Platform
from ops.client import api, calls
from ops.client.calls import Signature
from ops.deployed.deployment import parse
from ops.deployed.target import TwinTarget
from ops.net.transport import HttpAnswer
from tests.engine.checkout import Checkout
from twin.client import TwinClient
from twin.deploy.engine.run import Action, engine
from twin.deploy.process import DeployResult
from twin.deploy.project import host_overrides

EAST, WEST = "us-east-1", "us-west-2"
REGIONS = {"region1": EAST, "region2": WEST}
_OPERATIONS = {
    "create": "created",
    "delete": "deleted",
    "update": "updated",
    **dict.fromkeys(("create-replacement", "replace", "delete-replaced"), "replaced"),
}


@dataclass
class World:
    """The twin, the program's editable copy, and configuration in place of the stack files'."""

    twin: TwinClient
    checkout: Checkout
    overrides: dict[str, str] = field(default_factory=dict)
    previewed: int = 0
    """How many resources the first preview of region1 announced."""

    def run(self, action: Action, stack: str, *options: str, **overrides: str) -> DeployResult:
        """Raises DeployError."""
        return engine(
            action,
            stack,
            self.twin,
            *options,
            overrides={**self.overrides, **overrides},
            project_directory=self.checkout.directory,
            quiet=True,
        )

    def changes(self, action: Action, stack: str, *options: str, **overrides: str) -> dict[str, str]:
        """What was done, or would be, to each resource that is not left alone: by `type name`."""
        done = self.run(action, stack, *options, **overrides)
        return {f"{kind(step)} {step['name']}": _OPERATIONS[step["op"]] for step in done.steps}

    def resources(self, stack: str) -> list[dict[str, Any]]:
        """The AWS resources in the engine's state."""
        stacks = self.twin.home / "pulumi" / "backend" / ".pulumi" / "stacks" / "resilient-orders"
        content = json.loads((stacks / f"{stack}.json").read_text(encoding="utf-8"))
        every = content["checkpoint"]["latest"].get("resources") or []
        return [resource for resource in every if resource["type"].startswith("aws:")]

    def physical(self, stack: str, name: str) -> str:
        """The id of a resource by its logical name."""
        (found,) = (r["id"] for r in self.resources(stack) if r["urn"].endswith(f"::{name}"))
        return str(found)

    def aws(self, service: str, region: str = EAST) -> Any:
        return self.twin.boto3_client(service, region)

    def call(
        self, route: api.OrderCall, stack: str = "region1", signature: Signature = Signature.GOOD
    ) -> HttpAnswer:
        """One call of a region's own API."""
        target = TwinTarget(self.twin)
        found = parse(self.outputs(), source="test")
        (here,) = (s for s in found.stacks if s.region == REGIONS[stack])
        return calls.regional(target, here).send(route, signature=signature)

    def outputs(self) -> Mapping[str, Mapping[str, Any]]:
        files: list[Path] = sorted((self.twin.home / "outputs").glob("*.json"))
        return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def kind(step: Mapping[str, str]) -> str:
    """`Function` of `aws:lambda/function:Function`."""
    return step["type"].rsplit(":", 1)[-1]


def host_target() -> Platform:
    """What functions run on here."""
    host = host_overrides()
    return Platform(runtime=host["lambdaRuntime"], architecture=host["lambdaArchitecture"])
