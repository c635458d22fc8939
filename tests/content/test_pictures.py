"""Pictures: only those of the library, and only those that are safe to draw."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pdfkit_cli.content import pictures
from pdfkit_cli.errors import SourceError, SourceLocation

PLACE = SourceLocation("da.md", 7)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'


def png(width: int = 3, height: int = 2, kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#24506b").save(out, kind)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png(side: int) -> bytes:
    """A PNG that says it has `side` × `side` pixels, in a few bytes."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        pictures.read_picture(path, PLACE)
    assert all(finding.place == PLACE for finding in caught.value.findings)
    return "\n".join(f"{finding.message} [{finding.code}]" for finding in caught.value.findings)


def outside(folder: Path, relative: str) -> str:
    with pytest.raises(SourceError) as caught:
        pictures.resolve_inside(folder, relative, PLACE)
    (finding,) = caught.value.findings
    assert finding.place == PLACE
    return f"{finding.code}: {finding.message}"


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_a_picture_of_the_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    path = write(tmp_path / "images", "løft a.png", png())
    assert pictures.resolve_inside(tmp_path, "images/løft a.png", PLACE) == path


@pytest.mark.parametrize(
    ("relative", "code"),
    [
        ("a.svg", "missing-picture"),
        ("images", "missing-picture"),
        ("", "missing-picture"),
        ("a" * 5000, "missing-picture"),
        ("a\0b", "missing-picture"),
        ("../a.svg", "picture-outside"),
        ("../leaflet/images/b.svg", "picture-outside"),
        ("images/../images/b.svg", "picture-outside"),
        ("/etc/passwd", "picture-outside"),
        ("link.svg", "picture-outside"),
        ("folder/secret.svg", "picture-outside"),
        ("loop.svg", "missing-picture"),
        ("dangling.svg", "missing-picture"),
        ("https://example.org/a.png", "remote-picture"),
        ("//example.org/a.png", "remote-picture"),
        ("data:image/png;base64,AAAA", "remote-picture"),
        ("file:///etc/passwd", "remote-picture"),
        ("FILE:/etc/passwd", "remote-picture"),
        ("C:\\a.png", "remote-picture"),
    ],
)
def test_a_picture_of_elsewhere_is_refused(tmp_path: Path, relative: str, code: str) -> None:
    leaflet = tmp_path / "leaflet"
    (leaflet / "images").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    write(leaflet / "images", "b.svg", SVG)
    secret = write(tmp_path / "elsewhere", "secret.svg", SVG)
    (leaflet / "link.svg").symlink_to(secret)
    (leaflet / "folder").symlink_to(secret.parent)
    (leaflet / "loop.svg").symlink_to("loop.svg")
    (leaflet / "dangling.svg").symlink_to("nowhere.svg")
    assert outside(leaflet, relative).startswith(code)


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.JPEG", "JPEG"), ("a.PNG", "PNG")])
def test_png_and_jpeg_are_read_whole(tmp_path: Path, name: str, kind: str) -> None:
    data = png(kind=kind)
    assert pictures.read_picture(write(tmp_path, name, data), PLACE).data == data


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.png", png(90, 90)[:-40], "is not a complete PNG picture; save it again"),
        ("a.jpg", png(90, 90, "JPEG")[:-200], "is not a complete JPEG picture"),
        ("a.png", b"", "is not a complete PNG picture"),
        ("a.png", png(kind="JPEG"), "is not a complete PNG picture"),
        ("a.gif", png(kind="GIF"), "is not a PNG, JPEG or SVG picture; save it as one"),
        ("a", png(), "is not a PNG, JPEG or SVG picture"),
        ("a.png", huge_png(8_000), "has more than 50 million pixels; save it with fewer [large-picture]"),
        ("a.png", huge_png(12_000), "has more than 50 million pixels"),
        ("a.png", huge_png(100_000), "has more than 50 million pixels"),
        ("a.png", b"\0" * 20_000_000, "is 20.0 MB; the limit is 5 MB, so save it smaller [large-picture]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    assert message in refused(write(tmp_path, name, data))


def test_a_large_picture_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.svg", b" " * (pictures.MAX_PICTURE_BYTES + 1))
    monkeypatch.delattr(Path, "read_bytes")
    assert "large-picture" in refused(path)


@pytest.mark.parametrize(
    "inside",
    [
        '<rect width="9" height="9" fill="#24506b"/>',
        '<rect id="a"/><use xlink:href="#a"/><use href="#a"/>',
        '<rect fill="url(#g)"/>',
        "<rect style=\"fill: url('#g')\"/>",
        '<style>rect { fill: url( "#g" ) }</style>',
        "<title>En øvelse</title><desc>x</desc>",
    ],
)
def test_a_drawing_may_refer_to_itself(tmp_path: Path, inside: str) -> None:
    pictures.read_picture(write(tmp_path, "a.svg", SVG.format(inside)), PLACE)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<script>alert(1)</script>", "contains <script>; remove it [unsafe-picture]"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg"/>', "contains <script>"),
        ('<rect onclick="alert(1)"/>', "contains a script (onclick)"),
        ('<rect onLoad="alert(1)"/>', "contains a script (onload)"),
        ("<foreignObject><p>x</p></foreignObject>", "contains <foreignobject>"),
        ('<image href="https://example.org/a.png"/>', "refers to something outside itself (https://example.org/a.png)"),
        ('<image xlink:href="../../../etc/passwd"/>', "refers to something outside itself"),
        ('<image href="data:image/png;base64,AAAA"/>', "contains an <image> that is not a complete PNG picture"),
        ('<image href="data:text/html,x"/>', "refers to something outside itself"),
        ('<use href="data:image/svg+xml,x"/>', "refers to something outside itself"),
        ('<use href="b.svg#a"/>', "refers to something outside itself"),
        ('<a href="javascript:alert(1)"><rect/></a>', "refers to something outside itself"),
        ('<rect fill="url(https://example.org/a)"/>', "refers to something outside itself"),
        ("<rect style=\"fill: URL( 'a.svg#b' )\"/>", "refers to something outside itself"),
        ("<style>@import 'https://example.org/a.css';</style>", "refers to something outside itself (in <style>)"),
        ("<style>rect { fill: url(//example.org) }</style>", "refers to something outside itself (in <style>)"),
        (r"<style>rect { fill: u\72l(//example.org) }</style>", "refers to something outside itself (in <style>)"),
        ("<text>Løft</text>", "contains text, which stays in one language"),
    ],
)
def test_a_drawing_with_scripts_text_or_outside_parts_is_refused(tmp_path: Path, inside: str, message: str) -> None:
    assert message in refused(write(tmp_path, "a.svg", SVG.format(inside)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "is broken"),
        ("<svg", "is broken"),
        (SVG.format("<rect>"), "is broken: mismatched tag: line 1, column"),
        ('<?xml version="1.0" encoding="klingon"?><svg/>', "is broken"),
        ("<html><body/></html>", "is not an SVG picture (its root is “html”)"),
        (f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>{SVG.format("&a;")}', "has a DOCTYPE or entities"),
        (
            '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + SVG.format("&b;"),
            "has a DOCTYPE or entities",
        ),
    ],
)
def test_a_broken_drawing_is_refused(tmp_path: Path, data: bytes | str, message: str) -> None:
    assert message in refused(write(tmp_path, "a.svg", data))


def test_every_problem_of_a_drawing_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.svg", SVG.format('<script/><rect onclick="x"/><image href="b.png"/><text/>'))
    assert len(refused(path).split("\n")) == 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(kind=st.sampled_from(["PNG", "JPEG"]), at=st.integers(0, 400), byte=st.integers(0, 255), end=st.integers(0, 400))
def test_a_damaged_picture_is_refused_or_drawn(tmp_path: Path, kind: str, at: int, byte: int, end: int) -> None:
    data = bytearray(png(20, 20, kind))
    data[at % len(data)] = byte
    try:
        pictures.read_picture(write(tmp_path, f"a.{kind.lower()}", bytes(data[: len(data) - end % 5])), PLACE)
    except SourceError as error:
        assert {finding.code for finding in error.findings} <= {"broken-picture", "large-picture"}  # noqa: PT017


def test_a_picture_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refused(tmp_path / "a.png")


def test_the_callouts_of_a_drawing_are_its_elements_with_such_ids() -> None:
    ids = ("callout-2", "callout-10", "callout-2", "callout-", "callout-0", "callout-1b", "my-callout-1")
    marks = "".join(f'<g id="{name}"><path d="M0 0h4v4Z"/></g>' for name in ids)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><g>{marks}</g></svg>'
    assert pictures._inspect_svg(svg.encode()).callouts == (2, 10)


@pytest.mark.parametrize(
    ("size", "small"),
    [('width="246"', True), ('width="65mm"', True), ('width="66mm"', False), ('width="480"', False), ("", False)],
)
def test_a_drawing_is_small_by_the_width_that_it_gives(size: str, small: bool) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 4 3"><path d="M0 0h4v3Z"/></svg>'
    assert pictures._inspect_svg(svg.encode()).small is small
