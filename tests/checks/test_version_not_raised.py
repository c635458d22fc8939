"""An approved text keeps its version only while it says the same."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.output.manifest import Manifest, ManifestEntry
from tests.helpers import check_runner
from tests.helpers.tiny_library import LOGO, TinyLibrary
from tests.helpers.translated_library import write

YAML = "content/first/leaflet.yaml"
APPROVED = "status: approved\nreviewed: 2026-01-31\nreview_by: 2028-01-31"


@pytest.fixture
def approved(library: TinyLibrary) -> TinyLibrary:
    library.replace(YAML, "status: draft", APPROVED)
    write(library)
    return library


def published(library: TinyLibrary, **changes: str) -> Manifest:
    """Return the manifest of a build of the library as it is."""
    leaflet = loader.load_library(library.root).leaflets["first"]
    files = {}
    for language, text in leaflet.translations.items():
        entry = ManifestEntry(
            clinic="north", leaflet="first", language=language, variant="full", format="a4", id="T-1",
            version=leaflet.model.version, status=str(leaflet.model.status), digest="", title="", pages=1, key="",
            inputs=(), sha256="", bytes=0, mtime_ns=0, text=text.text_digest,
        )  # fmt: skip
        files[f"north/first.{language}.a4.pdf"] = replace(entry, **changes)  # type: ignore[arg-type]
    return Manifest(files)


def said(library: TinyLibrary, manifest: Manifest) -> list[str]:
    return check_runner.said(library, "version-not-raised", published=manifest)


def change(library: TinyLibrary) -> None:
    library.replace("content/first/da.md", "kl. 8", "kl. 9")


def test_other_words_need_another_version(approved: TinyLibrary) -> None:
    manifest = published(approved)
    assert said(approved, manifest) == []
    change(approved)
    assert said(approved, manifest) == [
        f"{YAML}:2:1: error: the text changed (da) since version 0.1 was published; raise “version” and set “date” [version-not-raised]"
    ]
    approved.replace("content/first/en.md", "at 8", "at 9")
    assert "(da, en)" in said(approved, manifest)[0]
    approved.replace(YAML, '"0.1"', '"0.2"')
    assert said(approved, manifest) == []


@pytest.mark.parametrize(
    ("before", "after", "fires"),
    [("1.9", "1.10", False), ("1.10", "1.9", True), ("1.0", "1", True), ("1", "1.0.1", False)],
)
def test_a_version_is_raised_number_by_number(approved: TinyLibrary, before: str, after: str, fires: bool) -> None:
    approved.replace(YAML, '"0.1"', f'"{before}"')
    manifest = published(approved)
    change(approved)
    approved.replace(YAML, f'"{before}"', f'"{after}"')
    assert bool(said(approved, manifest)) is fires


@pytest.mark.parametrize(
    "harmless",
    [
        lambda library: library.replace(YAML, "status:", "# a comment\nstatus:"),
        lambda library: library.replace("content/first/da.md", "title:", "# a comment\ntitle:"),
        lambda library: library.replace("content/first/da.md", "møde kl. 8", "\n**møde** kl. 8"),
        lambda library: library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01"),
        lambda library: write(library, language="sv"),
        lambda library: (library.root / "content/first/en.md").unlink(),
    ],
)
def test_what_is_no_change_of_the_text(approved: TinyLibrary, harmless: Callable[[TinyLibrary], object]) -> None:
    manifest = published(approved)
    harmless(approved)
    assert said(approved, manifest) == []


def test_another_picture_is_another_text(approved: TinyLibrary) -> None:
    approved.write("content/first/images/foot.svg", LOGO)
    approved.body("![En fod](images/foot.svg)\n")
    manifest = published(approved)
    approved.write("content/first/images/foot.svg", LOGO.replace("#24506b", "#000000"))
    assert len(said(approved, manifest)) == 1


def test_a_draft_may_change(library: TinyLibrary) -> None:
    write(library)
    manifest = published(library)
    change(library)
    assert said(library, manifest) == []
    library.replace(YAML, "status: draft", APPROVED)
    assert said(library, manifest) == []  # what was published was a draft


def test_an_old_manifest_knows_no_text(approved: TinyLibrary) -> None:
    change(approved)
    assert said(approved, published(approved, text="")) == []


def test_an_unfinished_build_was_published_too(approved: TinyLibrary) -> None:
    manifest = Manifest(pending={**published(approved).files})
    change(approved)
    assert len(said(approved, manifest)) == 1


def test_a_text_that_was_let_pass_is_known(approved: TinyLibrary) -> None:
    """The short variant of a leaflet may not have changed, and keeps its entry."""
    manifest = published(approved)
    change(approved)
    for path, entry in published(approved).files.items():
        manifest.files[f"south/{path}"] = entry
    assert said(approved, manifest) == []
