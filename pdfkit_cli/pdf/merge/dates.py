"""Creation and modification dates.

A pack has the latest date of its parts, so the same parts give the same bytes on any day.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pdfkit_cli.pdf.objects import as_text, entry

_DATE = re.compile(r"D:([12]\d{3})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-])(\d\d)'?(\d\d)?)?")


def read_dates(trailer: Any) -> Iterator[datetime]:
    """Yield the creation and modification dates of a PDF; invalid dates are skipped."""
    for key in ("/CreationDate", "/ModDate"):
        match = _DATE.match(as_text(entry(entry(trailer, "/Info"), key)))
        if match:
            try:
                yield _parse_date(match)
            except (ValueError, OverflowError):
                continue


def _parse_date(match: "re.Match[str]") -> datetime:
    """Return a date (ISO 32000-1, 7.9.4): everything after the year is optional, and a date without a zone is in UTC."""
    year, month, day, hour, minute, second = (int(value) if value else None for value in match.groups()[:6])
    local = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    away = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
    return local + away if match[7] == "-" else local - away


def information_date(moment: datetime | None) -> dict[str, str]:
    """Return the entries of an information dictionary."""
    return dict.fromkeys(("CreationDate", "ModDate"), f"D:{moment:%Y%m%d%H%M%S}Z") if moment else {}


def xmp_date(moment: datetime | None) -> str:
    """Return the elements of XMP metadata, which must state the same (ISO 19005-1, 6.7.3)."""
    if not moment:
        return ""
    date = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return f"<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>"
