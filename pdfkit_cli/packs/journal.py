"""The journal of a hot folder: a write-ahead log by which each pack reaches the outbox exactly once, even after a crash.

A pack is made in a folder of its own inside the outbox's `.pdfkit`, entered here, and then renamed into its place, which is atomic.
So after a crash, an entered pack that is still in its folder has not been handed over, and one that is no longer there has been.
Whether it is still in the outbox proves nothing: a printer may have taken it.

Other users may write into both folders.
So the journal and its folder are refused unless they are ours, entries may name only plain files of the inbox and the
outbox, and an error with one letter delays that letter alone.
"""

import errno
import re
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pdfkit_cli.errors import OutputError, PdfkitError, Problem
from pdfkit_cli.packs.issue_log import append_json_lines, dump_json_lines, parse_json_lines, read_json_lines
from pdfkit_cli.packs.problems import make_problem
from pdfkit_cli.system.folders import FileStamp, Folder, UntrustedPathError

WORK_FOLDER, JOURNAL_NAME = ".pdfkit", "journal.jsonl"
DONE_FOLDER, FAILED_FOLDER = "done", "failed"

MAX_JOURNAL_BYTES = 1 << 30
"""Largest size in bytes of a file of ours that is read."""

COMPACT_BYTES = 1 << 20
"""Size in bytes from which the journal is compacted although letters are waiting."""

_RUN_FOLDER = re.compile(r"run-\w{1,40}")


class OutputBlockedError(PdfkitError):
    """A pack cannot be completed, since another file in the outbox has its name."""


class Journal:
    """The journal of one hot folder. Its outbox is locked until the journal is closed."""

    def __init__(self, inbox: Path, outbox: Path, issued: Path, *, new: bool = False) -> None:
        """Open the journal, complete what a killed run began, and remove its leftovers.

        Folders and files are made only with `new`: otherwise an outbox without a journal is taken for the mount point
        of a missing network drive.
        Raises OutputError if another process has locked it, UntrustedPathError if it is not ours, OSError if it cannot be reached.
        """
        self.inbox, self.outbox, self._issued = inbox, outbox, issued
        self._placed, self.trouble = set[str](), list[Exception]()
        self._pending, self._unsettled = dict[str, dict[str, Any]](), dict[str, dict[str, Any]]()
        self._broken = False
        with ExitStack() as opened:
            self._out = opened.enter_context(Folder.at(outbox))
            self._work = opened.enter_context(self._out.ours(WORK_FOLDER, new=new, private=True))
            if new:
                self._work.append(JOURNAL_NAME, b"")
            self._work.stat(JOURNAL_NAME)
            self._lock = FileLock(self._work.path / "lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise OutputError(f"another pdfkit watches over {outbox}", hint="stop that one first") from None
            opened.callback(self._lock.release, force=True)
            self.check()
            self._read()
            self.retry()
            self._clear()
            self._run = opened.enter_context(self._work.ours(f"run-{uuid.uuid4().hex[:12]}", new=True, private=True))
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Remove unfinished packs, and unlock. A drive that is away keeps them until it is back."""
        with suppress(OSError):
            self._clear()
        with suppress(OSError):
            self._opened.close()

    def folder_for(self, row: str) -> Path:
        """Return a folder to make a pack in."""
        with self._run.ours(row, new=True, private=True) as folder:
            return folder.path

    def tidy(self) -> None:
        """Remove packs that were made but not handed over."""
        for name in self._run.names():
            if name not in self._pending:
                with suppress(OSError):  # the next call tries again
                    shutil.rmtree(name, dir_fd=self._run.handle)

    def placed(self, row: str) -> bool:
        """Return whether the pack of a letter has been handed over; known only while the letter is in the inbox."""
        return row in self._placed

    def is_waiting(self, row: str) -> bool:
        """Return whether a pack has been entered but not yet handed over."""
        return row in self._pending

    def is_settling(self, name: str, seen: FileStamp) -> bool:
        """Return whether a file of the inbox has yet to be moved."""
        moves = (move for entry in self._unsettled.values() for move in entry["moves"])
        return any(move.get("name") == name and _is_same_file(move, seen) for move in moves)

    @property
    def is_finished(self) -> bool:
        """Whether every entry is completed."""
        return not (self._pending or self._unsettled)

    @property
    def is_broken(self) -> bool:
        """Whether writing a line failed: the journal must be reopened to read what it really contains."""
        return self._broken

    def place(self, row: str, files: Sequence[str], issued: list[dict[str, str]]) -> Problem | None:
        """Hand a pack over and log its leaflets. Returns the problem if that is impossible."""
        self.check()
        if taken := [name for name in files if self._out.look(name)]:
            return make_problem("outbox-taken", name=taken[0])
        entry: dict[str, Any] = {"row": row, "folder": self._run.path.name, "files": [*files], "issued": issued}
        self._enter(entry)
        self._pending[row] = entry
        return self._hand_over(entry)

    def check(self) -> None:
        """Raise OSError if the outbox is no longer the same folder: a drive that goes away leaves an empty folder."""
        if self._broken:
            raise OSError(errno.EIO, "its journal could not be written", str(self.outbox))
        if not (self._out.is_unchanged(self.outbox) and self._work.is_unchanged(self.outbox / WORK_FOLDER)):
            raise FileNotFoundError(errno.ENOENT, "it is another drive now", str(self.outbox))

    def settle(self, rows: Sequence[str], moves: list[dict[str, Any]], report: dict[str, str]) -> dict[str, str]:
        """Move the files of a delivery out of the inbox, and forget the delivery.
        Returns their new names by their old ones.

        Each of `moves` is made by `move_entry` or `note_entry`.
        `report` is `{"to": …, "head": …, "text": …}`: lines to append to a file in done/.
        """
        entry: dict[str, Any] = {"delivery": uuid.uuid4().hex, "rows": [*rows], "moves": moves, "report": report}
        self.check()
        self._enter(entry)
        self._unsettled[str(entry["delivery"])] = entry
        self._add(entry, again=False)
        return self._move(entry)

    def retry(self) -> None:
        """Complete unfinished entries, each independently; their errors are collected in `trouble`."""
        self.trouble = []
        for entry in [*self._pending.values()]:
            self._try(self._hand_over, entry)
        for entry in [*self._unsettled.values()]:
            self._try(self._settle, entry)

    def _settle(self, entry: dict[str, Any]) -> None:
        self._add(entry, again=True)
        self._move(entry)

    def _add(self, entry: dict[str, Any], *, again: bool) -> None:
        with Folder.at(self.inbox) as inbox, inbox.ours(DONE_FOLDER, new=True) as done:
            append_report(entry["report"], done, again=again)

    def _try(self, do: Callable[[dict[str, Any]], object], entry: dict[str, Any]) -> None:
        try:
            do(entry)
        except (OSError, PdfkitError) as error:
            self.trouble.append(error)

    def forget(self) -> None:
        """Compact the journal if nothing is unfinished; packs whose letters are still in the inbox are kept."""
        size = self._work.stat(JOURNAL_NAME).st_size
        if not self.is_finished or size < (COMPACT_BYTES if self._placed else 1):
            return
        part = f"{JOURNAL_NAME}.part"
        if part in self._work.names():
            (self._work.path / part).unlink()
        self._work.write(part, dump_json_lines([{"placed": row} for row in sorted(self._placed)]))
        (self._work.path / part).replace(self._work.path / JOURNAL_NAME)
        self._work.sync()

    def _enter(self, entry: Mapping[str, object]) -> None:
        try:
            self._work.append(JOURNAL_NAME, dump_json_lines([entry]))
        except BaseException:
            self._broken = True
            raise

    def _read(self) -> None:
        """Read the entries in their order: a letter may have been sent again later."""
        for entry in parse_json_lines(self._work.read(JOURNAL_NAME, MAX_JOURNAL_BYTES, ours=True)):
            if _is_handover(entry):
                self._pending[str(entry["row"])] = entry
            elif _is_delivery(entry):
                self._unsettled[str(entry["delivery"])] = entry
            elif "placed" in entry:
                self._pending.pop(str(entry["placed"]), None)
                self._placed.add(str(entry["placed"]))
            elif "cancelled" in entry:
                self._pending.pop(str(entry["cancelled"]), None)
            elif "over" in entry:
                self._is_over(str(entry["over"]))

    def _is_over(self, name: str) -> None:
        self._placed -= {*self._unsettled.pop(name, {}).get("rows", ())}

    def _clear(self) -> None:
        kept = {entry["folder"] for entry in self._pending.values()}
        for name in self._work.names():
            if _RUN_FOLDER.fullmatch(name) and name not in kept:
                with suppress(OSError):  # the next call tries again
                    shutil.rmtree(name, dir_fd=self._work.handle)

    def _hand_over(self, entry: dict[str, Any]) -> Problem | None:
        """Move the files of a pack into the outbox, except those already there.

        Returns the problem if that is impossible; the letter may then be packed again.
        Raises OutputBlockedError if only a part of the pack is in the outbox, and the name of another part is taken.
        """
        row, left = entry["row"], self._left(entry)
        if left is None:
            self._cancel(row)
            return make_problem("pack-removed")
        if taken := [name for name in left if self._out.look(name)]:
            if len(left) < len(entry["files"]):
                raise OutputBlockedError(f"{self.outbox}: a file lies where the next one of a pack belongs")
            self._cancel(row)
            return make_problem("outbox-taken", name=taken[0])
        with self._work.ours(entry["folder"]) as run, run.ours(row) as folder:
            for name in left:
                folder.move(name, self._out, name)
        self.check()
        self._out.sync()
        issued = entry["issued"]
        if issued and not any(line.get("pack") == issued[0]["pack"] for line in read_json_lines(self._issued)):
            append_json_lines(self._issued, issued)
        self._enter({"placed": row})
        del self._pending[row]
        self._placed.add(row)
        return None

    def _cancel(self, row: str) -> None:
        self._enter({"cancelled": row})
        self._pending.pop(row, None)

    def _left(self, entry: dict[str, Any]) -> list[str] | None:
        """Return the files of a pack that have not been handed over; None if their folder has been removed."""
        try:
            with self._work.ours(entry["folder"]) as run, run.ours(entry["row"]) as folder:
                there = set(folder.names())
        except FileNotFoundError:
            if entry["folder"] not in self._work.names():
                return None
            with self._work.ours(entry["folder"]) as run:
                if entry["row"] not in run.names():
                    return None
            raise
        return [name for name in entry["files"] if name in there]

    def _move(self, entry: dict[str, Any]) -> dict[str, str]:
        """Make the moves that have not been made.

        A file that arrived later under the same name stays in the inbox.
        Returns the new names of the files by their old ones.
        """
        moved: dict[str, str] = {}
        with (
            Folder.at(self.inbox) as inbox,
            inbox.ours(DONE_FOLDER, new=True) as done,
            inbox.ours(FAILED_FOLDER, new=True) as failed,
        ):
            folders = {DONE_FOLDER: done, FAILED_FOLDER: failed}
            for move in entry["moves"]:
                if "text" in move:
                    _write_once(move, folders[move["to"]], entry["delivery"])
                elif (seen := inbox.look(move["name"])) and _is_same_file(move, seen):
                    to = folders[move["to"]]
                    moved[move["name"]] = free_name(to, move["name"])
                    inbox.move(move["name"], to, moved[move["name"]])
            for folder in (done, failed, inbox):
                folder.sync()
        self._enter({"over": entry["delivery"]})
        self._is_over(entry["delivery"])
        return moved


def move_entry(name: str, seen: FileStamp, to: str) -> dict[str, Any]:
    """Return an entry that moves an inbox file, in the state that was seen, to done/ or failed/."""
    return {"name": name, "seen": [seen.size, seen.changed, seen.inode], "to": to}


def note_entry(name: str, text: str, to: str) -> dict[str, Any]:
    """Return an entry that writes a file into done/ or failed/."""
    return {"name": name, "text": text, "to": to}


def free_name(folder: Folder, name: str) -> str:
    """Return a name that no file of a folder has: this one, or one with a number."""
    number, found = 1, name
    while folder.look(found):
        number += 1
        found = numbered_name(name, f" ({number})")
    return found


MAX_NAME_LENGTH = 140
"""Bytes to which a name with a mark is shortened, unless it was longer before: encrypted folders take little more."""


def numbered_name(name: str, mark: str) -> str:
    """Return a file name with a mark before its suffix, shortened if drives would not accept it otherwise."""
    stem, ending = Path(name).stem, Path(name).suffix
    while stem and len(f"{stem}{mark}{ending}".encode("utf-8", "surrogatepass")) > max(
        MAX_NAME_LENGTH, len(name.encode("utf-8", "surrogatepass"))
    ):
        stem = stem[:-1]
    return f"{stem}{mark}{ending}"


def append_report(report: Mapping[str, str], done: Folder, *, again: bool) -> None:
    """Append lines to a report; with `again`, only if it does not contain them.

    If the report is not ours or cannot be read, the next numbered name is used.
    Raises UntrustedPathError if there is none.
    """
    for number in range(1, 100):
        name = report["to"] if number == 1 else numbered_name(report["to"], f" ({number})")
        try:
            known = done.read(name, MAX_JOURNAL_BYTES, ours=True) if done.look(name) else b""
        except (PdfkitError, PermissionError):
            continue
        if not (again and report["text"].encode() in known):
            done.append(name, ("" if known else report["head"]).encode() + report["text"].encode())
        return
    raise UntrustedPathError(f"{done.path}: no report can be written", hint="take away what is called like a report")


def _write_once(move: Mapping[str, Any], folder: Folder, delivery: str) -> None:
    """Write a file atomically, and only once."""
    data, part = move["text"].encode(), f".{delivery[:16]}.part"
    name = move["name"]
    with suppress(PdfkitError, OSError):
        if folder.look(name) and folder.read(name, MAX_JOURNAL_BYTES, ours=True) == data:
            return
    if part in folder.names():
        (folder.path / part).unlink()
    folder.write(part, data)
    folder.move(part, folder, free_name(folder, name))


def _is_same_file(move: Mapping[str, Any], seen: FileStamp) -> bool:
    return move.get("seen") == [seen.size, seen.changed, seen.inode]


def _is_handover(entry: Mapping[str, Any]) -> bool:
    """Return whether a line enters a pack, and names only files of the outbox and folders of ours."""
    row, folder, files, issued = (entry.get(key) for key in ("row", "folder", "files", "issued"))
    return (
        isinstance(row, str)
        and re.fullmatch(r"[0-9a-f]{8,64}", row) is not None
        and isinstance(folder, str)
        and _RUN_FOLDER.fullmatch(folder) is not None
        and isinstance(files, list)
        and all(map(_is_plain_name, files))
        and isinstance(issued, list)
        and all(isinstance(line, dict) and "pack" in line for line in issued)
    )


def _is_delivery(entry: Mapping[str, Any]) -> bool:
    """Return whether a line enters a delivery, and names only files of the inbox."""
    name, rows, moves, report = (entry.get(key) for key in ("delivery", "rows", "moves", "report"))
    return (
        isinstance(name, str)
        and re.fullmatch(r"[0-9a-f]{32}", name) is not None
        and isinstance(rows, list)
        and all(isinstance(row, str) for row in rows)
        and isinstance(moves, list)
        and all(map(_is_move, moves))
        and isinstance(report, dict)
        and all(isinstance(report.get(key), str) for key in ("text", "head"))
        and _is_plain_name(report.get("to"))
    )


def _is_move(value: object) -> bool:
    if (
        not isinstance(value, dict)
        or value.get("to") not in (DONE_FOLDER, FAILED_FOLDER)
        or not _is_plain_name(value.get("name"))
    ):
        return False
    return isinstance(value.get("text"), str) or isinstance(value.get("seen"), list)


def _is_plain_name(name: object) -> bool:
    return isinstance(name, str) and bool(name) and not name.startswith(".") and "/" not in name and "\0" not in name
