import os
import zipfile
from pathlib import Path

import pytest

from components.app.functions import order_functions_archive
from components.errors import PackagingError
from components.packing.packaging import (
    Archive,
    describe_archive,
    python_members,
    tree_members,
    write_archive,
    write_named_archive,
)


def package(root: Path, *, reverse: bool = False) -> Path:
    """A small package; its files are made in one order or the other."""
    files = {"a.py": "A = 1\n", "b.py": "B = 2\n", "deep/c.py": "C = 3\n", "notes.txt": "no code\n"}
    for path in sorted(files, reverse=reverse):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(files[path])
    return root


def names(archive: Archive) -> list[str]:
    with zipfile.ZipFile(archive.path) as opened:
        return opened.namelist()


def test_the_same_files_give_the_same_bytes_whatever_their_dates_modes_and_order(tmp_path: Path) -> None:
    first = package(tmp_path / "first")
    second = package(tmp_path / "second", reverse=True)
    os.utime(second / "a.py", (1, 1))
    (second / "b.py").chmod(0o700)

    one = write_archive(tmp_path / "one.zip", tree_members(first, prefix="p"))
    two = write_archive(tmp_path / "two.zip", tree_members(second, prefix="p"))

    assert one.path.read_bytes() == two.path.read_bytes()
    assert one.sha256 == two.sha256


def test_the_order_of_the_members_does_not_matter(tmp_path: Path) -> None:
    members = sorted(python_members(package(tmp_path / "p"), prefix="p"), key=lambda member: member.path)
    forwards = write_archive(tmp_path / "one.zip", members)
    backwards = write_archive(tmp_path / "two.zip", reversed(members))
    assert forwards.sha256 == backwards.sha256


def test_the_bytes_are_those_that_any_python_writes(tmp_path: Path) -> None:
    """Fixed, since the archive of one machine must be the archive of every other."""
    archive = write_archive(tmp_path / "x.zip", python_members(package(tmp_path / "p"), prefix="orders"))
    assert archive.sha256 == "584dc24a9a2d2263899c62548a252cc85c8d71f83adee383abc369e201c4a6df"


def test_a_changed_file_changes_the_hash_and_the_name(tmp_path: Path) -> None:
    root = package(tmp_path / "p")
    before = write_named_archive(tmp_path, "orders", python_members(root, prefix="orders"))
    (root / "b.py").write_text("B = 3\n")
    after = write_named_archive(tmp_path, "orders", python_members(root, prefix="orders"))

    assert before.sha256 != after.sha256
    assert before.path != after.path
    assert before.path.exists()


def test_a_renamed_file_changes_the_hash(tmp_path: Path) -> None:
    root = package(tmp_path / "p")
    before = write_archive(tmp_path / "x.zip", python_members(root, prefix="orders"))
    (root / "b.py").rename(root / "z.py")
    after = write_archive(tmp_path / "x.zip", python_members(root, prefix="orders"))
    assert before.sha256 != after.sha256


def test_only_python_sources_get_in_and_no_compiled_ones(tmp_path: Path) -> None:
    root = package(tmp_path / "p")
    for stray in ("__pycache__/a.cpython-311.pyc", "__pycache__/odd.py", ".DS_Store"):
        (root / stray).parent.mkdir(exist_ok=True)
        (root / stray).write_text("stray")
    archive = write_archive(tmp_path / "x.zip", python_members(root, prefix="orders"))
    assert names(archive) == ["orders/a.py", "orders/b.py", "orders/deep/c.py"]


def test_entries_are_stored_and_readable_by_everybody(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "x.zip", tree_members(package(tmp_path / "p"), prefix="p"))
    with zipfile.ZipFile(archive.path) as opened:
        entries = opened.infolist()
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_an_archive_knows_its_unzipped_size_and_lambdas_form_of_its_hash(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "x.zip", python_members(package(tmp_path / "p"), prefix="orders"))
    assert archive.unzipped_bytes == len("A = 1\n") * 3
    assert len(archive.base64_sha256) == 44
    assert describe_archive(archive.path) == archive


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match="nothing to pack for 'orders'"):
        python_members(tmp_path, prefix="orders")


def test_a_damaged_zip_is_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(PackagingError, match=r"broken\.zip is not a whole zip"):
        describe_archive(broken)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    root = package(tmp_path / "p")
    members = python_members(root, prefix="orders")
    (root / "b.py").unlink()
    with pytest.raises(FileNotFoundError):
        write_archive(tmp_path / "out" / "x.zip", members)
    assert list((tmp_path / "out").iterdir()) == []


def test_the_archive_of_the_order_functions_holds_their_package_and_nothing_else() -> None:
    contents = names(order_functions_archive())
    assert {name.split("/")[0] for name in contents} == {"orders"}
    assert {Path(name).suffix for name in contents} == {".py"}
    assert "orders/contract.py" in contents
