"""A channel is an entry in library.yaml: a new one goes through attach, lists, the hot folder and the desk."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli import cli
from pdfkit_cli.build import pipeline
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.models import LibrarySettings, PackMode
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import SourceError
from pdfkit_cli.packs import batch
from tests.helpers import check_runner
from tests.helpers.check_runner import DAY
from tests.helpers.desk_client import client
from tests.helpers.letter_pdfs import plain, reader
from tests.helpers.packing_words import row_words
from tests.helpers.post_room import Post
from tests.helpers.tiny_library import TinyLibrary

CHANNELS = """\
channels:
  fax: {title: {en: By fax, da: Pr. fax}, formats: [a5, a4], sides: 1, sheets: 2}
  parcel: {sides: 2}
  mail: {formats: [a4], ways: [embed], megabytes: 5}
"""


@pytest.fixture
def request_(library: TinyLibrary, tmp_path: Path) -> BuildRequest:
    library.write("library.yaml", library.read("library.yaml") + CHANNELS)
    return BuildRequest(library.root, tmp_path / "dist", as_of=DAY, jobs=1)


def attach(request: BuildRequest, letter: bytes, *options: str) -> int:
    (request.library / "letter.pdf").write_bytes(letter)
    where = ["--library", str(request.library), "--out", str(request.out), "--clinic", "north", "--leaflet", "first"]
    return cli._run_command(["attach", str(request.library / "letter.pdf"), *where, *options])


def test_attach(request_: BuildRequest, capsys: pytest.CaptureFixture[str]) -> None:
    pack = request_.library / "letter.pack.pdf"
    assert attach(request_, plain(1, width=420, height=595), "--channel", "fax") == 0
    assert "2 pages, 2 sheets" in capsys.readouterr().out  # printed on one side, and no blank page before a leaflet
    assert [round(page.mediabox.height) for page in reader(pack.read_bytes()).pages] == [595, 595]
    assert attach(request_, plain(2, width=420, height=595), "--channel", "fax") == 1
    assert "3 sheets, and the envelope holds 2" in capsys.readouterr().err
    assert attach(request_, plain(1), "--channel", "fax", "--embed") == 1
    assert "a pack on paper is one file, without attachments" in capsys.readouterr().err
    assert attach(request_, plain(1), "--channel", "mail", "--embed") == 0
    assert "1 pages, 0.0" in capsys.readouterr().out
    assert attach(request_, plain(1), "--channel", "mail") == 1
    assert "packs of this channel are made with embed, not with join" in capsys.readouterr().err


def test_a_channel_that_is_not_there(request_: BuildRequest, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ((), ("--format", "a4")):
        assert attach(request_, plain(1), "--channel", "telex", *more) == 2
        assert "there is no channel “telex”; there are: paper, digital, fax, parcel, mail" in capsys.readouterr().err


def test_a_channel_without_formats(request_: BuildRequest, capsys: pytest.CaptureFixture[str]) -> None:
    assert attach(request_, plain(1), "--channel", "parcel") == 2
    assert "north hands out first in a4, a5, not in a format for the channel parcel" in capsys.readouterr().err
    assert attach(request_, plain(1), "--channel", "parcel", "--format", "a4") == 0
    assert "4 pages, 2 sheets" in capsys.readouterr().out


def test_a_list(request_: BuildRequest, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(plain(1, width=420, height=595))
    rows = "".join(f"a.pdf,north,T-1,{channel},{channel}.pdf\n" for channel in ("fax", "telex"))
    (tmp_path / "list.csv").write_text(f"letter,clinic,leaflets,channel,output\n{rows}")
    first, second = batch.run_batch(request_, tmp_path / "list.csv", tmp_path / "out", lambda *_: None).results
    assert (first.state, second.state) == ("done", "failed")
    assert first.packed
    assert (first.packed.pages, first.packed.sheets) == (2, 2)
    assert "there are: paper, digital, fax" in row_words(second)


def test_the_hot_folder(request_: BuildRequest, tmp_path: Path) -> None:
    (tmp_path / "post").mkdir()
    post = Post(tmp_path / "post", request_.library)
    post.put("1", plain(1, width=420, height=595), channel="fax")
    post.put("2", channel="telex")
    done = post.go()
    post.close()
    assert (done.done, done.failed) == (1, 1)
    assert len(reader((post.outbox / "1.pdf").read_bytes()).pages) == 2
    assert "der er ingen kanal “telex”; der er: paper, digital, fax" in post.reason("2")  # in the clinic's language
    assert "skriv en af dem som “channel”" in post.reason("2")


def test_the_desk(request_: BuildRequest) -> None:
    assert pipeline.build(request_).clean
    asking = client(request_.library, request_.out)
    pack, page = (asking.get(f"/north/{place}").text for place in ("pack", "leaflet/first"))
    offered = re.findall(r'name="channel" value="([^"]+)" data-sides="(\d)".*?> ([^<]+)</label>', pack)
    assert offered == [("paper", "2", "On paper"), ("digital", "0", "Digitally"), ("fax", "1", "By fax"), ("parcel", "2", "parcel")]  # fmt: skip
    (found,) = re.findall(r'data-channels="([^"]*)"', page)
    packable = json.loads(html.unescape(found))
    paths = {channel: one["path"] for channel, one in packable.items()}
    assert paths == {
        "paper": "north/first.da.a4.pdf",
        "digital": "north/first.da.a4.pdf",
        "fax": "north/first.da.a4.pdf",
    }

    def send(channel: str, letter: bytes) -> Any:
        data = {"channel": channel, "leaflet": ["north/first.da.a5.pdf"]}
        files = {"letter": ("letter.pdf", letter, "application/pdf")}
        return asking.post("/north/pack", data=data, files=files, headers={"accept": "application/json"})

    answer = send("fax", plain(2, width=420, height=595))
    said = json.loads(answer.headers["x-pack"])
    assert said["words"].startswith("3 pages, 3 sheets")
    assert said["warnings"][0].startswith("3 sheets, and the envelope holds 2")
    assert send("digital", plain(1)).status_code == 200
    for channel in ("telex", "mail"):  # one that is not there, and one that takes no joined file
        assert send(channel, plain(1)).status_code == 400


def settings(channels: str) -> LibrarySettings:
    text = SourceFile("library.yaml", f"name: x\nlanguages: [da]\n{channels}", "")
    return yaml_source.validate_model(LibrarySettings, text, yaml_source.parse_yaml(text))


def test_the_usual_channels_are_always_there() -> None:
    paper, digital = settings("").channels.values()
    assert (paper.sides, paper.sheets, digital.sides, digital.max_bytes, digital.files) == (2, 8, 0, 1_500_000, 1)
    changed = settings("channels: {digital: {files: 3}, fax: {sides: 1}}\n").channels
    assert list(changed) == ["paper", "digital", "fax"]
    assert (changed["digital"].files, changed["digital"].megabytes, changed["paper"].sheets) == (3, 1.5, 8)
    assert changed["fax"].allowed_ways == (PackMode.JOIN, PackMode.SEPARATE)


@pytest.mark.parametrize(
    ("channels", "words"),
    [
        ("channels: {digital: {sheets: 3}}\n", "“sheets” is only for a channel on paper"),
        ("channels: {paper: {ways: [split]}}\n", "a pack on paper is one file"),
        ("channels: {fax: {speed: 3}}\n", "speed"),
        ("channels: {fax: 3}\n", "channels.fax"),
        ("channels: 3\n", "channels"),
        ("channels: {Fax 2: {}}\n", "Fax 2"),
    ],
)
def test_a_channel_that_cannot_be(channels: str, words: str) -> None:
    with pytest.raises(SourceError, match=re.escape(words)):
        settings(channels)


def test_a_format_that_is_not_there_is_a_finding(library: TinyLibrary) -> None:
    library.write("library.yaml", library.read("library.yaml") + "channels:\n  fax: {formats: [a4, a44]}\n")
    (found,) = check_runner.said(library, "unknown-format")
    assert "library.yaml:4:23: error: there is no format “a44”; did you mean “a4”?" in found
