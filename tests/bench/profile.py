"""Where a cold build of one PDF spends its CPU: prints a table of phases.

What the command does and what its worker does are done here in a process each, with a clock around each phase; phases in a phase are not counted twice.
The last phase is what the whole command costs besides: starting the worker, handing pages and PDFs over, the output folder, the catalogue.
"""

import json
import pickle
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.helpers.tiny_library import FOUNDING

_spent = defaultdict[str, float](float)
_inner = [0.0]
"""CPU of the phases in each phase that runs."""


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Count what is done here as a phase."""
    started = time.process_time()
    _inner.append(0)
    try:
        yield
    finally:
        took = time.process_time() - started
        _spent[name] += took - _inner.pop()
        _inner[-1] += took


def timed(owner: Any, function: str, name: str) -> None:
    """Count each call of a function as a phase; a generator is run to its end."""
    before: Callable[..., Any] = getattr(owner, function)

    def call(*given: Any, **named: Any) -> Any:
        with phase(name):
            result = before(*given, **named)
            return list(result) if isinstance(result, Iterator) else result

    setattr(owner, function, call)


def command(library: Path, page: Path) -> None:
    """Do what the command does before it renders, and write the page to a file."""
    with phase("import of the command"):
        from pdfkit_cli import checks
        from pdfkit_cli.build import pipeline
        from pdfkit_cli.cli import app  # noqa: F401
        from pdfkit_cli.content.editions import Selection
        from pdfkit_cli.output.manifest import Manifest
        from pdfkit_cli.rendering import toolchain

    timed(pipeline, "load_project", "load the library")
    timed(toolchain, "tool_versions", "versions of the tools")
    timed(checks, "run_checks", "checks")
    selection = Selection(("facet-denervation",), ("rygcenter-syddanmark",), ("da",), ("a4",))
    request = pipeline.BuildRequest(library, page.with_name("none"), selection)
    with phase("open the project, otherwise"):
        project = pipeline.open_project(request)
    with phase("plan"):
        made = pipeline.make_plan(project, request, Manifest())
    with phase("draw the page"):
        drawn = project.draw(made.run[0].output_key).page
    page.write_bytes(pickle.dumps(drawn))


def worker(_: Path, page: Path) -> None:
    """Do what the worker does with the page."""
    with phase("import of the renderer and WeasyPrint"):
        from pdfkit_cli.rendering import engine, renderer

        renderer.prepare_process()
        from weasyprint.document import Document

    timed(engine.Engine, "_parsed", "parse the stylesheet")
    timed(engine.Engine, "layout", "layouts")
    timed(Document, "write_pdf", "draw on the PDF, subset fonts, tag")
    timed(renderer, "verify_rendered", "proof")
    with phase("imprint, and the render otherwise"):
        renderer.render(pickle.loads(page.read_bytes()))


def main(library: Path) -> None:
    """Print the table."""
    from tests.bench.cost import build, run, run_module
    from tests.bench.everyday import ONE_PDF, PDF

    with tempfile.TemporaryDirectory(prefix="pdfkit-profile-") as folder:
        page = Path(folder) / "page"
        whole, summary = build(library, Path(folder) / "dist", *ONE_PDF)
        assert summary["rendered"] == [PDF], summary
        rows = {"two bare Pythons": 2 * run(sys.executable, "-c", "pass")[0].cpu}
        for process in ("command", "worker"):
            rows |= json.loads(run_module("tests.bench.profile", str(library), process, str(page)))
    rows["processes, output folder, catalogue"] = whole.cpu - sum(rows.values())
    for name, cpu in (*rows.items(), ("the whole command", whole.cpu)):
        print(f"| {name} | {cpu * 1e3:.0f} ms | {cpu / whole.cpu:.0%} |")


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else FOUNDING
    if len(sys.argv) > 2:
        {"command": command, "worker": worker}[sys.argv[2]](chosen, Path(sys.argv[3]))
        print(json.dumps(_spent))
    else:
        main(chosen)
