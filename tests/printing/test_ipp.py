"""The encoding of IPP: what is sent can be read again, and nothing that a printer answers breaks us."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.ipp import (
    AttributeGroup,
    GroupTag,
    IntegerRange,
    IppFormatError,
    IppMessage,
    IppValue,
    Resolution,
    ValueTag,
    decode_message,
    encode_message,
)

NUMBERS = st.integers(-(2**31), 2**31 - 1)
NAMES = st.text("abc-", min_size=1, max_size=8)
WORDS = st.text("aå字 \0", max_size=20)

PLAIN = st.one_of(
    st.builds(IppValue, st.sampled_from([ValueTag.INTEGER, ValueTag.ENUM]), NUMBERS),
    st.builds(IppValue, st.just(ValueTag.BOOLEAN), st.booleans()),
    st.builds(
        IppValue, st.sampled_from([ValueTag.KEYWORD, ValueTag.NAME, ValueTag.TEXT, ValueTag.URI, ValueTag.MIME]), WORDS
    ),
    st.builds(IppValue, st.just(ValueTag.OCTETS), st.binary(max_size=40)),
    st.builds(IppValue, st.just(ValueTag.RANGE), st.builds(IntegerRange, NUMBERS, NUMBERS)),
    st.builds(IppValue, st.just(ValueTag.RESOLUTION), st.builds(Resolution, NUMBERS, NUMBERS)),
    st.builds(IppValue, st.just(ValueTag.NO_VALUE), st.none()),
)


def several(values: st.SearchStrategy[IppValue]) -> st.SearchStrategy[dict[str, tuple[IppValue, ...]]]:
    return st.dictionaries(NAMES, st.lists(values, min_size=1, max_size=4).map(tuple), max_size=5)


VALUES = st.recursive(
    PLAIN, lambda inner: st.builds(IppValue, st.just(ValueTag.BEGIN_COLLECTION), several(inner)), max_leaves=4
)
MESSAGES = st.builds(
    IppMessage,
    st.integers(0, 0x7FFF),
    st.integers(1, 2**31 - 1),
    st.lists(st.builds(AttributeGroup, st.sampled_from([1, 2, 4, 5]), several(VALUES)), max_size=4).map(tuple),
)


@given(MESSAGES, st.binary(max_size=20))
def test_what_is_sent_can_be_read(message: IppMessage, document: bytes) -> None:
    assert decode_message(encode_message(message) + document) == message


@given(st.binary(max_size=400))
def test_garbage_is_refused_or_read(data: bytes) -> None:
    with contextlib.suppress(IppFormatError):
        decode_message(data)


@given(MESSAGES, st.data())
def test_a_damaged_answer_is_refused_or_read(message: IppMessage, data: st.DataObject) -> None:
    whole = bytearray(encode_message(message))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(IppFormatError):
        decode_message(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


HEAD = b"\x02\x00\x00\x00\x00\x00\x00\x01"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "ends in its middle"),
        (b"\x04\x44\x00\x01a\x7f\xff", "ends in its middle"),
        (b"\x04\x44\x00\x00\x00\x01a\x03", "value without a name"),
        (b"\x44\x00\x01a\x00\x01a\x03", "outside of any group"),
        (b"\x04\x21\x00\x01a\x00\x03abc\x03", "wrong length"),
        (b"\x04\x34\x00\x01a\x00\x00\x03", "collection without an end"),
        (b"\x04\x34\x00\x01a\x00\x00\x44\x00\x00\x00\x01a\x03", "value without a name"),
        (b"\x04" + b"\x34\x00\x01a\x00\x00" + b"\x4a\x00\x00\x00\x01a\x34\x00\x00\x00\x00" * 1000, "without end"),
        (b"\x04" + b"\x13\x00\x01a\x00\x00" * 30_000 + b"\x03", "too many values"),
        (b"\x04" + b"\x34\x00\x01a\x00\x00" + b"\x4a\x00\x00\x00\x01a" * 30_000, "too many values"),
        (b"\x03" + b"x" * ipp.MAX_ANSWER_BYTES, "too long"),
    ],
)
def test_a_lie_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(IppFormatError, match=says):
        decode_message(HEAD + body)


def test_the_bytes_are_those_of_the_standard() -> None:
    """A Create-Job as in RFC 8010, appendix A, with a collection as in 3.1.6."""
    message = IppMessage(
        5,
        1,
        (
            AttributeGroup(GroupTag.OPERATION, {"attributes-charset": (IppValue(ValueTag.CHARSET, "utf-8"),)}),
            AttributeGroup(
                GroupTag.JOB,
                {
                    "media-col": ipp.collection({"media-source": ipp.keyword("tray-1")}),
                    "sides": ipp.keyword("one-sided"),
                },
            ),
        ),
    )
    assert encode_message(message) == (
        b"\x02\x00\x00\x05\x00\x00\x00\x01"
        b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x02\x34\x00\x09media-col\x00\x00\x4a\x00\x00\x00\x0cmedia-source\x44\x00\x00\x00\x06tray-1\x37\x00\x00\x00\x00"
        b"\x44\x00\x05sides\x00\x09one-sided"
        b"\x03"
    )


def test_words_with_a_language_and_dots_per_centimetre() -> None:
    words = b"\x00\x02da\x00\x03Hej"
    dots = b"\x00\x00\x00\x76\x00\x00\x00\x76\x04"
    body = b"\x04\x36\x00\x01a" + bytes([0, len(words)]) + words + b"\x32\x00\x01b\x00\x09" + dots + b"\x03"
    found = decode_message(HEAD + body).group(GroupTag.PRINTER)
    assert ipp.first_string(found, "a") == "Hej"
    assert found["b"][0].content == Resolution(300, 300)
