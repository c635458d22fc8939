"""What authors may write in a YAML file, and what they may not."""

from typing import Any

import pytest
from pydantic import ValidationError

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.models import (
    Brand,
    Clinic,
    Format,
    FrontMatter,
    Hours,
    Leaflet,
    LibrarySettings,
    Phrases,
    StrictModel,
    is_web_address,
)

LEAFLET: dict[str, Any] = {
    "id": "T-1", "version": "0.1", "date": "2026-01-31", "status": "draft", "owner": "north", "audience": "patient",
    "source_language": "da", "formats": ["a4"],
}  # fmt: skip
CLINIC: dict[str, Any] = {"name": "N", "brand": "b", "language": "da", "country": "DK"}
PHRASES: dict[str, Any] = known_language("en").phrases.model_dump()


def complaints(model: type[StrictModel], data: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    return " | ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in caught.value.errors())


def test_a_model_cannot_be_changed() -> None:
    leaflet = Leaflet.model_validate(LEAFLET)
    with pytest.raises(ValidationError):
        leaflet.version = "0.2"


@pytest.mark.parametrize("missing", ["reviewed", "review_by"])
def test_an_approved_leaflet_needs_both_dates(missing: str) -> None:
    data = LEAFLET | {"status": "approved", "reviewed": "2026-01-01", "review_by": "2028-01-01"}
    assert Leaflet.model_validate(data).review_by
    del data[missing]
    assert "needs “reviewed” and “review_by”" in complaints(Leaflet, data)


def test_the_review_comes_later() -> None:
    data = LEAFLET | {"reviewed": "2026-01-01", "review_by": "2026-01-01"}
    assert complaints(Leaflet, data).startswith("review_by: ")


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("id", ["T-1", "BP-01", "A"], ["t-1", "T_1", "T-", "", "T 1"]),
        ("version", ["1", "0.1", "10.2.3"], ["v1", "1.", "", "1٣"]),
        ("owner", ["north", "north-2"], ["North", "north clinic", "-north", "nørd", "north\nsouth"]),
        ("source_language", ["da", "sv", "en", "ar"], ["xx", "danish", "DA", "da-DK", "no way"]),
        ("date", ["2026-01-31", "2024-02-29"], ["2026-02-29", "1738281600", "2026-1-31", " "]),
    ],
)
def test_shapes_of_a_leaflet(key: str, good: list[str], bad: list[str]) -> None:
    for value in good:
        Leaflet.model_validate(LEAFLET | {key: value})
    for value in bad:
        assert complaints(Leaflet, LEAFLET | {key: value}).startswith(key), value


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        (
            "phone",
            ["76 36 14 00", "+46 31 81 80 83", "76-36-14-00", "112", "1813"],
            ["hello", "12", "76 36 14 00 76 36 14 00", "1177"],
        ),
        (
            "email",
            ["a@b.dk"],
            ["a@b", "a b@c.dk", "@b.dk", "mailto:", "mailto:a@b.dk", "A <a@b.dk>", "a@b.dk, c@d.dk", "a@b.dk."],
        ),
        (
            "web",
            ["https://example.org", "http://example.org/a?b"],
            ["example.org", "https://", "ftp://a.dk", "https://[x"],
        ),
        ("country", ["DK"], ["Denmark", "dk", "45"]),
        ("brand", ["plain"], ["Plain"]),
    ],
)
def test_shapes_of_a_clinic(key: str, good: list[str], bad: list[str]) -> None:
    for value in good:
        Clinic.model_validate(CLINIC | {key: value})
    for value in bad:
        assert complaints(Clinic, CLINIC | {key: value}).startswith(key), value


@pytest.mark.parametrize(
    ("opens", "closes"), [("10:00", "09:00"), ("10:00", "10:00"), ("9:00", "10:00"), ("10", "24:00")]
)
def test_hours_open_before_they_close_and_are_times(opens: str, closes: str) -> None:
    complaints(Hours, {"days": ["mon"], "opens": opens, "closes": closes})


def test_hours_are_for_a_day_or_a_run_of_days() -> None:
    complaints(Hours, {"days": ["mon", "tue", "wed"], "opens": "09:00", "closes": "10:00"})
    complaints(Hours, {"days": ["monday"], "opens": "09:00", "closes": "10:00"})
    Hours.model_validate({"days": ["mon", "fri"], "opens": "09:00", "closes": "10:00"})


@pytest.mark.parametrize("mark", ["{{ clinic.phone }}", "**bold**", "[a](https://b.dk)", "<b>x</b>", "</script>"])
@pytest.mark.parametrize("key", ["title", "summary", "short_title", "synonyms"])
def test_front_matter_is_plain_words(key: str, mark: str) -> None:
    words: Any = [mark] if key == "synonyms" else mark
    assert "would be printed" in complaints(FrontMatter, {"title": "T", "summary": "S"} | {key: words})


def test_front_matter_takes_the_signs_of_plain_words() -> None:
    FrontMatter.model_validate({"title": "Hvad nu? (1 < 2, 5 * 3)", "summary": "»Ja« & [nej]"})


@pytest.mark.parametrize(
    ("key", "phrase"),
    [
        ("page", "Page {page}"),
        ("page", "{pages} of {page}"),
        ("page", "Page {page} of {pages} {x}"),
        ("exercise", "Exercise"),
        ("exercise", "Exercise {number} {"),
        ("exercise", "Exercise {number.real}"),
        ("exercise", "Exercise {number!r}"),
        ("dose", "{rounds}"),
        ("from_time_to_time", "{opens}"),
    ],
)
def test_a_phrase_has_its_fields_and_no_others(key: str, phrase: str) -> None:
    assert complaints(Phrases, PHRASES | {key: phrase}).startswith(f"{key}: Value error, must contain {{")


@pytest.mark.parametrize("colour", ["blue", "#fff", "#12345g", "#123456;}", "red}"])
def test_a_colour_is_six_digits(colour: str) -> None:
    assert "is not a colour" in complaints(
        Brand, {"name": "B", "primary": colour, "accent": "#000000", "tint": "#ffffff"}
    )


def test_a_schema_shows_the_patterns() -> None:
    properties = Leaflet.model_json_schema()["properties"]
    assert properties["owner"]["pattern"] == "^[a-z0-9]+(-[a-z0-9]+)*$"
    assert properties["date"]["format"] == "date"
    for model in (Brand, Clinic, Format, FrontMatter, LibrarySettings, Phrases):
        assert model.model_json_schema()["additionalProperties"] is False


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://example.org", True),
        ("http://sundhed.dk/a#b", True),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://[x", False),
        ("//example.org", False),
        ("https://example.org/" + "a" * 1000, False),
    ],
)
def test_what_is_a_web_address(address: str, good: bool) -> None:
    assert is_web_address(address) is good


BRAND: dict[str, Any] = {"name": "B", "primary": "#24506b", "accent": "#b3611f", "tint": "#eef3f6"}


@pytest.mark.parametrize("ink", [[0, 0, 0], [0, 0, 0, 101], [-1, 0, 0, 0], [0, 0, 0, 0, 0]])
def test_ink_is_four_percentages(ink: list[float]) -> None:
    Brand.model_validate(BRAND | {"cmyk": {"primary": [100, 50.5, 0, 0]}})
    assert "cmyk.primary" in complaints(Brand, BRAND | {"cmyk": {"primary": ink}})
    assert "cmyk.red" in complaints(Brand, BRAND | {"cmyk": {"red": [0, 0, 0, 0]}})


@pytest.mark.parametrize(
    "change", [{"left": 193}, {"top": 280}, {"width": 0}, {"height": 0}, {"left": 210}, {"left": -1}, {"pages": "last"}]
)
def test_a_zone_lies_on_its_page(change: dict[str, Any]) -> None:
    zone = {"name": "Z", "left": 0, "top": 0, "width": 18, "height": 20}
    good = {
        "name": "F",
        "css": ["f.css"],
        "preflight": {"page": [210, 297], "zones": [zone | {"left": 192, "top": 277}]},
    }
    Format.model_validate(good)
    assert "preflight" in complaints(Format, good | {"preflight": {"page": [210, 297], "zones": [zone | change]}})


def test_only_a_format_without_inks_can_be_archived() -> None:
    good = {"name": "F", "css": ["f.css"]}
    assert Format.model_validate(good).archival
    assert not Format.model_validate(good | {"colours": "cmyk"}).archival


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("UK", "United Kingdom is GB"),
        ("dk", "Denmark is DK"),
        ("SW", "Switzerland is CH or Sweden is SE"),
        ("Sverige", "Sweden is SE"),
        ("XX", "write a code of two capitals, such as DK, SE or GB"),
    ],
)
def test_a_wrong_country_code_says_the_right_one(code: str, hint: str) -> None:
    assert f"“{code}” is not a country code; {hint}" in complaints(Clinic, CLINIC | {"country": code})


# Who answers at night


@pytest.mark.parametrize(
    ("entry", "phone", "danish"),
    [
        ("112", "112", "Ved livsfare"),
        ("7011 0707", "7011 0707", "Aften, nat og weekend: lægevagten"),
        ("lægevagten", None, "Aften, nat og weekend: lægevagten i din region"),
        ({"phone": "112"}, "112", "Ved livsfare"),
        ({"phone": "112", "words": {"da": "Livsfare"}}, "112", "Livsfare"),
        ({"phone": "70 11 31 31", "words": {"da": "Lægevagten"}}, "70 11 31 31", "Lægevagten"),
        ({"words": {"da": "Gå på skadestuen"}}, None, "Gå på skadestuen"),
    ],
)
def test_who_answers_at_night(entry: object, phone: str | None, danish: str) -> None:
    (found,) = Clinic.model_validate(CLINIC | {"out_of_hours": [entry]}).out_of_hours
    assert (found.phone, found.words["da"]) == (phone, danish)


def test_a_public_number_has_words_in_other_languages_too() -> None:
    (found,) = Clinic.model_validate(
        CLINIC | {"out_of_hours": [{"phone": "112", "words": {"pl": "Zagrożenie życia"}}]}
    ).out_of_hours
    assert set(found.words) >= {"da", "sv", "en", "ar", "pl"}


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("1177", "out_of_hours.0: Value error, “1177” is not a public number of DK that pdfkit has words for (it has: "),
        ("Falck", "out_of_hours.0: Value error, “Falck” is not a public number of DK"),
        ({"phone": "12", "words": {"da": "a"}}, "out_of_hours.0: Value error, “12” has too few or too many digits for DK"),
        ({"phone": "70 11 31 31"}, "out_of_hours.0.words: Field required"),
        ({"phone": "112", "words": "a"}, "out_of_hours.0.words: Input should be a valid dictionary"),
        ({"words": {}}, "out_of_hours.0.words: Dictionary should have at least 1 item"),
        (112, "out_of_hours.0: Input should be a valid dictionary or instance of OutOfHours"),
    ],
)  # fmt: skip
def test_a_wrong_entry_for_the_night(entry: object, complaint: str) -> None:
    assert complaints(Clinic, CLINIC | {"out_of_hours": [entry]}).startswith(complaint)


def test_a_wrong_country_is_the_only_complaint() -> None:
    assert "|" not in complaints(Clinic, CLINIC | {"country": "Denmark", "out_of_hours": ["112"]})
