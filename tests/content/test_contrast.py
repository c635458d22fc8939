"""Contrast and grey are those of WCAG and of a printer."""

import pytest

from pdfkit_cli.content import contrast


def test_contrast_is_that_of_wcag() -> None:
    assert contrast.contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_grey_is_that_of_a_printer() -> None:
    assert [contrast.to_grey(colour) for colour in ("#ffffff", "#000000", "#ff0000", "#00ff00", "#0000ff")] == [
        "#ffffff",
        "#000000",
        "#4c4c4c",
        "#969696",
        "#1c1c1c",
    ]


def test_a_lighter_colour_is_mixed_with_white() -> None:
    assert [contrast.lightened("#24506b", share) for share in (0, 0.6, 1)] == ["#24506b", "#a7b9c4", "#ffffff"]
