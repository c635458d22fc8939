"""Proves that glyphs which are marked with a text are those that HarfBuzz shapes this text to, with the font file itself.

What glyphs tell of themselves is not enough in scripts that reorder, join or stack letters: in Devanagari a vowel is
painted before the letters that it follows, and in Nastaliq dots are glyphs of their own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from pdfkit_cli.pdf.reader import bidi
from pdfkit_cli.pdf.reader.content_stream import ShownGlyphs, TextRun
from pdfkit_cli.rendering.page import DeclaredFile
from pdfkit_cli.system.caching import cache_texts

CACHE_SIZE: Final = 4000
"""Words whose glyphs are remembered in one process."""

_SUBSET_TAG = re.compile(r"^/?[A-Z]{6}\+")


@dataclass(frozen=True, slots=True)
class Shaper:
    """The faces that a page declares, by the name of their family in a PDF, and the languages of its texts."""

    faces: tuple[tuple[str, Path], ...]
    languages: tuple[str, ...]

    def paints_its_text(self, run: TextRun) -> bool:
        """Return whether every word of a run whose glyphs are marked with their text is painted as HarfBuzz shapes it.

        In some fonts, such as Nastaliq, words look different beside others, so what is in one font is compared as a whole
        first.
        """
        shown = list(zip(run.glyphs, run.shaping, strict=True))
        for font, group in groupby(shown, lambda part: part[1].font):
            stretch = list(group)
            if any(part.is_marked for _, part in stretch) and not self._is_shaped(font, *_joined(stretch)):
                marked = (
                    list(word) for is_marked, word in groupby(stretch, lambda part: part[1].is_marked) if is_marked
                )
                if not all(self._is_shaped(font, *_joined(word)) for word in marked):
                    return False
        return True

    def _is_shaped(self, font: str, text: str, glyphs: tuple[int, ...]) -> bool:
        name = _SUBSET_TAG.sub("", font).lower()
        families = [family for family, _ in self.faces if name.startswith(family)]
        paths = [path for family, path in self.faces if families and family == max(families, key=len)]
        return any(
            shaped_glyphs(path, text, language) == glyphs
            for path in dict.fromkeys(paths)
            for language in self.languages
        )


def page_shaper(files: Iterable[DeclaredFile], html: str) -> Shaper:
    """Return the shaper of a page, given the files that it declares and its HTML."""
    fonts = [file for file in files if file.path.suffix.lower() == ".ttf"]
    faces = tuple((file.url.split("/")[-2].lower(), file.path) for file in fonts)
    return Shaper(faces, tuple(dict.fromkeys(re.findall(r'\blang="([\w-]+)"', html))))


@cache_texts
@lru_cache(maxsize=CACHE_SIZE)
def shaped_glyphs(face: Path, text: str, language: str) -> tuple[int, ...]:
    """Return the glyphs of a word, from left to right, without those for characters that are not painted."""
    import uharfbuzz

    buffer = uharfbuzz.Buffer()
    buffer.flags = uharfbuzz.BufferFlags.REMOVE_DEFAULT_IGNORABLES
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.language = language
    uharfbuzz.shape(_font(face), buffer)
    return tuple(glyph.codepoint for glyph in buffer.glyph_infos)


@cache
def _font(face: Path) -> Any:
    import uharfbuzz

    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(face))))


def _joined(parts: Sequence[tuple[str, ShownGlyphs]]) -> tuple[str, tuple[int, ...]]:
    """Return the text of glyphs in reading order, and the glyphs from left to right."""
    texts = [text for text, _ in parts]
    if any(map(bidi.has_right_to_left, texts)):
        texts.reverse()
    return "".join(texts), tuple(code for _, shown in parts for code in shown.codes)
