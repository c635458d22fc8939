"""How much of a long proof runs: a seeded sample in `make test`, all of it in `make soak`."""

import os

WHOLE = os.environ.get("PDFKIT_SOAK") == "1"


def amount(sample: int, whole: int) -> int:
    """Return how many cases to try: `sample` in `make test`, `whole` in `make soak`."""
    return whole if WHOLE else sample
