"""One pack: in place whole or not at all, right on paper, within what its channel takes."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from pdfkit_cli.content.models import Channel, PackMode
from pdfkit_cli.errors import InternalError
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackError
from tests.helpers.channels import DIGITAL, PAPER
from tests.helpers.letter_pdfs import edited, plain, reader, tagged, written


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
    enclosures = tuple(Enclosure(folder / f"{name}.pdf", name.capitalize()) for name in ("small", "large"))
    return Pack(folder / "letter.pdf", enclosures, PAPER, "Your appointment", tmp_path / "out/pack.pdf")


def test_a_paper_pack_begins_each_part_on_a_front_side(pack: Pack) -> None:
    packed = assembly.make_pack(pack)
    assert (packed.pages, packed.sheets, packed.bytes) == (8, 4, pack.out.stat().st_size)
    assert packed.staple_sets == ((1, 2), (3, 4), (5, 8))
    assert [item.title for item in reader(pack.out.read_bytes()).outline] == ["Your appointment", "Small", "Large"]


def test_a_digital_pack_has_no_blank_pages(pack: Pack) -> None:
    packed = assembly.make_pack(replace(pack, channel=DIGITAL))
    assert packed.pages == 6
    assert not packed.accessible


def test_accessible_parts_make_an_accessible_pack(pack: Pack, folder: Path) -> None:
    enclosures = (Enclosure(folder / "a5.pdf", "Leaflet"),)
    packed = assembly.make_pack(replace(pack, letter=folder / "tagged.pdf", enclosures=enclosures))
    assert packed.accessible


def test_only_its_owner_may_read_it_and_nothing_else_is_left(pack: Pack) -> None:
    assembly.make_pack(pack)
    assert pack.out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in pack.out.parent.iterdir()] == ["pack.pdf"]


def refused(pack: Pack) -> str:
    with pytest.raises(PackError) as caught:
        assembly.make_pack(pack)
    assert not pack.out.exists()
    assert caught.value.hint
    return str(caught.value)


def test_an_envelope_holds_so_many_sheets(pack: Pack) -> None:
    assembly.make_pack(replace(pack, channel=Channel(sides=2, sheets=4)))
    pack.out.unlink()
    assert refused(replace(pack, channel=Channel(sides=2, sheets=3))) == "pack.pdf: 4 sheets, and the envelope holds 3"


def test_a_message_holds_so_many_bytes(pack: Pack) -> None:
    size = assembly.make_pack(replace(pack, channel=Channel(megabytes=1))).bytes
    pack.out.unlink()
    assert "most of it is “Large”" in refused(replace(pack, channel=Channel(megabytes=(size - 1) / 1e6)))


def test_a_booklet_and_another_paper_size_are_refused(pack: Pack, folder: Path) -> None:
    booklet = Enclosure(folder / "small.pdf", "Small", folded=True)
    assert "“Small” is turned over the short edge and folded" in refused(replace(pack, enclosures=(booklet,)))
    smaller = Enclosure(folder / "a5.pdf", "Leaflet")
    assert "“Leaflet” has another paper size" in refused(replace(pack, enclosures=(*pack.enclosures, smaller)))
    assembly.make_pack(replace(pack, enclosures=(*pack.enclosures, smaller), channel=DIGITAL))


def test_leaflets_alone(pack: Pack) -> None:
    packed = assembly.make_pack(replace(pack, letter=None))
    assert (packed.pages, packed.staple_sets) == (6, ((1, 2), (3, 6)))


def test_a_leaflet_that_is_gone(pack: Pack, tmp_path: Path) -> None:
    gone = Enclosure(tmp_path / "gone.pdf", "Gone")
    assert "gone.pdf: a leaflet cannot be read" in refused(replace(pack, enclosures=(gone,)))


def test_leaflets_in_the_letter(pack: Pack) -> None:
    packed = assembly.make_pack(replace(pack, channel=DIGITAL, way=PackMode.EMBED))
    assert (packed.pages, packed.files) == (1, ("pack.pdf",))
    document = reader(pack.out.read_bytes())
    assert list(document.attachments) == ["Large.pdf", "Small.pdf"]
    assert document.attachments["Small.pdf"] == [pack.enclosures[0].path.read_bytes()]


def test_a_title_that_is_no_name_for_a_file(pack: Pack) -> None:
    enclosure = replace(pack.enclosures[0], title="Ryg/ben: hvad nu?")
    assembly.make_pack(replace(pack, enclosures=(enclosure,), channel=DIGITAL, way=PackMode.EMBED))
    assert list(reader(pack.out.read_bytes()).attachments) == ["Ryg ben  hvad nu .pdf"]


def heavy(path: Path, number: int) -> Enclosure:
    """Return a leaflet of some ten thousand bytes that no other has."""
    writer = edited(plain())
    writer.add_attachment(f"{number}.bin", random.Random(number).randbytes(10_000))
    path.write_bytes(written(writer))
    return Enclosure(path, f"Leaflet {number}")


def test_a_pack_in_several_files(pack: Pack, tmp_path: Path) -> None:
    enclosures = tuple(heavy(tmp_path / f"{number}.pdf", number) for number in range(5))
    channel = Channel(megabytes=0.025, files=9)
    packed = assembly.make_pack(replace(pack, channel=channel, way=PackMode.SPLIT, enclosures=enclosures))
    assert packed.files == ("pack.1.pdf", "pack.2.pdf", "pack.3.pdf")
    files = [pack.out.with_name(name) for name in packed.files]
    assert sorted(pack.out.parent.iterdir()) == files
    assert all(file.stat().st_size <= 25_000 for file in files)
    assert [[item.title for item in reader(file.read_bytes()).outline] for file in files] == [
        ["Your appointment", "Leaflet 0", "Leaflet 1"], ["Leaflet 2", "Leaflet 3"], ["Leaflet 4"],
    ]  # fmt: skip
    assert (packed.pages, packed.bytes) == (6, sum(file.stat().st_size for file in files))


def test_one_file_where_that_is_enough(pack: Pack) -> None:
    packed = assembly.make_pack(replace(pack, channel=Channel(megabytes=1), way=PackMode.SPLIT))
    assert packed.files == ("pack.1.pdf",)


def test_more_files_than_the_channel_takes(pack: Pack) -> None:
    size = assembly.make_pack(replace(pack, channel=DIGITAL)).bytes
    pack.out.unlink()
    split = replace(pack, channel=Channel(megabytes=(size - 1) / 1e6), way=PackMode.SPLIT)
    assert refused(split) == "pack.pdf: 2 files, and the channel takes 1"


def test_a_part_that_is_too_large_by_itself(pack: Pack) -> None:
    split = replace(pack, channel=Channel(megabytes=0.0004), way=PackMode.SPLIT)
    assert "most of it is “Your appointment”" in refused(split)


@pytest.mark.parametrize("way", [PackMode.EMBED, PackMode.SPLIT])
def test_paper_is_one_file_without_attachments(pack: Pack, way: PackMode) -> None:
    assert refused(replace(pack, way=way)) == "pack.pdf: a pack on paper is one file, without attachments"


def test_words_of_a_letter_are_in_no_error(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise RuntimeError("Mrs Secret")

    monkeypatch.setattr(assembly, "merge", failing)
    with pytest.raises(InternalError) as caught:
        assembly.make_pack(pack)
    assert "internal error (RuntimeError)" in str(caught.value)
    assert "Secret" not in f"{caught.value!r} {caught.value} {caught.value.fault}"
    assert list(pack.out.parent.parent.glob("**/*.part")) == []


def test_a_folder_that_is_gone_is_not_made_again(pack: Pack, tmp_path: Path) -> None:
    """It may be where a network drive was."""
    refused(replace(pack, out=tmp_path / "gone/folder/pack.pdf"))
    assert not (tmp_path / "gone").exists()
