"""Packs of every founding leaflet break no rule that their parts did not break before, and every mark is heard in its part."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.models import Channel
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.packs.assembly import Enclosure, Pack, make_pack
from pdfkit_cli.packs.letters import LetterError
from pdfkit_cli.pdf import audit
from pdfkit_cli.pdf.audit.audited_pdf import AuditedPdf
from pdfkit_cli.pdf.merge import MergedPdf, MergePart, merge
from pdfkit_cli.pdf.merge.conformance import Conformance
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers.channels import DIGITAL, PAPER
from tests.helpers.conforming_pdf import good
from tests.helpers.founding_library_build import output_keys
from tests.helpers.hospital_letters import LETTERS, signed
from tests.helpers.letter_pdfs import reader
from tests.helpers.pdf_validators import wrongs
from tests.helpers.soak_sampling import covering

A_MASTHEAD_A_PART = {"PAG-001"}
"""outloud takes what heads the first page of each leaflet for a running title; the invariant furniture-tagged looks part by part."""

SAYS_THAT_A_PART_HAS_NO_TAGS = {"PDFUA1-SUSPECTS-001", "DOC-003", "TAG-001"}
"""Of the untagged letter alone the validators only say that it has no tags at all."""

NO_LANGUAGE_FOR_ALL = {"PDFUA1-OUTLINE-LANGUAGE-001", "PDFUA1-ANNOTATION-CONTENTS-LANGUAGE-001"}
"""A letter that does not say its language leaves the file without one; guessing the leaflets' would have it read out wrongly."""


def groups() -> dict[str, list[str]]:
    """Return what a clinic hands out in one format, which is what would go behind one letter."""
    found = defaultdict(list)
    for path, output_key in output_keys().items():
        found[f"{output_key.edition.clinic} {output_key.format}"].append(path)
    return dict(found)


def first_of_each() -> list[str]:
    """Return one PDF of each leaflet in each language, on A4."""
    found: dict[tuple[str, str], str] = {}
    for path, output_key in output_keys().items():
        if output_key.format == "a4":
            found.setdefault((output_key.edition.leaflet, output_key.edition.language), path)
    return list(found.values())


def one_of_each_direction() -> list[str]:
    """Return some of them, in `make test`: one in each direction of writing."""
    return covering(first_of_each(), lambda path: [known_language(output_keys()[path].edition.language).direction])


def _clinic_and_format(group: str) -> list[str]:
    return group.split()


GROUPS = groups()
SOME_GROUPS = covering(GROUPS, _clinic_and_format)
FORMATS = Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats


@cache
def broken(letter: str) -> frozenset[str]:
    return frozenset(wrong.code for wrong in wrongs(LETTERS[letter]()))


def added(joined: MergedPdf, letter: str, *, archival: bool = True) -> list[str]:
    """Return what is wrong with a pack and not with its letter; nothing is wrong with the leaflets (test_oracle)."""
    allowed = broken(letter) | A_MASTHEAD_A_PART
    if not joined.tagged:
        allowed |= SAYS_THAT_A_PART_HAS_NO_TAGS
    if "language-missing" in allowed:
        allowed |= NO_LANGUAGE_FOR_ALL
    if not joined.claims.archive:
        allowed |= {"PDFA2A-ID-SCHEMA-001"}
    return [str(wrong) for wrong in wrongs(joined.pdf, archival=archival) if wrong.code not in allowed]


def parts(folder: Path, paths: list[str]) -> list[MergePart]:
    return [MergePart((folder / path).read_bytes(), f"{number}. {path}") for number, path in enumerate(paths, start=1)]


@pytest.mark.soak
@pytest.mark.parametrize("group", SOME_GROUPS)
def test_behind_a_tagged_letter(group: str, founding: Path) -> None:
    paper = list(GROUPS).index(group) % 2 == 0
    joined = merge([MergePart(good(), "Brev"), *parts(founding, GROUPS[group])], "Pack", front_sides=paper)
    assert joined.claims.ua == 1
    assert added(joined, "tagged", archival=FORMATS[group.split()[1]].archival) == []


@pytest.mark.soak
@pytest.mark.parametrize("channel", [PAPER, DIGITAL], ids=["paper", "digital"])
@pytest.mark.parametrize("letter", [letter for letter in LETTERS if letter != "tagged"])
def test_behind_other_letters(letter: str, channel: Channel, founding: Path) -> None:
    behind = parts(founding, one_of_each_direction())
    joined = merge([MergePart(LETTERS[letter](), "Brev"), *behind], "Pack", front_sides=channel.sides == 2)
    assert joined.tagged == (letter != "untagged")
    assert joined.claims == (Conformance(1, 2, "A") if letter == "rotated" else Conformance(ua=int(joined.tagged)))
    assert added(joined, letter) == []


def test_leaflets_alone_stay_archival(founding: Path) -> None:
    paths = first_of_each()[:3]
    joined = merge(parts(founding, [*paths, paths[0]]), "Leaflets")
    assert joined.claims == Conformance(1, 2, "A")
    assert added(joined, "tagged") == []


def marks(document: AuditedPdf, first: int = 0, last: int = 9999) -> list[tuple[int, int, str, str]]:
    """Return page, number, words and element of each mark on some pages, in the order of the tree; pages from the first on."""
    return [
        (mark.page - first, mark.mcid, mark.words, element.kind)
        for element in document.structure.elements
        for reference in element.references
        if (mark := document.painted.marks.get((reference.target, reference.mcid or 0))) and first < mark.page <= last
    ]


@pytest.mark.soak
@pytest.mark.parametrize("channel", [PAPER, DIGITAL], ids=["paper", "digital"])
def test_every_mark_of_every_part_is_on_its_page(channel: Channel, founding: Path) -> None:
    alone = [MergePart(LETTERS["typst"](), "Brev"), *parts(founding, one_of_each_direction())]
    joined = merge(alone, "Pack", front_sides=channel.sides == 2)
    document = audit.read_pdf(joined.pdf)
    assert [piece.title for piece in document.parts] == [part.title for part in alone]
    for part, first, last in zip(alone, joined.starts, joined.starts[1:], strict=False):
        before = marks(audit.read_pdf(part.pdf))
        assert len(before) > 5
        assert marks(document, first, last) == before


def test_fields_of_a_form_are_kept(founding: Path) -> None:
    joined = merge([MergePart(LETTERS["form"](), "Brev"), *parts(founding, first_of_each()[:1])], "Pack")
    fields = reader(joined.pdf).get_fields() or {}
    assert [(name, field["/V"]) for name, field in fields.items()] == [("navn", "ingen")]


def test_a_signed_letter_is_refused_and_left_alone(founding: Path, tmp_path: Path) -> None:
    letter, out = tmp_path / "letter.pdf", tmp_path / "pack.pdf"
    letter.write_bytes(signed())
    behind = (Enclosure(founding / first_of_each()[0], "Leaflet"),)
    with pytest.raises(LetterError, match=r"letter.pdf: it is digitally signed"):
        make_pack(Pack(letter, behind, PAPER, "Brev", out))
    assert not out.exists()
    assert letter.read_bytes() == signed()
