"""Merges the form fields of the parts into one form."""

from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Pdf, String

from pdfkit_cli.pdf.merge.source import SourcePart
from pdfkit_cli.pdf.objects import array_items, as_text, entry, make_dictionary, sorted_entries


@dataclass(slots=True)
class AcroForm:
    """An interactive form; fields of a later part are renamed where names collide (ISO 32000-1, 12.7.3.2)."""

    pdf: Pdf
    _fields: list[Any] = field(default_factory=list)
    _order: list[Any] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    _rest: dict[str, Any] = field(default_factory=dict)
    _exists: bool = False

    def add(self, source: SourcePart, number: int) -> None:
        """Add a part's fields, after its pages. A form without fields counts: without it viewers draw no fields on pages."""
        form = entry(source.root, "/AcroForm")
        if not isinstance(form, Dictionary):
            return
        self._exists = True
        mine = set()
        for known in array_items(entry(form, "/Fields")):
            if not isinstance(known, Dictionary):
                continue
            copied = source.copied(known)
            name = as_text(entry(copied, "/T"))
            if name in self._names:
                name = f"p{number + 1}-{name}"
                copied["/T"] = String(name)
            mine.add(name)
            self._fields.append(copied)
        self._names |= mine
        self._order += [source.copied(known) for known in array_items(entry(form, "/CO")) if known is not None]
        for kind, resources in sorted_entries(entry(form, "/DR")):
            merged = self._resources.setdefault(kind, {})
            for name, value in sorted_entries(resources):
                merged.setdefault(name, source.copied(value))
        for key in ("/DA", "/Q"):
            if (value := entry(form, key)) is not None:
                self._rest.setdefault(key, source.copied(value))
        if entry(form, "/NeedAppearances") is True:
            self._rest["/NeedAppearances"] = True

    def finish(self, catalog: Any) -> None:
        """Write the form into the catalog, if there is one."""
        if not self._exists:
            return
        form = Dictionary(self._rest | {"/Fields": Array(self._fields)})
        if self._order:
            form["/CO"] = Array(self._order)
        if self._resources:
            form["/DR"] = make_dictionary({kind: make_dictionary(known) for kind, known in self._resources.items()})
        catalog.AcroForm = self.pdf.make_indirect(form)
