"""Runs the program of one stack here: `python -m twin.deploy.in_process.runner --stack region1 ...`.

A process never runs two programs, since Pulumi's runtime keeps one in its module state. Progress goes to the
standard output, errors to the standard error; the exit code is 0, or 1 with the reason told.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import runpy
import signal
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import config as pulumi_config
from pulumi.runtime.mocks import set_mocks
from pulumi.runtime.stack import run_pulumi_func

from blueprint.errors import ConfigError
from blueprint.project_files import Project
from twin.deploy.clients import Clients
from twin.deploy.errors import DeployError, ProgramError
from twin.deploy.in_process.decide import Engine
from twin.deploy.in_process.monitor import TwinMonitor
from twin.deploy.in_process.state import StackState, state_file, write_json
from twin.deploy.progress import Progress
from twin.deploy.project import ORGANIZATION, ROOT
from twin.deploy.values import HIDDEN

_WORKERS = 8
"""Resources made at a time; more only wait for the same two processors."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    # A deployment's process ends soon, and its program's classes and outputs stay until then: looking for
    # garbage among them would be a quarter of its work.
    gc.disable()
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        with Progress(
            options.stack, sys.stdout, live=not options.verbose and sys.stdout.isatty()
        ) as progress:
            return (_destroy if options.destroy else _deploy)(options, progress)
    except (DeployError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Interrupted; what is done is kept, and the next deployment goes on from there.", file=sys.stderr
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twin.deploy.in_process.runner", description=__doc__)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--home", required=True, type=Path, help="the twin's home directory")
    parser.add_argument("--instance", required=True, help="which run of the twin this is")
    parser.add_argument("--project-directory", type=Path, default=ROOT)
    parser.add_argument("--config", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--result", type=Path, help="file for what was done, as JSON")
    parser.add_argument("--destroy", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="a line for each resource, in a terminal too")
    return parser


def _deploy(options: argparse.Namespace, progress: Progress) -> int:
    project = Project.at(options.project_directory.resolve())
    overrides = dict(entry.split("=", 1) for entry in options.config)
    configuration = project.configuration(options.stack, overrides)
    engine = _engine(options, progress)
    outputs_directory = options.home / "outputs"
    monitor = TwinMonitor(engine, outputs_directory)
    set_mocks(
        monitor.mocks,
        project=project.name,
        stack=options.stack,
        preview=False,
        logger=_program_log(engine.progress),
        monitor=monitor,
        organization=ORGANIZATION,
    )
    pulumi_config.set_all_config(configuration)
    outputs = _run_program(project.directory / "__main__.py", engine, options)
    engine.delete_gone()
    engine.state.configured(overrides)
    write_json(outputs_directory / f"{options.stack}.json", outputs)
    engine.progress.say(f"deployed: {engine.progress.summary()}")
    _write_result(options, engine, outputs)
    return 0


def _destroy(options: argparse.Namespace, progress: Progress) -> int:
    engine = _engine(options, progress)
    engine.delete(set(engine.state.resources))
    (options.home / "outputs" / f"{options.stack}.json").unlink(missing_ok=True)
    engine.progress.say(f"destroyed: {engine.progress.summary()}")
    _write_result(options, engine, {})
    return 0


def _engine(options: argparse.Namespace, progress: Progress) -> Engine:
    return Engine(
        state=StackState.load(state_file(options.home, options.stack), options.instance),
        clients=Clients(),
        progress=progress,
        fallback_endpoint=os.environ.get("AWS_ENDPOINT_URL"),
    )


def _run_program(path: Path, engine: Engine, options: argparse.Namespace) -> dict[str, Any]:
    """Runs the program's file and returns its exports. Raises ProgramError and ResourceError."""
    _expect_declarations(engine)
    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    loop = _loop()
    try:
        loop.run_until_complete(run_pulumi_func(lambda: _execute(path)))
        return _exports(loop)
    except KeyboardInterrupt:
        engine.failures.append("interrupted")  # so that nothing more is begun
        raise
    except Exception as error:
        if engine.failures:
            raise ProgramError("\n".join(dict.fromkeys(engine.failures))) from error
        log = _write_log(options, error)
        raise ProgramError(_program_message(path, error, log)) from error
    finally:
        # Waits for what is under way, so that the state has all that was made.
        loop.run_until_complete(loop.shutdown_default_executor())


def _loop() -> asyncio.AbstractEventLoop:
    """The loop that the runtime made current when it was set up: its pending calls live there."""
    loop = asyncio.get_event_loop_policy().get_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="deploy"))
    # Calls that fail after the first failure are expected; the first one is what is told.
    loop.set_exception_handler(lambda *_: None)
    return loop


def _execute(path: Path) -> None:
    runpy.run_path(str(path), run_name="__main__")


def _expect_declarations(engine: Engine) -> None:
    """Resources are constructed while the program's file runs, and acted on when it has ended."""

    def note(declared: pulumi.ResourceTransformationArgs) -> None:
        if isinstance(declared.resource, pulumi.CustomResource) and declared.type_.startswith("aws:"):
            engine.expected.add((declared.type_, declared.name))
            engine.progress.declared = len(engine.expected)

    pulumi.runtime.register_stack_transformation(note)


def _exports(loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    root = pulumi.runtime.get_root_resource()
    outputs: dict[str, Any] = getattr(root, "outputs", {})
    return {name: loop.run_until_complete(_export(value)) for name, value in outputs.items()}


async def _export(value: Any) -> Any:
    output = pulumi.Output.from_input(value)
    return HIDDEN if await output.is_secret() else await output.future()


def _program_message(path: Path, error: BaseException, log: Path) -> str:
    if isinstance(error, pulumi.RunError):
        return str(error)
    return f"{path.name} failed: {type(error).__name__}: {error}\nThe full trace is in {log}."


def _write_log(options: argparse.Namespace, error: BaseException) -> Path:
    log: Path = options.home / "log" / f"deploy-{options.stack}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return log


def _write_result(options: argparse.Namespace, engine: Engine, outputs: dict[str, Any]) -> None:
    if options.result:
        progress = engine.progress
        content = {"outputs": outputs, "resources": dict(progress.counts), "seconds": progress.seconds}
        options.result.write_text(json.dumps(content), encoding="utf-8")


def _interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def _program_log(progress: Progress) -> logging.Logger:
    """Where the program's pulumi.log goes; no other library's messages do."""
    logger = logging.getLogger("twin.deploy.program")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(_Tell(progress))
    return logger


class _Tell(logging.Handler):
    """What the program says through pulumi.log becomes a line of progress."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.INFO)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        self._progress.say(record.getMessage())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
