"""One name is one thing: a reader who searches for a class or a module finds the one that is meant."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.helpers.tiny_library import ROOT

FILES = sorted((ROOT / "pdfkit_cli").rglob("*.py"))


def public_classes(file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node.name


def test_no_two_classes_have_one_name() -> None:
    names = Counter(name for file in FILES for name in public_classes(file))
    assert len(names) > 100
    assert [name for name, times in names.items() if times > 1] == []


def test_no_three_modules_have_one_name() -> None:
    names = Counter(file.stem for file in FILES if file.stem != "__init__")
    assert [name for name, times in names.items() if times > 2] == []


def test_each_package_says_in_a_sentence_what_it_is() -> None:
    for file in FILES:
        if file.name == "__init__.py":
            text = ast.get_docstring(ast.parse(file.read_text("utf-8")))
            assert text, file
            assert text.splitlines()[0].endswith((".", ";")), file
