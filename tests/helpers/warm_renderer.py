"""Renders once as this is imported, so that a process that is forked afterwards has nothing left to import or to compile.

Only for a server from which processes are forked: whoever imports it is prepared for rendering.
"""

import gc
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.system import caching
from tests.helpers.fake_rendering import DAY
from tests.helpers.tiny_library import tiny

TEXTS = ("Ring til {{ clinic.phone }}.\n", "## Ring\n\n::: call Er du i tvivl?\nRing til os.\n:::\n")
"""One that is rendered whole, and one whose body clinics share."""

with TemporaryDirectory() as folder:
    os.environ["XDG_CACHE_HOME"] = folder
    library = tiny(Path(folder))
    renderer.prepare_process()
    for text in TEXTS:
        library.body(text)
        project = open_project(BuildRequest(library.root, as_of=DAY))
        renderer.render(project.draw(next(iter(project.output_keys()))).page)
    renderer.reset()
    caching.clear_text_caches()
gc.freeze()
