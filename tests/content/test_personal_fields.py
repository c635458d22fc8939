"""What a leaflet declares to be filled in, and what its texts have room for."""

import pytest

from pdfkit_cli.content import loader, translations
from pdfkit_cli.content.blocks import Blank, Row, walk
from pdfkit_cli.content.models import Variant
from tests.helpers import personal_fields_library
from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary

DA = "content/first/da.md"


@pytest.fixture
def leaflet(library: TinyLibrary) -> TinyLibrary:
    personal_fields_library.write(library)
    return library


def findings(library: TinyLibrary) -> list[str]:
    root = f"{library.root.as_posix()}/"
    return [str(finding).replace(root, "") for finding in loader.load_library(library.root).findings]


def test_a_leaflet_with_personal_fields_has_no_finding(leaflet: TinyLibrary) -> None:
    assert findings(leaflet) == []
    for language in ("sv", "en", "ar"):
        translations.record_source(loader.load_library(leaflet.root), "first", language)
    assert [line for line in said(leaflet) if "draft" not in line] == []


def test_the_panel_has_a_row_for_each_field_in_the_language_of_the_page(leaflet: TinyLibrary) -> None:
    for language, labels in {
        "da": ["Dato", "Klokken", "Hvilken side", "Afdelingens telefon"],
        "ar": ["التاريخ", "الساعة", "الجهة", "هاتف القسم"],
    }.items():
        rows = [
            node.children[0]
            for node in walk(personal_fields_library.edition(leaflet, language).blocks)
            if type(node) is Row
        ]
        assert [row.label for row in rows] == labels


def test_room_in_a_sentence_is_read_aloud_with_its_label(leaflet: TinyLibrary) -> None:
    aloud = [node.aloud for node in walk(personal_fields_library.edition(leaflet).blocks) if isinstance(node, Blank)]
    assert aloud[0] == "skrives i hånden"  # beside its label
    assert aloud[4:] == ["Dato: skrives i hånden", "Klokken: skrives i hånden", "sæt kryds", "Afdelingens telefon: skrives i hånden"]  # fmt: skip


PANEL = "::: appointment Din tid\nKom i god tid.\n:::\n"
CASES = {
    "not declared": (
        "content/first/leaflet.yaml", ", time: time", "",
        f"{DA}:13:42: error: undefined field “personal.time”; use one of: clinic.name, clinic.unit, clinic.phone, clinic.email, clinic.web, clinic.address, clinic.hours, personal.date, personal.side, personal.ward_phone; personal fields must be declared under “personal:” in leaflet.yaml, and can only be used in the leaflet's own text [undefined-field]",
    ),
    "in a heading": (
        DA, "## På dagen", "## Den {{ personal.date }}",
        f"{DA}:11:8: error: a personal field cannot be in a heading or a footnote; move it into the text [personal-field]",
    ),
    "in a footnote": (
        DA, "forsinket.", "forsinket.[^1]\n\n[^1]: Kom {{ personal.date }}.",
        f"{DA}:15:11: error: a personal field cannot be in a heading or a footnote; move it into the text [personal-field]",
    ),
    "label of nothing": (
        DA, "{ward_phone: ", "{ward: Afdeling, ward_phone: ",
        f"{DA}:4:12: error: leaflet.yaml declares no personal field “ward” (it declares: date, time, side, ward_phone) [undefined-field]",
    ),
    "the same label": (
        "content/first/leaflet.yaml", "ward_phone", "arrival: date, ward_phone",
        f"{DA}:1:1: error: “date” and “arrival” would have the same label; give them their own under “personal:” in the front matter [same-label]",
    ),
    "two panels": (
        DA, PANEL, PANEL + PANEL,
        f"{DA}:10:1: error: block “appointment” is used here for the second time; keep one [block-twice]",
    ),
    "free text": (
        "content/first/leaflet.yaml", "side: side", "side: text",
        "content/first/leaflet.yaml:9:36: error: “personal.side”: “text” is not a type, because it cannot be checked; use date, time, side or phone, and leave anything else to be written by hand [value]",
    ),
    "a list": (
        "content/first/leaflet.yaml", personal_fields_library.DECLARED, "personal: [date, time]\n",
        "content/first/leaflet.yaml:9:1: error: “personal” must be keys with values, such as “key: value” [value]",
    ),
    "no such type": (
        "content/first/leaflet.yaml", "side: side", "side: place",
        "content/first/leaflet.yaml:9:36: error: “personal.side” must be 'date', 'time', 'side' or 'phone', not “place” [value]",
    ),
    "a name with a hyphen": (
        "content/first/leaflet.yaml", "ward_phone", "ward-phone",
        "content/first/leaflet.yaml:9:48: error: “personal.ward-phone”: “ward-phone” is not a name of small letters, digits and underscores, such as ward_phone [value]",
    ),
    "in the words of a link": (
        DA, "{{ personal.date }}", "[{{ personal.date }}](https://example.org)",
        f"{DA}:13:36: error: the text of a link must be plain; put the field, span or footnote next to it [link-words]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_has_its_place(leaflet: TinyLibrary, name: str) -> None:
    file, old, new, wanted = CASES[name]
    leaflet.replace(file, old, new)
    assert wanted in findings(leaflet)


def test_a_field_that_nobody_can_write_in(leaflet: TinyLibrary) -> None:
    leaflet.replace(DA, PANEL, "")
    assert findings(leaflet) == []
    leaflet.replace(DA, " klokken {{ personal.time }}", "")
    assert findings(leaflet) == [
        f"{DA}: error: leaflet.yaml declares the personal field “time”, but the text does not use it; write “::: appointment” or “{{{{ personal.time }}}}” [unused-field]"
    ]


def test_a_panel_without_fields(library: TinyLibrary) -> None:
    library.body("\n::: appointment\n:::\n")
    assert findings(library) == [
        f"{DA}:6:1: error: the appointment panel has no fields; declare them under “personal:” in leaflet.yaml [undefined-field]"
    ]


def test_the_wording_of_a_clinic_has_none(leaflet: TinyLibrary) -> None:
    leaflet.write(
        "content/first/leaflet.yaml", leaflet.read("content/first/leaflet.yaml").replace("personal:", "slots: [how]\npersonal:")
    )  # fmt: skip
    for language in personal_fields_library.TEXTS:
        file = f"content/first/{language}.md"
        leaflet.write(file, leaflet.read(file) + "\n::: slot how\n:::\n")
    leaflet.write("clinics/north/first/how.da.md", "Kom {{ personal.date }}.\n\n::: appointment\n:::\n")
    told = findings(leaflet)
    assert [line.rpartition(" ")[2] for line in told] == ["[undefined-field]", "[not-in-slot]"]
    assert told[0].startswith("clinics/north/first/how.da.md:1:5: error: undefined field “personal.date”")


EN = "content/first/en.md"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("::: appointment Your appointment\nCome in good time.\n:::\n", "Come in good time.\n", "different-structure"),
        ("personal: {ward_phone: Phone of the ward}\n", "", "different-structure"),
        (" at {{ personal.time }}", "", "different-numbers"),
        ("on {{ personal.date }} at {{ personal.time }}", "at {{ personal.time }} on {{ personal.time }}", "different-numbers"),
    ],
)  # fmt: skip
def test_a_translation_has_the_fields_of_its_source(leaflet: TinyLibrary, old: str, new: str, code: str) -> None:
    leaflet.replace(EN, old, new)
    told = [line for line in said(leaflet) if f"[{code}]" in line]
    assert len(told) == 1
    assert told[0].startswith(EN)


def test_a_label_is_translated_like_the_text(leaflet: TinyLibrary) -> None:
    translations.record_source(loader.load_library(leaflet.root), "first", "en")
    assert said(leaflet, "stale-text") == []
    leaflet.replace(DA, "Afdelingens telefon", "Sengeafsnittets telefon")
    assert [line.split(": ")[0] for line in said(leaflet, "stale-text")] == [f"{EN}:4:1"]


def test_the_short_variant_has_only_the_fields_that_it_keeps(leaflet: TinyLibrary) -> None:
    leaflet.replace("content/first/leaflet.yaml", "personal:", "variants: [full, short]\npersonal:")
    for language in personal_fields_library.TEXTS:
        leaflet.replace(f"content/first/{language}.md", "::: appointment", ":::: full\n::: appointment")
        leaflet.replace(f"content/first/{language}.md", ":::\n\n## ", ":::\n::::\n\n## ")
    full, short = (
        personal_fields_library.edition(leaflet),
        personal_fields_library.edition(leaflet, variant=Variant.SHORT),
    )
    count = [sum(isinstance(node, Blank) for node in walk(edition.blocks)) for edition in (full, short)]
    assert count == [8, 4]
