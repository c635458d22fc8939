"""A generated library of realistic leaflets: sections of the founding ones, chosen and mixed by a seeded chance."""

import random
import re
import shutil
from pathlib import Path

from tests.helpers.tiny_library import FOUNDING, LEAFLET

SHORTEST, LONGEST = 280, 780
"""Words of a text: the founding patient leaflets in Danish have 414 and 819."""

_DIRECTIVE = re.compile(r"^(:{3,}) \w")


def generate(root: Path, leaflets: int, clinics: int, languages: tuple[str, ...] = ("da", "sv")) -> Path:
    """Write a library: every clinic hands out every leaflet in every language, in A4 and A5."""
    shutil.copytree(FOUNDING / "brands/rygcenter", root / "brands/rygcenter", dirs_exist_ok=True)
    (root / "library.yaml").write_text(f"name: Generated\nlanguages: [{', '.join(languages)}]\n", "utf-8")
    sections = {
        language: _sections(FOUNDING / "content/facet-denervation" / f"{language}.md") for language in languages
    }
    for number in range(leaflets):
        _leaflet(root / "content" / f"leaflet-{number:03}", number, sections)
    (root / "clinics").mkdir(parents=True, exist_ok=True)
    for number in range(clinics):
        lines = [f"  leaflet-{leaflet:03}: {{languages: [{', '.join(languages)}]}}" for leaflet in range(leaflets)]
        head = f"""name: Klinik nummer {number}
unit: Rygkirurgisk Ambulatorium
brand: rygcenter
language: da
country: DK
address: {{street: Eksempelvej {number + 1}, postal_code: "6000", city: Kolding}}
phone: "{phone(number)}"
hours:
  - {{days: [mon, fri], opens: "10:00", closes: "14:00"}}
out_of_hours: ["70 11 07 07", "112"]
hands_out:
"""
        (root / "clinics" / f"clinic-{number:02}.yaml").write_text(head + "\n".join(lines) + "\n", "utf-8")
    return root


def phone(number: int) -> str:
    """Return the phone of a generated clinic."""
    return f"76 36 {number // 100 + 10:02} {number % 100:02}"


def _sections(path: Path) -> list[str]:
    """Cut a text at its headings of level 2, outside and inside steps, keeping blocks whole."""
    body = path.read_text("utf-8").split("---\n", 2)[2]
    parts, depth = [""], 0
    for line in body.split("\n"):
        if depth == 0 and (line.startswith("## ") or re.match(r"::::? (step|brief|contact)", line)):
            parts.append("")
        if _DIRECTIVE.match(line):
            depth += 1
        elif line.strip() in (":::", "::::"):
            depth -= 1
        parts[-1] += line + "\n"
    return [part for part in parts if part.strip()]


def _choice(chance: random.Random, brief: list[str], middle: list[str]) -> list[int]:
    words = chance.randint(SHORTEST, LONGEST)
    chosen: list[int] = []
    length = len("".join(brief).split())
    for index in chance.sample(range(len(middle)), len(middle)):
        if length < words:
            chosen.append(index)
            length += len(middle[index].split())
    return chosen


def _leaflet(folder: Path, number: int, sections: dict[str, list[str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leaflet.yaml").write_text(LEAFLET.format(id=f"G-{number + 1}", owner="clinic-00"), "utf-8")
    shutil.copytree(FOUNDING / "content/facet-denervation/images", folder / "images")
    chosen: list[int] = []  # by the words of the first language, and the same in every language
    for language, all_sections in sections.items():
        brief = [part for part in all_sections if part.startswith("::: brief")]
        contact = [part for part in all_sections if part.startswith("::: contact")]
        middle = [part for part in all_sections if part not in brief + contact]
        chosen = chosen or _choice(random.Random(number), brief, middle)
        text = "".join((*brief, *(middle[index] for index in chosen)))
        head = f"---\ntitle: Pjece nummer {number} om smerter i ryggen\nsummary: En pjece til dig, der skal behandles på vores klinik.\n---\n"
        (folder / f"{language}.md").write_text(head + text + "".join(contact), "utf-8")
