"""The schema of the YAML that authors write: one frozen model for each kind of file."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    RootModel,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function

from pdfkit_cli.content import lookalikes
from pdfkit_cli.content.enumerations import DEFAULT_CHANNEL as DEFAULT_CHANNEL
from pdfkit_cli.content.enumerations import Audience as Audience
from pdfkit_cli.content.enumerations import PackMode as PackMode
from pdfkit_cli.content.enumerations import PersonalType as PersonalType
from pdfkit_cli.content.enumerations import Status as Status
from pdfkit_cli.content.enumerations import Variant as Variant
from pdfkit_cli.content.languages import countries, locales, phones, public_numbers
from pdfkit_cli.pdf.folding import Folding
from pdfkit_cli.system.phrases import FALLBACK_LANGUAGE


class StrictModel(BaseModel):
    """The base of all models: unknown keys are errors, and instances are immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _validate_language(code: str) -> str:
    if not locales.is_language(code):
        raise ValueError(locales.unknown_language_message(code))
    return code


@dataclass(frozen=True, slots=True)
class TextPattern:
    """A pattern that a text must match, and its description for authors."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$"}

    def _check(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise ValueError(f"“{text}” is not {self.words}")
        return text


def _validate_country(code: str) -> str:
    if code in countries.COUNTRY_CODES:
        return code
    meant = " or ".join(f"{countries.country_name(found)} is {found}" for found in countries.suggest_codes(code))
    hint = meant or "write a code of two capitals, such as DK, SE or GB"
    raise ValueError(f"“{code}” is not a country code; {hint}")


def _parse_date(text: Any) -> datetime.date:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", str(text)):
            return datetime.date.fromisoformat(str(text))
    except ValueError:
        pass
    raise ValueError(f"“{text or ''}” is not a date; write year-month-day, such as 2026-11-21")


def _validate_plain_text(text: str) -> str:
    if mark := re.search(r"[{}]|\*\*|\]\(|\[\^[^\[\]\s]+\]|</?[A-Za-z]|<!--", text):
        raise ValueError(f"“{mark[0]}” would be printed; write plain words, without Markdown, fields or HTML")
    if found := next(lookalikes.find_inline_lookalikes(text), None):
        raise ValueError(f"{found.message}; write plain words, without Markdown, fields or HTML")
    return text


MAX_URL_LENGTH = 1000
"""The longest web address, in characters. A QR code holds 2331 bytes at error level M (ISO 18004), but far fewer scan well from paper."""


def is_web_address(text: str) -> bool:
    """Return whether a text is a web address: http or https, with a host, and not too long."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and len(text) <= MAX_URL_LENGTH
    except ValueError:
        return False


def _validate_web_address(text: str) -> str:
    if not is_web_address(text) or re.search(r"\s", text):
        raise ValueError(f"“{text[:40]}” is not a web address; write one such as https://example.org")
    return text


NonEmptyText = Annotated[str, StringConstraints(min_length=1)]
PlainText = Annotated[NonEmptyText, AfterValidator(_validate_plain_text)]
IsoDate = Annotated[datetime.date, BeforeValidator(_parse_date)]
SLUG_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
Slug = Annotated[str, TextPattern(SLUG_PATTERN, "a name of small letters, digits and hyphens, such as lower-back")]
LanguageCode = Annotated[
    str, TextPattern(r"[a-z]{2,3}", "a language code such as da"), AfterValidator(_validate_language)
]
CountryCode = Annotated[
    str, AfterValidator(_validate_country), TextPattern(r"[A-Z]{2}", "a country code of two capitals")
]
HexColour = Annotated[str, TextPattern(r"#[0-9a-fA-F]{6}", 'a colour such as "#24506b", in quotation marks')]
DocumentId = Annotated[str, TextPattern(r"[A-Z0-9]+(-[A-Z0-9]+)*", "capitals, digits and hyphens, such as BP-01")]
Version = Annotated[str, TextPattern(r"\d+(\.\d+)*", "a version such as 1.0")]
TextDigest = Annotated[
    str,
    TextPattern(r"[0-9a-f]{16}", "the 16 characters that the desk wrote; remove it where the text is approved by hand"),
]
FormatName = Slug
ClockTime = Annotated[str, TextPattern(r"([01]\d|2[0-3]):[0-5]\d", 'a time of day such as "09:30"')]
PersonalFieldName = Annotated[
    str, TextPattern(r"[a-z]+(_[a-z0-9]+)*", "a name of small letters, digits and underscores, such as ward_phone")
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EmailAddress: TypeAlias = Annotated[
    str, TextPattern(r"[^@\s:,;<>()]+@[^@\s:,;<>()]+\.[^@\s:,;<>().]+", "an e-mail address")
]
TextByLanguage = Mapping[LanguageCode, NonEmptyText]


def text_in(texts: TextByLanguage, language: str) -> str:
    """Return the text in a language, or else in English; an empty string if there is neither."""
    return texts.get(language) or texts.get(FALLBACK_LANGUAGE, "")


def _validate_role(text: str) -> str:
    if found := re.search(r"\S+@\S+|\+?\d(?:[ -]?\d){5,}", text):
        raise ValueError(
            f"“{found[0]}” would be printed; write a role with its credentials, and nobody’s address or number"
        )
    return text


Role: TypeAlias = Annotated[PlainText, AfterValidator(_validate_role)]
"""What somebody is and may do, without private data."""


def _validate_personal_type(text: Any) -> Any:
    if text in ("text", "string", "name", "note"):
        raise ValueError(
            f"“{text}” is not a type, because it cannot be checked; use date, time, side or phone, and leave anything else to be written by hand"
        )
    return text


LIX_LIMITS = {Audience.PATIENT: 40, Audience.PHYSIOTHERAPIST: 50, Audience.CLINICIAN: 60}
"""The default limits of the LIX: medium (in Danish) for patients, hard for professionals."""


def _fill_in_audiences(limits: Mapping[Audience, int]) -> Mapping[Audience, int]:
    return {**LIX_LIMITS, **limits}


SeverityName = Literal["error", "warning", "off"]


class SeveritySetting(StrictModel):
    """The severity of a check, for all leaflets or for some; other leaflets keep the default."""

    severity: SeverityName
    only: tuple[Slug, ...] = Field((), description="The leaflets that this applies to (default: all).")
    exempt: tuple[Slug, ...] = Field((), alias="except", description="The leaflets that this does not apply to.")

    @property
    def everywhere(self) -> bool:
        """Whether it applies to all leaflets."""
        return not self.only and not self.exempt

    def applies_to(self, leaflet: str) -> bool:
        """Return whether it applies to a leaflet; an empty name means a file that belongs to no leaflet."""
        return leaflet in self.only if self.only else leaflet not in self.exempt

    @model_validator(mode="after")
    def _only_or_except(self) -> Self:
        if self.only and self.exempt:
            raise ValueError("“only” and “except” cannot be combined; keep one of them")
        return self


def _as_severity_setting(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {"severity": value}


class Checks(StrictModel):
    """The settings of the checks: see docs/checks.md."""

    severity: Annotated[
        Mapping[
            Slug,
            Annotated[
                SeveritySetting,
                BeforeValidator(_as_severity_setting, json_schema_input_type=SeverityName | SeveritySetting),
            ],
        ],
        Field(description="The severity of checks, by code."),
    ] = {}
    review_soon: Annotated[int, Field(ge=0, description="Days before “review_by” from which a review is due soon.")] = (
        60
    )
    lix: Annotated[
        Mapping[Audience, Annotated[int, Field(gt=0)]],
        AfterValidator(_fill_in_audiences),
        Field(validate_default=True, description="The highest LIX of a text and its sections, by audience."),
    ] = {}
    sentence_words: Annotated[int, Field(gt=0, description="The most words that a sentence may have.")] = 25
    picture_dpi: Annotated[
        int, Field(gt=0, description="The lowest resolution of a printed picture, in pixels per inch.")
    ] = 200

    @model_validator(mode="before")
    @classmethod
    def _safety_words_have_moved(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "safety_words" in given:
            raise ValueError(
                "safety words are in the file of their language now; move them to “safety_words” in languages/<language>.yaml"
            )
        return given


class Channel(StrictModel):
    """How packs reach the patient: an entry of `channels` in library.yaml. See docs/packs.md."""

    title: TextByLanguage = Field(default={}, description="Its title at the desk, by language (default: its name).")
    formats: tuple[FormatName, ...] = Field(
        default=(), description="Formats of its leaflets, the best first (default: the formats that name this channel)."
    )
    sides: int = Field(default=0, ge=0, le=2, description="Printed sides of a sheet; 0 for a channel without paper.")
    sheets: int = Field(default=0, ge=0, description="The most sheets that fit into the envelope; 0 for no limit.")
    megabytes: float = Field(
        default=0, ge=0, description="The largest file in a message, in millions of bytes; 0 for no limit."
    )
    files: int = Field(
        default=1, ge=1, description="The most files in a message; with more than 1, packs can be split."
    )
    ways: tuple[PackMode, ...] = Field(
        default=(),
        description="The allowed ways to make its packs; on paper only those with one file: join and separate.",
    )

    @property
    def max_bytes(self) -> int:
        """The largest file in bytes; 0 for no limit."""
        return int(self.megabytes * 1_000_000)

    @property
    def allowed_ways(self) -> tuple[PackMode, ...]:
        """The allowed ways to make its packs. By default: on paper those with one file, otherwise all."""
        return self.ways or ((PackMode.JOIN, PackMode.SEPARATE) if self.sides else tuple(PackMode))

    def sheets_of(self, pages: int) -> int:
        """Return the number of sheets for a number of pages; a channel without paper counts as printed on both sides."""
        return ceil(pages / (self.sides or 2))

    @model_validator(mode="after")
    def _limits_fit_paper(self) -> Self:
        if self.sheets and not self.sides:
            raise ValueError("“sheets” is only for a channel on paper; add “sides: 2”, or remove “sheets”")
        if self.sides and {PackMode.EMBED, PackMode.SPLIT} & set(self.ways):
            raise ValueError("a pack on paper is one file, without attachments; remove embed and split from “ways”")
        return self


DEFAULT_CHANNELS: Mapping[str, Mapping[str, Any]] = {
    "paper": {"sides": 2, "sheets": 8},
    "digital": {"megabytes": 1.5},
}
"""The channels of every library. A library can override single values, and add channels."""


def _add_default_channels(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    own = {
        name: {**DEFAULT_CHANNELS.get(name, {}), **value} if isinstance(value, Mapping) else value
        for name, value in given.items()
    }
    return {**DEFAULT_CHANNELS, **own}


class Appointment(StrictModel):
    """The leaflets that follow the letter of an appointment."""

    leaflets: tuple[NonEmptyText, ...] = Field(
        min_length=1, description="Leaflets by name or document id, in the order in which they are attached."
    )
    format: FormatName | None = None


class Appointments(RootModel[Mapping[Slug, Mapping[NonEmptyText, Appointment]]]):
    """`appointments.yaml`: the procedure or booking codes of each clinic, with the leaflets that follow their letters."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})


class Maintainer(StrictModel):
    """Who looks after the library: whom the desk names when something is missing or wrong."""

    name: NonEmptyText
    phone: NonEmptyText | None = None
    email: EmailAddress | None = None


class LibrarySettings(StrictModel):
    """`library.yaml`: the settings of the library."""

    name: NonEmptyText
    languages: tuple[LanguageCode, ...] = Field(min_length=1, description="Languages that leaflets may be written in.")
    checks: Checks = Checks()
    maintainer: Maintainer | None = Field(None, description="Who looks after the library, as the desk names it.")
    channels: Annotated[
        Mapping[Slug, Channel],
        BeforeValidator(_add_default_channels),
        Field(validate_default=True, description="How packs reach the patient, by name: see docs/packs.md."),
    ] = {}
    imprint: bool = Field(
        default=True,
        description="Whether clinics share laid-out pages; with false, every PDF is rendered separately, which takes longer and looks the same.",
    )


class Leaflet(StrictModel):
    """`content/<leaflet>/leaflet.yaml`: the properties of a leaflet in all languages."""

    id: DocumentId = Field(description="The document id, printed on every page.")
    version: Version = Field(description="Must be raised when the text changes.")
    date: IsoDate
    status: Status
    owner: Slug = Field(description="The clinic that is responsible for the text.")
    audience: Audience
    source_language: LanguageCode
    formats: tuple[FormatName, ...] = Field(min_length=1)
    variants: tuple[Variant, ...] = (Variant.FULL,)
    pages: Mapping[FormatName, Annotated[int, Field(gt=0)]] = Field(
        {}, description="The most pages it may have, by format."
    )
    cover: NonEmptyText | None = Field(
        default=None, description="A picture for the covers of booklets, such as images/cover.svg: decoration only."
    )
    slots: tuple[Slug, ...] = ()
    personal: Mapping[PersonalFieldName, Annotated[PersonalType, BeforeValidator(_validate_personal_type)]] = Field(
        default={}, description="Fields that are filled in for one patient: name and type (date, time, side or phone)."
    )
    reviewed: IsoDate | None = None
    review_by: IsoDate | None = None
    approved_text: TextDigest | None = Field(
        default=None,
        description="Written by the desk: the text that was approved. With any other, the leaflet is a draft.",
    )
    superseded_by: Slug | None = Field(
        None, description="The leaflet that replaces this one, which is then not printed."
    )

    @property
    def in_use(self) -> bool:
        """Whether it can be handed out: neither withdrawn nor superseded."""
        return self.status is not Status.WITHDRAWN and self.superseded_by is None

    @model_validator(mode="after")
    def _approved_is_reviewed(self) -> Self:
        if self.status is Status.APPROVED and not (self.reviewed and self.review_by):
            raise ValueError("an approved leaflet needs “reviewed” and “review_by”; add both dates or make it a draft")
        return self

    @field_validator("review_by")
    @classmethod
    def _review_comes_later(cls, review_by: datetime.date | None, info: ValidationInfo) -> datetime.date | None:
        reviewed = info.data.get("reviewed")
        if reviewed and review_by and review_by <= reviewed:
            raise ValueError(f"{review_by} must be later than “reviewed”, {reviewed}")
        return review_by

    @field_validator("variants")
    @classmethod
    def _full_is_there(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        if Variant.FULL not in variants:
            raise ValueError("must contain full, because the short variant is derived from it")
        return variants


class FrontMatter(StrictModel):
    """The head of `content/<leaflet>/<language>.md`: the translated strings that are not body text."""

    title: PlainText
    summary: PlainText
    short_title: PlainText | None = None
    synonyms: tuple[PlainText, ...] = ()
    subject: PlainText | None = Field(
        default=None,
        description="What it is about, in one or two words such as “Back”: the desk offers it as a choice.",
    )
    personal: Mapping[PersonalFieldName, PlainText] = Field(
        default={},
        description="Labels of personal fields, if the default ones (Date, Time, Which side, Phone) do not fit.",
    )
    translation: Literal["unreviewed", "reviewed"] | None = None
    reviewed_text: TextDigest | None = Field(
        default=None, description="Written by the desk: the text that was reviewed. Any other is unreviewed."
    )
    translated_by: Role | None = Field(
        default=None,
        description="Who translated it, printed at the end: a role with its credentials, such as “state-authorised translator”.",
    )
    translation_reviewed_by: Role | None = Field(
        default=None,
        description="Who reviewed the translation, such as “physiotherapist, native speaker”; printed as long as it is reviewed.",
    )


class MadeFrom(StrictModel):
    """`content/<leaflet>/translated.yaml`: the segments of the source that each translation was made from, one per line."""

    made_from: Mapping[LanguageCode, NonEmptyText]

    def digests(self, language: str) -> tuple[str, ...] | None:
        """Return the digests of the source's segments, in order; None for a translation without a record."""
        lines = self.made_from.get(language)
        return None if lines is None else tuple(line.split(" ", 1)[0] for line in lines.splitlines())


class Address(StrictModel):
    """A postal address, in the order used on an envelope."""

    street: NonEmptyText
    postal_code: NonEmptyText
    city: NonEmptyText


class Hours(StrictModel):
    """The hours in which the phone is answered, on one weekday or on consecutive ones."""

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=2, description="One day, or the first and the last day.")
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"opens ({self.opens}) must be earlier than closes ({self.closes})")
        return self


class OutOfHours(StrictModel):
    """Whom patients may call when the clinic does not answer: a number, and when to call it."""

    phone: NonEmptyText | None = Field(default=None, description="May be left out if the words say whom to call.")
    words: TextByLanguage = Field(
        min_length=1, description="When to call, and who answers, by language; printed beside the number."
    )


def _add_public_words(given: Any, info: ValidationInfo) -> Any:
    """Return an entry of `out_of_hours` with pdfkit's words for it, if it is a public number of the country."""
    entry = {"phone": given} if isinstance(given, str) else given
    country = info.data.get("country")
    if country is None:  # which has an error of its own
        return {"words": {FALLBACK_LANGUAGE: given}} if isinstance(given, str) else given
    if not isinstance(entry, Mapping) or not isinstance(own := entry.get("words", {}), Mapping):
        return given
    if public := public_numbers.find_public_number(str(entry.get("phone", "")), country):
        return {**entry, "phone": entry["phone"] if public.phone else None, "words": {**public.words, **own}}
    if isinstance(given, str):
        known = ", ".join(f'"{each.name}"' for each in public_numbers.public_numbers(country)) or "none"
        raise ValueError(
            f"“{given}” is not a public number of {country} that pdfkit has words for (it has: {known}); "
            'write {phone: "…", words: {…}}, with words in each language'
        )
    return entry


def _out_of_hours_can_be_dialled(entry: OutOfHours, info: ValidationInfo) -> OutOfHours:
    country = info.data.get("country")
    if entry.phone and country and (wrong := phones.phone_problem(entry.phone, country)):
        raise ValueError(f"“{entry.phone}” {wrong}")
    return entry


class HandOut(StrictModel):
    """How a clinic hands out one leaflet. Without formats or variants, all those of the leaflet."""

    languages: tuple[LanguageCode, ...] = Field(min_length=1)
    formats: tuple[FormatName, ...] = ()
    variants: tuple[Variant, ...] = ()


class Clinic(StrictModel):
    """`clinics/<clinic>.yaml`: a clinic, and the leaflets that it hands out."""

    name: NonEmptyText
    unit: NonEmptyText | None = Field(None, description="Ward or department, printed under the name.")
    brand: Slug
    language: LanguageCode = Field(description="The language of the staff.")
    country: CountryCode
    address: Address | None = None
    phone: NonEmptyText | None = None
    phone_note: TextByLanguage = Field({}, description="A note about calling, by language.")
    hours: tuple[Hours, ...] = ()
    out_of_hours: Annotated[
        tuple[
            Annotated[
                OutOfHours,
                BeforeValidator(_add_public_words, json_schema_input_type=NonEmptyText | OutOfHours),
                AfterValidator(_out_of_hours_can_be_dialled),
            ],
            ...,
        ],
        Field(description="Whom patients may call when the phone is not answered, such as 1177 and 112."),
    ] = ()
    email: EmailAddress | None = None
    web: Annotated[str, AfterValidator(_validate_web_address)] | None = None
    hands_out: Mapping[Slug, HandOut] = Field({}, description="Leaflets by the name of their folder.")

    @field_validator("phone")
    @classmethod
    def _phone_can_be_dialled(cls, phone: str | None, info: ValidationInfo) -> str | None:
        if phone and (country := info.data.get("country")) and (wrong := phones.phone_problem(phone, country)):
            raise ValueError(f"“{phone}” {wrong}")
        return phone


Percent: TypeAlias = Annotated[float, Field(ge=0, le=100)]
Cmyk: TypeAlias = tuple[Percent, Percent, Percent, Percent]
"""Cyan, magenta, yellow and black."""


ScriptCode: TypeAlias = Annotated[str, TextPattern(r"[A-Z][a-z]{3}", "a script such as Latn or Arab")]


class BrandFonts(StrictModel):
    """The typefaces of an organisation, each by the name of its folder in `fonts/`."""

    text: Slug | None = Field(default=None, description="The family of all text; Source Sans 3 if not given.")
    headings: Slug | None = Field(default=None, description="The family of headings; that of the text if not given.")
    scripts: Mapping[ScriptCode, Slug] = Field(
        default={},
        description="The families of other scripts by their ISO 15924 codes, such as Hebr or Arab; pdfkit's own if not given.",
    )


class Brand(StrictModel):
    """`brands/<brand>/brand.yaml`: the look of an organisation.

    The logo is `logo.svg` in the same folder; its own CSS, if any, is in `brand.css` there.
    """

    name: NonEmptyText
    primary: HexColour = Field(description="Headings, rules and the masthead; at least 4.5:1 on white.")
    accent: HexColour = Field(description="Small elements next to the primary colour; at least 3:1 on white.")
    tint: HexColour = Field(description="Background of panels; body text on it at least 7:1.")
    cmyk: Mapping[Literal["primary", "accent", "tint"], Cmyk] = Field(
        {}, description="The same colours as inks, as defined by the organisation; colours left out here are converted."
    )
    fonts: BrandFonts = Field(
        default=BrandFonts(), description="Typefaces of the organisation, from `fonts/` of the library."
    )


_PHRASE_FIELDS = {
    "page": ["page", "pages"],
    "exercise": ["number"],
    "dose": ["rounds", "repetitions"],
    "out_of": ["some", "all"],
    "from_time_to_time": ["opens", "closes"],
}


class Phrases(StrictModel):
    """`phrases` in `languages/<language>.yaml`: the phrases that layouts print. `{…}` is filled in when printing."""

    page: NonEmptyText = Field(description="With {page} and {pages}.")
    version: NonEmptyText
    language: NonEmptyText
    draft: NonEmptyText = Field(description="The label of a draft, on every page.")
    draft_long: NonEmptyText
    unreviewed: NonEmptyText = Field(description="The label of an unreviewed translation, on every page.")
    unreviewed_long: NonEmptyText
    stale: NonEmptyText = Field(description="The label of a translation that is out of date, on every page.")
    stale_long: NonEmptyText
    stale_unreviewed: NonEmptyText = Field(
        description="The label of a translation that is both unreviewed and out of date."
    )
    reviewed: NonEmptyText
    review_by: NonEmptyText
    not_reviewed: NonEmptyText
    translated_by: NonEmptyText = Field(description="Followed by a colon and the role of whoever translated the text.")
    translation_reviewed_by: NonEmptyText = Field(
        description="Followed by a colon and the role of whoever reviewed the translation."
    )
    patient_information: NonEmptyText
    brief: NonEmptyText
    before: NonEmptyText
    day: NonEmptyText
    after: NonEmptyText
    do: NonEmptyText
    dont: NonEmptyText
    call: NonEmptyText
    warning: NonEmptyText
    contact: NonEmptyText
    phone: NonEmptyText
    hours: NonEmptyText
    email: NonEmptyText
    web: NonEmptyText
    address: NonEmptyText
    exercise: NonEmptyText = Field(description="With {number}.")
    dose: NonEmptyText = Field(description="With {rounds} and {repetitions}.")
    out_of: NonEmptyText = Field(
        description="A share of people, with {some} and {all}: the alternative text of their picture."
    )
    questions: NonEmptyText = Field(description="The default title of the lines for the reader's own questions.")
    topic: NonEmptyText = Field(description="Heading of the first column of a conversation guide.")
    say: NonEmptyText = Field(description="Heading of its second column.")
    links: NonEmptyText
    scan: NonEmptyText
    short_edition: NonEmptyText
    appointment: NonEmptyText = Field(description="The default title of a panel with personal fields.")
    date: NonEmptyText = Field(
        description="The label of a personal field: a day. `time`, `side` and `phone` are the others."
    )
    time: NonEmptyText
    side: NonEmptyText
    left: NonEmptyText
    right: NonEmptyText
    both: NonEmptyText
    fill_in: NonEmptyText = Field(description="Read aloud after the label, for a space to write in by hand.")
    tick: NonEmptyText = Field(description="Read aloud for a tick box.")
    tick_days: NonEmptyText = Field(description="The title of a chart of days to tick.")
    numbered_day: NonEmptyText = Field(description="Heading of its row of days, above 1, 2, 3.")
    morning: NonEmptyText
    evening: NonEmptyText
    from_time_to_time: NonEmptyText = Field(description="A span of time, with {opens} and {closes}.")

    @field_validator(*_PHRASE_FIELDS)
    @classmethod
    def _holds_its_fields(cls, phrase: str, info: ValidationInfo) -> str:
        fields = _PHRASE_FIELDS[str(info.field_name)]
        if re.findall(r"\{\w+\}|[{}]", phrase) != [f"{{{field}}}" for field in fields]:
            wanted = " and then ".join(f"{{{field}}}" for field in fields)
            raise ValueError(f"must contain {wanted}, in this order, each once, and nothing else in braces")
        return phrase


Millimetres: TypeAlias = Annotated[float, Field(ge=0, le=5080)]


class Zone(StrictModel):
    """A rectangle that must stay white, in mm from the left and the top edge of the trimmed page.

    Left is left in every language, because machines and margins do not change sides with the direction of the text.
    """

    name: NonEmptyText
    left: Millimetres
    top: Millimetres
    width: Millimetres
    height: Millimetres
    pages: Literal["every", "first", "later"] = "every"


class Preflight(StrictModel):
    """The limits that finished PDFs of a format are checked against. Their sources are in docs/channels.md."""

    page: tuple[Millimetres, Millimetres] = Field(description="Width and height of the trimmed page, in mm.")
    zones: tuple[Zone, ...] = ()
    max_bytes: Annotated[int, Field(gt=0)] | None = None
    max_sheets: Annotated[int, Field(gt=0)] | None = Field(
        default=None, description="The most sheets of paper, with two pages on each."
    )
    instead: tuple[Slug, ...] = Field(
        default=(), description="The formats to hand a leaflet out in that needs more sheets: the next larger first."
    )
    max_pages: Annotated[int, Field(gt=0)] | None = Field(
        default=None, description="The most pages, or sides of sheets, for what must be seen at once."
    )
    max_pdf_version: Annotated[str, TextPattern(r"[12]\.\d", "a version of PDF, such as 1.7")] | None = None

    @model_validator(mode="after")
    def _zones_lie_on_the_page(self) -> Self:
        width, height = self.page
        for zone in self.zones:
            if zone.left + zone.width > width or zone.top + zone.height > height or not zone.width * zone.height:
                raise ValueError(
                    f"the zone “{zone.name}” has no size, or does not fit on the page of {width:g} × {height:g} mm"
                )
        return self


class PlainWordList(StrictModel):
    """`plain_words` in `languages/<language>.yaml`: words that patients may not know, in addition to pdfkit's own list."""

    explained_by: tuple[NonEmptyText, ...] = Field(
        default=(),
        description="Phrases that explain a word; “…” is the word itself, and an initial full stop means the beginning of the next sentence.",
    )
    words: Mapping[NonEmptyText, Annotated[NonEmptyText, WithJsonSchema({"type": ["string", "null"]})]] = Field(
        default={},
        description="Words, each with a plainer one; an empty value removes a word from pdfkit's list. * matches any beginning or ending.",
    )


class TextMeasure(StrictModel):
    """The width and size of running text in a format, used to find out whether the words of a table fit."""

    measure: Annotated[float, Field(gt=0, description="The width of the text in mm.")]
    size: Annotated[float, Field(gt=0, description="The font size in points.")]
    narrow: bool = Field(default=False, description="True if the CSS lets `.narrow` tables break long words.")


class Extract(StrictModel):
    """The part of a leaflet that a format shows: only blocks of one name."""

    block: NonEmptyText = Field(description="The name of the blocks.")
    holding: str = Field(default="", description="Only those of them with a block of this name inside.")
    section: bool = Field(
        default=False, description="Also the heading of their section, as the title, and the text between both."
    )
    days: Annotated[int, Field(ge=0, le=31)] = Field(
        default=0, description="Days of a chart to tick, in the morning and in the evening."
    )

    @field_validator("block", "holding")
    @classmethod
    def _is_a_block(cls, name: str) -> str:
        from pdfkit_cli.content.block_specs import BLOCKS  # which imports this module

        if name and name not in BLOCKS:
            raise ValueError(f"there is no block “{name}”; use one of: {', '.join(BLOCKS)}")
        return name


class Format(StrictModel):
    """`layouts/formats/<format>/format.yaml`: how editions are laid out and printed in a format, and its titles."""

    name: NonEmptyText
    title: TextByLanguage = Field(default={}, description="Its title at the desk and in the catalogue, by language.")
    order: int = Field(default=1000, description="Its position in lists; the lowest comes first.")
    office_printer: bool = Field(default=True, description="False if it is not for office printers.")
    purpose: TextByLanguage = Field(default={}, description="Its purpose in that case: a sentence, by language.")
    channels: tuple[Slug, ...] = Field(
        default=(),
        description="Channels whose packs use it. A format for one channel comes before those for several.",
    )
    on_request: bool = Field(default=False, description="True if packs use it only on request.")
    text: TextMeasure | None = None
    extract: Extract | None = Field(default=None, description="What it shows instead of the whole leaflet.")
    bilingual: bool = Field(
        default=False,
        description="True if it shows a translation beside its source; editions in the source language do not have it.",
    )
    page: str = Field(default="", description="The template of its page, in layouts/formats; base/page.html if empty.")
    css: tuple[NonEmptyText, ...] = Field(min_length=1, description="Files of layouts/formats, in order.")
    duplex: Literal["long-edge", "short-edge"] = "long-edge"
    imposition: Literal["none"] | Folding = "none"
    pages_per_sheet: Annotated[int, Field(ge=1, le=6)] = Field(
        default=2, description="How many pages a sheet has: a text is set closer only where that wins a sheet."
    )
    columns: Annotated[int, Field(ge=1, le=3)] = Field(
        default=1, description="How many columns its CSS sets the text in, one filled after the other."
    )
    grows: bool = Field(
        default=False,
        description="True if it has one page, as high as its text: preflight has the width and the greatest height.",
    )
    cover: bool = Field(
        default=False,
        description="True if its CSS makes a cover, front and back; pages left over are for the patient's questions.",
    )
    bleed: Annotated[float, Field(ge=0, le=10)] = Field(
        default=0, description="In mm; with a bleed, there are crop marks."
    )
    colours: Literal["rgb", "cmyk"] = "rgb"
    transparency: bool = Field(
        default=True,
        description="False removes transparency groups that have no effect; any other transparency is an error.",
    )
    qr: bool = Field(default=True, description="False for a format read on screen, where links can be followed.")
    preflight: Preflight | None = None

    @property
    def drawing(self) -> tuple[str, Extract | None]:
        """What decides its HTML: formats with the same share that of an edition."""
        return self.page, self.extract

    @property
    def render_key(self) -> str:
        """The settings that can change the bytes of a PDF, as JSON. `text` and `bilingual` change the HTML, which has its own digest."""
        return self.model_dump_json(exclude=_DESCRIPTIVE_FIELDS)

    def title_in(self, language: str) -> str:
        """Return its title in a language, or else its name."""
        return text_in(self.title, language) or self.name

    def purpose_in(self, language: str) -> str:
        """Return its purpose in a language, or else in English; an empty string if it has none."""
        return text_in(self.purpose, language)

    @property
    def paper_size(self) -> tuple[float, float]:
        """Width and height of the page in mm; A4 if it has no preflight limits."""
        return self.preflight.page if self.preflight else (210, 297)

    @property
    def one_page(self) -> bool:
        """Whether each of its PDFs has one page."""
        return self.preflight is not None and self.preflight.max_pages == 1

    @property
    def archival(self) -> bool:
        """Whether its PDFs can be PDF/A: CMYK without the profile of a press cannot be (ISO 19005-2, 6.2.4.3)."""
        return self.colours == "rgb"


_DESCRIPTIVE_FIELDS = {"title", "order", "office_printer", "purpose", "channels", "on_request", "text", "bilingual"}


def format_order(formats: Mapping[str, Format], name: str) -> tuple[int, str]:
    """Return the sort key of a format in lists. A format without a layout comes last."""
    return (formats[name].order if name in formats else 1 << 30), name


class ColourPair(StrictModel):
    """A foreground and a background colour: names of CSS custom properties, or white."""

    front: NonEmptyText
    back: NonEmptyText
    least: float = Field(ge=1, le=21, description="The lowest allowed contrast ratio.")


class ColourPairs(StrictModel):
    """`layouts/colours.yaml`: the colours that the layouts print on each other."""

    pairs: tuple[ColourPair, ...]
