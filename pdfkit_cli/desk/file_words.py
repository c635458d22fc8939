"""What a file of the library is about, and why a PDF must be made again, in the words of the desk."""

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.output.fingerprints import RebuildReason

MANIFEST_ROOT = "leaflets"
"""How the names of library files begin in the manifest, wherever the library is."""


def leaflet_title(say: Translator, leaflet: LeafletEntry) -> str:
    """Return the title of a leaflet in the language of the desk, or else of its source; its name if no text can be read."""
    text = leaflet.translations.get(say.language) or leaflet.original or next(iter(leaflet.translations.values()), None)
    return text.front_matter.title if text else leaflet.name


def file_words(say: Translator, library: Library, file: str) -> str:
    """Return what a file is about, such as the name of the clinic; its path in the library if that says it best."""
    for root in (library.root.as_posix(), MANIFEST_ROOT):
        if file.startswith(f"{root}/"):
            inside = file.removeprefix(f"{root}/")
            return _words(say, library, inside.split("/")) or inside
    return file


def _words(say: Translator, library: Library, parts: list[str]) -> str:
    match parts:
        case ["clinics", name]:
            clinic = library.clinics.get(name.removesuffix(".yaml"))
            return clinic.model.name if clinic else ""
        case ["clinics", name, leaflet, _] if name in library.clinics and leaflet in library.leaflets:
            return f"{library.clinics[name].model.name} · {leaflet_title(say, library.leaflets[leaflet])}"
        case ["content", leaflet, name] if leaflet in library.leaflets:
            title = leaflet_title(say, library.leaflets[leaflet])
            language = name.removesuffix(".md")
            return f"{title} · {known_language(language).name_in(say.language)}" if name.endswith(".md") else title
    return ""


def reason_text(say: Translator, why: RebuildReason, library: Library | None = None) -> str:
    """Return why a PDF must be rendered, in the language of the desk; with the library, its files are said in words."""
    name = "reason_tool" if why.of_tool else f"reason_{why.kind.replace('-', '_')}"
    return say(name, file=file_words(say, library, why.subject) if library else why.subject)
