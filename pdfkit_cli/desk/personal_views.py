"""Fill in the personal fields of a leaflet for one patient: checked, rendered at once, and stored nowhere."""

from collections.abc import Mapping
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pdfkit_cli.content import editions
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.library import Library
from pdfkit_cli.desk import on_demand_build
from pdfkit_cli.desk.bounded_queue import BoundedQueue, QueueFullError
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.templating import ProblemError, authorised_output, chosen_phrases, desk_state
from pdfkit_cli.rendering import personal_copies
from pdfkit_cli.rendering.personal_copies import PersonalError, PersonalField, PersonalRenderError

MAX_FORM_FIELDS = 40
"""Fields of one form."""

MAX_CONCURRENT, MAX_WAITING = 2, 10
"""Forms that are rendered at the same time, and forms that wait."""

RETRY_AFTER = 30
"""Seconds to wait if the queue is full."""


def personal_queue() -> BoundedQueue:
    """Return the queue of one desk."""
    return BoundedQueue(MAX_CONCURRENT, MAX_WAITING)


def form_fields(library: Library, output_key: OutputKey, language: str) -> tuple[PersonalField, ...]:
    """Return the fields of a leaflet's form; none if it has no personal fields."""
    if not library.leaflets[output_key.edition.leaflet].model.personal:
        return ()
    return personal_copies.personal_fields(library, editions.resolve_edition(library, output_key.edition), language)


async def filled_pdf(request: Request) -> Response:
    """Answer with the PDF for one patient, or with the problem of each field. Only the PDF contains the typed values."""
    output_key, library = authorised_output(request, request.path_params["path"]), desk_state(request).library
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as form:
        typed = {name: str(value) for name, value in form.items()}
    try:
        async with desk_state(request).personal_queue.turn():
            output_key = authorised_output(request, output_key.path)  # while it waited, it may have been withdrawn
            await on_demand_build.current_entry(
                library, output_key
            )  # what cannot be published cannot be filled in either
            pdf = await to_thread.run_sync(_filled, library, output_key, typed)
    except QueueFullError:
        raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=RETRY_AFTER) from None
    except PersonalError as error:
        say = chosen_phrases(request)
        wrong = {problem.field: problem.words(say.language) for problem in error.problems}
        answer = {"problem": "personal_wrong", "message": say("personal_wrong"), "fields": wrong}
        return JSONResponse(answer, HTTPStatus.UNPROCESSABLE_ENTITY)
    except PersonalRenderError:
        raise ProblemError("personal_failed", HTTPStatus.SERVICE_UNAVAILABLE) from None
    return Response(pdf, media_type="application/pdf")


def _filled(library: LibraryState, output_key: OutputKey, typed: Mapping[str, str]) -> bytes:
    project = library.now.project
    assert project
    edition = editions.resolve_edition(project.library, output_key.edition)
    filled = personal_copies.fill_in(edition, typed, library.today)
    return personal_copies.render_personal(project.layouts, filled, output_key.format, on_demand_build.BUILD_SECONDS)


ROUTES = [Route("/personal/{path:path}", filled_pdf, methods=["POST"])]
