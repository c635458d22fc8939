"""What is kept comes back as it was, and nothing that comes back can run."""

import os
import pickle
from collections import Counter
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.content.fonts import FaceInspection
from pdfkit_cli.content.pictures import PictureInspection
from pdfkit_cli.desk.library_status import BuildPreview, FindingGroup, LibraryStatus, MatrixCell, MatrixRow, RenderGroup
from pdfkit_cli.desk.phone_changes import PhoneChange
from pdfkit_cli.errors import Finding, Severity, SourceLocation
from pdfkit_cli.output.fingerprints import RebuildReason, RebuildReasonKind
from pdfkit_cli.pdf.reader.document import PageContent
from pdfkit_cli.rendering.imprint.assembler import (
    BodyTemplate,
    ClinicFragment,
    ObjectGroup,
    SlotFragment,
    SlotPlacement,
)
from pdfkit_cli.rendering.imprint.byte_template import ByteTemplate
from pdfkit_cli.rendering.imprint.digest_text import DigestEncoding
from pdfkit_cli.rendering.imprint.shared_layout import MeasuredFragment, SharedBody
from pdfkit_cli.rendering.page_measures import Measures
from pdfkit_cli.rendering.postprocess.tounicode import FontGlyphs
from pdfkit_cli.rendering.verification.expected_item import ContentKind, ExpectedItem
from pdfkit_cli.rendering.verification.proof_cache import (
    Background,
    SlotArea,
    UniformBackground,
    UniqueBackground,
    _ProvenBody,
    _ProvenSlot,
)
from pdfkit_cli.rendering.verification.typographic_warning import TypographicWarning
from pdfkit_cli.system import codec

NUMBERS = st.integers(-(2**63), 2**64 - 1)
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text() | st.tuples(NUMBERS), inner),
)

PATTERN = ByteTemplate((b"a", b"\x00b", b""), (b"gap", b"\xff"))
GROUP = ObjectGroup(((1, PATTERN),), ((2, PATTERN, b"data"),), 3)
SLOT = SlotFragment(GROUP, PATTERN, PATTERN, (PATTERN, PATTERN), frozenset({"P"}))
MATTER = ClinicFragment(GROUP, (SLOT, SLOT))
BOX = (0.1, 0.2, 1e300, -0.0)
PLATE = BodyTemplate(
    b"%PDF", b"\0\1", 4, ((1, PATTERN),), (), (SlotPlacement(1, 2, 0.5, 1 / 3),), 7, 8, b"trailer",
    DigestEncoding({"a": b"<0001>"}, {"a b": b"-3"}),    frozenset({"P"}), ((1, BOX),),
)  # fmt: skip
OWED = ExpectedItem("leaflets/a.md", 3, ContentKind.FACT, "76 36 14 00")
REMARK = TypographicWarning("near-empty-page", 2, "words", 4)
PAGE = PageContent(1, 1, BOX, (), ())
BODY = _ProvenBody(
    frozenset({OWED}), 1, (UniformBackground((1.0,)), UniqueBackground("body", 1, BOX)), (REMARK,), PAGE, 12.5
)
READ = _ProvenSlot(Counter({"tel": 2}), Counter(), 3.25)
GROUND: tuple[int, Background] = (1, UniqueBackground("body", 1, BOX))

FINDING = Finding("code", "words", SourceLocation("leaflets/a.md", 3, 1), Severity.WARNING)
STATUS = LibraryStatus(
    "a library", {"first": {"da": "En titel"}}, {"north": "North"},
    BuildPreview(
        (RenderGroup((RebuildReason(RebuildReasonKind.NEW),), (("a.pdf", True),), (PhoneChange("North", "1", "2"),)),),
        3, ("b.pdf",), (("c.pdf", (FINDING,)),),
    ),
    (FindingGroup("first", (FINDING,)),), (MatrixRow("first", "da", (None, MatrixCell((), ("a.pdf",), ()))),),
)  # fmt: skip

KEPT: dict[str, Any] = {
    "widths": (180.5, 1 / 3),
    "body": SharedBody(
        "key", Measures(2, 0.1, 0.9, 0.2, 42.0, 0.3), False, (180.5,), (1.0, 2.0, 3.0, 4.0), True, True, PLATE
    ),
    "matter": MeasuredFragment("key", {("<p>a</p>", 180.5): 0}, (12.5,), MATTER),
    "read body": BODY,
    "slots": {GROUND: READ, (2, UniformBackground((1.0,))): READ, (3, UniformBackground(None)): READ},
    "area": SlotArea(1, BOX, BOX, 5),
    "font": FaceInspection("", 400, True, frozenset("å")),
    "glyphs": FontGlyphs({3: "a"}, 1, 250),
    "status": STATUS,
    "picture": PictureInspection((("broken-picture", 1, 2, "words"),), (3, 2), True, 1.5),
}


@pytest.mark.parametrize("value", KEPT.values(), ids=KEPT)
def test_what_builds_keep_comes_back(value: Any) -> None:
    back = codec.loads(codec.dumps(value))
    assert back == value
    assert repr(back) == repr(value)  # 1 is no 1.0, and -0.0 no 0.0


def test_a_set_comes_back() -> None:
    """Its order may be another one, and so its `repr`."""
    face = FaceInspection("", 400, True, frozenset("aåå"))
    assert codec.loads(codec.dumps(face)) == face


def test_kinds_and_counters_come_back_as_what_they_were() -> None:
    back = codec.loads(codec.dumps(BODY))
    assert {type(expected.kind) for expected in back.shown} == {ContentKind}
    slot = codec.loads(codec.dumps(READ))
    assert (type(slot.words), type(slot.pictures)) == (Counter, Counter)


@given(PLAIN)
def test_plain_values_come_back(value: Any) -> None:
    assert codec.loads(codec.dumps(value)) == value


@given(st.binary())
def test_strange_bytes_are_refused_or_plain(data: bytes) -> None:
    for each in (data, msgpack.packb(msgpack.ExtType(1, data))):
        try:
            value = codec.loads(each)
        except ValueError:
            continue
        assert codec.loads(codec.dumps(value)) == value or value != value


class Evil:
    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/pdfkit-ran",)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pickle.dumps(Evil()), id="pickle"),
        pytest.param(codec.dumps(PLATE)[:-1], id="cut"),
        pytest.param(msgpack.packb(msgpack.ExtType(1, msgpack.packb(("system", "id")))), id="no class of ours"),
        pytest.param(msgpack.packb(msgpack.ExtType(1, msgpack.packb(("Popen", "id")))), id="class of another module"),
        pytest.param(msgpack.packb(msgpack.ExtType(1, msgpack.packb(("ByteTemplate", ())))), id="too few fields"),
        pytest.param(
            msgpack.packb(msgpack.ExtType(1, msgpack.packb(("ExpectedItem", "f", 1, "no kind", "t")))), id="no kind"
        ),
        pytest.param(msgpack.packb({"a": 1})[:1] + msgpack.packb({}) + b"\1", id="a key that can be none"),
        pytest.param(b"\x91" * 100_000, id="deep"),
    ],
)
def test_nothing_else_is_read(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        codec.loads(data)


def test_what_cannot_be_kept_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Unknown:
        a: int

    for value in (Unknown(1), object(), lambda: None, {1, 2}):
        with pytest.raises(TypeError):
            codec.dumps(value)


def test_every_class_that_is_kept_is_tried_here() -> None:
    """A class that is added to what is kept is listed above, so that its fields are tried."""
    tried: set[str] = set()

    def visit(value: Any) -> None:
        if isinstance(value, tuple | list | frozenset):
            for part in value:
                visit(part)
        elif isinstance(value, dict):
            visit((*value, *value.values()))
        elif is_dataclass(value):
            tried.add(type(value).__name__)
            visit(tuple(getattr(value, field.name) for field in fields(value)))

    visit(KEPT)
    assert set(codec._classes) == tried
