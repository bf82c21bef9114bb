"""The GitHub workflows: what they may do, and that they run what the documentation says."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

# What each job may do on GitHub; everything else is denied.
PERMISSIONS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("checks", "test"): {"contents": "read"},
    ("checks", "official-plugin"): {"contents": "read"},
    ("preview", "preview"): {"contents": "read", "id-token": "write"},
    ("preview", "comment"): {"pull-requests": "write"},
    ("preview", "skipped"): {},
    ("deploy", "deploy"): {"contents": "read", "id-token": "write"},
    ("drill", "drill"): {"contents": "read", "id-token": "write"},
}
OF_A_PULL_REQUESTS_AUTHOR = re.compile(r"\$\{\{[^}]*(head\.ref|title|body|head_ref|inputs\.)[^}]*\}\}")


def read(name: str) -> dict[str, Any]:
    document: dict[Any, Any] = yaml.safe_load((ROOT / ".github/workflows" / f"{name}.yml").read_text())
    # YAML 1.1 reads the key `on` as true.
    return {"on" if key is True else key: value for key, value in document.items()}


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for file in FILES:
        for name, job in read(file.stem)["jobs"].items():
            yield file.stem, name, job


def steps_of(workflow: str, job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(workflow)["jobs"][job]["steps"]
    return found


def script(workflow: str, job: str) -> str:
    return "\n".join(step.get("run", "") for step in steps_of(workflow, job))


def test_every_action_is_pinned_by_its_commit_and_says_its_version() -> None:
    used = [
        line.strip().removeprefix("- ")
        for file in FILES
        for line in file.read_text().splitlines()
        if "uses:" in line
    ]
    assert len(used) > 10
    assert [line for line in used if not PINNED.fullmatch(line)] == []


def test_an_action_has_the_same_pin_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for file in FILES:
        for action, commit in re.findall(r"uses: (\S+)@(\S+)", file.read_text()):
            pins.setdefault(action, set()).add(commit)
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


def test_each_job_has_exactly_the_permissions_that_it_needs() -> None:
    assert {(workflow, name): job.get("permissions") for workflow, name, job in jobs()} == PERMISSIONS
    assert {file.stem: read(file.stem)["permissions"] for file in FILES} == {f.stem: {} for f in FILES}


def test_every_job_ends_by_itself_and_no_checkout_leaves_a_token() -> None:
    for workflow, name, job in jobs():
        assert 0 < job["timeout-minutes"] <= 120, f"{workflow}/{name}"
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, f"{workflow}/{name}"


def test_only_checks_of_an_older_push_are_cancelled() -> None:
    cancels = {file.stem: read(file.stem)["concurrency"]["cancel-in-progress"] for file in FILES}
    assert cancels == {"checks": True, "preview": False, "deploy": False, "drill": False}


def test_deployments_and_drills_never_run_together() -> None:
    assert read("deploy")["concurrency"] == read("drill")["concurrency"]


@pytest.mark.parametrize("workflow", [file.stem for file in FILES])
def test_nobody_elses_text_is_pasted_into_a_script(workflow: str) -> None:
    for name in read(workflow)["jobs"]:
        assert OF_A_PULL_REQUESTS_AUTHOR.search(script(workflow, name)) is None


def test_no_workflow_runs_a_forks_code_with_credentials() -> None:
    assert [file.name for file in FILES if "pull_request_target" in read(file.stem)["on"]] == []
    condition = read("preview")["jobs"]["preview"]["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition
    assert "skipped" in read("preview")["jobs"]


def test_the_token_that_writes_comments_never_meets_the_pull_requests_code() -> None:
    used = [step.get("uses", "") for step in steps_of("preview", "comment")]
    assert [action for action in used if action.startswith("actions/checkout@")] == []


def test_the_preview_shows_every_stack_that_has_a_file() -> None:
    (listed,) = re.findall(r"for stack in (.+); do", (ROOT / ".github/preview.sh").read_text())
    assert listed.split() == ["region1", "region2"]
    assert all((ROOT / f"Pulumi.{stack}.yaml").exists() for stack in listed.split())


def run_preview(folder: Path, pulumi: str) -> tuple[int, str]:
    """Exit code and comment, with a program in Pulumi's place."""
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\n{pulumi}\n")
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", str(ROOT / ".github/preview.sh"), "preview.md"],  # noqa: S607 - whichever bash there is
        cwd=folder,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        check=False,
    )
    return done.returncode, (folder / "preview.md").read_text()


def test_the_comment_has_the_counts_of_both_stacks_on_top(tmp_path: Path) -> None:
    prints = "echo '+ create it'; echo 'Resources:'; echo '    + 2 to create'; echo '    7 unchanged'; echo"
    code, comment = run_preview(tmp_path, prints)
    assert code == 0
    for stack in ("region1", "region2"):
        assert f"### `{stack}`: + 2 to create, 7 unchanged\n" in comment
    assert comment.count("+ create it") == 2


def test_a_preview_that_fails_is_shown_and_the_other_one_too(tmp_path: Path) -> None:
    code, comment = run_preview(tmp_path, 'echo "of $*"; case "$*" in *region1*) exit 255;; esac')
    assert code == 1
    assert "### `region1`: FAILED" in comment
    assert "of preview --stack region2 " in comment


def test_a_long_preview_fits_into_a_comment_with_its_end(tmp_path: Path) -> None:
    _, comment = run_preview(tmp_path, "yes 'ä line that is long' | head -n 4000; echo the end")
    assert len(comment) < 60_000
    assert comment.count("the end") == 2


def test_checks_run_what_every_clean_checkout_runs() -> None:
    assert script("checks", "test").strip() == "bash .ci/run"
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def run_official_plugin(folder: Path, preview: str) -> tuple[int, str]:
    """Exit code and calls of the script, with programs that note how they are called."""
    (folder / ".github").mkdir()
    shutil.copy(ROOT / ".github/official-plugin.sh", folder / ".github")
    calls = folder / "calls"
    for name, answer in {
        "pulumi": f'echo "pulumi $*" >> {calls}; case "$1" in preview) {preview};; esac',
        ".venv/bin/python": f'case "$*" in *metadata*) echo 7.7.7;; *) echo "python $*" >> {calls};; esac',
    }.items():
        program = folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{answer}\n")
        program.chmod(0o755)
    done = subprocess.run(
        ["bash", str(folder / ".github/official-plugin.sh")],  # noqa: S607 - whichever bash there is
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        check=False,
    )
    return done.returncode, calls.read_text()


def test_the_official_plugin_deploys_both_stacks_into_the_twin_and_previews_no_change(tmp_path: Path) -> None:
    scripts = [step["run"] for step in steps_of("checks", "official-plugin") if "run" in step]
    assert scripts == ["make install", "bash .github/official-plugin.sh"]
    code, calls = run_official_plugin(tmp_path, "true")
    assert code == 0
    previews = [
        f"pulumi preview --stack {stack} --expect-no-changes --non-interactive"
        for stack in ("region1", "region2")
    ]
    assert calls.splitlines() == [
        "pulumi plugin install resource aws 7.7.7",
        "python -m twin up --detach",
        "python -m twin deploy --engine --provider official",
        "python -m twin env",
        *previews,
        "python -m twin down",
    ]


def test_the_check_of_the_official_plugin_fails_with_a_preview_and_leaves_no_twin(tmp_path: Path) -> None:
    code, calls = run_official_plugin(tmp_path, "exit 255")
    assert code == 255
    assert calls.splitlines()[-1] == "python -m twin down"


def test_a_deployment_is_the_waves_of_the_command_line_from_an_environment() -> None:
    job = read("deploy")["jobs"]["deploy"]
    assert job["environment"] == "production"
    assert "make deploy ARGS=--yes" in script("deploy", "deploy")
    assert "refs/heads/main" in job["if"]


def test_a_drill_is_started_by_hand_only_and_by_who_knows_the_domain() -> None:
    assert set(read("drill")["on"]) == {"workflow_dispatch"}
    assert read("drill")["on"]["workflow_dispatch"]["inputs"]["domain"]["required"] is True
    assert '--confirm-domain "$DOMAIN"' in script("drill", "drill")
    assert read("drill")["jobs"]["drill"]["environment"] == "drill"


def test_previews_cannot_use_the_roles_that_change_something() -> None:
    text = (ROOT / ".github/workflows/preview.yml").read_text()
    assert re.findall(r"AWS_\w+_ROLE_ARN", text) == ["AWS_PREVIEW_ROLE_ARN"] * text.count("_ROLE_ARN")


def test_whatever_asks_for_stack_outputs_can_read_the_state() -> None:
    needs = {"PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"}
    asking = [
        step
        for _, _, job in jobs()
        for step in job["steps"]
        if re.search(r"-m ops|make deploy|preview\.sh", step.get("run", ""))
    ]
    assert len(asking) == 5
    assert [step["name"] for step in asking if not needs <= step["env"].keys()] == []


def test_every_workflow_runs_the_same_pulumi() -> None:
    versions = {
        step["with"]["pulumi-version"]
        for _, _, job in jobs()
        for step in job["steps"]
        if step.get("uses", "").startswith("pulumi/actions@")
    }
    assert len(versions) == 1
