"""The public API: what docs/python.md shows runs, and the command line goes through it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pdfkit_cli
from tests.helpers.letter_pdfs import plain
from tests.helpers.tiny_library import FOUNDING, ROOT

DOCS = (ROOT / "docs/python.md").read_text("utf-8")
FUNCTIONS = {name for name in pdfkit_cli.__all__ if name.islower() and not name.startswith("_")}


def test_every_name_is_there_and_documented() -> None:
    for name in pdfkit_cli.__all__:
        assert getattr(pdfkit_cli, name)
    assert sorted(pdfkit_cli.__all__) == pdfkit_cli.__all__
    assert {name for name in FUNCTIONS if f"`{name}`" not in DOCS and f"{name}(" not in DOCS} == set()
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        pdfkit_cli.nonsense  # noqa: B018
    assert (Path(pdfkit_cli.__file__).parent / "py.typed").exists()


def test_the_type_checker_sees_the_same_names() -> None:
    tree = ast.parse(Path(pdfkit_cli.__file__).read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (node.module, alias.name) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    lazy = {(f"pdfkit_cli.{module}", name) for module, names in pdfkit_cli._MODULES.items() for name in names.split()}
    assert seen == lazy
    assert {name for _, name in lazy} | {"__version__"} == set(pdfkit_cli.__all__)


def test_importing_it_is_cheap() -> None:
    code = "import sys, pdfkit_cli; print(*sorted(name for name in sys.modules if name.startswith('pdfkit_cli')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["pdfkit_cli"]


def test_the_command_line_goes_through_it() -> None:
    """No command takes a function of the API from the module that it is in."""
    used = set()
    for path in (Path(pdfkit_cli.__file__).parent / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = {alias.name for alias in node.names} & FUNCTIONS if isinstance(node, ast.ImportFrom) else set()
            assert not names or node.module == "pdfkit_cli", (path, names)  # type: ignore[attr-defined]
            used |= names
            assert not (isinstance(node, ast.Attribute) and node.attr in FUNCTIONS), (path, node.attr)
    assert used == FUNCTIONS - {"render_edition"}


@pytest.mark.slow
def test_the_examples_run(tmp_path: Path) -> None:
    (tmp_path / "leaflets").symlink_to(FOUNDING)
    (tmp_path / "letter.pdf").write_bytes(plain())
    lines = "\n".join(re.findall(r"```python\n(.*?)```", DOCS, re.S))
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    script = tmp_path / "example.py"
    script.write_text(f'if __name__ == "__main__":\n{body}')
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 rendered, 0 kept" in done.stdout
    assert "leaflet.pdf True current" in done.stdout
    assert re.search(r"pack\.pdf.* \d+ pages", done.stdout)
    assert (tmp_path / "leaflet.pdf").read_bytes() in [path.read_bytes() for path in tmp_path.rglob("dist/*/*.pdf")]
