"""What authors may write: one frozen model for each kind of file."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Annotated, Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from babel import UnknownLocaleError
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
from pdfkit_cli.content.languages import countries, locales, phones
from pdfkit_cli.system.phrases import FALLBACK_LANGUAGE


class StrictModel(BaseModel):
    """Base of all models: no unknown key, no change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _validate_language(code: str) -> str:
    try:
        locales.parse_locale(code)
    except (UnknownLocaleError, ValueError):
        raise ValueError(locales.unknown_language_message(code)) from None
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
    hint = meant or "write one of two capitals, such as DK, SE or GB"
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
"""A web address must fit into a QR code: 2331 bytes at error level M (ISO 18004), far less to be scanned from paper."""


def is_web_address(text: str) -> bool:
    """Say whether a text leads to a web page: http or https, and a host."""
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
Slug = Annotated[
    str, TextPattern(r"[a-z0-9]+(-[a-z0-9]+)*", "a name of small letters, digits and hyphens, such as lower-back")
]
LanguageCode = Annotated[
    str, TextPattern(r"[a-z]{2,3}", "a language code such as da"), AfterValidator(_validate_language)
]
CountryCode = Annotated[
    str, AfterValidator(_validate_country), TextPattern(r"[A-Z]{2}", "a country code of two capitals")
]
HexColour = Annotated[str, TextPattern(r"#[0-9a-fA-F]{6}", 'a colour such as "#24506b", in quotation marks')]
DocumentId = Annotated[str, TextPattern(r"[A-Z0-9]+(-[A-Z0-9]+)*", "capitals, digits and hyphens, such as BP-01")]
Version = Annotated[str, TextPattern(r"\d+(\.\d+)*", "a version such as 1.0")]
FormatName = Slug
ClockTime = Annotated[str, TextPattern(r"([01]\d|2[0-3]):[0-5]\d", 'a time of day such as "09:30"')]
PersonalFieldName = Annotated[
    str, TextPattern(r"[a-z]+(_[a-z0-9]+)*", "a name of small letters, digits and underscores, such as ward_phone")
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TextByLanguage = Mapping[LanguageCode, NonEmptyText]


def text_in(texts: TextByLanguage, language: str) -> str:
    """Return a text in a language, or else in English; empty where there is neither."""
    return texts.get(language) or texts.get(FALLBACK_LANGUAGE, "")


class Variant(StrEnum):
    """`short` leaves out what the text marks as full."""

    FULL = "full"
    SHORT = "short"


class Status(StrEnum):
    """Only an approved leaflet prints without a label; a withdrawn one is not built."""

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Audience(StrEnum):
    """Who reads it."""

    PATIENT = "patient"
    PHYSIOTHERAPIST = "physiotherapist"
    CLINICIAN = "clinician"


class PersonalType(StrEnum):
    """What a personal field holds. Each can be checked; free text cannot, so there is none."""

    DATE = "date"
    TIME = "time"
    SIDE = "side"
    PHONE = "phone"


def _validate_personal_type(text: Any) -> Any:
    if text in ("text", "string", "name", "note"):
        raise ValueError(
            f"“{text}” cannot be checked, so it is no type; use date, time, side or phone, and let anything else be written by hand"
        )
    return text


LIX_LIMITS = {Audience.PATIENT: 40, Audience.PHYSIOTHERAPIST: 50, Audience.CLINICIAN: 60}
"""The highest LIX, unless library.yaml sets another: medium in Danish for patients, hard for those who read such texts for a living."""


def _fill_in_audiences(limits: Mapping[Audience, int]) -> Mapping[Audience, int]:
    return {**LIX_LIMITS, **limits}


SeverityName = Literal["error", "warning", "off"]


class SeveritySetting(StrictModel):
    """How severe a check is, for all leaflets, or for some of them: for the others it stays as pdfkit has it."""

    severity: SeverityName
    only: tuple[Slug, ...] = Field((), description="The leaflets that this holds for; all without.")
    exempt: tuple[Slug, ...] = Field((), alias="except", description="The leaflets that this does not hold for.")

    @property
    def everywhere(self) -> bool:
        """Whether it holds for all leaflets."""
        return not self.only and not self.exempt

    def applies_to(self, leaflet: str) -> bool:
        """Say whether it holds for a leaflet; "" is what belongs to none."""
        return leaflet in self.only if self.only else leaflet not in self.exempt

    @model_validator(mode="after")
    def _only_or_except(self) -> Self:
        if self.only and self.exempt:
            raise ValueError("“only” and “except” exclude each other; keep one of them")
        return self


def _as_severity_setting(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {"severity": value}


class Checks(StrictModel):
    """How strict the checks are: see docs/checks.md."""

    severity: Annotated[
        Mapping[
            Slug,
            Annotated[
                SeveritySetting,
                BeforeValidator(_as_severity_setting, json_schema_input_type=SeverityName | SeveritySetting),
            ],
        ],
        Field(description="How severe a check is, by its code."),
    ] = {}
    review_soon: Annotated[int, Field(ge=0, description="Days before “review_by” from which a review is due soon.")] = (
        60
    )
    safety_words: Annotated[
        Mapping[LanguageCode, tuple[NonEmptyText, ...]],
        Field(description="Words, besides pdfkit's own, that make a passage one of patient safety, by language."),
    ] = {}
    lix: Annotated[
        Mapping[Audience, Annotated[int, Field(gt=0)]],
        AfterValidator(_fill_in_audiences),
        Field(validate_default=True, description="The highest LIX of a text and its sections, by audience."),
    ] = {}
    sentence_words: Annotated[int, Field(gt=0, description="The most words that a sentence may have.")] = 25
    picture_dpi: Annotated[
        int, Field(gt=0, description="The fewest pixels per inch that a picture may be printed with.")
    ] = 200


class PackMode(StrEnum):
    """How leaflets go with a letter: after it in one file, in one file without it, attached to it, or after it in several files."""

    JOIN = "join"
    SEPARATE = "separate"
    EMBED = "embed"
    SPLIT = "split"


class Channel(StrictModel):
    """How packs reach the patient: an entry of `channels` in library.yaml. See docs/packs.md."""

    title: TextByLanguage = Field(default={}, description="What the desk calls it, by language; its name without.")
    formats: tuple[FormatName, ...] = Field(
        default=(), description="Formats of its leaflets, the best first; those that name the channel without."
    )
    sides: int = Field(
        default=0, ge=0, le=2, description="Sides of a sheet that are printed on; 0 is a channel without paper."
    )
    sheets: int = Field(default=0, ge=0, description="Sheets that the envelope holds; 0 is no limit.")
    megabytes: float = Field(
        default=0, ge=0, description="What a file of a message may have, in millions of bytes; 0 is no limit."
    )
    files: int = Field(default=1, ge=1, description="Files that a message takes; more than 1 lets packs be split.")
    ways: tuple[PackMode, ...] = Field(
        default=(), description="How its packs may be made. Paper takes one file: join and separate."
    )

    @property
    def max_bytes(self) -> int:
        """Bytes that a file may have; 0 is no limit."""
        return int(self.megabytes * 1_000_000)

    @property
    def allowed_ways(self) -> tuple[PackMode, ...]:
        """How its packs may be made, where the library does not say: on paper in one file, else in any way."""
        return self.ways or ((PackMode.JOIN, PackMode.SEPARATE) if self.sides else tuple(PackMode))

    def sheets_of(self, pages: int) -> int:
        """Return the sheets that so many pages take; a channel without paper counts as printed on both sides."""
        return ceil(pages / (self.sides or 2))

    @model_validator(mode="after")
    def _limits_fit_paper(self) -> Self:
        if self.sheets and not self.sides:
            raise ValueError("“sheets” limits a channel on paper; add “sides: 2”, or remove it")
        if self.sides and {PackMode.EMBED, PackMode.SPLIT} & set(self.ways):
            raise ValueError("a pack on paper is one file, without attachments; take embed and split out of “ways”")
        return self


DEFAULT_CHANNELS: Mapping[str, Mapping[str, Any]] = {
    "paper": {"sides": 2, "sheets": 8},
    "digital": {"megabytes": 1.5},
}
"""The channels of every library; its own settings replace single values, and other names add channels."""

DEFAULT_CHANNEL = "paper"


def _add_default_channels(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    own = {
        name: {**DEFAULT_CHANNELS.get(name, {}), **value} if isinstance(value, Mapping) else value
        for name, value in given.items()
    }
    return {**DEFAULT_CHANNELS, **own}


class Behind(StrictModel):
    """What follows the letter of an appointment."""

    leaflets: tuple[NonEmptyText, ...] = Field(
        min_length=1, description="Leaflets by name or document id, in their order."
    )
    format: FormatName | None = None


class Appointments(RootModel[Mapping[Slug, Mapping[NonEmptyText, Behind]]]):
    """`appointments.yaml`: for each clinic its procedure or booking codes, and what follows their letters."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})


class LibrarySettings(StrictModel):
    """`library.yaml`: the settings of the whole collection."""

    name: NonEmptyText
    languages: tuple[LanguageCode, ...] = Field(min_length=1, description="Languages that leaflets may be written in.")
    checks: Checks = Checks()
    channels: Annotated[
        Mapping[Slug, Channel],
        BeforeValidator(_add_default_channels),
        Field(validate_default=True, description="How packs reach the patient, by name: see docs/packs.md."),
    ] = {}
    imprint: bool = Field(
        default=True,
        description="Whether clinics share laid-out bodies; false renders every PDF in full, which takes longer and looks the same.",
    )


class Leaflet(StrictModel):
    """`content/<leaflet>/leaflet.yaml`: what is the same in every language."""

    id: DocumentId = Field(description="The document id, printed on every page.")
    version: Version = Field(description="Raise it when the text changes.")
    date: IsoDate
    status: Status
    owner: Slug = Field(description="The clinic that answers for the text.")
    audience: Audience
    source_language: LanguageCode
    formats: tuple[FormatName, ...] = Field(min_length=1)
    variants: tuple[Variant, ...] = (Variant.FULL,)
    pages: Mapping[FormatName, Annotated[int, Field(gt=0)]] = Field(
        {}, description="How many pages it may have at most, by format."
    )
    slots: tuple[Slug, ...] = ()
    personal: Mapping[PersonalFieldName, Annotated[PersonalType, BeforeValidator(_validate_personal_type)]] = Field(
        default={}, description="What is filled in for one patient, by name: date, time, side or phone."
    )
    reviewed: IsoDate | None = None
    review_by: IsoDate | None = None
    superseded_by: Slug | None = Field(None, description="The leaflet that took its place; this one is not printed.")

    @property
    def in_use(self) -> bool:
        """Whether it may still be handed out."""
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
            raise ValueError("must contain full; the short variant is cut from it")
        return variants


class FrontMatter(StrictModel):
    """The head of `content/<leaflet>/<language>.md`: the translated strings that are not body text."""

    title: PlainText
    summary: PlainText
    short_title: PlainText | None = None
    synonyms: tuple[PlainText, ...] = ()
    personal: Mapping[PersonalFieldName, PlainText] = Field(
        default={},
        description="Labels of personal fields, where the usual ones (Date, Time, Which side, Phone) do not fit.",
    )
    translation: Literal["unreviewed", "reviewed"] | None = None


class MadeFrom(StrictModel):
    """`content/<leaflet>/translated.yaml`: the passages of the source that each translation was made from, one a line."""

    made_from: Mapping[LanguageCode, NonEmptyText]

    def digests(self, language: str) -> tuple[str, ...] | None:
        """Return the digests of the source's passages in their order; None is a translation without a record."""
        lines = self.made_from.get(language)
        return None if lines is None else tuple(line.split(" ", 1)[0] for line in lines.splitlines())


class Address(StrictModel):
    """A postal address, in the order that an envelope wants."""

    street: NonEmptyText
    postal_code: NonEmptyText
    city: NonEmptyText


class Hours(StrictModel):
    """When the phone is answered, on one weekday or on a run of them."""

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=2, description="One day, or the first and the last.")
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"opens {self.opens} is not before closes {self.closes}")
        return self


class HandOut(StrictModel):
    """How a clinic hands out one leaflet; what is left out is everything the leaflet offers."""

    languages: tuple[LanguageCode, ...] = Field(min_length=1)
    formats: tuple[FormatName, ...] = ()
    variants: tuple[Variant, ...] = ()


class Clinic(StrictModel):
    """`clinics/<clinic>.yaml`: who hands leaflets out, and which."""

    name: NonEmptyText
    unit: NonEmptyText | None = Field(None, description="Ward or department, printed under the name.")
    brand: Slug
    language: LanguageCode = Field(description="The language of the staff.")
    country: CountryCode
    address: Address | None = None
    phone: NonEmptyText | None = None
    phone_note: TextByLanguage = Field({}, description="What to know when calling, by language.")
    hours: tuple[Hours, ...] = ()
    email: (
        Annotated[str, TextPattern(r"[^@\s:,;<>()]+@[^@\s:,;<>()]+\.[^@\s:,;<>().]+", "an e-mail address")] | None
    ) = None
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


class BrandFonts(StrictModel):
    """The typefaces of an organisation, each by the name of its folder in `fonts/`."""

    text: Slug | None = Field(default=None, description="The family of all text; Source Sans 3 if not given.")
    headings: Slug | None = Field(default=None, description="The family of headings; that of the text if not given.")


class Brand(StrictModel):
    """`brands/<brand>/brand.yaml`: the look of an organisation.

    The logo is `logo.svg` in the same folder; CSS of the brand's own goes into `brand.css` there.
    """

    name: NonEmptyText
    primary: HexColour = Field(description="Headings, rules and the masthead; at least 4.5:1 on white.")
    accent: HexColour = Field(description="Small marks beside the primary colour; at least 3:1 on white.")
    tint: HexColour = Field(description="Background of panels; body text on it at least 7:1.")
    cmyk: Mapping[Literal["primary", "accent", "tint"], Cmyk] = Field(
        {}, description="The same colours in ink, as the organisation has them; what is left out is converted."
    )
    fonts: BrandFonts = Field(
        default=BrandFonts(), description="Typefaces of the organisation, from `fonts/` of the library."
    )


_PHRASE_FIELDS = {
    "page": ["page", "pages"],
    "exercise": ["number"],
    "dose": ["rounds", "repetitions"],
    "from_time_to_time": ["opens", "closes"],
}


class Phrases(StrictModel):
    """`phrases/<language>.yaml`: the words that layouts print, over pdfkit's own. `{…}` are filled in when drawn."""

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
        description="The label of a translation that is unreviewed and out of date, too."
    )
    reviewed: NonEmptyText
    review_by: NonEmptyText
    not_reviewed: NonEmptyText
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
    topic: NonEmptyText = Field(description="Heading of the first column of a conversation guide.")
    say: NonEmptyText = Field(description="Heading of its second column.")
    links: NonEmptyText
    scan: NonEmptyText
    short_edition: NonEmptyText
    appointment: NonEmptyText = Field(description="The usual title of a panel with personal fields.")
    date: NonEmptyText = Field(
        description="The label of a personal field: a day. `time`, `side` and `phone` are the others."
    )
    time: NonEmptyText
    side: NonEmptyText
    left: NonEmptyText
    right: NonEmptyText
    both: NonEmptyText
    fill_in: NonEmptyText = Field(description="Read aloud where there is room to write by hand, after the label.")
    tick: NonEmptyText = Field(description="Read aloud for a box to tick.")
    from_time_to_time: NonEmptyText = Field(description="A span of time, with {opens} and {closes}.")

    @field_validator(*_PHRASE_FIELDS)
    @classmethod
    def _holds_its_fields(cls, phrase: str, info: ValidationInfo) -> str:
        fields = _PHRASE_FIELDS[str(info.field_name)]
        if re.findall(r"\{\w+\}|[{}]", phrase) != [f"{{{field}}}" for field in fields]:
            wanted = " and then ".join(f"{{{field}}}" for field in fields)
            raise ValueError(f"must contain {wanted}, each once, and nothing else in braces")
        return phrase


Millimetres: TypeAlias = Annotated[float, Field(ge=0, le=1000)]


class Zone(StrictModel):
    """A rectangle that stays white, in mm from the left and the top edge of the page as it is trimmed.

    Left is left in every language: machines and margins do not turn with the writing.
    """

    name: NonEmptyText
    left: Millimetres
    top: Millimetres
    width: Millimetres
    height: Millimetres
    pages: Literal["every", "first", "later"] = "every"


class Preflight(StrictModel):
    """What a finished PDF of a format is held to before it leaves: figures, each with its source in docs/channels.md."""

    page: tuple[Millimetres, Millimetres] = Field(description="Width and height of the page as it is trimmed, in mm.")
    zones: tuple[Zone, ...] = ()
    max_bytes: Annotated[int, Field(gt=0)] | None = None
    max_sheets: Annotated[int, Field(gt=0)] | None = Field(
        default=None, description="Sheets of paper, two pages on each."
    )
    max_pdf_version: Annotated[str, TextPattern(r"[12]\.\d", "a version of PDF, such as 1.7")] | None = None

    @model_validator(mode="after")
    def _zones_lie_on_the_page(self) -> Self:
        width, height = self.page
        for zone in self.zones:
            if zone.left + zone.width > width or zone.top + zone.height > height or not zone.width * zone.height:
                raise ValueError(f"the zone “{zone.name}” has no size or leaves the page of {width:g} × {height:g} mm")
        return self


class PlainWordList(StrictModel):
    """`words/<language>.yaml`: words that a patient may not know, besides those on pdfkit's own list."""

    explained_by: tuple[NonEmptyText, ...] = Field(
        (),
        description="Words that make a sentence an explanation; … is the word itself, a full stop begins the next sentence.",
    )
    words: Mapping[NonEmptyText, Annotated[NonEmptyText, WithJsonSchema({"type": ["string", "null"]})]] = Field(
        description="What to write instead; nothing takes a word off pdfkit's list. * stands for any beginning or ending."
    )


class TextMeasure(StrictModel):
    """How wide running text is set in a format, by which tables know whether their words fit."""

    measure: Annotated[float, Field(gt=0, description="The width of the text in mm.")]
    size: Annotated[float, Field(gt=0, description="The size of its letters in points.")]
    narrow: bool = Field(default=False, description="True where the CSS lets `.narrow` tables break long words.")


class Format(StrictModel):
    """`layouts/formats/<format>/format.yaml`: how an edition becomes sheets, and what people call it."""

    name: NonEmptyText
    title: TextByLanguage = Field(default={}, description="What the desk and the catalogue call it, by language.")
    order: int = Field(default=1000, description="Its place in lists; the lowest comes first.")
    office_printer: bool = Field(default=True, description="False where an office printer is not meant to print it.")
    purpose: TextByLanguage = Field(default={}, description="What it is for instead: a sentence, by language.")
    channels: tuple[Slug, ...] = Field(
        default=(),
        description="Channels that packs take it for. A format of one channel comes before those of several.",
    )
    on_request: bool = Field(default=False, description="True where packs take it only when it is asked for.")
    text: TextMeasure | None = None
    css: tuple[NonEmptyText, ...] = Field(min_length=1, description="Files of layouts/formats, in order.")
    duplex: Literal["long-edge", "short-edge"] = "long-edge"
    imposition: Literal["none", "saddle-stitch"] = "none"
    bleed: Annotated[float, Field(ge=0, le=10)] = Field(default=0, description="In mm; with it come crop marks.")
    colours: Literal["rgb", "cmyk"] = "rgb"
    transparency: bool = Field(
        default=True, description="False drops the groups that change nothing; what is left is a fault."
    )
    qr: bool = Field(default=True, description="False where a reader has links to follow, and no paper to scan.")
    preflight: Preflight | None = None

    @property
    def render_key(self) -> str:
        """Everything here that can change the bytes of a PDF, as JSON. `text` changes the HTML, which has its own digest."""
        return self.model_dump_json(exclude=_DESCRIPTIVE_FIELDS)

    def title_in(self, language: str) -> str:
        """Return what it is called in a language, or else its name."""
        return text_in(self.title, language) or self.name

    def purpose_in(self, language: str) -> str:
        """Return what it is for, in a language or else in English; empty where it does not say."""
        return text_in(self.purpose, language)

    @property
    def paper_size(self) -> tuple[float, float]:
        """Width and height of the page in mm; A4 where its limits do not say."""
        return self.preflight.page if self.preflight else (210, 297)

    @property
    def archival(self) -> bool:
        """Whether its PDFs can be PDF/A: CMYK without a profile of the press cannot (ISO 19005-2, 6.2.4.3)."""
        return self.colours == "rgb"


_DESCRIPTIVE_FIELDS = {"title", "order", "office_printer", "purpose", "channels", "on_request", "text"}


def format_order(formats: Mapping[str, Format], name: str) -> tuple[int, str]:
    """Return the sort key of a format in lists. One that the layouts no longer have comes last."""
    return (formats[name].order if name in formats else 1 << 30), name


class ColourPair(StrictModel):
    """One colour on another: names of CSS variables, or white."""

    front: NonEmptyText
    back: NonEmptyText
    least: float = Field(ge=1, le=21, description="The contrast ratio that it must have.")


class ColourPairs(StrictModel):
    """`layouts/colours.yaml`: which colours the layouts print on which."""

    pairs: tuple[ColourPair, ...]
