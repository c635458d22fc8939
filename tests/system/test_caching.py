"""What was made last, or lately, is made once."""

from pdfkit_cli.system.caching import BoundedCache, LastValueCache


def test_the_last_is_made_once() -> None:
    last, made = LastValueCache[int](), list[object]()

    def ask(of: object) -> int:
        return last(of, lambda: made.append(of) or len(made))  # type: ignore[func-returns-value]

    one, other = (1,), (2,)
    assert [ask(one), ask(one), ask(other), ask(one)] == [1, 1, 2, 3]


def test_the_newest_are_kept() -> None:
    kept = BoundedCache[str, int](2)
    for number, key in enumerate("abac"):
        kept[key] = number
    assert dict(kept) == {"b": 1, "c": 3}
