"""The catalogue without a server: what its pages hold, and when they are written."""

import html
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from fontTools.ttLib import TTFont

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.content import loader, yaml_source
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.models import Appointments
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.output import published_file
from pdfkit_cli.output.catalogue import builder, cards
from pdfkit_cli.output.catalogue.cards import LeafletCard, LeafletState
from pdfkit_cli.output.catalogue.page import HERE, PAGE_LANGUAGES
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.pdf import thumbnails
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers.conforming_pdf import good
from tests.helpers.tiny_library import TinyLibrary

PDF = good()
LAYOUTS = Layouts(packaged_folder("layouts"), packaged_folder("fonts"))
FORMATS = LAYOUTS.formats


def entry(clinic: str, language: str = "da", format_name: str = "a4", **changes: Any) -> ManifestEntry:
    return replace(
        ManifestEntry(
            clinic=clinic, leaflet="first", language=language, variant="full", format=format_name, id="T-1", version="0.1",
            status="draft", digest="0", title="En titel", pages=3, key="k", inputs=("g",), sha256=yaml_source.sha256_hex(PDF), bytes=len(PDF), mtime_ns=0,
        ),
        **changes,
    )  # fmt: skip


def path(one: ManifestEntry) -> str:
    return f"{one.clinic}/{one.leaflet}.{one.language}.{one.format}.pdf"


def files(*entries: ManifestEntry) -> dict[str, ManifestEntry]:
    return {path(one): one for one in entries}


def made(library: TinyLibrary, published: Mapping[str, ManifestEntry], out: Path) -> dict[str, bytes]:
    """Return the pages of an output folder with these PDFs."""
    for name in published:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(PDF)
    loaded = loader.load_library(library.root)
    return dict(builder.catalogue_pages(loaded, LAYOUTS, published, out, out / ".pdfkit" / "thumbnails"))


def data(page: bytes) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.decode(), re.DOTALL)
    assert found
    loaded: dict[str, Any] = json.loads(found[1])
    return loaded


def found(library: TinyLibrary, published: Mapping[str, ManifestEntry]) -> tuple[LeafletCard, ...]:
    return cards.catalogue_cards(loader.load_library(library.root), Appointments({}), published, FORMATS)


@pytest.fixture
def published() -> dict[str, ManifestEntry]:
    return files(entry("north"), entry("north", format_name="a5"), entry("south"))


def test_a_card_says_what_stands_on_paper(library: TinyLibrary) -> None:
    (card,) = found(library, files(entry("north", version="0.0", status="approved")))
    assert (card.version, card.files[0].version, card.files[0].draft) == ("0.1", "0.0", False)


def test_formats_stand_in_the_order_that_one_asks_for_them(library: TinyLibrary) -> None:
    names = ("remote-print", "a5", "a5-booklet", "a4-large", "a4")
    (card,) = found(library, files(*(entry("north", format_name=name) for name in names)))
    assert [file.format for file in card.files] == ["a4", "a4-large", "a5-booklet", "a5", "remote-print"]


def test_a_translation_has_its_labels(library: TinyLibrary) -> None:
    library.write("content/first/sv.md", library.read("content/first/da.md"))
    (card,) = found(library, files(entry("north")))
    assert card.labels == {"sv": ("unreviewed",)}
    library.replace("content/first/sv.md", "title:", "translation: reviewed\ntitle:")
    (card,) = found(library, files(entry("north")))
    assert card.labels == {}


def test_the_cover_is_in_the_language_asked_for_or_that_of_the_source(library: TinyLibrary) -> None:
    (card,) = found(
        library, files(entry("north", "ar"), entry("north", "da", "a5"), entry("north", "da"), entry("north", "sv"))
    )
    covers = {language: card.cover(language) for language in ("sv", "en")}
    assert {language: cover and cover.path for language, cover in covers.items()} == {
        "sv": "north/first.sv.a4.pdf",
        "en": "north/first.da.a4.pdf",
    }


@pytest.mark.parametrize(
    ("line", "withdrawn"), [("status: withdrawn", True), ("status: draft\nsuperseded_by: second", False)]
)
def test_what_is_out_of_use_is_there_without_files(library: TinyLibrary, line: str, withdrawn: bool) -> None:
    library.replace("content/first/leaflet.yaml", "status: draft", line)
    (card,) = found(library, files(entry("north")))
    assert (card.files, card.state is LeafletState.WITHDRAWN, card.successor) == (
        (),
        withdrawn,
        "" if withdrawn else "second",
    )
    assert cards.cards_of_clinic([card], "north") == (
        replace(card, entry=replace(card.entry, clinics=frozenset({"north"}))),
    )


def test_a_leaflet_that_is_not_built_yet_is_not_there(library: TinyLibrary) -> None:
    assert found(library, {}) == ()


def test_a_leaflet_that_cannot_be_read_has_the_title_of_its_pdfs(library: TinyLibrary) -> None:
    library.write("content/first/leaflet.yaml", "no: leaflet\n")
    (card,) = found(library, files(entry("north"), entry("south")))
    assert (card.entry.id, card.entry.texts[0].title, sorted(card.entry.clinics)) == (
        "T-1",
        "En titel",
        ["north", "south"],
    )


def test_a_clinic_has_its_own_files_and_codes(library: TinyLibrary, published: dict[str, ManifestEntry]) -> None:
    library.write("appointments.yaml", "north: {KX1: {leaflets: [first]}}\nsouth: {KX2: {leaflets: [T-1]}}\n")
    pages = made(library, published, library.root.parent / "dist")
    (leaflet,) = data(pages["south/index.html"])["leaflets"]
    assert ([file["path"] for file in leaflet["files"]], leaflet["codes"]) == (["first.da.a4.pdf"], [["south", "KX2"]])
    (leaflet,) = data(pages["index.html"])["leaflets"]
    assert [file["path"] for file in leaflet["files"]] == sorted(published)


def test_appointments_with_a_mistake_are_left_out(library: TinyLibrary, published: dict[str, ManifestEntry]) -> None:
    library.write("appointments.yaml", "north: 7\n")
    assert data(made(library, published, library.root.parent / "dist")["index.html"])["leaflets"][0]["codes"] == []


def test_the_same_bytes_cold_and_warm_and_in_any_order(
    library: TinyLibrary, published: dict[str, ManifestEntry]
) -> None:
    out = library.root.parent / "dist"
    cold = made(library, published, out)
    assert sorted(cold) == ["index.html", "north/index.html", "south/index.html"]
    assert made(library, dict(reversed(published.items())), out) == cold
    touched = {name: replace(one, mtime_ns=7) for name, one in published.items()}
    assert made(library, touched, library.root.parent / "other") == cold


def test_nothing_is_fetched_and_nothing_but_our_own_script_runs(
    library: TinyLibrary, published: dict[str, ManifestEntry]
) -> None:
    library.write("content/first/leaflet.yaml", "no: leaflet\n")
    evil = {name: replace(one, title="</script><script>alert(1)</script><!--") for name, one in published.items()}
    for page in made(library, evil, library.root.parent / "dist").values():
        text = html.unescape(page.decode())
        assert "default-src 'none'" in text
        assert page.decode().count("</script>") == 2
        assert not re.findall(r"""(?:src|href)=["'](?!data:|#)|url\((?!data:)|https?://(?!www\.w3\.org/)""", text)


def test_the_look_is_shared_with_the_desk_and_its_pages_are_not(
    library: TinyLibrary, published: dict[str, ManifestEntry]
) -> None:
    text = made(library, published, library.root.parent / "dist")["index.html"].decode()
    own = (HERE / "static" / "catalogue.css").read_text("utf-8")
    assert [text.count(each) for each in ("@layer reset {", "@layer base {", "@layer parts {", own)] == [1, 1, 1, 1]
    assert text.count("@layer pages {") == 1


@pytest.fixture
def _labels_for_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an entry have any word for the SHA-256 of its PDF."""
    monkeypatch.setattr(published_file, "read_verified", lambda path, sha256: path.read_bytes())


@pytest.mark.parametrize("harm", [lambda data: b"", lambda data: data[:-1], lambda data: data[:50] + b"x" + data[51:]])
def test_a_damaged_thumbnail_is_made_again(
    library: TinyLibrary, published: dict[str, ManifestEntry], harm: Callable[[bytes], bytes]
) -> None:
    out = library.root.parent / "dist"
    pages = made(library, published, out)
    for kept in (out / ".pdfkit/thumbnails").iterdir():
        kept.write_bytes(harm(kept.read_bytes()))
    assert made(library, published, out) == pages


def test_no_thumbnail_is_made_of_a_damaged_pdf(library: TinyLibrary, published: dict[str, ManifestEntry]) -> None:
    """Or it would be kept under the digest of the whole one."""
    out = library.root.parent / "dist"
    pages = made(library, published, out)
    shutil.rmtree(out / ".pdfkit/thumbnails")
    whole = {path: (out / path).read_bytes() for path in published}
    for path, data_of in whole.items():
        (out / path).write_bytes(data_of.replace(b"%PDF-1.", b"%PDF-2."))
    loaded, layouts = loader.load_library(library.root), Layouts(packaged_folder("layouts"), packaged_folder("fonts"))
    kept = out / ".pdfkit/thumbnails"
    assert dict(builder.catalogue_pages(loaded, layouts, published, out, kept)) != pages
    for path, data_of in whole.items():
        (out / path).write_bytes(data_of)
    assert dict(builder.catalogue_pages(loaded, layouts, published, out, kept)) == pages


@pytest.mark.usefixtures("_labels_for_digests")
def test_a_thumbnail_is_made_once_and_forgotten_with_its_pdf(
    library: TinyLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, asked, real = library.root.parent / "dist", list[bytes](), thumbnails.render_thumbnail

    def counted(pdf: bytes, *, body: bool) -> bytes:
        assert not body
        asked.append(pdf)
        return real(pdf)

    monkeypatch.setattr(thumbnails, "render_thumbnail", counted)
    both = files(entry("north", sha256="a"), entry("south", sha256="b"))
    first = made(library, both, out)
    assert (made(library, both, out), len(asked)) == (first, 2)
    assert data(first["north/index.html"])["leaflets"][0]["cover"].startswith("data:image/webp;base64,UklG")
    assert len(list((out / ".pdfkit/thumbnails").iterdir())) == 2
    made(library, files(entry("north", sha256="a")), out)
    assert len(list((out / ".pdfkit/thumbnails").iterdir())) == 1


@pytest.mark.usefixtures("_labels_for_digests")
def test_pdfs_with_the_same_body_have_the_first_ones_thumbnail(
    library: TinyLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, asked = library.root.parent / "dist", list[bool]()

    def counted(pdf: bytes, *, body: bool) -> bytes:
        asked.append(body)
        return b"%d" % len(asked)

    monkeypatch.setattr(thumbnails, "render_thumbnail", counted)
    shared = files(entry("south", sha256="b", body="one"), entry("north", sha256="a", body="one"))
    pages = made(library, shared, out)
    covers = {name: data(page)["leaflets"][0]["cover"] for name, page in pages.items()}
    assert (asked, len(set(covers.values()))) == ([True], 1)
    assert made(library, files(*reversed(shared.values())), out) == pages
    made(library, files(entry("north", sha256="a", body="one"), entry("south", sha256="b", body="other")), out)
    assert asked == [True, True]  # north's picture is kept
    made(library, files(entry("north", sha256="a"), entry("south", sha256="b")), out)
    assert asked == [True, True, False, False]
    (out / path(entry("north"))).unlink()
    loaded, layouts = loader.load_library(library.root), Layouts(packaged_folder("layouts"), packaged_folder("fonts"))
    pages = dict(builder.catalogue_pages(loaded, layouts, shared, out, out / "empty"))
    assert data(pages["south/index.html"])["leaflets"][0]["cover"]
    del asked[4:]
    booklets = [entry(clinic, sha256=clinic, format_name="a5-booklet", body="two") for clinic in ("north", "south")]
    made(library, files(*booklets), out)
    assert asked[4:] == [False, False]  # pages on a sheet cannot be told from slots


def test_a_pdf_without_a_picture_is_in_the_catalogue(library: TinyLibrary, published: dict[str, ManifestEntry]) -> None:
    out = library.root.parent / "dist"
    made(library, published, out)
    for name in published:
        (out / name).write_bytes(b"not a PDF")
    other = {name: replace(one, sha256="t") for name, one in published.items()}
    loaded = loader.load_library(library.root)
    layouts = Layouts(packaged_folder("layouts"), packaged_folder("fonts"))
    page = dict(builder.catalogue_pages(loaded, layouts, other, out, out / "kept"))["index.html"]
    assert data(page)["leaflets"][0]["cover"] == ""


def test_the_days_of_the_warning_are_those_of_the_library(
    library: TinyLibrary, published: dict[str, ManifestEntry]
) -> None:
    library.write("library.yaml", library.read("library.yaml") + "checks: {review_soon: 30}\n")
    assert data(made(library, published, library.root.parent / "dist")["index.html"])["soon"] == 30


@pytest.fixture
def output(tmp_path: Path) -> Path:
    with OutputFolder(tmp_path / "dist") as output:
        output.pages(("index.html", "north/index.html"), [("index.html", b"all"), ("north/index.html", b"north")])
    return tmp_path / "dist"


def test_pages_are_listed_and_there(output: Path) -> None:
    assert (output / "north/index.html").read_bytes() == b"north"
    assert output_folder.read_manifest(output).pages == ("index.html", "north/index.html")
    assert output_folder.read_manifest(output).owned == set()


def test_a_page_is_only_written_where_it_changed(output: Path) -> None:
    for name in ("index.html", "north/index.html", "manifest.json"):
        os.utime(output / name, ns=(1, 1))
    with OutputFolder(output) as again:
        again.pages(("index.html", "north/index.html"), [("index.html", b"all"), ("north/index.html", b"new")])
    times = {
        name: (output / name).stat().st_mtime_ns == 1 for name in ("index.html", "north/index.html", "manifest.json")
    }
    assert times == {"index.html": True, "north/index.html": False, "manifest.json": True}


def test_only_pages_that_the_manifest_lists_are_removed(output: Path) -> None:
    (output / "mine").mkdir()
    (output / "mine/index.html").write_text("mine")
    with OutputFolder(output) as again:
        again.pages(("index.html",), [("index.html", b"all")])
    assert not (output / "north").exists()
    assert (output / "mine/index.html").read_text() == "mine"
    assert output_folder.read_manifest(output).pages == ("index.html",)


def test_killed_between_two_pages(output: Path) -> None:
    def dying() -> Any:
        yield "index.html", b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), OutputFolder(output) as again:
        again.pages(("index.html", "south/index.html"), dying())
    assert output_folder.read_manifest(output).pages == ("index.html", "north/index.html", "south/index.html")
    with OutputFolder(output) as again:
        again.pages(("index.html",), [("index.html", b"new")])
    assert not (output / "north").exists()


def phrases(language: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HERE / "phrases" / f"{language}.yaml").read_text("utf-8"))
    return loaded


def fields(phrase: Any) -> Any:
    if isinstance(phrase, dict):
        return {key: fields(value) for key, value in phrase.items() if key != "one"}
    return sorted(re.findall(r"\{\w+\}", phrase))


def test_every_language_has_every_phrase_with_its_fields() -> None:
    shapes = [{key: fields(phrase) for key, phrase in phrases(language).items()} for language in PAGE_LANGUAGES]
    assert shapes[0] == shapes[1] == shapes[2]


def test_every_phrase_is_said() -> None:
    said = "".join((HERE / name).read_text("utf-8") for name in ("static/catalogue.js", "index.html"))
    by_name = {"unreviewed", "stale", "full", "short", "long-edge", "short-edge", "letter-fold", "one-side", "away"}
    unsaid = {name for name in phrases("en") if not re.search(rf"\b{name}\b", said)} - by_name
    assert unsaid == set()


def test_every_format_has_a_name_and_a_word_on_how_to_print_it() -> None:
    for name, form in FORMATS.items():
        assert all(language in form.title for language in PAGE_LANGUAGES), name
        assert form.office_printer or all(language in form.purpose for language in PAGE_LANGUAGES), name


def test_how_each_format_is_printed(library: TinyLibrary, published: Mapping[str, ManifestEntry]) -> None:
    formats = data(made(library, published, library.root.parent / "dist")["index.html"])["formats"]
    hows = {name: formats[name]["how"] for name in FORMATS}
    assert {name for name, how in hows.items() if how == "one-side"} == {"exercise-sheet", "pocket-card"}
    assert {name for name, how in hows.items() if how == "short-edge"} == {"a5-booklet", "a5-folder"}
    assert {name for name, how in hows.items() if how == "letter-fold"} == {"leporello"}
    away = {"a5-folder-screen", "digital-a4", "digital-letter", "print-shop", "remote-print"}
    assert {name for name, how in hows.items() if how == "away"} == away
    assert {how for name, how in hows.items() if name.startswith("a4") or name == "a5"} == {"long-edge"}


def test_formats_for_the_office_printer_stand_first_each_in_a_place_of_its_own() -> None:
    ordered = sorted(FORMATS.values(), key=lambda form: form.order)
    assert [form.office_printer for form in ordered] == sorted((f.office_printer for f in ordered), reverse=True)
    assert len({form.order for form in ordered}) == len(ordered)


@pytest.mark.parametrize("weight", [400, 700])
def test_the_font_has_every_letter_of_the_page(weight: int) -> None:
    font = TTFont(BytesIO((HERE / "static" / f"latin-{weight}.woff2").read_bytes()))
    names = "".join(known_language(code).own_name for code in ("da", "sv", "en", "de", "pl", "tr", "so"))
    needed = {ord(char) for language in PAGE_LANGUAGES for char in str(phrases(language)) + str(FORMATS) + names} - {
        0x0A
    }
    assert needed - set(font.getBestCmap()) == set()
