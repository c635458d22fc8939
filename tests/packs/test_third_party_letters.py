"""Letters of other programs, one for each way in which a pack once showed something else: `letters/` has them as small files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from pdfkit_cli.content.models import Channel, PackMode
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackError, PackResult
from pdfkit_cli.packs.letters import LetterError
from pdfkit_cli.pdf.merge import conformance
from tests.helpers.channels import DIGITAL, PAPER
from tests.helpers.conforming_pdf import good
from tests.helpers.letter_pdfs import opened

FOLDER = Path(__file__).parent / "letters"
REFUSED = {
    "o2-odd-numbers": "page 1 does not state its size",
    "x8-type-Pages-on-page": "its page tree holds something that is no page",
    "x5-count-wrong": "it states 2 pages, and 1 are there",
}
NAMES = sorted(path.stem for path in FOLDER.glob("*.pdf"))
READ_IN_TWO_WAYS = {"inherit-two-levels"}
"""PDFium lets null hide what is inherited; by the standard, and for qpdf and Poppler, null is the same as nothing."""


@pytest.fixture(scope="module")
def leaflet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("leaflet") / "leaflet.pdf"
    path.write_bytes(good())
    return path


@pytest.fixture
def pack(leaflet: Path, tmp_path: Path) -> Any:
    def made(name: str, channel: Channel = DIGITAL, way: PackMode = PackMode.JOIN) -> tuple[PackResult, bytes]:
        behind = (Enclosure(leaflet, "A good leaflet", language="en"),)
        to = tmp_path / "pack.pdf"
        packed = assembly.make_pack(Pack(FOLDER / f"{name}.pdf", behind, channel, "Brev", to, way=way))
        return packed, to.with_name(packed.files[0]).read_bytes()

    return made


def drawn(pdf: bytes, pages: int) -> Iterator[tuple[tuple[int, int], bytes, str]]:
    """Yield size, pixels and words of the first pages, with their form fields drawn."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    for number in range(pages):
        image = document[number].render(scale=0.5).to_pil()
        yield image.size, image.tobytes(), document[number].get_textpage().get_text_bounded()


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(REFUSED) - READ_IN_TWO_WAYS))
def test_a_pack_shows_what_its_letter_shows(name: str, pack: Any) -> None:
    letter = (FOLDER / f"{name}.pdf").read_bytes()
    pages = len(pypdfium2.PdfDocument(letter))
    for way in (PackMode.JOIN, PackMode.EMBED, PackMode.SPLIT):
        _, made = pack(name, way=way)
        assert list(drawn(made, pages)) == list(drawn(letter, pages)), way


@pytest.mark.parametrize("name", REFUSED)
def test_what_viewers_read_in_different_ways_is_refused(name: str, pack: Any) -> None:
    with pytest.raises(LetterError, match=REFUSED[name]):
        pack(name)


def test_null_is_the_same_as_nothing(pack: Any) -> None:
    page = opened(pack("inherit-two-levels")[1]).pages[0].obj
    assert [float(corner) for corner in page.CropBox] == [0, 0, 595, 800]
    assert "/F1" in page.Resources.Font


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("d-dest", "weasy"))])
def test_links_lead_to_their_named_places(name: str, pack: Any) -> None:
    pdf = opened(pack(name)[1])
    known: dict[bytes, Any] = {}
    for kid in pdf.Root.Names.Dests.Kids:
        pairs = list(kid.Names)
        assert [bytes(limit) for limit in kid.Limits] == [bytes(pairs[0]), bytes(pairs[-2])]
        known |= {bytes(key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}
    links = [annotation for page in list(pdf.pages)[:-2] for annotation in page.get("/Annots", [])]
    assert links
    for link in links:
        if "/A" in link and "/URI" in link.A:
            continue
        target = link.get("/Dest") or link.A.get("/D")
        place = known[bytes(target)] if isinstance(target, pikepdf.String) else target
        page = (place.D if isinstance(place, pikepdf.Dictionary) else place)[0]
        assert page.objgen in {one.obj.objgen for one in list(pdf.pages)[:-2]}
        if name != "weasy":
            assert page.objgen == pdf.pages[1].obj.objgen


def test_relative_links_lead_to_where_the_letter_says(pack: Any) -> None:
    link = opened(pack("i1-base-uri")[1]).pages[0].Annots[0]
    assert str(link.A.URI) == "https://hospital.example/da/kontakt.html"


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("attachment-two-of-one-name", ["a.txt", "b.txt"]),
        ("g1-attachment-key-000", ["factur-x.xml"]),
        ("g2-attachment-key-desc", ["henvisning.pdf"]),
        ("attachments-utf16-keys", ["note.txt"]),
    ],
)
def test_attachments_keep_their_names(name: str, files: list[str], pack: Any) -> None:
    for way in (PackMode.JOIN, PackMode.EMBED):
        tree = opened(pack(name, way=way)[1]).Root.Names.EmbeddedFiles
        found = [file for kid in tree.Kids for file in list(kid.Names)[1::2]]
        assert sorted(str(file.get("/UF") or file.F) for file in found if file.get("/Desc") != "A good leaflet") == files  # fmt: skip


def test_a_letter_does_not_rule_how_its_pack_is_printed(pack: Any) -> None:
    _, made = pack("h1-print-page-range", channel=PAPER)
    said = opened(made).Root.ViewerPreferences
    assert {key: said[key] for key in said.keys()} == {  # noqa: SIM118
        "/DisplayDocTitle": True, "/PrintScaling": "/None", "/Duplex": "/DuplexFlipLongEdge",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["box-a4-print-bleed3mm", "l1-media-a3-crop-a4"])
def test_paper_is_as_large_as_what_is_seen_of_it(name: str, pack: Any) -> None:
    assert pack(name, channel=PAPER)[0].sheets == 2


def test_a_page_that_is_cut_to_a5_is_a5(pack: Any) -> None:
    with pytest.raises(PackError, match="another paper size"):
        pack("l2-media-a4-crop-a5", channel=PAPER)


def test_role_maps_of_a_letter_do_not_change_the_leaflet(pack: Any) -> None:
    for name in ("j1-rolemap-H1-to-P", "j2-rolemap-Part"):
        tree = opened(pack(name)[1]).Root.StructTreeRoot
        roles = dict(tree.RoleMap.items())
        assert not {"/H1", "/Part", "/Document", "/P"} & set(roles)
        assert [str(part.S) for part in tree.K[0].K] == ["/Part", "/Part"]


def test_a_key_of_a_letter_does_not_lead_into_the_leaflet(pack: Any) -> None:
    pdf = opened(pack("k1-annotation-key-not-in-tree")[1])
    assert "/StructParent" not in pdf.pages[0].Annots[0]


def test_rights_for_a_vendors_program_are_no_signature(pack: Any) -> None:
    assert pack("v1-reader-extended")[0].left_out == ("/Perms",)
    assert pack("v2-empty-perms")[0].left_out == ()


def test_pdfa_is_kept_over_different_profiles_of_srgb(pack: Any) -> None:
    packed, made = pack("typst-ua-1-a-2a")
    assert packed.archivable
    assert conformance.read_conformance(opened(made).Root.Metadata.read_bytes()) == conformance.Conformance(1, 2, "A")


def test_a_letter_keeps_what_it_says_of_itself(pack: Any) -> None:
    letter = opened((FOLDER / "m1-info-only.pdf").read_bytes()).docinfo
    for way in (PackMode.JOIN, PackMode.EMBED):
        _, made = pack("m1-info-only", way=way)
        said = opened(made).docinfo
        assert {key: str(said[key]) for key in letter if key != "/Producer"} == {
            key: str(value) for key, value in letter.items() if key != "/Producer"
        }
        assert str(letter.Title).encode() in opened(made).Root.Metadata.read_bytes()


def test_a_letter_without_a_language_is_taken_to_be_in_its_clinics(leaflet: Path, tmp_path: Path) -> None:
    behind = (Enclosure(leaflet, "A good leaflet", language="en"),)
    letter = FOLDER / "h1-print-page-range.pdf"
    to = tmp_path / "pack.pdf"
    for clinic, expected in (("da", "da"), ("", "en")):
        assembly.make_pack(Pack(letter, behind, DIGITAL, "Brev", to, language=clinic))
        assert str(opened(to.read_bytes()).Root.Lang) == expected


ACTING = {
    "acts-01": "/JavaScript", "acts-02": "/JavaScript", "acts-03": "/Launch", "acts-07": "/URI", "r8-catalog-AA-javascript": "/AA",
    "z3-named-print-open": "/Named", "z4-openaction-uri": "/URI", "z5-openaction-gotor": "/GoToR",
}  # fmt: skip


@pytest.mark.parametrize("name", ACTING)
def test_what_acts_is_left_out_and_said(name: str, pack: Any) -> None:
    for way in (PackMode.JOIN, PackMode.EMBED, PackMode.SPLIT):
        packed, made = pack(name, way=way)
        assert packed.left_out == (ACTING[name],)
        root = opened(made).Root
        assert not {"/OpenAction", "/AA"} & set(root.keys())


def test_a_letter_with_tags_is_not_said_to_have_none(pack: Any) -> None:
    packed, _ = pack("chromium")
    assert (packed.tagged, packed.accessible) == (True, False)
    assert not pack("m1-info-only")[0].tagged
