"""One pack: in place whole or not at all, right on paper, within what its channel takes."""

from dataclasses import replace
from pathlib import Path

import pytest

from pdfkit_cli import packs
from pdfkit_cli.packs import Channel, Enclosure, Limits, Pack, PackError
from tests.papers import plain, reader, tagged


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    (folder / "letter.pdf").write_bytes(plain(1))
    (folder / "tagged.pdf").write_bytes(tagged("letter", "da"))
    (folder / "small.pdf").write_bytes(plain(2))
    (folder / "large.pdf").write_bytes(plain(3))
    (folder / "a5.pdf").write_bytes(tagged("leaflet", "sv"))
    return folder


@pytest.fixture
def pack(folder: Path, tmp_path: Path) -> Pack:
    enclosures = tuple(Enclosure(folder / f"{name}.pdf", name.capitalize(), "a4") for name in ("small", "large"))
    return Pack(
        folder / "letter.pdf", enclosures, Channel.PAPER, Limits(), "Your appointment", tmp_path / "out/pack.pdf"
    )


def test_a_paper_pack_begins_each_part_on_a_front_side(pack: Pack) -> None:
    packed = packs.make(pack)
    assert (packed.pages, packed.sheets, packed.bytes) == (8, 4, pack.out.stat().st_size)
    assert packed.staple_sets == ((1, 2), (3, 4), (5, 8))
    assert [item.title for item in reader(pack.out.read_bytes()).outline] == ["Your appointment", "Small", "Large"]


def test_a_digital_pack_has_no_blank_pages(pack: Pack) -> None:
    packed = packs.make(replace(pack, channel=Channel.DIGITAL))
    assert packed.pages == 6
    assert not packed.accessible


def test_accessible_parts_make_an_accessible_pack(pack: Pack, folder: Path) -> None:
    enclosures = (Enclosure(folder / "a5.pdf", "Leaflet", "a5"),)
    packed = packs.make(replace(pack, letter=folder / "tagged.pdf", enclosures=enclosures))
    assert packed.accessible


def test_only_its_owner_may_read_it_and_nothing_else_is_left(pack: Pack) -> None:
    packs.make(pack)
    assert pack.out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in pack.out.parent.iterdir()] == ["pack.pdf"]


def refused(pack: Pack) -> str:
    with pytest.raises(PackError) as caught:
        packs.make(pack)
    assert not pack.out.exists()
    assert caught.value.hint
    return str(caught.value)


def test_an_envelope_holds_so_many_sheets(pack: Pack) -> None:
    packs.make(replace(pack, limits=Limits(sheets=4)))
    pack.out.unlink()
    assert refused(replace(pack, limits=Limits(sheets=3))) == "pack.pdf: 4 sheets, and the envelope holds 3"


def test_a_message_holds_so_many_bytes(pack: Pack) -> None:
    digital = replace(pack, channel=Channel.DIGITAL)
    size = packs.make(replace(digital, limits=Limits(bytes=1_000_000))).bytes
    pack.out.unlink()
    assert "most of it is “Large”" in refused(replace(digital, limits=Limits(bytes=size - 1)))


def test_a_booklet_and_another_paper_size_are_refused(pack: Pack, folder: Path) -> None:
    booklet = Enclosure(folder / "small.pdf", "Small", "a5-booklet")
    assert "“Small” is a booklet" in refused(replace(pack, enclosures=(booklet,)))
    smaller = Enclosure(folder / "a5.pdf", "Leaflet", "a5")
    assert "“Leaflet” has another paper size" in refused(replace(pack, enclosures=(*pack.enclosures, smaller)))
    packs.make(replace(pack, enclosures=(*pack.enclosures, smaller), channel=Channel.DIGITAL))


def test_leaflets_alone(pack: Pack) -> None:
    packed = packs.make(replace(pack, letter=None))
    assert (packed.pages, packed.staple_sets) == (6, ((1, 2), (3, 6)))


def test_a_leaflet_that_is_gone(pack: Pack, tmp_path: Path) -> None:
    gone = Enclosure(tmp_path / "gone.pdf", "Gone", "a4")
    assert "gone.pdf: cannot be read" in refused(replace(pack, enclosures=(gone,)))
