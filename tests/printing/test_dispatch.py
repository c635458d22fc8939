"""Leaflets on whole printers: every format as it must be printed, and each refusal."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import pikepdf
import pytest

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.printers import Printer, Printers, load_printers
from pdfkit_cli.content.yaml_source import sha256_hex
from pdfkit_cli.errors import PdfkitError, UsageError
from pdfkit_cli.packs.assembly import Enclosure
from pdfkit_cli.printing import dispatch, press
from pdfkit_cli.printing.dispatch import BuiltLeaflet, PrintReport, plan_jobs, print_leaflets
from pdfkit_cli.printing.problems import PrintingError
from pdfkit_cli.printing.progress import JobProgress
from pdfkit_cli.printing.selection import PrintRequest, PrintSelection, select_prints
from tests.helpers import founding_library_build as founding_library
from tests.helpers.letter_pdfs import plain
from tests.helpers.soak_sampling import covering
from tests.helpers.tiny_library import FORMATS, FOUNDING, TinyLibrary
from tests.helpers.virtual_printers import VirtualPrinter

StartPrinter: TypeAlias = Callable[..., VirtualPrinter]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "POLL_SECONDS", 0.02)


def silent(title: str, progress: JobProgress) -> None:
    pass


@pytest.fixture
def tiny_print(library: TinyLibrary, build_request: BuildRequest, fake_rendering: None) -> Callable[..., PrintReport]:
    """Print the leaflet of the tiny library, for the clinic `north`."""

    def run(
        *leaflets: str,
        tell: Callable[[str, JobProgress], None] = silent,
        order: str = "",
        again: bool = False,
        **wanted: Any,
    ) -> PrintReport:
        asked = PrintRequest(leaflets or ("first",), "north", **wanted)
        return print_leaflets(build_request, asked, tell, order=order, again=again)

    return run


@pytest.fixture
def founding_print(founding: Path) -> Callable[..., PrintSelection]:
    """Print BP-01 of the founding library on a printer, and return what was chosen."""
    project, request = founding_library.project(), BuildRequest(FOUNDING, founding, as_of=founding_library.DAY)

    def run(printer: VirtualPrinter, **wanted: Any) -> PrintSelection:
        own = Printer(name="Office", address=printer.uri)
        office = Printers({f"office-{printer.port}": own})  # processes that run tests share the output folder
        asked = PrintRequest(("BP-01",), "rygcenter-syddanmark", "da", **({"format": "a4"} | wanted))
        chosen = select_prints(project, office, asked, request.as_of)
        assert dispatch.print_selection(project, request, asked, chosen, silent).clean
        return chosen

    return run


SIDES = {"long-edge": "two-sided-long-edge", "short-edge": "two-sided-short-edge"}


@pytest.mark.slow
@pytest.mark.soak
def test_every_office_format_of_the_founding_library(founding: Path, start_printer: StartPrinter) -> None:
    """Each format in each language of each leaflet, in `make test` each of them once, for a clinic that hands it out, with a ticket that suits it."""
    printer, project = start_printer(), founding_library.project()
    request = BuildRequest(FOUNDING, founding, as_of=founding_library.DAY)
    office = Printers({f"office-{printer.port}": Printer(name="Office", address=printer.uri)})
    chosen = {
        (key.edition.leaflet, key.edition.language, key.format): key
        for key in founding_library.output_keys().values()
        if key.edition.variant == "full" and project.layouts.formats[key.format].office_printer
    }
    able = {name for name in FORMATS if project.layouts.formats[name].office_printer}
    assert {key.format for key in chosen.values()} == able, "every format that is printed here"
    tried = covering(chosen.values(), lambda key: (key.edition.leaflet, key.edition.language, key.format))
    for key in tried:
        wanted = PrintRequest((key.edition.leaflet,), key.edition.clinic, key.edition.language, key.format)
        made = dispatch.print_selection(
            project, request, wanted, select_prints(project, office, wanted, request.as_of), silent
        )
        assert made.clean, made
    entries = founding_library.entries(founding)
    assert len(printer.jobs) == len(tried)
    for key, job in zip(tried, printer.jobs, strict=True):
        form, entry = project.layouts.formats[key.format], entries[key.path]
        assert job.document == (founding / key.path).read_bytes()
        assert job.ticket["SIDES"] == (SIDES[form.duplex] if entry.pages > 1 else "one-sided"), key
        paper = "iso_a5_148x210mm" if key.format == "a5" else "iso_a4_210x297mm"
        assert (job.ticket["MEDIA"], job.ticket["PRINT_SCALING"], job.ticket["COPIES"]) == (paper, "none", "1")
        assert job.ticket["JOB_NAME"].startswith(f"{entry.id} {key.edition.language} {key.format} ")
        with pikepdf.open(BytesIO(job.document)) as pdf:
            left, bottom, right, top = map(float, pdf.pages[0].cropbox)  # marks for folding are around it
            width, height = (right - left) / 72 * 25.4, (top - bottom) / 72 * 25.4
        assert sorted(round(side) for side in (width, height)) == sorted(round(side) for side in form.paper_size)
    elsewhere = {key.format: key for key in founding_library.output_keys().values() if key.format not in able}
    assert elsewhere.keys() == {*FORMATS} - able
    for key in elsewhere.values():
        wanted = PrintRequest((key.edition.leaflet,), key.edition.clinic, key.edition.language, key.format)
        selection = select_prints(project, office, wanted, request.as_of)
        with pytest.raises(PrintingError, match="is not for office printers"):
            dispatch.print_selection(project, request, wanted, selection, silent)
    assert len(printer.jobs) == len(tried), "what is for a screen, a provider or a print shop is not printed here"


def test_copies_and_what_is_said_of_them(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    script = 'for n in 1 2 3; do echo "ATTR: job-impressions-completed=$n" >&2; sleep 0.3; done'
    printer = start_printer(script=script)
    library.write("printers.yaml", printer.entry())
    seen: list[str] = []
    made = tiny_print(copies=3, tell=lambda title, progress: seen.append(f"{title}: {progress.words()}"))
    assert made.clean
    [job] = printer.jobs
    assert (job.ticket["COPIES"], job.ticket["SIDES"]) == ("3", "one-sided")
    assert job.ticket["MULTIPLE_DOCUMENT_HANDLING"] == "separate-documents-collated-copies"
    assert "T-1 da a4: printing sheet 2 of 3" in seen
    assert seen[-1] == "T-1 da a4: printed, sheets: 3"


def test_more_copies_than_a_printer_makes_at_once(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    printer = start_printer(copies_supported="1-2")
    library.write("printers.yaml", printer.entry())
    assert [job.sheets for job in tiny_print(copies=5).jobs] == [2, 2, 1]
    assert [job.ticket["COPIES"] for job in printer.jobs] == ["2", "2", "1"]


def test_tray_grey_and_staples(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    library.body("## A\n\nTekst.\n" * 2)
    printer = start_printer(finishings_supported="3,20")
    library.write("printers.yaml", printer.entry(trays="{tray-2: A5}", colour="no", staple="yes"))
    assert tiny_print(format="a5").clean
    [job] = printer.jobs
    assert job.ticket["MEDIA_COL"] == "{media-size={x-dimension=14800 y-dimension=21000} media-source=tray-2}"
    assert job.ticket["PRINT_COLOR_MODE"] == "monochrome"
    assert job.ticket.get("FINISHINGS", "none") == "none", "one sheet needs no staple"


def test_no_pdf_is_drawn(founding_print: Callable[..., PrintSelection], start_printer: StartPrinter) -> None:
    raster = {"document_format_supported": "image/pwg-raster", "document_format_default": "image/pwg-raster"}
    printer = start_printer(**raster)
    founding_print(printer, format="a5-booklet")
    [job] = printer.jobs
    assert (job.type, job.document[:4], job.ticket["SIDES"]) == ("image/pwg-raster", b"RaS2", "two-sided-short-edge")
    assert [int.from_bytes(job.document[4 + at : 8 + at]) for at in (372, 376, 276, 368)] == [2480, 3508, 300, 1]


def test_no_pdf_and_no_raster(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    printer = start_printer(document_format_supported="image/pwg-raster", pwg_raster_document_type_supported="black_1")
    library.write("printers.yaml", printer.entry())
    with pytest.raises(PrintingError, match="takes neither PDF nor PWG Raster"):
        tiny_print()
    assert printer.jobs == []


def test_paper_that_is_not_there(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    printer = start_printer(media_supported="iso_a4_210x297mm", media_ready="iso_a4_210x297mm")
    library.write("printers.yaml", printer.entry())
    with pytest.raises(PrintingError, match=r"T-1 da a5: The printer takes no A5 \(it takes: A4\)") as caught:
        tiny_print(format="a5")
    assert caught.value.hint == "take the format a4, or another printer"
    assert printer.jobs == []


def test_a_booklet_without_the_short_edge(
    founding_print: Callable[..., PrintSelection], start_printer: StartPrinter
) -> None:
    printer = start_printer(sides_supported="one-sided,two-sided-long-edge")
    with pytest.raises(PrintingError, match="cannot turn the paper over the short edge") as caught:
        founding_print(printer, format="a5-booklet")
    assert caught.value.hint == "take the format a4, or another printer"
    assert printer.jobs == []


def test_going_on_after_a_jam(
    founding: Path, founding_print: Callable[..., PrintSelection], start_printer: StartPrinter
) -> None:
    """The second sheet on: the third page and those after it."""
    printer = start_printer()
    [leaflet] = founding_print(printer, from_sheet=2).leaflets
    with (
        pikepdf.open(founding / leaflet.output_key.path) as whole,
        pikepdf.open(BytesIO(printer.jobs[0].document)) as rest,
    ):
        assert len(rest.pages) == len(whole.pages) - 2
        contents = [[page.Contents.read_bytes() for page in each.pages] for each in (whole, rest)]
    assert contents[1] == contents[0][2:]
    with pytest.raises(PrintingError, match="has 2 sheets, and there is none from 3 on"):
        founding_print(printer, from_sheet=3)
    founding_print(printer, from_sheet=2, copies=4)
    assert [job.ticket["COPIES"] for job in printer.jobs[1:]] == ["1", "3"]
    assert [len(job.document) == len(printer.jobs[0].document) for job in printer.jobs[1:]] == [True, False]
    assert printer.jobs[2].document == (founding / leaflet.output_key.path).read_bytes(), "the others are complete"


def test_a_batch_for_the_waiting_room(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write("content/second/da.md", library.read("content/first/da.md"))
    library.replace("clinics/north.yaml", "hands_out:", "hands_out:\n  second: {languages: [da]}")
    printer = start_printer()
    library.write("printers.yaml", printer.entry())
    assert tiny_print("first", "second", copies=2, sets=True).clean
    assert tiny_print("first", "second", copies=2).clean
    assert [(job.ticket["JOB_NAME"][:3], job.ticket["COPIES"]) for job in printer.jobs] == [
        *[("T-1", "1"), ("T-2", "1")] * 2, ("T-1", "2"), ("T-2", "2"),
    ]  # fmt: skip


def test_a_batch_is_stapled_leaflet_by_leaflet(
    library: TinyLibrary, build_request: BuildRequest, tmp_path: Path, start_printer: StartPrinter
) -> None:
    """Sorted, each set is as many stapled leaflets; one of a single sheet has no staple."""
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write("content/second/da.md", library.read("content/first/da.md"))
    library.replace("clinics/north.yaml", "hands_out:", "hands_out:\n  second: {languages: [da]}")
    printer = start_printer(finishings_supported="3,4,8,20,24")
    library.write("printers.yaml", printer.entry(staple="yes"))
    built = []
    for id, pages in (("T-1", 5), ("T-2", 2)):
        path = tmp_path / f"{id}.pdf"
        path.write_bytes(plain(pages))
        enclosure = Enclosure(path, id, id, "0.1", "0" * 64, "north", "da", sha256_hex(path.read_bytes()))
        built.append(BuiltLeaflet(enclosure, pages))
    wanted = PrintRequest(("first", "second"), "north", copies=2, sets=True)
    chosen = select_prints(open_project(build_request), load_printers(library.root), wanted, build_request.as_of)
    assert dispatch.print_built(build_request.out, wanted, chosen, built, silent).clean
    stapled = [(job.ticket["JOB_NAME"][:3], job.ticket.get("FINISHINGS", "none")) for job in printer.jobs]
    assert stapled == [("T-1", "staple"), ("T-2", "none")] * 2
    booklet = replace(chosen.leaflets[0], form=open_project(build_request).layouts.formats["a5-booklet"])
    again = PrintRequest(("first",), "north")
    dispatch.print_built(build_request.out, again, replace(chosen, leaflets=(booklet,)), built[:1], silent)
    assert printer.jobs[-1].ticket["FINISHINGS"] == "saddle-stitch", "by its name, not by our number for it"


def test_the_jobs_of_an_order() -> None:
    assert plan_jobs(2, 3, 99, sets=False) == [(0, 3), (1, 3)]
    assert plan_jobs(2, 2, 99, sets=True) == [(0, 1), (1, 1), (0, 1), (1, 1)]
    assert plan_jobs(1, 5, 2, sets=True) == [(0, 2), (0, 2), (0, 1)]
    with pytest.raises(UsageError, match="sorted, that would be 202 jobs"):
        plan_jobs(2, 101, 99, sets=True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("status: draft", "status: withdrawn"), "first is withdrawn"),
        (("status: draft", "status: draft\nsuperseded_by: second"), "first is replaced by second"),
        (
            ("status: draft", "status: approved\nreviewed: 2020-01-01\nreview_by: 2021-01-01"),
            "the review of first was due on 2021-01-01",
        ),
    ],
)
def test_what_may_not_be_handed_out_is_not_printed(
    library: TinyLibrary,
    start_printer: StartPrinter,
    tiny_print: Callable[..., PrintReport],
    change: tuple[str, str],
    says: str,
) -> None:
    printer = start_printer()
    library.write("printers.yaml", printer.entry())
    assert tiny_print().clean
    library.replace("content/first/leaflet.yaml", *change)
    with pytest.raises(PrintingError, match=says):
        tiny_print()
    assert len(printer.jobs) == 1


def test_a_text_with_errors_is_not_printed(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    printer = start_printer()
    library.write("printers.yaml", printer.entry())
    library.body("{{ clinic.nonsense }}\n")
    with pytest.raises(PdfkitError):
        tiny_print()
    assert printer.jobs == []


def test_which_printer(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    with pytest.raises(UsageError, match="there are no printers"):
        tiny_print()
    printer = start_printer()
    other = printer.entry(clinics="[south]").replace("office:", "other:").replace("The printer", "Elsewhere")
    library.write("printers.yaml", printer.entry() + other)
    assert tiny_print().printer == "The printer"
    assert tiny_print(printer="The printer").clean
    with pytest.raises(UsageError, match="Elsewhere is not a printer of north"):
        tiny_print(printer="Elsewhere")
    with pytest.raises(UsageError, match="there is no printer “offic”; did you mean “office”"):
        tiny_print(printer="offic")
    library.write("printers.yaml", printer.entry() + other.replace("[south]", "[north]"))
    with pytest.raises(UsageError, match="north has several printers: office, other"):
        tiny_print()


def test_an_order_of_a_name_is_printed_once(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    printer = start_printer()
    library.write("printers.yaml", printer.entry())
    reports = [tiny_print(order="waiting-room-1") for _ in range(3)]
    assert [(each.clean, each.jobs[0].sheets) for each in reports] == [(True, 1)] * 3
    assert len(printer.jobs) == 1


def test_a_job_that_the_printer_gives_up(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport]
) -> None:
    printer = start_printer(script='echo "ATTR: job-impressions-completed=2" >&2; exit 1')
    library.write("printers.yaml", printer.entry())
    [job] = tiny_print(copies=5).jobs
    assert job.problem
    assert job.problem.message == "“T-1 da a4”: given up by the printer after 2 of 5 sheets"
    assert job.problem.hint == "the rest: sheet 1 of one copy on, and 2 copies after that"


def test_out_of_paper_on_a_whole_printer(
    library: TinyLibrary, start_printer: StartPrinter, tiny_print: Callable[..., PrintReport], tmp_path: Path
) -> None:
    """Until somebody puts some in."""
    script = f'echo "STATE: +media-needed" >&2; while [ ! -e {tmp_path}/paper ]; do sleep 0.1; done; echo "STATE: -media-needed" >&2'
    printer = start_printer(script=script)
    library.write("printers.yaml", printer.entry())
    seen: list[str] = []

    def tell(title: str, progress: JobProgress) -> None:
        seen.append(progress.words())
        if progress.troubles:
            (tmp_path / "paper").touch()

    assert tiny_print(tell=tell).clean
    assert "the printer is waiting after 0 of 1 sheets: out of paper" in seen
