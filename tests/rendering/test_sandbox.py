"""Templates are compiled once in a process, whatever loads them, and once for all commands with the same tools.

What they may read is decided once for each type.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

import pytest
from jinja2 import DictLoader
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pdfkit_cli.content import packaged, yaml_source
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.rendering import layout_files, sandbox, templates
from pdfkit_cli.rendering.sandbox import TemplateEnvironment
from pdfkit_cli.system.disk_cache import DiskCache

NAME = "components/once/once.html"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts of the templates that are compiled; nothing is known before."""
    texts: list[str] = []
    before = TemplateEnvironment._compile

    def compile_(self: TemplateEnvironment, source: str, filename: str) -> CodeType:
        texts.append(source)
        return before(self, source, filename)

    monkeypatch.setattr(TemplateEnvironment, "_compile", compile_)
    monkeypatch.setattr(sandbox._compiled, "_known", {})
    sandbox.keep_compiled(None)
    yield texts
    sandbox.keep_compiled(None)


def next_command(folder: Path | None) -> None:
    """Forget what only this process knows."""
    sandbox._compiled._known.clear()
    sandbox.keep_compiled(folder)


def drawn(text: str) -> str:
    """Draw a template in an environment of its own."""
    return TemplateEnvironment(DictLoader({NAME: text}), {}).get_template(NAME).render()


def test_a_template_is_compiled_once_and_anew_when_its_text_changes(compiled: list[str]) -> None:
    assert [drawn("one"), drawn("one"), drawn("two"), drawn("two"), drawn("one")] == ["one", "one", "two", "two", "one"]
    assert len(compiled) == 3


def test_a_compiled_template_is_kept_for_later_commands(compiled: list[str], tmp_path: Path) -> None:
    for text in ("one", "one", "two", "one", "two"):
        next_command(tmp_path)
        assert drawn(text) == text
    assert len(compiled) == 2
    next_command(None)
    assert drawn("one") == "one"
    assert len(compiled) == 3


def test_a_damaged_or_exchanged_file_is_compiled_anew(compiled: list[str], tmp_path: Path) -> None:
    next_command(tmp_path)
    assert drawn("one") == "one"
    (first,) = tmp_path.iterdir()
    assert drawn("two") == "two"
    (second,) = set(tmp_path.iterdir()) - {first}
    first.write_bytes(second.read_bytes())
    second.write_bytes(second.read_bytes()[:-9])
    next_command(tmp_path)
    assert [drawn("one"), drawn("two")] == ["one", "two"]
    assert len(compiled) == 4


def test_whether_templates_use_a_clinic_is_kept_by_their_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = layout_files.read_layouts(packaged.packaged_folder("layouts"), None)
    name = "components/heading/heading.html"

    def answers(changed: str = "") -> dict[str, bool]:
        digest = yaml_source.sha256_hex(changed.encode())
        own = replace(files[name], text=SourceFile(name, changed, digest), digest=digest)
        made = templates.Templates({**files, name: own} if changed else files)
        made.kept = DiskCache(tmp_path)
        return {each: made.reads_clinic(each) for each in files if each.endswith(".html")}

    first = answers()
    assert True in first.values()
    assert not first[name]
    assert answers("{{ edition.clinic }}")[name]
    monkeypatch.setattr(templates.Templates, "_tree", None)
    assert answers() == first
    assert answers("{{ edition.clinic }}")[name]


def test_what_a_template_may_read_is_decided_once_for_each_type_and_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    before = ImmutableSandboxedEnvironment.is_safe_attribute

    def is_safe(self: ImmutableSandboxedEnvironment, obj: Any, attr: str, value: Any) -> bool:
        asked.append(attr)
        return before(self, obj, attr, value)

    monkeypatch.setattr(ImmutableSandboxedEnvironment, "is_safe_attribute", is_safe)
    environment = TemplateEnvironment(DictLoader({NAME: "{{ some.one }}{{ some.two }}"}), {})
    values = [SimpleNamespace(one=number, two="b") for number in range(3)]
    template = environment.get_template(NAME)
    assert [template.render(some=value) for value in values] == ["0b", "1b", "2b"]
    assert asked == ["one", "two"]


@pytest.mark.parametrize("before", [SimpleNamespace(there=1), SimpleNamespace(there="text"), [], {}])
def test_what_was_allowed_allows_nothing_else(before: Any) -> None:
    environment = TemplateEnvironment(DictLoader({}), {})
    template = environment.from_string("{{ some.there is defined }}{{ some.count is defined }}")
    template.render(some=before)
    for asked, some in (
        ("some.there", SimpleNamespace(there=len)),
        ("some.append", []),
        ("some.update", {}),
        ("some.__class__", before),
        ("some.there", type("Other", (), {"there": staticmethod(len)})()),
    ):
        forbidden = environment.from_string(f"{{{{ {asked} }}}}{{{{ {asked}('x') }}}}")
        with pytest.raises(SecurityError):
            forbidden.render(some=some)


def test_computed_names_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_VERDICTS", 10)
    environment = TemplateEnvironment(DictLoader({}), {})
    some = SimpleNamespace(**{f"name{number}": number for number in range(100)})
    text = environment.from_string("{% for number in range(100) %}{{ some['name' + (number | string)] }}{% endfor %}")
    assert text.render(some=some, range=range) == "".join(map(str, range(100)))
    assert len(environment._verdicts) == 10
