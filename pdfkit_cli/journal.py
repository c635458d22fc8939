"""The journal of a hot folder: what is being put into its outbox, so that each pack gets there once, whatever is killed when.

A pack is made in a folder of its own inside the outbox's `.pdfkit`, entered here, and then renamed into its place: a rename happens whole or not at all. So
after a crash a pack that is entered and still in its folder has not been handed over, and one that is not there any more has. Whether it still
lies in the outbox says nothing: a printer may have taken it away.
"""

import errno
import os
import shutil
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from pdfkit_cli.errors import OutputError
from pdfkit_cli.issuelog import append, lines

WORK = ".pdfkit"


class Journal:
    """The outbox of one hot folder, locked until it is closed."""

    def __init__(self, outbox: Path, issued: Path, *, new: bool = False) -> None:
        """Open it, finish what a killed run began, and remove what it left.

        Only with `new` is anything made: an outbox that was there and lacks its journal is a network drive that is not. Raises OutputError
        where another process has it, OSError where it cannot be reached.
        """
        self.outbox, self._issued = outbox, issued
        self._work, self._path = outbox / WORK, outbox / WORK / "journal.jsonl"
        if new:
            self._work.mkdir(mode=0o700, exist_ok=True)
            self._path.touch()
        self._path.stat()
        self._lock = FileLock(self._work / "lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise OutputError(f"another pdfkit watches over {outbox}", hint="stop that one first") from None
        self._drive, self._pending = self._work.stat().st_ino, set[str]()
        try:
            self._recover()
            self._folder = Path(tempfile.mkdtemp(prefix="run-", dir=self._work))
        except BaseException:
            self._lock.release(force=True)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove unfinished packs, and let go. A drive that is gone keeps them until it is back."""
        with suppress(OSError):
            if not self._pending:
                self._clear()
        with suppress(OSError):
            self._lock.release(force=True)

    def folder_for(self, row: str) -> Path:
        """Return a folder to make a pack in."""
        folder = self._folder / row
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def tidy(self) -> None:
        """Remove what was made and not handed over."""
        if not self._pending:
            for folder in self._folder.iterdir():
                shutil.rmtree(folder)

    def placed(self, row: str) -> bool:
        """Say whether the pack of a letter has been handed over; only those are known whose letters are still in the inbox."""
        return row in self._placed

    def place(self, row: str, files: list[str], issued: list[dict[str, str]]) -> str:
        """Hand a pack over and log what is in it. Returns why it cannot be, if so."""
        self.check()
        if taken := [name for name in files if (self.outbox / name).exists()]:
            return f"there is a file {taken[0]} in the outbox, and nothing is replaced there; give it another “output”"
        entry = {"row": row, "folder": self._folder.name, "files": files, "issued": issued}
        self._pending.add(row)
        append(self._path, [entry])
        self._hand_over(entry)
        self._pending.discard(row)
        return ""

    def check(self) -> None:
        """Raise OSError where the outbox is not what it was: an empty folder stays where a drive went away."""
        if self._work.stat().st_ino != self._drive:
            raise FileNotFoundError(errno.ENOENT, "it is another drive now", str(self.outbox))

    def settle(self, moves: list[dict[str, str]], report: dict[str, str]) -> None:
        """Move the files of a delivery out of the inbox, and forget it.

        A move is `{"from": …, "to": …}`, or `{"text": …, "to": …}` for a file to write. `report` is `{"text": …, "to": …}`, lines to add.
        """
        entry = {"delivery": uuid.uuid4().hex, "moves": moves, "report": report}
        self.check()
        append(self._path, [entry])
        _add(report)
        self._move(entry)

    def forget(self) -> None:
        """Begin the journal anew; only where no delivery is unfinished."""
        if self._path.stat().st_size:
            part = self._path.with_suffix(".part")
            part.touch()
            part.replace(self._path)
            _sync(self._work)
        self._placed.clear()

    def _recover(self) -> None:
        entries = list(lines(self._path))
        over = {entry["over"] for entry in entries if "over" in entry}
        handed = {entry["placed"] for entry in entries if "placed" in entry}
        self._placed = set(handed)
        for entry in entries:
            if "row" in entry and entry["row"] not in handed:
                issued = entry["issued"]
                if issued and any(line.get("pack") == issued[0]["pack"] for line in lines(self._issued)):
                    entry["issued"] = []
                self._hand_over(entry)
            elif "delivery" in entry and entry["delivery"] not in over:
                if not _has(entry["report"]):
                    _add(entry["report"])
                self._move(entry)
        self._clear()

    def _clear(self) -> None:
        for folder in self._work.glob("run-*"):
            shutil.rmtree(folder)

    def _hand_over(self, entry: dict[str, Any]) -> None:
        folder = self._work / entry["folder"] / entry["row"]
        for name in entry["files"]:
            with suppress(FileNotFoundError):  # it has been
                (folder / name).rename(self.outbox / name)
        self.check()
        _sync(self.outbox)
        if entry["issued"]:
            append(self._issued, entry["issued"])
        append(self._path, [{"placed": entry["row"]}])
        self._placed.add(entry["row"])

    def _move(self, entry: dict[str, Any]) -> None:
        """Do what of a plan has not been done."""
        folders = set()
        for move in entry["moves"]:
            target = Path(move["to"])
            folders.add(target.parent)
            if "text" in move:
                target.write_text(move["text"], "utf-8")
            elif not target.exists() and Path(move["from"]).exists():
                Path(move["from"]).rename(target)
                folders.add(Path(move["from"]).parent)
        for folder in folders:
            folder.stat()
            _sync(folder)
        append(self._path, [{"over": entry["delivery"]}])


def _add(report: dict[str, str]) -> None:
    with Path(report["to"]).open("a", encoding="utf-8", newline="") as file:
        file.write(report["text"])


def _has(report: dict[str, str]) -> bool:
    try:
        return report["text"] in Path(report["to"]).read_text("utf-8")
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    """Wait until renames are on the disk; some network drives cannot say."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
