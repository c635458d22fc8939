"""The form fields of the parts, as one form."""

from typing import Any

from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

from pdfkit_cli.pdf.joining.copying import Copier, Objects, array, entries, get, items, raw, resolve, text


class Form:
    """An interactive form; fields of a later part get names of their own (ISO 32000-1, 12.7.3.2)."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._fields: list[Any] = []
        self._order: list[Any] = []
        self._names: set[str] = set()
        self._resources: dict[str, DictionaryObject] = {}
        self._rest: dict[str, Any] = {}

    def add(self, catalog: Any, copier: Copier, number: int) -> None:
        """Take a part's fields, after its pages have been given their places."""
        form = get(catalog, "/AcroForm")
        if form is None:
            return
        if raw(form, "/XFA") is not None:
            copier.left_out.add("/XFA")
        mine = set()
        for field in items(raw(form, "/Fields")):
            copied = copier.copy(field)
            name = text(get(copied, "/T"))
            if name in self._names and isinstance(resolve(copied), DictionaryObject):
                name = f"p{number + 1}-{name}"
                resolve(copied)[NameObject("/T")] = TextStringObject(name)
            mine.add(name)
            self._fields.append(copied)
        self._names |= mine
        self._order += [copier.copy(field) for field in items(raw(form, "/CO"))]
        for kind, resources in entries(get(form, "/DR")):
            merged = self._resources.setdefault(kind, DictionaryObject())
            for name, value in entries(resources):
                dict.setdefault(merged, NameObject(name), copier.copy(value))
        for key, value in entries(form):
            if key in ("/DA", "/Q"):
                self._rest.setdefault(key, copier.copy(value))
        if get(form, "/NeedAppearances") == True:  # noqa: E712  # a BooleanObject
            self._rest["/NeedAppearances"] = BooleanObject(True)

    def finish(self, catalog: DictionaryObject) -> None:
        """Write the form into the catalog, where there is any."""
        if not self._fields:
            return
        form = DictionaryObject({NameObject(key): value for key, value in self._rest.items()})
        form[NameObject("/Fields")] = array(*self._fields)
        if self._order:
            form[NameObject("/CO")] = array(*self._order)
        if self._resources:
            resources = {NameObject(kind): value for kind, value in self._resources.items()}
            form[NameObject("/DR")] = DictionaryObject(resources)
        catalog[NameObject("/AcroForm")] = self._objects.add(form)
