"""Templates are compiled once in a process, whatever loads them."""

from types import CodeType

import pytest
from jinja2 import DictLoader

from pdfkit_cli.rendering.sandbox import TemplateEnvironment

NAME = "components/once/once.html"


def drawn(text: str) -> str:
    """Draw a template in an environment of its own."""
    return TemplateEnvironment(DictLoader({NAME: text}), {}).get_template(NAME).render()


def test_a_template_is_compiled_once_and_anew_when_its_text_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    before = TemplateEnvironment._compile

    def compile_(self: TemplateEnvironment, source: str, filename: str) -> CodeType:
        compiled.append(source)
        return before(self, source, filename)

    monkeypatch.setattr(TemplateEnvironment, "_compile", compile_)
    assert [drawn("one"), drawn("one"), drawn("two"), drawn("two"), drawn("one")] == ["one", "one", "two", "two", "one"]
    assert len(compiled) == 3
