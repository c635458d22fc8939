"""A page comes out of its parcel as it went in, with its files elsewhere."""

from dataclasses import replace
from pathlib import Path

from pdfkit_cli import layout, parcels
from pdfkit_cli.build import Request, Workshop, open_workshop
from pdfkit_cli.layout import Page
from tests.libraries import FOUNDING
from tests.test_build import DAY


def drawn(shop: Workshop) -> dict[tuple[str, str, str], Page]:
    some = (
        one for one in shop.printings() if one.edition.leaflet == "facet-denervation" and one.format in ("a4", "a5")
    )
    return {
        (one.edition.clinic, f"{one.edition.language} {one.edition.variant}", one.format): shop.draw(one).page
        for one in some
    }


def test_a_page_comes_out_as_it_went_in(tmp_path: Path) -> None:
    shop = open_workshop(Request(FOUNDING, as_of=DAY))
    for page in drawn(shop).values():
        light, assets = parcels.pack(page)
        assert page.stylesheet.css not in repr(light)
        assert FOUNDING.parent.as_posix() not in repr(light.files)
        for name, asset in assets.items():
            assert "/" not in name
            (tmp_path / name).write_bytes(asset if isinstance(asset, bytes) else asset.read_bytes())
        again = parcels.unpack(light, tmp_path)
        assert replace(again, files=page.files) == page
        assert [(file.url, file.digest) for file in again.files] == [(file.url, file.digest) for file in page.files]
        assert [file.path.read_bytes() for file in again.files] == [file.path.read_bytes() for file in page.files]
        assert [file.path.suffix for file in again.files] == [file.path.suffix.lower() for file in page.files]
        assert layout.key(again, {}) == layout.key(page, {})


def test_what_shares_a_body_belongs_together() -> None:
    pages = drawn(open_workshop(Request(FOUNDING, as_of=DAY)))
    together: dict[str, set[str]] = {}
    for (_, text, _), page in pages.items():
        together.setdefault(text, set()).add(parcels.body(page))
    assert len(pages) > len(together) > 1
    assert all(len(bodies) == 1 for bodies in together.values())
    assert len(set.union(*together.values())) == len(together)
