"""Nothing is printed twice: whatever is lost, and wherever the program ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pdfkit_cli.content.printers import Printer
from pdfkit_cli.printing import ipp, press
from pdfkit_cli.printing.client import IppClient, Operation, PrinterAddress, PrinterRefusedError
from pdfkit_cli.printing.ipp import IppMessage
from pdfkit_cli.printing.orders import JobStage, PrintOrder, open_order
from pdfkit_cli.printing.press import Press, PrintJob
from pdfkit_cli.printing.problems import PrintingError
from pdfkit_cli.printing.progress import JobProgress
from pdfkit_cli.printing.ticket import JobSize, JobTicket
from pdfkit_cli.system.folders import Folder
from tests.helpers.lying_printers import HangUp, LyingPrinter, reply

OFFICE = Printer(name="Office", cups="office")
PLAN = [(0, 2), (1, 2), (0, 1)]


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(press, "LOST_SECONDS", 0.5)
    monkeypatch.setattr(press, "BUSY_SECONDS", 0.5)


def job(index: int) -> PrintJob:
    ticket = JobTicket(
        {"sides": ipp.keyword("one-sided")}, "application/pdf", JobSize(2, 1, 1), frozenset({"sides"}), ()
    )
    return PrintJob(f"leaflet {index}", ticket, lambda: f"document {index}".encode())


def run(
    out: Path,
    liar: LyingPrinter,
    tell: Callable[[int, JobProgress], None] = lambda index, made: None,
    again: bool = False,
) -> PrintOrder:
    with open_order(out, "digest", PLAN, again=again) as order:
        client = IppClient(PrinterAddress(liar.uri), "Office", 5)
        Press(client, OFFICE, order, {index: job(index) for index in range(len(PLAN))}, tell).run()
    return order


def printed(liar: LyingPrinter) -> list[bytes]:
    return list(liar.documents)


ALL = [b"document 0", b"document 1", b"document 2"]


def test_each_job_is_sent_once(tmp_path: Path, liar: LyingPrinter) -> None:
    seen: list[str] = []
    order = run(tmp_path, liar, lambda index, made: seen.append(f"{index} {made.words()}"))
    assert printed(liar) == ALL
    assert seen == [f"{index} printed, sheets: 2" for index in range(3)]
    assert order.is_finished
    assert [(each.outcome, each.sheets) for each in order.jobs] == [("done", 2)] * 3


def test_the_same_again_is_a_new_order(tmp_path: Path, liar: LyingPrinter) -> None:
    first, second = run(tmp_path, liar), run(tmp_path, liar)
    assert first.name != second.name
    assert printed(liar) == ALL * 2


def test_wherever_the_program_ends_nothing_is_printed_twice(
    tmp_path: Path, liar: LyingPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed before and after each line that it writes and each request that it makes; then the same is asked for again."""
    append, ask = Folder.append, IppClient._ask
    calls, stop = 0, 0

    def count() -> None:
        nonlocal calls
        calls += 1
        if calls == stop:
            raise Killed

    def counted(wrapped: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            count()
            done = wrapped(*arguments, **named)
            count()
            return done

        return call

    monkeypatch.setattr(Folder, "append", counted(append))
    monkeypatch.setattr(IppClient, "_ask", counted(ask))
    run(tmp_path / "whole", liar)
    whole = calls
    assert whole > 30
    for stop in range(1, whole + 1):
        liar.documents.clear()
        liar.jobs.clear()
        calls = 0
        out = tmp_path / str(stop)
        with pytest.raises(Killed):
            run(out, liar)
        calls = whole + 1
        ended = [*(out / ".pdfkit/prints").glob("*.jsonl")] if (out / ".pdfkit/prints").exists() else []
        finished = bool(ended) and ended[0].read_text().count('"ended"') == len(PLAN)
        if not finished:
            run(out, liar)
        assert printed(liar) == ALL, stop


def test_an_answer_that_is_lost_is_asked_for(tmp_path: Path, liar: LyingPrinter) -> None:
    """The document arrived and its answer did not: the printer knows the job."""
    liar.says[Operation.SEND_DOCUMENT] = lambda message: b""
    assert run(tmp_path, liar).is_finished
    assert printed(liar) == ALL


def test_an_answer_that_nobody_can_give_is_said(tmp_path: Path, liar: LyingPrinter) -> None:
    liar.says[Operation.SEND_DOCUMENT] = lambda message: b""
    liar.says[Operation.GET_JOB_ATTRIBUTES] = lambda message: reply(message, status=0x0406)
    for _ in range(2):
        with pytest.raises(PrintingError, match="Office did not say whether it got “leaflet 0") as caught:
            run(tmp_path, liar)
        assert caught.value.hint == "look in the tray; what is missing is printed again with --again"
    assert printed(liar) == [b"document 0"]
    liar.says.clear()
    run(tmp_path, liar, again=True)
    assert printed(liar) == [b"document 0", *ALL]
    run(tmp_path, liar)
    assert len(printed(liar)) == 7, "what was given up is not resumed"


def test_a_line_that_is_dropped_in_the_middle_of_a_document(tmp_path: Path, liar: LyingPrinter) -> None:
    """The printer says that the job has no document yet: it is cancelled, and that is an error that may be repeated."""

    def drop(message: IppMessage) -> IppMessage:
        liar.documents.pop()
        number = ipp.first_integer(message.group(1), "job-id")
        liar.jobs[number] |= {"job-state": ipp.enum(4), "job-state-reasons": ipp.keyword("job-incoming")}
        raise HangUp

    liar.says[Operation.SEND_DOCUMENT] = drop
    with pytest.raises(PrintingError, match="Office cannot be reached"):
        run(tmp_path, liar)
    assert liar.asked.count(Operation.CANCEL_JOB) == 1
    liar.says.clear()
    assert run(tmp_path, liar).is_finished
    assert printed(liar) == ALL


def test_a_printer_that_was_restarted_counts_anew(tmp_path: Path, liar: LyingPrinter) -> None:
    """Its job of the same number is somebody else's."""

    def restart(message: IppMessage) -> IppMessage:
        liar.jobs[1] |= {"job-name": ipp.keyword("a letter")}
        raise HangUp

    liar.says[Operation.SEND_DOCUMENT] = restart
    with pytest.raises(PrintingError, match="did not say whether it got"):
        run(tmp_path, liar)
    assert len(printed(liar)) == 1


def test_a_printer_that_ignores_both_sides_is_sent_nothing(tmp_path: Path, liar: LyingPrinter) -> None:
    def ignoring(message: IppMessage) -> IppMessage:
        answer = reply(message, 2, {"job-id": ipp.integer(1)}, status=1)
        return IppMessage(1, message.request_id, (*answer.groups, ipp.AttributeGroup(5, {"sides": ipp.keyword("x")})))

    liar.says[Operation.CREATE_JOB] = ignoring
    with pytest.raises(PrintingError, match="Office would not follow: sides"):
        run(tmp_path, liar)
    assert printed(liar) == []
    assert liar.asked.count(Operation.CANCEL_JOB) == 1


def test_a_busy_printer_is_asked_again(tmp_path: Path, liar: LyingPrinter) -> None:
    busy = 3

    def answer(message: IppMessage) -> IppMessage:
        nonlocal busy
        busy -= 1
        if busy >= 0:
            return reply(message, status=0x0507)
        return reply(message, 2, liar.jobs[max(liar.jobs)])

    liar.says[Operation.CREATE_JOB] = answer
    assert run(tmp_path, liar).is_finished
    assert printed(liar) == ALL
    liar.says[Operation.CREATE_JOB] = lambda message: reply(message, status=0x0507)
    with pytest.raises(PrinterRefusedError):
        run(tmp_path / "never", liar)


def test_out_of_paper_is_said_until_somebody_puts_some_in(tmp_path: Path, liar: LyingPrinter) -> None:
    seen: list[str] = []
    polls = 0

    def attributes(message: IppMessage) -> IppMessage:
        nonlocal polls
        polls += 1
        liar.printer |= {
            "printer-state": ipp.enum(5 if polls < 5 else 4),
            "printer-state-reasons": ipp.keyword("media-empty-error" if polls < 5 else "none"),
        }
        number = ipp.first_integer(message.group(1), "job-id")
        state = {"job-state": ipp.enum(6 if polls < 5 else 9), "job-impressions-completed": ipp.integer(1)}
        return reply(message, 2, liar.jobs[number] | state)

    liar.says[Operation.GET_JOB_ATTRIBUTES] = attributes
    run(tmp_path, liar, lambda index, made: seen.append(made.words()))
    assert seen == ["the printer is waiting after 1 of 2 sheets: out of paper", *["printed, sheets: 2"] * 3]


def test_a_job_that_is_cancelled_at_the_printer(tmp_path: Path, liar: LyingPrinter) -> None:
    """The others are printed."""

    def attributes(message: IppMessage) -> IppMessage:
        number = ipp.first_integer(message.group(1), "job-id")
        state = {"job-state": ipp.enum(7 if number == 2 else 9), "job-impressions-completed": ipp.integer(1)}
        return reply(message, 2, liar.jobs[number] | state)

    liar.says[Operation.GET_JOB_ATTRIBUTES] = attributes
    order = run(tmp_path, liar)
    assert [(each.outcome, each.sheets) for each in order.jobs] == [("done", 2), ("cancelled", 1), ("done", 2)]
    assert printed(liar) == ALL


def test_a_printer_that_falls_silent_is_followed_again(tmp_path: Path, liar: LyingPrinter) -> None:
    liar.says[Operation.GET_JOB_ATTRIBUTES] = lambda message: b""
    with pytest.raises(PrintingError, match="was sent to Office, which does not answer any more"):
        run(tmp_path, liar)
    liar.says.clear()
    assert run(tmp_path, liar).is_finished
    assert printed(liar) == ALL


def test_two_at_once_are_one(tmp_path: Path, liar: LyingPrinter) -> None:
    """A second one that asks for the same meanwhile is told so; with `again` it is an order of its own."""
    asked: list[str] = []

    def second(index: int, made: JobProgress) -> None:
        if not asked:
            with pytest.raises(PrintingError, match="this is being printed by another command"):
                run(tmp_path, liar)
            asked.append(run(tmp_path, liar, again=True).name)

    assert run(tmp_path, liar, second).name not in asked
    assert printed(liar) == ALL * 2


def test_a_name_is_printed_once(tmp_path: Path, liar: LyingPrinter) -> None:
    for _ in range(3):
        with open_order(tmp_path, "digest", PLAN, name="press-0001") as order:
            Press(
                IppClient(PrinterAddress(liar.uri), "Office"),
                OFFICE,
                order,
                {index: job(index) for index in range(3)},
                lambda *_: None,
            ).run()
    assert printed(liar) == ALL
    with pytest.raises(PrintingError, match="the order press-0001 was given for something else"):
        open_order(tmp_path, "other", PLAN, name="press-0001")
    with pytest.raises(PrintingError, match="cannot be the name of an order"):
        open_order(tmp_path, "digest", PLAN, name="../../etc/passwd")


def test_a_name_of_which_nothing_was_sent_may_be_given_to_something_else(tmp_path: Path) -> None:
    """Somebody was told that there is no paper for it, and chose other copies: the page keeps the name."""
    for digest, plan in (("five copies", [(0, 5)]), ("two copies", [(0, 2)])):
        with open_order(tmp_path, digest, plan, name="press-0001") as order:
            assert [(job.leaflet, job.copies) for job in order.jobs] == plan
    with open_order(tmp_path, "two copies", [(0, 2)], name="press-0001") as order:
        order.record(0, JobStage.CREATED, number=1)
        order.record(0, JobStage.NEW)
    with pytest.raises(PrintingError, match="was given for something else"):
        open_order(tmp_path, "three copies", [(0, 3)], name="press-0001")


def test_a_torn_line_is_no_line(tmp_path: Path, liar: LyingPrinter) -> None:
    liar.says[Operation.GET_JOB_ATTRIBUTES] = lambda message: b""
    with pytest.raises(PrintingError):
        run(tmp_path, liar)
    file = next((tmp_path / ".pdfkit/prints").glob("*.jsonl"))
    file.write_bytes(file.read_bytes()[:-9])
    liar.says.clear()
    assert run(tmp_path, liar).is_finished
    assert printed(liar) == ALL


def test_old_orders_are_forgotten_when_they_are_finished(tmp_path: Path, liar: LyingPrinter) -> None:
    import os

    finished = run(tmp_path, liar).name
    liar.says[Operation.GET_JOB_ATTRIBUTES] = lambda message: b""
    with pytest.raises(PrintingError):
        run(tmp_path, liar)
    liar.says.clear()
    folder = tmp_path / ".pdfkit/prints"
    for file in folder.glob("*.jsonl"):
        os.utime(file, (1, 1))
    with open_order(tmp_path, "something else", PLAN):
        pass
    names = {file.stem for file in folder.glob("*.jsonl")}
    assert finished not in names
    assert len(names) == 2


def test_stages_are_words() -> None:
    assert [str(stage) for stage in JobStage] == ["new", "created", "sending", "sent", "ended"]
