"""`pdfkit translate`, as it is typed."""

import pytest

from tests.helpers.cli_runner import Terminal
from tests.helpers.translated_library import recorded, source


@pytest.fixture(autouse=True)
def _translated(pdfkit: Terminal) -> None:
    pdfkit.library.write("library.yaml", "name: Tiny\nlanguages: [da, en, ar]\n")
    recorded(pdfkit.library)


def test_export(pdfkit: Terminal) -> None:
    file = pdfkit.library.root.parent / "first.xliff"
    assert pdfkit.on("translate export", "first", "--to", "en", "--out", file) == (
        0, "", "first is up to date in “en”; write all of it with --all\n",
    )  # fmt: skip
    assert not file.exists()
    source(pdfkit.library, "kl. 8", "kl. 9")
    code, out, _ = pdfkit.on("translate export", "first", "--to", "en", "--out", file)
    pages = file.with_name("first.pages.pdf")
    assert (code, out.splitlines()) == (
        0,
        [f"wrote 1 units of 1 passages to {file}", f"wrote the pages that they are on to {pages}"],
    )
    assert "<source>Du skal møde kl. 9.</source>" in file.read_text("utf-8")
    assert "See page 1 of first.pages.pdf" in file.read_text("utf-8")
    assert pages.read_bytes().startswith(b"%PDF")
    assert pdfkit.on("translate export", "first", "--to", "ar", "--out", file)[1].startswith("wrote 8 units")


def test_an_export_without_a_picture_is_as_good(pdfkit: Terminal) -> None:
    file = pdfkit.library.root.parent / "first.po"
    pdfkit.library.replace("content/first/leaflet.yaml", "formats: [a4, a5]", "formats: [a5-booklet]")
    code, out, err = pdfkit.on("translate export", "first", "--to", "ar", "--format", "po", "--out", file)
    assert (code, out) == (0, f"wrote 8 units of 8 passages to {file}\n")
    assert err == "without a picture of the pages: none of its formats shows the whole text on pages in their order\n"
    assert "See page" not in file.read_text("utf-8")


def test_a_file_that_cannot_be_written(pdfkit: Terminal) -> None:
    code, _, err = pdfkit.on("translate export", "first", "--to", "ar", "--out", pdfkit.library.root)
    assert (code, "is a folder; name a file" in err) == (1, True)


def test_a_character_that_xml_cannot_hold(pdfkit: Terminal) -> None:
    source(pdfkit.library, "title: En titel", r'title: "En \a titel"')
    code, _, err = pdfkit.on("translate export", "first", "--to", "en")
    assert (code, "da.md:2:1: error: the character U+0007 cannot be sent" in err) == (1, True)


def test_import(pdfkit: Terminal) -> None:
    file = pdfkit.library.root.parent / "first.xliff"
    source(pdfkit.library, "kl. 8", "kl. 9")
    source(pdfkit.library, "Feber\n", "Høj feber\n")
    pdfkit.on("translate export", "first", "--to", "en", "--out", file)
    text = file.read_text("utf-8")
    for old, new in (("Du skal møde kl. 9.", "You must come at 9."), ("Høj feber", "")):
        text = text.replace(f"<source>{old}</source>", f"<source>{old}</source><target>{new}</target>")
    file.write_text(text, "utf-8")
    code, out, err = pdfkit.on("translate import", file)
    english = pdfkit.library.root / "content/first/en.md"
    assert code == 1
    assert out.splitlines() == [
        f"{english}: 1 passages imported, 1 refused, 1 left to translate",
        f"{english}: is marked as unreviewed now; have it read, then write “translation: reviewed”",
    ]
    assert err == f"{file}:16:29: error: is not translated; write its translation into the file [refused-passage]\n"
    assert "You must come at 9." in english.read_text("utf-8")


def test_one_damaged_file_does_not_stop_the_others(pdfkit: Terminal) -> None:
    good, bad, none = (pdfkit.library.root.parent / name for name in ("good.xliff", "bad.xliff", "none.xliff"))
    pdfkit.on("translate export", "first", "--to", "en", "--all", "--out", good)
    bad.write_text(good.read_text("utf-8").replace("<body>", "<!DOCTYPE x><body>"), "utf-8")
    before = pdfkit.library.read("content/first/en.md"), pdfkit.library.read("content/first/translated.yaml")
    code, out, err = pdfkit.on("translate import", bad, none, good)
    assert (code, out.count("8 passages imported, 0 refused, 0 left")) == (1, 1)
    assert err.count("[translation-file]") == 1
    assert err.count("none.xliff: error: cannot be read") == 1
    assert (pdfkit.library.read("content/first/en.md"), pdfkit.library.read("content/first/translated.yaml")) == before
    assert pdfkit.on("translate import", good)[0] == 0


@pytest.mark.parametrize("format", ["xliff2", "po", "docx"])
def test_other_formats(pdfkit: Terminal, format: str) -> None:
    file = pdfkit.library.root.parent / f"first.{format}"
    code, out, _ = pdfkit.on("translate export", "first", "--to", "en", "--all", "--format", format, "--out", file)
    assert (code, out.splitlines()[0]) == (0, f"wrote 8 units of 8 passages to {file}")
    code, out, _ = pdfkit.on("translate import", file)
    assert (code, out.count("8 passages imported, 0 refused, 0 left")) == (0, 1)


def test_memory(pdfkit: Terminal) -> None:
    file = pdfkit.library.root.parent / "da-en.tmx"
    code, out, _ = pdfkit.on("translate memory", "--from", "da", "--to", "en", "--out", file)
    assert (code, out) == (0, f"wrote 8 passages to {file}\n")
    file.write_text(file.read_text("utf-8").replace('xml:lang="en"', 'xml:lang="ar"').replace("Bring", "Take"), "utf-8")
    work = pdfkit.library.root.parent / "first.xliff"
    code, *_ = pdfkit.on("translate export", "first", "--to", "ar", "--memory", file, "--out", work)
    assert code == 0
    assert "<target>Take clothes.</target>" in work.read_text("utf-8")


def test_a_pseudo_translation(pdfkit: Terminal) -> None:
    folder = pdfkit.library.root.parent / "copy"
    code, out, _ = pdfkit.on("translate export", "first", "--to", "qps", "--out", folder)
    assert (code, out.startswith(f"wrote {folder}/content/first/da.md; see where")) == (0, True)
