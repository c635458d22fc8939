"""The form of a clinic changes its values in the file and nothing else, or says why it cannot."""

from dataclasses import replace

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.content.library import ClinicEntry
from pdfkit_cli.desk import clinic_form
from pdfkit_cli.desk.clinic_form import ClinicForm, ClinicFormError, HoursRow, NumberRow
from tests.helpers.tiny_library import FOUNDING, TinyLibrary

CLINIC = """\
# an example
name: Klinik Nord  # its name
brand: plain
language: da
country: DK
phone: 76 36 14 00   # the desk
hours:
  # in winter, too
  - {days: [mon, thu], opens: "08:00", closes: "16:00"}
  - {days: [fri], opens: "08:00", closes: "12:00"}   # short
out_of_hours: [lægevagten, "112", {phone: 70 11 07 07, words: {da: Ring om natten}}]
hands_out:
  first: {languages: [da]}  # only
"""


@pytest.fixture
def clinic(library: TinyLibrary) -> ClinicEntry:
    library.write("clinics/north.yaml", CLINIC)
    return loader.load_library(library.root).clinics["north"]


@pytest.fixture
def form(clinic: ClinicEntry) -> ClinicForm:
    return clinic_form.read_form(clinic, "da")


def test_it_is_filled_in_as_the_file_is(form: ClinicForm) -> None:
    assert form.phone == "76 36 14 00"
    assert form.hours == (HoursRow("mon", "thu", "08:00", "16:00"), HoursRow("fri", "", "08:00", "12:00"))
    assert [(row.phone, row.own) for row in form.numbers] == [("lægevagten", False), ("112", False), ("70 11 07 07", True)]  # fmt: skip
    assert form.numbers[2].words == "Ring om natten"


def test_what_is_sent_back_unchanged_changes_nothing(clinic: ClinicEntry, form: ClinicForm) -> None:
    assert clinic_form.edit_clinic(clinic, form) == CLINIC
    assert clinic_form.sent_form(as_sent(form), form) == replace(
        form, numbers=(*form.numbers, *[NumberRow()] * (clinic_form.MAX_ROWS - 3))
    )


def as_sent(form: ClinicForm) -> dict[str, str]:
    sent = {"phone": form.phone} | {f"number-{at}": row.phone for at, row in enumerate(form.numbers)}
    for at, row in enumerate(form.hours):
        sent |= {f"{name}-{at}": getattr(row, name) for name in ("first", "last", "opens", "closes")}
    return sent


@pytest.mark.parametrize("name", sorted(path.stem for path in (FOUNDING / "clinics").glob("*.yaml")))
def test_every_founding_clinic_is_left_as_it_is_and_takes_another_phone(name: str) -> None:
    entry = loader.load_library(FOUNDING).clinics[name]
    form = clinic_form.read_form(entry, "da")
    assert clinic_form.edit_clinic(entry, form) == entry.source.text
    other = "031-390 06 99" if entry.model.country == "SE" else "76 36 14 99"
    found = clinic_form.edit_clinic(entry, replace(form, phone=other))
    before, after = entry.source.text.splitlines(), found.splitlines()
    assert [line for line in before if not line.startswith("phone:")] == [
        line for line in after if not line.startswith("phone:")
    ]


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        ({"phone": "76 36 14 99"}, "phone: 76 36 14 00 ", "phone: 76 36 14 99 "),
        ({"closes-1": "13:30"}, '"12:00"', '"13:30"'),
        ({"first-1": "sat"}, "[fri]", "[sat]"),
        ({"last-1": "sat"}, "[fri]", "[fri, sat]"),
        ({"number-1": "1813"}, '"112"', '"1813"'),
        ({"number-2": "70 11 07 08"}, "70 11 07 07", "70 11 07 08"),
        ({"phone": "76 36 14 99", "opens-0": "09:00"}, None, None),
    ],
)
def test_one_value_is_changed_in_its_place(
    clinic: ClinicEntry, form: ClinicForm, change: dict[str, str], old: str | None, new: str | None
) -> None:
    found = clinic_form.edit_clinic(clinic, clinic_form.sent_form(as_sent(form) | change, form))
    expected = (
        CLINIC.replace(old, new)
        if old and new
        else CLINIC.replace("14 00 ", "14 99 ").replace('opens: "08:00", closes: "16', 'opens: "09:00", closes: "16')
    )
    assert found == expected


def test_rows_come_and_go_and_comments_stay(clinic: ClinicEntry, form: ClinicForm) -> None:
    fewer = replace(form, hours=form.hours[:1], numbers=(form.numbers[1], form.numbers[2]))
    found = clinic_form.edit_clinic(clinic, clinic_form.sent_form({**as_sent(form), "first-1": "", "opens-1": "", "closes-1": "", "number-0": ""}, form))  # fmt: skip
    assert "# in winter, too\nhours: [{days: [mon, thu], opens: '08:00', closes: '16:00'}]   # short\n" in found
    assert "out_of_hours: ['112', {phone: 70 11 07 07, words: {da: Ring om natten}}]\n" in found
    assert [line for line in CLINIC.splitlines() if "#" in line and "days" not in line and "winter" not in line] == [
        line for line in found.splitlines() if "#" in line and "days" not in line and "winter" not in line
    ]
    assert fewer.hours == form.hours[:1]


def test_fields_that_were_not_there_are_added(library: TinyLibrary) -> None:
    entry = loader.load_library(library.root).clinics["north"]
    sent = {"phone": "76 36 14 00", "first-0": "mon", "opens-0": "08:00", "closes-0": "12:00", "number-0": "112"}
    found = clinic_form.edit_clinic(entry, clinic_form.sent_form(sent, clinic_form.read_form(entry, "da")))
    assert found == entry.source.text.replace(
        'phone: "76 36 14 00"\n',
        "phone: \"76 36 14 00\"\nhours: [{days: [mon], opens: '08:00', closes: '12:00'}]\nout_of_hours: ['112']\n",
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": ""}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"phone": "76 36 14 99\nname: x"}, "phone"),
        ({"closes-0": "07:00"}, "hours"),
        ({"opens-0": "8"}, "hours"),
        ({"first-0": "someday"}, "hours"),
        ({"first-0": ""}, "hours"),
        ({"number-0": "12 34 56 78"}, "out_of_hours"),
        ({"number-2": "x"}, "out_of_hours"),
        ({"number-3": "]"}, "out_of_hours"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_field(
    clinic: ClinicEntry, form: ClinicForm, change: dict[str, str], field: str
) -> None:
    with pytest.raises(ClinicFormError) as caught:
        clinic_form.edit_clinic(clinic, clinic_form.sent_form(as_sent(form) | change, form))
    assert caught.value.field == field


def test_a_file_that_is_written_in_another_way_is_left_alone(library: TinyLibrary) -> None:
    library.write("clinics/north.yaml", "{name: Klinik Nord, brand: plain, language: da, country: DK, phone: 76 36 14 00}")  # fmt: skip
    entry = loader.load_library(library.root).clinics["north"]
    form = clinic_form.read_form(entry, "da")
    assert "phone: 76 36 14 99}" in clinic_form.edit_clinic(entry, replace(form, phone="76 36 14 99"))
    with pytest.raises(ClinicFormError) as caught:
        clinic_form.edit_clinic(entry, replace(form, numbers=(NumberRow("112"),)))
    assert caught.value.field == "file"


def test_changes_in_words(clinic: ClinicEntry, form: ClinicForm) -> None:
    after = clinic.model.model_copy(update={"phone": "76 36 14 99", "hours": ()})
    found = clinic_form.changes(clinic.model, after)
    assert [(one.field, one.before, one.after) for one in found] == [
        ("phone", "76 36 14 00", "76 36 14 99"),
        ("hours", "mon–thu 08:00–16:00; fri 08:00–12:00", "–"),
    ]
