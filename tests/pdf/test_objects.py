"""Access to the objects of a PDF: each function returns the type that it promises, whatever the file contains."""

from typing import Any

import pytest
from pikepdf import Dictionary, Object, Pdf

from pdfkit_cli.pdf import objects
from pdfkit_cli.pdf.objects import NoPageError


def values() -> list[Any]:
    pdf = Pdf.new()
    pdf.Root.A = Object.parse(b"[1 -2.5 true null (a\\)(b)\\101) <feff0062> [] /N]")
    return objects.array_items(objects.entry(pdf.Root, "/A"))


def test_values_of_any_type() -> None:
    found = values()
    assert [objects.as_number(value) for value in found] == [1, -2.5, None, None, None, None, None, None]
    assert [objects.as_integer(value) for value in found] == [1, *[None] * 7]
    assert [objects.as_text(value) for value in found] == ["", "", "", "", "a)(b)A", "b", "", ""]
    assert [objects.as_bytes(value) for value in found] == [*[None] * 4, b"a)(b)A", b"\xfe\xff\x00b", None, b"N"]
    assert objects.entry(found, "/A") is objects.text_entry(found[0], "/A") is None
    assert objects.numbers(found, 8) is None


def test_numbers_that_are_too_large_are_none() -> None:
    assert objects.as_number(10**9) is None
    assert objects.as_number(10**9 - 1) == 10**9 - 1


def test_names_keep_bytes_that_are_not_text() -> None:
    holder = Object.parse(b"<< /S /P#96 /T /P#c3#a6 >>")
    assert objects.name_entry(holder, "/S") == "/P\udc96"
    assert bytes(objects.make_name(objects.name_entry(holder, "/S"))) == b"/P\x96"
    assert objects.as_bytes(objects.entry(holder, "/S")) == b"P\x96"
    assert (objects.readable_name(holder, "/S"), objects.readable_name(holder, "/T")) == ("P?", "Pæ")


def test_direct_objects_have_keys_of_their_own() -> None:
    pdf = Pdf.new()
    indirect = pdf.make_indirect(Dictionary())
    assert objects.object_key(indirect) == objects.object_key(pdf.get_object(*indirect.objgen))
    assert objects.object_key(Dictionary()) != objects.object_key(Dictionary())


def test_a_loop_in_the_page_tree_is_reported_and_removed() -> None:
    pdf = Pdf.new()
    pdf.add_blank_page()
    pdf.Root.Pages.Kids.append(pdf.Root.Pages)
    loops: list[int] = []
    assert len(list(objects.page_leaves(pdf, lambda: loops.append(1)))) == 1
    assert loops == [1]
    assert len(pdf.Root.Pages.Kids) == 1


def test_what_is_not_a_page_is_refused() -> None:
    pdf = Pdf.new()
    pdf.Root.Pages.Kids.append(Dictionary(Type=pdf.Root.Type))
    with pytest.raises(NoPageError):
        list(objects.page_leaves(pdf))
