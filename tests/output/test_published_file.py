"""What is handed out is what the manifest lists: a damaged PDF is rendered again, and none is waited for that need not be built."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pdfkit_cli.build import output_folder, pipeline
from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.desk import pack_views
from pdfkit_cli.desk.addresses import file_address
from pdfkit_cli.errors import Problem
from pdfkit_cli.output import published_file
from pdfkit_cli.packs import selection
from pdfkit_cli.packs.assembly import Enclosure, Pack, make_pack
from tests.helpers.channels import DIGITAL
from tests.helpers.check_runner import DAY
from tests.helpers.desk_client import client
from tests.helpers.letter_pdfs import plain
from tests.helpers.output_folder_audit import lies
from tests.helpers.tiny_library import TinyLibrary, tiny

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
    assert not pipeline.build(BuildRequest(tiny(folder).root, folder / "dist", as_of=DAY, jobs=1)).failed
    return folder


@pytest.fixture
def request_(published: Path, tmp_path: Path) -> BuildRequest:
    shutil.copytree(published, tmp_path / "own")
    return BuildRequest(tmp_path / "own/leaflets", tmp_path / "own/dist", as_of=DAY, jobs=1)


def output_key(request: BuildRequest) -> OutputKey:
    return next(one for one in open_project(request).output_keys() if one.path == PDF)


def bring(request: BuildRequest) -> Enclosure:
    found = selection.ensure_built(pipeline.open_project(request), request, [one := output_key(request)])[one]
    assert isinstance(found, Enclosure), found
    return found


@pytest.mark.parametrize("how", DAMAGE)
def test_only_what_was_built_is_read(request_: BuildRequest, how: Callable[[bytes], bytes]) -> None:
    path, entry = request_.out / PDF, output_folder.read_manifest(request_.out).files[PDF]
    assert published_file.read_verified(path, entry.sha256) == path.read_bytes()
    damage(path, how)
    with pytest.raises(published_file.AlteredPdfError, match="is not what was built"):
        published_file.read_verified(path, entry.sha256)


def test_a_damaged_leaflet_is_rendered_again_before_it_goes_into_a_pack(request_: BuildRequest) -> None:
    good = (request_.out / PDF).read_bytes()
    damage(request_.out / PDF, DAMAGE[0])
    assert bring(request_).sha256 == output_folder.read_manifest(request_.out).files[PDF].sha256
    assert (request_.out / PDF).read_bytes() == good
    assert lies(request_.out) == []


def test_a_leaflet_that_stays_damaged_is_refused(request_: BuildRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(request_.out / PDF, DAMAGE[0])
    monkeypatch.setattr(pipeline, "build_project", lambda *_, **__: pipeline.BuildSummary())
    one = output_key(request_)
    assert "is damaged on the disk" in str(
        selection.ensure_built(pipeline.open_project(request_), request_, [one])[one]
    )


def test_what_is_changed_before_it_is_joined_goes_into_no_pack(request_: BuildRequest, tmp_path: Path) -> None:
    """A build between planning and joining would else make the log name another text than went out."""
    enclosure = bring(request_)
    (tmp_path / "letter.pdf").write_bytes(plain())
    pack = Pack(tmp_path / "letter.pdf", (enclosure,), DIGITAL, "Brev", tmp_path / "pack.pdf")
    assert make_pack(pack).pages == 2
    (tmp_path / "pack.pdf").unlink()
    (request_.out / PDF).write_bytes(plain(2))
    with pytest.raises(published_file.AlteredPdfError, match="built again meanwhile"):
        make_pack(pack)
    assert not (tmp_path / "pack.pdf").exists()


def test_no_build_is_waited_for_where_nothing_has_to_be_built(request_: BuildRequest) -> None:
    with FileLock(request_.out / ".pdfkit/lock"):
        assert bring(request_).path == request_.out / PDF
        library = TinyLibrary(request_.library)
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 55")
        found = selection.ensure_built(pipeline.open_project(request_), request_, [one := output_key(request_)])[one]
        assert isinstance(found, Problem)
        assert found.passing
        assert "another build is writing" in found.message


def test_the_desk_hands_out_nothing_damaged(request_: BuildRequest) -> None:
    good = (request_.out / PDF).read_bytes()
    asking = client(request_.library, request_.out)
    assert asking.get(file_address("pdf", PDF)).content == good
    damage(request_.out / PDF, DAMAGE[0])
    assert asking.get(file_address("picture", f"{PDF}?page=1&width=480")).status_code == 404
    assert asking.get(file_address("pdf", PDF)).content == good
    assert (request_.out / PDF).read_bytes() == good
    assert asking.get(file_address("picture", f"{PDF}?page=1&width=480")).status_code == 200


def test_the_desk_refuses_what_stays_damaged(request_: BuildRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = client(request_.library, request_.out)
    damage(request_.out / PDF, DAMAGE[0])
    monkeypatch.setattr(pipeline, "build_project", lambda *_, **__: pipeline.BuildSummary())
    refused = asking.get(file_address("pdf", PDF))
    assert refused.status_code == 503
    assert b"%PDF" not in refused.content
    assert asking.post("/north/pack", data={"leaflet": PDF}).status_code == 503


def test_the_desk_packs_nothing_that_was_changed_meanwhile(
    request_: BuildRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = client(request_.library, request_.out)
    asking.cookies.set("clinic", "north")
    assert asking.post("/north/pack", data={"leaflet": PDF}).content.startswith(b"%PDF")
    write = pack_views.make_desk_pack

    def late(*arguments: Any) -> pack_views.PackMade:
        (request_.out / PDF).write_bytes(plain(2))
        return write(*arguments)

    monkeypatch.setattr(pack_views, "make_desk_pack", late)
    refused = asking.post("/north/pack", data={"leaflet": PDF})
    assert refused.status_code == 400
    assert b"%PDF" not in refused.content


def test_a_selection_is_planned_alone(request_: BuildRequest) -> None:
    """Another leaflet that has to be built is not waited for."""
    TinyLibrary(request_.library).replace("clinics/south.yaml", "97 66 24 00", "97 66 24 01")
    with FileLock(request_.out / ".pdfkit/lock"):
        assert bring(replace(request_, jobs=2)).path == request_.out / PDF
