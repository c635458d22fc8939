"""What a render says of its own pages, beyond that nothing is lost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a typesetter would mend: the code of its rule, the page (from 1), and the words that it is about."""

    code: str
    page: int
    words: str
