"""What a hot folder makes of bad files, attackers, second letters and scanners: one letter fails or waits, and the others go on."""

import csv
import json
import os
import stat
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdfkit_cli.errors import Problem, UsageError
from pdfkit_cli.packs import assembly, hot_folder, issue_log, job_list, journal, orders
from pdfkit_cli.packs.assembly import Pack
from pdfkit_cli.packs.batch import csv_cell
from pdfkit_cli.packs.hot_folder import HotFolder, PollResult
from pdfkit_cli.packs.inbox import ORPHAN_SECONDS, REPEAT_SECONDS, SETTLE_SECONDS, UNFINISHED_SECONDS
from pdfkit_cli.packs.journal import numbered_name
from pdfkit_cli.system.folders import FileStamp, Folder, UntrustedPathError
from tests.helpers.check_runner import DAY
from tests.helpers.hot_folder_simulation import Mail, pdf, settled
from tests.helpers.packing_words import row_words
from tests.helpers.soak_sampling import amount

SIDECAR = b'{"clinic": "north", "leaflets": ["T-1"]}'
LIST = b"letter,clinic,leaflets,output\n"

pytestmark = pytest.mark.usefixtures("fake_packing")


@pytest.fixture
def mail(tmp_path: Path) -> Mail:
    return Mail(tmp_path / "post")


def sparse(mail: Mail, name: str, size: int) -> None:
    with (mail.inbox / name).open("wb") as file:
        file.truncate(size)


BAD: dict[str, bytes] = {
    "digits.json": b'{"clinic": ' + b"1" * 5000 + b"}",
    "negative.json": b'{"clinic": -' + b"9" * 5000 + b"}",
    "exponent.json": b'{"clinic": 1e999999}',
    "deep.json": b"[" * 30_000,
    "deeper.json": b'{"a":' * 10_000,
    "nul.json": b'{"clinic": "north", "leaflets": ["T-1"], "letter": "\\u0000.pdf"}',
    "nuls.json": bytes(5000),
    "surrogate.json": b'{"clinic": "\\ud800", "leaflets": ["\\udcff"], "output": "\\ud83d.pdf"}',
    "utf16.json": SIDECAR.decode().encode("utf-16"),
    "latin1.json": '{"clinic": "Åse"}'.encode("latin-1"),
    "large.json": b'{"clinic": "' + b"x" * 70_000 + b'"}',
    "keys.json": json.dumps({f"key {number}": 1 for number in range(4000)}).encode(),
    "quoting.json": json.dumps({"clinic": "x" * 60_000}).encode(),
    "list.json": b"[]",
    "number.json": b"1",
    "null.json": b"null",
    "nan.json": b'{"clinic": NaN, "unlock": Infinity}',
    "types.json": b'{"clinic": [], "leaflets": {"a": 1}, "code": 3, "unlock": "perhaps", "output": null, "language": true}',
    "column.csv": b"letter," + b"x" * 200_000 + b"\na.pdf,b\n",
    "cell.csv": LIST + b"x" * 200_000 + b",north,T-1,1.pdf\n",
    "quote.csv": LIST + b'"' + b"x" * 200_000,
    "empty.csv": b"",
    "nul.csv": LIST + b"a\0.pdf,north,T-1,1.pdf\n",
    "cr.csv": b"letter,clinic\r\"a\rb\",north\rx",
    "nothing.csv": b"\n\n\n",
    "json.csv": SIDECAR,
    "twice.csv": b"letter,letter,clinic\na,b,c\n",
    "digits.jsonl": b'{"letter": ' + b"1" * 5000 + b"}\n",
    "deep.jsonl": b"[" * 30_000 + b"\n",
    "surrogate.jsonl": b'{"letter": "\\ud800.pdf", "clinic": "north", "leaflets": ["T-1"], "output": "s.pdf"}\n',
    "nul.jsonl": b'{"letter": "a\\u0000.pdf", "clinic": "north", "leaflets": ["T-1"], "output": "s.pdf"}\n',
    "long.jsonl": json.dumps({"letter": "x" * 5000 + ".pdf", "clinic": "north", "leaflets": ["T-1"], "output": "s.pdf"}).encode(),
    "\u202etxt.json": b"x",
    "new\nline.json": b"x",
    "x" * 240 + ".json": b"x",
    "å" * 120 + ".json": SIDECAR,
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_one_bad_file_fails_by_itself(mail: Mail, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    mail.put("a")
    mail.write(name, BAD[name])
    mail.letter(f"{Path(name).stem}.pdf", Path(name).stem)
    mail.put("z")
    mail.go(2)
    assert {pdf("a"), pdf("z")} <= {*mail.printed}
    mail.go(4, ORPHAN_SECONDS)
    assert mail.names() == []
    assert mail.printed.total() == 2
    assert name in mail.names("failed")
    reasons = [path for path in (mail.inbox / "failed").iterdir() if path.name.endswith(".txt")]
    assert reasons
    assert all(len(path.read_bytes()) < 20_000 and path.stat().st_mode & 0o777 == 0o600 for path in reasons)
    assert not any(str(mail.inbox) in path.read_text("utf-8") for path in reasons)
    assert "".join(capfd.readouterr()) == ""


def test_a_sparse_giant_fails_by_itself(mail: Mail) -> None:
    mail.put("a")
    for name in ("big.json", "big.csv", "big.jsonl"):
        sparse(mail, name, 400 << 30)
    mail.write("letter.json", SIDECAR)
    sparse(mail, "letter.pdf", 400 << 30)
    mail.put("z")
    mail.go(2)
    mail.go(3, UNFINISHED_SECONDS)
    assert {*mail.printed} == {pdf("a"), pdf("z")}
    assert mail.names() == []
    reasons = "".join(path.read_text() for path in (mail.inbox / "failed").glob("big.reason*"))
    assert reasons.count("larger than 64 kB") == 1
    assert reasons.count("larger than 20 MB") == 2
    assert "larger than 200 MB" in mail.reason("letter")


def test_a_name_that_is_not_utf8_fails_by_itself(mail: Mail) -> None:
    mail.put("a")
    mail.write(b"Br\xf8ndum.json", SIDECAR)
    mail.write(b"Br\xf8ndum.pdf", pdf("other"))
    mail.write("l.csv", LIST + "Bründum.pdf,north,T-1,1.pdf\n".encode())
    mail.write("Bru\u0308ndum.pdf", pdf("composed"))
    mail.put("z")
    mail.go(2)
    assert {*mail.printed} == {pdf("a"), pdf("z"), pdf("composed")}
    mail.go(2, ORPHAN_SECONDS)
    assert mail.names() == []
    (reason,) = [path for path in (mail.inbox / "failed").iterdir() if path.name.endswith(".txt")]
    assert "its name is not UTF-8" in reason.read_text("utf-8")
    assert sorted(row["state"] for row in mail.rows() if "ndum" in row["letter"]) == ["done", "failed"]


@pytest.mark.parametrize("length", [199, 201, 240, 244, 247, 250, 251])
@pytest.mark.parametrize("good", [True, False])
def test_a_long_name(mail: Mail, length: int, good: bool) -> None:
    mail.put("a")
    mail.put("0" * (length - 4), "long", leaflets=["T-1" if good else "T-9"])
    mail.put("z")
    mail.go(3)
    assert {pdf("a"), pdf("z")} <= {*mail.printed}
    assert mail.printed[pdf("long")] == (good and length < 200)
    assert mail.names() == []


# Who may write there.


def test_a_letter_that_becomes_a_link_after_its_sidecar_was_read(mail: Mail) -> None:
    secret = mail.root / "secret.pdf"
    secret.write_bytes(pdf("secret"))
    mail.write("1.json", SIDECAR)
    mail.write("1.pdf", b"%PDF-1.7\n")
    mail.go(2)
    (mail.inbox / "1.pdf").unlink()
    (mail.inbox / "1.pdf").symlink_to(secret)
    mail.go(5, UNFINISHED_SECONDS)
    assert mail.printed.total() == 0
    assert "must lie in the inbox itself" in mail.reason("1")


@pytest.mark.parametrize("kind", ["link", "hard link", "folder", "pipe"])
def test_a_letter_is_exchanged_between_the_look_and_the_worker(
    mail: Mail, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    secret = mail.root / "secret.pdf"
    secret.write_bytes(pdf("secret"))
    packs_of = orders.plan_packs

    def exchanging(*arguments: object) -> object:
        letter = mail.inbox / "1.pdf"
        if letter.exists() and not letter.is_symlink():
            letter.unlink()
            match kind:
                case "link":
                    letter.symlink_to(secret)
                case "hard link":
                    letter.hardlink_to(secret)
                case "folder":
                    letter.mkdir()
                case _:
                    os.mkfifo(letter)
        return packs_of(*arguments)  # type: ignore[arg-type]

    mail.put("1")
    mail.look()
    mail.now += SETTLE_SECONDS
    monkeypatch.setattr("pdfkit_cli.packs.orders.plan_packs", exchanging)
    mail.look()
    monkeypatch.undo()
    assert mail.printed.total() == 0


def test_a_file_with_a_second_name_is_no_letter(mail: Mail) -> None:
    secret = mail.root / "secret.pdf"
    secret.write_bytes(pdf("secret"))
    (mail.inbox / "1.pdf").hardlink_to(secret)
    mail.write("1.json", SIDECAR)
    mail.go(5, UNFINISHED_SECONDS)
    assert mail.printed.total() == 0
    assert "must lie in the inbox itself" in mail.reason("1")


def entries(mail: Mail) -> list[Any]:
    """Return lines that an attacker would like the journal to follow."""
    victim = mail.root / "victim"
    victim.write_text("key")
    text, report = str(mail.root / "written"), str(mail.root / ".bashrc")
    return [
        {
            "delivery": "x",
            "moves": [{"from": str(victim), "to": str(mail.outbox / "taken.pdf")}],
            "report": {"to": report, "text": "evil"},
        },
        *(
            {
                "delivery": "a" * 32,
                "rows": [],
                "moves": [{"name": name, "seen": [3, os.stat(victim).st_mtime_ns, os.stat(victim).st_ino], "to": to}],  # noqa: PTH116
                "report": {"to": "r.csv", "head": "", "text": ""},
            }
            for name in (str(victim), "../victim")
            for to in ("done", "failed", "..", str(mail.root))
        ),
        *(
            {
                "delivery": "b" * 32,
                "rows": [],
                "moves": [{"name": name, "text": "evil", "to": "done"}],
                "report": {"to": to, "head": "", "text": "evil"},
            }
            for name in ("../../written", text, ".hidden")
            for to in ("../../.bashrc", report, "r.csv")
        ),
        *(
            {"row": "c" * 32, "folder": folder, "files": [file], "issued": []}
            for folder in ("..", "../..", str(mail.root), "run-x")
            for file in ("victim", "../victim", "../../victim", str(victim))
        ),
        {"row": "../..", "folder": "run-x", "files": ["victim"], "issued": []},
    ]


def test_a_journal_of_another_moves_nothing(mail: Mail) -> None:
    work = mail.outbox / ".pdfkit"
    (work / f"run-x/{'c' * 32}").mkdir(parents=True)
    text = "".join(json.dumps(entry) + "\n" for entry in entries(mail))
    (work / "journal.jsonl").write_text(text)
    mail.put("a")
    mail.go(3)
    assert (mail.root / "victim").read_text() == "key"
    assert not {"written", ".bashrc", "taken.pdf"} & {path.name for path in mail.root.rglob("*")}
    assert mail.printed == {pdf("a"): 1}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("name", ["out/.pdfkit", "in/done", "in/failed"])
@pytest.mark.parametrize("running", [True, False])
def test_a_folder_of_somebody_else_is_refused(mail: Mail, name: str, running: bool) -> None:
    if running:
        mail.look()
        (mail.root / name).rename(mail.root / "old")
    (mail.root / name).mkdir()
    if name.endswith(".pdfkit"):
        (mail.root / name / "journal.jsonl").write_text(json.dumps({"placed": "x"}) + "\n")
    os.chown(mail.root / name, 65534, 65534)
    mail.put("a")
    if not running:
        with pytest.raises(UntrustedPathError, match="belongs to somebody else"):
            mail.open()
        return
    made = mail.go(3)
    assert (made.done, mail.printed.total(), made.waiting) == (0, 0, 1)
    assert made.reason
    assert [path for path in (mail.root / name).iterdir() if path.name != "journal.jsonl"] == []
    (mail.root / name / "journal.jsonl").unlink(missing_ok=True)
    (mail.root / name).rmdir()
    (mail.root / "old").rename(mail.root / name)
    assert settled(mail) == []


@pytest.mark.parametrize("name", ["out/.pdfkit", "in/done", "in/failed"])
@pytest.mark.parametrize("running", [True, False])
def test_a_link_in_the_place_of_a_folder_is_refused(mail: Mail, name: str, running: bool) -> None:
    elsewhere = mail.root / "elsewhere"
    elsewhere.mkdir()
    if running:
        mail.look()
        (mail.root / name).rename(mail.root / "old")
    (mail.root / name).symlink_to(elsewhere)
    mail.put("a")
    mail.put("bad", leaflets=["T-9"])
    if running:
        assert mail.go(3).reason
    else:
        with pytest.raises(UntrustedPathError, match="is no folder of its own"):
            mail.open()
    assert [*elsewhere.iterdir()] == []
    assert mail.printed.total() == 0


def test_a_folder_that_others_may_write_is_closed_to_them(mail: Mail) -> None:
    (mail.outbox / ".pdfkit").mkdir(mode=0o777)
    (mail.outbox / ".pdfkit").chmod(0o777)
    mail.open()
    assert (mail.outbox / ".pdfkit").stat().st_mode & 0o777 == 0o700


def test_a_planted_report_or_reason_is_not_written_into(mail: Mail) -> None:
    victim = mail.root / "victim"
    victim.write_text("key")
    mail.open()
    report = f"report-{DAY}.csv"
    (mail.inbox / "done" / report).symlink_to(victim)
    (mail.inbox / "failed/bad.reason.txt").symlink_to(victim)
    (mail.inbox / "failed/bad.pdf").symlink_to(victim)
    mail.put("a")
    mail.put("bad", leaflets=["T-9"])
    mail.go(3)
    assert victim.read_text() == "key"
    assert mail.names() == []
    assert {"a.pdf", f"{Path(report).stem} (2).csv"} <= {*mail.names("done")}
    assert {"bad (2).pdf", "bad.reason (2).txt"} <= {*mail.names("failed")}


@pytest.mark.parametrize("kind", ["folder", "pipe", "hard link"])
def test_what_is_in_the_place_of_a_report_stops_no_letter(mail: Mail, kind: str) -> None:
    mail.open()
    report = mail.inbox / f"done/report-{DAY}.csv"
    match kind:
        case "folder":
            report.mkdir()
        case "pipe":
            os.mkfifo(report)
        case _:
            (mail.root / "victim").write_text("key")
            report.hardlink_to(mail.root / "victim")
    mail.put("a")
    mail.go(3)
    assert mail.names() == []
    assert (mail.inbox / f"done/report-{DAY} (2).csv").exists()
    assert kind != "hard link" or report.read_text() == "key"


@pytest.mark.parametrize("kind", ["pipe", "folder", "loop", "nowhere", "socket"])
@pytest.mark.parametrize("name", ["1.json", "1.csv", "1.pdf"])
def test_what_is_no_file_stops_no_letter(mail: Mail, kind: str, name: str) -> None:
    if name.endswith("pdf"):
        mail.write("1.json", SIDECAR)
    path = mail.inbox / name
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "socket":
            os.mknod(path, stat.S_IFSOCK | 0o600)
        case _:
            path.symlink_to(name if kind == "loop" else "nowhere")
    mail.put("z")
    mail.go(2)
    assert mail.printed == {pdf("z"): 1}
    mail.go(5, ORPHAN_SECONDS)
    assert mail.names() == []
    assert mail.printed.total() == 1


@pytest.mark.parametrize(
    "name", ["b ", "c.", " d", "-e", "*", "$(x)", "'", "عربي", "日本", "😀", "a\u0301\u0323", "%00", "CON", "a;b"]
)
def test_odd_names_that_are_names(mail: Mail, name: str) -> None:
    mail.put(name)
    mail.go(3)
    assert mail.printed == {pdf(name): 1}
    assert mail.names() == []


def test_a_list_is_read_once(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is none, or a large one would keep everything else waiting."""
    calls = []
    parse = job_list.parse_list
    monkeypatch.setattr(job_list, "parse_list", lambda *given: calls.append(given) or parse(*given))  # type: ignore[func-returns-value]
    mail.write("l.csv", b"no list\n")
    mail.write("m.csv", LIST + b"gone.pdf,north,T-1,1.pdf\n")
    mail.go(20, 3)
    assert mail.names("failed") == ["l.csv", "l.reason.txt"]
    assert len(calls) == 2


def test_what_is_written_is_for_us_alone(mail: Mail) -> None:
    mail.put("a")
    mail.put("bad", leaflets=["T-9"])
    old = mail.dist / "issued.jsonl"
    old.parent.mkdir()
    old.write_text("")
    old.chmod(0o644)
    mail.go(3)
    written = [old, *(mail.inbox / "done").glob("report*"), *(mail.inbox / "failed").glob("*.txt")]
    assert {path.stat().st_mode & 0o777 for path in (*written, mail.outbox / ".pdfkit/journal.jsonl")} == {0o600}
    assert len(written) == 3


def test_the_number_of_a_pack_is_random(tmp_path: Path) -> None:
    numbers = []
    for name in "xy":
        mail = Mail(tmp_path / name)
        mail.put("0101701234")
        os.utime(mail.inbox / "0101701234.pdf", (1, 1))
        mail.go(3)
        numbers += mail.issued()
    assert len({*numbers}) == 2


FORMULAS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "a;=1", "a;\t=1", "a\n=1", 'a;"=1"', "\uff1d1", "a;\uff0b1", ";;=1", "a,=1", "\u200b=1", "a;'=1"]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_is_a_formula_wherever_cells_begin(text: str, separator: str) -> None:
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow((1, csv_cell(text), "x"))
    cells = [one for row in csv.reader(StringIO(out.getvalue(), newline=""), delimiter=separator) for one in row]
    cells += out.getvalue().replace('"', "").split(separator)
    assert [one for one in cells if one.lstrip(" \u200b").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))] == []


# Second letters, and scanners.


def test_a_second_letter_while_the_first_is_packed(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    place = journal.Journal.place

    def second(self: journal.Journal, *arguments: object) -> Problem | None:
        said = place(self, *arguments)  # type: ignore[arg-type]
        if "two" not in mail.sent:
            for name, data in (("1.pdf", pdf("two")), ("1.json", SIDECAR)):
                (mail.inbox / ".part").write_bytes(data)
                (mail.inbox / ".part").rename(mail.inbox / name)
            mail.sent["two"] = pdf("two")
        return said

    monkeypatch.setattr(journal.Journal, "place", second)
    mail.put("1", "one")
    mail.go(6)
    assert mail.printed == {pdf("one"): 1, pdf("two"): 1}
    assert mail.names() == []


def killed(mail: Mail, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """End it at a step, as if by force."""

    class KilledError(BaseException):
        pass

    def die(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(journal.Journal, where, die)
        with pytest.raises(KilledError):
            mail.go(2)
    assert mail.folder
    assert mail.folder._journal
    mail.folder._journal._lock.release(force=True)
    mail.folder = None
    mail.print()


def test_a_second_letter_while_a_killed_one_is_away(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    mail.put("1", "one")
    killed(mail, monkeypatch, "_move")
    for path in mail.inbox.glob("1.*"):
        path.unlink()
    mail.put("1", "two")
    mail.go(4)
    assert mail.printed == {pdf("one"): 1, pdf("two"): 1}
    assert mail.names() == []


def test_recovery_replaces_no_file_of_another(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    mail.put("1", "one")
    killed(mail, monkeypatch, "_hand_over")
    (mail.outbox / "1.pdf").write_bytes(b"of another")
    mail.print = lambda: None  # type: ignore[method-assign]
    mail.go(4)
    assert (mail.outbox / "1.pdf").read_bytes() == b"of another"
    assert "there is a file 1.pdf in the outbox" in mail.reason("1")
    assert mail.issued() == []


def test_the_rest_of_a_split_pack_waits_for_its_place(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first part has been printed when the name of the second is taken: nothing is replaced, and nothing lost."""
    mail.put("split", channel="digital", way="split")
    killed(mail, monkeypatch, "_hand_over")
    (part,) = (mail.outbox / ".pdfkit").glob("run-*/*/split.1.pdf")
    part.rename(mail.outbox / "split.1.pdf")
    mail.print()
    (mail.outbox / "split.2.pdf").write_bytes(b"of another")
    output_key, mail.print = mail.print, lambda: None  # type: ignore[method-assign]
    assert mail.go(4).waiting
    assert (mail.outbox / "split.2.pdf").read_bytes() == b"of another"
    (mail.outbox / "split.2.pdf").unlink()
    mail.print = output_key  # type: ignore[method-assign]
    assert settled(mail) == []


@pytest.mark.parametrize("other_waits", [True, False])
def test_a_letter_that_is_put_back_is_packed_again(mail: Mail, other_waits: bool) -> None:
    mail.put("1", "one")
    if other_waits:
        mail.write("l.csv", LIST + b"a.pdf,north,T-1,a.pdf\nb.pdf,north,T-1,b.pdf\n")
        mail.letter("a.pdf", "a")
    mail.go(3)
    for name in ("1.pdf", "1.json"):
        (mail.inbox / "done" / name).rename(mail.inbox / name)
    mail.go(3)
    assert mail.printed[pdf("one")] == 2
    assert len({*mail.issued()}) == 2
    assert [row["state"] for row in mail.rows() if row["letter"] == "1.pdf"] == ["done", "done"]


def test_a_scanner_that_adds_pages_is_waited_for(mail: Mail) -> None:
    mail.write("1.json", SIDECAR)
    for pages in range(5):
        mail.write("1.pdf", pdf("page " * (pages + 1)))
        for _ in range(9):
            mail.look()
            mail.now += 1
    assert mail.printed.total() == 0
    mail.go(2)
    assert mail.printed == {pdf("page " * 5): 1}


def test_a_letter_that_grows_while_it_is_packed_is_not_handed_over(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    make = assembly.make_pack

    def scanning(pack: Pack) -> object:
        made = make(pack)
        mail.write("1.pdf", pdf("page page"))
        return made

    mail.put("1", "page")
    mail.look()
    mail.now += SETTLE_SECONDS
    monkeypatch.setattr(assembly, "make_pack", scanning)
    made = mail.look()
    assert (made.done, made.waiting, made.reason) == (0, 1, "a letter was changed while it was packed")
    monkeypatch.setattr(assembly, "make_pack", make)
    mail.go(3)
    assert mail.printed == {pdf("page page"): 1}


def test_a_letter_that_grows_in_done_is_told(mail: Mail) -> None:
    mail.put("1", "page")
    mail.go(2)
    with (mail.inbox / "done/1.pdf").open("ab") as scanner:
        scanner.write(pdf("page 2"))
    assert mail.go(3).late == 1
    assert "holds the first pages only" in mail.reason("1")


def test_what_comes_later_under_a_name_that_was_packed_is_told(mail: Mail) -> None:
    mail.put("1", "page")
    mail.go(2)
    mail.write("1.pdf", pdf("page page"))
    mail.go(2)
    assert mail.names() == ["1.pdf"]
    assert mail.go(2, REPEAT_SECONDS).failed == 1
    assert "a letter of this name has been packed a short time ago" in mail.reason("1")


def test_a_letter_is_failed_once_though_its_name_comes_again(mail: Mail) -> None:
    for words in ("one", "two"):
        mail.put("1", words, leaflets=["T-9"])
        mail.go(3)
    assert mail.names("failed") == ["1 (2).json", "1 (2).pdf", "1.json", "1.pdf", "1.reason.txt"]


# Names.


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("beside", ["NFC", "NFD"])
@pytest.mark.parametrize("kind", ["sidecar", "named", "list"])
def test_names_match_however_their_letters_are_composed(mail: Mail, form: str, beside: str, kind: str) -> None:
    composed = {
        "NFC": unicodedata.normalize("NFC", "Åse Møller é"),
        "NFD": unicodedata.normalize("NFD", "Åse Møller é"),
    }
    letter, other = composed[form], composed[beside]
    mail.write(f"{letter}.pdf", pdf("one"))
    if kind == "list":
        mail.write("l.csv", LIST + f"{other}.pdf,north,T-1,1.pdf\n".encode())
    else:
        named = {"letter": f"{other}.pdf"} if kind == "named" else {}
        mail.write(f"{other}.json", json.dumps({**json.loads(SIDECAR), "output": "1.pdf", **named}).encode())
    mail.go(3)
    assert mail.printed == {pdf("one"): 1}


@pytest.mark.parametrize(("letter", "slip"), [("a.PDF", "a.JSON"), ("A.pdf", "a.json"), ("a.Pdf", "a.Json"), ("ß.pdf", "ß.JSON")])  # fmt: skip
def test_capitals_of_names_do_not_count(mail: Mail, letter: str, slip: str) -> None:
    mail.write(letter, pdf("one"))
    mail.write(slip, SIDECAR)
    mail.go(3)
    assert mail.printed == {pdf("one"): 1}


@pytest.mark.parametrize("name", ["L.JSONL", "l.NdJson", "l.Csv", "L.CSV"])
def test_capitals_of_lists_do_not_count(mail: Mail, name: str) -> None:
    row = {"letter": "a.pdf", "clinic": "north", "leaflets": ["T-1"], "output": "1.pdf"}
    mail.write(name, LIST + b"a.pdf,north,T-1,1.pdf\n" if name.lower().endswith("csv") else json.dumps(row).encode())
    mail.letter("a.pdf", "a")
    mail.go(3)
    assert mail.printed == {pdf("a"): 1}


def test_two_letters_that_differ_in_capitals_are_not_mixed_up(mail: Mail) -> None:
    for name in ("a", "A"):
        mail.put(name)
    mail.write("b.pdf", pdf("b"))
    mail.write("B.pdf", pdf("B"))
    mail.write("B.json", SIDECAR)
    mail.go(3)
    assert mail.printed == {pdf("a"): 1, pdf("A"): 1, pdf("B"): 1}
    assert mail.names() == ["b.pdf"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("1.json", b"\xff", "this is not UTF-8 text\n  What to do: save it as UTF-8\n"),
        ("1.json", b"{", "this is not JSON: Expecting property name"),
        ("1.json", b'{"clinic": ' + b"1" * 5000, "this is not JSON: a number has too many digits"),
        ("1.jsonl", b"\xff", "this is not UTF-8 text\n  What to do: save it as UTF-8\n"),
        ("1.csv", b"\xff", "this is not UTF-8 text\n  What to do: save it as CSV UTF-8\n"),
        ("1.csv", SIDECAR, "this is JSON\n  What to do: a list of JSON lines has a name that ends in .jsonl\n"),
        ("1.json", b"[1]", "What to do: a list of several letters is CSV or JSON lines (.jsonl)\n"),
    ],
)
def test_what_is_told_of_a_file_fits_its_kind(mail: Mail, name: str, data: bytes, words: str) -> None:
    mail.write(name, data)
    mail.go(4, UNFINISHED_SECONDS)
    assert words in mail.reason("1")


def test_each_wrong_value_has_its_remedy(mail: Mail) -> None:
    mail.put("1", clinic="X Y", language="danish", output="a/b.pdf", patient="x", channel="Fax 2")
    mail.go(3)
    said = mail.reason("1").split("\n\n")[1]
    assert said.count("  Why: ") == said.count("  What to do: ") == 5
    assert "Why: language: " in said
    assert "What to do: write a code such as da, or leave it out" in said
    assert "What to do: take it out; a job may say: letter, clinic," in said
    assert "--" not in said


def test_letters_are_named_nowhere_but_in_their_folders(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in what is told either, whatever is in the way."""
    told: list[str] = []

    def sleep(_: float) -> None:
        mail.now += SETTLE_SECONDS
        if len(told) > 3 or mail.now > 200:
            raise KeyboardInterrupt

    monkeypatch.setattr(hot_folder.time, "sleep", sleep)  # type: ignore[attr-defined]
    made = hot_folder.HotFolder
    monkeypatch.setattr(hot_folder, "HotFolder", lambda *_: mail.open())
    assert made is HotFolder

    def full(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error", "Secret.pdf")

    mail.put("Secret")
    monkeypatch.setattr(Folder, "move", full)
    with pytest.raises(KeyboardInterrupt):
        hot_folder.watch_inbox(mail.open()._request, mail.inbox, mail.outbox, told.append)
    assert told
    assert "Input/output error" in told[0]
    assert "Secret" not in "".join(told)


# Each parser, with whatever comes.

FUZZ = settings(deadline=None, derandomize=True, max_examples=amount(80, 20_000), database=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = st.sampled_from([*job_list.Job.model_fields, "x", "", "Letter"])
JOBS = st.dictionaries(KEYS, JSON | st.sampled_from(["a.pdf", "north", "T-1", "digital", "split", "1.pdf", "../1.pdf"]))
CSV = st.lists(st.lists(KEYS | st.sampled_from(["a.pdf", "north", "1.pdf", "\0", "\r", '"', "ø", "x" * 300])))


@FUZZ
@given(st.binary() | JSON.map(json.dumps).map(str.encode) | JOBS.map(json.dumps).map(str.encode))
def test_any_sidecar_is_read_or_refused(data: bytes) -> None:
    for read in (
        lambda: [job_list.parse_sidecar(Path("in/a.json"), data)],
        lambda: [*job_list.parse_list(Path("in/a.jsonl"), data)],
    ):
        rows(read)


@FUZZ
@given(
    st.binary() | CSV.map(lambda table: "\n".join(",".join(row) for row in table).encode()) | st.text().map(str.encode)
)
def test_any_list_is_read_or_refused(data: bytes) -> None:
    rows(lambda: [*job_list.parse_list(Path("in/a.csv"), LIST + data)])
    rows(lambda: [*job_list.parse_list(Path("in/a.csv"), data)])


def rows(read: Callable[[], list[job_list.JobRow]]) -> None:
    found: list[job_list.JobRow] = []
    with suppress(UsageError):
        found = read()
    for row in found:
        assert (row.job is None) == bool(row.problems)
        assert len(row_words(row)) < 20_000
        row_words(row).encode()
        if row.job:
            assert Path(row.job.output).name == row.job.output


@FUZZ
@given(
    st.text(st.characters(exclude_characters="/\0")).filter(lambda name: name not in ("", ".", "..")), st.integers(1, 9)
)
def test_any_name_has_room_for_a_number(name: str, number: int) -> None:
    found = numbered_name(name, f" ({number})")
    longest = max(journal.MAX_NAME_LENGTH, len(name.encode("utf-8", "surrogatepass")))
    assert len(found.encode("utf-8", "surrogatepass")) <= longest
    assert "/" not in found
    assert isinstance(job_list.is_name_too_long(name), bool)
    assert job_list.normalize_file_name(job_list.normalize_file_name(name)) == job_list.normalize_file_name(name)


@FUZZ
@given(st.text(st.characters()), st.text(st.sampled_from("=+-@;,\t\r\n\"' a\uff1d")))
def test_any_words_make_a_safe_cell(text: str, more: str) -> None:
    said = csv_cell(text + more)
    said.encode()
    for part in said.replace('"', "").split(";"):
        assert not part.lstrip(" '").startswith(("=", "+", "-", "@", "\uff1d")) or part.lstrip(" ").startswith("'")


LINE_KEYS = ("row", "delivery", "placed", "over", "cancelled", "moves", "files", "folder", "issued", "rows", "report")


@settings(FUZZ, max_examples=amount(12, 2000), suppress_health_check=[*HealthCheck])
@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(LINE_KEYS, JSON)), max_size=8), st.binary(max_size=50))
def test_any_journal_is_followed_within_the_folders(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, object]], torn: bytes
) -> None:
    """Nothing is moved or written but in the inbox, the outbox and the log, and no letter is kept from going out."""
    mail = Mail(tmp_path_factory.mktemp("post"))
    work = mail.outbox / ".pdfkit"
    work.mkdir(mode=0o700)
    text = "".join(json.dumps(entry) + "\n" for entry in (*entries(mail), *lines))
    (work / "journal.jsonl").write_bytes(text.encode() + torn)
    mail.put("a")
    assert settled(mail) == []
    assert {path.name for path in mail.root.iterdir()} == {"in", "out", "dist", "victim"}


@settings(FUZZ, max_examples=amount(15, 2000), suppress_health_check=[*HealthCheck])
@given(st.binary(max_size=200))
def test_any_report_and_any_log_are_added_to(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever a report or the log of leaflets holds, also half a line: what is added begins a line of its own."""
    mail = Mail(tmp_path_factory.mktemp("post"))
    mail.open()
    report, log = mail.inbox / f"done/report-{DAY}.csv", mail.dist / "issued.jsonl"
    log.parent.mkdir()
    for path in (report, log):
        path.write_bytes(data)
    mail.put("a")
    mail.go(3)
    assert mail.printed == {pdf("a"): 1}
    assert report.read_bytes().startswith(data)
    assert b'"a.pdf","a.pdf","done"' in report.read_bytes().splitlines()[-1]
    assert [line["leaflet"] for line in issue_log.read_json_lines(log)][-1] == "T-1"
    assert issue_log.issued_versions(issue_log.read_issues(mail.dist))[-1].count == 1
    issue_log.issued_ids(mail.dist)


def test_a_file_is_known_by_more_than_its_size_and_time(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode())
        os.utime(tmp_path / name, (1, 1))
    one, other = (FileStamp.of((tmp_path / name).stat()) for name in "ab")
    assert (one.size, one.changed) == (other.size, other.changed)
    assert one != other
    assert PollResult() == PollResult(0, 0, 0, "", 0)
