"""Imprinting can be switched off, for a build or for a library: the PDFs look the same."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest, build, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.unverified import UnsharedReason
from tests.helpers.cli_runner import Terminal
from tests.helpers.pdf_equivalence import features, same_pictures
from tests.helpers.tiny_library import ROOT, TinyLibrary

BODY = "## Før du kommer\n\n::: call\nRing, hvis du er i tvivl.\n:::\n\nEt **vigtigt** ord.\n"


@pytest.fixture
def request_(library: TinyLibrary, tmp_path: Path) -> BuildRequest:
    library.body(BODY)
    return BuildRequest(library.root, tmp_path / "dist", jobs=1)


def switch_off(library: TinyLibrary) -> None:
    library.write("library.yaml", library.read("library.yaml") + "imprint: false\n")


def reasons(request: BuildRequest) -> set[str]:
    """Return how the PDFs of a build were rendered, as the manifest has it."""
    return {entry.whole for entry in output_folder.read_manifest(request.out).files.values()}


def pdfs(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.pdf")}


def test_the_pdfs_look_the_same(request_: BuildRequest) -> None:
    build(request_)
    imprinted = pdfs(request_.out)
    assert reasons(request_) == {""}
    summary = build(replace(request_, imprint=False, force=True))
    complete = pdfs(request_.out)
    assert set(summary.unshared.values()) == {UnsharedReason.SWITCHED_OFF}
    assert reasons(request_) == {"switched-off"}
    assert len(imprinted) == 4
    assert imprinted.keys() == complete.keys()
    for path, pdf in imprinted.items():
        assert pdf != complete[path]
        same_pictures(complete[path], pdf)
        assert features(pdf) == features(complete[path])


@pytest.mark.parametrize("was_on", [True, False])
def test_what_is_there_is_kept_whichever_way_it_was_made(request_: BuildRequest, was_on: bool) -> None:
    build(replace(request_, imprint=was_on))
    before, made = pdfs(request_.out), reasons(request_)
    summary = build(replace(request_, imprint=not was_on))
    assert (summary.rendered, summary.kept) == ([], 4)
    assert pdfs(request_.out) == before
    assert reasons(request_) == made


def test_a_library_switches_it_off_for_every_command(library: TinyLibrary, request_: BuildRequest) -> None:
    build(request_)
    switch_off(library)
    assert build(request_).kept == 4  # the file has changed, but no page
    project = open_project(request_)
    pages = [project.draw(output_key).page for output_key in project.output_keys()]
    assert not any(page.may_share_body for page in pages)
    renderer.prepare_process()
    assert renderer.render(pages[0]).unshared is UnsharedReason.SWITCHED_OFF
    assert set(build(replace(request_, force=True)).unshared.values()) == {UnsharedReason.SWITCHED_OFF}


def test_the_command_line_says_so(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    library.body(BODY)
    pdfkit = Terminal(library, capsys)
    code, out, _ = pdfkit.build("--jobs", "1", "--no-imprint")
    assert code == 0
    assert "4 of them rendered in full, which takes longer: imprinting is switched off" in out
    code, out, _ = pdfkit.on("why", pdfkit.out / "north/first.da.a4.pdf", "--out", pdfkit.out)
    assert code == 0
    assert "how: rendered in full: imprinting is switched off" in out


def test_every_reason_is_documented() -> None:
    table, _, _ = (ROOT / "docs/imprint.md").read_text("utf-8").partition("## How")
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.M) == list(UnsharedReason)
