"""Fill in the personal fields of a leaflet for one patient: checked, rendered at once, and stored nowhere."""

from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pdfkit_cli.content import editions
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.library import Library
from pdfkit_cli.desk import on_demand_build, page_images, print_jobs
from pdfkit_cli.desk.bounded_queue import BoundedQueue, QueueFullError
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.templating import ProblemError, authorised_output, chosen_phrases, desk_state, requested_format
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.rendering import personal_copies
from pdfkit_cli.rendering.personal_copies import FieldProblem, PersonalError, PersonalField, PersonalRenderError

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
    """Answer with the PDF for one patient, or with the problem of each field. Only the PDF contains the typed values.

    `copies` is as for other PDFs. With `pictures`, the answer is JSON with the pages as images, in Base64.
    A day in the past is asked about, unless `past` is in the address.
    """
    output_key = authorised_output(request, "{clinic}/{file}".format_map(request.path_params))
    async with request.form(max_files=0, max_fields=MAX_FORM_FIELDS) as form:
        copies = print_jobs.requested_copies(request)
        typed = {name: str(value) for name, value in form.items()}
    try:
        pdf = await filled_in(request, output_key, typed, allow_past="past" in request.query_params)
    except (PersonalError, PastDayError) as error:
        return personal_problem(request, error)
    if "pictures" in request.query_params:
        pages = await to_thread.run_sync(page_images.pages_of, pdf)
        return JSONResponse({"pages": [b64encode(page).decode() for page in pages]})
    if copies:
        pdf = await to_thread.run_sync(print_jobs.print_job, pdf, requested_format(request, output_key), copies)
    return Response(pdf, media_type="application/pdf")


class PastDayError(PdfkitError):
    """A typed day is in the past: it may be a slip."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        super().__init__("a day in the past")


async def filled_in(request: Request, output_key: OutputKey, typed: Mapping[str, str], *, allow_past: bool) -> bytes:
    """Return the PDF with what was typed. Raises PersonalError, PastDayError, ProblemError."""
    library = desk_state(request).library
    try:
        async with desk_state(request).personal_queue.turn():
            output_key = authorised_output(request, output_key.path)  # while it waited, it may have been withdrawn
            # what cannot be published cannot be filled in either
            await on_demand_build.current_entry(library, output_key)
            return await to_thread.run_sync(_filled, library, output_key, typed, allow_past)
    except QueueFullError:
        raise ProblemError("busy", HTTPStatus.SERVICE_UNAVAILABLE, retry_after=RETRY_AFTER) from None
    except PersonalRenderError:
        raise ProblemError("personal_failed", HTTPStatus.SERVICE_UNAVAILABLE) from None


def personal_problem(request: Request, error: PersonalError | PastDayError, leaflet: str = "") -> Response:
    """Return what is wrong with each field, as JSON for our own script; it does not contain the values."""
    say = chosen_phrases(request)
    wrong = {problem.field: problem.words(say.language) for problem in error.problems}
    past = isinstance(error, PastDayError)
    phrase = "personal_past" if past else "personal_wrong"
    message = f"{leaflet}: {' '.join(dict.fromkeys(wrong.values()))}" if leaflet else say(phrase)
    status = HTTPStatus.CONFLICT if past else HTTPStatus.UNPROCESSABLE_ENTITY
    return JSONResponse({"problem": phrase, "message": message, "fields": wrong}, status)


def _filled(library: LibraryState, output_key: OutputKey, typed: Mapping[str, str], allow_past: bool) -> bytes:
    project = library.now.project
    assert project
    edition = project.edition(output_key)
    filled = personal_copies.fill_in(edition, typed, library.today)
    past = () if allow_past else personal_copies.past_dates(edition, typed, library.today)
    if past:
        raise PastDayError(tuple(FieldProblem(name, "past") for name in past))
    return personal_copies.render_personal(project.layouts, filled, output_key.format, on_demand_build.BUILD_SECONDS)


ROUTES = [Route("/{clinic}/personal/{file}", filled_pdf, methods=["POST"])]
