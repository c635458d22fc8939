"""What was found in a file, or between two texts, is found again, as long as the same code would find it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import grimp
import pytest

from pdfkit_cli.content import inspections, loader, translations
from pdfkit_cli.content.fonts import FaceInspection
from pdfkit_cli.content.inspections import ResultCache
from pdfkit_cli.content.languages.numbers import Numbers
from pdfkit_cli.content.library import Translation
from pdfkit_cli.content.packaged import PACKAGE
from pdfkit_cli.content.translations import DifferingNumbers
from tests.helpers import translated_library
from tests.helpers.tiny_library import TinyLibrary

LENGTHS = "length"


def length(data: bytes) -> Callable[[], FaceInspection]:
    """Return the length of a file as the weight of a face; a file of 13 bytes is bad."""
    return lambda: FaceInspection("it is bad" if len(data) == 13 else "", len(data))


def unasked() -> FaceInspection:
    raise AssertionError("it is known")


def later(kind: str = LENGTHS) -> ResultCache[FaceInspection]:
    """Return the results of a later command."""
    inspections._store.cache_clear()
    return ResultCache(kind, lambda face: not face.problem)


@pytest.fixture(autouse=True)
def new_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_later_command_does_not_look_again() -> None:
    assert later().get("a", length(b"four")) == FaceInspection("", 4)
    assert later().get("a", unasked) == FaceInspection("", 4)


def test_each_kind_and_each_file_is_looked_at() -> None:
    later().get("a", length(b"four"))
    assert later().get("b", length(b"three")) == FaceInspection("", 5)
    with pytest.raises(AssertionError, match="it is known"):
        later("width").get("a", unasked)


def test_what_is_bad_is_looked_at_again_by_a_later_command() -> None:
    known = later()
    assert known.get("a", length(bytes(13))) is known.get("a", unasked)
    with pytest.raises(AssertionError, match="it is known"):
        later().get("a", unasked)


@pytest.mark.parametrize("changed", ["code", "library", "python"])
def test_other_code_looks_again(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later().get("a", length(b"four"))
    if changed == "code":
        (tmp_path / "geometry.py").write_text("# new")
        monkeypatch.setattr(inspections, "CODE", (*inspections.CODE, str(tmp_path / "geometry.py")))
    elif changed == "library":
        monkeypatch.setattr(inspections, "library_version", lambda name: "99")
    else:
        monkeypatch.setattr("platform.python_version", lambda: "3.99")
    with pytest.raises(AssertionError, match="it is known"):
        later().get("a", unasked)


def test_without_a_folder_of_ours_everything_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert later().get("a", length(b"four")) == FaceInspection("", 4)


def test_the_digest_is_of_all_code_that_decides() -> None:
    graph = grimp.build_graph("pdfkit_cli")
    finding = {f"pdfkit_cli.content.{name}" for name in ("fonts", "pictures", "translations", "languages.typography")}
    used = finding.union(*(graph.find_upstream_modules(module) for module in finding))
    names = {module.removeprefix("pdfkit_cli.") for module in used} - {"errors"}
    files = {f"{name.replace('.', '/')}.py" for name in names if not name.startswith("system.")}
    assert {file for file in files if not file.startswith(inspections.CODE)} == set()
    assert all((PACKAGE / part).exists() for part in inspections.CODE)


def test_numbers_are_compared_again_in_other_words(library: TinyLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later command finds what an earlier one found between the same texts, and compares texts that are new."""
    translated_library.write(library)

    def differing() -> DifferingNumbers:
        inspections._store.cache_clear()
        monkeypatch.setattr(translations, "_differing", ResultCache[DifferingNumbers]("numbers"))
        texts = loader.load_library(library.root).leaflets["first"].translations
        return translations.differing_numbers(texts["en"], texts["da"])

    def compared(ours: Translation, theirs: Translation) -> Iterator[tuple[int, Numbers, Numbers]]:
        raise AssertionError("they are known")

    assert differing() == ()
    compare = translations._compare_numbers
    monkeypatch.setattr(translations, "_compare_numbers", compared)
    assert differing() == ()
    library.write("content/first/en.md", library.read("content/first/en.md") + "\nTake 2 tablets.\n")
    library.write("content/first/da.md", library.read("content/first/da.md") + "\nTag 3 tabletter.\n")
    with pytest.raises(AssertionError, match="they are known"):
        differing()
    monkeypatch.setattr(translations, "_compare_numbers", compare)
    assert [(mine, wanted) for _, mine, wanted in differing()] == [(("2",), ("3",))]
