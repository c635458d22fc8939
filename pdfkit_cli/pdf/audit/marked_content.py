"""What the pages paint, as data: marked-content sequences and artifacts, with their text and position.

Positions are in points in the default user space of the page (ISO 32000-1, 8.3.2.3), from its lower left corner.
"""

from dataclasses import dataclass, field

from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.objects import ObjectKey


@dataclass(frozen=True, slots=True)
class TextStart:
    """Where a run of text begins on its page, and its font size."""

    x: float
    y: float
    size: float


@dataclass(slots=True)
class MarkedContent:
    """A marked-content sequence with an MCID: `owner` is its page or form, `surface` the page that a reader sees."""

    owner: ObjectKey
    mcid: int
    page: int
    surface: ObjectKey
    text: list[str] = field(default_factory=list)
    starts: list[TextStart] = field(default_factory=list)
    box: Box | None = None

    @property
    def words(self) -> str:
        """The characters, in the order of painting."""
        return "".join(self.text)


@dataclass(slots=True)
class ArtifactContent:
    """A marked-content sequence that screen readers skip; `kind` is its type, with a slash."""

    kind: str
    page: int
    surface: ObjectKey
    text: list[str] = field(default_factory=list)
    starts: list[TextStart] = field(default_factory=list)


@dataclass(slots=True)
class PaintedContent:
    """The content of all pages; `parents` has the StructParents of every page and form that has any, or has marks."""

    marks: dict[tuple[ObjectKey, int], MarkedContent] = field(default_factory=dict)
    artifacts: list[ArtifactContent] = field(default_factory=list)
    parents: dict[ObjectKey, int | None] = field(default_factory=dict)
    surfaces: dict[ObjectKey, Box] = field(default_factory=dict)
    sheets: set[ObjectKey] = field(default_factory=set)
    """The surfaces on which others were imposed."""

    issues: list[AuditIssue] = field(default_factory=list)
