"""The addresses of the desk: whatever depends on a clinic has the clinic first, as `/north/leaflet/first` does.

So two windows can show two clinics, and a ward can bookmark its own.
"""

RESERVED_NAMES = frozenset(
    {"brand", "choose", "clinic", "fonts", "health", "keeper", "leaflet", "pdf", "sign-in", "sign-out", "static"}
)
"""How the addresses without a clinic begin: no clinic can have such a name."""


def clinic_in_path(path: str) -> str:
    """Return the name of the clinic in a path, whether it exists or not; empty if the path has none."""
    name = path.removeprefix("/").partition("/")[0]
    return "" if name in RESERVED_NAMES else name


def file_address(kind: str, path: str) -> str:
    """Return the address of a PDF of the output folder, or of what belongs to it: `pdf`, `earlier`, `picture`, `ready`, `personal` or `print`."""
    clinic, _, file = path.partition("/")
    return f"/{clinic}/{kind}/{file}"
