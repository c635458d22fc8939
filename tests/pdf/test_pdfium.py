"""PDFium is used by one thread at a time, whoever draws a page."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.content.yaml_source import sha256_hex
from pdfkit_cli.desk import page_images
from pdfkit_cli.pdf import compare, fidelity, pdfium, thumbnails
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.verification import preflight
from tests.helpers.letter_pdfs import plain


def test_no_two_threads_are_inside_pdfium_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = list[int](), [0]

    class Watched(pypdfium2.PdfDocument):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            inside.append(threading.get_ident())
            most[0] = max(most[0], len(set(inside)))
            super().__init__(*arguments, **options)

        def close(self, *arguments: Any, **options: Any) -> None:
            super().close(*arguments, **options)
            if threading.get_ident() in inside:
                inside.remove(threading.get_ident())

    monkeypatch.setattr(pypdfium2, "PdfDocument", Watched)
    paper, form = plain(), Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats["remote-print"]
    files = [tmp_path / f"{number}.pdf" for number in range(6)]
    for file in files:
        file.write_bytes(paper)
    users = [
        *(lambda file=file: page_images.page_image(file, sha256_hex(paper), 1, 240) for file in files),
        *[lambda: thumbnails.render_thumbnail(paper)] * 6,
        *[lambda: compare.compare(paper, paper)] * 6,
        *[lambda: preflight.check_format(paper, form)] * 6,
        *[lambda: fidelity.first_difference(paper, paper, 1)] * 6,
    ]
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(use) for use in users]:
            done.result(60)
    assert (most, inside) == ([1], [])


def test_a_failure_lets_others_in() -> None:
    for _ in range(2):
        with pytest.raises(pdfium.PdfiumError), pdfium.open_document(b"no PDF"):
            pass
    with pytest.raises(ZeroDivisionError), pdfium.open_document(plain()):
        1 / 0  # noqa: B018
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(lambda: thumbnails.render_thumbnail(plain())).result(20)
