"""A page comes out of its parcel as it went in, with its files elsewhere."""

from dataclasses import replace
from pathlib import Path

from pdfkit_cli.build.cluster import page_transport
from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.rendering.page import Page, page_key
from tests.helpers.fake_rendering import DAY
from tests.helpers.tiny_library import FOUNDING


def drawn(shop: Project) -> dict[tuple[str, str, str], Page]:
    some = (
        one for one in shop.output_keys() if one.edition.leaflet == "facet-denervation" and one.format in ("a4", "a5")
    )
    return {
        (one.edition.clinic, f"{one.edition.language} {one.edition.variant}", one.format): shop.draw(one).page
        for one in some
    }


def test_a_page_comes_out_as_it_went_in(tmp_path: Path) -> None:
    shop = open_project(BuildRequest(FOUNDING, as_of=DAY))
    for page in drawn(shop).values():
        light, assets = page_transport.pack_page(page)
        assert page.stylesheet.css not in repr(light)
        assert FOUNDING.parent.as_posix() not in repr(light.files)
        for name, asset in assets.items():
            assert "/" not in name
            (tmp_path / name).write_bytes(asset if isinstance(asset, bytes) else asset.read_bytes())
        again = page_transport.unpack_page(light, tmp_path)
        assert replace(again, files=page.files) == page
        assert [(file.url, file.digest) for file in again.files] == [(file.url, file.digest) for file in page.files]
        assert [file.path.read_bytes() for file in again.files] == [file.path.read_bytes() for file in page.files]
        assert [file.path.suffix for file in again.files] == [file.path.suffix.lower() for file in page.files]
        assert page_key(again, {}) == page_key(page, {})


def test_what_shares_a_body_belongs_together() -> None:
    pages = drawn(open_project(BuildRequest(FOUNDING, as_of=DAY)))
    together: dict[str, set[str]] = {}
    for (_, text, _), page in pages.items():
        together.setdefault(text, set()).add(page_transport.body_key(page))
    assert len(pages) > len(together) > 1
    assert all(len(bodies) == 1 for bodies in together.values())
    assert len(set.union(*together.values())) == len(together)
