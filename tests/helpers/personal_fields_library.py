"""A tiny library whose leaflet has personal fields, in Danish, Swedish, English and Arabic."""

from datetime import date
from pathlib import Path

from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.editions import Edition, EditionKey
from pdfkit_cli.content.models import Variant
from tests.helpers.tiny_library import TinyLibrary

TODAY = date(2026, 11, 21)
TYPED = {"date": "3.12.2026", "time": "14", "side": "left", "ward_phone": "97662400"}
SHOWN = {
    "da": ("torsdag den 3. december 2026", "14.00", "venstre", "97 66 24 00"),
    "sv": ("torsdag 3 december 2026", "14:00", "vänster", "97 66 24 00"),
    "en": ("Thursday, 3 December 2026", "14:00", "left", "97 66 24 00"),
    "ar": ("الخميس، 3 ديسمبر 2026", "14:00", "اليسرى", "97 66 24 00"),
}
"""What a page says of TYPED."""

DECLARED = "personal: {date: date, time: time, side: side, ward_phone: phone}\n"
TEXTS = {
    "da": ("Behandling af ryggen", "Pjecen fortæller, hvad der skal ske på dagen.", "Afdelingens telefon", "Din tid", "Kom i god tid.", "På dagen", "Du skal møde {{ personal.date }} klokken {{ personal.time }}. Vi behandler denne side: {{ personal.side }}. Ring på {{ personal.ward_phone }}, hvis du bliver forsinket."),
    "sv": ("Behandling av ryggen", "Broschyren berättar vad som händer på dagen.", "Avdelningens telefon", "Din tid", "Kom i god tid.", "På dagen", "Kom {{ personal.date }} klockan {{ personal.time }}. Vi behandlar denna sida: {{ personal.side }}. Ring {{ personal.ward_phone }} om du blir sen."),
    "en": ("Treatment of the back", "The leaflet says what happens on the day.", "Phone of the ward", "Your appointment", "Come in good time.", "On the day", "Come on {{ personal.date }} at {{ personal.time }}. We treat this side: {{ personal.side }}. Call {{ personal.ward_phone }} if you are late."),
    "ar": ("علاج الظهر", "تشرح هذه النشرة ما يحدث في يوم الموعد.", "هاتف القسم", "موعدك", "احضر قبل الموعد بوقت كافٍ.", "يوم الموعد", "احضر يوم {{ personal.date }} الساعة {{ personal.time }}. نعالج الجهة التالية: {{ personal.side }}. اتصل على {{ personal.ward_phone }} إذا تأخرت."),
}  # fmt: skip
"""Title, summary, the label of the phone, the title of the panel and a line in it, a heading, and a paragraph with the fields in it."""


def write(library: TinyLibrary) -> None:
    leaflet = library.read("content/first/leaflet.yaml").replace("[a4, a5]", "[a4, a5, a4-large, print-shop]")
    library.write("content/first/leaflet.yaml", leaflet + DECLARED)
    for language, (title, summary, label, panel, line, heading, words) in TEXTS.items():
        reviewed = "" if language == "da" else "translation: reviewed\n"
        head = f"---\ntitle: {title}\nsummary: {summary}\npersonal: {{ward_phone: {label}}}\n{reviewed}---\n"
        body = f"\n::: appointment {panel}\n{line}\n:::\n\n## {heading}\n\n{words}\n"
        library.write(f"content/first/{language}.md", head + body)
    library.replace("clinics/north.yaml", "languages: [da]", "languages: [da, sv, en, ar]")


def edition(library: TinyLibrary | Path, language: str = "da", variant: Variant = Variant.FULL) -> Edition:
    root = library if isinstance(library, Path) else library.root
    loaded = loader.load_library(root)
    assert not loaded.findings, loaded.findings
    return editions.resolve_edition(loaded, EditionKey("north", "first", language, variant))
