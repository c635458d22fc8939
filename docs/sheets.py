"""Write the table of docs/sheets.md anew from the PDFs in dist/: `make sheets`."""

import json
import re
from pathlib import Path

import yaml

HERE = Path(__file__).parent
TABLE = HERE / "sheets.md"
FORMATS = HERE.parent / "layouts" / "formats"
ROW = re.compile(r"^\| ([\w-]+) \| ([\w-]+) \| ([\w-]+) \| ([\d–]+) \|", re.M)
"""Leaflet, language (with the variant, if it is short), format, and sheets before."""


def sheets(pages: int, form: dict[str, object]) -> int:
    """Return the sheets of paper, printed on both sides, or the pages of a format that is read on a screen."""
    if form.get("grows"):
        return pages
    per_sheet = 2 if form.get("imposition") else int(str(form.get("pages_per_sheet", 2)))
    return -(-pages // per_sheet)


def counted(manifest: Path) -> dict[tuple[str, str, str], int]:
    """Return the sheets of each text in each format: of the clinic that needs most."""
    found: dict[tuple[str, str, str], int] = {}
    for entry in json.loads(manifest.read_text("utf-8"))["files"].values():
        language = entry["language"] + ("-short" if entry["variant"] == "short" else "")
        form = yaml.safe_load((FORMATS / entry["format"] / "format.yaml").read_text("utf-8"))
        key = entry["leaflet"], language, entry["format"]
        found[key] = max(found.get(key, 0), sheets(entry["pages"], form))
    return found


def table(found: dict[tuple[str, str, str], int], before: dict[tuple[str, ...], str]) -> str:
    """Return the table in Markdown, with a sum of what has a figure before."""
    rows = [f"| {' | '.join(key)} | {before.get(key, '–')} | {now} |" for key, now in sorted(found.items())]
    both = [(int(before[key]), now) for key, now in found.items() if before.get(key, "–") != "–"]
    old, new = (sum(part) for part in zip(*both, strict=True)) if both else (0, 0)
    head = ["| leaflet | language | format | before | now |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, f"| together | | | {old} | {new} |"])


def main() -> None:
    """Write the table between the marks."""
    text = TABLE.read_text("utf-8")
    before = {match.groups()[:3]: match[4] for match in ROW.finditer(text)}
    start, end = text.index("| leaflet |"), text.rindex("|\n") + 2
    TABLE.write_text(text[:start] + table(counted(Path("dist/manifest.json")), before) + "\n" + text[end:], "utf-8")


if __name__ == "__main__":
    main()
