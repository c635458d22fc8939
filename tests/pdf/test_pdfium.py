"""PDFium is used by one thread at a time, whoever draws a page."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.content.yaml_source import sha256_hex
from pdfkit_cli.desk import page_images
from pdfkit_cli.pdf import compare, fidelity, pdfium, thumbnails
from pdfkit_cli.rendering.layouts import Layouts, page_format
from pdfkit_cli.rendering.verification import preflight
from tests.helpers.letter_pdfs import plain
from tests.helpers.pdfium_users import PdfiumUsers


def test_no_two_threads_are_inside_pdfium_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = PdfiumUsers(monkeypatch)
    paper, form = plain(), Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats["remote-print"]
    files = [tmp_path / f"{number}.pdf" for number in range(6)]
    for file in files:
        file.write_bytes(paper)
    users = [
        *(lambda file=file: page_images.page_image(file, sha256_hex(paper), 1, 240) for file in files),
        *[lambda: thumbnails.render_thumbnail(paper)] * 6,
        *[lambda: compare.compare(paper, paper)] * 6,
        *[lambda: preflight.check_format(paper, page_format(form))] * 6,
        *[lambda: fidelity.first_difference(paper, paper, 1)] * 6,
    ]
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(use) for use in users]:
            done.result(60)
    assert (inside.most, inside.inside) == (1, [])


def test_a_failure_lets_others_in() -> None:
    for _ in range(2):
        with pytest.raises(pdfium.PdfiumError), pdfium.open_document(b"no PDF"):
            pass
    with pytest.raises(ZeroDivisionError), pdfium.open_document(plain()):
        1 / 0  # noqa: B018
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(lambda: thumbnails.render_thumbnail(plain())).result(20)
