"""What is handed out is what the manifest lists: a damaged PDF is rendered again, and none is waited for that need not be built."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pdfkit_cli import build as building
from pdfkit_cli import enclosures, intact, publish
from pdfkit_cli.build import Request, open_workshop
from pdfkit_cli.desk import packing
from pdfkit_cli.editions import Printing
from pdfkit_cli.errors import Problem
from pdfkit_cli.packs import Channel, Enclosure, Limits, Pack, make
from tests.checking import DAY
from tests.desk.desks import client
from tests.libraries import TinyLibrary, tiny
from tests.outputs import lies
from tests.papers import plain

PDF = "north/first.da.a4.pdf"
DAMAGE: list[Callable[[bytes], bytes]] = [
    lambda pdf: pdf[:4096] + bytes(4096) + pdf[8192:],
    lambda pdf: pdf[:-4096] + pdf[:4096],
    lambda pdf: pdf[:700] + bytes([pdf[700] ^ 1]) + pdf[701:],
    lambda pdf: bytes(len(pdf)),
]


def damage(path: Path, how: Callable[[bytes], bytes]) -> None:
    """Change what is in a file, and neither its size nor its time."""
    before = path.stat()
    pdf = how(path.read_bytes())
    assert len(pdf) == before.st_size
    path.write_bytes(pdf)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    assert not building.build(Request(tiny(folder).root, folder / "dist", as_of=DAY, jobs=1)).failed
    return folder


@pytest.fixture
def request_(published: Path, tmp_path: Path) -> Request:
    shutil.copytree(published, tmp_path / "own")
    return Request(tmp_path / "own/leaflets", tmp_path / "own/dist", as_of=DAY, jobs=1)


def printing(request: Request) -> Printing:
    return next(one for one in open_workshop(request).printings() if one.path == PDF)


def bring(request: Request) -> Enclosure:
    found = enclosures.bring_up_to_date(request, [one := printing(request)])[one]
    assert isinstance(found, Enclosure), found
    return found


@pytest.mark.parametrize("how", DAMAGE)
def test_only_what_was_built_is_read(request_: Request, how: Callable[[bytes], bytes]) -> None:
    path, entry = request_.out / PDF, publish.look(request_.out).files[PDF]
    assert intact.read(path, entry.sha256) == path.read_bytes()
    damage(path, how)
    with pytest.raises(intact.DamagedError, match="is not what was built"):
        intact.read(path, entry.sha256)


def test_a_damaged_leaflet_is_rendered_again_before_it_goes_into_a_pack(request_: Request) -> None:
    good = (request_.out / PDF).read_bytes()
    damage(request_.out / PDF, DAMAGE[0])
    assert bring(request_).sha256 == publish.look(request_.out).files[PDF].sha256
    assert (request_.out / PDF).read_bytes() == good
    assert lies(request_.out) == []


def test_a_leaflet_that_stays_damaged_is_refused(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(request_.out / PDF, DAMAGE[0])
    monkeypatch.setattr(building, "build", lambda _: building.Summary())
    one = printing(request_)
    assert "is damaged on the disk" in str(enclosures.bring_up_to_date(request_, [one])[one])


def test_what_is_changed_before_it_is_joined_goes_into_no_pack(request_: Request, tmp_path: Path) -> None:
    """A build between planning and joining would else make the log name another text than went out."""
    enclosure = bring(request_)
    (tmp_path / "letter.pdf").write_bytes(plain())
    pack = Pack(tmp_path / "letter.pdf", (enclosure,), Channel.DIGITAL, Limits(), "Brev", tmp_path / "pack.pdf")
    assert make(pack).pages == 2
    (tmp_path / "pack.pdf").unlink()
    (request_.out / PDF).write_bytes(plain(2))
    with pytest.raises(intact.DamagedError, match="built again meanwhile"):
        make(pack)
    assert not (tmp_path / "pack.pdf").exists()


def test_no_build_is_waited_for_where_nothing_has_to_be_built(request_: Request) -> None:
    with FileLock(request_.out / ".pdfkit/lock"):
        assert bring(request_).path == request_.out / PDF
        library = TinyLibrary(request_.library)
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 55")
        found = enclosures.bring_up_to_date(request_, [one := printing(request_)])[one]
        assert isinstance(found, Problem)
        assert found.passing
        assert "another build is writing" in found.message


def test_the_desk_hands_out_nothing_damaged(request_: Request) -> None:
    good = (request_.out / PDF).read_bytes()
    asking = client(request_.library, request_.out)
    assert asking.get(f"/pdf/{PDF}").content == good
    damage(request_.out / PDF, DAMAGE[0])
    assert asking.get(f"/picture/{PDF}?page=1&width=240").status_code == 404
    assert asking.get(f"/pdf/{PDF}").content == good
    assert (request_.out / PDF).read_bytes() == good
    assert asking.get(f"/picture/{PDF}?page=1&width=240").status_code == 200


def test_the_desk_refuses_what_stays_damaged(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = client(request_.library, request_.out)
    damage(request_.out / PDF, DAMAGE[0])
    monkeypatch.setattr(building, "build", lambda _: building.Summary())
    refused = asking.get(f"/pdf/{PDF}")
    assert refused.status_code == 503
    assert b"%PDF" not in refused.content
    assert asking.post("/pack", data={"leaflet": PDF}).status_code == 503


def test_the_desk_packs_nothing_that_was_changed_meanwhile(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = client(request_.library, request_.out)
    asking.cookies.set("clinic", "north")
    assert asking.post("/pack", data={"leaflet": PDF}).content.startswith(b"%PDF")
    write = packing.make

    def late(*arguments: Any) -> packing.Made:
        (request_.out / PDF).write_bytes(plain(2))
        return write(*arguments)

    monkeypatch.setattr(packing, "make", late)
    refused = asking.post("/pack", data={"leaflet": PDF})
    assert refused.status_code == 400
    assert b"%PDF" not in refused.content


def test_a_selection_is_planned_alone(request_: Request) -> None:
    """Another leaflet that has to be built is not waited for."""
    TinyLibrary(request_.library).replace("clinics/south.yaml", "97 66 24 00", "97 66 24 01")
    with FileLock(request_.out / ".pdfkit/lock"):
        assert bring(replace(request_, jobs=2)).path == request_.out / PDF
