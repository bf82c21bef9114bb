"""Runs one operation of the real engine on a stack: `python -m twin.pulumi_engine.runner up --stack region1`.

The program runs in this process as an inline program of the Automation API, so that no language host is
needed; a process of its own for each, since the program's modules stay loaded. Progress goes to the standard
output, errors to the standard error; the exit code is 0, or 1 with the reason told.
"""

import argparse
import json
import os
import runpy
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation

from twin.client import TwinClient
from twin.deploy.errors import DeployError
from twin.deploy.progress import Progress
from twin.deploy.project import ORGANIZATION, ROOT
from twin.deploy.state import write_json
from twin.deploy.values import HIDDEN
from twin.errors import TwinError
from twin.pulumi_engine.find import program
from twin.pulumi_engine.workspace import Workspace, workspace

ACTIONS = ("preview", "up", "refresh", "destroy")
_WORDS: Mapping[str, str] = {
    "create": "created",
    "create-replacement": "created",
    "delete": "deleted",
    "delete-replaced": "deleted",
    "discard-replaced": "deleted",
    "replace": "replaced",
    "same": "unchanged",
    "update": "updated",
}


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except (DeployError, TwinError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Interrupted; Pulumi's state has what is done, and the next up goes on from there.",
            file=sys.stderr,
        )
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twin.pulumi_engine.runner", description=__doc__)
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--home", required=True, type=Path, help="the twin's home directory")
    parser.add_argument("--project-directory", type=Path, default=ROOT)
    parser.add_argument("--config", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--expect-no-changes", action="store_true")
    parser.add_argument("--refresh", action="store_true", help="look at what is there before an up")
    parser.add_argument("--result", type=Path, help="file for what was done, as JSON")
    return parser


def _run(options: argparse.Namespace) -> None:
    client = TwinClient.from_home(options.home)
    place = workspace(client.home, client.env, options.project_directory.resolve())
    place.prepare(options.stack, dict(entry.split("=", 1) for entry in options.config))
    watched = Watched(Progress(options.stack, sys.stdout))
    stack = _stack(options.stack, place)
    try:
        outputs = _act(stack, options, watched)
    except automation.CommandError as error:
        raise DeployError("\n".join(dict.fromkeys(watched.errors)) or str(error)) from error
    _keep_outputs(options, client, outputs)
    watched.progress.say(f"{options.action}: {watched.progress.summary()}")
    if options.result:
        content = {
            "outputs": outputs or {},
            "resources": dict(watched.progress.counts),
            "seconds": watched.progress.seconds,
            "steps": watched.steps,
        }
        options.result.write_text(json.dumps(content), encoding="utf-8")


def _stack(name: str, place: Workspace) -> automation.Stack:
    """The stack with the program of the project's directory; `__main__.py` runs where it lies."""
    path = place.project.directory / "__main__.py"

    def execute() -> None:
        runpy.run_path(str(path), run_name="__main__")

    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    # The Automation API takes the first one on the PATH.
    os.environ["PATH"] = os.pathsep.join([str(program().parent), os.environ.get("PATH", os.defpath)])
    found = automation.LocalWorkspace(
        work_dir=str(place.directory), program=execute, env_vars=place.environment()
    )
    return automation.Stack.select(f"{ORGANIZATION}/{place.project.name}/{name}", found)


def _act(stack: automation.Stack, options: argparse.Namespace, watched: "Watched") -> dict[str, Any] | None:
    """The stack's outputs, None where the operation makes none."""
    changes: dict[str, Any] = {"on_event": watched.see}
    if options.expect_no_changes:
        changes["expect_no_changes"] = True
    if options.action == "preview":
        stack.preview(refresh=options.refresh, **changes)
    elif options.action == "refresh":
        stack.refresh(**changes)
    elif options.action == "destroy":
        stack.destroy(on_event=watched.see)
    else:
        done = stack.up(refresh=options.refresh, **changes)
        return {name: HIDDEN if o.secret else o.value for name, o in done.outputs.items()}
    return None


def _keep_outputs(options: argparse.Namespace, client: TwinClient, outputs: dict[str, Any] | None) -> None:
    """The file that the operator's commands read."""
    path = client.home / "outputs" / f"{options.stack}.json"
    if options.action == "destroy":
        path.unlink(missing_ok=True)
    elif outputs is not None:
        write_json(path, outputs)


@dataclass
class Watched:
    """What the engine says while it works."""

    progress: Progress
    errors: list[str] = field(default_factory=list)
    steps: list[dict[str, str]] = field(default_factory=list)
    """Every resource that is not left as it is: what was done, its type and its name."""
    _begun: dict[str, float] = field(default_factory=dict)

    def see(self, event: automation.EngineEvent) -> None:
        if event.resource_pre_event:
            self._begun[event.resource_pre_event.metadata.urn] = time.monotonic()
        elif event.res_outputs_event:
            self._done(event.res_outputs_event.metadata)
        elif event.diagnostic_event and event.diagnostic_event.severity == "error":
            self.errors += _sentences(event.diagnostic_event.message)

    def _done(self, step: automation.StepEventMetadata) -> None:
        kind, name = step.type, step.urn.rsplit("::", 1)[-1]
        op = str(getattr(step.op, "value", step.op))
        if not kind.startswith("aws:") or op == "refresh":
            return
        word = _WORDS.get(op, op)
        took = time.monotonic() - self._begun.get(step.urn, time.monotonic())
        self.progress.done(word, kind, name, None if word == "unchanged" else took)
        if word != "unchanged":
            self.steps.append({"op": op, "type": kind, "name": name})


def _sentences(message: str) -> list[str]:
    """A message of the engine without the frame that it puts around a list of reasons."""
    lines = (line.strip().removeprefix("* ") for line in message.strip().splitlines())
    return [line for line in lines if line and not line.endswith(("error occurred:", "errors occurred:"))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
