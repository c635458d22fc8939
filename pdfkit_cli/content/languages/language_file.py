"""`languages/<language>.yaml`: everything that depends on a language, as authors write it."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from pdfkit_cli.content.languages import locales
from pdfkit_cli.content.models import (
    NonEmptyText,
    Phrases,
    PlainText,
    PlainWordList,
    ScriptCode,
    StrictModel,
    TextByLanguage,
    TextPattern,
)

Words: TypeAlias = tuple[NonEmptyText, ...]
"""Words or phrases. In those of `number_words` and in `negations`, a star stands for any letters."""


def _validate_locale(code: str) -> str:
    if not locales.is_language(code):
        raise ValueError(f"“{code}” is not a locale of CLDR; write one such as en-GB or sr-Latn")
    return code


LocaleCode = Annotated[
    str, TextPattern(r"[a-z]{2,3}(-[A-Za-z]{2,4})*", "a locale such as en-GB"), AfterValidator(_validate_locale)
]
Mark = Annotated[str, Field(min_length=1, max_length=1)]
Number = Annotated[str, TextPattern(r"\d+(\.\d+)?", "a number such as 2 or 0.5")]
DatePattern = Annotated[
    str, TextPattern(r"""([dMyLEcG]+|[^A-Za-z'\d]|'[^']*')+""", "a date pattern of CLDR, such as d MMMM y")
]
TimePattern = Annotated[
    str, TextPattern(r"""([Hm]+|[^A-Za-z'\d]|'[^']*')+""", "a time pattern of CLDR with 24 hours, such as HH:mm")
]


class DatePatterns(StrictModel):
    """Patterns of dates and times, where those of CLDR do not fit leaflets."""

    date: DatePattern | None = Field(default=None, description="A date, such as “d MMMM y”.")
    appointment: DatePattern | None = Field(
        default=None, description="A date with its weekday, such as “EEEE d MMMM y”."
    )
    unbroken_after: Words = Field(
        default=(), description="Words in it after which a line does not break, such as “den”."
    )
    time: TimePattern | None = Field(default=None, description="A time of day, such as “HH:mm”.")
    opening_time: TimePattern | None = Field(
        default=None, description="A time in opening hours, if written differently."
    )
    opening_hour: TimePattern | None = Field(
        default=None, description="The same, if both times are full hours: “H” for 8–16."
    )


class NumberWordList(StrictModel):
    """Words for numbers, units and percent, by which `different-numbers` compares texts. A star matches any ending."""

    prefixes: tuple[tuple[Mark | NonEmptyText, ...], ...] = Field(
        default=(), description="What may be written together with a word, before it: one of each list, or none."
    )
    percent: Words = Field(default=(), description="Words for percent after a number.")
    percent_before: Words = Field(default=(), description="Words for percent before a number.")
    units: Mapping[NonEmptyText, Words] = Field(
        default={}, description="Words and symbols for a unit, by its standard symbol."
    )
    words: Mapping[Number, Words] = Field(default={}, description="Words for a number, by the number.")
    ones: Words = Field(default=(), description="Words for 1.")
    articles: Words = Field(default=(), description="Words that mean 1 before one of the words in `counted` only.")
    counted: Words = Field(
        default=(),
        description="Words after `articles`; where words have no spaces between them, words that follow every number in words.",
    )
    never: Words = Field(default=(), description="Phrases in which none of these words is a number.")
    signs: Mapping[Literal["≥", "≤", ">", "<", "−"], Words] = Field(default={}, description="Phrases that mean a sign.")
    times: Mapping[Literal["min", "h", "d", "week", "month", "year"], Words] = Field(
        default={}, description="Words for units of time, after a number."
    )
    am: Words = Field(default=(), description="Words after a 12-hour time before noon.")
    pm: Words = Field(default=(), description="The same after noon.")


class Syllables(StrictModel):
    """A rule for dividing words, for a language without hyphenation patterns: before a consonant that a vowel follows."""

    vowels: NonEmptyText = Field(description="The letters of vowels, in lower case.")
    together: Words = Field(
        default=(), description="Consonants of several letters, such as “ng”, that are not divided."
    )


class SampleText(StrictModel):
    """The words of a new leaflet, which `pdfkit new` writes."""

    title: PlainText
    summary: PlainText
    heading: PlainText
    paragraph: PlainText


class LanguageFile(StrictModel):
    """`languages/<language>.yaml`: everything that depends on a language. A library's file overrides single keys of pdfkit's."""

    name: NonEmptyText | None = Field(
        default=None, description="Its name in itself, inside a sentence (default: CLDR's)."
    )
    names: TextByLanguage = Field(
        default={}, description="Its name in other languages, where CLDR's does not tell it apart."
    )
    also_called: Words = Field(default=(), description="Other names by which the desk finds it.")
    reviewed: bool = Field(
        default=False,
        description="Whether somebody who reads the language has reviewed the phrases. Otherwise every page is labelled as an unreviewed translation.",
    )
    locale: LocaleCode | None = Field(
        default=None, description="The locale of CLDR for dates and names (default: the code)."
    )
    direction: Literal["ltr", "rtl"] | None = Field(
        default=None, description="The direction of its script (default: CLDR's)."
    )
    script: ScriptCode | None = Field(
        default=None, description="The script that decides its fonts: an ISO 15924 code (default: CLDR's)."
    )
    digits: Literal["latn", "arab", "arabext", "deva", "tamldec", "thai"] = Field(
        default="latn", description="The digits of dates and times: a numbering system of CLDR."
    )
    decimal: Literal[",", ".", "٫"] | None = Field(default=None, description="The decimal sign (default: CLDR's).")
    thousands: Literal[",", ".", " ", "’", "٬"] | None = Field(
        default=None, description="The thousands separator (default: CLDR's)."
    )
    quotation_marks: NonEmptyText | None = Field(default=None, description="Its quotation marks, with … between: »…«.")
    space_before_marks: bool = Field(default=False, description="Whether ? and : have a space before them.")
    word_spaces: bool = Field(default=True, description="Whether words are separated by spaces.")
    optional_vowels: bool = Field(default=False, description="Whether vowel marks may be left out.")
    dates: DatePatterns = DatePatterns()
    abbreviations: Words = Field(
        default=(), description="Abbreviations before a number: “ca.” ends neither sentence nor line."
    )
    out_of: Words = Field(default=(), description="The words between the numbers of a ratio, such as “out of”.")
    units: Words = Field(default=(), description="Units that CLDR does not name, such as IU.")
    range_units: Words = Field(
        default=(), description="Words after a range of numbers, by which `lost-dash` finds one."
    )
    hyphenation: NonEmptyText | None = Field(
        default=None, description="A dictionary of pyphen, such as da_DK; no key for none."
    )
    syllables: Syllables | None = Field(
        default=None, description="How words are divided where there is no such dictionary."
    )
    divide_from: Annotated[int, Field(ge=10)] | None = Field(
        default=None, description="Words of this many letters may be divided everywhere, and not only in narrow tables."
    )
    lix: tuple[int, int, int, int] | None = Field(
        default=None,
        description="The LIX from which a text is easy, medium, hard and very hard; no key if LIX has no meaning.",
    )
    safety_words: Words = Field(
        default=(),
        description="Parts of words about medicine, fasting, driving and calling; a library's are added to pdfkit's.",
    )
    negations: Words = Field(default=(), description="Words that reverse a sentence, such as “not”.")
    limits: Words = Field(default=(), description="Words that limit a sentence, such as “only”.")
    or_words: Words = Field(default=(), description="Words for “or”.")
    vague_links: Words = Field(default=(), description="Words of a link that tell nothing, such as “read more”.")
    click_here: Words = Field(default=(), description="Phrases that mean nothing on paper, such as “click here”.")
    picture_names: Words = Field(default=(), description="Words for a picture, as in file names.")
    pictures_of: Words = Field(
        default=(), description="Phrases such as “picture of”, which screen readers say themselves."
    )
    number_words: NumberWordList = NumberWordList()
    plain_words: PlainWordList = PlainWordList()
    sample: SampleText | None = None
    phrases: Phrases | None = Field(default=None, description="Every word that a layout prints.")
