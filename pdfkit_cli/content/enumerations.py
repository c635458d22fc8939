"""The values that settings choose between: apart from the models, since the help of a command names some of them."""

from enum import StrEnum


class Variant(StrEnum):
    """The variants of a leaflet; `short` leaves out everything that is marked as full."""

    FULL = "full"
    SHORT = "short"


class Status(StrEnum):
    """The status of a leaflet. Only an approved one is printed without a label; a withdrawn one is not built."""

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Audience(StrEnum):
    """The readers of a leaflet."""

    PATIENT = "patient"
    PHYSIOTHERAPIST = "physiotherapist"
    CLINICIAN = "clinician"


class PersonalType(StrEnum):
    """The type of a personal field. There is no free text, because it cannot be checked."""

    DATE = "date"
    TIME = "time"
    SIDE = "side"
    PHONE = "phone"


class PackMode(StrEnum):
    """How leaflets are combined with a letter: after it in one file, in one file without it, embedded in it as attachments, or after it in several files."""

    JOIN = "join"
    SEPARATE = "separate"
    EMBED = "embed"
    SPLIT = "split"


DEFAULT_CHANNEL = "paper"
