"""Which country is meant by a code that is none."""

import pytest

from pdfkit_cli.content.languages import countries


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("UK", ("GB",)), ("uk", ("GB",)), ("dk", ("DK",)), ("Se", ("SE",)), ("DNK", ("DK",)), ("SWE", ("SE",)), ("GBR", ("GB",)), ("USA", ("US",)),
        ("EN", ("GB",)), ("ENG", ("GB",)), ("SW", ("CH", "SE")), ("DAN", ("DK",)), ("DEN", ("DK",)), ("NOR", ("NO",)), ("GER", ("DE",)),
        ("Denmark", ("DK",)), ("danmark", ("DK",)), ("Sverige", ("SE",)), ("Deutschland", ("DE",)), ("Suomi", ("FI",)), ("England", ("GB",)),
        ("Great Britain", ("GB",)), ("Grønland", ("GL",)), (" DK ", ("DK",)), ("XX", ()), ("", ()), ("S", ()), ("45", ()), ("EU", ()),
    ],
)  # fmt: skip
def test_a_country_that_may_be_meant(typed: str, codes: tuple[str, ...]) -> None:
    assert countries.suggest_codes(typed) == codes
