"""What authors may write: one frozen model for each kind of file."""

import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

import phonenumbers
from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator


class Model(BaseModel):
    """Base of all models: no unknown key, no change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _known_language(code: str) -> str:
    try:
        Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"“{code}” is not a language code; write one such as da, sv, en, ar") from None
    return code


Text = Annotated[str, StringConstraints(min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$"), AfterValidator(_known_language)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
DocumentId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")]
Version = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")]
FormatName = Slug
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Translated = Mapping[Language, Text]


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


class Library(Model):
    """`library.yaml`: what holds for the whole collection."""

    name: Text
    languages: tuple[Language, ...] = Field(min_length=1, description="Languages that leaflets may be written in.")


class Leaflet(Model):
    """`content/<leaflet>/leaflet.yaml`: what is the same in every language."""

    id: DocumentId = Field(description="The document id that stands on every page.")
    version: Version = Field(description="Raise it when the text changes.")
    date: datetime.date
    status: Status
    owner: Slug = Field(description="The clinic that answers for the text.")
    audience: Audience
    source_language: Language
    formats: tuple[FormatName, ...] = Field(min_length=1)
    variants: tuple[Variant, ...] = (Variant.FULL,)
    slots: tuple[Slug, ...] = ()
    reviewed: datetime.date | None = None
    review_by: datetime.date | None = None

    @model_validator(mode="after")
    def _approved_is_reviewed(self) -> Self:
        if self.status is Status.APPROVED and not (self.reviewed and self.review_by):
            raise ValueError("an approved leaflet needs “reviewed” and “review_by”; add both dates or make it a draft")
        if self.reviewed and self.review_by and self.review_by <= self.reviewed:
            raise ValueError("“review_by” must be later than “reviewed”")
        return self

    @model_validator(mode="after")
    def _full_comes_first(self) -> Self:
        if Variant.FULL not in self.variants:
            raise ValueError("“variants” must contain full; the short variant is cut from it")
        return self


class FrontMatter(Model):
    """The head of `content/<leaflet>/<language>.md`: the translated strings that are not body text."""

    title: Text
    summary: Text
    short_title: Text | None = None
    synonyms: tuple[Text, ...] = ()
    translation: Literal["unreviewed", "reviewed"] | None = None


class Address(Model):
    """A postal address, in the order that an envelope wants."""

    street: Text
    postal_code: Text
    city: Text


class Hours(Model):
    """When the phone is answered, on one weekday or on a run of them."""

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=2, description="One day, or the first and the last.")
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"opens {self.opens} is not before closes {self.closes}")
        return self


class HandOut(Model):
    """How a clinic hands out one leaflet; what is left out is everything the leaflet offers."""

    languages: tuple[Language, ...] = Field(min_length=1)
    formats: tuple[FormatName, ...] = ()
    variants: tuple[Variant, ...] = ()


class Clinic(Model):
    """`clinics/<clinic>.yaml`: who hands leaflets out, and which."""

    name: Text
    unit: Text | None = Field(None, description="Ward or department, printed under the name.")
    brand: Slug
    language: Language = Field(description="The language of the staff.")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    address: Address | None = None
    phone: Text | None = None
    phone_note: Translated = Field({}, description="What to know when calling, by language.")
    hours: tuple[Hours, ...] = ()
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    web: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    hands_out: Mapping[Slug, HandOut] = Field({}, description="Leaflets by the name of their folder.")

    @model_validator(mode="after")
    def _phone_can_be_dialled(self) -> Self:
        if self.phone:
            try:
                number = phonenumbers.parse(self.phone, self.country)
            except phonenumbers.NumberParseException:
                raise ValueError(f"phone “{self.phone}” is not a phone number") from None
            if not phonenumbers.is_possible_number(number):
                raise ValueError(f"phone “{self.phone}” has too few or too many digits for {self.country}")
        return self


class Brand(Model):
    """`brands/<brand>/brand.yaml`: the look of an organisation. The logo is `logo.svg` beside it."""

    name: Text
    primary: Colour = Field(description="Headings, rules and the masthead; at least 4.5:1 on white.")
    accent: Colour = Field(description="Small marks beside the primary colour; at least 3:1 on white.")
    tint: Colour = Field(description="Background of panels; body text on it at least 7:1.")
    logo_width: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?mm$")] = "42mm"


_PHRASE_FIELDS = {
    "page": ("{page}", "{pages}"),
    "exercise": ("{number}",),
    "dose": ("{rounds}", "{repetitions}"),
    "from_time_to_time": ("{opens}", "{closes}"),
}


class Phrases(Model):
    """`phrases/<language>.yaml`: every word that a layout prints. `{…}` are filled in when drawn."""

    page: Text = Field(description="With {page} and {pages}.")
    version: Text
    language: Text
    draft: Text = Field(description="The label of a draft, on every page.")
    draft_long: Text
    unreviewed: Text = Field(description="The label of an unreviewed translation, on every page.")
    unreviewed_long: Text
    reviewed: Text
    review_by: Text
    not_reviewed: Text
    brief: Text
    before: Text
    day: Text
    after: Text
    do: Text
    dont: Text
    call: Text
    warning: Text
    contact: Text
    phone: Text
    hours: Text
    email: Text
    web: Text
    address: Text
    exercise: Text = Field(description="With {number}.")
    dose: Text = Field(description="With {rounds} and {repetitions}.")
    topic: Text = Field(description="Heading of the first column of a conversation guide.")
    say: Text = Field(description="Heading of its second column.")
    links: Text
    scan: Text
    short_edition: Text
    from_time_to_time: Text = Field(description="A span of time, with {opens} and {closes}.")

    @model_validator(mode="after")
    def _templates_hold_their_fields(self) -> Self:
        for name, fields in _PHRASE_FIELDS.items():
            if missing := [field for field in fields if field not in getattr(self, name)]:
                raise ValueError(f"“{name}” must contain {' and '.join(missing)}")
        return self


class Format(Model):
    """`layouts/formats/<format>/format.yaml`: how an edition becomes sheets."""

    name: Text
    css: tuple[Text, ...] = Field(min_length=1, description="Files of layouts/formats, in order.")
    duplex: Literal["long-edge", "short-edge"] = "long-edge"
    imposition: Literal["none", "saddle-stitch"] = "none"
