"""A render worker imports what a render needs, and nothing that loads, checks or reports: each start costs it again."""

import pickle
import subprocess
import sys
from pathlib import Path

from tests.helpers.html_pages import PICTURE, Room

SCRIPT = """
import pickle, sys
from pdfkit_cli.rendering import renderer
from pdfkit_cli.system import worker_pool

renderer.prepare_process()
(made,) = renderer.render_all(pickle.load(sys.stdin.buffer))
assert made.pdf
print(*sys.modules)
"""

OURS = {
    "pdfkit_cli.content": {"pdfkit_cli.content", "pdfkit_cli.content.contrast", "pdfkit_cli.content.packaged"},
    "pdfkit_cli.system": {
        "pdfkit_cli.system",
        "pdfkit_cli.system.caching",
        "pdfkit_cli.system.codec",
        "pdfkit_cli.system.core_dumps",
        "pdfkit_cli.system.deferred_import",
        "pdfkit_cli.system.disk_cache",
        "pdfkit_cli.system.fault_log",
        "pdfkit_cli.system.processes",
        "pdfkit_cli.system.worker_pool",
        "pdfkit_cli.system.xml_positions",
    },
}

NEVER = {
    "asyncio", "babel", "dask", "distributed", "fontTools.subset", "fontTools.varLib", "jinja2", "lxml", "markdown_it", "phonenumbers", "pycparser",
    "pydantic", "pydantic_core", "rich", "segno", "starlette", "typer", "typing_extensions", "uvicorn", "watchfiles", "yaml",
    "pdfkit_cli.build", "pdfkit_cli.checks", "pdfkit_cli.cli", "pdfkit_cli.desk", "pdfkit_cli.output", "pdfkit_cli.packs",
}  # fmt: skip


def imported(room: Room) -> set[str]:
    """Return the modules of a worker that has rendered a page."""
    page = room.page(PICTURE, a='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>')
    told = subprocess.run([sys.executable, "-c", SCRIPT], input=pickle.dumps((page,)), capture_output=True, check=True)
    return set(told.stdout.decode().split())


def test_a_worker_imports_nothing_that_loads_a_library(tmp_path: Path) -> None:
    modules = imported(Room(tmp_path))
    assert {name for name in modules if any(name == one or name.startswith(f"{one}.") for one in NEVER)} == set()
    for package, expected in OURS.items():
        assert {name for name in modules if name == package or name.startswith(f"{package}.")} == expected
