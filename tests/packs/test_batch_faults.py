"""A list of letters: whatever fails, whenever it is killed, and whatever was packed before, each file is the pack of its row."""

import errno
import json
import os
import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.packs import assembly, batch, issue_log, orders
from pdfkit_cli.packs.batch import BatchResult
from tests.helpers.check_runner import DAY
from tests.helpers.hot_folder_simulation import error, failing, in_a_child, memory, pdf
from tests.helpers.packing_words import row_words
from tests.helpers.soak_sampling import sampled

pytestmark = pytest.mark.usefixtures("fake_packing")

HEAD = "letter,clinic,leaflets,channel,way,output\n"
ERRORS = {
    **{name: error(getattr(errno, name)) for name in ("EIO", "ENOSPC", "EMFILE", "ENAMETOOLONG", "ENOENT", "EACCES")},
    "memory": memory,
}


class Listed:
    """A list of letters and the folder of its packs."""

    def __init__(self, root: Path) -> None:
        self.root, self.to, self.dist = root, root / "packs", root / "dist"
        root.mkdir(exist_ok=True)
        self.made: BatchResult | None = None

    def rows(self, *rows: str) -> None:
        text = "".join(f"{row}\n" for row in rows)
        (self.root / "list.csv").write_text(HEAD + text, "utf-8")

    def letters(self, **letters: str) -> None:
        for name, words in letters.items():
            (self.root / f"{name}.pdf").write_bytes(pdf(words))

    def go(self) -> list[str]:
        request = BuildRequest(self.root / "leaflets", self.dist, as_of=DAY, jobs=1)
        self.made = batch.run_batch(request, self.root / "list.csv", self.to, lambda *_: None)
        return [result.state for result in self.made.results]

    def reasons(self) -> list[str]:
        assert self.made
        return [row_words(result) for result in self.made.results]

    def pack(self, name: str) -> bytes:
        return (self.to / name).read_bytes()

    def issued(self) -> list[str]:
        return [json.loads(line)["pack"] for line in (self.dist / "issued.jsonl").read_text().splitlines()]


@pytest.fixture
def listed(tmp_path: Path) -> Listed:
    return Listed(tmp_path / "post")


def test_a_letter_another_and_the_first_again(listed: Listed) -> None:
    listed.rows("1.pdf,north,T-1,digital,,1.pdf")
    for number, words in enumerate(("one", "two", "one", "one"), start=1):
        (listed.root / "1.pdf").write_bytes(pdf(words))
        assert listed.go() == ["done" if number < 4 else "kept"]
        assert listed.pack("1.pdf") == pdf(words)
    assert len(listed.issued()) == len({*listed.issued()}) == 3  # each of them went out


def test_the_list_of_monday_of_tuesday_and_of_monday_again(listed: Listed) -> None:
    listed.letters(a="a", b="b")
    for first, second in (("a", "b"), ("b", "a"), ("a", "b")):
        listed.rows(f"{first}.pdf,north,T-1,digital,,1.pdf", f"{second}.pdf,north,T-1,digital,,2.pdf")
        assert listed.go() == ["done", "done"]
        assert (listed.pack("1.pdf"), listed.pack("2.pdf")) == (pdf(first), pdf(second))
        assert listed.go() == ["kept", "kept"]


def test_leaflets_that_change_and_change_back(listed: Listed, monkeypatch: pytest.MonkeyPatch) -> None:
    packs_of: Any = orders.plan_packs
    listed.letters(a="a")
    listed.rows("a.pdf,north,T-1,digital,,1.pdf")

    def digests(digest: str) -> None:
        def changed(request: BuildRequest, wanted: Any) -> Any:
            found = packs_of(request, wanted)
            for pack in found.values():
                object.__setattr__(pack, "enclosures", (replace(pack.enclosures[0], digest=digest),))
            return found

        monkeypatch.setattr(orders, "plan_packs", changed)

    for digest in "xyxy":
        digests(digest * 64)
        assert listed.go() == ["done"]
        (row,) = json.loads((listed.to / "report.json").read_text())
        assert row["leaflets"] == [f"T-1 0.1 {digest * 8}"]


@pytest.mark.parametrize("how", ["changed", "emptied", "removed", "of another row", "a folder"])
def test_a_pack_that_is_not_what_was_made_is_made_again(listed: Listed, how: str) -> None:
    listed.letters(a="a", b="b")
    listed.rows("a.pdf,north,T-1,digital,,1.pdf", "b.pdf,north,T-1,digital,,2.pdf")
    listed.go()
    pack = listed.to / "1.pdf"
    match how:
        case "changed":
            pack.write_bytes(pdf("a")[:-3] + b"xyz")
        case "emptied":
            pack.write_bytes(b"")
        case "of another row":
            shutil.copy(listed.to / "2.pdf", pack)
        case _:
            pack.unlink()
    assert listed.go() == ["done", "kept"]
    assert listed.pack("1.pdf") == pdf("a")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("Case1a.pdf", "case1A.pdf", "also the output of line 2"),
        ("\u00e5.pdf", "a\u030a.pdf", "also the output of line 2"),
        ("STRASSE.pdf", "straße.pdf", "also the output of line 2"),
        ("x.pdf", "x.1.pdf", "may be a file of the pack of line 2, which is split"),
        ("x.pdf", "X.12.pdf", "may be a file of the pack of line 2, which is split"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_outputs_that_may_be_one_file_are_refused(
    listed: Listed, first: str, second: str, said: str, turned: bool
) -> None:
    listed.letters(a="a", b="b")
    split = "split" if "split" in said else ""
    rows = [f"a.pdf,north,T-1,digital,{split},{first}", f"b.pdf,north,T-1,digital,,{second}"]
    listed.rows(*(reversed(rows) if turned else rows))
    assert listed.go() == ["done", "failed"]
    assert said in listed.reasons()[1]
    assert "give one of them another “output”" in listed.reasons()[1]


def test_outputs_that_are_not_one_file_are_not_refused(listed: Listed) -> None:
    listed.letters(a="a")
    names = [("x.pdf", "split"), ("y.1.pdf", ""), ("x.a.pdf", ""), ("x.pdf.pdf", ""), ("y.1.2.pdf", ""), ("xy.1.pdf", "split")]  # fmt: skip
    listed.rows(*(f"a.pdf,north,T-1,digital,{way},{name}" for name, way in names))
    assert {*listed.go()} == {"done"}


def test_what_was_split_before_takes_no_pack_of_another_row_away(listed: Listed) -> None:
    listed.letters(a="a", b="b")
    listed.rows("a.pdf,north,T-1,digital,split,x.pdf")
    listed.go()
    listed.rows("b.pdf,north,T-1,digital,,x.2.pdf", "a.pdf,north,T-1,digital,,x.pdf")
    assert listed.go() == ["done", "done"]
    assert {path.name for path in listed.to.glob("*.pdf")} == {"x.pdf", "x.2.pdf"}
    assert listed.pack("x.2.pdf") == pdf("b")


def test_a_letter_that_changes_before_it_is_packed_is_planned_again(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered is what was packed, not what was there when the list was read."""
    listed.letters(a="old")
    listed.rows("a.pdf,north,T-1,digital,,1.pdf")
    calls: list[Any] = []
    make = assembly.make_pack

    def changing(pack: Any) -> Any:
        calls.append(pack)
        if len(calls) == 1:
            listed.letters(a="new")
        return make(pack)

    monkeypatch.setattr(assembly, "make_pack", changing)
    assert listed.go() == ["done"]
    assert listed.pack("1.pdf") == pdf("new")
    assert listed.go() == ["kept"]
    monkeypatch.setattr(assembly, "make_pack", lambda pack: listed.letters(a=f"{len(calls)}") or changing(pack))  # type: ignore[func-returns-value]
    (listed.to / "1.pdf").unlink()
    assert listed.go() == ["failed"]
    assert "it changed a moment ago" in listed.reasons()[0]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_letter_is_found_however_it_is_composed(listed: Listed, form: str) -> None:
    names = {"NFC": unicodedata.normalize("NFC", "Åse.pdf"), "NFD": unicodedata.normalize("NFD", "Åse.pdf")}
    (listed.root / names["NFC" if form == "NFD" else "NFD"]).write_bytes(pdf("a"))
    listed.rows(f"{names[form]},north,T-1,digital,,1.pdf")
    assert listed.go() == ["done"]


def test_names_that_cannot_be_written_stop_no_other(listed: Listed) -> None:
    listed.letters(a="a")
    row = {"clinic": "north", "leaflets": ["T-1"], "channel": "digital"}
    names = ["\udce6.pdf", "a\0.pdf", "x" * 300 + ".pdf", "a/../a.pdf", "", ".", "\n", "a.pdf"]
    rows = [{**row, "letter": name, "output": f"{number}.pdf"} for number, name in enumerate(names)]
    (listed.root / "list.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    request = BuildRequest(listed.root / "leaflets", listed.dist, as_of=DAY, jobs=1)
    made = batch.run_batch(request, listed.root / "list.jsonl", listed.to, lambda *_: None)
    assert [result.state for result in made.results] == ["failed"] * 7 + ["done"]
    assert all(result.problems for result in made.results if result.state == "failed")


def test_what_a_run_writes_is_for_us_alone(listed: Listed) -> None:
    listed.letters(a="a")
    listed.rows("a.pdf,north,T-1,digital,,1.pdf")
    listed.go()
    written = [path for path in (*listed.to.iterdir(), listed.dist / "issued.jsonl") if path.name != ".lock"]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert len(written) == 6


def test_the_number_of_a_pack_says_nothing_of_its_letter(tmp_path: Path) -> None:
    numbers = set()
    for name in "xy":
        listed = Listed(tmp_path / name)
        listed.letters(a="a")
        listed.rows("a.pdf,north,T-1,digital,,1.pdf")
        listed.go()
        numbers |= {*listed.issued()}
    assert len(numbers) == 2


def test_a_log_that_cannot_be_read_is_said(listed: Listed) -> None:
    listed.letters(a="a")
    listed.rows("a.pdf,north,T-1,digital,,1.pdf")
    listed.go()
    (listed.dist / "issued.jsonl").unlink()
    (listed.dist / "issued.jsonl").mkdir()
    with pytest.raises(PdfkitError, match=r"issued\.jsonl: cannot be read"):
        [*issue_log.read_issues(listed.dist)]


def day(root: Path) -> Listed:
    listed = Listed(root)
    listed.letters(a="a", b="b", c="c")
    listed.rows(
        "a.pdf,north,T-1,digital,,1.pdf", "b.pdf,north,T-1,digital,split,2.pdf", "gone.pdf,north,T-1,digital,,3.pdf",
        "c.pdf,north,T-1,digital,,4.pdf",
    )  # fmt: skip
    return listed


def wrong(listed: Listed) -> list[str]:
    """Run it again until all is done, and say what is not as it must be."""
    listed.go()
    found = [f"again: {listed.go()}"] if listed.go() != ["kept", "kept", "failed", "kept"] else []
    for name, words in (("1.pdf", "a"), ("2.1.pdf", "b"), ("2.2.pdf", "b"), ("4.pdf", "c")):
        if listed.pack(name) != pdf(words):
            found.append(f"{name} is another pack")
    if (len(listed.issued()), len({*listed.issued()})) != (3, 3):
        found.append(f"the log has {len(listed.issued())} packs")
    if left := [path.name for path in listed.to.iterdir() if path.name.endswith(".part")]:
        found.append(f"left behind: {left}")
    return found


def calls(root: Path) -> int:
    listed = day(root)
    with failing(-1, memory) as system:
        listed.go()
    assert wrong(listed) == []
    shutil.rmtree(root)
    return system.calls


@pytest.mark.soak
def test_an_error_at_any_call(tmp_path: Path) -> None:
    count, found = calls(tmp_path / "count"), dict[str, list[str]]()
    everything = [(name, at) for name in ERRORS for at in range(count)]
    for name, at in sampled(everything, 60, 21):
        listed = day(tmp_path / "post")
        with failing(at, ERRORS[name]):
            try:
                states = listed.go()
            except (PdfkitError, MemoryError):
                states = []
        done = [number for number, state in enumerate(states) if state == "done"]
        files = (["1.pdf"], ["2.1.pdf", "2.2.pdf"], ["3.pdf"], ["4.pdf"])
        lies = [name for number in done for name in files[number] if not (listed.to / name).exists()]
        if said := [f"{name} is reported done" for name in lies] + wrong(listed):
            found[f"{name} at call {at}"] = said
        shutil.rmtree(tmp_path / "post")
    assert found == {}


@pytest.mark.soak
def test_killed_before_any_call(tmp_path: Path) -> None:
    count, found = calls(tmp_path / "count"), dict[int, list[str]]()
    for at in sampled(range(count), 40, 22):
        listed = day(tmp_path / "post")

        def work(listed: Listed = listed, at: int = at) -> None:
            with failing(at, lambda: os._exit(9)):
                listed.go()

        in_a_child(work)
        if said := wrong(listed):
            found[at] = said
        shutil.rmtree(tmp_path / "post")
    assert found == {}
