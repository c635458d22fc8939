"""Builds that are ended at any moment, and how each must end."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.content.packaged import packaged_folder
from tests.helpers import build_fault_injection
from tests.helpers.build_fault_injection import DAY, Fault, Told
from tests.helpers.tiny_library import TinyLibrary, tiny


@dataclass(frozen=True, slots=True)
class Scene:
    """A library that has changed since its PDFs were published; what was published, and what a clean build makes of it now."""

    library: TinyLibrary
    published: Path
    cache: Path
    before: dict[str, str]
    after: dict[str, str]
    layouts: Path
    drawn: bool

    def request(self, out: Path) -> BuildRequest:
        return BuildRequest(self.library.root, out, as_of=DAY, jobs=1, layouts=self.layouts)

    def folder(self, of: str, out: Path, cache: Path) -> Path:
        """Return where the calls count that may fail."""
        return {"out": out, "cache": cache, "library": self.library.root, "layouts": self.layouts}[of]

    def build(self, out: Path, cache: Path, fault: Fault | None = None) -> Told:
        return build_fault_injection.build(self.request(out), cache, fault, drawn=self.drawn)


def scene(folder: Path, *, drawn: bool) -> Scene:
    """Publish, then change a phone, add a clinic and take one away."""
    library = tiny(folder)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a5]")
    library.body("## Ring\n\n::: call Er du i tvivl?\nRing til os.\n:::\n")
    published, cache = folder / "published", folder / "published-cache"
    layouts = Path(shutil.copytree(packaged_folder("layouts"), folder / "layouts"))
    request = BuildRequest(library.root, published, as_of=DAY, jobs=1, layouts=layouts)
    first = build_fault_injection.build(request, cache, drawn=drawn)
    assert first.clean, first
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
    library.write("clinics/east.yaml", library.read("clinics/south.yaml").replace("Syd", "Øst"))
    (library.root / "clinics/south.yaml").unlink()
    assert build_fault_injection.build(replace(request, out=folder / "clean"), folder / "c", drawn=drawn).clean
    return Scene(
        library,
        published,
        cache,
        build_fault_injection.tree(published),
        build_fault_injection.tree(folder / "clean"),
        layouts,
        drawn,
    )


def ends_well(scene: Scene, out: Path, cache: Path) -> None:
    """The next build makes what a clean one makes."""
    again = scene.build(out, cache)
    assert again.clean, again
    assert build_fault_injection.tree(out) == scene.after
    assert build_fault_injection.problems(out, scene.after) == []
    assert build_fault_injection.unsettled(out) == []
