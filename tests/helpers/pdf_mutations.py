"""Real PDFs, changed at random: in their bytes, in their objects, in what refers to what."""

import re
from collections.abc import Callable
from functools import cache
from io import BytesIO

from hypothesis import strategies as st
from pikepdf import ObjectStreamMode, Pdf

from tests.helpers.hospital_letters import by_typst, form
from tests.helpers.hostile_letters import acting, layers_and_labels, opened
from tests.helpers.letter_pdfs import plain, saved, tagged

REFERENCE = re.compile(rb"(?<![\d.])\d+ 0 R")


def _full() -> bytes:
    pdf = opened()
    acting(pdf)
    layers_and_labels(pdf)
    return saved(pdf)


ORIGINALS: tuple[Callable[[], bytes], ...] = (
    _full,
    lambda: tagged("letter", "da"),
    by_typst,
    form,
    lambda: plain(3),
    lambda: saved(opened(), linearize=True),
    lambda: saved(opened(), object_stream_mode=ObjectStreamMode.generate),
)


@cache
def original(number: int) -> bytes:
    return ORIGINALS[number]()


@cache
def unpacked(number: int) -> bytes:
    """Return an original with every object in plain sight."""
    with Pdf.open(BytesIO(original(number))) as pdf:
        return saved(pdf, object_stream_mode=ObjectStreamMode.disable, compress_streams=False)


def by_bytes() -> st.SearchStrategy[bytes]:
    """Change, cut out, double or insert some bytes anywhere."""
    place = st.floats(0, 1, exclude_max=True)
    edit = st.tuples(place, st.sampled_from(["set", "cut", "double", "insert", "zero"]), st.integers(1, 300), st.binary(min_size=1, max_size=8))  # fmt: skip

    def changed(number: int, plain_sight: bool, edits: list[tuple[float, str, int, bytes]]) -> bytes:
        pdf = unpacked(number) if plain_sight else original(number)
        for at, kind, size, data in edits:
            start = int(at * len(pdf))
            span = pdf[start : start + size]
            new = {"set": data, "cut": b"", "double": span + span, "insert": data + span, "zero": bytes(len(span))}[
                kind
            ]
            pdf = pdf[:start] + new + pdf[start + (len(data) if kind == "set" else size) :]
        return pdf

    return st.builds(changed, _which(), st.booleans(), st.lists(edit, min_size=1, max_size=6))


def by_references() -> st.SearchStrategy[bytes]:
    """Let references lead to other objects, or nowhere."""

    def changed(number: int, edits: list[tuple[float, int]]) -> bytes:
        pdf = unpacked(number)
        places = list(REFERENCE.finditer(pdf))
        for at, target in edits:
            match = places[int(at * len(places))]
            digits = match.end() - match.start() - len(b" 0 R")
            pdf = pdf[: match.start()] + b"%0*d" % (digits, target % 10**digits) + pdf[match.end() - 4 :]
        return pdf

    edit = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 99))
    return st.builds(changed, _which(), st.lists(edit, min_size=1, max_size=4))


VALUES = tuple(
    b"null true -7 0 1 99999 .5 /X /Page /Pages () (x) [] [1] [/X] <<>> <</A 1>> 1 0 R 2 0 R 3 0 R".replace(
        b" 0 R", b"_0_R"
    ).split()
)
VALUE = re.compile(rb"(?<=/)(?!Length)(\w+) (\d+ 0 R|-?[\d.]+|/\w+|\[[^\[\]]*\]|\((?:[^()\\]|\\.)*\)|true|false)")


def by_objects() -> st.SearchStrategy[bytes]:
    """Put something else in some entries of dictionaries: another type, nothing, or the way to a loop. All else stays in its place."""

    def changed(number: int, edits: list[tuple[float, bytes]]) -> bytes:
        pdf = unpacked(number)
        places = list(VALUE.finditer(pdf))
        for at, value in edits:
            match = places[int(at * len(places))]
            size = match.end(2) - match.start(2)
            new = value.replace(b"_", b" ")
            if len(new) <= size:
                pdf = pdf[: match.start(2)] + new.ljust(size) + pdf[match.end(2) :]
        return pdf

    edit = st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from(VALUES))
    return st.builds(changed, _which(), st.lists(edit, min_size=1, max_size=6))


def _which() -> st.SearchStrategy[int]:
    return st.integers(0, len(ORIGINALS) - 1)
