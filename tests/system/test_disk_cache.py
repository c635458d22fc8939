"""What is made once is found again, whole or not at all."""

import os
from pathlib import Path

import pytest

from pdfkit_cli.system.disk_cache import DiskCache, prune_cache


def test_what_is_put_is_found_by_another(tmp_path: Path) -> None:
    DiskCache(tmp_path).put("body", ("a", b"b", 1.0))
    assert DiskCache(tmp_path).get("body") == ("a", b"b", 1.0)
    assert DiskCache(tmp_path).get("other") is None
    assert [path.name for path in tmp_path.iterdir()] == ["body"]


@pytest.mark.parametrize(
    "harm", [lambda data: data[:-1], lambda data: data[:20], lambda data: b"", lambda data: data[:-1] + b"x"]
)
def test_what_is_not_whole_is_not_there(tmp_path: Path, harm: object) -> None:
    store = DiskCache(tmp_path)
    store.put("body", "text")
    (tmp_path / "body").write_bytes(harm((tmp_path / "body").read_bytes()))  # type: ignore[operator]
    assert store.get("body") is None
    store.put("body", "text")
    assert store.get("body") == "text"


def test_a_file_under_the_name_of_another_is_not_there(tmp_path: Path) -> None:
    store = DiskCache(tmp_path)
    names = ("body-en", "body-da", "slots-a", "read-a", "a")
    for name in names:
        store.put(name, f"what {name} says")
    whole = {name: (tmp_path / name).read_bytes() for name in names}
    for here in names:
        for there in names:
            (tmp_path / there).write_bytes(whole[here])
            assert store.get(there) == (f"what {here} says" if there == here else None)


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    for store in (DiskCache(None), DiskCache(tmp_path / "gone")):
        store.put("body", "text")
        assert store.get("body") is None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    store = DiskCache(tmp_path)
    for age, name in enumerate("abcd"):
        store.put(name, bytes(1000))
        os.utime(tmp_path / name, (1000 + age, 1000 + age))
    store.get("a")
    prune_cache(tmp_path, 2500)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "d"]
    prune_cache(tmp_path, 2500)
    assert len(list(tmp_path.iterdir())) == 2
