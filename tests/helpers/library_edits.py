"""A small library with something of everything, and the edits that people make: words, facts, pictures, looks; and what befalls the files of a build."""

import os
import random
import re
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pdfkit_cli.content.packaged import packaged_folder
from tests.helpers.own_look_library import FAMILY, face
from tests.helpers.tiny_library import LOGO, TinyLibrary, tiny

FIGURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60">'
    '<rect x="4" y="4" width="112" height="52" fill="#dde8ee" stroke="#24506b"/></svg>\n'
)
DANISH = """\
---
title: Varmebehandling
summary: Du skal have varme på ryggen.
---

## Før du kommer

Du må gerne spise. Tag **løst** tøj på. Det varer 20 minutter.

::: slot parking
Der er plads ved indgangen.
:::

![En mand ligger ned](lift.svg "Sådan ligger du")

:::: warning Ring, hvis du får feber
- feber over 38 grader
- stærke smerter

::: call Ring til os
:::
::::

::: full
## Mere

Læs på [sundhed.dk](https://www.sundhed.dk/ryg).
:::
"""
ENGLISH = """\
---
title: Heat treatment
summary: You are to have heat on your back.
translation: unreviewed
---

## Before you come

You may eat. Wear **loose** clothes. It takes 20 minutes.

::: slot parking
There is room at the door.
:::

![A man lies down](lift.svg "How you lie")

:::: warning Call if you get a fever
- fever over 38 degrees
- severe pain

::: call Call us
:::
::::

::: full
## More

Read on [sundhed.dk](https://www.sundhed.dk/ryg).
:::
"""
WORDS = ("ryg", "smerte", "læge", "uge", "varme", "kold", "søvn", "gang", "blod")


@dataclass(frozen=True, slots=True)
class Bench:
    """A library with layouts of its own, its output folder, its cache, and chance."""

    library: TinyLibrary
    layouts: Path
    out: Path
    cache: Path
    chance: random.Random

    def text(self) -> str:
        return self.chance.choice(("content/first/da.md", "content/first/en.md", "content/second/da.md"))

    def clinic(self) -> str:
        return self.chance.choice(sorted(f"clinics/{path.name}" for path in self.library.root.glob("clinics/*.yaml")))

    def change(self, name: str, change: Callable[[str], str]) -> None:
        path = self.library.root / name
        path.write_bytes(change(path.read_bytes().decode()).encode())

    def look(self, name: str, pattern: str, replacement: str) -> None:
        """Change the first place in a file of the layouts that a pattern finds."""
        path = self.layouts / name
        text, count = re.subn(pattern, replacement, path.read_text("utf-8"), count=1)
        assert count, (name, pattern)
        path.write_text(text, "utf-8")


Edit: TypeAlias = Callable[[Bench], object]


def bench(folder: Path, seed: int) -> Bench:
    library = tiny(folder)
    first = library.read("content/first/leaflet.yaml")
    library.write("content/second/leaflet.yaml", first.replace("T-1", "T-2").replace("[a4, a5]", "[a5]"))
    library.write("content/second/da.md", library.read("content/first/da.md"))
    library.write(
        "content/first/leaflet.yaml", first.replace("[a4, a5]", "[a5]") + "slots: [parking]\nvariants: [full, short]\n"
    )
    library.write("content/first/da.md", DANISH)
    library.write("content/first/en.md", ENGLISH)
    library.write("content/first/lift.svg", FIGURE)
    for clinic in ("north", "south"):
        library.replace(f"clinics/{clinic}.yaml", "hands_out:", 'out_of_hours: ["70 11 07 07", "112"]\nhands_out:')
    library.replace("clinics/north.yaml", "{languages: [da]}", "{languages: [da, en], variants: [full]}")
    library.replace("clinics/south.yaml", "first: {languages: [da]}", "first: {languages: [da], variants: [short]}")
    library.write("clinics/south.yaml", library.read("clinics/south.yaml") + "  second: {languages: [da]}\n")
    library.write("clinics/south/first/parking.da.md", "Parkér i kælderen.\n")
    layouts = shutil.copytree(packaged_folder("layouts"), folder / "layouts")
    return Bench(library, Path(layouts), folder / "out", folder / "cache", random.Random(seed))


def _body(text: str) -> int:
    found = re.search(r"\n---\r?\n", text)
    return found.end() if found else 0


def word(b: Bench) -> None:
    def change(text: str) -> str:
        head, body = text[: _body(text)], text[_body(text) :]
        found = list(re.finditer(r"(?<=[a-zæøå] )[a-zæøå]{3,}(?=[ .,])", body))
        if not found:
            return f"{text}\nMere {b.chance.choice(WORDS)}.\n"
        one = b.chance.choice(found)
        return f"{head}{body[: one.start()]}{b.chance.choice(WORDS)}{body[one.end() :]}"

    b.change(b.text(), change)


def number(b: Bench) -> None:
    new = b.chance.randrange(3, 60)
    for name in ("da", "en"):
        b.change(f"content/first/{name}.md", lambda text: re.sub(r"\d+(?= minut)", str(new), text))


def paragraph(b: Bench) -> None:
    words = " ".join(b.chance.choice(WORDS) for _ in range(b.chance.randrange(2, 40)))
    b.change("content/second/da.md", lambda text: f"{text}\n{words.capitalize()}.\n")


def shorter(b: Bench) -> None:
    b.change("content/second/da.md", lambda text: re.sub(r"(\r?\n){2}[^\n]+\s*\Z", "\n", text))


def bold(b: Bench) -> None:
    for name, text_word in (("da", "løst"), ("en", "loose")):
        there = f"**{text_word}**"
        b.change(
            f"content/first/{name}.md",
            lambda text, there=there, plain=text_word: (  # type: ignore[misc]
                text.replace(there, plain) if there in text else text.replace(f" {plain} ", f" {there} ")
            ),
        )


def ends_of_lines(b: Bench) -> None:
    b.change(
        b.text(), lambda text: text.replace("\r\n", "\n") if "\r" in text else "\ufeff" + text.replace("\n", "\r\n")
    )


def mark_of_order(b: Bench) -> None:
    b.change(b.text(), lambda text: text.removeprefix("\ufeff") if text.startswith("\ufeff") else f"\ufeff{text}")


def form(b: Bench) -> None:
    b.change(b.text(), lambda text: unicodedata.normalize(b.chance.choice(("NFC", "NFD")), text))


def front(b: Bench) -> None:
    key = b.chance.choice(("title", "summary"))
    b.change(b.text(), lambda text: re.sub(rf"(?m)^{key}: .*$", f"{key}: Om {b.chance.choice(WORDS)}.", text, count=1))


def alternative(b: Bench) -> None:
    b.change(
        "content/first/da.md", lambda text: re.sub(r"!\[[^]]*\]", f"![En {b.chance.choice(WORDS)} ses]", text, count=1)
    )


def swapped(b: Bench) -> None:
    b.change("content/first/da.md", lambda text: re.sub(r"(- .*\r?\n)(- .*\r?\n)", r"\2\1", text, count=1))


def fact(b: Bench) -> None:
    line = b.chance.choice(
        (
            f'phone: "76 36 14 {b.chance.randrange(10, 99)}"',
            f"name: Klinik {b.chance.choice(WORDS).capitalize()}",
            f"unit: Afsnit {b.chance.randrange(9)}",
            f"email: post{b.chance.randrange(9)}@example.org",
            f"web: https://www.example.org/{b.chance.randrange(9)}",
            "hours: [{days: [mon, fri], opens: '08:00', closes: '1" + str(b.chance.randrange(2, 8)) + ":00'}]",
        )
    )
    key = line.partition(":")[0]
    b.change(b.clinic(), lambda text: f"{line}\n" + re.sub(rf"(?m)^{key}: .*\n", "", text))


def comment(b: Bench) -> None:
    b.change(
        b.chance.choice((b.clinic(), "content/first/leaflet.yaml", "library.yaml")), lambda text: f"{text}# more\n"
    )


def handed_out(b: Bench) -> None:
    b.change(
        "clinics/south.yaml",
        lambda text: (
            text.replace("  second: {languages: [da]}\n", "")
            if "second" in text
            else text.replace("hands_out:\n", "hands_out:\n  second: {languages: [da]}\n")
        ),
    )


def another_clinic(b: Bench) -> None:
    path = b.library.root / "clinics/east.yaml"
    if path.exists():
        path.unlink()
    else:
        path.write_text(b.library.read("clinics/north.yaml").replace("Nord", "Øst"), "utf-8")


def leaflet(b: Bench) -> None:
    old, new = b.chance.choice(
        (
            ('version: "', 'version: "1'),
            ("date: 2026-01", "date: 2026-02"),
            ("formats: [a5]", "formats: [a5, a4]"),
            ("formats: [a5, a4]", "formats: [a5]"),
        )
    )
    b.change(f"content/{b.chance.choice(('first', 'second'))}/leaflet.yaml", lambda text: text.replace(old, new, 1))


def wording(b: Bench) -> None:
    path = b.library.root / "clinics" / b.chance.choice(("north", "south")) / "first/parking.da.md"
    if path.exists() and b.chance.random() < 0.4:
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Parkér ved {b.chance.choice(WORDS)}en.\n", "utf-8")


def picture(b: Bench) -> None:
    b.library.write("content/first/lift.svg", FIGURE.replace("#dde8ee", f"#dde8{b.chance.randrange(16, 256):02x}"))


def logo(b: Bench) -> None:
    b.library.write("brands/plain/logo.svg", LOGO.replace("#24506b", f"#2450{b.chance.randrange(16, 256):02x}"))


def brand(b: Bench) -> None:
    b.change(
        "brands/plain/brand.yaml",
        lambda text: re.sub(r'tint: "#....', f'tint: "#e{b.chance.randrange(16):x}f3', text, count=1),
    )


def phrase(b: Bench) -> None:
    b.change(
        "languages/da.yaml",
        lambda text: re.sub(r"(?m)^  version: .*$", f"  version: Udgave {b.chance.choice(WORDS)}", text, count=1),
    )


def css(b: Bench) -> None:
    name, pattern, replacement = b.chance.choice(
        (
            ("base/base.css", r"--muted: #4\w", f"--muted: #4{b.chance.randrange(16):x}"),
            ("base/base.css", r"--space: [\d.]+pt", f"--space: {8 + b.chance.randrange(4) / 4}pt"),
            ("formats/a5/a5.css", r"\Z", "/* more */\n"),
            ("components/warning/warning.css", r"\Z", "\n.warning { margin-block-start: 1pt; }\n"),
        )
    )
    b.look(name, pattern, replacement)


def template(b: Bench) -> None:
    name = b.chance.choice(("paragraph/paragraph.html", "warning/warning.html", "title/title.html"))
    b.look(f"components/{name}", r"\A", b.chance.choice(("{# more #}", "\n", "<!-- more -->")))


def format_yaml(b: Bench) -> None:
    path = b.layouts / "formats/a5/format.yaml"
    text = path.read_text("utf-8")
    short = "duplex: short-edge\n"
    path.write_text(text.replace(short, "") if short in text else short + text, "utf-8")


def touched(b: Bench) -> None:
    for path in (*b.library.root.rglob("*"), *b.layouts.rglob("*")):
        os.utime(path)


def spoilt_output(b: Bench) -> None:
    path = b.chance.choice(sorted(path for path in b.out.rglob("*") if path.suffix in (".pdf", ".html")))
    match b.chance.randrange(3):
        case 0:
            path.unlink()
        case 1:
            path.write_bytes(b"")
        case _:
            path.write_bytes(path.read_bytes()[:-7])


def lost_manifest(b: Bench) -> None:
    (b.out / "manifest.json").unlink()


def spoilt_cache(b: Bench) -> None:
    kept = sorted(
        path for root in (b.cache, b.out / ".pdfkit/thumbnails") for path in root.rglob("*") if path.is_file()
    )
    for path in b.chance.sample(kept, min(3, len(kept))):
        data = path.read_bytes()
        path.write_bytes(b.chance.choice((b"", data[: len(data) // 2], b.chance.choice(kept).read_bytes())))


def font(b: Bench) -> None:
    """Let a brand have a typeface of its own, draw that anew, or let it go."""
    line = f"fonts: {{text: {FAMILY}}}\n"
    for name in ("Regular", "Bold"):
        b.library.write(f"fonts/{FAMILY}/{name}.ttf", face(f"SourceSans3-{name}.ttf", b.chance.choice("ŁŃŚŹŻ")))
    b.library.write(f"fonts/{FAMILY}/LICENSE.txt", "SIL Open Font License 1.1\n")
    b.change(
        "brands/plain/brand.yaml",
        lambda text: (
            text.replace(line, "") if line in text and b.chance.random() < 0.5 else text.replace(line, "") + line
        ),
    )


def setting(b: Bench) -> None:
    line = b.chance.choice(
        (
            f"name: Bibliotek {b.chance.choice(WORDS)}",
            f"languages: [{', '.join(b.chance.sample(('da', 'sv', 'en', 'ar'), 4))}]",
            f"checks: {{sentence_words: {b.chance.randrange(20, 30)}, severity: {{long-sentence: info}}}}",
        )
    )
    key = line.partition(":")[0]
    b.change("library.yaml", lambda text: f"{line}\n" + re.sub(rf"(?m)^{key}: .*\n", "", text))


KINDS: dict[str, tuple[Edit, ...]] = {
    "texts": (
        word, number, paragraph, shorter, bold, ends_of_lines, mark_of_order, form, front, alternative, swapped, wording,
    ),
    "facts": (fact, comment, handed_out, another_clinic),
    "settings": (setting, leaflet, format_yaml),
    "pictures": (picture, logo),
    "brands": (brand,),
    "phrases": (phrase,),
    "CSS": (css,),
    "templates": (template,),
    "fonts": (font,),
    "files": (touched, spoilt_output, lost_manifest, spoilt_cache),
}  # fmt: skip
EDITS = tuple(edit for edits in KINDS.values() for edit in edits)
