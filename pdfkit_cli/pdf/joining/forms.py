"""The form fields of the parts, as one form."""

from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Pdf, String

from pdfkit_cli.pdf.joining.reading import entries, get, items, text
from pdfkit_cli.pdf.joining.source import Source


@dataclass(slots=True)
class Form:
    """An interactive form; fields of a later part get names of their own (ISO 32000-1, 12.7.3.2)."""

    pdf: Pdf
    _fields: list[Any] = field(default_factory=list)
    _order: list[Any] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    _rest: dict[str, Any] = field(default_factory=dict)
    _there: bool = False

    def add(self, source: Source, number: int) -> None:
        """Take a part's fields, after its pages. A form without fields is one, too: without it viewers draw none that stand on pages."""
        form = get(source.root, "/AcroForm")
        if not isinstance(form, Dictionary):
            return
        self._there = True
        mine = set()
        for known in items(get(form, "/Fields")):
            if not isinstance(known, Dictionary):
                continue
            copied = source.copied(known)
            name = text(get(copied, "/T"))
            if name in self._names:
                name = f"p{number + 1}-{name}"
                copied["/T"] = String(name)
            mine.add(name)
            self._fields.append(copied)
        self._names |= mine
        self._order += [source.copied(known) for known in items(get(form, "/CO")) if known is not None]
        for kind, resources in entries(get(form, "/DR")):
            merged = self._resources.setdefault(kind, {})
            for name, value in entries(resources):
                merged.setdefault(name, source.copied(value))
        for key in ("/DA", "/Q"):
            if (value := get(form, key)) is not None:
                self._rest.setdefault(key, source.copied(value))
        if get(form, "/NeedAppearances") is True:
            self._rest["/NeedAppearances"] = True

    def finish(self, catalog: Any) -> None:
        """Write the form into the catalog, where there is any."""
        if not self._there:
            return
        form = Dictionary(self._rest | {"/Fields": Array(self._fields)})
        if self._order:
            form["/CO"] = Array(self._order)
        if self._resources:
            form["/DR"] = Dictionary({kind: Dictionary(known) for kind, known in self._resources.items()})
        catalog.AcroForm = self.pdf.make_indirect(form)
