"""Blocks that are drawn rather than set: what is read aloud, what is right with their PDFs, and how a format arranges them."""

from collections import Counter
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.errors import Severity
from pdfkit_cli.pdf.reader.document import read_pdf
from pdfkit_cli.rendering import renderer
from tests.helpers.check_runner import DAY
from tests.helpers.pdf_equivalence import same_pictures
from tests.helpers.pdf_validators import wrongs
from tests.helpers.screen_reader import speak
from tests.helpers.structure_elements import elements
from tests.helpers.tiny_library import tiny

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><path d="M2 2h36v26H2Z" fill="#cde"/>'
    '<g id="callout-1"><circle cx="9" cy="9" r="4"/></g><g id="callout-2"><circle cx="29" cy="19" r="4"/></g></svg>\n'
)

BODY = """
::: facts duration driving
- **20–45 minutter** i alt
- **Kør ikke selv** Bliv hentet.
:::

::: timeline day=2
- **2 uger før** Medicin
- **Dagen** Behandling
- **Efter** Ro
:::

::: odds 2 of 3
**2 ud af 3** får det bedre.
:::

::: diagram
![Ryggen fra siden](images/ryg.svg)

Set fra siden.

1. ryghvirvel
2. nerve
:::

## Husk

::: compare Vent med
| Vent med | Hvor længe |
|---|---|
| at bade | 4 uger |
:::

::: important Sig til
Sig det til personalet.
:::

::: questions
Skriv her.
:::
"""

ARABIC = """
::: facts duration driving
- **20–45 دقيقة** في المجموع
- **لا تقد السيارة** اتفق مع من يوصلك.
:::

::: timeline day=2
- **قبل 2 أسبوع** الدواء
- **يوم الموعد** العلاج
- **بعده** راحة
:::

::: odds 2 of 3
**2 من كل 3** يتحسنون.
:::

::: diagram
![الظهر من الجانب](images/ryg.svg)

من الجانب.

1. فقرة
2. عصب
:::

## تذكر

::: compare انتظر
| انتظر قبل | المدة |
|---|---|
| السباحة | 4 أسابيع |
:::

::: important أخبرنا
أخبر العاملين.
:::

::: questions
اكتب هنا.
:::
"""

FORMATS = "a4, a5, a4-large, a5-booklet, print-shop"
CASES = [("da", form) for form in FORMATS.split(", ")] + [("ar", "a4"), ("ar", "a5")]


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


@cache
def rendered(language: str, form: str) -> tuple[bytes, bytes]:
    """Return the PDF as an imprint on a shared body, and as a full render."""
    with TemporaryDirectory() as folder:
        library = tiny(Path(folder))
        library.replace("content/first/leaflet.yaml", "a4, a5", FORMATS)
        library.replace("clinics/north.yaml", "[da]", "[da, ar]")
        library.write("content/first/images/ryg.svg", DRAWING)
        library.body(BODY)
        library.write("content/first/ar.md", f"---\ntitle: عنوان\nsummary: ملخص.\n---\n{ARABIC}")
        project = open_project(BuildRequest(library.root, as_of=DAY))
        assert not [finding for finding in project.findings if finding.severity is Severity.ERROR]
        output_key = next(item for item in project.output_keys() if item.path == f"north/first.{language}.{form}.pdf")
        page = project.draw(output_key).page
        assert page.shares_body
        return renderer.render(page).pdf, renderer.render(replace(page, shares_body=False)).pdf


def printed(language: str, form: str) -> bytes:
    return rendered(language, form)[0]


@pytest.mark.parametrize(("language", "form"), CASES)
def test_nothing_is_wrong(language: str, form: str) -> None:
    assert [str(wrong) for wrong in wrongs(printed(language, form), archival=form != "print-shop")] == []


@pytest.mark.parametrize(("language", "form"), CASES)
def test_an_imprint_looks_as_a_full_render(language: str, form: str) -> None:
    imprint, whole = rendered(language, form)
    same_pictures(whole, imprint)


@pytest.mark.parametrize("form", ["a4", "a5"])
def test_lists_are_heard_as_lists_and_pictures_by_their_texts(form: str) -> None:
    root: Any = PdfReader(BytesIO(printed("da", form))).root_object
    kinds = Counter(str(element["/S"]) for element in elements(root["/StructTreeRoot"]))
    # Facts, time line and legend; the table of the comparison is the only one; logo, people, and drawing.
    assert (kinds["/L"], kinds["/LI"], kinds["/Lbl"], kinds["/Table"], kinds["/Figure"]) == (3, 7, 2, 1, 3)
    alternatives = [str(item["/Alt"]) for item in elements(root["/StructTreeRoot"]) if item["/S"] == "/Figure"]
    assert alternatives == ["Plain", "2 ud af 3 personer", "Ryggen fra siden"]


@pytest.mark.parametrize("form", ["a4", "a5"])
def test_words_are_heard_in_their_order_without_the_decoration(form: str) -> None:
    parts, before = [], 0
    for piece in speak(printed("da", form)):
        parts.append(" " * (piece.block != before) + piece.text)
        before = piece.block
    heard = " ".join("".join(parts).replace("\N{NO-BREAK SPACE}", " ").split())
    expected = (
        "20–45 minutter i alt Kør ikke selv Bliv hentet. 2 uger før Medicin Dagen Behandling Efter Ro "
        "2 ud af 3 får det bedre. Set fra siden. 1 ryghvirvel 2 nerve Husk Vent med Vent med Hvor længe at bade 4 uger "
        "Sig til Sig det til personalet. Mine spørgsmål Skriv her."
    )
    assert expected in heard


def places(form: str, *words: str) -> list[tuple[float, float]]:
    """Return the left and lower edge of each of these words, which begin lines of their own."""
    runs = [("".join(run.glyphs).strip(), run.box) for page in read_pdf(printed("da", form)).pages for run in page.runs]
    return [next((box[0], box[1]) for text, box in runs if text == word) for word in words]


def test_a_time_line_runs_across_a4_and_down_a5() -> None:
    across, down = places("a4", "Medicin", "Behandling", "Ro"), places("a5", "Medicin", "Behandling", "Ro")
    assert across[0][0] < across[1][0] < across[2][0]
    assert len({round(y) for _, y in across}) == 1
    assert len({round(x) for x, _ in down}) == 1
    assert down[0][1] > down[1][1] > down[2][1]
