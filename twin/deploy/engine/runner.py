"""Runs one operation of the real engine on a stack: `python -m twin.deploy.engine.runner up --stack region1`.

The program runs in this process as an inline program of the Automation API, so that no language host is
needed; a process of its own for each, since the program's modules stay loaded. Progress goes to the standard
output, errors to the standard error; the exit code is 0, or 1 with the reason told.
"""

import argparse
import gc
import json
import os
import runpy
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation

from blueprint.errors import ConfigError
from twin.client import TwinClient
from twin.deploy.engine.find import program
from twin.deploy.engine.workspace import Workspace, workspace
from twin.deploy.errors import DeployError
from twin.deploy.progress import Progress
from twin.deploy.project import ORGANIZATION, ROOT
from twin.errors import TwinError

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
    # A deployment's process ends soon, and its program's classes and outputs stay until then: looking for
    # garbage among them would be a quarter of its work.
    gc.disable()
    try:
        with Progress(
            options.stack, sys.stdout, live=not options.verbose and sys.stdout.isatty()
        ) as progress:
            _run(options, progress)
    except (DeployError, ConfigError, TwinError) as error:
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
    parser = argparse.ArgumentParser(prog="python -m twin.deploy.engine.runner", description=__doc__)
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--home", required=True, type=Path, help="the twin's home directory")
    parser.add_argument("--project-directory", type=Path, default=ROOT)
    parser.add_argument("--config", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--expect-no-changes", action="store_true")
    parser.add_argument("--refresh", action="store_true", help="look at what is there before an up")
    parser.add_argument(
        "--skip-preview",
        action="store_true",
        help="do not look beforehand whether anything protected would be lost, as pulumi up and destroy do",
    )
    parser.add_argument("--verbose", action="store_true", help="a line for each resource, in a terminal too")
    parser.add_argument("--result", type=Path, help="file for what was done, as JSON")
    return parser


def _run(options: argparse.Namespace, progress: Progress) -> None:
    client = TwinClient.from_home(options.home)
    place = workspace(client.home, client.env, options.project_directory.resolve())
    place.prepare(options.stack, dict(entry.split("=", 1) for entry in options.config))
    # A stack that has nothing has nothing to lose.
    looks_first = options.action in ("up", "destroy") and place.outputs(options.stack) is not None
    looks_first = looks_first and not options.skip_preview
    watched = Watched(progress, phase=0 if looks_first else 1)
    stack = _stack(options.stack, place, looks_first=looks_first)
    try:
        _act(stack, options, watched)
    except automation.CommandError as error:
        raise DeployError("\n".join(dict.fromkeys(watched.errors)) or str(error)) from error
    finally:
        if options.action != "preview":
            place.keep_outputs(options.stack)
    progress.say(f"{options.action}: {progress.summary()}")
    if options.result:
        content = {
            "outputs": place.outputs(options.stack) or {},
            "resources": dict(progress.counts),
            "seconds": progress.seconds,
            "steps": watched.steps,
        }
        options.result.write_text(json.dumps(content), encoding="utf-8")


def _stack(name: str, place: Workspace, *, looks_first: bool) -> automation.Stack:
    """The stack with the program of the project's directory; `__main__.py` runs where it lies."""
    path = place.project.directory / "__main__.py"

    def execute() -> None:
        runpy.run_path(str(path), run_name="__main__")

    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    # The Automation API takes the first one on the PATH.
    os.environ["PATH"] = os.pathsep.join([str(program().parent), os.environ.get("PATH", os.defpath)])
    found = automation.LocalWorkspace(
        work_dir=str(place.directory),
        program=execute,
        env_vars=place.environment(name),
        pulumi_command=_Command(looks_first=looks_first),
    )
    return automation.Stack.select(f"{ORGANIZATION}/{place.project.name}/{name}", found)


def _act(stack: automation.Stack, options: argparse.Namespace, watched: "Watched") -> None:
    changes: dict[str, Any] = {"on_event": watched.see}
    if options.expect_no_changes:
        changes["expect_no_changes"] = True
    if options.action == "preview":
        stack.preview(refresh=options.refresh, **changes)
    elif options.action == "up":
        stack.up(refresh=options.refresh, **changes)
    elif options.action == "refresh":
        stack.refresh(**changes)
    else:
        stack.destroy(on_event=watched.see)


_HISTORY = {
    "kind": "",
    "message": "",
    "result": "",
    "startTime": "2000-01-01T00:00:00.000Z",
    "environment": {},
    "config": {},
}
_NOT_ASKED: Mapping[tuple[str, ...], str] = {
    # Every operation names its stack, and the user's own selection is left alone.
    ("stack", "select"): "",
    # Read from the state.
    ("stack", "output"): "{}",
    ("stack", "history"): json.dumps([_HISTORY]),
}
"""What the Automation API asks besides an operation, a third of a second each, and what it is answered."""


class _Command(automation.PulumiCommand):
    """The program, started for operations only; `looks_first` has it run a preview before it acts.

    The Automation API always leaves that out. But only a preview refuses the loss of what is protected before
    anything is changed: without one, the engine first does all the rest.
    """

    def __init__(self, *, looks_first: bool) -> None:
        super().__init__()
        self._looks_first = looks_first

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> automation.CommandResult:
        answer = _NOT_ASKED.get(tuple(args[:2]))
        if answer is not None:
            return automation.CommandResult(answer, "", 0)
        if self._looks_first:
            args = [word for word in args if word != "--skip-preview"]
        return super().run(args, cwd, additional_env, on_output, on_error)


@dataclass
class Watched:
    """What the engine says while it works."""

    progress: Progress
    phase: int
    """0 while it only looks, 1 while it acts (or while looking is all that was asked for)."""
    errors: list[str] = field(default_factory=list)
    steps: list[dict[str, str]] = field(default_factory=list)
    """Every resource that is not left as it is: what was done, its type and its name."""
    _begun: dict[str, float] = field(default_factory=dict)

    def see(self, event: automation.EngineEvent) -> None:
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self.errors.append(_sentence(event.diagnostic_event.message))
        elif event.summary_event and self.phase == 0:
            self.phase = 1
        elif self.phase == 0:
            return
        elif event.resource_pre_event:
            self._begin(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._done(event.res_outputs_event.metadata)

    def _begin(self, step: automation.StepEventMetadata) -> None:
        self._begun[step.urn] = time.monotonic()
        if step.type.startswith("aws:"):
            self.progress.begun(step.type, _name(step))

    def _done(self, step: automation.StepEventMetadata) -> None:
        kind, name = step.type, _name(step)
        op = str(getattr(step.op, "value", step.op))
        if not kind.startswith("aws:") or op == "refresh":
            return
        word = _WORDS.get(op, op)
        took = time.monotonic() - self._begun.get(step.urn, time.monotonic())
        self.progress.done(word, kind, name, None if word == "unchanged" else took)
        if word != "unchanged":
            self.steps.append({"op": op, "type": kind, "name": name})


def _name(step: automation.StepEventMetadata) -> str:
    return step.urn.rsplit("::", 1)[-1]


def _sentence(message: str) -> str:
    """A message of the engine in one line, without the frame that it puts around a list of reasons."""
    lines = (line.strip().removeprefix("* ") for line in message.strip().splitlines())
    return " ".join(line for line in lines if line and not line.endswith(_FRAMES))


_FRAMES = ("error occurred:", "errors occurred:")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
