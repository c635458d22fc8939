"""What pages paint, as data: marked-content sequences and artifacts, with their words and their places.

Places are in points in the default user space of the page (ISO 32000-1, 8.3.2.3), from its lower left corner. Text has
the places where it begins; how wide it runs is not reckoned.
"""

from dataclasses import dataclass, field
from typing import Any

from pdfkit_cli.pdf.audit.fonts import TextFont
from pdfkit_cli.pdf.audit.pypdf_access import Key
from pdfkit_cli.pdf.audit.report import AuditIssue

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class TextStart:
    """Where a run of text begins on its page, and how large it is."""

    x: float
    y: float
    size: float


@dataclass(slots=True)
class MarkedContent:
    """A marked-content sequence with an MCID: `owner` is the page or form whose it is, `page_content` the page that a reader sees."""

    owner: Key
    mcid: int
    page: int
    surface: Key
    painted: int = 0
    text: list[str] = field(default_factory=list)
    starts: list[TextStart] = field(default_factory=list)
    box: Box | None = None

    @property
    def words(self) -> str:
        """The characters, in the order that they are painted in."""
        return "".join(self.text)


@dataclass(slots=True)
class ArtifactContent:
    """A marked-content sequence that readers pass over."""

    kind: str
    page: int
    surface: Key
    text: list[str] = field(default_factory=list)
    starts: list[TextStart] = field(default_factory=list)


@dataclass(slots=True)
class PaintedContent:
    """All that the pages paint."""

    pages: tuple[Key, ...]
    marks: dict[tuple[Key, int], MarkedContent] = field(default_factory=dict)
    artifacts: list[ArtifactContent] = field(default_factory=list)
    parents: dict[Key, int | None] = field(default_factory=dict)
    """The StructParents of every page and form that has any, or has marks."""

    surfaces: dict[Key, Box] = field(default_factory=dict)
    faults: list[AuditIssue] = field(default_factory=list)
    operations: int = 0
    parsed: dict[Key, list[tuple[Any, bytes]]] = field(default_factory=dict)
    fonts: dict[Key, TextFont] = field(default_factory=dict)


def multiply(one: Matrix, other: Matrix) -> Matrix:
    """Return the matrix that does `one` first."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def bounding_box(points: list[tuple[float, float]], matrix: Matrix, before: Box | None = None) -> Box:
    """Return the box around points and around the box before."""
    a, b, c, d, e, f = matrix
    places = [(x * a + y * c + e, x * b + y * d + f) for x, y in points]
    places += [before[:2], before[2:]] if before else []
    across, up = zip(*places, strict=True)
    return min(across), min(up), max(across), max(up)
