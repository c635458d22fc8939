"""Loading a library: whatever is broken is named by file, line and column, and stops nothing else."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.library import Library
from pdfkit_cli.errors import Finding, SourceError, UsageError
from tests.helpers.tiny_library import LEAFLET, LOGO, TEXT, TinyLibrary

DA, YAML, NORTH = "content/first/da.md", "content/first/leaflet.yaml", "clinics/north.yaml"


def load(library: TinyLibrary) -> Library:
    return loader.load_library(library.root)


def short(library: TinyLibrary, finding: Finding) -> str:
    """The finding with its file as it is named below the library."""
    return str(finding).replace(f"{library.root.as_posix()}/", "")


def found(library: TinyLibrary) -> list[str]:
    return [short(library, finding) for finding in load(library).findings]


def places(library: TinyLibrary) -> list[str]:
    """Each finding as `file:line:column code`."""
    return [
        f"{str(finding.place).replace(f'{library.root.as_posix()}/', '')} {finding.code}"
        for finding in load(library).findings
    ]


def second(library: TinyLibrary) -> None:
    """Add another leaflet, which nothing is wrong with and which both clinics hand out."""
    library.write("content/second/leaflet.yaml", LEAFLET.format(id="T-2", owner="north"))
    library.write("content/second/da.md", TEXT)
    for clinic in ("north", "south"):
        library.replace(f"clinics/{clinic}.yaml", "hands_out:\n", "hands_out:\n  second: {languages: [da]}\n")


def printed(library: TinyLibrary) -> list[str]:
    """The paths that can be printed, each of them resolved."""
    loaded = load(library)
    paths = []
    for output_key in editions.output_keys(loaded):
        try:
            editions.resolve_edition(loaded, output_key.edition)
        except SourceError:
            continue
        paths.append(output_key.path.removesuffix(".pdf"))
    return paths


SECOND = ["north/second.da.a4", "north/second.da.a5", "south/second.da.a4", "south/second.da.a5"]


def test_a_good_library_has_no_findings(library: TinyLibrary) -> None:
    loaded = load(library)
    assert not loaded.findings
    assert [*loaded.leaflets] == ["first"]
    assert [*loaded.clinics] == ["north", "south"]
    assert {"ar", "da", "en", "sv"} <= loaded.languages.keys()
    assert loaded.leaflets["first"].translations["da"].front_matter.title == "En titel"


def test_no_library_is_a_wrong_question(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no library here") as caught:
        loader.load_library(tmp_path)
    assert caught.value.hint


def test_a_broken_library_file_stops_all(library: TinyLibrary) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [klingon]\n")
    with pytest.raises(SourceError, match=r"library\.yaml:2:13: error: .*“klingon” is not a language code"):
        load(library)


Change = Callable[[TinyLibrary], object]


def write(name: str, text: str | bytes) -> Change:
    return lambda library: library.write(name, text)


def replace(name: str, old: str, new: str) -> Change:
    return lambda library: library.replace(name, old, new)


def body(text: str) -> Change:
    return lambda library: library.body(text)


def remove(name: str) -> Change:
    return lambda library: (library.root / name).unlink()


def folder(name: str) -> Change:
    def change(library: TinyLibrary) -> None:
        path = library.root / name
        path.unlink(missing_ok=True)
        path.mkdir(parents=True)

    return change


HOSTILE: dict[str, tuple[Change, str]] = {
    "broken YAML": (replace(YAML, "[a4, a5]", "[a4"), f"{YAML}:8:10 yaml"),
    "unknown key": (replace(YAML, "owner", "ownr: x\nowner"), f"{YAML}:5:1 unknown-key"),
    "wrong type": (replace(YAML, "[a4, a5]", "a4"), f"{YAML}:8:1 value"),
    "duplicate key": (replace(YAML, "owner", "id: T-3\nowner"), f"{YAML}:5:1 duplicate-key"),
    "alias": (replace(YAML, "owner: north", "owner: &a north\nx: *a"), f"{YAML}:6:4 yaml"),
    "list": (write(YAML, "- id: T-1\n"), f"{YAML}:1:1 value"),
    "string": (write(YAML, "T-1\n"), f"{YAML}:1:1 value"),
    "not a date": (replace(YAML, "2026-01-31", "2026-02-30"), f"{YAML}:3:1 value"),
    "timestamp": (replace(YAML, "2026-01-31", "1769817600"), f"{YAML}:3:1 value"),
    "not UTF-8": (write(DA, TEXT.encode("latin-1")), f"{DA}:6:5 encoding"),
    "UTF-16": (write(DA, TEXT.encode("utf-16")), f"{DA}:1:1 encoding"),
    "NUL": (write(DA, TEXT.replace("Ring", "R\0ng")), f"{DA}:8:2 encoding"),
    "unreadable text": (folder(DA), f"{DA} unreadable"),
    "unreadable facts": (folder(YAML), f"{YAML} unreadable"),
    "no facts": (remove(YAML), f"{YAML} unreadable"),
    "text of no source language": (replace(YAML, "source_language: da", "source_language: sv"), f"{YAML}:7:1 missing-language"),
    "empty text": (write(DA, ""), f"{DA}:1:1 front-matter"),
    "no front matter": (write(DA, "## a\n"), f"{DA}:1:1 front-matter"),
    "unclosed front matter": (write(DA, "---\ntitle: a\n\nb\n"), f"{DA}:1:1 front-matter"),
    "broken front matter": (write(DA, "---\ntitle: [a\nsummary: b\n---\nc\n"), f"{DA}:2:8 yaml"),
    "title missing": (write(DA, "---\nsummary: b\n---\nc\n"), f"{DA}:2:1 missing-key"),
    "title empty": (write(DA, "---\ntitle:\nsummary: b\n---\nc\n"), f"{DA}:2:1 value"),
    "title with a field": (write(DA, "---\nsummary: b\ntitle: a {{ clinic.name }}\n---\nc\n"), f"{DA}:3:1 value"),
    "front matter that is a list": (write(DA, "---\n- a\n---\nc\n"), f"{DA}:2:1 value"),
    "translation of the source": (
        write(DA, "---\ntitle: a\nsummary: b\ntranslation: reviewed\n---\nc\n"), f"{DA}:4:1 translation"),
    "empty body": (body("\n"), f"{DA}:5:1 empty-body"),
    "undefined field": (body("\na {{ clinic.fax }}\n"), f"{DA}:6:3 undefined-field"),
    "undefined field in a footnote": (body("\na[^1]\n\n[^1]: {{ fax }}\n"), f"{DA}:8:7 undefined-field"),
    "undefined field in a table": (body("\n|a|\n|-|\n|{{ clinic.fax }}|\n"), f"{DA}:8:2 undefined-field"),
    "unknown block": (body("\n::: warn\na\n:::\n"), f"{DA}:6:1 unknown-block"),
    "missing picture": (body("\n![a](images/b.svg)\n"), f"{DA}:6:1 missing-picture"),
    "picture outside": (body("\n![a](../../brands/plain/logo.svg)\n"), f"{DA}:6:1 picture-outside"),
    "remote picture": (body("\n![a](https://example.org/b.png)\n"), f"{DA}:6:1 remote-picture"),
    "undeclared slot": (body("\n::: slot a\nb\n:::\n"), f"{DA}:6:1 unknown-slot"),
    "unused slot": (replace(YAML, "owner", "slots: [a]\nowner"), f"{DA} unused-slot"),
    "two contact panels": (body("\n::: contact\n:::\n\n::: contact\n:::\n"), f"{DA}:9:1 block-twice"),
    "unknown owner": (replace(YAML, "owner: north", "owner: nort"), f"{YAML}:5:1 unknown-clinic"),
    "language of no library": (write("content/first/fi.md", TEXT), "content/first/fi.md unknown-language"),
    "folder like a text": (folder("content/first/sv.md"), "content/first/sv.md unreadable"),
    "folder like a leaflet": (folder("content/third"), "content/third/leaflet.yaml unreadable"),
    "folder like a clinic": (folder("clinics/third.yaml"), "clinics/third.yaml unreadable"),
    "folder of no clinic": (folder("clinics/nort"), "clinics/nort unknown-clinic"),
    "phone": (replace(NORTH, "76 36 14 00", "call us"), f"{NORTH}:5:1 value"),
    "phone unquoted octal": (replace(NORTH, '"76 36 14 00"', "0712"), f"{NORTH}:5:1 value"),
    "unknown brand": (replace(NORTH, "brand: plain", "brand: plan"), f"{NORTH}:2:1 unknown-brand"),
    "unknown leaflet": (replace(NORTH, "first:", "frist:"), f"{NORTH}:7:3 unknown-leaflet"),
    "language not written": (replace(NORTH, "[da]", "[da, en]"), f"{NORTH}:7:27 missing-language"),
    "format not offered": (replace(NORTH, "[da]", "[da], formats: [a5-booklet]"), f"{NORTH}:7:38 unknown-format"),
    "variant not offered": (replace(NORTH, "[da]", "[da], variants: [short]"), f"{NORTH}:7:39 unknown-variant"),
    "staff language": (replace(NORTH, "language: da", "language: eo"), f"{NORTH}:3:1 missing-phrases"),
    "brand": (replace("brands/plain/brand.yaml", "#24506b", "blue"), "brands/plain/brand.yaml:2:1 value"),
    "no logo": (remove("brands/plain/logo.svg"), "brands/plain/brand.yaml missing-picture"),
    "logo with a script": (
        write("brands/plain/logo.svg", LOGO.replace("<rect", "<script/><rect")), "brands/plain/brand.yaml unsafe-picture"),
    "phrases": (replace("languages/da.yaml", "{pages}", "{page}"), "languages/da.yaml:3:3 value"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_broken_is_named_by_its_place(library: TinyLibrary, change: Change, expected: str) -> None:
    change(library)
    assert places(library) == [expected]


BREAKS_ONE_LEAFLET = [name for name, (_, place) in HOSTILE.items() if place.startswith("content/")]


@pytest.mark.parametrize("name", BREAKS_ONE_LEAFLET)
def test_a_broken_leaflet_stops_no_other(library: TinyLibrary, name: str) -> None:
    second(library)
    HOSTILE[name][0](library)
    assert set(SECOND) <= set(printed(library))


def test_a_broken_clinic_stops_no_other(library: TinyLibrary) -> None:
    library.replace(NORTH, "country: DK", "country: Denmark")
    assert printed(library) == ["south/first.da.a4", "south/first.da.a5"]


def test_a_broken_translation_leaves_the_others(library: TinyLibrary) -> None:
    library.write("content/first/en.md", TEXT.replace("clinic.phone", "clinic.fax"))
    for clinic in ("north", "south"):
        library.replace(f"clinics/{clinic}.yaml", "[da]", "[da, en]")
    assert places(library) == ["content/first/en.md:8:9 undefined-field"]
    assert printed(library) == ["north/first.da.a4", "north/first.da.a5", "south/first.da.a4", "south/first.da.a5"]


def test_all_problems_come_at_once_in_the_order_of_files_and_lines(library: TinyLibrary) -> None:
    library.write(DA, "---\ntitle:\n---\n\n# a\n\n{{ x }}\n\n![](b.svg)\n")
    library.replace(NORTH, "brand: plain", "brand: plan")
    library.replace("languages/sv.yaml", "{pages}", "")
    assert places(library) == [
        f"{NORTH}:2:1 unknown-brand",
        f"{DA}:2:1 value",
        f"{DA}:2:1 missing-key",
        f"{DA}:5:1 heading-level",
        f"{DA}:7:1 undefined-field",
        f"{DA}:9:1 missing-picture",
        f"{DA}:9:1 alt-text",
        "languages/sv.yaml:3:3 value",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unknown brand", "there is no brand “plan”; did you mean “plain”?"),
        ("unknown leaflet", "there is no leaflet “frist”; did you mean “first”?"),
        ("unknown owner", "owner “nort” is not a clinic; did you mean “north”?"),
        ("undefined field", "use one of: clinic.name, clinic.unit, clinic.phone, clinic.email, clinic.web"),
        ("language not written", "first has no text in “en” (it has: da); write en.md or remove it here"),
        ("language of no library", "“fi” is not a language of this library (da, sv, en, ar); add it to library.yaml"),
        ("missing picture", "there is no picture “images/b.svg” in"),
        ("undeclared slot", "slot “a” is not in “slots:” of leaflet.yaml; add it there"),
        ("folder of no clinic", "there is no clinic nort.yaml for the wording in this folder; did you mean “north”?"),
        ("no front matter", "the text must begin with front matter: a line “---”"),
    ],
)
def test_a_finding_says_what_to_do(library: TinyLibrary, name: str, words: str) -> None:
    HOSTILE[name][0](library)
    assert words in found(library)[0]


def test_marks_and_line_ends_of_other_editors_are_fine(library: TinyLibrary) -> None:
    before = load(library).leaflets["first"].translations["da"].body
    library.write(DA, b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    library.write(YAML, b"\xef\xbb\xbf" + library.read(YAML).replace("\n", "\r\n").encode())
    loaded = load(library)
    assert not loaded.findings
    assert loaded.leaflets["first"].translations["da"].body == before


def test_a_leaflet_without_a_text_is_named_by_all_who_ask_for_it(library: TinyLibrary) -> None:
    (library.root / DA).unlink()
    assert places(library) == [
        f"{NORTH}:7:23 missing-language",
        "clinics/south.yaml:7:23 missing-language",
        f"{YAML}:7:1 missing-language",
    ]
    assert "the source language is da, but there is no da.md; write it" in found(library)[2]


def test_two_leaflets_with_one_id_are_both_kept_out(library: TinyLibrary) -> None:
    second(library)
    library.write("content/third/leaflet.yaml", LEAFLET.format(id="T-1", owner="north"))
    library.write("content/third/da.md", TEXT)
    assert places(library) == [f"{YAML}:1:1 duplicate-id", "content/third/leaflet.yaml:1:1 duplicate-id"]
    assert printed(library) == SECOND


def test_hidden_files_and_drafts_of_editors_are_passed_over(library: TinyLibrary) -> None:
    library.write("content/.DS_Store", b"\0")
    library.write("content/_old/leaflet.yaml", "x")
    library.write("content/first/.da.md.swp", b"\0")
    library.write("clinics/.north.yaml", "x")
    assert not found(library)


def test_pictures_are_kept_with_their_digest(library: TinyLibrary) -> None:
    library.write("content/first/images/ø b.svg", LOGO)
    library.body("\n![En øvelse](<images/ø b.svg>)\n")
    loaded = load(library)
    assert not loaded.findings
    (asset,) = loaded.leaflets["first"].translations["da"].pictures.values()
    assert asset.path.read_text() == LOGO
    assert len(asset.digest) == 64


def test_a_picture_behind_a_link_out_of_the_library_is_refused(library: TinyLibrary) -> None:
    secret = library.root.parent / "secret.svg"
    secret.write_text(LOGO)
    (library.root / "content/first/b.svg").symlink_to(secret)
    library.body("\n![a](b.svg)\n")
    assert places(library) == [f"{DA}:6:1 picture-outside"]


def test_a_large_picture_is_named(library: TinyLibrary) -> None:
    library.write("content/first/b.png", b"\0" * 20_000_000)
    library.body("\n![a](b.png)\n")
    assert "b.png is 20.0 MB; the limit is 5 MB" in found(library)[0]


# The clinic's own wording

SLOT = "clinics/north/first/parking.da.md"


def slot(library: TinyLibrary) -> None:
    library.replace(YAML, "owner", "slots: [parking]\nowner")
    library.body("\n::: slot parking\nHer.\n:::\n")


WORDINGS: dict[str, tuple[str, str | bytes, str]] = {
    "undeclared": ("clinics/north/first/parkng.da.md", "Der.", " unknown-slot"),
    "no language": ("clinics/north/first/parking.md", "Der.", " unknown-slot"),
    "language not written": ("clinics/north/first/parking.sv.md", "Där.", " unknown-language"),
    "unknown leaflet": ("clinics/north/frist/parking.da.md", "Der.", " unknown-leaflet"),
    "empty": (SLOT, "", ":1:1 empty-body"),
    "field": (SLOT, "a\n\nb {{ clinic.fax }}", ":3:3 undefined-field"),
    "footnote": (SLOT, "a[^1]\n\n[^1]: b {{ fax }}", ":3:9 undefined-field"),
    "HTML": (SLOT, "a <b>b</b>", ":1:3 html"),
    "picture": (SLOT, "![a](b.svg)", ":1:1 not-in-slot"),
    "slot in a slot": (SLOT, "::: slot parking\na\n:::", ":1:1 not-in-slot"),
    "questions": (SLOT, "::: questions\n:::", ":1:1 not-in-slot"),
    "contact": (SLOT, "a\n\n::: contact\n:::", ":3:1 not-in-slot"),
    "not UTF-8": (SLOT, b"\xe5", ":1:1 encoding"),
}


@pytest.mark.parametrize(("name", "text", "expected"), WORDINGS.values(), ids=WORDINGS)
def test_a_wording_that_cannot_be_used_is_named(
    library: TinyLibrary, name: str, text: str | bytes, expected: str
) -> None:
    slot(library)
    library.write(name, text)
    assert places(library)[0] == f"{name}{expected}"


@pytest.mark.parametrize("case", ["empty", "field", "HTML", "picture", "slot in a slot", "not UTF-8"])
def test_a_broken_wording_is_never_replaced_by_the_default_and_stops_only_its_leaflet(
    library: TinyLibrary, case: str
) -> None:
    second(library)
    slot(library)
    name, text, _ = WORDINGS[case]
    library.write(name, text)
    assert printed(library) == [
        "north/second.da.a4",
        "north/second.da.a5",
        "south/first.da.a4",
        "south/first.da.a5",
        *SECOND[2:],
    ]


# Whatever an author does


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f"{'  ' * depth}- a\n" for depth in range(500)), id="500 lists"),
        pytest.param("> " * 1000 + "a\n", id="1000 quotations"),
        pytest.param("::: warn\na {{ x }}\n:::\n\n" * 1500, id="3000 findings"),
        pytest.param("a " * 200_000, id="a long line"),
        pytest.param("![a](b.svg)\n\n" * 1000, id="1000 missing pictures"),
    ],
)
def test_much_of_anything_takes_seconds_at_most(library: TinyLibrary, text: str) -> None:
    library.body(text)
    started = time.thread_time()
    load(library)
    assert time.thread_time() - started < 5


def test_thousands_of_findings_come_all(library: TinyLibrary) -> None:
    library.body("::: warn\na {{ x }}\n:::\n\n" * 1500)
    assert len(found(library)) == 3000


def test_names_that_nothing_else_could_use(library: TinyLibrary) -> None:
    library.write("clinics/My Clinic.yaml", library.read("clinics/north.yaml"))
    library.write("clinics/east.yml", library.read("clinics/north.yaml"))
    library.write("content/UP/leaflet.yaml", library.read("content/first/leaflet.yaml"))
    found = loader.load_library(library.root)
    assert sorted(finding.place.file.rpartition("/")[2] for finding in found.findings) == [
        "My Clinic.yaml",
        "UP",
        "east.yml",
    ]
    assert {finding.code for finding in found.findings} == {"bad-name"}
    assert sorted(found.clinics) == ["north", "south"]
