"""Checks of installed packages: found, run and refused."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdfkit_cli import checks
from pdfkit_cli.build.pipeline import BuildRequest, check_project, dry_run, open_project
from pdfkit_cli.checks import plugins, sarif
from pdfkit_cli.checks.plugins import PluginError
from pdfkit_cli.errors import Severity
from tests.helpers.check_runner import DAY, found
from tests.helpers.tiny_library import TinyLibrary

DOCS = (Path(__file__).parents[2] / "docs/plugin-checks.md").read_text("utf-8")
EXAMPLE = re.findall(r"```python\n(.*?)```", DOCS, re.S)[0]


@pytest.fixture(autouse=True)
def _fresh_rules() -> Iterator[None]:
    checks.all_rules.cache_clear()
    yield
    checks.all_rules.cache_clear()


class Packages:
    """A folder of installed packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, package: str, code: str, prefix: str = "acme") -> None:
        """Write what pip writes: the module and the metadata."""
        module = package.replace("-", "_")
        info = self.folder / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{plugins.ENTRY_POINT_GROUP}]\n{prefix} = {module}:rules\n")
        (self.folder / f"{module}.py").write_text(code)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return Packages(folder)


def request(library: TinyLibrary) -> BuildRequest:
    return BuildRequest(library.root, library.root.parent / "dist", as_of=DAY)


def test_the_example_of_the_docs_runs(library: TinyLibrary, packages: Packages) -> None:
    entry = re.search(r'^\[project.entry-points."(.*)"\]\n(\w+) = "(\w+):(\w+)"$', DOCS, re.M)
    assert entry
    assert entry.groups() == (plugins.ENTRY_POINT_GROUP, "acme", "acme_checks", "rules")
    packages.install("acme-checks", EXAMPLE)
    library.body("\nKom til tiden!\n")
    (finding,) = found(library, "acme-no-shouting")
    assert (finding.severity, finding.place.line, finding.place.column) == (Severity.WARNING, 6, 14)
    assert checks.all_rules()["acme-no-shouting"].package == "acme-checks"
    assert finding in check_project(open_project(request(library)), request(library)).findings
    assert finding in dry_run(request(library))[1].findings
    (run,) = sarif.sarif_log([finding])["runs"]
    assert "An exclamation mark" in str(run["tool"])


def test_the_library_sets_how_severe_it_is(library: TinyLibrary, packages: Packages) -> None:
    packages.install("acme-checks2", EXAMPLE)
    library.body("\nKom til tiden!\n")
    library.replace("library.yaml", "languages:", "checks: {severity: {acme-no-shouting: error}}\nlanguages:")
    (finding,) = found(library, "acme-no-shouting")
    assert checks.blocks_rendering(finding)
    plan, _ = dry_run(request(library))
    assert plan.blocked
    assert not plan.run


RULE = """
from pdfkit_cli.checks.rule import Rule
from pdfkit_cli.errors import Severity, SourceLocation
def rules():
    return [Rule({code!r}, "A title", Severity.ERROR, lambda context: {check}, safety=True)]
"""


@pytest.mark.parametrize(
    ("package", "code", "wrong"),
    [
        ("acme-absent", "import no_such_module_here", "cannot be loaded: ModuleNotFoundError: .*no_such_module_here"),
        ("acme-nothing", "x = 1", "cannot be loaded: AttributeError"),
        ("acme-list", "def rules(): return ['rule']", "must be a Rule or return Rules, not str"),
        ("acme-exit", "raise ValueError('no licence')", "cannot be loaded: ValueError: no licence"),
        ("acme-name", RULE.format(code="other-rule", check="iter(())"), "“other-rule” must begin with “acme-”"),
    ],
)
def test_a_broken_package_is_named_with_the_remedy(
    library: TinyLibrary, packages: Packages, package: str, code: str, wrong: str
) -> None:
    packages.install(package, code)
    with pytest.raises(PluginError, match=f"package {package}: .*{wrong}") as caught:
        check_project(open_project(request(library)), request(library))
    assert f"pip uninstall {package}" in caught.value.hint


def test_all_broken_packages_are_named_at_once(library: TinyLibrary, packages: Packages) -> None:
    packages.install("acme-first", "1/0")
    packages.install("acme-second", "1/0")
    with pytest.raises(PluginError, match=r"(?s)package acme-(first|second).*\npackage acme-(first|second)"):
        check_project(open_project(request(library)), request(library))


def test_a_code_belongs_to_one_package(library: TinyLibrary, packages: Packages) -> None:
    packages.install("acme-copy", RULE.format(code="missing-glyph", check="iter(())"), prefix="missing")
    with pytest.raises(PluginError, match="“missing-glyph” is already used by a check of pdfkit"):
        check_project(open_project(request(library)), request(library))


@pytest.mark.parametrize(
    ("package", "check", "wrong"),
    [
        ("acme-raises", "[1 / 0]", "ZeroDivisionError"),
        ("acme-words", "['words']", "ValueError"),
        ("acme-pair", "[(1, 2)]", "must yield pairs of SourceLocation and str"),
    ],
)
def test_a_check_that_fails_ends_the_run(
    library: TinyLibrary, packages: Packages, package: str, check: str, wrong: str
) -> None:
    packages.install(package, RULE.format(code="acme-rule", check=check))
    with pytest.raises(PluginError, match=f"package {package}: the check “acme-rule” failed: .*{wrong}"):
        check_project(open_project(request(library)), request(library))


def test_a_safety_rule_of_a_package_cannot_be_lowered(library: TinyLibrary, packages: Packages) -> None:
    check = "[(SourceLocation(context.library.leaflets['first'].source.name), 'wrong')]"
    packages.install("acme-safety", RULE.format(code="acme-safe", check=check))
    library.replace("library.yaml", "languages:", "checks: {severity: {acme-safe: off}}\nlanguages:")
    assert [finding.severity for finding in found(library, "acme-safe")] == [Severity.ERROR]
    assert found(library, "safety-check")


def test_the_working_directory_is_no_place_for_packages(
    library: TinyLibrary, packages: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m pdfkit_cli` puts it on the path, and it may be a library."""
    packages.install("acme-here", EXAMPLE)
    monkeypatch.chdir(packages.folder)
    assert "acme-no-shouting" not in checks.all_rules()
