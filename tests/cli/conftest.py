"""A terminal for every test of a command."""

import pytest

from tests.helpers.cli_runner import Terminal
from tests.helpers.tiny_library import TinyLibrary


@pytest.fixture
def pdfkit(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(library, capsys)
