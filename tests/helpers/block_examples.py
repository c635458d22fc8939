"""One example of each kind of block, and how to draw it."""

import re
from functools import cache

from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.editions import Edition, EditionKey
from pdfkit_cli.content.models import Variant
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers.tiny_library import TinyLibrary

NORTH = "clinics/north.yaml"


FACTS = """\
name: Klinik Nord
unit: Afdeling 3
brand: plain
language: da
country: DK
address: {street: Vejen 24, postal_code: "6000", city: Kolding}
phone: 76 36 14 00
phone_note: {da: tast 2}
hours:
  - {days: [mon, fri], opens: "08:00", closes: "15:00"}
email: nord@example.org
web: https://www.example.org/nord
out_of_hours: ["70 11 07 07", "112"]
hands_out:
  first: {languages: [da]}
"""


EXAMPLES = {
    "heading": "## Før\n\n### Dagen **før**\n",
    "paragraph": "Et *ord*, **to** [ord]{lang=en}, tre\\\n20 minutter, 27–40 % og {{ clinic.phone }}.\n",
    "footnote": "Et ord[^1].\n\n[^1]: Ring på {{ clinic.phone }}.\n",
    "link": f"[Kort](https://example.org/a) og [lang](https://example.org/{'a' * 60}).\n",
    "list": "- en\n- to\n  1. tre\n  2. fire\n\n7. syv\n\n   mere\n8. otte\n",
    "table": "| Dag | Hvad |\n|---|---|\n| 1–2 | **Gå** 20 minutter |\n| 3 | |\n",
    "figure": '![En øvelse](images/løft.svg "Sådan")\n\n![En anden](images/løft.svg)\n',
    "brief": "::: brief\n- Kort\n:::\n",
    "warning": "## a\n\n::: warning Hvornår?\nVed feber.\n\n- Ring.\n:::\n",
    "urgent": "## a\n\n:::: warning Hvornår?\n- Feber\n\n::: call\n:::\n::::\n\n::: call\n:::\n",
    "appointment": "## a\n\n::: appointment\nKom i god tid.\n:::\n",
    "call": "::: call Er du i tvivl?\nRing.\n:::\n\n::: call\n:::\n",
    "do": "::: do\n- Gå\n:::\n\n::: dont Ikke\n- Løfte noget, der vejer mere end en pose mælk\n:::\n",
    "step": ":::: step before\n## Før\n\n::: call\n:::\n::::\n\n::: step day\n## Dagen\n:::\n\n::: step after\n## Efter\n:::\n",
    "exercise": "## a\n\n::: exercise 3 x 10\n### Løft\n\n![En øvelse](images/løft.svg)\n:::\n\n::: exercise\n### Gå\n:::\n",
    "topic": "::: topic Smerter\nSig det.\n:::\n\n::: topic Ro\nSig det.\n:::\n\na\n\n::: topic Igen\nSig det.\n:::\n",
    "say": ":::: topic Smerter\n::: say Sig til patienten\nGå.\n\n- Hold dig i gang.\n:::\n::::\n\n## a\n\n::: say\nGå.\n:::\n",
    "contact": "a\n\n::: contact\nRing.\n:::\n\nb\n",
    "facts": "::: facts duration driving\n- **20–45 minutter** i alt[^1]\n- **Kør ikke** {{ clinic.phone }}\n:::\n\n[^1]: En note.\n",
    "timeline": "::: timeline day=2\n- **2 uger før** Medicin\n- **Dagen**\n:::\n\n"
    "::: timeline\n- **Før** Tal med os om din medicin, og om at holde pause med noget af den, hvis det er nødvendigt. Find ud af, hvem der kan hjælpe.\n- **Efter** Ro\n:::\n",
    "odds": "::: odds 2 of 3\n**2 ud af 3** får det bedre.\n:::\n\n::: odds 8 of 10\nDe fleste.\n:::\n",
    "questions": "## a\n\n::: questions\n:::\n",
    "questions-titled": "::: questions Før du kommer\nHvad vil du spørge om?\n:::\n",
    "compare": "## a\n\n::: compare Vent med\n| Hvad | Hvor længe |\n|---|---|\n| bade | 4 uger |\n:::\n",
    "important": "## a\n\n::: important Husk\nSpis som sædvanlig.\n\n- Drik.\n:::\n",
    "diagram": "::: diagram\n![Ryggen](images/løft.svg)\n\nSet fra siden.\n\n1. ryghvirvel\n2. **nerve**\n:::\n",
    "full": "::: full\na\n:::\n\n[b]{.full} c\n",
    "slot": "::: slot parking\nHer.\n:::\n",
}


LEAFLET_SETTINGS = {"slot": "slots: [parking]\n", "appointment": "personal: {day: date, side: side}\n"}
"""What leaflet.yaml needs for a block."""


@cache
def layouts() -> Layouts:
    return Layouts(packaged_folder("layouts"), packaged_folder("fonts"))


def resolve(library: TinyLibrary, clinic: str = "north", language: str = "da") -> Edition:
    loaded = loader.load_library(library.root)
    assert not loaded.findings, loaded.findings
    return editions.resolve_edition(loaded, EditionKey(clinic, "first", language, Variant.FULL))


def draw(library: TinyLibrary, clinic: str = "north", language: str = "da") -> str:
    return layouts().draw(resolve(library, clinic, language))


def main_part(html: str) -> str:
    """What stands below title and summary and above the colophon, with QR codes cut short."""
    found = re.search(r'<p class="summary">.*?</p>(.*)</main>', html, re.S)
    assert found
    return re.sub(r"data:image/svg\+xml,[^\"]+", "data:image/svg+xml,…", found[1])
