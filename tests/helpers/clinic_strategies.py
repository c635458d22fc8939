"""Clinics as nobody expects them, and leaflets for their matter to stand in."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

from hypothesis import strategies as st

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.checks.missing_glyph import font_coverage
from pdfkit_cli.content.editions import EditionKey, OutputKey, ResolveCache
from pdfkit_cli.content.models import Clinic, Variant
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering.page import Page
from tests.helpers.tiny_library import WHOLE_FORMATS, TinyLibrary

DAY = date(2026, 11, 21)
LETTERS = "".join(
    sorted(
        sign
        for sign in font_coverage(packaged_folder("fonts"))
        if sign.isprintable() and unicodedata.bidirectional(sign) not in ("R", "AL", "AN")
    )
)
"""Every sign that the fonts have and that is written from left to right."""

WORDS = (
    "Klinik", "Rygcenter", "Neurokirurgisk Ambulatorium og Sekretariat", "Dagkirurgisk", "Smärtmottagningen i Växjö", "Nord & Syd",
    "<Øst>", "“Vest”", "”Ø”", "»Å«", "'s", '"a"', "K/S", "Prøve-", "24", "1°", "½", "100 %", "…", "–", "A·B", "(filial)", "Północ",
    "İzmir", "Ðakovo", "Ελλάδα", "Клиника", "Việt", "ﬁ", "office", "fluffy", "CPR&#34;", "\\", "[x]", "{", "#1", "+", "€",
    "Rygmarvsstimulationsbehandlingsafdelingen", "W" * 30, "i" * 90, "e\u0301", "A\u030a", "soft\u00adhyphen", "no\u00a0break", "\u200flrm", "two  spaces", "a\nline",
)  # fmt: skip

ARABIC = ("عيادة", "الشمال", "مستشفى الملك فهد", "قسم الأعصاب", "لا", "الرّعاية")

Strategy = st.SearchStrategy[Any]


def words(most: int) -> Strategy:
    """Draw a name: words, or any signs that the fonts have."""
    known = st.lists(st.sampled_from(WORDS), min_size=1, max_size=most).map(" ".join)
    strange = st.text(LETTERS, min_size=1, max_size=12 * most)
    arabic = st.lists(st.sampled_from(ARABIC), min_size=1, max_size=most).map(" ".join)
    return st.one_of(known, known, strange, arabic).map(str.strip).filter(lambda text: any(map(str.isalnum, text)))


PHONES = {"DK": "76 36 14 00", "SE": "031-81 80 83", "GB": "020 7946 0912"}
FOREIGN = "+49 30 901820"
HOURS = st.fixed_dictionaries(
    {
        "days": st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, max_size=2),
        "opens": st.sampled_from(["07:00", "08:15", "10:30"]),
        "closes": st.sampled_from(["12:00", "16:45", "23:59"]),
    }
)
ADDRESSES = st.fixed_dictionaries({"street": words(4), "postal_code": words(1), "city": words(2)})
MAIL = st.text("abcdefghijklmnopqrstuvwxyz0123456789.-_+&'", min_size=1, max_size=40).map("{}@example.org".format)
WEB = st.text("abcdefghijklmnopqrstuvwxyz0123456789-/_~%().,=&+'", max_size=60).map("https://www.example.org/{}".format)


def out_of_hours(country: str) -> Strategy:
    """Draw whom patients may call at night: a number or none, with words in all languages, in some or in others."""
    return st.fixed_dictionaries(
        {
            "phone": st.sampled_from([None, PHONES[country], FOREIGN, "112"]),
            "words": st.dictionaries(st.sampled_from(["da", "ar", "en"]), words(8), min_size=1),
        }
    )


@st.composite
def clinics(draw: st.DrawFn) -> Clinic:
    """Draw a clinic with whatever may stand in its slots, or with nothing but a name."""
    country = draw(st.sampled_from(sorted(PHONES)))
    made = {
        "name": draw(words(12)),
        "unit": draw(st.none() | words(8)),
        "brand": "plain",
        "language": draw(st.sampled_from(["da", "sv", "en", "ar"])),
        "country": country,
        "address": draw(st.none() | ADDRESSES),
        "phone": draw(st.sampled_from([None, PHONES[country], PHONES[country], FOREIGN])),
        "phone_note": draw(st.dictionaries(st.sampled_from(["da", "ar"]), words(8))),
        "hours": draw(st.lists(HOURS, max_size=6)),
        "out_of_hours": draw(st.lists(out_of_hours(country), max_size=3)),
        "email": draw(st.none() | MAIL),
        "web": draw(st.none() | WEB),
    }
    return Clinic.model_validate(made)


TEXTS = {
    "da": "Du får et opkald dagen før. Tag din medicin, som du plejer, og spis en let morgenmad. ",
    "ar": "ستتلقى اتصالًا في اليوم السابق للعلاج. تناول أدويتك كالمعتاد وتناول فطورًا خفيفًا. ",
}


@dataclass(frozen=True, slots=True)
class Leaflet:
    """A leaflet of so many call panels, every other one in a warning, each behind so many paragraphs, and perhaps a contact panel that is not at its end."""

    calls: int
    paragraphs: int
    contact: bool

    @property
    def name(self) -> str:
        return f"calls-{self.calls}-after-{self.paragraphs}{'-contact' * self.contact}"


CALLS, PARAGRAPHS = range(4), range(7)


def leaflets() -> Strategy:
    return st.builds(Leaflet, st.sampled_from(CALLS), st.sampled_from(PARAGRAPHS), st.booleans())


def text(language: str, leaflet: Leaflet) -> str:
    title, words = {"da": "En titel", "ar": "عنوان"}[language], TEXTS[language]
    call = f"::: call\n{words}\n:::\n"
    calls = (f"{call}\n", f":::: warning {title}\n{call}::::\n\n")
    chapters = "".join(
        (calls[number % 2] if number else "") + f"## {title} {number}\n\n" + f"{words * 3}\n\n" * leaflet.paragraphs
        for number in range(leaflet.calls + 1)
    )
    end = f"::: contact\n{words}\n:::\n\n## {title}\n\n{words}\n" if leaflet.contact else ""
    return f"---\ntitle: {title}\nsummary: {words}\n---\n\n{chapters}{words}\n\n{end}"


def library(folder: TinyLibrary) -> Project:
    """Return the project of a library with all these leaflets, in Danish and Arabic and in every format."""
    sheet = folder.read("content/first/leaflet.yaml").replace("[a4, a5]", f"[{', '.join(WHOLE_FORMATS)}]")
    for number, parts in enumerate(product(CALLS, PARAGRAPHS, (False, True))):
        leaflet = Leaflet(*parts)
        folder.write(f"content/{leaflet.name}/leaflet.yaml", sheet.replace("T-1", f"L-{number}"))
        for language in TEXTS:
            folder.write(f"content/{leaflet.name}/{language}.md", text(language, leaflet))
    return open_project(BuildRequest(folder.root, as_of=DAY))


def page(project: Project, clinic: Clinic, leaflet: Leaflet, language: str, format_name: str) -> Page:
    """Draw a leaflet for a clinic that is in no file; one without a phone has no call panels."""
    known = project.library.clinics["north"]
    library = replace(project.library, clinics={"north": replace(known, model=clinic)})
    name = leaflet.name if clinic.phone else replace(leaflet, calls=0).name
    key = EditionKey("north", name, language, Variant.FULL)
    return replace(project, library=library, _last=None, _shared=ResolveCache()).draw(OutputKey(key, format_name)).page
