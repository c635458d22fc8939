"""Strange letters, each in a process with limits: a right pack, or an error that names the file and nothing that is in it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest

from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackResult
from pdfkit_cli.packs.attaching import init_worker
from pdfkit_cli.pdf.merge import conformance
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskResult
from tests.helpers import work_here
from tests.helpers.channels import DIGITAL
from tests.helpers.conforming_pdf import good
from tests.helpers.hostile_letters import KEPT, REFUSED, locked
from tests.helpers.letter_pdfs import reader

SECONDS = 600.0
"""Far more than any of them takes on a busy machine (the 10,000 pages: about 10 on a quiet one), and an end for one that would never."""

PLACES = {
    "folder": "this is a folder, and a letter is a PDF file",
    "vanished": "there is no such file",
    "fifo": "this is a pipe or a device",
    "device": "this is a pipe or a device",
    "gone-folder/x": "there is no such file",
}


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("letters")
    files: dict[str, Callable[[], bytes]] = {
        **KEPT,
        **{name: make for name, (make, _) in REFUSED.items()},
        "unlocked": lambda: locked(""),
    }
    for name, make in files.items():
        (folder / f"{name}.pdf").write_bytes(make())
    (folder / "leaflet.pdf").write_bytes(good())
    (folder / "folder.pdf").mkdir()
    os.mkfifo(folder / "fifo.pdf")
    (folder / "device.pdf").symlink_to("/dev/zero")
    return {name: folder / f"{name}.pdf" for name in (*files, *PLACES, "leaflet")}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "stderr"


@pytest.fixture(scope="module")
def outcomes(letters: dict[str, Path], out: Path, log: Path) -> dict[str, TaskResult[str, PackResult]]:
    """Make all packs; what the workers say meanwhile goes into the log."""

    def tasks() -> Iterator[tuple[str, Pack]]:
        for name, path in letters.items():
            behind = (Enclosure(letters["leaflet"], "A good leaflet"),)
            to = out / f"{name.replace('/', '-')}.pdf"
            yield name, Pack(path, behind, DIGITAL, "Brev", to, unlock=name == "unlocked")

    before = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        limits = worker_pool.TaskLimits(2, SECONDS)
        with work_here.worker_processes():
            outcomes = worker_pool.run_tasks(assembly.make_pack, tasks(), limits, init_worker)
            return {outcome.name: outcome for outcome in outcomes}
    finally:
        os.dup2(before, 2)
        os.close(before)


def pages_of(count: int) -> list[int]:
    return [*range(min(count, 3)), *([count // 2, count - 1] if count > 3 else [])]


@pytest.mark.soak
@pytest.mark.parametrize("name", [*KEPT, "unlocked"])
def test_a_right_pack(
    name: str, outcomes: dict[str, TaskResult[str, PackResult]], letters: dict[str, Path], out: Path
) -> None:
    packed = outcomes[name].result
    assert packed, outcomes[name].problem
    pack = (out / f"{name}.pdf").read_bytes()
    document, before, after = reader(pack), pypdfium2.PdfDocument(letters[name]), pypdfium2.PdfDocument(pack)
    assert packed.pages == len(after) == len(before) + 2
    assert packed.staple_sets == ((1, len(before)), (len(before) + 1, packed.pages))
    for number in pages_of(len(before)):
        assert picture(after, number) == picture(before, number), f"page {number + 1} looks different"
    leaflet = pypdfium2.PdfDocument(letters["leaflet"])
    assert [picture(after, number) for number in (-2, -1)] == [picture(leaflet, number) for number in (-2, -1)]
    said = conformance.read_conformance(document.trailer["/Root"]["/Metadata"].get_data())
    assert (bool(said.ua), bool(said.archive)) == (packed.accessible, packed.archivable)


def picture(document: pypdfium2.PdfDocument, number: int) -> tuple[tuple[int, int], bytes]:
    image = document[number % len(document)].render(scale=50 / 72, may_draw_forms=False).to_pil()
    return image.size, image.tobytes()


@pytest.mark.parametrize("name", [*REFUSED, *PLACES])
def test_a_clear_error(
    name: str, outcomes: dict[str, TaskResult[str, PackResult]], letters: dict[str, Path], out: Path
) -> None:
    outcome = outcomes[name]
    assert outcome.result is None
    said = str(outcome.problem)
    assert said.startswith(f"{letters[name]}: ")
    words = PLACES.get(name) or REFUSED[name][1]
    assert words in said
    assert "; " in said, "it says what to do"
    for trace in ("Secret", "Traceback", "pypdf"):
        assert trace not in said
    assert not (out / f"{name}.pdf").exists()


def test_what_acts_on_its_own_is_left_out_and_said(outcomes: dict[str, TaskResult[str, PackResult]], out: Path) -> None:
    packed = outcomes["acting"].result
    assert packed
    assert packed.left_out == ("/AA", "/JavaScript", "/Launch", "/XFA")
    document = reader((out / "acting.pdf").read_bytes())
    whole = "".join(repr(document.get_object(number)) for number in range(1, document.trailer["/Size"]))
    assert not [trace for trace in ("JavaScript", "secret.exe", "Launch", "xdp", "alert") if trace in whole]
    assert {name: field["/V"] for name, field in (document.get_fields() or {}).items()} == {"name": "kept"}


@pytest.mark.usefixtures("outcomes")
def test_nothing_of_them_is_logged(log: Path) -> None:
    assert log.read_text() == ""


def test_only_packs_are_left_and_only_their_owner_reads_them(
    outcomes: dict[str, TaskResult[str, PackResult]], out: Path
) -> None:
    made = {name for name, outcome in outcomes.items() if outcome.result}
    assert made == {*KEPT, "unlocked", "leaflet"}
    assert {path.name: path.stat().st_mode & 0o777 for path in out.iterdir()} == {f"{name}.pdf": 0o600 for name in made}
