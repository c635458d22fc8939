"""A hot folder with its letters, and a clock that only tests move."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.packs.hot_folder import HotFolder, PollResult
from pdfkit_cli.packs.inbox import SETTLE_SECONDS
from tests.helpers.check_runner import DAY
from tests.helpers.letter_pdfs import plain


class Post:
    """An inbox and an outbox, with a clock that only tests move."""

    def __init__(self, root: Path, library: Path) -> None:
        self.root, self.inbox, self.outbox = root, root / "in", root / "out"
        self.request = BuildRequest(library, root / "dist", as_of=DAY, jobs=1)
        self.inbox.mkdir()
        self.outbox.mkdir()
        self.now = 0.0
        self.folder: HotFolder | None = None

    def put(self, name: str, pdf: Any = None, **job: object) -> None:
        self.write(f"{name}.pdf", plain() if pdf is None else pdf)
        self.write(f"{name}.json", json.dumps({"clinic": "north", "leaflets": ["T-1"], **job}).encode())

    def write(self, name: str, data: bytes) -> None:
        (self.inbox / name).write_bytes(data)

    def open(self) -> HotFolder:
        if self.folder is None:
            self.folder = HotFolder(self.request, self.inbox, self.outbox, lambda: self.now, lambda: DAY)
        return self.folder

    def close(self) -> None:
        if self.folder:
            self.folder.close()
            self.folder = None

    def go(self) -> PollResult:
        """Look, and look again when everything has settled; returns what both did."""
        first = self.open().look()
        self.now += SETTLE_SECONDS
        second = self.open().look()
        return replace(second, done=first.done + second.done, failed=first.failed + second.failed)

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir() if path.is_file())

    def issued(self) -> int:
        log = self.root / "dist/issued.jsonl"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def reason(self, name: str) -> str:
        return (self.inbox / f"failed/{name}.reason.txt").read_text()

    def work(self) -> list[Path]:
        return list((self.outbox / ".pdfkit").glob("run-*/*"))
