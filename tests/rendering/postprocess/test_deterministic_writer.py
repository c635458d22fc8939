"""Streams are written once, and nobody can doubt where they end."""

import re
import zlib
from io import BytesIO

import pydyf
from pypdf import PdfReader
from pypdf.generic import StreamObject

from pdfkit_cli.rendering.postprocess import deterministic_writer


def document(*data: bytes, compress: bool = False) -> pydyf.PDF:
    pdf = pydyf.PDF()
    for piece in data:
        pdf.add_object(pydyf.Stream([piece], compress=compress))
    return pdf


def written(pdf: pydyf.PDF) -> bytes:
    out = BytesIO()
    pdf.write(out, b"1.7", True, True)
    return out.getvalue()


def read(pdf: bytes) -> list[bytes]:
    """Return the data of the streams, but not those of objects and of their places."""
    reader = PdfReader(BytesIO(pdf))
    found = (reader.get_object(number) for number in range(1, int(reader.trailer["/Size"])))  # type: ignore[call-overload]
    return [item.get_data() for item in found if isinstance(item, StreamObject) and "/Type" not in item]


ENDS = (b"x", b"x\r", b"x\n", b"x\r\n", b"")


def test_every_end_is_sure() -> None:
    pdf = document(*ENDS)
    deterministic_writer.freeze(pdf)
    data = written(pdf)
    assert read(data) == list(ENDS)
    for match in re.finditer(rb"/Length (\d+)[^>]*>>\nstream\n", data):
        end = data[match.end() + int(match[1]) :]
        assert end.startswith((b"\r\nendstream", b"\nendstream"))
        assert end.startswith(b"\r\n") or data[match.end() + int(match[1]) - 1] not in b"\r\n"


def test_compressed_once_and_the_same() -> None:
    pdf = document(*ENDS, compress=True)
    deterministic_writer.freeze(pdf)
    assert all(item.data is item.data for item in pdf.objects if isinstance(item, pydyf.Stream))
    assert read(written(pdf)) == list(ENDS)


def test_squeezing_twice_is_squeezing_once() -> None:
    stream = pydyf.Stream([b"a", b"b"], compress=True)
    deterministic_writer.compress(stream)
    deterministic_writer.compress(stream)
    assert zlib.decompress(stream.stream[0]) == b"a\nb"


def test_what_is_written_last_has_sure_ends_too() -> None:
    """The streams of the objects and of their places end as chance has it; one in 64 files is written again."""
    again = 0
    for number in range(300):
        pdf = document(b"x")
        pdf.info["Title"] = pydyf.String(f"Nummer {number}")
        plain = document(b"x")
        plain.info["Title"] = pdf.info["Title"]
        again += deterministic_writer._has_ambiguous_end(written(plain))
        deterministic_writer.freeze(pdf)
        data = written(pdf)
        assert not deterministic_writer._has_ambiguous_end(data)
        information = PdfReader(BytesIO(data)).metadata
        assert information
        assert information.title == f"Nummer {number}"
    assert again
