"""What of an inbox can be dealt with now, and what was never finished."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from pdfkit_cli.packs.inbox import ORPHAN_SECONDS, SETTLE_SECONDS, UNFINISHED_SECONDS, Delivery, Inbox
from tests.helpers.letter_pdfs import plain
from tests.helpers.packing_words import row_words

JOB = {"clinic": "north", "leaflets": ["T-1"]}


class Watched:
    """An inbox with a clock that only tests move."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 0.0
        self._inbox = Inbox(folder, lambda: self.now)

    def put(self, name: str, content: bytes | str | Mapping[str, object]) -> None:
        data = json.dumps(content) if isinstance(content, Mapping) else content
        (self.folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    def after(self, seconds: float) -> list[Delivery]:
        self.now += seconds
        return self._inbox.look()

    def settled(self) -> list[Delivery]:
        assert self.after(0) == []
        return self.after(SETTLE_SECONDS)


@pytest.fixture
def inbox(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def errors(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    return [(delivery.slip.name, row_words(row)) for delivery in deliveries for row in delivery.rows]


def test_a_letter_with_its_sidecar(inbox: Watched) -> None:
    inbox.put("a.pdf", plain())
    inbox.put("a.json", JOB)
    (delivery,) = inbox.settled()
    job = delivery.rows[0].job
    assert job is not None
    assert (job.letter, job.output, job.leaflets) == (inbox.folder / "a.pdf", "a.pdf", ("T-1",))


def test_a_list_with_its_letters(inbox: Watched) -> None:
    for name in "ab":
        inbox.put(f"{name}.pdf", plain())
    inbox.put("today.csv", "letter;clinic;leaflets;output\na.pdf;north;T-1;1.pdf\nb.pdf;north;T-1;2.pdf\n")
    (delivery,) = inbox.settled()
    assert [letter.name for letter in delivery.letters()] == ["a.pdf", "b.pdf"]
    assert len(set(delivery.ids)) == 2


def test_capitals_in_an_ending(inbox: Watched) -> None:
    inbox.put("a.PDF", plain())
    inbox.put("a.JSON", JOB)
    (delivery,) = inbox.settled()
    assert delivery.rows[0].job
    assert delivery.rows[0].job.letter.name == "a.PDF"


def test_a_letter_that_grows_is_left_alone(inbox: Watched) -> None:
    whole = plain()
    inbox.put("a.json", JOB)
    for end in range(100, len(whole), 100):
        inbox.put("a.pdf", whole[:end])
        assert inbox.after(SETTLE_SECONDS - 0.1) == []
    inbox.put("a.pdf", whole)
    assert len(inbox.settled()) == 1


def test_a_copy_may_pause(inbox: Watched) -> None:
    inbox.put("a.json", JOB)
    inbox.put("a.pdf", plain()[:-20])
    inbox.after(0)
    assert inbox.after(UNFINISHED_SECONDS - 1) == []
    inbox.put("a.pdf", plain())
    assert len(inbox.settled()) == 1


def test_a_letter_without_end_is_refused_at_last(inbox: Watched) -> None:
    """The letter is tried, and refused by whoever reads it."""
    inbox.put("a.json", JOB)
    inbox.put("a.pdf", plain()[:300])
    inbox.after(0)
    (delivery,) = inbox.after(UNFINISHED_SECONDS)
    assert delivery.rows[0].job


@pytest.mark.parametrize("half", ['{"clinic": "nor', '{"clinic": "north", "leaflets": ["T-1"]', ""])
def test_half_a_sidecar_is_waited_for_and_then_named(inbox: Watched, half: str) -> None:
    inbox.put("a.pdf", plain())
    inbox.put("a.json", half)
    inbox.after(0)
    assert inbox.after(UNFINISHED_SECONDS - 1) == []
    ((name, error),) = errors(inbox.after(1))
    assert name == "a.json"
    assert "this is not JSON" in error


def test_a_letter_alone_waits_and_is_named(inbox: Watched) -> None:
    inbox.put("a.pdf", plain())
    inbox.after(0)
    assert inbox.after(ORPHAN_SECONDS - 1) == []
    ((name, error),) = errors(inbox.after(1))
    assert name == "a.pdf"
    assert "nothing says what goes behind it" in error


def test_a_sidecar_or_a_list_waits_for_its_letters(inbox: Watched) -> None:
    inbox.put("a.json", JOB)
    inbox.put("b.csv", "letter,clinic,leaflets,output\nb.pdf,north,T-1,1.pdf\nc.pdf,north,T-1,2.pdf\n")
    inbox.put("b.pdf", plain())
    inbox.after(0)
    assert inbox.after(ORPHAN_SECONDS - 1) == []
    late = inbox.after(1)
    assert [delivery.slip.name for delivery in late] == ["a.json", "b.csv"]  # and their letters fail, one by one


def test_what_is_no_letter_is_named(inbox: Watched) -> None:
    for name in ("letter.docx", "Thumbs.db", ".a.pdf", "~$a.docx"):
        inbox.put(name, "…")
    (inbox.folder / "done").mkdir()
    inbox.after(0)
    assert [name for name, _ in errors(inbox.after(ORPHAN_SECONDS))] == ["letter.docx"]


@pytest.mark.parametrize("letter", ["../a.pdf", "/etc/passwd", "done/a.pdf", "link.pdf"])
def test_a_list_cannot_reach_outside(inbox: Watched, letter: str) -> None:
    inbox.put("a.csv", f"letter,clinic,leaflets,output\n{letter},north,T-1,1.pdf\n")
    (inbox.folder / "link.pdf").symlink_to("/etc/passwd")
    deliveries = inbox.settled()
    assert errors(deliveries) == [("a.csv", "the letter must lie in the inbox itself; write its plain file name")]
    assert deliveries[0].letters() == ()


def test_a_link_is_no_sidecar(inbox: Watched, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("x") / "a.json"
    elsewhere.write_text(json.dumps(JOB))
    (inbox.folder / "a.json").symlink_to(elsewhere)
    assert "it is no file of its own" in errors(inbox.settled())[0][1]


def test_a_sidecar_about_another_letter(inbox: Watched) -> None:
    inbox.put("a.pdf", plain())
    inbox.put("a.json", {**JOB, "letter": "b.pdf"})
    assert (
        errors(inbox.settled())[0][1]
        == "it must hold keys and values, such as “clinic”, about a.pdf; write the name of that letter, or leave it out"
    )


def test_rows_are_known_again_whatever_else_changes_in_the_list(inbox: Watched) -> None:
    inbox.put("a.pdf", plain())
    inbox.put("b.pdf", plain())
    text = "letter,clinic,leaflets,output\na.pdf,north,T-1,1.pdf\n"
    inbox.put("l.csv", text)
    (before,) = inbox.settled()
    inbox.put("l.csv", text.replace("\na", "\nb.pdf,north,T-1,2.pdf\na"))
    (after,) = inbox.settled()
    assert after.ids[1:] == before.ids
    os.utime(inbox.folder / "a.pdf", (1, 1))
    (other,) = inbox.settled()
    assert other.ids[1:] != before.ids


def test_an_inbox_that_is_gone(inbox: Watched, tmp_path: Path) -> None:
    inbox.folder.rename(tmp_path.with_name("elsewhere"))
    with pytest.raises(OSError, match="No such file"):
        inbox.after(0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_sidecar_that_nobody_may_read_stops_no_other(inbox: Watched) -> None:
    for name in "ab":
        inbox.put(f"{name}.pdf", plain())
        inbox.put(f"{name}.json", JOB)
    (inbox.folder / "a.json").chmod(0)
    assert [delivery.slip.name for delivery in inbox.settled()] == ["b.json"]
    assert "Permission denied" in errors(inbox.after(UNFINISHED_SECONDS))[0][1]
