"""Writing into the library from the browser: one at a time, and then it is loaded again."""

from collections.abc import Callable
from http import HTTPStatus

from pdfkit_cli.desk.keeper import KeeperState
from pdfkit_cli.desk.templating import ProblemError
from pdfkit_cli.errors import OutputError, SourceError


def write_library(keeper: KeeperState, write: Callable[[], None]) -> None:
    """Write into the library, and load it again. Raises ProblemError if a file cannot be read or written."""
    with keeper.writing:
        try:
            write()
        except SourceError as error:
            raise ProblemError("history_broken", HTTPStatus.CONFLICT, file=error.findings[0].place) from None
        except OutputError:
            raise ProblemError("not_written", HTTPStatus.INTERNAL_SERVER_ERROR) from None
        finally:
            keeper.library.refresh()
