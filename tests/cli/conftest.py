"""A terminal for every test of a command."""

import pytest

from tests.cli.terminals import Terminal
from tests.libraries import TinyLibrary


@pytest.fixture
def pdfkit(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(library, capsys)
