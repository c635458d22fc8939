"""The state of each translation in passages; what is to be translated as a file, and what comes back, looked at before it is taken over."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.desk import history, people
from pdfkit_cli.desk.file_words import leaflet_title
from pdfkit_cli.desk.history import Deed, HistoryEntry
from pdfkit_cli.desk.keeper import MAX_ROWS, keeper_state, render_page
from pdfkit_cli.desk.library_writes import write_library
from pdfkit_cli.desk.settings import DeskRole
from pdfkit_cli.desk.templating import (
    ProblemError,
    chosen_phrases,
    clinic_base,
    current_library,
    parse_page_number,
)
from pdfkit_cli.errors import Finding, SourceError
from pdfkit_cli.system.caching import BoundedCache
from pdfkit_cli.translation import exports, imports
from pdfkit_cli.translation.exchange import MAX_FILE_BYTES, ReturnedLeaflet
from pdfkit_cli.translation.imports import Imported
from pdfkit_cli.translation.units import State, Work, find_work, progress

MAX_RETURNED: Final = 4
"""Files that wait for somebody to take them over; they are forgotten when the desk ends."""

MAX_CHANGES: Final = 200
"""Changed passages that are shown."""

_MEDIA_TYPES: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "po": "text/x-gettext-translation",
}

States: TypeAlias = Counter[State]


class TranslationState:
    """What these pages share: the files that were looked at, by their digests, and how far each translation is."""

    def __init__(self) -> None:
        self.returned: BoundedCache[str, ReturnedLeaflet] = BoundedCache(MAX_RETURNED)
        self._progress: BoundedCache[tuple[str, ...], States] = BoundedCache(10_000)

    def progress(self, library: Library, leaflet: LeafletEntry, language: str) -> States | None:
        """Return how many passages are in each state; None if a text or its record cannot be read."""
        texts = (leaflet.original, leaflet.translations.get(language))
        digests = [text.source.digest if text else "" for text in texts]
        record = leaflet.made_from[1].digest if leaflet.made_from else ""
        key = (leaflet.name, language, record, *digests)
        if key not in self._progress:
            try:
                self._progress[key] = progress(find_work(library, leaflet.name, language))
            except SourceError:
                return None
        return self._progress[key]


@dataclass(frozen=True, slots=True)
class TranslationRow:
    """A leaflet, and how far its translation into each language is; None where a text cannot be read."""

    leaflet: str
    source: str
    states: Mapping[str, States | None]
    """By language, for those with a file."""


def _state(request: Request) -> TranslationState:
    found: TranslationState = request.app.state.translations
    return found


async def translations_page(request: Request) -> Response:
    """Show how far each leaflet is translated into each language of the library."""
    keeper_state(request)
    library = current_library(request)
    names = sorted(name for name, leaflet in library.leaflets.items() if leaflet.in_use)
    pages = max(1, -(-len(names) // MAX_ROWS))
    at = min(parse_page_number(request.query_params.get("page", "")) or 1, pages)
    shown = names[(at - 1) * MAX_ROWS : at * MAX_ROWS]
    rows = await run_in_threadpool(_rows, _state(request), library, shown)
    say = chosen_phrases(request)
    titles = {name: leaflet_title(say, library.leaflets[name]) for name in shown}
    return render_page(
        request, "keeper-translations.html", rows=rows, titles=titles, at=at, pages=pages,
        languages=library.settings.languages, may_edit=people.may(request, DeskRole.KEEPER),
    )  # fmt: skip


def _rows(state: TranslationState, library: Library, names: Sequence[str]) -> list[TranslationRow]:
    rows = []
    for name in names:
        leaflet = library.leaflets[name]
        source = leaflet.model.source_language
        others = (language for language in library.settings.languages if language != source)
        known = [language for language in others if f"{language}.md" in library.listed[f"content/{name}"]]
        rows.append(TranslationRow(name, source, {each: state.progress(library, leaflet, each) for each in known}))
    return rows


def _work(request: Request) -> Work:
    """Return the leaflet and the language of the address. Raises ProblemError if they cannot be translated."""
    library = current_library(request)
    name, language = request.path_params["leaflet"], request.path_params["language"]
    leaflet = library.leaflets.get(name)
    if (
        leaflet is None
        or language not in library.settings.languages
        or language == leaflet.model.source_language
        or leaflet.source.name in library.held
    ):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    try:
        return find_work(library, name, language)
    except SourceError:
        raise ProblemError("translation_broken", HTTPStatus.CONFLICT) from None


async def translation_page(request: Request) -> Response:
    """Show how far one translation is, with its files to fetch, and the form for one that comes back."""
    people.require(request, DeskRole.KEEPER)
    return _show(request, await run_in_threadpool(_work, request))


def _show(
    request: Request,
    work: Work,
    problem: str = "",
    findings: Sequence[Finding] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    say, name = chosen_phrases(request), work.leaflet.name
    entries = history.read_history(current_library(request).root, "content", name)
    own = [each for each in reversed(entries) if each.did is Deed.TRANSLATED and each.language == work.language]
    return render_page(
        request, "keeper-translation.html", status, work=work, title=leaflet_title(say, work.leaflet),
        states=progress(work), passage_states=tuple(State), formats=exports.WRITERS, problem=problem, findings=findings,
        entries=own, imported="imported" in request.query_params,
    )  # fmt: skip


async def translation_file(request: Request) -> Response:
    """Send what is to be translated, or all of it, as a file for a translator."""
    people.require(request, DeskRole.KEEPER)
    work, format = await run_in_threadpool(_work, request), request.path_params["format"]
    if format not in exports.WRITERS:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    name, language, everything = work.leaflet.name, work.language, "all" in request.query_params
    try:
        done = await run_in_threadpool(
            exports.export_leaflet, current_library(request), name, language, everything, format
        )
    except SourceError as error:
        return _show(request, work, "translation_unsendable", error.findings, HTTPStatus.CONFLICT)
    if not done.units:
        return _show(request, work, "translation_current", status=HTTPStatus.CONFLICT)
    file = f"{name}.{language}.{exports.ENDINGS.get(format, format)}"
    return Response(
        done.data,
        media_type=_MEDIA_TYPES.get(format, "application/xliff+xml"),
        headers={"content-disposition": f'attachment; filename="{file}"'},
    )


async def look_at_returned(request: Request) -> Response:
    """Show what a file from a translator would change, and what of it is refused."""
    people.require(request, DeskRole.KEEPER)
    await run_in_threadpool(keeper_state(request).library.refresh)
    work = await run_in_threadpool(_work, request)
    async with request.form(max_files=1, max_fields=1) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return _show(request, work, "translation_no_file", status=HTTPStatus.BAD_REQUEST)
        data, name = await upload.read(MAX_FILE_BYTES + 1), upload.filename
    if len(data) > MAX_FILE_BYTES:
        raise ProblemError("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        found = await run_in_threadpool(imports.read_returned_bytes, data, name)
    except SourceError as error:
        return _show(request, work, "translation_unreadable", error.findings, HTTPStatus.BAD_REQUEST)
    wanted = work.leaflet.name, work.language
    returned = next((each for each in found if (each.leaflet, each.language) == wanted), None)
    if returned is None:
        return _show(request, work, "translation_other", status=HTTPStatus.BAD_REQUEST)
    digest = yaml_source.sha256_hex(data)
    _state(request).returned[digest] = returned
    return await _preview(request, work, digest, returned)


async def _preview(
    request: Request, work: Work, digest: str, returned: ReturnedLeaflet, problem: str = "", status: int = HTTPStatus.OK
) -> Response:
    try:
        done = await run_in_threadpool(imports.apply_returned, work, returned)
    except SourceError as error:
        return _show(request, work, "translation_unreadable", error.findings, HTTPStatus.BAD_REQUEST)
    changes = list(changed_passages(work.ours.source.text if work.ours else "", done.text or ""))
    return render_page(
        request, "keeper-translation-look.html", status, work=work, problem=problem, done=done, file=digest,
        bound=_bound(work, done), title=leaflet_title(chosen_phrases(request), work.leaflet),
        changes=changes[:MAX_CHANGES], more=len(changes) - MAX_CHANGES,
    )  # fmt: skip


def changed_passages(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield each run of lines that differs, before and after; nothing if nothing is to be written (`after` is empty)."""
    old, new = before.splitlines(), after.splitlines()
    for tag, a, a_end, b, b_end in SequenceMatcher(None, old, new, False).get_opcodes() if after else ():
        if tag != "equal":
            yield "\n".join(old[a:a_end]).strip(), "\n".join(new[b:b_end]).strip()


def _bound(work: Work, done: Imported) -> str:
    """Return the digest of what somebody has looked at: the text as it was, as it is to be, and what it is recorded to be made from."""
    seen = (work.ours.source.digest if work.ours else "", done.text, done.record)
    return yaml_source.sha256_hex(repr(seen).encode())


async def take_over(request: Request) -> Response:
    """Take over what was looked at, if neither the library nor the file has changed since."""
    who = people.require(request, DeskRole.KEEPER)
    async with request.form(max_files=0, max_fields=2) as form:
        sent = {name: str(value) for name, value in form.items()}
    keeper = keeper_state(request)
    await run_in_threadpool(keeper.library.refresh)
    work = await run_in_threadpool(_work, request)
    returned = _state(request).returned.get(sent.get("file", ""))
    if returned is None or (returned.leaflet, returned.language) != (work.leaflet.name, work.language):
        return _show(request, work, "translation_again", status=HTTPStatus.CONFLICT)
    try:
        done = await run_in_threadpool(imports.apply_returned, work, returned)
    except SourceError as error:
        return _show(request, work, "translation_unreadable", error.findings, HTTPStatus.CONFLICT)
    if sent.get("bound") != _bound(work, done) or done.record is None:
        return await _preview(request, work, sent["file"], returned, "translation_changed", HTTPStatus.CONFLICT)
    library = current_library(request)
    now = datetime.now().astimezone().replace(microsecond=0)
    entry = HistoryEntry(when=now, who=who, did=Deed.TRANSLATED, language=work.language)

    def write() -> None:
        history.load_history(library.root, "content", work.leaflet.name)  # before anything is written
        try:
            imports.import_leaflet(library, returned)
        except SourceError:
            raise ProblemError("translation_changed", HTTPStatus.CONFLICT) from None
        history.add_entries(library.root, "content", work.leaflet.name, [entry])

    await run_in_threadpool(write_library, keeper, write)
    return RedirectResponse(f"{_address(request, work)}?imported", HTTPStatus.SEE_OTHER)


def _address(request: Request, work: Work) -> str:
    return f"{clinic_base(request)}/keeper/translations/{work.leaflet.name}/{work.language}"


ROUTES = [
    Route(f"{before}/keeper/translations{path}", page, methods=[method])
    for before in ("", "/{clinic}")
    for path, page, method in (
        ("", translations_page, "GET"),
        ("/{leaflet}/{language}", translation_page, "GET"),
        ("/{leaflet}/{language}", look_at_returned, "POST"),
        ("/{leaflet}/{language}/take-over", take_over, "POST"),
        ("/{leaflet}/{language}/{format}", translation_file, "GET"),
    )
]
