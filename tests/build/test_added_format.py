"""A format is one folder: a new one is listed, shown, built and packed under its own name, and no code knows it."""

import json
import shutil
from pathlib import Path

import pytest

from pdfkit_cli.build import output_folder, pipeline
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.cli.library import list_
from pdfkit_cli.content.models import Format
from pdfkit_cli.content.packaged import PACKAGE, packaged_folder
from pdfkit_cli.desk.cards import clinic_card, printing_instructions
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.output.catalogue.builder import catalogue_pages
from pdfkit_cli.packs.selection import EnclosureRequest, channel_formats, make_enclosure, select_enclosures
from tests.helpers.check_runner import DAY
from tests.helpers.tiny_library import TinyLibrary

CARD = """\
name: A6 card
title: {da: Kort, en: Card}
order: 15
office_printer: false
purpose: {da: Til kortmaskinen., en: For the card machine.}
channels: [paper]
css: [a5/a5.css]
imposition: saddle-stitch
"""


@pytest.fixture
def layouts(tmp_path: Path) -> Path:
    """The packaged layouts with one format more."""
    folder = tmp_path / "layouts"
    shutil.copytree(packaged_folder("layouts"), folder)
    (folder / "formats/card").mkdir()
    (folder / "formats/card/format.yaml").write_text(CARD, "utf-8")
    return folder


@pytest.fixture
def request_(library: TinyLibrary, layouts: Path, tmp_path: Path) -> BuildRequest:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a5, card, a4]")
    return BuildRequest(library.root, tmp_path / "out", layouts=layouts, as_of=DAY)


def test_it_is_listed(
    request_: BuildRequest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pdfkit_cli.content.packaged.packaged_folder", lambda folder: request_.layouts)
    list_(request_.library)
    assert "formats: a4 (A4), card (Card), a5 (A5)\n" in capsys.readouterr().out
    list_(request_.library, as_json=True)
    assert json.loads(capsys.readouterr().out)[0]["formats"] == ["a4", "card", "a5"]


def test_it_is_at_the_desk(request_: BuildRequest) -> None:
    state = LibraryState(request_)
    assert state.refresh()
    shown = clinic_card(state.now, "north", "first", {}, DAY)
    assert shown
    assert [file.format for file in shown.files] == ["a4", "card", "a5"]
    card = shown.files[1]
    assert card.form
    assert (card.here, card.form.title_in("da"), card.form.title_in("sv")) == (False, "Kort", "Card")
    assert printing_instructions(card.form, Translator("en")) == "For the card machine. Save it, or add it to a letter."


def test_it_is_in_the_catalogue_and_in_packs(request_: BuildRequest, tmp_path: Path) -> None:
    built = pipeline.build(request_)
    assert not built.failed
    project = pipeline.open_project(request_)
    published = output_folder.read_manifest(request_.out).files
    pages = dict(catalogue_pages(project.library, project.layouts, published, request_.out, tmp_path / "thumbnails"))
    data = json.loads(pages["index.html"].decode().split('id="data">')[1].split("</script>")[0])
    assert data["formats"]["card"] == {
        "title": {"da": "Kort", "sv": "Card", "en": "Card"},
        "purpose": {"da": "Til kortmaskinen.", "sv": "For the card machine.", "en": "For the card machine."},
        "how": "away",
    }
    assert [file["format"] for file in data["leaflets"][0]["files"] if file["clinic"] == "north"] == [
        "a4",
        "card",
        "a5",
    ]
    assert channel_formats(project, "paper") == ("card", "remote-print", "a4", "a4-columns")
    (chosen,) = select_enclosures(project, EnclosureRequest(("first",), "north")).output_keys
    assert chosen.format == "card"
    assert make_enclosure(request_, project, chosen, published[chosen.path]).folded


WORDS: list[tuple[str, str, bool]] = [
    ("title: {da: Kort,", "title: {da: Bogmærke,", True),
    ("order: 15", "order: 99", True),
    ("office_printer: false", "office_printer: true", True),
    ("For the card machine", "For another machine", True),
    ("channels: [paper]", "channels: [digital]\non_request: true", True),
    ("channels: [paper]", "channels: []\ntext: {measure: 118, size: 12, narrow: true}", True),
    ("saddle-stitch", "none", False),
    ("css:", "duplex: short-edge\ncss:", False),
    ("css:", "qr: false\ncss:", False),
]


@pytest.mark.parametrize(("old", "new", "same"), WORDS)
def test_only_what_changes_bytes_is_in_the_keys(request_: BuildRequest, old: str, new: str, same: bool) -> None:
    def keys() -> tuple[object, object]:
        project = pipeline.open_project(request_)
        chosen = next(key for key in project.output_keys() if key.format == "card")
        return project.draw(chosen).key, project.register.of(chosen)

    before = keys()
    file = request_.layouts / "formats/card/format.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    assert all((one == other) is same for one, other in zip(before, keys(), strict=True))


def test_every_field_is_in_the_keys_or_describes() -> None:
    """A field that is added must be put on one side or the other, above and in `_DESCRIPTIVE_FIELDS`."""
    described = {"title", "order", "office_printer", "purpose", "channels", "on_request", "text", "bilingual"}
    keyed = {
        "name",
        "css",
        "extract",
        "page",
        "duplex",
        "imposition",
        "pages_per_sheet",
        "columns",
        "grows",
        "cover",
        "bleed",
    }
    keyed |= {"colours", "transparency", "qr", "preflight"}
    assert set(Format.model_fields) == described | keyed
    assert set(json.loads(Format(name="x", css=("a.css",)).render_key)) == keyed


@pytest.mark.parametrize("suffix", [".py", ".html", ".js", ".yaml", ".css"])
def test_no_code_knows_a_format_by_name(suffix: str) -> None:
    names = [path.name for path in (packaged_folder("layouts") / "formats").iterdir() if "-" in path.name]
    assert len(names) > 3
    for path in Path(PACKAGE).rglob(f"*{suffix}"):
        text = path.read_text("utf-8")
        assert not [name for name in names if name in text], path
