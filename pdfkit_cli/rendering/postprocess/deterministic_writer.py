"""Streams that are compressed once, and whose ends are unambiguous (pydyf 0.13).

pydyf compresses a stream whenever it is asked for its bytes, which is twice if the file has an identifier.
It ends each stream with a line feed, so that a reader cannot tell where data that end with a carriage return end (ISO
19005-2, 6.1.7.1, requires the exact Length). That is one stream in 128.
"""

import zlib
from io import BytesIO
from typing import Any, Final

import pydyf

from pdfkit_cli.rendering import weasyprint_seams

_END: Final = b"\nendstream"
_TRIES: Final = 20


def compress(stream: pydyf.Stream) -> None:
    """Compress the data of a stream, unless that has been done."""
    if stream.compress:
        stream.stream, stream.compress = [zlib.compress(weasyprint_seams.stream_data(stream), 9)], False
        stream.extra["Filter"] = "/FlateDecode"


def freeze(pdf: pydyf.PDF) -> None:
    """Fix the bytes of all streams, and let the PDF be written with them. Nothing may change a stream afterwards."""
    pdf.objects = [_FrozenStream(item) if isinstance(item, pydyf.Stream) else item for item in pdf.objects]
    weasyprint_seams.replace_write(pdf, _write)


class _FrozenStream(pydyf.Stream):  # type: ignore[misc]
    """A stream with fixed bytes."""

    def __init__(self, stream: pydyf.Stream) -> None:
        compress(stream)
        data = weasyprint_seams.stream_data(stream)
        super().__init__([data], stream.extra)
        self.number, self.generation, self.free = stream.number, stream.generation, stream.free
        extra = pydyf.Dictionary(stream.extra | {"Length": len(data)})
        self._data: bytes = b"%s\nstream\n%s\r\nendstream" % (extra.data, data)

    @property
    def data(self) -> bytes:
        return self._data


def _write(pdf: pydyf.PDF, output: Any, *arguments: Any) -> None:
    """Write a PDF; with more empty objects as long as the streams that pydyf adds at the end have ambiguous ends."""
    objects = pdf.objects
    for more in range(_TRIES):
        pdf.objects, pdf.current_position = list(objects), 0
        for _ in range(more):
            pdf.add_object(pydyf.Dictionary())
        buffer = BytesIO()
        pydyf.PDF.write(pdf, buffer, *arguments)
        if not _has_ambiguous_end(buffer.getvalue()):
            break
    output.write(buffer.getvalue())


def _has_ambiguous_end(pdf: bytes) -> bool:
    """Return whether the end of one of the last two streams is ambiguous: the object stream and the cross-reference."""
    last = pdf.rfind(_END)
    return any(pdf[end - 1 : end] in (b"\r", b"\n") for end in (last, pdf.rfind(_END, 0, last)))
