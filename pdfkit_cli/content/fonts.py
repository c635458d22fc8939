"""Font families of a library, read from `fonts/<family>/`. Each must include its licence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import Final

from pdfkit_cli.content import files, yaml_source
from pdfkit_cli.content.inspections import ResultCache
from pdfkit_cli.errors import Finding, SourceError, SourceLocation
from pdfkit_cli.system.codec import storable

MAX_FONT_BYTES: Final = 30_000_000
"""The largest font file that is read, in bytes; fonts with Chinese characters have about 20 million."""

LICENCE_NAMES: Final = ("license", "licence", "ofl", "eula")
"""How the name of a licence file begins, in lower case."""

BOLD_WEIGHT: Final = 600
"""The weight from which a face is bold (OpenType, OS/2 usWeightClass: 400 is regular, 700 bold)."""

_OTHER_FONTS: Final = (".otf", ".woff", ".woff2", ".ttc", ".dfont", ".pfb")
_FORBIDDEN: Final = (
    (0x0002, "its licence forbids embedding it in documents"),
    (0x0100, "its licence forbids embedding a part of it"),
    (0x0200, "its licence allows embedding of its bitmaps only"),
)
"""Bits of OS/2 fsType: what the font does not allow."""


@dataclass(frozen=True, slots=True)
class FontFace:
    """One file of a family, with its weight (100 to 900) and its characters."""

    path: Path
    name: str
    digest: str
    weight: int
    italic: bool
    characters: frozenset[str]


@dataclass(frozen=True)
class FontFamily:
    """A font family, named after its folder."""

    name: str
    faces: tuple[FontFace, ...]

    @cached_property
    def characters(self) -> frozenset[str]:
        """The characters that all faces have."""
        return frozenset.intersection(*(face.characters for face in self.faces))

    @property
    def regular(self) -> FontFace:
        """The upright face that is closest to regular."""
        return min(self.faces, key=lambda face: (face.italic, abs(face.weight - 400)))


@cache
def load_families(folder: Path) -> Mapping[str, FontFamily]:
    """Return the families that come with pdfkit, by name."""
    names = [item.name for item in files.list_folder(folder, folder.as_posix()) if item.is_folder]
    return {name: load_family(folder / name, (folder / name).as_posix(), folder) for name in names}


def load_family(folder: Path, name: str, root: Path) -> FontFamily:
    """Return the family in a folder; findings refer to the folder as `name`. Raises SourceError with all problems."""
    items = [item.name for item in files.list_folder(folder, name, root) if not item.is_folder]
    findings: list[Finding] = []
    if not any(item.lower().startswith(LICENCE_NAMES) for item in items):
        message = (
            "has no licence; save the licence of the font here as LICENSE.txt, "
            "and make sure that it allows embedding in documents that others print"
        )
        findings.append(Finding("missing-licence", message, SourceLocation(name)))
    faces: list[FontFace] = []
    for item in items:
        try:
            if item.lower().endswith(".ttf"):
                faces.append(_load_face(folder / item, f"{name}/{item}", root))
            elif item.lower().endswith(_OTHER_FONTS):
                message = "only TrueType fonts can be used; ask the maker of the font for static .ttf files"
                findings.append(Finding("unsupported-font", message, SourceLocation(f"{name}/{item}")))
        except SourceError as error:
            findings += error.findings
    if not findings:
        findings += _missing_faces(faces, name)
    if findings:
        raise SourceError(findings)
    return FontFamily(folder.name, tuple(faces))


def _missing_faces(faces: list[FontFace], name: str) -> Iterator[Finding]:
    upright = [face.weight for face in faces if not face.italic]
    if not any(weight < BOLD_WEIGHT for weight in upright) or not any(weight >= BOLD_WEIGHT for weight in upright):
        message = "needs a regular and a bold face, as .ttf files; add what is missing"
        yield Finding("missing-face", message, SourceLocation(name))


@storable
@dataclass(frozen=True, slots=True)
class FaceInspection:
    """What a font file says about itself, or why it cannot be used."""

    problem: str
    weight: int = 0
    italic: bool = False
    characters: frozenset[str] = frozenset()


def _load_face(path: Path, name: str, root: Path) -> FontFace:
    data = files.read_bytes(path, name, root, largest=MAX_FONT_BYTES)
    digest = yaml_source.sha256_hex(data)
    read = _faces.get(digest, partial(_read_face, data))
    if read.problem:
        raise SourceError([Finding("unsupported-font", read.problem, SourceLocation(name))])
    return FontFace(path, name, digest, read.weight, read.italic, read.characters)


def _read_face(data: bytes) -> FaceInspection:
    from fontTools.ttLib import TTFont  # only for fonts that no command has read

    try:
        with TTFont(BytesIO(data), lazy=True) as font:
            if "glyf" not in font:
                return FaceInspection(
                    "this is not a TrueType font, despite its name; ask the maker of the font for static .ttf files"
                )
            if "fvar" in font:
                return FaceInspection("this is a variable font; save one static .ttf file for each weight")
            about = font["OS/2"]
            if problem := _embedding_problem(about.fsType):
                return FaceInspection(problem)
            characters = frozenset(map(chr, font.getBestCmap()))
            return FaceInspection("", about.usWeightClass, bool(about.fsSelection & 1), characters)
    except Exception:  # a broken font can make fontTools raise anything
        return FaceInspection("the font cannot be read; save it again from its source")


_faces = ResultCache[FaceInspection]("font", lambda face: not face.problem)


def _embedding_problem(permissions: int) -> str:
    for bit, what in _FORBIDDEN:
        if permissions & bit:
            return (
                f"{what} (OS/2 fsType {permissions:#06x}); get a licence and files that allow it, or use another font"
            )
    return ""
