"""PDFs written object by object, for what no library would write: names, comments and revisions as strange programs have them."""

import zlib


def file(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF of objects as they are written, from number 1 on; the first is the catalog."""
    out, places = b"%PDF-1.7\n", []
    for number, said in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, said)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, trailer, len(out),
    )  # fmt: skip


def stream(data: bytes, said: bytes = b"", between: bytes = b"") -> bytes:
    """Return a stream; `said` is more of its dictionary, `between` stands before its data."""
    return b"<< %b /Length %d >>%b\nstream\n%b\nendstream" % (said, len(data), between, data)


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
IMAGE = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"


def page(resources: bytes, more: bytes = b"") -> bytes:
    """Return the one page of CATALOG and PAGES, whose content is object 4."""
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << %b >> %b >>" % (
        resources, more,
    )  # fmt: skip


def updated(before: bytes, places: dict[int, tuple[int, bytes]], deleted: list[int]) -> bytes:
    """Return a file with a later revision: new objects, and those that were deleted, in a cross-reference stream."""
    out, rows = before.rstrip() + b"\n", {number: b"\0" + bytes(5) + b"\1" for number in deleted}
    for number, (_, said) in places.items():
        rows[number] = b"\1" + len(out).to_bytes(5, "big") + b"\0"
        out += b"%d 0 obj\n%b\nendobj\n" % (number, said)
    size = max(rows) + 2
    rows[size - 1] = b"\1" + len(out).to_bytes(5, "big") + b"\0"
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    data = zlib.compress(b"".join(rows[number] for number in sorted(rows)))
    previous = before[before.rindex(b"startxref") + 9 :].split()[0]
    said = b"/Type /XRef /Filter /FlateDecode /W [1 5 1] /Index [%b] /Size %d /Root 1 0 R /Prev %b" % (
        index,
        size,
        previous,
    )
    start = len(out)
    return out + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (size - 1, stream(data, said), start)
