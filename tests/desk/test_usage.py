"""Which leaflets come first: those with a star, then those that the clinic hands out latest and most."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pdfkit_cli.desk.usage import UsageCounts
from pdfkit_cli.packs.issue_log import ISSUE_LOG, append_json_lines
from tests.helpers.desk_client import client
from tests.helpers.tiny_library import TinyLibrary

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def used(out: Path, leaflet: str, days: int = 0, clinic: str = "north", times: int = 1) -> None:
    """Log that a leaflet was handed out so many days ago."""
    time = (NOW - timedelta(days)).isoformat(timespec="seconds")
    append_json_lines(out / ISSUE_LOG, [{"time": time, "leaflet": leaflet, "clinic": clinic}] * times)


def order(counts: UsageCounts, clinic: str = "north") -> list[str]:
    weights = counts.of_clinic(clinic)
    return sorted(weights, key=lambda leaflet: -weights[leaflet])


def test_what_is_used_most_and_latest_weighs_most(tmp_path: Path) -> None:
    used(tmp_path, "A", days=300, times=20)
    used(tmp_path, "B", days=2, times=3)
    used(tmp_path, "C", days=0, times=1)
    used(tmp_path, "D", days=0, clinic="south")
    assert order(UsageCounts(tmp_path)) == ["B", "C", "A"]
    assert order(UsageCounts(tmp_path), "south") == ["D"]


def test_only_what_was_appended_is_read_and_a_torn_line_waits(tmp_path: Path) -> None:
    counts, log = UsageCounts(tmp_path), tmp_path / ISSUE_LOG
    assert counts.of_clinic("north") == {}
    used(tmp_path, "A")
    before = counts.of_clinic("north")["A"]
    used(tmp_path, "A")
    whole = log.read_bytes()
    log.write_bytes(whole + whole[:30])
    assert counts.of_clinic("north")["A"] == pytest.approx(2 * before)
    log.write_bytes(whole + whole)
    assert counts.of_clinic("north")["A"] == pytest.approx(4 * before)
    log.write_bytes(whole[: len(whole) // 2])
    assert counts.of_clinic("north")["A"] == pytest.approx(before), "another log took its place"


@pytest.mark.parametrize("line", [b"{}", b"x", b'{"clinic":"north","leaflet":"A","time":"yesterday"}', b'{"clinic":"north","leaflet":"A","time":"2026-11-30T12:00:00"}', b'{"clinic":1,"leaflet":"A","time":"2026-11-30T12:00:00+00:00"}'])  # fmt: skip
def test_a_line_that_means_nothing_counts_nothing(tmp_path: Path, line: bytes) -> None:
    (tmp_path / ISSUE_LOG).write_bytes(line + b"\n")
    assert UsageCounts(tmp_path).of_clinic("north") == {}


@pytest.fixture
def asking(library: TinyLibrary, tmp_path: Path) -> TestClient:
    """A desk over three leaflets: Alfa, Beta and Gamma."""
    hands_out = "hands_out:\n"
    for number, name in enumerate(("alfa", "beta", "gamma"), 2):
        model = library.read("content/first/leaflet.yaml").replace("T-1", f"T-{number}")
        library.write(f"content/{name}/leaflet.yaml", model)
        library.write(f"content/{name}/da.md", library.read("content/first/da.md").replace("En titel", name.title()))
        hands_out += f"  {name}: {{languages: [da]}}\n"
    clinic = library.read("clinics/north.yaml")
    library.write("clinics/north.yaml", clinic.split("hands_out:")[0] + hands_out)
    return client(library.root, tmp_path / "dist")


def shown(asking: TestClient, address: str = "/north/") -> list[str]:
    return re.findall(r'href="/north/leaflet/(\w+)" data-key="\w+" data-first', asking.get(address).text)


def test_the_first_screen_begins_with_what_is_used(asking: TestClient, tmp_path: Path) -> None:
    assert shown(asking) == ["alfa", "beta", "gamma"]
    used(tmp_path / "dist", "T-4")
    assert shown(asking) == ["gamma", "alfa", "beta"]


def test_stars_come_first_and_stay_in_the_browser(asking: TestClient, tmp_path: Path) -> None:
    used(tmp_path / "dist", "T-4")
    answer = asking.post("/north/star", data={"leaflet": "beta", "back": "/north/"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/north/")
    assert "Path=/north/;" in answer.headers["set-cookie"]
    assert shown(asking) == ["beta", "gamma", "alfa"]
    html = asking.get("/north/").text
    assert html.count('aria-pressed="true"') == 1
    assert shown(client(tmp_path / "leaflets", tmp_path / "dist")) == ["gamma", "alfa", "beta"], "another browser"
    asking.post("/north/star", data={"leaflet": "beta", "back": "/north/"})
    assert shown(asking) == ["gamma", "alfa", "beta"]
    assert asking.post("/north/star", data={"leaflet": "first", "back": "/"}).status_code == 404
    away = asking.post("/north/star", data={"leaflet": "beta", "back": "//evil.example"}, follow_redirects=False)
    assert away.headers["location"] == "/"
