"""The layout's own rules: who may import whom, and that no test file goes uncollected."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# package -> top-level packages of ours that it must never import
FORBIDDEN = {
    "blueprint": {"twin", "ops", "components", "tests", "bench", "tools", "pulumi_aws", "boto3"},
    "components": {"twin", "ops", "tests", "bench", "tools"},
    "functions": {"twin", "ops", "components", "blueprint", "tests", "bench", "pulumi", "pulumi_aws"},
    "canaries": {"twin", "ops", "components", "blueprint", "functions", "tests", "pulumi", "pulumi_aws"},
    "ops": {"pulumi", "pulumi_aws", "tests", "ministack"},
    "twin": {"ops", "tests", "bench"},
}


def python_files(package: str) -> list[Path]:
    return sorted(p for p in (ROOT / package).rglob("*.py"))


def imported_roots(file: Path) -> set[str]:
    roots: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            roots.add(node.module.split(".")[0])
    return roots


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_a_package_imports_only_what_its_layer_allows(package: str) -> None:
    offenders = {
        str(file.relative_to(ROOT)): sorted(imported_roots(file) & FORBIDDEN[package])
        for file in python_files(package)
        if imported_roots(file) & FORBIDDEN[package]
    }
    assert offenders == {}


def test_only_the_emulator_package_touches_the_emulator() -> None:
    offenders = [
        str(file.relative_to(ROOT))
        for file in python_files("twin")
        if "ministack" in imported_roots(file) and "aws" not in file.parts
    ]
    assert offenders == []


def test_the_program_knows_no_twin() -> None:
    sources = [ROOT / "__main__.py", *python_files("blueprint"), *python_files("components")]
    offenders = [
        str(file.relative_to(ROOT)) for file in sources if "twin" in file.read_text(encoding="utf-8").lower()
    ]
    assert offenders == []


def test_every_file_with_tests_is_collected() -> None:
    """A file that defines test functions but is not named test_*.py would silently never run."""
    offenders = [
        str(file.relative_to(ROOT))
        for file in python_files("tests")
        if not file.name.startswith("test_")
        and any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
            for node in ast.parse(file.read_text(encoding="utf-8")).body
        )
    ]
    assert offenders == []


def test_the_changelog_names_the_current_version() -> None:
    version = next(
        line.split('"')[1]
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if line.startswith("version = ")
    )
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
