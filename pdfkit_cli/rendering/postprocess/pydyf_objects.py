"""The objects of a PDF that WeasyPrint has made and not yet written (pydyf 0.13), found by their references."""

from typing import Any

import pydyf


def object_number(reference: bytes) -> int:
    """Return the number in a reference such as `12 0 R`."""
    return int(reference.split()[0])


def resolve(pdf: pydyf.PDF, reference: bytes) -> Any:
    """Return the object that a reference leads to: pydyf numbers objects by their places in its list."""
    return pdf.objects[object_number(reference)]


def page_dictionaries(pdf: pydyf.PDF) -> list[Any]:
    """Return the pages in their order."""
    return [resolve(pdf, reference) for reference in pdf.page_references]


def destination_names(pdf: pydyf.PDF) -> Any:
    """Return the array of named destinations: names, each before its destination; empty if there are none."""
    return pdf.catalog.get("Names", {}).get("Dests", {}).get("Names", [])


def parent_tree_numbers(pdf: pydyf.PDF) -> Any:
    """Return the array of the parent tree: keys, each before what the content or link with that key belongs to."""
    root = resolve(pdf, pdf.catalog["StructTreeRoot"])
    return resolve(pdf, root["ParentTree"])["Nums"]
