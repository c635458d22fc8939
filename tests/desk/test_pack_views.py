"""Packs made at the desk: the file, what is said of it, and that nothing of a letter stays."""

import io
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, StreamObject
from starlette.testclient import TestClient

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk import i18n, pack_views
from pdfkit_cli.desk.pack_views import PackRefused, PackSpec
from pdfkit_cli.packs.assembly import Enclosure, Pack
from pdfkit_cli.system.worker_pool import never_stop
from tests.helpers.channels import PAPER
from tests.helpers.desk_client import client
from tests.helpers.encrypted_letters import encrypted
from tests.helpers.letter_pdfs import edited, plain, reader, tagged, written
from tests.helpers.tiny_library import TinyLibrary, tiny

LEAFLET = "north/first.da.a4.pdf"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyLibrary, Path]:
    folder = tmp_path_factory.mktemp("packing")
    library = tiny(folder)
    assert build(BuildRequest(library.root, folder / "dist")).clean
    return library, folder / "dist"


@pytest.fixture
def asking(built: tuple[TinyLibrary, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A desk whose temporary files go where a test can look."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return client(built[0].root, built[1])


def send(asking: TestClient, letter: bytes | None, *leaflets: str, **fields: Any) -> Any:
    files = {"letter": ("Jensen 010180-1234.pdf", letter, "application/pdf")} if letter is not None else None
    data = {"channel": "paper", "leaflet": list(leaflets or (LEAFLET,))} | fields
    return asking.post("/north/pack", data=data, files=files, headers={"accept": "application/json"})


def test_a_letter_and_a_leaflet_are_one_file(asking: TestClient, tmp_path: Path) -> None:
    answer = send(asking, plain(2))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert len(reader(answer.content).pages) == 4  # the leaflet has sheets of its own
    assert "Letter page 1" in reader(answer.content).pages[0].extract_text()
    assert "4 pages, 2 sheets" in answer.headers["x-pack"]
    assert "no tags" in answer.headers["x-pack"]
    assert not list((tmp_path / "tmp").iterdir())


def test_leaflets_lie_in_the_order_they_were_put(asking: TestClient) -> None:
    answer = send(asking, None, "north/first.da.a4.pdf", "north/first.da.a5.pdf", channel="digital")
    assert [round(page.mediabox.height) for page in reader(answer.content).pages] == [842, 595]
    answer = send(asking, None, "north/first.da.a5.pdf", "north/first.da.a4.pdf", channel="digital")
    assert [round(page.mediabox.height) for page in reader(answer.content).pages] == [595, 842]
    assert "sheet" not in answer.headers["x-pack"]


def test_a_pack_that_is_too_thick_is_made_and_says_so(built: tuple[TinyLibrary, Path], tmp_path: Path) -> None:
    library = tiny(tmp_path)
    library.replace("library.yaml", "ar]", "ar]\nchannels: {paper: {sheets: 1}, digital: {megabytes: 0.001}}")
    asking = client(library.root, built[1])
    assert "the envelope holds 1" in send(asking, plain(2)).headers["x-pack"]
    assert "the limit is 0.00 MB" in send(asking, plain(2), channel="digital").headers["x-pack"]


def heavy_letter() -> bytes:
    """Return a letter with two megabytes that no program can make smaller."""
    writer = edited(plain())
    content = StreamObject()
    content.set_data(random.Random(1).randbytes(2_000_000))
    writer.pages[0][NameObject("/Heavy")] = writer._add_object(content)
    return written(writer)


def test_a_letter_that_is_too_much_by_itself_blames_no_leaflet(built: tuple[TinyLibrary, Path], tmp_path: Path) -> None:
    library = tiny(tmp_path)
    library.replace("library.yaml", "ar]", "ar]\nchannels: {paper: {sheets: 8}, digital: {megabytes: 1.5}}")
    asking = client(library.root, built[1])
    thick = send(asking, plain(40)).headers["x-pack"]
    assert "The letter alone takes 20 sheets, and the envelope holds 8." in thick
    assert "Take a leaflet out" not in thick
    heavy = send(asking, heavy_letter(), channel="digital").headers["x-pack"]
    assert "The letter alone is 2.00 MB, and the limit is 1.50 MB." in heavy
    assert "Take a leaflet out" not in heavy


def test_a_letter_on_american_paper_is_told_as_such(asking: TestClient) -> None:
    answer = send(asking, plain(1, width=612, height=792))
    assert answer.json()["problem"] == "pack_letter-paper"
    assert "The letter is not A4" in answer.json()["message"]


def test_a_missing_leaflet_is_built_first(tmp_path: Path) -> None:
    library = tiny(tmp_path)
    assert send(client(library.root, tmp_path / "dist"), None).status_code == 200


@pytest.mark.parametrize("leaflet", ["south/first.da.a4.pdf", "../secret.pdf", "", "north/first.sv.a4.pdf"])
def test_a_leaflet_that_the_clinic_does_not_hand_out(asking: TestClient, leaflet: str) -> None:
    assert send(asking, None, leaflet).json()["problem"] in ("no_leaflet", "not_found")


def test_a_pack_of_nothing(asking: TestClient) -> None:
    assert send(asking, plain(), leaflet=[]).json()["problem"] == "pack_nothing"


def dynamic() -> bytes:
    """Return a form that only Adobe's programs can draw."""
    writer = edited(plain())
    writer._root_object[NameObject("/NeedsRendering")] = BooleanObject(True)
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/XFA"): NameObject("/x")})
    return written(writer)


LETTERS = {
    "letter_empty": b"",
    "letter_not-pdf": b"Dear Sir",
    "letter_broken": plain()[:300],
    "letter_password": encrypted("secret"),
    "letter_protected": encrypted(""),
    "letter_form": dynamic(),
}


def work(tmp_path: Path, letter: bytes, *enclosures: Enclosure) -> object:
    (tmp_path / "letter.pdf").write_bytes(letter)
    return pack_views.make_in_worker(Pack(tmp_path / "letter.pdf", enclosures, PAPER, "Letter", tmp_path / "out.pdf"))


@pytest.mark.parametrize("phrase", LETTERS)
def test_a_bad_letter_is_refused_in_words_of_the_desk(tmp_path: Path, phrase: str) -> None:
    assert work(tmp_path, LETTERS[phrase]) == PackRefused(phrase)
    assert all(phrase in i18n.Translator(language).phrases for language in i18n.LANGUAGES)


def test_every_kind_of_bad_letter_has_its_phrase() -> None:
    code = (Path(pack_views.__file__).parent.parent / "packs/letters.py").read_text("utf-8")
    kinds = {part.split('"')[0] for part in code.split('kind="')[1:]}
    assert len(kinds) > 8
    assert {f"letter_{kind}" for kind in kinds} <= set(i18n.Translator("en").phrases)


@pytest.mark.parametrize(("folded", "phrase"), [(True, "pack_booklet"), (False, "pack_paper")])
def test_what_cannot_lie_in_a_pack_on_paper(tmp_path: Path, folded: bool, phrase: str) -> None:
    (tmp_path / "leaflet.pdf").write_bytes(tagged("leaflet"))
    assert work(tmp_path, plain(), Enclosure(tmp_path / "leaflet.pdf", "Leaflet", folded=folded)) == PackRefused(phrase)


def test_a_bad_letter_is_told_in_the_language_of_the_secretary(asking: TestClient, tmp_path: Path) -> None:
    asking.cookies.set("language", "da")
    answer = send(asking, b"Dear Sir")
    assert answer.json() == {"problem": "letter_not-pdf", "message": i18n.Translator("da")("letter_not-pdf")}
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.usefixtures("worker_processes")
def test_a_letter_that_hangs_is_one_clear_message_and_leaves_nothing(
    asking: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_views, "PACK_SECONDS", 0.01)
    slow = plain(5000)  # the pool looks at the clock only now and then
    assert send(asking, slow).json()["problem"] == "pack_slow"
    assert not list((tmp_path / "tmp").iterdir())


def test_nothing_of_a_letter_is_logged(asking: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for letter in (plain(), b"Jensen 010180-1234"):
        send(asking, letter)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert not [line for line in ours if "Jensen" in line or "letter" in line.lower()]


def test_a_letter_lies_on_the_disk_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(work: Any, pack: Pack, *limits: Any) -> Any:
        assert pack.letter
        seen.append((pack.letter.stat().st_mode & 0o777, pack.letter.parent.stat().st_mode & 0o777))
        pack.out.write_bytes(b"")

    monkeypatch.setattr(pack_views, "made_of_letter", look)
    made = pack_views.make_desk_pack(PackSpec(io.BytesIO(plain()), (), PAPER, "Letter"), 1, never_stop)
    assert b"".join(made.chunks()) == b""
    assert seen == [(0o600, 0o700)]
