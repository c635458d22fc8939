"""The record: a line for the patient's chart, the count of what was printed or saved, and what went out in all. None knows the patient."""

import logging
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pdfkit_cli.build.verifier import SHORT_HASH_LENGTH
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages import typography
from pdfkit_cli.desk import keeper
from pdfkit_cli.desk.print_jobs import MAX_COPIES
from pdfkit_cli.desk.templating import (
    ProblemError,
    authorised_output,
    chosen_phrases,
    current_library,
    desk_state,
    parse_page_number,
    requested_clinic,
)
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.packs.issue_log import Issue, IssueWay, append_once, issued_months, months_csv, read_issues

log = logging.getLogger("pdfkit.desk")

MAX_FORM_FIELDS: Final = 60

MAX_ROWS: Final = 200
"""Rows of the table of what went out; the CSV has all."""

_NUMBER: Final = re.compile("[0-9a-f]{32}")
_WAYS: Final = (IssueWay.WINDOW, IssueWay.SAVED)


def chart_line(request: Request, entry: ManifestEntry) -> str:
    """Return what a chart says of a leaflet: title, id, version, language, short hash and today's date, in the language of the staff."""
    say, leaflet = chosen_phrases(request), current_library(request).leaflets.get(entry.leaflet)
    own = leaflet.translations.get(say.language) if leaflet else None
    return say(
        "chart_line",
        title=own.front_matter.title if own else entry.title,
        id=entry.id,
        version=entry.version,
        language=known_language(entry.language).name_in(say.language),
        hash=entry.digest[:SHORT_HASH_LENGTH],
        day=typography.localized_date(desk_state(request).library.today, known_language(say.language)),
    ).replace(typography.NO_BREAK_SPACE, " ")  # other programs may not know it


async def log_issue(request: Request) -> Response:
    """Count leaflets that the page has sent to the print window or saved, and answer with their lines for the chart.

    A press has a number of its own: however often it is sent, it counts once.
    """
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as form:
        paths = [str(path) for path in form.getlist("file")]
        number, way = str(form.get("number", "")), str(form.get("way", ""))
        copies = parse_page_number(str(form.get("copies", "")))
    entries = [_entry(request, path) for path in paths]
    if not entries or way not in _WAYS or not _NUMBER.fullmatch(number):
        raise ProblemError("wrong_request")
    if copies is None or not 1 <= copies <= MAX_COPIES:
        raise ProblemError("copies_wrong", HTTPStatus.BAD_REQUEST, most=MAX_COPIES)
    counted = await run_in_threadpool(_count, request, entries, number, IssueWay(way), copies)
    note = "issued_window" if way == IssueWay.WINDOW else ""
    note = note if counted else "issued_failed"
    lines = "\n".join(chart_line(request, entry) for entry in entries)
    return JSONResponse({"lines": lines, "note": chosen_phrases(request)(note) if note else ""})


def _entry(request: Request, path: str) -> ManifestEntry:
    output_key, clinic = authorised_output(request, path), requested_clinic(request)
    entry = desk_state(request).library.latest(path)
    if entry is None or output_key.edition.clinic != clinic.name:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    return entry


def _count(request: Request, entries: Sequence[ManifestEntry], number: str, way: IssueWay, copies: int) -> bool:
    """Enter leaflets in the issue log; return whether that was possible, since the patient has the paper all the same."""
    try:
        append_once(desk_state(request).library.request.out, entries, number, datetime.now(UTC), way, copies)
    except (OSError, PdfkitError) as error:
        log.error("the issue log cannot be written: %s", type(error).__name__)
        return False
    return True


async def issued_page(request: Request) -> Response:
    """Show the keeper what went out by month, clinic and language: all of it, or one leaflet by its document id."""
    library, asked = current_library(request), request.query_params.get("leaflet", "")
    issues = await run_in_threadpool(_issues, request)
    ids = {entry.model.id: name for name, entry in library.leaflets.items()}
    months = issued_months(issue for issue in issues if asked in ("", issue.leaflet))
    sums = Counter[str]()
    for month in months:
        sums[month.month] += month.copies
    return keeper.render_page(
        request,
        "keeper-issued.html",
        months=months[:MAX_ROWS],
        left_out=len(months) - MAX_ROWS,
        sums=sums,
        asked=asked,
        ids=sorted(ids.keys() | {issue.leaflet for issue in issues}),
        month_name=lambda month: typography.localized_month(
            date.fromisoformat(f"{month}-01"), known_language(chosen_phrases(request).language)
        ),
    )


async def issued_csv(request: Request) -> Response:
    """Send the same table as CSV, complete."""
    current_library(request)
    asked = request.query_params.get("leaflet", "")
    issues = await run_in_threadpool(_issues, request)
    table = months_csv(issued_months(issue for issue in issues if asked in ("", issue.leaflet)))
    headers = {"content-disposition": 'attachment; filename="issued.csv"'}
    return Response(table, media_type="text/csv", headers=headers)


def _issues(request: Request) -> list[Issue]:
    try:
        return [*read_issues(desk_state(request).library.request.out)]
    except PdfkitError:
        raise ProblemError("issued_unreadable", HTTPStatus.INTERNAL_SERVER_ERROR) from None


ROUTES = [
    Route("/{clinic}/issued", log_issue, methods=["POST"]),
    *(
        Route(before + path, page)
        for before in ("", "/{clinic}")
        for path, page in (("/keeper/issued", issued_page), ("/keeper/issued.csv", issued_csv))
    ),
]
