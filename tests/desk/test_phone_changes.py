"""The phone number that a clinic had is read from a published PDF, or nothing is said of it."""

from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk.library_status import library_status
from pdfkit_cli.desk.phone_changes import PhoneChange
from tests.helpers.tiny_library import TinyLibrary


@pytest.fixture
def out(library: TinyLibrary, tmp_path: Path) -> Path:
    """Published by a clinic with a number for the night."""
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    library.replace("clinics/north.yaml", "hands_out:", 'out_of_hours: ["112"]\nhands_out:')
    assert build(BuildRequest(library.root, tmp_path / "dist", jobs=1)).clean
    return tmp_path / "dist"


def found(library: TinyLibrary, out: Path) -> list[PhoneChange]:
    groups = library_status(BuildRequest(library.root, out)).plan.groups
    assert groups
    return [change for group in groups for change in group.phones]


def test_old_and_new_as_the_country_writes_them(library: TinyLibrary, out: Path) -> None:
    library.replace("clinics/north.yaml", "76 36 14 00", "+45 76361499")
    assert found(library, out) == [PhoneChange("north", "76 36 14 00", "76 36 14 99")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Klinik Nord", "Klinik Ny"),
        ('out_of_hours: ["112"]', 'out_of_hours: [lægevagten, "112"]'),
    ],
)
def test_another_change_of_the_file_is_none_of_the_number(library: TinyLibrary, out: Path, old: str, new: str) -> None:
    library.replace("clinics/north.yaml", old, new)
    assert found(library, out) == []


def test_a_published_file_that_was_altered_tells_nothing(library: TinyLibrary, out: Path) -> None:
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
    (out / "north/first.da.a4.pdf").write_bytes(b"%PDF-1.7")
    assert found(library, out) == []


def test_two_numbers_that_went_are_not_guessed_at(library: TinyLibrary, out: Path) -> None:
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
    library.replace("clinics/north.yaml", '["112"]', '["1813"]')
    assert found(library, out) == []
