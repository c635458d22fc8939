"""Personal fields filled in for the one at the counter: checked, rendered at once, and kept nowhere."""

from collections.abc import Mapping
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pdfkit_cli import editions, personal
from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.desk import making
from pdfkit_cli.desk.library import Library
from pdfkit_cli.desk.offers import printable
from pdfkit_cli.desk.page import ProblemError, desk_of, words_of
from pdfkit_cli.desk.queueing import FullError, Queue
from pdfkit_cli.editions import Printing
from pdfkit_cli.personal import Asked, PersonalError, UnprintedError

MOST = 40
"""Fields of one form."""

AT_ONCE, WAITING = 2, 10
"""Forms that are rendered at the same time, and that wait for it."""

RETRY = 30
"""Seconds to wait where all places are taken."""


def queue() -> Queue:
    """Return the queue of one desk."""
    return Queue(AT_ONCE, WAITING)


def asked(catalogue: Catalogue, printing: Printing, language: str) -> tuple[Asked, ...]:
    """Return what a form asks for; nothing for a leaflet without personal fields."""
    if not catalogue.leaflets[printing.edition.leaflet].model.personal:
        return ()
    return personal.asked(catalogue, editions.resolve(catalogue, printing.edition), language)


async def fill(request: Request) -> Response:
    """Answer with the PDF of one patient, or with what is wrong in each field. What was typed is in no answer but the PDF."""
    printing, library = printable(request, request.path_params["path"]), desk_of(request).library
    async with request.form(max_files=0, max_fields=MOST) as form:
        typed = {name: str(value) for name, value in form.items()}
    try:
        async with desk_of(request).filling.turn():
            printing = printable(request, printing.path)  # while it waited, it may have been withdrawn
            await making.current(library, printing)  # what cannot be published cannot be filled in either
            pdf = await to_thread.run_sync(_filled, library, printing, typed)
    except FullError:
        raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=RETRY) from None
    except PersonalError as error:
        say = words_of(request)
        wrong = {problem.field: problem.words(say.language) for problem in error.problems}
        answer = {"problem": "personal_wrong", "message": say("personal_wrong"), "fields": wrong}
        return JSONResponse(answer, HTTPStatus.UNPROCESSABLE_ENTITY)
    except UnprintedError:
        raise ProblemError("personal_failed", HTTPStatus.SERVICE_UNAVAILABLE) from None
    return Response(pdf, media_type="application/pdf")


def _filled(library: Library, printing: Printing, typed: Mapping[str, str]) -> bytes:
    workshop = library.now.workshop
    assert workshop
    edition = editions.resolve(workshop.library, printing.edition)
    filled = personal.fill(edition, typed, library.today)
    return personal.render(workshop.layouts, filled, printing.format, making.SECONDS)


ROUTES = [Route("/personal/{path:path}", fill, methods=["POST"])]
