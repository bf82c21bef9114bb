"""What `make audit` makes of pip-audit's answers."""

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from tools.audit.__main__ import REPOSITORY, Report, audit, files, verdict

FILE = REPOSITORY / "requirements.txt"


def answer(
    *dependencies: dict[str, Any], stderr: str = "", stdout: str | None = None
) -> tuple[list[str], bool]:
    """The verdict on one file."""

    def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        assert command[-2:] == ["--requirement", "requirements.txt"]
        text = json.dumps({"dependencies": list(dependencies)}) if stdout is None else stdout
        return subprocess.CompletedProcess(command, 1 if stderr else 0, text, stderr)

    return verdict(audit([FILE], run))


def clean(name: str) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": []}


def skipped(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "skip_reason": f"Dependency not found on PyPI and could not be audited: {name} (1.0)",
    }


def test_packages_without_vulnerabilities_pass() -> None:
    assert answer(clean("boto3")) == (["1 packages audited, 0 findings."], False)


def test_a_vulnerability_fails_and_names_file_package_id_and_fix() -> None:
    hurt = {
        "name": "urllib3",
        "version": "1.0",
        "vulns": [{"id": "CVE-2026-1", "fix_versions": ["1.1", "2.0"]}],
    }
    lines, failed = answer(clean("boto3"), hurt)
    assert failed
    assert lines[0] == "requirements.txt: urllib3 1.0 has CVE-2026-1, fixed in 1.1, 2.0"


def test_an_index_without_vulnerability_data_is_no_success_in_silence() -> None:
    lines, failed = answer(skipped("boto3"), skipped("pulumi"))
    assert not failed
    assert any("*** NOT AUDITED" in line for line in lines)
    assert lines[-1] == "0 packages audited, 0 findings."


def test_an_unreachable_service_is_said_loudly_and_does_not_fail() -> None:
    lines, failed = answer(stdout="", stderr="Traceback ...\nrequests.exceptions.ConnectionError: no route\n")
    assert not failed
    assert any("NOT AUDITED" in line for line in lines)
    assert any("ConnectionError: no route" in line for line in lines)


def test_an_index_out_of_reach_is_no_failure_either() -> None:
    lines, failed = answer(stdout="", stderr="error: Failed to fetch: `...`\n  Caused by: dns error\n")
    assert not failed
    assert any("NOT AUDITED" in line for line in lines)


def test_packages_that_alone_are_unknown_are_named() -> None:
    lines, failed = answer(clean("boto3"), skipped("ours"))
    assert not failed
    assert any("1 PACKAGES NOT AUDITED: ours" in line for line in lines)


def test_a_pip_audit_that_fails_by_itself_fails_the_audit() -> None:
    lines, failed = answer(stdout="", stderr="error: unrecognized arguments: --format\n")
    assert failed
    assert lines[0] == "pip-audit failed: requirements.txt: error: unrecognized arguments: --format"


def test_every_locked_list_is_audited() -> None:
    names = {str(file.relative_to(REPOSITORY)) for file in files()}
    sources = {
        str(file.relative_to(REPOSITORY).with_suffix(".txt"))
        for folder in (".", "functions", "canaries", "tools")
        for file in (REPOSITORY / folder).glob("*.in" if folder == "." else "**/requirements.in")
    }
    assert len(sources) > 5
    assert names == sources


def test_nothing_asked_is_nothing_found() -> None:
    assert verdict(Report()) == (["0 packages audited, 0 findings."], False)
