"""Pages of the specimens in `tests/specimens`: one text in every language that pdfkit prints."""

import shutil
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page
from tests.helpers.tiny_library import ROOT, packaged_phrases

SPECIMENS = ROOT / "tests/specimens"
DAY = date(2026, 12, 3)


@dataclass(frozen=True, slots=True)
class SpecimenPage:
    """A page, its PDF, and what its proof finds wrong."""

    page: Page
    pdf: bytes
    wrong: tuple[str, ...]


@cache
def specimen(language: str, paper: str, script: str = "") -> SpecimenPage:
    """Render the specimen of a language in a format, in another script of its letters if one is given.

    Its phrases are English, so that better ones in the language change no picture.
    """
    root = Path(mkdtemp()) / "specimens"
    shutil.copytree(SPECIMENS, root)
    own = f"script: {script}\n" if script else ""
    (root / "languages").mkdir()
    (root / f"languages/{language}.yaml").write_text(f"{own}dates: {{date: d.M.y}}\n{packaged_phrases('en')}", "utf-8")
    renderer.prepare_process()
    project = open_project(BuildRequest(root, as_of=DAY))
    keys = {key.path: key for key in project.output_keys()}
    page = project.draw(keys[f"specimens/specimen.{language}.{paper}.pdf"]).page
    made = renderer.render_unverified(page)
    shutil.rmtree(root.parent)
    return SpecimenPage(page, made.pdf, renderer.verify_rendered(page, made)[1])
