"""Rules from installed packages, found by the entry-point group `pdfkit.checks`. A library folder never contains code."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import metadata
from importlib.metadata import EntryPoint
from pathlib import Path

from pdfkit_cli.checks.rule import OWN_PACKAGE, Rule
from pdfkit_cli.errors import PdfkitError

ENTRY_POINT_GROUP = "pdfkit.checks"


class PluginError(PdfkitError):
    """An installed check cannot be loaded or run. It may concern patient safety, so the command stops."""


def load_plugin_rules(built_in: Iterable[str]) -> tuple[Rule, ...]:
    """Return the rules of all installed packages. Raises PluginError with the problems of every faulty package."""
    taken = dict.fromkeys(built_in, OWN_PACKAGE)
    rules: list[Rule] = []
    problems: list[tuple[str, str]] = []
    for package, entry_point in _entry_points():
        try:
            found = _rules_of(entry_point)
        except Exception as error:  # importing a package can raise anything
            problems.append((package, f"its checks cannot be loaded: {type(error).__name__}: {error}"))
            continue
        for rule in found:
            if not rule.code.startswith(f"{entry_point.name}-"):
                what = f"the code “{rule.code}” must begin with “{entry_point.name}-”, the name of its entry point"
                problems.append((package, what))
            elif other := taken.get(rule.code):
                problems.append((package, f"the code “{rule.code}” is already used by a check of {other}"))
            else:
                taken[rule.code] = package
                rules.append(replace(rule, package=package))
    if problems:
        raise PluginError(
            "\n".join(f"package {package}: {what}" for package, what in problems), hint=_remedy(problems[0][0])
        )
    return tuple(rules)


def run_error(rule: Rule, error: Exception) -> PluginError:
    """Return the error to raise when a rule of a package fails."""
    what = f"the check “{rule.code}” failed: {type(error).__name__}: {error}"
    return PluginError(f"package {rule.package}: {what}", hint=_remedy(rule.package))


def _remedy(package: str) -> str:
    return f"update or repair the package, or remove it: pip uninstall {package}"


def _entry_points() -> Iterator[tuple[str, EntryPoint]]:
    """Yield each entry point with the name of its package; if a package is installed twice, the first installation counts.

    The working directory is left out: `python -m` adds it to the path, and it may contain a library.
    """
    here = Path.cwd()
    folders = [folder for folder in sys.path if folder and Path(folder).resolve() != here]
    installed = tuple(metadata.distributions(path=folders))
    if not any(ENTRY_POINT_GROUP in (distribution.read_text("entry_points.txt") or "") for distribution in installed):
        return  # reading the names of a hundred packages takes 20 ms
    seen: set[str] = set()
    for distribution in installed:
        name = distribution.metadata["Name"] or ""
        if name.lower() not in seen:
            seen.add(name.lower())
            for entry_point in distribution.entry_points.select(group=ENTRY_POINT_GROUP):
                yield name, entry_point


def _rules_of(entry_point: EntryPoint) -> tuple[Rule, ...]:
    """Return the rules of an entry point, which is a rule or a function that returns rules.

    Raises TypeError for anything else."""
    loaded = entry_point.load()
    rules = (loaded,) if isinstance(loaded, Rule) else tuple(loaded())
    for rule in rules:
        if not isinstance(rule, Rule):
            raise TypeError(f"{entry_point.value} must be a Rule or return Rules, not {type(rule).__name__}")
    return rules
