"""Pages of the specimens in `tests/specimens`: one text in every language that pdfkit prints."""

import shutil
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content.languages.language import Language
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
    made = _printed(open_project(BuildRequest(root, as_of=DAY)), language, paper)
    shutil.rmtree(root.parent)
    return made


def specimens() -> dict[tuple[str, str], Language]:
    """Return what `make specimens` prints: each language in each format, with the language."""
    project = _project()
    return {
        (key.edition.language, key.format): project.library.language(key.edition.language)
        for key in project.output_keys()
    }


@cache
def printed(language: str, paper: str) -> SpecimenPage:
    """Render a specimen as `make specimens` does, with the phrases of its language."""
    renderer.prepare_process()
    return _printed(_project(), language, paper)


@cache
def _project() -> Project:
    return open_project(BuildRequest(SPECIMENS, as_of=DAY))


def _printed(project: Project, language: str, paper: str) -> SpecimenPage:
    keys = {key.path: key for key in project.output_keys()}
    page = project.draw(keys[f"specimens/specimen.{language}.{paper}.pdf"]).page
    made = renderer.render_unverified(page)
    return SpecimenPage(page, made.pdf, renderer.verify_rendered(page, made)[1])
