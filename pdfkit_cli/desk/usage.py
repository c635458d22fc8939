"""Which leaflets a clinic hands out most: counted in the log of what was sent, which names no person."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pdfkit_cli.packs.issue_log import ISSUE_LOG, parse_json_lines

HALF_LIFE_DAYS = 30.0
"""Days after which a use counts half as much as one of today: what is used now comes first, and habits stay."""

_DAY_ONE = datetime(2020, 1, 1, tzinfo=UTC)
"""Uses are weighed against this day, so that the sums of before stay right as time goes on."""


class UsageCounts:
    """Weighted counts of the uses of each leaflet, by clinic. Reads only what was appended to the log. Thread-safe."""

    def __init__(self, out: Path) -> None:
        self._path = out / ISSUE_LOG
        self._lock = threading.Lock()
        self._read = 0
        """Bytes of the log that are counted."""

        self._weights: dict[str, dict[str, float]] = {}

    def of_clinic(self, clinic: str) -> Mapping[str, float]:
        """Return the weight of each leaflet that a clinic has handed out, by document id; empty if the log cannot be read."""
        with self._lock:
            try:
                self._refresh()
            except OSError:
                return {}
            return dict(self._weights.get(clinic, {}))

    def _refresh(self) -> None:
        size = self._path.stat().st_size if self._path.exists() else 0
        if size < self._read:  # another log took its place
            self._read, self._weights = 0, {}
        if size == self._read:
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            added = file.read(size - self._read)
        added = added[: added.rfind(b"\n") + 1]
        self._read += len(added)
        for line in parse_json_lines(added):
            self._count(line.get("clinic"), line.get("leaflet"), line.get("time"))

    def _count(self, clinic: object, leaflet: object, time: object) -> None:
        if not (isinstance(clinic, str) and isinstance(leaflet, str) and isinstance(time, str)):
            return
        try:
            days = (datetime.fromisoformat(time) - _DAY_ONE).total_seconds() / 86400
            weight = 2.0 ** (days / HALF_LIFE_DAYS)
        except (ValueError, TypeError, OverflowError):  # not a time, or one without its zone
            return
        weights = self._weights.setdefault(clinic, defaultdict(float))
        weights[leaflet] += weight
