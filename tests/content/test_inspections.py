"""What was found in a picture or a font is found again, as long as the same code would find it."""

from pathlib import Path

import grimp
import pytest

from pdfkit_cli.content import inspections
from pdfkit_cli.content.fonts import FaceInspection
from pdfkit_cli.content.inspections import InspectionCache
from pdfkit_cli.content.packaged import PACKAGE

UNDECIDING = frozenset(
    {
        "errors",
        "content.files",
        "content.inspections",
        "content.packaged",
        "content.yaml_pitfalls",
        "content.yaml_source",
    }
)
"""What those modules import to read bytes, to keep results, and to tell of problems."""


def measured(data: bytes) -> FaceInspection:
    """Return the length of a file as the weight of a face; a file of 13 bytes is bad."""
    return FaceInspection("it is bad" if len(data) == 13 else "", len(data))


def unasked(data: bytes) -> FaceInspection:
    raise AssertionError("it is known")


@pytest.fixture(autouse=True)
def new_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    inspections._store.cache_clear()


def test_a_later_command_does_not_look_again() -> None:
    assert InspectionCache("length", measured).inspect(b"four", "a") == FaceInspection("", 4)
    inspections._store.cache_clear()
    assert InspectionCache("length", unasked).inspect(b"four", "a") == FaceInspection("", 4)


def test_each_kind_and_each_file_is_looked_at() -> None:
    InspectionCache("length", measured).inspect(b"four", "a")
    assert InspectionCache("length", measured).inspect(b"three", "b") == FaceInspection("", 5)
    with pytest.raises(AssertionError, match="it is known"):
        InspectionCache("width", unasked).inspect(b"four", "a")


def test_what_is_bad_is_looked_at_again_by_a_later_command() -> None:
    known = InspectionCache("length", measured)
    assert known.inspect(bytes(13), "a") is known.inspect(bytes(13), "a")
    with pytest.raises(AssertionError, match="it is known"):
        InspectionCache("length", unasked).inspect(bytes(13), "a")


@pytest.mark.parametrize("changed", ["code", "library", "python"])
def test_other_code_looks_again(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    InspectionCache("length", measured).inspect(b"four", "a")
    if changed == "code":
        (tmp_path / "geometry.py").write_text("# new")
        monkeypatch.setattr(inspections, "CODE", (*inspections.CODE, str(tmp_path / "geometry.py")))
    elif changed == "library":
        monkeypatch.setattr(inspections, "version", lambda name: "99")
    else:
        monkeypatch.setattr("platform.python_version", lambda: "3.99")
    inspections._store.cache_clear()
    with pytest.raises(AssertionError, match="it is known"):
        InspectionCache("length", unasked).inspect(b"four", "a")


def test_without_a_folder_of_ours_everything_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert InspectionCache("length", measured).inspect(b"four", "a") == FaceInspection("", 4)


def test_the_digest_is_of_all_code_that_decides() -> None:
    graph = grimp.build_graph("pdfkit_cli")
    inspecting = {"pdfkit_cli.content.pictures", "pdfkit_cli.content.fonts"}
    used = inspecting.union(*(graph.find_upstream_modules(module) for module in inspecting))
    names = {module.removeprefix("pdfkit_cli.") for module in used}
    files = {name: f"{name.replace('.', '/')}.py" for name in names - UNDECIDING if not name.startswith("system.")}
    left_out = {name for name, file in files.items() if not file.startswith(inspections.CODE)}
    assert left_out == set()
    assert all((PACKAGE / part).exists() for part in inspections.CODE)
