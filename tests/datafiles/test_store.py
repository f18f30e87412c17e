"""Files on the disk: what is kept of them, and when they are read again."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from typing import TYPE_CHECKING

import pytest

from mlsense.datafiles import Reading, Store, store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = b"a,b\n1,x\n2,y\n"


@pytest.mark.parametrize(
    ("name", "packed"),
    [("a.csv", bytes), ("a.csv.gz", gzip.compress), ("a.csv.bz2", bz2.compress), ("a.csv.xz", lzma.compress)],
)
def test_packed_files_too(tmp_path: Path, name: str, packed: Callable[[bytes], bytes]) -> None:
    (tmp_path / name).write_bytes(packed(TEXT))
    table = Store().table(str(tmp_path / name), Reading())
    assert table is not None
    assert [column.name for column in table.columns] == ["a", "b"]


def test_a_file_that_did_not_change_is_not_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    files = Store()
    first = files.table(str(path), Reading())
    assert first is not None
    other = files.table(str(path), Reading(usecols=("a",)))
    assert other is not None
    assert len(other.columns) == 1
    monkeypatch.setattr(store, "profile", None)
    assert files.table(str(path), Reading()) is first
    monkeypatch.undo()
    path.write_bytes(TEXT + b"3,z\n")
    os.utime(path, ns=(1, 1))
    again = files.table(str(path), Reading())
    assert again is not None
    assert again.rows == 3
    path.unlink()
    assert files.table(str(path), Reading()) is None


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.csv.gz").write_bytes(gzip.compress(TEXT)[:-10])
    (tmp_path / "plain.csv.gz").write_bytes(TEXT)
    (tmp_path / "book.xlsx").write_bytes(TEXT)
    for name in ("broken.csv.gz", "plain.csv.gz", "book.xlsx", ".", "missing.csv", "a\0b.csv"):
        assert Store().table(str(tmp_path / name), Reading()) is None, name


def test_no_more_is_kept_than_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_KEPT", 2)
    files = Store()
    for name in "abc":
        (tmp_path / name).write_bytes(TEXT)
        files.table(str(tmp_path / name), Reading())
    assert len(files._kept) == 2
