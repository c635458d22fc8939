"""Drafts and unreviewed translations are said, where somebody hands them out."""

from pdfkit_cli.content.loader import load_library
from tests.helpers.check_runner import said
from tests.helpers.tiny_library import CLINIC, TinyLibrary
from tests.helpers.translated_library import write

YAML = "content/first/leaflet.yaml"
APPROVED = "status: approved\nreviewed: 2026-01-31\nreview_by: 2028-01-31"


def test_a_draft_that_is_handed_out(library: TinyLibrary) -> None:
    assert said(library, "draft-leaflet") == [
        f"{YAML}:4:1: warning: clinics hand out this draft, with a “draft” label on every page; have it reviewed and approved [draft-leaflet]"
    ]
    library.replace(YAML, "status: draft", APPROVED)
    assert said(library, "draft-leaflet") == []


def test_a_text_that_changed_since_it_was_approved(library: TinyLibrary) -> None:
    library.replace(YAML, "status: draft", f"{APPROVED}\napproved_text: 0123456789abcdef")
    (line,) = said(library, "draft-leaflet")
    assert line.startswith(f"{YAML}:4:1: warning: the text changed since it was approved")
    original = load_library(library.root).leaflets["first"].original
    assert original
    library.replace(YAML, "0123456789abcdef", original.short_digest)
    assert said(library, "draft-leaflet") == []


def test_a_draft_that_nobody_hands_out(library: TinyLibrary) -> None:
    for name in ("north", "south"):
        library.write(f"clinics/{name}.yaml", CLINIC.format(name=name, phone="76 36 14 00").split("hands_out")[0])
    assert said(library, "draft-leaflet") == []


def test_a_translation_that_nobody_reviewed(library: TinyLibrary) -> None:
    write(library)
    assert said(library, "translation-unreviewed") == []
    library.replace("content/first/en.md", "translation: reviewed", "translation: unreviewed")
    (line,) = said(library, "translation-unreviewed")
    assert line.startswith("content/first/en.md:4:1: warning: this translation has not been reviewed")
    library.replace("content/first/en.md", "translation: unreviewed\n", "")
    (line,) = said(library, "translation-unreviewed")
    assert line.startswith("content/first/en.md:1:1: ")
    library.replace("content/first/en.md", "title:", "translation: reviewed\nreviewed_text: 0123456789abcdef\ntitle:")
    (line,) = said(library, "translation-unreviewed")
    assert line.startswith("content/first/en.md:2:1: warning: this translation changed since it was reviewed")
