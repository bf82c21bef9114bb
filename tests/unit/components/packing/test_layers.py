"""Layers from a small wheel on disk, without a network; the last test takes the real ones."""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.errors import LayerBuildError, PackagingError
from components.packing import layers, sources
from components.packing.layers import LayerBuilder, Platform, check_unzipped_size
from components.packing.packaging import Archive

ARM_313 = Platform(runtime="python3.13", architecture="arm64")

ELF_MACHINES = {"arm64": 183, "x86_64": 62}  # e_machine in the header of an ELF file


def make_wheel(directory: Path, *, tag: str = "py3-none-any", value: int = 1) -> Path:
    """A wheel of a package `tiny` with a script, as an installer would download it."""
    info = "tiny-1.0.dist-info"
    wheel = directory / f"tiny-1.0-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny/__init__.py", f"VALUE = {value}\n\n\ndef main() -> None:\n    print(VALUE)\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
        )
        archive.writestr(f"{info}/entry_points.txt", "[console_scripts]\ntiny = tiny:main\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def lock(root: Path, name: str, wheel: Path, *, digest: str = "") -> None:
    """A layer's requirements that name the wheel by its hash and know no index."""
    digest = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
    directory = root / "layers" / name
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "requirements.txt").write_text(
        f"--no-index\n--find-links {wheel.parent}\ntiny==1.0 --hash=sha256:{digest}\n"
    )


def builder(
    root: Path, *, cache: str = "cache", report: Callable[[str], None] = lambda _: None
) -> LayerBuilder:
    return LayerBuilder(sources=root / "layers", cache=root / cache, report=report)


FIND = importlib.util.find_spec


def installing_with(installer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that has `pip` or `uv` alone."""
    other = {"pip": "uv", "uv": "pip"}[installer]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == other else FIND(name))


def contents(archive: Archive) -> list[str]:
    with zipfile.ZipFile(archive.path) as opened:
        return sorted(opened.namelist())


def build_tiny(root: Path, *, cache: str = "cache", target: Platform = ARM_313) -> Archive:
    return builder(root, cache=cache).build(target, ["tiny"])["tiny"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Built with uv, which takes a twentieth of pip's second; tests of pip itself say so."""
    installing_with("uv", monkeypatch)
    lock(tmp_path, "tiny", make_wheel(tmp_path))
    return tmp_path


def test_a_layer_holds_the_package_under_python_and_nothing_of_this_machine(root: Path) -> None:
    assert contents(build_tiny(root)) == [
        "python/tiny-1.0.dist-info/METADATA",
        "python/tiny-1.0.dist-info/WHEEL",
        "python/tiny-1.0.dist-info/entry_points.txt",
        "python/tiny/__init__.py",
    ]


def test_two_builds_give_the_same_bytes(root: Path) -> None:
    first, second = build_tiny(root, cache="one"), build_tiny(root, cache="two")
    assert first.path.read_bytes() == second.path.read_bytes()


def test_pip_and_uv_give_the_same_bytes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installing_with("pip", monkeypatch)
    by_pip = build_tiny(root, cache="pip")
    installing_with("uv", monkeypatch)
    assert "pip" not in layers.installer_command(Path("r"), Path("t"), ARM_313)[:3]
    assert build_tiny(root, cache="uv").sha256 == by_pip.sha256


def test_a_built_layer_is_taken_from_the_cache(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build_tiny(root)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("built again"))
    assert build_tiny(root) == first


def test_requirements_runtime_and_architecture_each_have_a_layer_of_their_own(root: Path) -> None:
    paths = {
        build_tiny(root, target=Platform(runtime=runtime, architecture=architecture)).path
        for runtime in ("python3.11", "python3.13")
        for architecture in ("arm64", "x86_64")
    }
    lock(root, "tiny", make_wheel(root, value=2))
    changed = build_tiny(root)
    assert len({*paths, changed.path}) == 5


def test_a_damaged_layer_in_the_cache_is_built_again(root: Path) -> None:
    first = build_tiny(root)
    first.path.write_bytes(first.path.read_bytes()[:100])
    assert build_tiny(root) == first


def test_two_builders_at_once_end_with_one_whole_layer(root: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        built = list(pool.map(lambda _: build_tiny(root), range(2)))
    assert built[0] == built[1]
    assert [path for path in (root / "cache").iterdir() if path.name.startswith(".")] == []


def test_progress_is_told_on_the_callers_own_thread_and_only_when_something_is_built(root: Path) -> None:
    told: list[tuple[str, str]] = []
    build = builder(root, report=lambda line: told.append((threading.current_thread().name, line)))

    build.build(ARM_313, ["tiny"])
    assert {thread for thread, _ in told} == {threading.current_thread().name}
    assert told[0][1].startswith("building Lambda layers tiny for python3.13 on arm64")
    assert told[-1][1] == "built Lambda layer tiny (0.0 MB)"

    told.clear()
    build.build(ARM_313, ["tiny"])
    assert told == []


def test_a_package_with_another_hash_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installing_with("pip", monkeypatch)
    lock(root, "tiny", root / "tiny-1.0-py3-none-any.whl", digest="0" * 64)
    with pytest.raises(LayerBuildError, match="does not have the hash"):
        build_tiny(root)


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_package_without_a_wheel_for_the_target_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str
) -> None:
    installing_with(installer, monkeypatch)
    lock(tmp_path, "tiny", make_wheel(tmp_path, tag="cp313-cp313-manylinux_2_17_x86_64"))
    with pytest.raises(
        LayerBuildError, match="no wheel of a pinned package for this runtime and architecture"
    ):
        build_tiny(tmp_path, target=ARM_313)


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_registry_that_cannot_be_reached_is_named_as_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str
) -> None:
    installing_with(installer, monkeypatch)
    monkeypatch.setenv("PIP_RETRIES", "1")  # pip names the connection only when it tries again
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    lock(tmp_path, "tiny", make_wheel(tmp_path))
    requirements = tmp_path / "layers" / "tiny" / "requirements.txt"
    # Nothing listens on the discard port.
    lines = ["--index-url http://user:secret@127.0.0.1:9/simple", requirements.read_text().splitlines()[2]]
    requirements.write_text("\n".join(lines))
    with pytest.raises(LayerBuildError, match="registry was not reached") as refused:
        build_tiny(tmp_path)
    assert "secret" not in str(refused.value)


def test_an_unknown_layer_is_refused_with_the_known_ones(root: Path) -> None:
    with pytest.raises(LayerBuildError, match="powertools, ulid, sigv4a"):
        builder(root).build(ARM_313, ["other"])


def test_a_machine_without_pip_and_uv_is_told_what_to_install(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(LayerBuildError, match="ensurepip"):
        build_tiny(root)


def test_an_installer_that_hangs_is_stopped(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("pip", 1)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(LayerBuildError, match="could not be built in time"):
        build_tiny(root)


@pytest.mark.parametrize(("runtime", "newest"), [("python3.13", 34), ("python3.12", 34), ("python3.11", 17)])
def test_wheels_may_ask_for_the_glibc_of_the_runtime_and_no_newer_one(runtime: str, newest: int) -> None:
    target = Platform(runtime=runtime, architecture="arm64")
    command = layers.installer_command(Path("requirements.txt"), Path("into"), target)
    platforms = [word for word in command if word.startswith("manylinux_2_")]
    assert platforms[0] == f"manylinux_2_{newest}_aarch64"


def test_code_and_layers_over_lambdas_quota_are_refused_with_their_sizes() -> None:
    def archive(size: int) -> Archive:
        return Archive(path=Path("x.zip"), sha256="00", unzipped_bytes=size)

    half = layers.LAMBDA_UNZIPPED_QUOTA_BYTES // 2
    check_unzipped_size("The function", {"a": archive(half), "b": archive(half)})
    with pytest.raises(PackagingError, match=r"262,144,001 bytes unzipped \(a 131\.1 MB, b 131\.1 MB\)"):
        check_unzipped_size("The function", {"a": archive(half), "b": archive(half + 1)})


def test_the_real_layers_come_from_the_registry_for_the_target(tmp_path: Path) -> None:
    real = LayerBuilder(sources=sources.LAYER_REQUIREMENTS, cache=tmp_path, report=lambda _: None)
    try:
        built = real.build(ARM_313)
    except LayerBuildError as error:
        if "registry was not reached" in str(error):
            print(
                "\nNOT TESTED: the package registry cannot be reached, the real layers were not built.",
                file=sys.stderr,
            )
            pytest.skip("the package registry cannot be reached: the real Lambda layers were NOT built")
        raise
    check_unzipped_size("A function with every layer", built)
    assert {"python/aws_lambda_powertools/__init__.py"} <= set(contents(built["powertools"]))
    assert {"python/ulid/__init__.py"} <= set(contents(built["ulid"]))
    everything = [name for archive in built.values() for name in contents(archive)]
    assert [name for name in everything if name.endswith((".pyc", "/RECORD", "/INSTALLER"))] == []
    assert [name for name in everything if name.startswith("python/bin/")] == []
    with zipfile.ZipFile(built["sigv4a"].path) as opened:
        header = opened.read("python/_awscrt.abi3.so")[:20]
    assert int.from_bytes(header[18:20], "little") == ELF_MACHINES[ARM_313.architecture]
