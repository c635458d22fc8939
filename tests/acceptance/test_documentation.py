"""What the documents promise is there: every command is told, every link leads somewhere, nothing names a machine."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from pdfkit_cli.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]

PACKAGE = ROOT / "pdfkit_cli"
GUIDES = [document for document in DOCUMENTS if document.name != "CHANGELOG.md"]


def commands() -> dict[str, object]:
    return get_command(app).commands  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("name", sorted(commands()))
def test_readme_tells_of_every_command(name: str) -> None:
    assert f"pdfkit {name}" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_no_command_that_is_not_there(document: Path) -> None:
    named = set(re.findall(r"^\s*\$? ?pdfkit ([a-z]+)", document.read_text("utf-8"), re.M))
    assert named <= set(commands())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", document.read_text("utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", prose):
        path, _, anchor = target.partition("#")
        file = document.parent / path if path else document
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


@pytest.mark.parametrize("document", GUIDES, ids=lambda path: path.name)
def test_every_module_that_is_named_exists(document: Path) -> None:
    modules = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    modules |= {name.removesuffix(".__init__"): path for name, path in modules.items()}

    def exists(name: str) -> bool:
        module, _, member = name.rpartition(".")
        return name in modules or (module in modules and member in modules[module].read_text("utf-8"))

    packages = "|".join(sorted({name.partition(".")[0] for name in modules}))
    text = document.read_text("utf-8")
    assert [
        name for name in re.findall(rf"`(?:pdfkit_cli\.)?((?:{packages})\.[a-z_.]+)`", text) if not exists(name)
    ] == []
    files = re.findall(rf"`((?:{packages}|pdfkit_cli|tests|layouts)/[\w/.]+\.\w+)`", text)
    homes = (ROOT, PACKAGE, ROOT / "leaflets")
    assert [file for file in files if not any((home / file).exists() for home in homes)] == []


def anchors(file: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
