"""The hot folder: each letter becomes one pack, whatever is killed or unplugged when."""

import csv
import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pdfkit_cli.errors import OutputError, Problem, UsageError
from pdfkit_cli.packs import journal as packs_journal
from pdfkit_cli.packs.hot_folder import HotFolder, PollResult
from pdfkit_cli.packs.inbox import ORPHAN_SECONDS, SETTLE_SECONDS
from tests.helpers.check_runner import DAY
from tests.helpers.letter_pdfs import edited, plain, reader, written
from tests.helpers.post_room import Post
from tests.helpers.soak_sampling import amount
from tests.helpers.tiny_library import ROOT, TinyLibrary

PDFKIT = [
    sys.executable, "-c", "from pdfkit_cli.packs import hot_folder, inbox; inbox.SETTLE_SECONDS, hot_folder.POLL_INTERVAL = 0.5, 0.2; from pdfkit_cli.__main__ import main; main()",
]  # fmt: skip
"""The command, with less patience."""


@pytest.fixture
def post(library: TinyLibrary, tmp_path: Path) -> Iterator[Post]:
    (tmp_path / "post").mkdir()
    library.write("library.yaml", "name: Tiny\nlanguages: [en, da, sv, ar]\n")
    post = Post(tmp_path / "post", library.root)
    yield post
    post.close()


def test_a_reason_is_in_the_first_language_of_the_library(post: Post, library: TinyLibrary) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, sv, en, ar]\n")
    post.put("1", leaflets=["T-9"], clinic="north", channel="paper")
    post.put("2", leaflets=["T-1"], clinic="X Y", language="danish")
    post.go()
    assert post.reason("1") == (
        "Disse breve er IKKE sendt videre:\n\n1.pdf\n  Hvorfor: der er ingen pjece “T-9”\n"
        "  Hvad du kan gøre: se pjecernes navne: pdfkit list\n\n"
        "Læg brevene og 1.json i indbakken igen, når det er rettet.\n"
    )
    said = post.reason("2")
    assert said.count("  Hvorfor: ") == said.count("  Hvad du kan gøre: ") == 2
    assert "  Hvorfor: clinic: værdien kan ikke bruges\n  Hvad du kan gøre: skriv navnet på en klinik" in said


def test_letters_become_packs(post: Post) -> None:
    post.put("1")
    post.put("2", output="other.pdf", channel="digital")
    assert post.go() == PollResult(done=2)
    assert post.names("out") == ["1.pdf", "other.pdf"]
    assert len(reader((post.outbox / "1.pdf").read_bytes()).pages) == 4
    assert (post.outbox / "1.pdf").stat().st_mode & 0o777 == 0o600
    assert post.names("in") == []
    assert post.names("in/done") == ["1.json", "1.pdf", "2.json", "2.pdf", f"report-{DAY}.csv"]
    assert post.issued() == 2
    with (post.inbox / f"done/report-{DAY}.csv").open() as file:
        first, second = csv.DictReader(file)
    assert (first["letter"], first["state"], first["pages"], second["output"]) == ("1.pdf", "done", "4", "other.pdf")
    assert post.go() == PollResult()
    assert (post.outbox / ".pdfkit/journal.jsonl").read_text() == ""
    assert post.work() == []


def test_a_list_is_moved_when_all_its_letters_are_dealt_with(post: Post) -> None:
    post.write("a.pdf", plain())
    post.write("b.pdf", b"Dear Mrs Secret, %%EOF")
    post.write(
        "l.csv", b"letter,clinic,leaflets,output\na.pdf,north,T-1,1.pdf\nb.pdf,north,T-1,2.pdf\nb.pdf,north,,3.pdf\n"
    )
    assert post.go() == PollResult(done=1, failed=2)
    assert post.names("out") == ["1.pdf"]
    assert post.names("in/failed") == ["b.pdf", "l.csv", "l.reason.txt"]
    said = post.reason("l")
    assert "b.pdf, line 3\n  Why: this is not a PDF\n  What to do: export or print the letter as a PDF\n" in said
    assert "l.csv, line 4\n  Why: give either “leaflets” or “code”\n" in said
    assert "take their lines out first" in said
    assert "Secret" not in said


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"leaflets": ["T-9"]}, "there is no leaflet “T-9”"),
        ({"clinic": "east"}, "there is no clinic “east”"),
        ({"language": "sv"}, "north hands out first in da, not in sv"),
        ({"format": "a5"}, "another paper size"),
        ({"output": "../x.pdf"}, "must be a plain file name"),
        ({"pages": 3}, "pages: Extra inputs are not permitted"),
    ],
)
def test_what_fails_says_why_beside_it(post: Post, job: dict[str, object], words: str) -> None:
    post.put("1", **job)
    assert post.go() == PollResult(failed=1)
    assert post.names("in/failed") == ["1.json", "1.pdf", "1.reason.txt"]
    assert words in post.reason("1")
    assert str(post.inbox) not in post.reason("1")
    assert (post.names("out"), post.work()) == ([], [])


def test_a_pack_in_the_outbox_is_never_replaced(post: Post) -> None:
    post.put("1")
    post.go()
    before = (post.outbox / "1.pdf").read_bytes()
    post.put("1", plain(2))
    assert post.go() == PollResult(failed=1)
    assert "there is a file 1.pdf in the outbox" in post.reason("1")
    assert (post.outbox / "1.pdf").read_bytes() == before
    (post.outbox / "1.pdf").unlink()
    post.put("1", plain(2))
    assert post.go() == PollResult(done=1)
    assert "1 (2).pdf" in post.names("in/done")


def test_a_missing_letter_is_said_after_a_time(post: Post) -> None:
    post.put("1")
    (post.inbox / "1.pdf").unlink()
    assert post.go() == PollResult()
    post.now += ORPHAN_SECONDS
    assert post.go().failed == 1
    assert "there is no such file" in post.reason("1")


def test_a_broken_library_is_waited_for(post: Post, library: TinyLibrary) -> None:
    text = library.read("library.yaml")
    library.write("library.yaml", "name: [\n")
    post.put("1")
    waiting = post.go()
    assert (waiting.done, waiting.failed, waiting.waiting) == (0, 0, 1)
    assert "library.yaml" in waiting.reason
    library.write("library.yaml", text)
    assert post.go() == PollResult(done=1)


def test_a_phone_number_that_changes_is_in_the_next_pack(post: Post, library: TinyLibrary) -> None:
    for number in ("1", "2"):
        post.put(number)
        assert post.go() == PollResult(done=1)
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 55") if number == "1" else None
    text = "".join(page.extract_text() for page in reader((post.outbox / "2.pdf").read_bytes()).pages)
    assert "76 36 14 55" in text.replace("\xa0", " ").replace("\u2060", "")


@pytest.mark.parametrize("gone", ["in", "out"])
def test_a_folder_that_goes_away_and_comes_back(post: Post, tmp_path: Path, gone: str) -> None:
    post.put("1")
    post.open().look()
    (post.root / gone).rename(tmp_path / "away")
    post.now += SETTLE_SECONDS
    away = post.open().look()
    assert (away.done, away.failed) == (0, 0)
    assert "cannot be reached" in away.reason
    (post.root / gone).mkdir()  # where the drive was mounted
    assert post.open().look().done == 0
    (post.root / gone).rmdir()
    (tmp_path / "away").rename(post.root / gone)
    assert post.go() == PollResult(done=1)
    assert (post.names("out"), post.issued()) == (["1.pdf"], 1)


def test_an_outbox_that_goes_away_while_packs_are_made(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        post.put(str(number))
    place = packs_journal.Journal.place

    def unplugged(self: packs_journal.Journal, *arguments: object) -> Problem | None:
        if (post.outbox / "0.pdf").exists():
            post.outbox.rename(tmp_path / "away")
        return place(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(packs_journal.Journal, "place", unplugged)
    assert "cannot be reached" in post.go().reason
    assert not post.outbox.exists()
    monkeypatch.undo()
    (tmp_path / "away").rename(post.outbox)
    assert post.go().failed == 0
    assert (post.names("out"), post.issued()) == (["0.pdf", "1.pdf", "2.pdf"], 3)
    assert post.names("in") == []


def test_a_full_drive_is_waited_for(post: Post) -> None:
    post.put("1")
    post.open().look()
    post.now += SETTLE_SECONDS
    (post.outbox / ".pdfkit/journal.jsonl").chmod(0o400)
    os.chmod(next((post.outbox / ".pdfkit").glob("run-*")), 0o500)  # noqa: PTH101
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    waiting = post.open().look()
    assert (waiting.failed, waiting.done) == (0, 0)
    assert "Permission denied" in waiting.reason


def test_one_process_an_outbox(post: Post) -> None:
    post.open()
    with pytest.raises(OutputError, match="another pdfkit watches over"):
        HotFolder(post.request, post.inbox, post.outbox)


def test_folders_that_cannot_be(post: Post) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        HotFolder(post.request, post.root / "nowhere", post.outbox)
    with pytest.raises(UsageError, match="cannot go where letters come from"):
        HotFolder(post.request, post.inbox, post.inbox)
    with pytest.raises(UsageError, match="the output folder is the library"):
        HotFolder(replace(post.request, out=post.request.library), post.inbox, post.outbox)


# In a process of its own.


def start(post: Post) -> "subprocess.Popen[str]":
    command = ["packs", "--watch", str(post.inbox), str(post.outbox), "--jobs", "1"]
    where = ["--library", str(post.request.library), "--out", str(post.request.out)]
    return subprocess.Popen(
        [*PDFKIT, *command, *where], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def until(true: Callable[[], bool], seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.soak
def test_killed_at_any_moment(post: Post) -> None:
    """With -9, again and again, while a printer takes every pack away as it comes."""
    printed: Counter[str] = Counter()
    stop = threading.Event()

    def printer() -> None:
        while not stop.is_set():
            for path in post.outbox.glob("*.pdf"):
                assert len(reader(path.read_bytes()).pages) == 4
                path.unlink()
                printed[path.name] += 1
            time.sleep(0.02)

    thread = threading.Thread(target=printer)
    thread.start()
    source, unfinished, attempts, letters = random.Random(20261121), 0, amount(2, 20), 16
    try:
        for attempt in range(attempts):
            for number in range(letters):
                post.put(f"{attempt}-{number}")
            process = start(post)
            begun, more = sum(printed.values()), source.randrange(5)
            until(lambda: bool(post.work()) or sum(printed.values()) > begun)  # noqa: B023
            until(lambda: sum(printed.values()) >= begun + more)  # noqa: B023
            time.sleep(source.uniform(0, 0.1))
            workers = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            assert "Traceback" not in process.communicate()[1]
            assert psutil.wait_procs(workers, timeout=300)[1] == []
            unfinished += bool(post.names("in"))
        process = start(post)
        assert process.stderr
        process.stderr.readline()
        post.put("last")  # once it is packed, all that was opened is also closed after an interrupt
        until(lambda: len(printed) == letters * attempts + 1 and not post.names("in"))
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=300)
    finally:
        stop.set()
        thread.join()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "interrupted" in err
    assert unfinished  # else nothing was tried
    assert set(printed.values()) == {1}
    assert post.issued() == letters * attempts + 1
    assert len([name for name in post.names("in/done") if name.endswith(".pdf")]) == letters * attempts + 1
    assert list((post.outbox / ".pdfkit").glob("run-*")) == []


def test_a_letter_that_is_written_slowly(post: Post) -> None:
    whole = plain(4)
    post.write("1.json", b'{"clinic": "north", "leaflets": ["T-1"]}')
    with (post.inbox / "1.pdf").open("wb") as file:
        for part in range(5):
            file.write(whole[part * len(whole) // 5 : (part + 1) * len(whole) // 5])
            file.flush()
            for pause in (0.0, 0.6 if part else 1.6):
                post.now += pause * SETTLE_SECONDS
                looked = post.open().look()
                assert (looked.done, looked.failed) == (0, 0)
                assert post.names("out") == []
    made = post.go()
    assert (made.done, made.failed) == (1, 0)
    assert post.names("out") == ["1.pdf"]
    assert len(reader((post.outbox / "1.pdf").read_bytes()).pages) == 6


@pytest.mark.slow
def test_a_letter_that_comes_while_a_process_watches(post: Post) -> None:
    process = start(post)
    try:
        assert process.stderr
        assert process.stderr.readline().startswith("watching")
        post.put("1", plain(4))
        until(lambda: post.names("out") == ["1.pdf"])
        assert process.stderr.readline() == "1 made, 0 failed\n"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=300)
    assert len(reader((post.outbox / "1.pdf").read_bytes()).pages) == 6


def test_nothing_of_a_letter_is_in_reports_reasons_or_logs(post: Post, capfd: pytest.CaptureFixture[str]) -> None:
    for number, pdf in enumerate((plain(), plain()[:-200] + b"(Secret) %%EOF", b"Secret %%EOF")):
        writer = edited(plain())
        writer.add_metadata({"/Title": "Secret"})
        post.put(str(number), pdf if number else written(writer))
    made = post.go()
    assert made.done + made.failed == 3
    assert made.failed
    assert "Secret" not in "".join(capfd.readouterr())
    elsewhere = [path for path in post.root.rglob("*") if path.is_file() and path.suffix != ".pdf"]
    assert len(elsewhere) > 4
    assert [path for path in elsewhere if b"Secret" in path.read_bytes()] == []
    for path in post.outbox.rglob("*.pdf"):
        assert b"Secret" not in path.read_bytes() or path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["unreadable", "damaged"])
def test_letters_wait_while_the_manifest_cannot_be_read(
    post: Post, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """It is no letter's fault, and what was published is not forgotten."""
    post.put("1")
    assert post.go().done == 1
    manifest = post.request.out / "manifest.json"
    whole, read = manifest.read_bytes(), Path.read_bytes

    def failing(path: Path) -> bytes:
        if path == manifest:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return read(path)

    post.put("2")
    with monkeypatch.context() as patch:
        if damage == "unreadable":
            patch.setattr(Path, "read_bytes", failing)
        else:
            manifest.write_bytes(whole[:100])
        waiting = post.go()
        assert (waiting.done, waiting.failed, waiting.waiting) == (0, 0, 1)
        assert "manifest.json" in waiting.reason
        assert post.names("in") == ["2.json", "2.pdf"]
    manifest.write_bytes(whole)
    assert post.go().done == 1
    assert manifest.read_bytes() == whole
