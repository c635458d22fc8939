"""A brand with fonts of its own for other scripts than that of its text."""

import shutil
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page
from tests.helpers.specimen_pages import DAY, SPECIMENS

OWN = {"Hebr": ("own-hebrew", "noto-sans-hebrew"), "Arab": ("own-arabic", "noto-naskh-arabic")}
"""The name of a family of the library, and whose files it has, by script."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("fonts") / "specimens"
    shutil.copytree(SPECIMENS, root)
    for name, packaged in OWN.values():
        shutil.copytree(packaged_folder("fonts") / packaged, root / "fonts" / name)
    add_regular(root / "fonts/own-arabic")
    scripts = ", ".join(f"{script}: {name}" for script, (name, _) in OWN.items())
    with (root / "brands/plain/brand.yaml").open("a") as brand:
        brand.write(f"fonts: {{scripts: {{{scripts}}}}}\n")
    return open_project(BuildRequest(root, as_of=DAY))


def add_regular(folder: Path) -> None:
    """Naskh has a bold face only; a family needs both."""
    shutil.copy(packaged_folder("fonts") / "noto-sans-arabic/NotoSansArabic-Regular.ttf", folder)


def page(project: Project, language: str) -> Page:
    keys = {key.path: key for key in project.output_keys()}
    return project.draw(keys[f"specimens/specimen.{language}.a4.pdf"]).page


def families(page: Page) -> set[str]:
    return {file.url.split("/")[-2] for file in page.files if file.path.suffix == ".ttf"}


def font_names(pdf: bytes) -> set[str]:
    pages = PdfReader(BytesIO(pdf)).pages
    return {str(font.get_object()["/BaseFont"]) for page in pages for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]


@pytest.mark.parametrize(("language", "script"), [("he", "Hebr"), ("fa", "Arab")])
def test_letters_of_the_script_are_in_the_family_of_the_brand(project: Project, language: str, script: str) -> None:
    own, packaged = OWN[script]
    drawn = page(project, language)
    assert own in families(drawn)
    assert packaged not in families(drawn) - {"noto-naskh-arabic"}
    renderer.prepare_process()
    made = renderer.render_unverified(drawn)
    assert any(own in name for name in font_names(made.pdf)), font_names(made.pdf)
    assert renderer.verify_rendered(drawn, made)[1] == ()


def test_other_pages_do_not_declare_it(project: Project) -> None:
    assert not families(page(project, "da")) & {name for name, _ in OWN.values()}
