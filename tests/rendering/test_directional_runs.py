"""Words and numbers from left to right, over several elements: set together in a text from right to left."""

import pytest

from pdfkit_cli.content.blocks import Break, Emphasis, Fact, Inline, Inlines, Link, Span, Strong, Text
from pdfkit_cli.rendering.directional_runs import Run, group_ltr_runs


def bold(text: str) -> Strong:
    return Strong((Text(text),))


def english(text: str) -> Span:
    return Span((Text(text),), "en")


def runs(nodes: Inlines) -> list[str]:
    return [said(node.children) for node in group_ltr_runs(nodes, "rtl") if isinstance(node, Run)]


def said(nodes: tuple[Inline | Run, ...]) -> str:
    return "".join(
        node.text if isinstance(node, Text) else said(node.children)
        for node in nodes
        if isinstance(node, Text | Strong | Emphasis | Span | Run)
    )


@pytest.mark.parametrize(
    ("nodes", "run"),
    [
        ((bold("100"), Text(" mg")), "100 mg"),
        ((Text("خذ "), bold("500"), Text(" mg الآن")), "500 mg"),
        ((Text("خذ Panodil "), bold("500"), Text(" mg، ثم")), "Panodil 500 mg"),
        ((Text("خذ 500 "), english("mg"), Text(" الآن")), "500 mg"),
        ((english("Panodil"), Text(" 500 mg")), "Panodil 500 mg"),
        ((bold("خذ 500"), Text(" mg")), "500 mg"),
        ((Text("500 "), bold("mg الآن")), "500 mg"),
        ((Strong((Text("Panodil "), Emphasis((Text("500"),)), Text(" mg"))),), "Panodil 500 mg"),
        ((bold("−5"), Text(" °C")), "−5 °C"),
        ((bold("A"), Text(", "), bold("D")), "A, D"),
        ((Text("في "), bold("8"), Text(":30 ثم")), "8:30"),
        ((bold("1"), Emphasis((Text("0"),))), "10"),
        ((bold("76 36"), Text(" 14 00")), "76 36 14 00"),
    ],
)
def test_a_run_over_several_elements_is_set_in_one(nodes: Inlines, run: str) -> None:
    assert runs(nodes) == [run]
    assert said(group_ltr_runs(nodes, "rtl")) == said(nodes)


@pytest.mark.parametrize(
    "nodes",
    [
        (Text("خذ 500 mg "), bold("الآن")),
        (bold("2"), Text("–"), bold("3")),
        (bold("500 mg"), Text(" من "), Emphasis((Text("Panodil"),))),
        (bold("500"), Break(), Text("mg")),
        (bold("500"), Fact("phone", "76 36 14 00"), Text("mg")),
        (bold("Panodil"), Text(" ("), bold("500 mg"), Text(")")),
        (Span((Text("آلام"),), "ar"), Text(" 500 mg")),
        (Link("Panodil", "https://example.org", 1), Text(" 500 mg")),
        (bold(""), Text("")),
    ],
)
def test_other_elements_stay_as_they_are(nodes: Inlines) -> None:
    assert group_ltr_runs(nodes, "rtl") == nodes
    assert group_ltr_runs((bold("100"), Text(" mg")), "ltr") == (bold("100"), Text(" mg"))


def test_elements_keep_their_place_and_their_kind() -> None:
    nodes: Inlines = (bold("خذ "), bold("100"), Text(" mg "), Break(), bold("ثم 5"), Text(" mg"))
    assert group_ltr_runs(nodes, "rtl") == (
        bold("خذ "),
        Run((bold("100"), Text(" mg"))),
        Text(" "),
        Break(),
        bold("ثم "),
        Run((bold("5"), Text(" mg"))),
    )
