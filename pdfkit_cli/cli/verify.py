"""`pdfkit verify`: whether finished PDFs are intact, standards-compliant and up to date."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdfkit_cli.cli.console import out, print_json
from pdfkit_cli.cli.options import AsOfOption, JsonOption, LibraryOption, OutOption, as_of_day
from pdfkit_cli.errors import ExitCode

if TYPE_CHECKING:
    from pdfkit_cli import Verdict
    from pdfkit_cli.rendering.postprocess.xmp import Identity


def verify(
    files: Annotated[list[Path], typer.Argument(help="PDFs; their names do not matter.", metavar="FILE")],
    library: LibraryOption = Path("leaflets"),
    out_folder: OutOption = Path("dist"),
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check whether PDFs are intact, standards-compliant and up to date.

    Example: pdfkit verify dist/rygcenter-syddanmark/facet-denervation.da.a4.pdf
    """
    from pdfkit_cli import VerifyRequest, verify_files

    verdicts = list(verify_files(VerifyRequest(tuple(files), library, out_folder, as_of_day(as_of))))
    if as_json:
        print_json([_verdict_json(verdict) for verdict in verdicts])
    else:
        for verdict in verdicts:
            out.print("\n  ".join(_verdict_lines(verdict)))
    if any(verdict.met_bug for verdict in verdicts):
        raise typer.Exit(ExitCode.OUR_FAULT)
    raise typer.Exit(ExitCode.OK if all(verdict.good for verdict in verdicts) else ExitCode.FINDINGS)


MAX_FAULTS = 6
"""Number of faults of a file that are printed; `--json` lists all."""


def _verdict_lines(verdict: "Verdict") -> Iterator[str]:
    from pdfkit_cli.build.verifier import ManifestStatus

    yield f"{verdict.file}: {'good' if verdict.good else 'not good'}, {verdict.standing}"
    if identity := verdict.identity:
        yield _identity_text(identity)
        yield f"on paper, compare at the foot of each page: {verdict.short_hash}"
    if verdict.reason:
        yield verdict.reason
    for one in verdict.inside:
        yield f"from page {one.page}: {_identity_text(one.identity)}: {one.standing}{'; ' if one.reason else ''}{one.reason}"
    if verdict.overdue:
        yield f"its review was due on {verdict.overdue}; hand it out when it has been reviewed"
    if verdict.built is ManifestStatus.SAME:
        yield "byte for byte what was built"
    elif verdict.built is ManifestStatus.ALTERED:
        yield "modified: differs from the PDF in the output folder; print that one"
    elif verdict.built is ManifestStatus.PERSONAL:
        yield "filled in for one patient"
    yield from map(str, verdict.faults[:MAX_FAULTS])
    if len(verdict.faults) > MAX_FAULTS:
        yield f"and {len(verdict.faults) - MAX_FAULTS} more faults; --json names them all"


def _identity_text(identity: "Identity") -> str:
    return (
        f"{identity.leaflet}: {identity.id} version {identity.version}, {identity.language}, {identity.variant}, "
        f"{identity.format}, for {identity.clinic}"
    )


def _verdict_json(verdict: "Verdict") -> dict[str, Any]:
    return {
        "file": verdict.file,
        "good": verdict.good,
        "readable": verdict.readable,
        "conformant": not verdict.faults,
        "faults": [asdict(fault) for fault in verdict.faults],
        "identity": asdict(verdict.identity) if verdict.identity else None,
        "on_paper": verdict.short_hash or None,
        "standing": str(verdict.standing),
        "reason": verdict.reason,
        "overdue": str(verdict.overdue) if verdict.overdue else None,
        "built": str(verdict.built),
        "inside": [
            asdict(one) | {"standing": str(one.standing), "overdue": str(one.overdue) if one.overdue else None}
            for one in verdict.inside
        ],
    }
