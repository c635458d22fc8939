"""Read a leaflet page by page, remark on its passages, and approve what was read, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pdfkit_cli.content import loader, yaml_edit, yaml_source
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.library import LeafletEntry, Library, Translation
from pdfkit_cli.content.models import FrontMatter, Leaflet, Status, Variant, format_order
from pdfkit_cli.content.segments import Segment
from pdfkit_cli.desk import history, on_demand_build, page_images, people
from pdfkit_cli.desk.file_words import leaflet_title
from pdfkit_cli.desk.history import Deed, HistoryEntry
from pdfkit_cli.desk.keeper import keeper_state, render_page
from pdfkit_cli.desk.library_state import LibrarySnapshot
from pdfkit_cli.desk.library_writes import write_library
from pdfkit_cli.desk.settings import DeskRole
from pdfkit_cli.desk.sign_in import MAX_FORM_FIELDS
from pdfkit_cli.desk.templating import (
    ProblemError,
    chosen_phrases,
    clinic_base,
    current_library,
    desk_state,
    parse_page_number,
)
from pdfkit_cli.errors import SourceError
from pdfkit_cli.output.catalogue.cards import translation_labels
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.output.published_file import AlteredPdfError
from pdfkit_cli.system.caching import BoundedCache

MAX_WORDS: Final = 2000
"""Characters of a remark."""

EXCERPT: Final = 80
"""Characters of a passage that are shown and kept with a remark."""

MAX_READINGS: Final = 1000
"""Readings whose pages are remembered."""

CODE: Final = 8
"""Characters of the digest of an edition that are printed at its foot."""


class ReadPages:
    """Which pages somebody has opened of what; forgotten when the desk ends."""

    def __init__(self) -> None:
        self._seen = BoundedCache[tuple[str, str], frozenset[int]](MAX_READINGS)

    def open(self, who: str, bound: str, page: int) -> None:
        """Note that somebody has opened a page of a reading, which is named by its digest."""
        self._seen[who, bound] = self.of(who, bound) | {page}

    def of(self, who: str, bound: str) -> frozenset[int]:
        """Return the pages that somebody has opened."""
        return self._seen.get((who, bound), frozenset())


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: a text of a leaflet, and the sheet of one clinic that shows it."""

    leaflet: LeafletEntry
    text: Translation
    output_key: OutputKey
    entry: ManifestEntry

    @property
    def bound(self) -> str:
        """The digest that an approval is bound to: the pages, as bytes, and the leaflet's file."""
        return yaml_source.sha256_hex(f"{self.leaflet.source.digest} {self.entry.sha256}".encode())

    @property
    def original(self) -> bool:
        """Whether it is the text in the source language, with which the leaflet is approved."""
        return self.text is self.leaflet.original

    def is_done(self, today: date, soon: int) -> bool:
        """Return whether there is nothing to approve: an approved original whose review is not due, or a reviewed translation."""
        model = self.leaflet.model
        if not self.original:
            return not self.leaflet.is_unreviewed(self.text.language)
        return self.leaflet.status is Status.APPROVED and bool(
            model.review_by and (model.review_by - today).days > soon
        )

    @property
    def passages(self) -> list[Segment]:
        """The passages of the text that have words."""
        return [segment for segment in self.text.segments if segment.words]


async def _reading(request: Request) -> Reading:
    """Return what is asked for, with a sheet that is up to date, built first if necessary. Raises ProblemError."""
    state, name = keeper_state(request).library, request.path_params["leaflet"]
    leaflet = current_library(request).leaflets.get(name)
    if leaflet is None or leaflet.source.name in current_library(request).held:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    language = request.query_params.get("language") or leaflet.model.source_language
    output_key = _sheet(state.now, leaflet, language)
    if output_key is None or language not in leaflet.translations:
        raise ProblemError("review_no_sheet", HTTPStatus.NOT_FOUND)
    entry = await on_demand_build.current_entry(state, output_key)
    return Reading(leaflet, leaflet.translations[language], output_key, entry)


def _sheet(snapshot: LibrarySnapshot, leaflet: LeafletEntry, language: str) -> OutputKey | None:
    """Return the PDF in which a text is read: that of the owner if it hands it out, in the first format for paper."""
    assert snapshot.project
    formats = snapshot.project.layouts.formats
    found = [
        key
        for (_, name), keys in snapshot.editions.items()
        for key in keys
        if name == leaflet.name and key.edition.language == language and key.edition.variant == Variant.FULL
    ]

    def rank(key: OutputKey) -> tuple[object, ...]:
        form = formats[key.format]
        clinic = key.edition.clinic
        return (
            clinic != leaflet.model.owner,
            clinic,
            not form.office_printer,
            form.one_page,
            format_order(formats, key.format),
        )

    return min(found, key=rank, default=None)


async def review_page(request: Request) -> Response:
    """Show one page of a leaflet, its remarks and history, and after the last page the form that approves it."""
    people.require(request, DeskRole.REVIEWER)
    return await _show(request, await _reading(request))


async def _show(request: Request, reading: Reading, problem: str = "", status: int = HTTPStatus.OK) -> Response:
    who, say, state = people.require(request, DeskRole.REVIEWER), chosen_phrases(request), keeper_state(request)
    page = parse_page_number(request.query_params.get("page", "")) or 1
    page = max(1, min(page, reading.entry.pages))
    read: ReadPages = request.app.state.read_pages
    read.open(who, reading.bound, page)
    entries = await run_in_threadpool(_history, current_library(request), reading.leaflet.name)
    own = (Deed.REMARKED, Deed.SETTLED, Deed.REVIEWED, Deed.TRANSLATED)
    return render_page(
        request,
        "keeper-review.html",
        status,
        reading=reading,
        title=leaflet_title(say, reading.leaflet),
        page=page,
        done=reading.is_done(state.library.today, current_library(request).settings.checks.review_soon),
        asked="" if reading.original else f"language={reading.text.language}&",
        link=_whole_address(request, _address(request, reading)),
        unseen=sorted(set(range(1, reading.entry.pages + 1)) - read.of(who, reading.bound)),
        remarks=history.open_remarks(entries, reading.text.language),
        passages={segment.digest: shorten(segment.words) for segment in reading.passages},
        entries=[each for each in reversed(entries) if each.did not in own or each.language == reading.text.language],
        stale="stale" in translation_labels(reading.leaflet, reading.text.language),
        version=suggested_version(reading.leaflet.model.version),
        approver=people.may(request, DeskRole.APPROVER),
        approved="approved" in request.query_params,
        problem=problem,
        code=reading.entry.digest[:CODE],
    )


def shorten(words: str) -> str:
    """Return the beginning of a passage."""
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT].rstrip()}…"


def suggested_version(version: str) -> str:
    """Return the version under which a leaflet may be approved: 1.0 for one that never was."""
    return "1.0" if version.split(".")[0].strip("0") == "" else version


def _history(library: Library, name: str) -> tuple[HistoryEntry, ...]:
    return history.read_history(library.root, "content", name)


def _address(request: Request, reading: Reading, **more: object) -> str:
    asked = {} if reading.original else {"language": reading.text.language}
    query = urlencode(asked | more)
    return f"{clinic_base(request)}/keeper/review/{reading.leaflet.name}{f'?{query}' if query else ''}"


def _whole_address(request: Request, path: str) -> str:
    """Return an address to send to somebody, as browsers reach the desk."""
    url = request.base_url
    scheme = "https" if desk_state(request).settings.https else url.scheme
    return f"{scheme}://{url.netloc}{path}"


async def review_image(request: Request) -> Response:
    """Send one page as an image, if it is still the one that was asked for."""
    people.require(request, DeskRole.REVIEWER)
    reading = await _reading(request)
    page = parse_page_number(request.path_params["page"])
    if page is None or request.query_params.get("v") != reading.entry.sha256:
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND)
    path = keeper_state(request).library.file(reading.output_key.path, reading.entry)
    width = max(page_images.IMAGE_WIDTHS)
    try:
        png = await run_in_threadpool(page_images.page_image, path, reading.entry.sha256, page, width)
    except (IndexError, AlteredPdfError, OSError):
        raise ProblemError("not_found", HTTPStatus.NOT_FOUND) from None
    return Response(png, media_type="image/png")


async def _form(request: Request) -> Mapping[str, str]:
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as form:
        return {name: str(value).strip() for name, value in form.items()}


def _entry(who: str, did: Deed, reading: Reading, **values: Any) -> HistoryEntry:
    now = datetime.now().astimezone().replace(microsecond=0)
    return HistoryEntry(when=now, who=who, did=did, language=reading.text.language, **values)


async def add_remark(request: Request) -> Response:
    """Keep a remark on a passage, or on the leaflet."""
    who, form = people.require(request, DeskRole.REVIEWER), await _form(request)
    reading, words = await _reading(request), form.get("words", "")
    if not words or len(words) > MAX_WORDS:
        return await _show(request, reading, "remark_words", HTTPStatus.BAD_REQUEST)
    passage = next((each for each in reading.passages if each.digest == form.get("passage")), None)
    place = {"passage": passage.digest, "excerpt": shorten(passage.words)} if passage else {}
    return await _add(request, reading, _entry(who, Deed.REMARKED, reading, words=words, **place))


async def settle_remark(request: Request) -> Response:
    """Note that a remark has been dealt with."""
    who, form = people.require(request, DeskRole.REVIEWER), await _form(request)
    reading = await _reading(request)
    entries = await run_in_threadpool(_history, current_library(request), reading.leaflet.name)
    found = next((each for each in history.open_remarks(entries, reading.text.language) if each.name == form.get("remark")), None)  # fmt: skip
    if found is None:
        return RedirectResponse(_address(request, reading), HTTPStatus.SEE_OTHER)
    return await _add(request, reading, _entry(who, Deed.SETTLED, reading, remark=found.name, words=found.words))


async def _add(request: Request, reading: Reading, entry: HistoryEntry) -> Response:
    keeper, root = keeper_state(request), current_library(request).root
    await run_in_threadpool(
        write_library, keeper, partial(history.add_entries, root, "content", reading.leaflet.name, [entry])
    )
    page = parse_page_number(request.query_params.get("page", "")) or 1
    return RedirectResponse(_address(request, reading, page=page), HTTPStatus.SEE_OTHER)


async def approve(request: Request) -> Response:
    """Approve a leaflet, or mark a translation as reviewed, if it still is what was read. Refuse with the reason otherwise."""
    who, form = people.require(request, DeskRole.APPROVER), await _form(request)
    keeper, library = keeper_state(request), current_library(request)
    await run_in_threadpool(keeper.library.refresh)
    reading = await _reading(request)
    read: ReadPages = request.app.state.read_pages
    entries = await run_in_threadpool(_history, library, reading.leaflet.name)
    if form.get("bound") != reading.bound:
        return await _show(request, reading, "review_changed", HTTPStatus.CONFLICT)
    if len(read.of(who, reading.bound)) < reading.entry.pages:
        return await _show(request, reading, "review_unseen", HTTPStatus.CONFLICT)
    if history.open_remarks(entries, reading.text.language):
        return await _show(request, reading, "review_remarks", HTTPStatus.CONFLICT)
    if "stale" in translation_labels(reading.leaflet, reading.text.language):
        return await _show(request, reading, "review_stale", HTTPStatus.CONFLICT)
    if reading.is_done(keeper.library.today, library.settings.checks.review_soon):
        return await _show(request, reading, "review_done", HTTPStatus.CONFLICT)
    edit, problem = _edit(reading, form, keeper.library.today)
    if edit is None:
        return await _show(request, reading, problem, HTTPStatus.BAD_REQUEST)
    did = Deed.APPROVED if reading.original else Deed.REVIEWED
    values = {"version": form.get("version", ""), "review_by": form.get("review_by", "")} if reading.original else {}
    entry = _entry(who, did, reading, text=reading.text.text_digest, edition=reading.entry.digest[:CODE], **values)

    def write() -> None:
        source = reading.leaflet.source if reading.original else reading.text.source
        name = "leaflet.yaml" if reading.original else f"{reading.text.language}.md"
        path = library.root / "content" / reading.leaflet.name / name
        if yaml_source.read_text(path, path.as_posix(), library.root).digest != source.digest:
            raise ProblemError("review_changed", HTTPStatus.CONFLICT)
        history.add_entries(library.root, "content", reading.leaflet.name, [entry])
        yaml_edit.write_file(path, edit)

    await run_in_threadpool(write_library, keeper, write)
    return RedirectResponse(_address(request, reading, approved=1), HTTPStatus.SEE_OTHER)


def _edit(reading: Reading, form: Mapping[str, str], today: date) -> tuple[str | None, str]:
    """Return the text of the file with the approval in it, or the phrase of what is wrong with the form."""
    if not reading.original:
        return _reviewed(reading.text), "review_version"
    try:
        review_by = date.fromisoformat(form.get("review_by", ""))
    except ValueError:
        return None, "review_day"
    if review_by <= today:
        return None, "review_day"
    return _approved(reading, form.get("version", ""), today, review_by), "review_version"


def _approved(reading: Reading, version: str, today: date, review_by: date) -> str | None:
    """Return the text of leaflet.yaml, approved; None if it would not be that, or no longer what it was."""
    leaflet, text = reading.leaflet, reading.text.short_digest
    values = {
        "version": version,
        "status": "approved",
        "reviewed": today,
        "review_by": review_by,
        "approved_text": text,
    }
    if version != leaflet.model.version:
        values["date"] = today
    edited = yaml_edit.replace_values(leaflet.source.text, {(name,): value for name, value in values.items()}, "status")
    expected = leaflet.model.model_copy(update={**values, "status": Status.APPROVED})
    source = yaml_source.SourceFile(leaflet.source.name, edited, "")
    try:
        found = yaml_source.validate_model(Leaflet, source, yaml_source.parse_yaml(source))
    except SourceError:
        return None
    return edited if found == expected else None


def _reviewed(text: Translation) -> str | None:
    """Return the text of a translation that is marked as reviewed; None if it would change in any other way."""
    head, body, _ = loader.split_front_matter(text.source)
    values = {"translation": "reviewed", "reviewed_text": text.short_digest}
    edited = yaml_edit.replace_values(head, {(name,): value for name, value in values.items()}, "summary")
    source = yaml_source.SourceFile(text.source.name, f"---\n{edited}\n---\n{body}", "")
    found = yaml_source.validate_model(FrontMatter, source, yaml_source.parse_yaml(source, edited, 2))
    same = found == text.front_matter.model_copy(update=values)
    return source.text if same else None


ROUTES = [
    Route(before + "/keeper/review/{leaflet}" + path, page, methods=[method])
    for before in ("", "/{clinic}")
    for path, page, method in (
        ("", review_page, "GET"),
        ("/page/{page}", review_image, "GET"),
        ("/remark", add_remark, "POST"),
        ("/settle", settle_remark, "POST"),
        ("/approve", approve, "POST"),
    )
]
