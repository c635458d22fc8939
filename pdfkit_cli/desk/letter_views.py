"""Show the first page of a letter before it goes into a pack: whose it is can be seen, and a letter that cannot be used is refused at once.

The letter is opened in a process of its own, which gets its bytes and returns a picture: neither is written to a file or to a log.
"""

from dataclasses import dataclass
from functools import partial
from io import BytesIO
from json import dumps
from pathlib import Path
from typing import Final

from anyio import to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdfkit_cli.desk.pack_views import PACK_SECONDS, PackRefused, Stop, answer_upload, made_of_letter
from pdfkit_cli.desk.templating import ProblemError, chosen_phrases
from pdfkit_cli.errors import InternalError, PdfkitError
from pdfkit_cli.packs import letters
from pdfkit_cli.packs.letters import LetterError
from pdfkit_cli.pdf import pdfium
from pdfkit_cli.pdf.pdfium import PdfiumError

WIDTH, HEIGHT = 640, 905
"""Greatest width and height of the picture in pixels: A4, on a screen of double density."""

_NAME: Final = Path("letter.pdf")
"""What messages call a letter: its own name may be that of the patient, and is never sent."""


@dataclass(frozen=True, slots=True)
class LetterPicture:
    """The first page of a letter as PNG, and how many pages there are."""

    png: bytes
    pages: int


def draw_in_worker(pdf: bytes) -> LetterPicture | PackRefused:
    """Draw the first page of a letter that a pack could have, in a worker. Raises nothing that a letter could cause."""
    try:
        letter = letters.check_letter(pdf, _NAME)
        with pdfium.open_document(letter.pdf, forms=True) as document:
            page = document[0]
            scale = min(WIDTH / page.get_width(), HEIGHT / page.get_height())
            image = page.render(scale=scale).to_pil()
            page.close()
    except LetterError as error:
        return PackRefused(f"letter_{error.kind}")
    except (PdfiumError, ValueError, ArithmeticError):
        return PackRefused("letter_broken")
    except InternalError:
        raise
    except PdfkitError:
        return PackRefused("pack_died")
    out = BytesIO()
    image.convert("RGB").save(out, "PNG")
    return LetterPicture(out.getvalue(), letter.pages)


def draw_letter(pdf: bytes, seconds: float, stop: Stop) -> LetterPicture:
    """Draw the first page of a letter in a worker process. Raises ProblemError."""
    return made_of_letter(draw_in_worker, pdf, LetterPicture, seconds, stop)


async def letter_picture(request: Request) -> Response:
    """Answer with the first page of a letter as an image, and its pages in words in the header `X-Letter`."""
    return await answer_upload(request, partial(_drawn, request), max_fields=1)


async def _drawn(request: Request, form: FormData, stop: Stop) -> Response:
    upload = form.get("letter")
    if not isinstance(upload, UploadFile):
        raise ProblemError("wrong_request")
    pdf = await upload.read()
    picture = await to_thread.run_sync(draw_letter, pdf, PACK_SECONDS, stop)
    said = {"pages": chosen_phrases(request)("pages", n=picture.pages)}
    return Response(picture.png, media_type="image/png", headers={"x-letter": dumps(said)})


ROUTES = [Route("/{clinic}/letter", letter_picture, methods=["POST"])]
