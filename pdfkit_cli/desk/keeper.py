"""The keeper's pages: her inbox, what a build would do, all findings, the state of each edition, and what would differ in a PDF.

The keeper is the person who maintains the library; these pages are under `/keeper`, and under `/keeper` after a clinic.
"""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeVar

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.build import pipeline
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.desk import diff_preview, people
from pdfkit_cli.desk.async_cache import AsyncCache
from pdfkit_cli.desk.background_builds import BackgroundBuilds, BuildProgress
from pdfkit_cli.desk.diff_preview import DiffPreview, DiffTask
from pdfkit_cli.desk.file_words import file_words, leaflet_title, reason_text
from pdfkit_cli.desk.keeper_inbox import collect_inbox
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.library_status import EditionState, LibraryStatus, MatrixRow
from pdfkit_cli.desk.settings import DeskRole
from pdfkit_cli.desk.survey import LatestSurvey, Survey
from pdfkit_cli.desk.templating import (
    ProblemError,
    chosen_phrases,
    clinic_base,
    current_library,
    desk_state,
    parse_page_number,
    render_template,
)
from pdfkit_cli.errors import Finding, PdfkitError, Problem
from pdfkit_cli.pdf.compare import PageImage
from pdfkit_cli.pdf.reader import words

WAIT_SECONDS: Final = 0.7
"""Seconds after which a page that is not ready is answered with the survey from before, or else with a waiting page."""

MAX_ROWS: Final = 40
"""Leaflets on one page of the table, and lines of a list before it is cut off."""

MAX_ERRORS: Final = 5
"""Errors that are named on top of every page."""

_GROUPS: Final = re.compile(r"\+?\d+(?:\s\d+)+")


class KeeperState:
    """What the keeper's pages share: the latest survey, the latest comparisons, and the build."""

    def __init__(self, library: LibraryState) -> None:
        self.library = library
        self.builds = BackgroundBuilds(self._request)
        self.survey = LatestSurvey(library, self._request, lambda: self.builds.now.running)
        self.writing = threading.Lock()
        """One at a time looks at a file of the library, changes it, and has it loaded again."""

        self._previews: AsyncCache[DiffPreview] = AsyncCache(4)

    def close(self) -> None:
        """End a build that is running."""
        self.builds.close()

    def _request(self) -> pipeline.BuildRequest:
        return replace(self.library.request, as_of=self.library.today)

    async def preview(self, path: str) -> DiffPreview:
        """Compare one PDF with the one that a build would publish. Raises ProblemError, PdfkitError."""
        output_key, entry = self.library.now.output_keys.get(path), self.library.manifest.files.get(path)
        if output_key is None or entry is None:
            raise ProblemError("not_found" if output_key is None else "nothing_published", HTTPStatus.NOT_FOUND)
        task, key = await asyncio.to_thread(self._task, output_key)
        return await self._previews.get(
            (path, key, entry.sha256), partial(diff_preview.preview_in_worker, task, self.library.ended.is_set)
        )

    def _task(self, output_key: OutputKey) -> tuple[DiffTask, str]:
        project = self.library.now.project
        if project is None:
            raise ProblemError("library_broken", HTTPStatus.SERVICE_UNAVAILABLE)
        drawn = project.draw(output_key)
        return DiffTask(drawn.page, self.library.request.out / output_key.path), drawn.key


Answer = TypeVar("Answer")


async def _show_when_ready(request: Request, answer: Awaitable[Answer], show: Callable[[Answer], Response]) -> Response:
    """Show an answer, or a waiting page if it takes long, or what went wrong."""
    try:
        return show(await asyncio.wait_for(answer, WAIT_SECONDS))
    except TimeoutError:
        return _waiting_page(request, "difference_waiting", "difference_waiting_why")
    except ProblemError:
        raise
    except PdfkitError as error:
        return _trouble_page(request, error)


def keeper_state(request: Request) -> KeeperState:
    """Return what the keeper's pages share. Raises ProblemError if the library cannot be read."""
    current_library(request)  # raises ProblemError for a broken library, which shows its findings
    keeper: KeeperState = request.app.state.keeper
    return keeper


async def inbox_page(request: Request) -> Response:
    """Show what waits for a person: errors first, then PDFs to make, drafts, reviews and translations."""
    keeper = keeper_state(request)
    library, say = current_library(request), chosen_phrases(request)
    try:
        survey = await keeper.survey.get(WAIT_SECONDS)
    except PdfkitError:  # the page of the PDFs says why
        survey = None
    inbox = await asyncio.to_thread(collect_inbox, library, keeper.library.today)
    may_edit = people.may(request, DeskRole.KEEPER)
    may_review = people.may(request, DeskRole.REVIEWER)
    return render_page(
        request,
        "keeper.html",
        survey=survey,
        inbox=inbox,
        may_review=may_review,
        may_edit=may_edit,
        name_of=lambda name: leaflet_title(say, library.leaflets[name]),
    )


async def plan_page(request: Request) -> Response:
    """Show what a build would do, with the button to start it."""
    keeper = keeper_state(request)

    def show(found: Survey) -> Response:
        already = "already" in request.query_params
        return render_page(
            request,
            "keeper-pdfs.html",
            survey=found,
            progress=keeper.builds.shown,
            already=already,
            output_keys=keeper.library.now.output_keys,
        )

    return await _show_survey(request, show)


async def findings_page(request: Request) -> Response:
    """Show all findings, grouped by leaflet."""
    return await _show_survey(request, lambda found: render_page(request, "keeper-findings.html", survey=found))


async def matrix_page(request: Request) -> Response:
    """Show the state of each edition: a row per leaflet and language, a column per clinic, or one clinic alone."""
    asked = request.query_params.get("only", "")

    def show(found: Survey) -> Response:
        shown = {asked: found.status.clinics[asked]} if asked in found.status.clinics else found.status.clinics
        only, all_rows = "attention" in request.query_params, _rows_of(found.status, shown)
        rows = [row for row in all_rows if not only or any(cell and cell.states != (EditionState.CURRENT,) for cell in row.cells)]  # fmt: skip
        pages = _paginate(rows)
        at = min(parse_page_number(request.query_params.get("page", "")) or 1, len(pages))
        counts = Counter(cell.states[0] for row in all_rows for cell in row.cells if cell)
        return render_page(request, "keeper-matrix.html", survey=found, rows=pages[at - 1], at=at, pages=len(pages), counts=counts, only=only, shown=shown, asked=asked)  # fmt: skip

    return await _show_survey(request, show)


def _rows_of(status: LibraryStatus, clinics: Mapping[str, str]) -> Sequence[MatrixRow]:
    """Return the rows of some clinics: what they hand out."""
    columns = [at for at, name in enumerate(status.clinics) if name in clinics]
    rows = (replace(row, cells=tuple(row.cells[at] for at in columns)) for row in status.rows)
    return [row for row in rows if any(row.cells)]


async def survey_state(request: Request) -> Response:
    """Tell our own script when the survey on its page was taken, and whether it is current."""
    survey = await keeper_state(request).survey.get(0.0)
    return JSONResponse(
        {"taken": survey.taken.isoformat() if survey else "", "current": bool(survey and survey.current)}
    )


async def _show_survey(request: Request, show: Callable[[Survey], Response]) -> Response:
    """Show the latest survey at once, or a waiting page if there is none yet, or why there is none."""
    try:
        survey = await keeper_state(request).survey.get(WAIT_SECONDS)
    except ProblemError:
        raise
    except PdfkitError as error:
        return _trouble_page(request, error)
    return show(survey) if survey else _waiting_page(request, "keeper_waiting", "keeper_waiting_why")


def _waiting_page(request: Request, waiting: str, why: str) -> Response:
    """Show that something is being looked at; before the first build, also the button, for which nothing need be known."""
    keeper, page = keeper_state(request), request.url.path.removeprefix(clinic_base(request))
    unbuilt = 0 if keeper.library.manifest.files or page != "/keeper/pdfs" else len(keeper.library.now.output_keys)
    progress = keeper.builds.shown if page == "/keeper/pdfs" else BuildProgress()
    return render_page(
        request,
        "keeper-wait.html",
        HTTPStatus.ACCEPTED,
        waiting=waiting,
        why=why,
        unbuilt=unbuilt,
        progress=progress,
    )


def _trouble_page(request: Request, error: PdfkitError) -> Response:
    problem = Problem(str(error), code=error.code)
    return render_page(request, "keeper-trouble.html", HTTPStatus.INTERNAL_SERVER_ERROR, problem=problem)


def _paginate(rows: Sequence[MatrixRow]) -> list[list[MatrixRow]]:
    """Divide rows into pages of `MAX_ROWS` leaflets; the rows of a leaflet stay together."""
    leaflets = list(dict.fromkeys(row.leaflet for row in rows))
    page = {name: at // MAX_ROWS for at, name in enumerate(leaflets)}
    return [[row for row in rows if page[row.leaflet] == at] for at in range(-(-len(leaflets) // MAX_ROWS) or 1)]


def keep_number_order(text: str) -> Markup:
    """Return a text in which a number in groups, such as a phone number, keeps its order in right-to-left text."""
    return Markup(_GROUPS.sub(r'<bdi dir="ltr">\g<0></bdi>', str(escape(text))))  # noqa: S704 - escaped just here


async def differences_page(request: Request) -> Response:
    """Show page by page what a build would change in one PDF."""
    keeper, path = keeper_state(request), request.path_params["path"]

    def show(found: DiffPreview) -> Response:
        output_key = keeper.library.now.output_keys[path]
        leaflet = current_library(request).leaflets[output_key.edition.leaflet]
        budget = leaflet.model.pages.get(output_key.format, found.pages)
        return render_page(
            request, "keeper-differences.html", file=path, output_key=output_key, leaflet=leaflet, preview=found,
            shown=found.differences, budget=budget, said=words.words_as_text,
            steady=keep_number_order,
        )  # fmt: skip

    return await _show_when_ready(request, keeper.preview(path), show)


async def comparison_image(request: Request) -> Response:
    """Send one page of a comparison as an image."""
    keeper, at, side = keeper_state(request), parse_page_number(request.path_params["at"]), request.path_params["side"]
    pages = (await keeper.preview(request.path_params["path"])).differences.pages
    there = pages[at : at + 1] if at is not None and side in ("before", "after") else ()
    shown: PageImage | None = next((getattr(pair, side) for pair in there), None)
    if shown is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    return Response(shown.png, media_type="image/png")


async def begin_build(request: Request) -> Response:
    """Start a build, unless one is running."""
    begun = await asyncio.to_thread(keeper_state(request).builds.start)
    return RedirectResponse(f"{clinic_base(request)}/keeper/pdfs{'' if begun else '?already'}", HTTPStatus.SEE_OTHER)


async def build_progress(request: Request) -> Response:
    """Send the progress of the build: a fragment of a page, for our own script."""
    keeper: KeeperState = request.app.state.keeper
    return render_template(request, "keeper-progress.html", progress=keeper.builds.now)


def render_page(
    request: Request, template: str, status: int = HTTPStatus.OK, *, survey: Survey | None = None, **values: Any
) -> Response:
    """Render a page of the keeper with the library's errors on top; those of a survey include what has none of its own."""
    say, project = chosen_phrases(request), desk_state(request).library.now.project
    found = survey.status if survey else None
    shared: dict[str, Any] = {
        "survey": survey,
        "library_status": found,
        "errors": _errors(request, survey),
        "most_errors": MAX_ERRORS,
        "most": MAX_ROWS,
        "State": EditionState,
        "title_of": partial(_title, found, say.language) if found else str,
        "about": partial(file_words, say, project.library) if project else str,
        "reason": partial(reason_text, say, library=project.library if project else None),
    }
    return render_template(request, template, status, **shared, **values)


def _errors(request: Request, survey: Survey | None) -> tuple[Finding, ...]:
    """Return every known error. While a survey is out of date, its errors stand beside those of now: none is forgotten."""
    now = desk_state(request).library.now.errors
    if survey is None:
        return now
    return survey.status.errors if survey.current else tuple(dict.fromkeys((*now, *survey.status.errors)))


def _title(found: LibraryStatus, language: str, leaflet: str) -> str:
    """Return the title of a leaflet in a language, or else in its first; its name if it has none."""
    titles = found.titles.get(leaflet, {})
    return titles.get(language) or next(iter(titles.values()), leaflet)


ROUTES = [
    Route(before + path, page, methods=[method])
    for before in ("", "/{clinic}")  # the clinic only for the masthead, and to return to it
    for path, page, method in (
        ("/keeper", inbox_page, "GET"),
        ("/keeper/pdfs", plan_page, "GET"),
        ("/keeper/findings", findings_page, "GET"),
        ("/keeper/matrix", matrix_page, "GET"),
        ("/keeper/build", begin_build, "POST"),
        ("/keeper/progress", build_progress, "GET"),
        ("/keeper/survey", survey_state, "GET"),
        ("/keeper/differences/{path:path}", differences_page, "GET"),
        ("/keeper/picture/{at}/{side}/{path:path}", comparison_image, "GET"),
    )
]
