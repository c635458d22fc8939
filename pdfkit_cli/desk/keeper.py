"""The keeper's view: what a build would do, every finding, how each edition stands, and what would differ in a PDF."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeVar

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli import build as building
from pdfkit_cli import publish
from pdfkit_cli.checks import page_budget
from pdfkit_cli.desk import apart, proposals
from pdfkit_cli.desk.builds import Builds
from pdfkit_cli.desk.library import Library
from pdfkit_cli.desk.memory import Memory
from pdfkit_cli.desk.page import ProblemError, catalogue_of, desk_of, draw, number_of, words_of
from pdfkit_cli.desk.proposals import Proposal, Task
from pdfkit_cli.desk.survey import Row, State, Survey, survey
from pdfkit_cli.desk.words import Words
from pdfkit_cli.editions import Printing
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.inputs import Reason
from pdfkit_cli.pdf import words
from pdfkit_cli.pdf.differences import Picture

SURVEY_LIMIT: Final = 600.0
"""Seconds that looking at the whole library may take: with 10,000 texts it is minutes."""

PATIENCE: Final = 1.5
"""Seconds that a page waits for an answer before it says that it is being worked on."""

MOST: Final = 40
"""Leaflets on one page of the table, and lines of a list before it is cut."""

_GROUPS: Final = re.compile(r"\+?\d+(?:\s\d+)+")


class Keeper:
    """What the keeper's pages share: the newest survey, the newest comparisons, and the build."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.builds = Builds(self._request)
        self._surveys: Memory[Survey] = Memory(1)
        self._proposals: Memory[Proposal] = Memory(4)
        self._last: Survey | None = None

    def close(self) -> None:
        """End what is running."""
        self.builds.close()

    def _request(self) -> building.Request:
        return replace(self.library.request, as_of=self.library.today)

    async def survey(self) -> Survey:
        """Return how the library and the output folder stand; while a build changes that, how they stood before."""
        if self._last is None or not self.builds.now.running:
            request = self._request()
            stands = tuple(_stamp(request.out / name) for name in (publish.MANIFEST, f"{publish.WORK}/journal.jsonl"))
            key = self.library.now.number, stands, request.as_of
            self._last = await self._surveys.get(
                key, partial(apart.do, survey, request, SURVEY_LIMIT, stop=self.library.ended.is_set)
            )
        return self._last

    async def proposal(self, path: str) -> Proposal:
        """Compare one PDF with what a build would make of it. Raises ProblemError, PdfkitError."""
        printing, entry = self.library.now.offers.get(path), self.library.manifest.files.get(path)
        if printing is None or entry is None:
            raise ProblemError("not_found" if printing is None else "nothing_published", HTTPStatus.NOT_FOUND)
        task, key = await asyncio.to_thread(self._task, printing)
        return await self._proposals.get(
            (path, key, entry.sha256), partial(proposals.ask, task, self.library.ended.is_set)
        )

    def _task(self, printing: Printing) -> tuple[Task, str]:
        workshop = self.library.now.workshop
        if workshop is None:
            raise ProblemError("library_broken", HTTPStatus.SERVICE_UNAVAILABLE)
        with self.library.drawing:
            drawn = workshop.draw(printing)
        return Task(drawn.page, self.library.request.out / printing.path), drawn.key


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


Answer = TypeVar("Answer")


async def _awaited(request: Request, answer: Awaitable[Answer], show: Callable[[Answer], Response]) -> Response:
    """Show an answer; or that it is being worked on, where it takes long; or what went wrong."""
    try:
        return show(await asyncio.wait_for(answer, PATIENCE))
    except TimeoutError:
        return draw(request, "keeper-wait.html", HTTPStatus.ACCEPTED)
    except ProblemError:
        raise
    except PdfkitError as error:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return draw(request, "keeper-trouble.html", status, error=str(error), hint=error.hint)


def _keeper(request: Request) -> Keeper:
    catalogue_of(request)  # a broken library shows its findings
    keeper: Keeper = request.app.state.keeper
    return keeper


async def plan(request: Request) -> Response:
    """Show what a build would do, with the button to do it."""
    keeper = _keeper(request)

    def show(found: Survey) -> Response:
        already = "already" in request.query_params
        return _drawn(
            request, "keeper.html", found, progress=keeper.builds.now, already=already, offers=_offers(request)
        )

    return await _awaited(request, keeper.survey(), show)


async def findings(request: Request) -> Response:
    """Show every finding, leaflet by leaflet."""
    return await _awaited(request, _keeper(request).survey(), partial(_drawn, request, "keeper-findings.html"))


async def matrix(request: Request) -> Response:
    """Show how each edition stands: leaflets and languages down, clinics across."""

    def show(found: Survey) -> Response:
        only = "attention" in request.query_params
        rows = [row for row in found.rows if not only or any(cell and cell.states != (State.CURRENT,) for cell in row.cells)]  # fmt: skip
        pages = _paged(rows)
        at = min(number_of(request.query_params.get("page", "")) or 1, len(pages))
        counts = Counter(cell.states[0] for row in found.rows for cell in row.cells if cell)
        return _drawn(request, "keeper-matrix.html", found, rows=pages[at - 1], at=at, pages=len(pages), counts=counts, only=only)  # fmt: skip

    return await _awaited(request, _keeper(request).survey(), show)


def _paged(rows: Sequence[Row]) -> list[list[Row]]:
    """Cut rows into pages of so many leaflets; a leaflet stays whole."""
    leaflets = list(dict.fromkeys(row.leaflet for row in rows))
    page = {name: at // MOST for at, name in enumerate(leaflets)}
    return [[row for row in rows if page[row.leaflet] == at] for at in range(-(-len(leaflets) // MOST) or 1)]


def steady(text: str) -> Markup:
    """Return a text in which a number in groups, such as a phone number, stays in its order from right to left, too."""
    return Markup(_GROUPS.sub(r'<bdi dir="ltr">\g<0></bdi>', str(escape(text))))  # noqa: S704 - escaped just here


async def differences(request: Request) -> Response:
    """Show what would differ in one PDF, page by page."""
    keeper, path = _keeper(request), request.path_params["path"]

    def show(found: Proposal) -> Response:
        printing = keeper.library.now.offers[path]
        leaflet = catalogue_of(request).leaflets[printing.edition.leaflet]
        problem = page_budget.over(leaflet, printing.format, found.pages)
        return draw(
            request, "keeper-differences.html", file=path, printing=printing, leaflet=leaflet, proposal=found,
            shown=found.differences, over_budget=problem[1] if problem else "", said=words.said,
            steady=steady, most=MOST,
        )  # fmt: skip

    return await _awaited(request, keeper.proposal(path), show)


async def picture(request: Request) -> Response:
    """Send one page of a comparison as a picture."""
    keeper, at, side = _keeper(request), number_of(request.path_params["at"]), request.path_params["side"]
    pages = (await keeper.proposal(request.path_params["path"])).differences.pages
    there = pages[at : at + 1] if at is not None and side in ("before", "after") else ()
    shown: Picture | None = next((getattr(pair, side) for pair in there), None)
    if shown is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    return Response(shown.png, media_type="image/png")


async def begin(request: Request) -> Response:
    """Begin a build; or show the one that is running."""
    begun = await asyncio.to_thread(_keeper(request).builds.start)
    return RedirectResponse("/keeper" if begun else "/keeper?already", HTTPStatus.SEE_OTHER)


async def progress(request: Request) -> Response:
    """Say how the build goes: a part of a page, for our own script."""
    keeper: Keeper = request.app.state.keeper
    return draw(request, "keeper-progress.html", progress=keeper.builds.now)


def _drawn(request: Request, template: str, found: Survey, **values: Any) -> Response:
    say = words_of(request)
    titles = partial(_title, found, say.language)
    shared: dict[str, Any] = {
        "survey": found,
        "title_of": titles,
        "reason": partial(reason, say),
        "most": MOST,
        "State": State,
    }
    return draw(request, template, **shared, **values)


def _offers(request: Request) -> Mapping[str, Printing]:
    return desk_of(request).library.now.offers


def _title(found: Survey, language: str, leaflet: str) -> str:
    """Return the title of a leaflet in a language, or else in its first; its name where it has none."""
    titles = found.titles.get(leaflet, {})
    return titles.get(language) or next(iter(titles.values()), leaflet)


def reason(say: Words, why: Reason) -> str:
    """Return why a PDF has to be rendered, in the language of the desk."""
    name = "reason_tool" if why.of_tool else f"reason_{why.kind.replace('-', '_')}"
    return say(name, file=why.subject)


ROUTES = [
    Route("/keeper", plan),
    Route("/keeper/findings", findings),
    Route("/keeper/matrix", matrix),
    Route("/keeper/build", begin, methods=["POST"]),
    Route("/keeper/progress", progress),
    Route("/keeper/differences/{path:path}", differences),
    Route("/keeper/picture/{at}/{side}/{path:path}", picture),
]
