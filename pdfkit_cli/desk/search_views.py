"""Find a leaflet: the first screen of a clinic, and its search."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdfkit_cli.content.languages.folding import WORD, fold_text
from pdfkit_cli.desk import stars
from pdfkit_cli.desk.cards import clinic_card, leaflet_names, missing_leaflets, state_now
from pdfkit_cli.desk.footer_code import FooterCode, read_footer_code
from pdfkit_cli.desk.search_query import SearchQuery, read_beginning, read_query
from pdfkit_cli.desk.templating import (
    chosen_phrases,
    current_library,
    desk_state,
    parse_page_number,
    render_template,
    requested_clinic,
)
from pdfkit_cli.output.catalogue.cards import LeafletCard

PAGE_OF_RESULTS = 24
"""Leaflets that are shown at once, and by how many more “more” adds: full rows of two, three and four."""

MAX_ELSEWHERE = 6
"""Leaflets of other clinics that are named where a clinic has none."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A leaflet that was found, and the language of the matching text; empty where the usual title explains the match.

    `asked` is the end of its address, with the language and the format that were asked for.
    """

    card: LeafletCard
    language: str
    guess: bool = False
    asked: str = ""


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What a search found, how many leaflets that are, and whether Enter may open the first."""

    found: tuple[SearchResult, ...] = ()
    count: int = 0
    only: bool = False
    subjects: tuple[str, ...] = ()
    """The subjects of all leaflets, where nothing was searched for: to choose from."""


@dataclass(frozen=True, slots=True)
class OtherClinics:
    """A leaflet that this clinic does not hand out: its title, the language of that, and the names of the clinics that do."""

    title: str
    language: str
    clinics: tuple[str, ...]


async def search_page(request: Request) -> Response:
    """Show the search and its results; without a query, the leaflets of the clinic, those that are used most first."""
    library, clinic = current_library(request), requested_clinic(request)
    query = request.query_params.get("q", "").strip()[:200]
    room = max(PAGE_OF_RESULTS, parse_page_number(request.query_params.get("show", "")) or 0)
    sheet = await run_in_threadpool(_footer_code_result, request, query)
    results = SearchResults() if sheet else await run_in_threadpool(_search, request, query, room)
    missing = missing_leaflets(library, clinic.name, desk_state(request).library.manifest.files)
    exact = any(not each.guess for each in results.found)
    return render_template(
        request,
        "home.html",
        query=query,
        subject="" if query else _subject(request),
        subjects=results.subjects,
        sheet=sheet,
        found=results.found[:room],
        count=results.count,
        only=results.only,
        following=results.found[room] if results.count > room else None,
        more_address=f"?{urlencode({**_kept(request, query), 'show': room + PAGE_OF_RESULTS})}",
        stars=stars.starred(request),
        elsewhere=() if sheet or exact or not query else await run_in_threadpool(_elsewhere, request, query),
        missing=missing,
    )


def _subject(request: Request) -> str:
    return request.query_params.get("subject", "")[:200]


def _kept(request: Request, query: str) -> dict[str, str]:
    """Return what the address of more results says again."""
    kept = {"q": query} if query else {"subject": _subject(request)}
    return {name: value for name, value in kept.items() if value}


def _footer_code_result(request: Request, query: str) -> FooterCode | None:
    desk, clinic = desk_state(request), requested_clinic(request)
    return read_footer_code(query, desk.library, clinic.name)


def _search(request: Request, query: str, room: int) -> SearchResults:
    """Return the leaflets to show and one more, and how many there are; a search counts to one more than are shown."""
    snapshot = desk_state(request).library.now
    assert snapshot.project
    languages, formats = snapshot.project.library.settings.languages, snapshot.project.layouts.formats
    if not query:
        return _all(request)
    asked = read_query(query, languages, formats)
    results = _narrowed(request, asked, room)
    if not any(not one.guess for one in results.found) and (likely := read_beginning(query, languages)).is_narrowed:
        likely_results = _narrowed(request, likely, room)
        if any(not one.guess for one in likely_results.found):
            return likely_results
    return results


def _all(request: Request) -> SearchResults:
    """Return the leaflets of the clinic, or those of a subject, and every subject that there is."""
    desk, clinic = desk_state(request), requested_clinic(request)
    snapshot, entries, today = desk.library.now, desk.library.manifest.files, desk.library.today
    cards = (clinic_card(snapshot, clinic.name, name, entries, today) for name in _usual_order(request))
    spoken = chosen_phrases(request).language, clinic.model.language
    found = [(card, card.subject(*spoken)) for card in cards if card]
    subjects = tuple(sorted({subject for _, subject in found if subject}, key=str.casefold))
    chosen = _subject(request)
    shown = tuple(SearchResult(card, "") for card, subject in found if chosen not in subjects or subject == chosen)
    return SearchResults(shown, len(shown), subjects=subjects)


def _narrowed(request: Request, asked: SearchQuery, room: int) -> SearchResults:
    """Return what is found in the language and format asked for; if there is nothing, the rest as guesses."""
    desk, clinic = desk_state(request), requested_clinic(request)
    snapshot, entries, today = desk.library.now, desk.library.manifest.files, desk.library.today
    limit = None if asked.is_narrowed else room + 1
    if asked.words:
        own = chosen_phrases(request).language
        found = snapshot.index.find(asked.words, clinic=clinic.name, limit=limit or len(snapshot.entries), own=own)
        hits = [(hit.leaflet, hit.language, hit.guess) for hit in found]
    else:
        hits = [(name, "", False) for name in _usual_order(request)]
    results = [
        SearchResult(card, "" if _names_all(card, asked.words, request) else language, guess)
        for name, language, guess in hits[:limit]
        if (card := clinic_card(snapshot, clinic.name, name, entries, today))
    ]
    if asked.is_narrowed:
        fitting = [one for one in results if _has(one.card, asked)]
        there = [replace(one, language=asked.language or one.language, asked=_parameters(asked)) for one in fitting]
        results = there or [replace(one, guess=True) for one in results if asked.words]
    count = len(results) if asked.words or asked.is_narrowed else len(hits)
    first = [one for one in results if not one.guess]
    return SearchResults(tuple(results), count, bool(first) and _is_only(first, asked.words))


def _names_all(card: LeafletCard, words: str, request: Request) -> bool:
    """Return whether the title that staff see has everything that was typed: then it needs no second one to explain it."""
    title = card.title(chosen_phrases(request).language, requested_clinic(request).model.language)
    shown, typed = (WORD.findall(fold_text(text)) for text in (title, words))
    return all(any(each.startswith(word) for each in shown) for word in typed)


def _usual_order(request: Request) -> list[str]:
    """Return the leaflets of the clinic: the starred ones, then those that it handed out latest and most, then by title."""
    desk, clinic = desk_state(request), requested_clinic(request)
    snapshot, starred = desk.library.now, stars.starred(request)
    assert snapshot.project
    used = desk.usage.of_clinic(clinic.name)
    names = leaflet_names(snapshot.project.library, clinic.name)
    return sorted(names, key=lambda name: (name not in starred, -used.get(snapshot.entries[name].id, 0.0)))


def _has(card: LeafletCard, asked: SearchQuery) -> bool:
    """Return whether a leaflet is handed out in the language and the format asked for."""
    return any(asked.language in ("", file.language) and asked.format in ("", file.format) for file in card.files)


def _parameters(asked: SearchQuery) -> str:
    values = {"language": asked.language, "format": asked.format}
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _is_only(found: Sequence[SearchResult], words: str) -> bool:
    """Return whether Enter may open the first result: it is the only one, or the one with the id that was typed."""
    return len(found) == 1 or fold_text(words) == fold_text(found[0].card.entry.id)


def _elsewhere(request: Request, query: str) -> tuple[OtherClinics, ...]:
    """Return what other clinics hand out that fits the words, and this one does not."""
    desk, clinic = desk_state(request), requested_clinic(request)
    snapshot, today, own = desk.library.now, desk.library.today, chosen_phrases(request).language
    assert snapshot.project
    library = snapshot.project.library
    words = read_query(query, library.settings.languages, snapshot.project.layouts.formats).words
    found = []
    for hit in snapshot.index.find(words, limit=len(snapshot.entries), own=own):
        leaflet, entry = library.leaflets[hit.leaflet], snapshot.entries[hit.leaflet]
        clinics = sorted(library.clinics[name].model.name for name in entry.clinics)
        if hit.guess or clinic.name in entry.clinics or not clinics or not state_now(library, leaflet, today).printable:
            continue
        titles = {text.language: text.title for text in entry.texts}
        language = next(
            each for each in (own, clinic.model.language, leaflet.model.source_language, *titles) if each in titles
        )
        found.append(OtherClinics(titles[language], language, tuple(clinics)))
    return tuple(found[:MAX_ELSEWHERE])


ROUTES = [Route("/{clinic}/", search_page)]
