"""The layout's own rules: who may import whom, that no two rooms need each other, that every test runs."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Of each package, what it may import of ours and of what only some may touch. All else is free.
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "blueprint": frozenset({"functions"}),
    "components": frozenset({"blueprint", "functions", "pulumi", "pulumi_aws"}),
    "functions": frozenset({"boto3"}),
    "canaries": frozenset({"boto3"}),
    "ops": frozenset({"blueprint", "functions", "twin", "boto3"}),
    "twin": frozenset({"blueprint", "pulumi", "boto3", "ministack"}),
    "tools": frozenset({"blueprint", "components", "functions", "ops"}),
    "bench": frozenset({"blueprint", "components", "functions", "twin", "boto3"}),
}
RESTRICTED = {*MAY_IMPORT, "tests", "pulumi", "pulumi_aws", "boto3", "ministack"}


def python_files(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "__pycache__" not in path.parts)


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@cache
def imports(file: Path) -> frozenset[str]:
    """Every module that a file imports, wherever in it, with the names taken of each: `a.b` and `a.b.c`."""
    return frozenset(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(file, node)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _absolute(file: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = file.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


@cache
def modules() -> Mapping[str, Path]:
    """Every module of ours by its name."""
    files = [file for package in MAY_IMPORT for file in python_files(package)]
    return {
        name(file).removesuffix(".py").removesuffix("/__init__").replace("/", "."): file for file in files
    }


def imported_files(file: Path) -> set[Path]:
    return {modules()[module] for module in imports(file) if module in modules()}


def roots(file: Path) -> set[str]:
    return {module.split(".")[0] for module in imports(file)}


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    offenders = {name(file): sorted(roots(file) & RESTRICTED - allowed) for file in python_files(package)}
    assert {file: found for file, found in offenders.items() if found} == {}


def test_only_the_twins_services_touch_the_emulator() -> None:
    inside = ROOT / "twin" / "aws"
    offenders = [
        name(file)
        for file in python_files("twin")
        if "ministack" in roots(file) and not file.is_relative_to(inside)
    ]
    assert offenders == []


def test_the_program_shares_with_its_functions_what_both_must_name_alike() -> None:
    """The functions' own code runs on AWS; what deploys it needs their contracts and the names of errors."""
    shared = {"functions/orders/contract.py", "functions/load/contract.py", "functions/load/errors.py"}
    packages = {"functions/orders/__init__.py", "functions/load/__init__.py"}
    offenders = {}
    for file in (*python_files("blueprint"), *python_files("components")):
        named = {module for module in map(name, imported_files(file)) if module.startswith("functions/")}
        if found := named - shared - packages:
            offenders[name(file)] = found
    assert offenders == {}


def test_a_command_is_imported_by_the_command_line_alone() -> None:
    """It loads them by name; whatever two commands share is in a library."""
    offenders = [
        name(file)
        for file in python_files("ops")
        if any(module.startswith("ops.commands.") for module in imports(file))
    ]
    assert offenders == []


# No circles between rooms. A folder is a room; a file that lies beside folders is a room of its own.


def room(file: Path) -> str:
    folder = file.parent
    has_rooms = any(child.is_dir() and any(child.glob("*.py")) for child in folder.iterdir())
    return name(file) if has_rooms else name(folder)


def test_no_two_rooms_need_each_other() -> None:
    graph: dict[str, set[str]] = {}
    for file in modules().values():
        needed = {room(other) for other in imported_files(file)}
        graph.setdefault(room(file), set()).update(needed - {room(file)})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


def test_the_program_knows_no_twin() -> None:
    sources = [ROOT / "__main__.py", *python_files("blueprint"), *python_files("components")]
    assert [name(file) for file in sources if "twin" in file.read_text(encoding="utf-8").lower()] == []


def test_every_file_with_tests_is_collected() -> None:
    """A file that defines test functions but is not named test_*.py would silently never run."""
    offenders = [
        name(file)
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


def _folders_of_many() -> list[Path]:
    """The packages with more than eight files."""
    folders = {file.parent for package in MAY_IMPORT for file in python_files(package)}
    return sorted(folder for folder in folders if len(list(folder.glob("*.py"))) > 8)


@pytest.mark.parametrize("folder", _folders_of_many(), ids=name)
def test_a_package_of_more_than_eight_files_opens_with_a_map_of_them(folder: Path) -> None:
    shown = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    mapped = [line.split()[0] for line in shown.splitlines() if line.split(" ")[0].endswith(".py")]
    there = [file.name for file in sorted(folder.glob("*.py")) if file.name != "__init__.py"]
    assert sorted(mapped) == there
