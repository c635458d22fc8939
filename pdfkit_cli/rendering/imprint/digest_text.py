"""The short digest at the foot of each page, which differs between clinics: how the body's font writes each one.

WeasyPrint lays out a body once, without knowing the digests.
So in place of the digest the body has a sample that contains every pair of hexadecimal digits, most of them once,
since it is set at the foot of every page.
Its glyphs show the code of each digit, and its kerning how far the font moves each pair together;
`ff` may be one glyph, a ligature.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import pydyf

from pdfkit_cli.rendering.imprint.byte_template import Gap, placeholder
from pdfkit_cli.rendering.postprocess.pydyf_objects import page_dictionaries, resolve
from pdfkit_cli.system.codec import storable

_DIGITS: Final = "0123456789abcde"
_PAIRS: Final = "".join(one + "".join(one + other for other in _DIGITS[at:]) for at, one in enumerate(_DIGITS, start=1))
"""Every pair of these digits, if the first follows the last: a sequence of de Bruijn."""

SAMPLE: Final = f"{_PAIRS}{_DIGITS[0]} f{'f'.join(_DIGITS)}f ff{'ff'.join(_DIGITS)}ff fff ffff"

_GLYPHS: Final = re.compile(rb"([0-9a-f]{4})(?:>(-?[\d.]+))?")
"""The code of a glyph in the operand of TJ, and how far the next is moved, if it is."""

_UNICODE: Final = re.compile(rb"<([0-9a-f]{4})> <((?:[0-9a-f]{4})+)>\Z", re.I)


@storable
@dataclass(frozen=True, slots=True)
class DigestEncoding:
    """How a font writes digests: the code of each digit or ligature, and the kerning between two of them, as operands of TJ."""

    codes: Mapping[str, bytes] = field(default_factory=dict)
    kerning: Mapping[str, bytes] = field(default_factory=dict)

    def encode(self, digest: str) -> bytes:
        """Return the operand of TJ that shows a digest."""
        glyphs: list[str] = []
        for digit in digest:
            if glyphs and len(glyphs[-1]) == 1 and glyphs[-1] + digit in self.codes:
                glyphs[-1] += digit
            else:
                glyphs.append(digit)
        following = [*glyphs[1:], ""]
        return b"".join(
            self.codes[one] + self.kerning.get(f"{one} {other}", b"0")
            for one, other in zip(glyphs, following, strict=True)
        )


def replace_digests(pdf: pydyf.PDF) -> tuple[tuple[Any, ...], DigestEncoding]:
    """Replace each sample on the pages by a form XObject with a gap for the digest, and return the forms and how
    digests are encoded in them.

    Samples that look the same share a form.
    """
    forms: dict[tuple[bytes, ...], Any] = {}
    encoding = DigestEncoding({}, {})
    for page in page_dictionaries(pdf):
        resources = resolve(pdf, page["Resources"])
        stream = resolve(pdf, page["Contents"]).stream
        unicode = _ToUnicode(pdf, resources)
        for start in reversed([at for at, item in enumerate(stream) if item == b"BT"]):
            end = stream.index(b"ET", start) + 1
            text = stream[start:end]
            if (key := tuple(text)) not in forms:
                if (found := _read_sample(text, unicode)) is None:
                    continue
                encoding = DigestEncoding({**encoding.codes, **found.codes}, {**encoding.kerning, **found.kerning})
                form = forms[key] = _digest_form(text, resources["Font"])
                pdf.add_object(form)
                resources["XObject"][f"digest{len(forms)}"] = form.reference
            stream[start:end] = [b"/digest%d Do" % (1 + [*forms].index(key))]
    return tuple(forms.values()), encoding


def _read_sample(text: list[Any], unicode: "_ToUnicode") -> DigestEncoding | None:
    """Return how a text object writes the sample; None if it shows something else."""
    shown = [item for item in text if isinstance(item, bytes) and item.endswith(b"] TJ")]
    if len(shown) != 1 or len(shown[0]) < 2 * len(SAMPLE):  # four digits for a glyph, which is at most two letters
        return None
    font = next((item for item in text if isinstance(item, bytes) and item.endswith(b" Tf")), b"")
    glyphs = _GLYPHS.findall(shown[0])
    texts = [unicode.text(font, code) for code, _ in glyphs]
    if "".join(texts) != SAMPLE:
        return None
    codes = {text: b"<%s>" % code for text, (code, _) in zip(texts, glyphs, strict=True)}
    kerning = {f"{one} {other}": kern for (one, other), (_, kern) in zip(pairwise(texts), glyphs, strict=False)}
    return DigestEncoding(codes, kerning)


def _digest_form(text: list[Any], fonts: bytes) -> Any:
    """Return a form XObject of a text object; it inherits its colour from where it is drawn."""
    (matrix,) = [item for item in text if isinstance(item, bytes) and item.endswith(b" Tm")]
    (font,) = [item for item in text if isinstance(item, bytes) and item.endswith(b" Tf")]
    x, y, size = float(matrix.split()[4]), float(matrix.split()[5]), float(font.split()[1])
    shown = [
        b"[%s] TJ" % placeholder(Gap.DIGEST) if isinstance(item, bytes) and item.endswith(b"] TJ") else item
        for item in text
    ]
    box = pydyf.Array([round(part, 3) for part in (x - size, y - 2 * size, x + 8 * size, y + size)])
    resources = pydyf.Dictionary({"Font": fonts})
    return pydyf.Stream(shown, {"Type": "/XObject", "Subtype": "/Form", "BBox": box, "Resources": resources})


class _ToUnicode:
    """The texts of glyph codes in the fonts of a page."""

    def __init__(self, pdf: pydyf.PDF, resources: Any) -> None:
        self._pdf, self._fonts = pdf, resolve(pdf, resources["Font"])
        self._texts: dict[str, dict[bytes, str]] = {}

    def text(self, font: bytes, code: bytes) -> str:
        """Return the text of a code in the font of an operator such as `/F 12 Tf`."""
        name = font[1:].split(b" ")[0].decode()
        if name not in self._texts:
            lines = resolve(self._pdf, resolve(self._pdf, self._fonts[name])["ToUnicode"]).stream
            found = (_UNICODE.match(line) for line in lines if isinstance(line, bytes))
            self._texts[name] = {
                match[1]: bytes.fromhex(match[2].decode()).decode("utf-16-be") for match in found if match
            }
        return self._texts[name].get(code, "")
