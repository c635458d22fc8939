"""Print what a search takes, against a plain look through everything with rapidfuzz, in the same process: JSON, in seconds of CPU."""

import json
import random
import re
import sys
import time
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz, process

from pdfkit_cli.content.languages.folding import fold_text
from pdfkit_cli.content.search import SearchEntry, SearchIndex, SearchText
from tests.helpers.tiny_library import FOUNDING

LANGUAGES, WORDS = 8, 12_000
"""Languages, and the words that each has: every second is a compound, as in Danish, and few are used most."""

TYPED = ("b", "ryg", "smerte", "smetre", "lænderygsmerter", "varmebehandlign", "opration", "behandling af smerter i lænden", "العلاج", "BP-0017")  # fmt: skip


def leaflets(count: int) -> list[SearchEntry]:
    """Make leaflets of the words of the founding library."""
    texts = (path.read_text("utf-8").lower() for path in sorted((FOUNDING / "content").glob("*/*.md")))
    known = sorted({word for text in texts for word in re.findall(r"[^\W\d_]{2,}", text)})
    languages = {f"l{number}": _vocabulary(known, number) for number in range(LANGUAGES)}
    chance = random.Random(0)
    return [
        SearchEntry(f"leaflet-{number:04}", f"BP-{number:04}", tuple(_text(name, words, chance) for name, words in languages.items()))
        for number in range(count)
    ]  # fmt: skip


def _vocabulary(known: Sequence[str], seed: int) -> list[str]:
    chance = random.Random(seed)
    return [chance.choice(known) + chance.choice(("", chance.choice(known))) for _ in range(WORDS)]


def _text(language: str, words: Sequence[str], chance: random.Random) -> SearchText:
    def said(count: int) -> str:
        often = (words[min(int(chance.paretovariate(0.6)), WORDS) - 1] for _ in range(count))
        return " ".join(word if chance.random() < 0.7 else chance.choice(words) for word in often)

    return SearchText(language, said(6), said(25), tuple(said(1) for _ in range(6)))


def look_through(entries: Sequence[SearchEntry]) -> Callable[[str], object]:
    """Return the plain way: compare what is typed with every text."""
    texts = [
        fold_text(" ".join((entry.id, text.title, *text.synonyms, text.summary)))
        for entry in entries
        for text in entry.texts
    ]
    return lambda typed: process.extract(fold_text(typed), texts, scorer=fuzz.partial_ratio, limit=20)


def cost(find: Callable[[str], object]) -> list[float]:
    """Return what each search takes: the best of three, as the machine has other things to do."""

    def once(typed: str) -> float:
        started = time.process_time()
        find(typed)
        return time.process_time() - started

    return [min(once(typed) for _ in range(3)) for typed in TYPED]


def main(count: int) -> None:
    """Measure and print."""
    entries = leaflets(count)
    started = time.process_time()
    index = SearchIndex.of(entries)
    made = time.process_time() - started
    ours, plain = cost(index.find), cost(look_through(entries))
    mean = sum(ours) / len(ours)
    print(
        json.dumps(
            {"made": made, "mean": mean, "worst": max(ours), "ratio": sum(plain) / sum(ours), "words": index.vocabulary}
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
