"""The first page of a letter: seen before it goes into a pack, refused at once if it cannot be used, kept nowhere."""

import logging
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from pdfkit_cli.desk import letter_views
from pdfkit_cli.desk.letter_views import LetterPicture
from pdfkit_cli.desk.pack_views import PackRefused
from tests.helpers.desk_client import client
from tests.helpers.encrypted_letters import encrypted
from tests.helpers.letter_pdfs import plain
from tests.helpers.tiny_library import TinyLibrary

JSON = {"accept": "application/json, image/png"}


@pytest.fixture
def asking(library: TinyLibrary, tmp_path: Path) -> TestClient:
    return client(library.root, tmp_path / "dist")


@pytest.mark.usefixtures("worker_processes")
def test_a_letter_is_seen_by_its_first_page(
    asking: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with caplog.at_level(logging.DEBUG):
        answer = asking.post("/north/letter", files={"letter": ("letter.pdf", plain(3))}, headers=JSON)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-letter"] == '{"pages": "3 pages"}'
    image = Image.open(BytesIO(answer.content))
    assert image.format == "PNG"
    assert image.width <= letter_views.WIDTH
    assert image.height <= letter_views.HEIGHT
    assert min(image.convert("L").tobytes()) < 80, "there is ink on it"
    assert not [path for path in place.rglob("*") if path.is_file()], "nothing of it is left on the disk"
    assert not [record for record in caplog.records if record.name.startswith("pdfkit")]


def test_the_picture_is_that_of_the_first_page() -> None:
    one, both = (letter_views.draw_in_worker(plain(pages)) for pages in (1, 2))
    assert isinstance(one, LetterPicture)
    assert isinstance(both, LetterPicture)
    assert (one.png, one.pages, both.pages) == (both.png, 1, 2)


@pytest.mark.parametrize(
    ("letter", "problem"),
    [
        (b"", "letter_empty"),
        (b"\xff\xd8\xff a picture", "letter_not-pdf"),
        (plain()[:300], "letter_broken"),
        (encrypted(user="secret"), "letter_password"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_letter_that_cannot_be_used_is_refused_before_it_is_taken(letter: bytes, problem: str) -> None:
    assert letter_views.draw_in_worker(letter) == PackRefused(problem)


def test_a_refusal_says_why(asking: TestClient) -> None:
    answer = asking.post("/north/letter", files={"letter": ("letter.pdf", b"no letter")}, headers=JSON)
    assert (answer.status_code, answer.json()["problem"]) == (400, "letter_not-pdf")
    assert asking.post("/north/letter", data={"letter": "x"}, headers=JSON).status_code == 400
    two = [("letter", ("a.pdf", plain())), ("letter", ("b.pdf", plain()))]
    assert asking.post("/north/letter", files=two, headers=JSON).status_code == 400
    assert asking.post("/nowhere/letter", files=two[:1], headers=JSON).status_code == 404
    assert asking.get("/north/letter").status_code in (404, 405)
