"""What must be true of an output folder at any moment, whoever was killed while writing it."""

import hashlib
import json
from pathlib import Path


def lies(out: Path, strangers: frozenset[str] = frozenset()) -> list[str]:
    """Return what manifest.json says that is not so, and what stands in the folder that it does not know."""
    manifest = out / "manifest.json"
    said = json.loads(manifest.read_text("utf-8")) if manifest.exists() else {"files": {}, "pending": {}}
    found = []
    for path, entry in said["files"].items():
        data = (out / path).read_bytes() if (out / path).exists() else b""
        if hashlib.sha256(data).hexdigest() != entry["sha256"]:
            found.append(f"{path} is not what the manifest says")
    for pdf in out.rglob("*.pdf"):
        path, data = pdf.relative_to(out).as_posix(), pdf.read_bytes()
        if path not in said["files"] and path not in said["pending"] and path not in strangers:
            found.append(f"the manifest does not know {path}")
        if path not in strangers and not (data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")):
            found.append(f"{path} is not whole")
    return found


def contents(out: Path) -> dict[str, bytes]:
    """Return every PDF of an output folder."""
    return {pdf.relative_to(out).as_posix(): pdf.read_bytes() for pdf in sorted(out.rglob("*.pdf"))}
