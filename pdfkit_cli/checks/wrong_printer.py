"""An entry of printers.yaml that cannot be right: a key, an address, or a clinic that does not exist."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import printers
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Severity, SourceError, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield the problems in printers.yaml, if the library has one. No printer is asked."""
    try:
        read = printers.read_printers(context.library.root)
    except SourceError as error:
        yield from ((finding.place, finding.message) for finding in error.findings)
        return
    if read is None:
        return
    found, source, positions = read
    for name, printer in found.root.items():
        for index, clinic in enumerate(printer.clinics):
            if clinic not in context.library.clinics:
                message = f"there is no clinic “{clinic}”{did_you_mean(clinic, context.library.clinics)}"
                yield SourceLocation(source.name, *positions[name, "clinics", index]), message


RULE = Rule(
    "wrong-printer",
    "A printer with an address or a clinic that does not exist",
    Severity.ERROR,
    check,
    blocks=False,
    protects_existing_pdfs=False,
)
