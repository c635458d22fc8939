"""A module that is put off is the real one as soon as it is used."""

import subprocess
import sys

import pytest

from pdfkit_cli.system.deferred_import import deferred

USES = {
    "an attribute": ("import colorsys", "colorsys.rgb_to_hls(1, 0, 0)[0]"),
    "a function that is imported from it": ("from colorsys import rgb_to_hls", "rgb_to_hls(1, 0, 0)[0]"),
}


@pytest.mark.parametrize("use", USES)
def test_it_is_imported_when_it_is_used(use: str) -> None:
    statement, expression = USES[use]
    script = f"""
import sys
from pdfkit_cli.system.deferred_import import deferred
with deferred({{"colorsys": ("rgb_to_hls",)}}):
    {statement}
assert "colorsys" not in sys.modules
assert {expression} == 0.0
assert sys.modules["colorsys"].__spec__
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_it_may_be_used_at_once() -> None:
    script = """
from pdfkit_cli.system.deferred_import import deferred
with deferred({"colorsys": ()}):
    import colorsys
    assert colorsys.ONE_THIRD == 1 / 3
    import colorsys
    assert colorsys.__spec__
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_module_that_is_there_is_left_alone() -> None:
    with deferred({"sys": ()}):
        import sys as now

        assert now is sys


def test_a_name_that_it_does_not_have() -> None:
    script = """
from pdfkit_cli.system.deferred_import import deferred
with deferred({"colorsys": ()}):
    import colorsys
try:
    colorsys.missing
except AttributeError as error:
    assert "missing" in str(error)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_pebble_is_imported_without_asyncio_and_works_with_it() -> None:
    script = """
import sys
from pdfkit_cli.system import worker_pool
assert not [name for name in sys.modules if name.startswith(("asyncio", "pebble.asynchronous"))]
import asyncio
import pebble.asynchronous
assert asyncio.run(asyncio.sleep(0, 1)) == 1
assert pebble.asynchronous.process
"""
    subprocess.run([sys.executable, "-c", script], check=True)
