"""pdfkit: patient leaflets as branded, accessible PDFs. The names in `__all__` are the public API; see docs/python.md."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pdfkit_cli.build.pipeline import (
        BuildRequest,
        BuildSummary,
        CheckReport,
        ProgressListener,
        Project,
        build_project,
        check_project,
        open_project,
        render_edition,
    )
    from pdfkit_cli.build.verifier import Verdict, VerifyRequest, verify_files
    from pdfkit_cli.content.editions import EditionKey, OutputKey, Selection
    from pdfkit_cli.content.enumerations import PackMode, Variant
    from pdfkit_cli.errors import (
        Finding,
        OutputError,
        PdfkitError,
        Problem,
        Severity,
        SourceError,
        SourceLocation,
        UsageError,
    )
    from pdfkit_cli.packs.assembly import PackResult
    from pdfkit_cli.packs.attaching import attach_leaflets
    from pdfkit_cli.packs.selection import EnclosureRequest
    from pdfkit_cli.rendering.rendered_pdf import RenderedPdf

__version__ = "0.1.0"

__all__ = [
    "BuildRequest",
    "BuildSummary",
    "CheckReport",
    "EditionKey",
    "EnclosureRequest",
    "Finding",
    "OutputError",
    "OutputKey",
    "PackMode",
    "PackResult",
    "PdfkitError",
    "Problem",
    "ProgressListener",
    "Project",
    "RenderedPdf",
    "Selection",
    "Severity",
    "SourceError",
    "SourceLocation",
    "UsageError",
    "Variant",
    "Verdict",
    "VerifyRequest",
    "__version__",
    "attach_leaflets",
    "build_project",
    "check_project",
    "open_project",
    "render_edition",
    "verify_files",
]

_MODULES = {
    "build.pipeline": "BuildRequest BuildSummary CheckReport ProgressListener Project build_project check_project open_project render_edition",
    "build.verifier": "Verdict VerifyRequest verify_files",
    "content.editions": "EditionKey OutputKey Selection",
    "content.enumerations": "PackMode Variant",
    "errors": "Finding OutputError PdfkitError Problem Severity SourceError SourceLocation UsageError",
    "packs.assembly": "PackResult",
    "packs.attaching": "attach_leaflets",
    "packs.selection": "EnclosureRequest",
    "rendering.rendered_pdf": "RenderedPdf",
}
"""Where the names are. They are imported when they are first asked for, so that importing the package stays cheap."""


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names.split():
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
