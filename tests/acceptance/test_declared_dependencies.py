"""Every library that is imported is declared: what comes with another may go with it."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.helpers.tiny_library import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DISTRIBUTIONS = packages_distributions()
OURS = {"pdfkit_cli", "tests"}


def names(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\[<>=!~ ;]", line)[0]) for line in requirements}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def imported(folder: str) -> tuple[tuple[str, str], ...]:
    """Return each module that is imported, with the file."""
    return tuple(_imported(folder))


def _imported(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            for module in modules:
                yield module.partition(".")[0], path.relative_to(ROOT).as_posix()


def undeclared(folder: str, declared: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for module, path in imported(folder):
        if module in sys.stdlib_module_names or module in OURS:
            continue
        if not declared & set(map(normal, DISTRIBUTIONS.get(module, [module]))):
            found.setdefault(module, []).append(path)
    return found


CORE = names(PROJECT["dependencies"])


@pytest.mark.parametrize(
    ("folder", "declared"),
    [
        ("pdfkit_cli", CORE | names(EXTRAS["desk"]) | names(EXTRAS["cluster"])),
        ("tests", CORE.union(*(names(extra) for extra in EXTRAS.values()))),
    ],
    ids=["pdfkit_cli", "tests"],
)
def test_every_import_is_declared(folder: str, declared: set[str]) -> None:
    assert undeclared(folder, declared) == {}


def test_what_only_the_desk_or_the_cluster_needs_is_imported_there_alone() -> None:
    for module, path in imported("pdfkit_cli"):
        if module in sys.stdlib_module_names or module in OURS or path.startswith("pdfkit_cli/desk/"):
            continue
        if not CORE & set(map(normal, DISTRIBUTIONS.get(module, [module]))):
            assert path in (
                "pdfkit_cli/build/cluster/dask.py",
                "pdfkit_cli/build/cluster/machine.py",
                "pdfkit_cli/cli/desk.py",
            ), (module, path)


def test_every_requirement_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lines = re.findall(
        r'^    "[^"]+",.*$', text[text.index("dependencies = [") : text.index("\ndev = [")], re.MULTILINE
    )
    assert lines
    assert [line for line in lines if "  # " not in line] == []


def test_types_are_for_others_too() -> None:
    """PEP 561: without this file no type checker looks into an installed package."""
    assert (Path(ROOT) / "pdfkit_cli" / "py.typed").read_bytes() == b""


def test_the_supported_versions_of_python_are_declared() -> None:
    prefix = "Programming Language :: Python :: "
    versions = [each.removeprefix(prefix) for each in PROJECT["classifiers"] if each.startswith(prefix)]
    assert versions == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == f">={versions[0]}"


def test_nobody_is_told_to_install_pdfkit_by_its_name() -> None:
    """Nobody has registered the name, so anybody may."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "pdfkit_cli").rglob("*.py")]
    told = re.compile(r"(?:pip|pipx|uv pip|uv tool) install [^\n`]*?[\"' ]pdfkit(?:-cli)?\b(?!\S*\.whl)")
    assert told.search('pip install "pdfkit-cli[desk]"')
    assert [path for path in paths if told.search(path.read_text("utf-8"))] == []
