"""Drawings that are on many pages are read once."""

from typing import Any
from xml.etree import ElementTree

import pydyf
import pytest

from pdfkit_cli.pdf.images.svg import reader
from pdfkit_cli.pdf.images.svg.model import PathShape
from pdfkit_cli.rendering.postprocess import vector
from pdfkit_cli.rendering.postprocess.vector import VectorImage
from pdfkit_cli.system import caching

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 7"><path d="M1 2 L3 4 C5 6 7 8 9 1 Z"/><rect x="1" y="2" width="3" height="4"/></svg>'


def test_a_drawing_is_read_once_and_forgotten_with_the_other_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    read, original = list[ElementTree.Element](), reader.read_drawing

    def recorded(root: ElementTree.Element) -> Any:
        read.append(root)
        return original(root)

    monkeypatch.setattr(reader, "read_drawing", recorded)
    caching.clear_text_caches()
    for address in ("a.svg", "b.svg"):
        image = VectorImage(ElementTree.fromstring(SVG), address)
        assert image.get_viewbox() == (0, 0, 9, 7)
    assert len(read) == 1
    VectorImage(ElementTree.fromstring(SVG.replace("9 1 Z", "9 2 Z")), "a.svg").get_viewbox()
    assert len(read) == 2
    caching.clear_text_caches()
    VectorImage(ElementTree.fromstring(SVG), "a.svg").get_viewbox()
    assert len(read) == 3


def test_a_path_is_written_the_same_again() -> None:
    shapes = reader.read_drawing(ElementTree.fromstring(SVG))[0].content.items
    for _ in range(2):
        stream = pydyf.Stream()
        for shape in shapes:
            assert isinstance(shape, PathShape)
            vector._draw(stream, shape.path)
        assert stream.stream == [b"1 2 m", b"3 4 l", b"5 6 7 8 9 1 c", b"h", b"1 2 3 4 re"]
