"""Change a clinic's phone, hours and out-of-hours numbers: filled in, looked at with the PDFs that it touches, then saved."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.content import yaml_edit, yaml_source
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.languages import public_numbers
from pdfkit_cli.content.library import ClinicEntry
from pdfkit_cli.content.models import Clinic, Weekday
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.desk import clinic_form, history, people
from pdfkit_cli.desk.clinic_form import ClinicForm, ClinicFormError, FieldChange, HoursRow, NumberRow
from pdfkit_cli.desk.file_words import leaflet_title
from pdfkit_cli.desk.history import Deed, HistoryEntry
from pdfkit_cli.desk.keeper import keeper_state, render_page
from pdfkit_cli.desk.library_writes import write_library
from pdfkit_cli.desk.settings import DeskRole
from pdfkit_cli.desk.templating import ProblemError, chosen_phrases, clinic_base, current_library

MAX_FORM_FIELDS: Final = 100
"""Fields of the form: six for each of its rows."""


def _clinic(request: Request) -> ClinicEntry:
    """Return the clinic of the address. Raises ProblemError if there is none, or if its file has an error."""
    library = current_library(request)
    clinic = library.clinics.get(request.path_params["name"])
    if clinic is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    if clinic.source.name in library.held:
        raise ProblemError("clinic_broken", HTTPStatus.CONFLICT)
    return clinic


async def clinic_page(request: Request) -> Response:
    """Show the form as the clinic's file fills it in."""
    people.require(request, DeskRole.KEEPER)
    clinic = _clinic(request)
    return _show(request, clinic, clinic_form.read_form(clinic, chosen_phrases(request).language))


def _show(
    request: Request,
    clinic: ClinicEntry,
    form: ClinicForm,
    problem: str = "",
    detail: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    entries = _history(request, clinic.name)
    return render_page(
        request, "keeper-clinic.html", status, details=clinic, form=form, problem=problem, detail=detail,
        hours=_padded(form.hours, HoursRow()), numbers=_padded(form.numbers, NumberRow()),
        weekdays=get_args(Weekday), entries=list(reversed(entries)), saved="saved" in request.query_params,
        public=[each.name for each in public_numbers.public_numbers(clinic.model.country)],
    )  # fmt: skip


def _padded(rows: Sequence[object], empty: object) -> list[object]:
    """Return the rows with empty ones below, to add to them."""
    filled = [row for row in rows if row != empty]
    return [*filled, *[empty] * min(2, clinic_form.MAX_ROWS - len(filled))]


def _history(request: Request, name: str) -> tuple[HistoryEntry, ...]:
    return history.read_history(current_library(request).root, "clinics", name)


async def save_clinic(request: Request) -> Response:
    """Show what a form would change; change it if that was shown, and neither form nor file has changed since."""
    who = people.require(request, DeskRole.KEEPER)
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as given:
        sent = {name: str(value).strip() for name, value in given.items()}
    keeper = keeper_state(request)
    await run_in_threadpool(keeper.library.refresh)
    clinic = _clinic(request)
    before = clinic_form.read_form(clinic, chosen_phrases(request).language)
    form = clinic_form.sent_form(sent, before)
    if sent.get("bound") != clinic.source.digest:
        return _show(request, clinic, before, "clinic_changed", status=HTTPStatus.CONFLICT)
    try:
        text = clinic_form.edit_clinic(clinic, form)
    except ClinicFormError as error:
        return _show(request, clinic, form, f"clinic_wrong_{error.field}", error.message, HTTPStatus.BAD_REQUEST)
    found = clinic_form.changes(clinic.model, _model(clinic, text))
    if not found:
        return _show(request, clinic, form, "clinic_same", status=HTTPStatus.BAD_REQUEST)
    if "save" not in sent:
        return _preview(request, clinic, sent, found)
    await run_in_threadpool(_save, request, clinic, text, [_entry(who, change) for change in found])
    return RedirectResponse(f"{clinic_base(request)}/keeper/clinic/{clinic.name}?saved", HTTPStatus.SEE_OTHER)


def _model(clinic: ClinicEntry, text: str) -> Clinic:
    source = SourceFile(clinic.source.name, text, "")
    return yaml_source.validate_model(Clinic, source, yaml_source.parse_yaml(source))


def _preview(request: Request, clinic: ClinicEntry, sent: Mapping[str, str], found: Sequence[FieldChange]) -> Response:
    library, say = current_library(request), chosen_phrases(request)
    editions = keeper_state(request).library.now.editions
    touched: list[tuple[str, list[OutputKey]]] = [
        (leaflet_title(say, library.leaflets[leaflet]), list(keys))
        for (name, leaflet), keys in sorted(editions.items())
        if name == clinic.name
    ]
    count = sum(len(keys) for _, keys in touched)
    return render_page(
        request, "keeper-clinic-look.html", details=clinic, sent=sent, changes=found, touched=touched, count=count
    )


def _entry(who: str, change: FieldChange) -> HistoryEntry:
    now = datetime.now().astimezone().replace(microsecond=0)
    return HistoryEntry(
        when=now, who=who, did=Deed.CHANGED, field=change.field, before=change.before, after=change.after
    )


def _save(request: Request, clinic: ClinicEntry, text: str, entries: Sequence[HistoryEntry]) -> None:
    root = current_library(request).root
    path = root / "clinics" / f"{clinic.name}.yaml"

    def write() -> None:
        if yaml_source.read_text(path, path.as_posix(), root).digest != clinic.source.digest:
            raise ProblemError("clinic_changed", HTTPStatus.CONFLICT)
        history.add_entries(root, "clinics", clinic.name, entries)
        yaml_edit.write_file(path, text)

    write_library(keeper_state(request), write)


ROUTES = [
    Route(before + "/keeper/clinic/{name}", page, methods=[method])
    for before in ("", "/{clinic}")
    for page, method in ((clinic_page, "GET"), (save_clinic, "POST"))
]
