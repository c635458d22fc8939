"""A leaflet that was imprinted on a shared body is the same as one rendered whole."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content.models import Clinic
from pdfkit_cli.errors import Problem
from pdfkit_cli.pdf.thumbnails import render_thumbnail
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import RenderError
from pdfkit_cli.rendering.imprint import assembler
from pdfkit_cli.rendering.imprint import slots as imprint_slots
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.rendering.unverified import UnsharedReason, UnverifiedPdf
from pdfkit_cli.rendering.verification import proof_cache
from pdfkit_cli.rendering.verification.expected_item import ContentKind, ExpectedItem
from tests.helpers import clinic_strategies
from tests.helpers.check_runner import wrong
from tests.helpers.founding_library_build import DAY, drawn, entries, sample, whole
from tests.helpers.pdf_equivalence import features, same_pictures
from tests.helpers.screen_reader import speak
from tests.helpers.soak_sampling import amount, covering
from tests.helpers.tiny_library import WHOLE_FORMATS, TinyLibrary, tiny

# Every edition of the founding library


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("path", sample())
def test_an_imprint_is_what_a_whole_render_is(path: str, founding: Path) -> None:
    """As the build makes it: in a worker, in a batch with others that share its body, mostly unread."""
    entry, page = entries(founding)[path], drawn(path).page
    assert entry.whole == ("" if page.shares_body else UnsharedReason.FACT_IN_SENTENCE)
    if page.shares_body:
        same(whole(path, founding), RenderedPdf((founding / path).read_bytes(), entry.pages, entry.remarks))


def same(one: RenderedPdf, other: RenderedPdf) -> None:
    """Assert that two PDFs are the same in all but their bytes."""
    found, wanted = features(other.pdf), features(one.pdf)
    for name, value in wanted.items():
        assert found[name] == value, name
    assert (other.pages, other.remarks) == (one.pages, one.remarks)
    same_pictures(one.pdf, other.pdf)


@pytest.mark.slow
@pytest.mark.soak
def test_what_goes_to_a_print_shop_is_the_same_too(print_shop: Path, print_shop_library: Path) -> None:
    renderer.prepare_process()
    shop = open_project(BuildRequest(print_shop_library, as_of=DAY))
    known = [item for item in shop.output_keys() if item.path in entries(print_shop)]
    assert len(known) == len(entries(print_shop))
    for output_key in covering(known, lambda item: (item.edition.clinic, item.edition.language)):
        entry, page = entries(print_shop)[output_key.path], shop.draw(output_key).page
        assert entry.whole == ""
        made = RenderedPdf((print_shop / output_key.path).read_bytes(), entry.pages, entry.remarks)
        same(renderer.render(replace(page, shares_body=False)), made)


def page_of(library: TinyLibrary, clinic: str, form: str = "a4") -> Page:
    renderer.prepare_process()
    shop = open_project(BuildRequest(library.root, as_of=DAY))
    assert not wrong(shop.findings)
    return shop.draw(next(item for item in shop.output_keys() if item.path == f"{clinic}/first.da.{form}.pdf")).page


BODY = "## Før du kommer\n\n::: call\nRing, hvis du er i tvivl.\n:::\n\nTekst.\n"


def test_clinics_share_a_body(library: TinyLibrary) -> None:
    library.body(BODY)
    north, south = (imprint_slots.split_slots(page_of(library, clinic).html) for clinic in ("north", "south"))
    assert north.body == south.body
    assert len(north.slots) == len(south.slots) == 3
    assert north.slots != south.slots


def test_a_body_has_one_name_for_all_who_hand_it_out(library: TinyLibrary) -> None:
    library.body(BODY)
    names = {
        form: {renderer.render(page_of(library, clinic, form)).body for clinic in ("north", "south")}
        for form in ("a4", "a5")
    }
    assert [len(found) for found in names.values()] == [1, 1]
    assert not names["a4"] & names["a5"]
    assert not renderer.render(replace(page_of(library, "north"), shares_body=False)).body


def test_the_thumbnail_of_a_body_has_nothing_of_a_clinic(library: TinyLibrary) -> None:
    library.body("::: call\nRing, hvis du er i tvivl.\n:::\n\nTekst.\n")
    pdf = renderer.render(page_of(library, "north")).pdf
    whole, body = (Image.open(BytesIO(render_thumbnail(pdf, 840, body=body))).convert("L") for body in (False, True))
    masthead, title = (90, 76, 750, 122), (90, 150, 750, 240)
    assert min(whole.crop(masthead).tobytes()) < 100
    assert min(body.crop(masthead).tobytes()) > 240
    assert min(body.crop(title).tobytes()) < 100
    assert max(ImageChops.difference(body.crop(title), whole.crop(title)).tobytes()) < 48


@pytest.mark.parametrize("form", ["a4", "a5", "a4-large"])
def test_a_call_in_a_warning_has_the_content_of_one_outside(library: TinyLibrary, form: str) -> None:
    """So a clinic's slot is laid out once for leaflets with one, the other or both."""
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5, a4-large]")
    say_who_answers_at_night(library)
    library.body(f"{BODY}\n:::: warning Vigtigt\nDu må ikke køre bil.\n\n::: call\nRing straks.\n:::\n::::\n")
    made = renderer.render_unverified(page_of(library, "north", form)).imprint
    assert made
    assert made.slots[1] == made.slots[2]


@pytest.mark.parametrize("form", ["a4", "a5", "a4-large", "a4-columns"])
def test_a_call_in_a_warning_says_who_answers_at_night(library: TinyLibrary, form: str) -> None:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5, a4-large, a4-columns]")
    say_who_answers_at_night(library)
    library.body(f"{BODY}\n:::: warning Vigtigt\nDu må ikke køre bil.\n\n::: call\nRing straks.\n:::\n::::\n")
    for clinic in ("north", "south"):
        imprinted(page_of(library, clinic, form))


def say_who_answers_at_night(library: TinyLibrary) -> None:
    library.replace("clinics/north.yaml", "hands_out:", 'out_of_hours: ["70 11 07 07", "112"]\nhands_out:')
    library.replace("clinics/south.yaml", "hands_out:", "out_of_hours: [lægevagten]\nhands_out:")


def test_the_order_of_renders_changes_no_byte(library: TinyLibrary) -> None:
    library.body(BODY)
    library.replace("clinics/south.yaml", "language: da", "unit: Afsnit 4\nemail: syd@example.org\nlanguage: da")
    pages = [page_of(library, clinic) for clinic in ("north", "south")]
    renderer.reset()
    forth = [renderer.render(page).pdf for page in pages]
    renderer.reset()
    back = [renderer.render(page).pdf for page in reversed(pages)]
    assert forth == back[::-1]


def test_a_fact_inside_a_sentence_needs_a_full_render(library: TinyLibrary) -> None:
    assert not page_of(library, "north").shares_body  # the tiny leaflet has a phone number in a sentence


def test_whether_content_fits_depends_on_no_other_render(library: TinyLibrary) -> None:
    """How wide its place is has to be guessed where no other leaflet has it; at that width this would be too high for any page."""
    library.body(BODY)
    library.replace("clinics/north.yaml", "name: Klinik Nord", f"name: {'Klinik Nord ' * 200}")
    renderer.reset()
    imprinted(page_of(library, "north"))


def test_a_slot_goes_to_another_page_as_a_whole(library: TinyLibrary) -> None:
    """The heading of its panel does not fit above it. Were it text like any other, it would break there, and its room would not."""
    library.body(BODY)
    library.replace("clinics/south.yaml", "name: Klinik Syd", f"name: {'Klinik Syd ' * 264}")
    imprinted(page_of(library, "south"))


@pytest.mark.parametrize(("height", "stays"), [(70, True), (71, False)])
def test_a_room_that_reaches_over_the_foot_of_its_page_is_seen(height: float, stays: bool) -> None:
    """By a pixel too: the proof lets letters overhang by more."""
    renderer.prepare_process()
    html = imprint_slots.body_html(
        imprint_slots.SlottedHtml("<body><section><!--slot--></section></body>", ("",), "", ""), (height,)
    )
    css = "@page { size: 100px 100px; margin: 10px } body { margin: 0 } section { padding: 5px }"
    import weasyprint

    document = weasyprint.HTML(string=f"<style>{css}</style>{html}").render()
    assert imprint_slots.slots_stay_on_page(document) == stays


def test_a_word_at_the_end_of_a_line_ends_although_no_other_space_is_in_its_font(library: TinyLibrary) -> None:
    """A clinic's slots have few words; the space behind “E-mail” may be the only one that is neither bold nor in the body."""
    library.body(BODY)
    library.replace("clinics/north.yaml", "name: Klinik Nord", f"name: Klinik Nord\nemail: {'m' * 32}@example.org")
    page = page_of(library, "north")
    imprinted(page)
    assert "E-mail " in [piece.text for piece in speak(renderer.render(page).pdf)]


def test_content_that_does_not_fit_gets_a_full_render(library: TinyLibrary) -> None:
    library.body(BODY)
    library.replace("clinics/north.yaml", "name: Klinik Nord", f"name: {'Klinik Nord ' * 400}")
    page = page_of(library, "north")
    assert page.shares_body
    assert renderer.render(page).pdf == renderer.render(replace(page, shares_body=False)).pdf


CONTACTS = {
    "a long name": "name: Rygkirurgisk og Neurologisk Ambulatorium for Voksne og Børn i Syddanmark\nunit: Dagkirurgisk Afsnit 24",
    "signs of XML": "name: Nord & <Syd>",
    "every way to reach it": "name: Klinik Nord\nemail: nord@example.org\nweb: https://example.org/nord",
    "a name from right to left": "name: عيادة الشمال",
    "a name outside Latin-1": "name: Klinika Północ",
    "letters that share a glyph": "name: Cafe\u0301 Café\u00a0é ﬁ fi",
    "two lines, one of them blank": "name: |\n  Klinik\n\n  Nord",
}


@pytest.mark.parametrize("contact", CONTACTS)
def test_whatever_a_clinic_has_in_its_slots(library: TinyLibrary, contact: str) -> None:
    library.body(BODY)
    library.replace("clinics/north.yaml", "name: Klinik Nord", CONTACTS[contact])
    imprinted(page_of(library, "north"))


@pytest.mark.parametrize(
    "note", ["", "phone_note: {da: Tast 2}\naddress: {street: Vej 1, postal_code: '9000', city: By}\n"]
)
def test_a_clinic_without_a_phone(library: TinyLibrary, note: str) -> None:
    """What to know when calling is owed to nobody who cannot call."""
    library.body("## Før du kommer\n\nTekst.\n")
    library.replace("clinics/north.yaml", 'phone: "76 36 14 00"\n', note)
    imprinted(page_of(library, "north"))


def imprinted(page: Page) -> None:
    """Assert that a page is imprinted, and what it would be as a whole."""
    made = renderer.render(page)
    assert made.unshared is None
    same(renderer.render(replace(page, shares_body=False)), made)


def test_only_what_has_types_of_our_own_has_a_role_map(library: TinyLibrary) -> None:
    """And which it has is known only when body and slots meet."""
    for text, roles in ((BODY, None), (f"{BODY}\nEt **vigtigt** ord.\n", {"/Strong": "/Span"})):
        library.body(text)
        made: Any = PdfReader(BytesIO(renderer.render(page_of(library, "north")).pdf)).root_object
        assert made["/StructTreeRoot"].get("/RoleMap") == roles


@pytest.mark.parametrize("unit", ["Cafe\u0301 Café\u00a0ﬁ fi", "Café\u00a0Cafe\u0301 fi ﬁ"])
def test_what_a_glyph_says_hangs_on_no_word_before_it(library: TinyLibrary, unit: str) -> None:
    """WeasyPrint lets a glyph say the first characters that have it, and in the slots those are others than in the whole page."""
    library.body(BODY)
    library.replace("clinics/north.yaml", "name: Klinik Nord", f"name: Klinik Nord\nunit: {unit}")
    page = page_of(library, "north")
    imprinted(page)
    assert "Café Café fi fi" in [piece.text for piece in speak(renderer.render(page).pdf)]


# Clinics as nobody expects them


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Project:
    renderer.prepare_process()
    return clinic_strategies.library(tiny(tmp_path_factory.mktemp("strange")))


@pytest.mark.slow
@pytest.mark.soak
def test_whatever_stands_in_the_slots_of_whichever_leaflet(strange: Project) -> None:
    """What cannot be imprinted is rendered whole, and what cannot be rendered whole is refused in the same words; in whichever order."""
    seen: Counter[str] = Counter()
    kept: list[tuple[Page, bytes]] = []

    @QUICK
    @example(A_HAIR_LOWER, clinic_strategies.Leaflet(3, 5, False), "ar", "remote-print")
    @given(
        clinic_strategies.clinics(),
        clinic_strategies.leaflets(),
        st.sampled_from(["da", "ar"]),
        st.sampled_from(WHOLE_FORMATS),
    )
    def check(clinic: Clinic, leaflet: clinic_strategies.Leaflet, language: str, format_name: str) -> None:
        page = clinic_strategies.page(strange, clinic, leaflet, language, format_name)
        made, wanted = outcome(page), outcome(replace(page, shares_body=False))
        if isinstance(made, str) or isinstance(wanted, str):
            seen["refused"] += 1
            assert made == wanted
        elif made.unshared:
            seen[made.unshared] += 1
            assert made.pdf == wanted.pdf
        else:
            seen["imprinted"] += 1
            same(wanted, made)
            kept.append((page, made.pdf))

    check()
    assert seen.keys() <= {"refused", "imprinted", UnsharedReason.OVERFLOW}
    assert seen["imprinted"] > 0.75 * seen.total()
    renderer.reset()
    for page, pdf in reversed(kept[::8]):
        assert renderer.render(page).pdf == pdf


A_HAIR_LOWER = Clinic.model_validate(
    {
        "name": "الشمال مستشفى الملك فهد مستشفى الملك فهد",
        "brand": "plain",
        "language": "en",
        "country": "SE",
        "phone": "031-81 80 37",
        "web": "https://www.example.org/ncr1g_-",
    }
)
"""Below its slots a line stood a pixel lower, since the room for them was measured to the fourth digit."""

QUICK = settings(
    max_examples=amount(12, 200),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def outcome(page: Page) -> RenderedPdf | str:
    try:
        return renderer.render(page)
    except RenderError as error:
        return str(error)


# One of a batch


@pytest.fixture
def batch(library: TinyLibrary) -> dict[str, Page]:
    """A page for each of three clinics that share a body, the first of which the workers know nothing of."""
    library.body(BODY)
    library.write("clinics/west.yaml", library.read("clinics/south.yaml").replace("Syd", "Vest"))
    renderer.reset()
    return {clinic: page_of(library, clinic) for clinic in ("north", "south", "west")}


def made(batch: dict[str, Page]) -> dict[str, RenderedPdf | Problem]:
    return dict(zip(batch, renderer.render_all(tuple(batch.values())), strict=True))


def test_a_batch_is_what_each_of_it_is_alone(batch: dict[str, Page]) -> None:
    found = made(batch)
    renderer.reset()
    assert found == {clinic: renderer.render(page) for clinic, page in reversed(batch.items())}
    assert {item.unshared for item in found.values() if isinstance(item, RenderedPdf)} == {None}


TOO_MUCH = {
    "higher than any page": f"name: {'Klinik Syd ' * 400}",
    "higher than its page": f"name: {'Klinik Syd ' * 276}",
    "wider than its slot, so that its proof fails": f"name: Klinik Syd\nemail: {'m' * 34}@example.org",
}


@pytest.mark.parametrize("content", TOO_MUCH)
def test_what_does_not_fit_is_whole_among_imprints(batch: dict[str, Page], library: TinyLibrary, content: str) -> None:
    known = made(batch)
    library.replace("clinics/south.yaml", "name: Klinik Syd", TOO_MUCH[content])
    batch["south"] = page_of(library, "south")
    renderer.reset()
    found = made(batch)
    assert found.pop("south") == replace(
        renderer.render(replace(batch["south"], shares_body=False)), unshared=UnsharedReason.OVERFLOW
    )
    assert found == {other: known[other] for other in found}


@pytest.mark.parametrize("clinic", ["north", "south", "west"])
def test_an_imprint_that_was_put_together_wrong_is_whole(
    batch: dict[str, Page], clinic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = made(batch)
    assemble = assembler.assemble
    author = imprint_slots.split_slots(batch[clinic].html).author

    def wrongly(
        body: assembler.BodyTemplate,
        fragment: assembler.ClinicFragment,
        slots: list[int],
        own: assembler.EditionValues,
    ) -> bytes:
        return assemble(body, fragment, slots, replace(own, digest="00000000") if own.author == author else own)

    monkeypatch.setattr(assembler, "assemble", wrongly)
    renderer.reset()
    found = made(batch)
    assert found.pop(clinic) == replace(
        renderer.render(replace(batch[clinic], shares_body=False)), unshared=UnsharedReason.OVERFLOW
    )
    assert found == {other: known[other] for other in found}


@pytest.mark.parametrize("clinic", ["north", "south", "west"])
def test_what_cannot_be_proven_at_all_fails_alone(batch: dict[str, Page], clinic: str) -> None:
    known = made(batch)
    lost = ExpectedItem("clinics/x.yaml", 7, ContentKind.FACT, "Klinik Øst")
    batch[clinic] = replace(batch[clinic], expected=(*batch[clinic].expected, lost))
    found = made(batch)
    assert str(found.pop(clinic)) == f"clinics/x.yaml:7:1 · da · {clinic} · a4: “Klinik Øst” is not on the page"
    assert found == {other: known[other] for other in found}


@pytest.mark.parametrize("digest", ["fffa4bff", "7f4aff10", "00000000", "c6d07ef7"])
def test_the_digest_is_written_as_the_font_writes_it(library: TinyLibrary, digest: str) -> None:
    """ff is one sign in this font, and some letters stand closer than others."""
    library.body(BODY)
    page = page_of(library, "north")
    page = replace(page, html=re.sub("(<!--digest-->)[0-9a-f]{8}", rf"\g<1>{digest}", page.html))
    whole, imprinted = (
        renderer.render_unverified(replace(page, shares_body=False)).pdf,
        renderer.render_unverified(page),
    )
    (form,) = set(forms(imprinted.pdf, "/digest"))
    (shown,) = re.findall(rb"\[.*?\] TJ", form)
    assert shown in PdfReader(BytesIO(whole)).pages[0].get_contents().get_data()  # type: ignore[union-attr]


def forms(pdf: bytes, name: str) -> Iterator[bytes]:
    resources: Any = PdfReader(BytesIO(pdf)).pages[0]["/Resources"]
    for key, form in resources["/XObject"].items():
        if key.startswith(name):
            yield form.get_object().get_data()


class TestReusedProofs:
    """Once a body and a slot have been read, others are not read again, unless something about them is new."""

    @pytest.fixture
    def page(self, library: TinyLibrary) -> Page:
        library.body(BODY)
        renderer.reset()
        return page_of(library, "north")

    @pytest.fixture
    def known(self, page: Page, monkeypatch: pytest.MonkeyPatch) -> UnverifiedPdf:
        monkeypatch.setattr(proof_cache, "SAMPLE_INTERVAL", 1 << 40)
        made = renderer.render_unverified(page)
        assert renderer._reuse_proof(page, made) is None
        assert renderer.verify_rendered(page, made)[1] == ()
        return made

    def test_what_was_read_is_known_and_says_the_same(self, page: Page, known: UnverifiedPdf) -> None:
        rendered = renderer._reuse_proof(page, known)
        assert rendered
        read, _ = renderer.verify_rendered(page, known)
        assert replace(rendered, filled=round(rendered.filled, 6)) == replace(read, filled=round(read.filled, 6))

    @pytest.mark.parametrize("kind", [ContentKind.FACT, ContentKind.TEXT, ContentKind.PICTURE, ContentKind.FURNITURE])
    def test_what_is_owed_beside_it_is_looked_for(self, page: Page, known: UnverifiedPdf, kind: ContentKind) -> None:
        more = replace(page, expected=(*page.expected, ExpectedItem("x.md", 1, kind, "Klinik Vest")))
        assert renderer._reuse_proof(more, known) is None
        assert renderer.verify_rendered(more, known)[1]

    def test_another_digest_is_looked_for(self, page: Page, known: UnverifiedPdf) -> None:
        assert known.imprint
        other = replace(known, imprint=replace(known.imprint, digest="00000000"))
        assert renderer._reuse_proof(page, other) is None

    def test_some_are_read_all_the_same(
        self, page: Page, known: UnverifiedPdf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(proof_cache, "SAMPLE_INTERVAL", 1)
        assert renderer._reuse_proof(page, known) is None

    def test_a_file_that_is_not_what_was_put_together_is_read(self, page: Page, known: UnverifiedPdf) -> None:
        assert renderer._reuse_proof(page, replace(known, is_sound=False)) is None


def test_a_damaged_file_is_not_sound(library: TinyLibrary) -> None:
    library.body(BODY)
    page = page_of(library, "north")
    made = renderer.render_unverified(page)
    _, shared_layouts = renderer._renderers_for(page)
    assert made.imprint
    body = shared_layouts._bodies.get(made.imprint.body)
    assert body
    assert body.template
    assert assembler.matches_template(body.template, made.pdf)
    assert not assembler.matches_template(body.template, made.pdf[:999] + bytes([made.pdf[999] ^ 1]) + made.pdf[1000:])
    at = made.pdf.index(b" 0 obj", len(body.template.head))
    assert not assembler.matches_template(body.template, made.pdf[: at - 1] + b"x" + made.pdf[at:])
