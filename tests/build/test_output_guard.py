"""Where an output folder may be: what is in its way stays as it is."""

from dataclasses import replace

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, build, dry_run
from pdfkit_cli.errors import PdfkitError, UsageError
from tests.helpers.check_runner import DAY
from tests.helpers.tiny_library import TinyLibrary

pytestmark = pytest.mark.usefixtures("fake_rendering")


@pytest.fixture
def request_(library: TinyLibrary) -> BuildRequest:
    return BuildRequest(library.root, library.root.parent / "dist", as_of=DAY, jobs=1)


@pytest.mark.parametrize("out", ["leaflets", "leaflets/dist", "leaflets/content", "link", "other/../leaflets/x"])
def test_no_pdf_goes_into_the_library(request_: BuildRequest, out: str) -> None:
    parent = request_.library.parent
    (parent / "link").symlink_to(request_.library)
    before = sorted(request_.library.rglob("*"))
    wrong = replace(request_, out=parent / out)
    for command in (build, dry_run):
        with pytest.raises(UsageError, match=r"the output folder (is|lies in) the library") as error:
            command(wrong)
        assert "--out" in error.value.hint
    assert sorted(request_.library.rglob("*")) == before


def test_a_library_that_is_not_there_comes_first(request_: BuildRequest) -> None:
    nowhere = request_.library.parent / "nowhere"
    with pytest.raises(UsageError, match="no library here"):
        build(replace(request_, library=nowhere, out=nowhere))


def test_an_output_folder_may_hold_the_library_and_more(library: TinyLibrary, request_: BuildRequest) -> None:
    """What is not listed in its manifest is neither removed nor replaced."""
    parent = request_.library.parent
    strangers = [parent / "letter.pdf", parent / "north/old.pdf", library.root / "first.da.a4.pdf"]
    for stranger in strangers:
        stranger.parent.mkdir(exist_ok=True)
        stranger.write_text("a stranger")
    texts = {path: path.read_bytes() for path in library.root.rglob("*") if path.is_file()}
    assert len(build(replace(request_, out=parent)).rendered) == 4
    (library.root / "clinics/south.yaml").unlink()
    del texts[library.root / "clinics/south.yaml"]
    assert len(build(replace(request_, out=parent)).removed) == 2
    assert [stranger.read_text() for stranger in strangers] == ["a stranger"] * 3
    assert {path: path.read_bytes() for path in library.root.rglob("*") if path.is_file()} == texts


def test_a_clinic_called_like_the_folder_of_the_library(library: TinyLibrary, request_: BuildRequest) -> None:
    library.write("clinics/leaflets.yaml", library.read("clinics/north.yaml"))
    before = sorted(library.root.rglob("*"))
    with pytest.raises(UsageError, match="the PDFs of clinic “leaflets” would go into the library"):
        build(replace(request_, out=library.root.parent))
    assert sorted(library.root.rglob("*")) == before
    assert len(build(request_).rendered) == 6


@pytest.mark.parametrize("name", ["index.html", "manifest.json", "south/index.html"])
def test_a_first_build_beside_other_things_replaces_none(request_: BuildRequest, name: str) -> None:
    parent = request_.library.parent
    stranger = parent / name
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_text('{"name": "a web page"}')
    for command in (build, dry_run):
        with pytest.raises(UsageError, match=f"would replace what it has not made: {name}"):
            command(replace(request_, out=parent))
    assert stranger.read_text() == '{"name": "a web page"}'
    stranger.unlink()
    for _ in range(2):  # the second finds the pages of the first
        assert build(replace(request_, out=parent)).clean
    assert "<html" in (parent / "south/index.html").read_text()


def test_a_folder_that_is_a_link_to_itself(request_: BuildRequest) -> None:
    round_ = request_.library.parent / "round"
    round_.symlink_to("round")
    for command in (build, dry_run):
        with pytest.raises(PdfkitError, match=r"round(/manifest\.json)?: cannot be (used|read)"):
            command(replace(request_, out=round_))
