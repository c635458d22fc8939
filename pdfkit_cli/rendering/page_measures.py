"""What the pages of a laid-out text measure: how many they are, how full, and where they have holes."""

from dataclasses import dataclass
from typing import Any

from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.page import PageFormat
from pdfkit_cli.system.codec import storable


@storable
@dataclass(frozen=True, slots=True)
class Measures:
    """The number of pages of a layout, and how many of them it fills: 5.4 if it ends on the sixth, after 40 % of it.

    `emptiest` is the share of the type area that the emptiest page is filled to, of those that text flows on from,
    and `holes` is what they leave empty together, in pages.
    `room` is the height that is left below the end of the last page, in mm, and `pictures` the height of the small
    pictures beside the text, in pages.
    """

    pages: int
    filled: float
    emptiest: float = 1.0
    holes: float = 0.0
    room: float = 0.0
    pictures: float = 0.0

    @property
    def content(self) -> float:
        """How many pages the text would fill if none of them had a hole."""
        return self.filled - self.holes


def measure(document: Any, form: PageFormat) -> Measures:
    """Return what a laid-out document measures.

    A front cover has no hole, and nor has the page before a back cover. A hole in one of several columns is not seen.
    """
    filled = filled_pages(document, form)
    shares = [_share_of_type_area(page) for page in document.pages[bool(form.cover) : int(filled)]]
    return Measures(
        len(document.pages),
        filled,
        min(shares, default=1.0),
        sum(1 - share for share in shares),
        _room_on_last_page(document),
        sum(map(_share_of_pictures, document.pages)) / form.columns,
    )


def filled_pages(document: Any, form: PageFormat) -> float:
    """Return how many pages a text fills, with its front cover and without its back cover; with its foot, if the page grows.

    Of columns, one is filled after the other: the last page may be taken to be emptier than it is, never fuller.
    """
    for number, page in enumerate(document.pages):
        end = weasyprint_seams.anchor_boxes(page).get("text-end" if form.cover else "end")
        if end and form.grows:
            return float((end[3] + weasyprint_seams.page_box(page).margin_bottom) / page.height)
        if end:
            return number + float(end[1] / page.height) / form.columns
    return float(len(document.pages))


def _share_of_type_area(page: Any) -> float:
    box = weasyprint_seams.page_box(page)
    return float((weasyprint_seams.text_end(page) - box.margin_top) / box.height)


def _share_of_pictures(page: Any) -> float:
    return sum(weasyprint_seams.heights_of_class(page, "small")) / float(weasyprint_seams.page_box(page).height)


def _room_on_last_page(document: Any) -> float:
    """Return the height below the end of the text on the last page, in mm; 0 if it ends elsewhere."""
    page = document.pages[-1]
    end = weasyprint_seams.anchor_boxes(page).get("end")
    box = weasyprint_seams.page_box(page)
    return float(box.content_box_y() + box.height - end[3]) * 25.4 / 96 if end else 0.0
