"""Looks every pinned package up among the known vulnerabilities: `make audit`.

pip-audit does the work. What it does not do is tell "no vulnerability" from "nobody was asked": with an index
that has no vulnerability data it succeeds. Here that is said loudly, as is a service out of reach. It is no
failure, since it says nothing about the packages.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
IGNORED: Final[Mapping[str, str]] = {}
"""Vulnerabilities that do not concern us, each with the reason."""

# What a service or a package index out of reach looks like, in the words of pip-audit, requests and uv.
_UNREACHABLE: Final = (
    *("ConnectionError", "ConnectTimeout", "ReadTimeout", "ServiceError", "SSLError", "ProxyError"),
    *("Failed to fetch", "error sending request", "dns error", "tcp connect error", "timed out"),
)
_SECONDS: Final = 300
_COMMAND: Final = (
    *("uv", "run", "--quiet", "--no-project", "--isolated"),
    *("--with-requirements", "tools/audit/requirements.txt", "--", "pip-audit"),
    *("--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json"),
)

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A known vulnerability of a pinned package."""

    file: str
    package: str
    id: str
    fixed_in: str


@dataclass(kw_only=True)
class Report:
    """`unknown` are packages that nothing is known about; `unasked` and `broken` are files that were not
    audited, since nobody could be asked or since pip-audit failed.
    """

    audited: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def files() -> list[Path]:
    """Every locked list of packages: of the program, of developing, of layers, canaries and tools."""
    patterns = (
        "requirements*.txt",
        "functions/layers/*/requirements.txt",
        "canaries/*/requirements.txt",
        "tools/*/requirements.txt",
    )
    return [file for pattern in patterns for file in sorted(REPOSITORY.glob(pattern))]


def audit(paths: Iterable[Path], run: Run) -> Report:
    """Ask about every package of the files."""
    report = Report()
    for path in paths:
        name = str(path.relative_to(REPOSITORY))
        ignored = [word for vulnerability in IGNORED for word in ("--ignore-vuln", vulnerability)]
        done = run([*_COMMAND, *ignored, "--requirement", name])
        try:
            found = json.loads(done.stdout)["dependencies"]
        except (ValueError, KeyError, TypeError):
            unreachable = any(sign in done.stderr for sign in _UNREACHABLE)
            (report.unasked if unreachable else report.broken).append(f"{name}: {_last_line(done.stderr)}")
            continue
        for entry in found:
            _add(report, name, entry)
    report.unknown -= report.audited
    return report


def verdict(report: Report) -> tuple[list[str], bool]:
    """What to say, and whether it is a failure."""
    lines = [
        f"{found.file}: {found.package} has {found.id}, fixed in {found.fixed_in or 'no version yet'}"
        for found in report.findings
    ]
    lines += [f"pip-audit failed: {failure}" for failure in report.broken]
    if report.unknown or report.unasked:
        lines += _loud(report)
    lines.append(f"{len(report.audited)} packages audited, {len(report.findings)} findings.")
    return lines, bool(report.findings or report.broken)


def _add(report: Report, file: str, entry: Mapping[str, Any]) -> None:
    if "skip_reason" in entry:
        report.unknown.add(entry["name"])
        return
    package = f"{entry['name']} {entry['version']}"
    report.audited.add(entry["name"])
    for vulnerability in entry["vulns"]:
        report.findings.append(
            Finding(
                file=file,
                package=package,
                id=vulnerability["id"],
                fixed_in=", ".join(vulnerability.get("fix_versions") or []),
            )
        )


def _loud(report: Report) -> list[str]:
    if report.unasked or not report.audited:
        what = "NOT AUDITED: the vulnerability service was not reached, or has no data."
    else:
        what = f"{len(report.unknown)} PACKAGES NOT AUDITED: {', '.join(sorted(report.unknown))}"
    return ["*" * 100, f"*** {what}", *(f"*** {failure}" for failure in report.unasked), "*" * 100]


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no output"


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"timed out after {_SECONDS} s")


def main() -> int:
    """1 on a finding, or when pip-audit itself fails."""
    lines, failed = verdict(audit(files(), _run))
    print("\n".join(lines), file=sys.stderr if failed else sys.stdout)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
