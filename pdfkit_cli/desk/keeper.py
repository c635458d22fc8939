"""The keeper's pages: what a build would do, all findings, the state of each edition, and what would differ in a PDF.

The keeper is the person who maintains the library; these pages are under `/keeper`.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeVar

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.build import output_folder, pipeline
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.desk import diff_preview, isolated_task
from pdfkit_cli.desk.async_cache import AsyncCache
from pdfkit_cli.desk.background_builds import BackgroundBuilds
from pdfkit_cli.desk.diff_preview import DiffPreview, DiffTask
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.library_status import EditionState, LibraryStatus, MatrixRow, library_status
from pdfkit_cli.desk.templating import (
    ProblemError,
    chosen_phrases,
    current_library,
    parse_page_number,
    render_template,
)
from pdfkit_cli.errors import PdfkitError, Problem
from pdfkit_cli.output.fingerprints import RebuildReason
from pdfkit_cli.pdf.compare import PageImage
from pdfkit_cli.pdf.reader import words

STATUS_SECONDS: Final = 600.0
"""Seconds that `library_status` may take: with 10,000 texts it takes minutes."""

WAIT_SECONDS: Final = 1.5
"""Seconds after which a page that is not ready is answered with a waiting page."""

MAX_ROWS: Final = 40
"""Leaflets on one page of the table, and lines of a list before it is cut off."""

_GROUPS: Final = re.compile(r"\+?\d+(?:\s\d+)+")


class KeeperState:
    """What the keeper's pages share: the latest status, the latest comparisons, and the build."""

    def __init__(self, library: LibraryState) -> None:
        self.library = library
        self.builds = BackgroundBuilds(self._request)
        self._statuses: AsyncCache[LibraryStatus] = AsyncCache(1)
        self._previews: AsyncCache[DiffPreview] = AsyncCache(4)
        self._last: LibraryStatus | None = None

    def close(self) -> None:
        """End a build that is running."""
        self.builds.close()

    def _request(self) -> pipeline.BuildRequest:
        return replace(self.library.request, as_of=self.library.today)

    async def status(self) -> LibraryStatus:
        """Return the status of the library and the output folder; during a build, the one from before it."""
        if self._last is None or not self.builds.now.running:
            request = self._request()
            stamps = tuple(
                _stamp(request.out / name)
                for name in (output_folder.MANIFEST_NAME, f"{output_folder.WORK_FOLDER}/{output_folder.JOURNAL_NAME}")
            )
            key = self.library.now.number, stamps, request.as_of
            self._last = await self._statuses.get(
                key,
                partial(
                    isolated_task.run_isolated, library_status, request, STATUS_SECONDS, stop=self.library.ended.is_set
                ),
            )
        return self._last

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


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


Answer = TypeVar("Answer")


async def _show_when_ready(request: Request, answer: Awaitable[Answer], show: Callable[[Answer], Response]) -> Response:
    """Show an answer, or a waiting page if it takes long, or what went wrong."""
    try:
        return show(await asyncio.wait_for(answer, WAIT_SECONDS))
    except TimeoutError:
        return render_template(request, "keeper-wait.html", HTTPStatus.ACCEPTED)
    except ProblemError:
        raise
    except PdfkitError as error:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        problem = Problem(str(error), code=error.code)
        return render_template(request, "keeper-trouble.html", status, problem=problem)


def _keeper_state(request: Request) -> KeeperState:
    current_library(request)  # raises ProblemError for a broken library, which shows its findings
    keeper: KeeperState = request.app.state.keeper
    return keeper


async def plan_page(request: Request) -> Response:
    """Show what a build would do, with the button to start it."""
    keeper = _keeper_state(request)

    def show(found: LibraryStatus) -> Response:
        already = "already" in request.query_params
        return _render_found(
            request,
            "keeper.html",
            found,
            progress=keeper.builds.now,
            already=already,
            output_keys=keeper.library.now.output_keys,
        )

    return await _show_when_ready(request, keeper.status(), show)


async def findings_page(request: Request) -> Response:
    """Show all findings, grouped by leaflet."""
    return await _show_when_ready(
        request, _keeper_state(request).status(), partial(_render_found, request, "keeper-findings.html")
    )


async def matrix_page(request: Request) -> Response:
    """Show the state of each edition: a row per leaflet and language, a column per clinic."""

    def show(found: LibraryStatus) -> Response:
        only = "attention" in request.query_params
        rows = [row for row in found.rows if not only or any(cell and cell.states != (EditionState.CURRENT,) for cell in row.cells)]  # fmt: skip
        pages = _paginate(rows)
        at = min(parse_page_number(request.query_params.get("page", "")) or 1, len(pages))
        counts = Counter(cell.states[0] for row in found.rows for cell in row.cells if cell)
        return _render_found(request, "keeper-matrix.html", found, rows=pages[at - 1], at=at, pages=len(pages), counts=counts, only=only)  # fmt: skip

    return await _show_when_ready(request, _keeper_state(request).status(), show)


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
    keeper, path = _keeper_state(request), request.path_params["path"]

    def show(found: DiffPreview) -> Response:
        output_key = keeper.library.now.output_keys[path]
        leaflet = current_library(request).leaflets[output_key.edition.leaflet]
        budget = leaflet.model.pages.get(output_key.format, found.pages)
        return render_template(
            request, "keeper-differences.html", file=path, output_key=output_key, leaflet=leaflet, preview=found,
            shown=found.differences, budget=budget, said=words.words_as_text,
            steady=keep_number_order, most=MAX_ROWS,
        )  # fmt: skip

    return await _show_when_ready(request, keeper.preview(path), show)


async def comparison_image(request: Request) -> Response:
    """Send one page of a comparison as an image."""
    keeper, at, side = _keeper_state(request), parse_page_number(request.path_params["at"]), request.path_params["side"]
    pages = (await keeper.preview(request.path_params["path"])).differences.pages
    there = pages[at : at + 1] if at is not None and side in ("before", "after") else ()
    shown: PageImage | None = next((getattr(pair, side) for pair in there), None)
    if shown is None:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    return Response(shown.png, media_type="image/png")


async def begin_build(request: Request) -> Response:
    """Start a build, unless one is running."""
    begun = await asyncio.to_thread(_keeper_state(request).builds.start)
    return RedirectResponse("/keeper" if begun else "/keeper?already", HTTPStatus.SEE_OTHER)


async def build_progress(request: Request) -> Response:
    """Send the progress of the build: a fragment of a page, for our own script."""
    keeper: KeeperState = request.app.state.keeper
    return render_template(request, "keeper-progress.html", progress=keeper.builds.now)


def _render_found(request: Request, template: str, found: LibraryStatus, **values: Any) -> Response:
    say = chosen_phrases(request)
    titles = partial(_title, found, say.language)
    shared: dict[str, Any] = {
        "library_status": found,
        "title_of": titles,
        "reason": partial(reason_text, say),
        "most": MAX_ROWS,
        "State": EditionState,
    }
    return render_template(request, template, **shared, **values)


def _title(found: LibraryStatus, language: str, leaflet: str) -> str:
    """Return the title of a leaflet in a language, or else in its first; its name if it has none."""
    titles = found.titles.get(leaflet, {})
    return titles.get(language) or next(iter(titles.values()), leaflet)


def reason_text(say: Translator, why: RebuildReason) -> str:
    """Return why a PDF must be rendered, in the language of the desk."""
    name = "reason_tool" if why.of_tool else f"reason_{why.kind.replace('-', '_')}"
    return say(name, file=why.subject)


ROUTES = [
    Route("/keeper", plan_page),
    Route("/keeper/findings", findings_page),
    Route("/keeper/matrix", matrix_page),
    Route("/keeper/build", begin_build, methods=["POST"]),
    Route("/keeper/progress", build_progress),
    Route("/keeper/differences/{path:path}", differences_page),
    Route("/keeper/picture/{at}/{side}/{path:path}", comparison_image),
]
