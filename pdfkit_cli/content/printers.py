"""`printers.yaml`: the printers that leaflets are sent to, each with its address, its paper and its clinics."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, RootModel, StringConstraints, model_validator

from pdfkit_cli.content import files, yaml_source
from pdfkit_cli.content.models import NonEmptyText, Slug, StrictModel, TextPattern
from pdfkit_cli.content.yaml_source import Positions, SourceFile

PRINTERS_FILE: Final = "printers.yaml"

PaperName = Literal["A3", "A4", "A5", "A6"]


def _validate_printer_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("ipp", "ipps") and parts.hostname and (parts.port is None or parts.port > 0)
        plain = not (parts.username or parts.query or parts.fragment or re.search(r"[^!-~]", text))
    except ValueError:
        valid = plain = False
    if not (valid and plain):
        raise ValueError(
            f"“{text[:60]}” is not the address of a printer; write one such as ipp://10.0.0.7/ipp/print, or ipps:// if it encrypts"
        )
    return text


class Printer(StrictModel):
    """A printer: what people call it, where it is, how it is reached, and what is in it."""

    name: NonEmptyText = Field(description="What people call it.")
    place: str = Field(default="", description="Where it is: a room, a corridor.")
    address: Annotated[str, AfterValidator(_validate_printer_address)] = Field(
        default="", description="Its IPP address, such as ipp://10.0.0.7/ipp/print; ipps:// is encrypted."
    )
    cups: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,127}$")] = Field(
        default="", description="Instead of an address: a queue of CUPS on this machine."
    )
    fingerprint: Annotated[
        str, TextPattern(r"([0-9a-f]{64})?", "a SHA-256 fingerprint of 64 small hexadecimal digits")
    ] = Field(default="", description="For ipps: the SHA-256 of a certificate that the printer made itself.")
    clinics: tuple[Slug, ...] = Field(default=(), description="The clinics that print on it (default: all).")
    trays: Mapping[NonEmptyText, PaperName] = Field(
        default={}, description="Which paper is in which tray, as in tray-2: A5. Other paper is left to the printer."
    )
    colour: bool = Field(default=True, description="False prints in grey.")
    staple: bool = Field(default=False, description="True staples leaflets of several sheets, if it can.")

    @property
    def uri(self) -> str:
        """Its IPP address."""
        return self.address or f"ipp://localhost:631/printers/{self.cups}"

    def serves(self, clinic: str) -> bool:
        """Return whether a clinic prints on it."""
        return not self.clinics or clinic in self.clinics

    def tray_of(self, paper: str) -> str:
        """Return the tray with a paper; an empty string if none was named."""
        return next((tray for tray, held in self.trays.items() if held == paper), "")

    @model_validator(mode="after")
    def _one_way_to_it(self) -> Self:
        if bool(self.address) == bool(self.cups):
            raise ValueError("a printer has either an “address” or a queue of “cups”; write one of them")
        if self.fingerprint and not self.address.startswith("ipps:"):
            raise ValueError("“fingerprint” is only for an ipps: address; write ipps:// or remove it")
        return self


class Printers(RootModel[Mapping[Slug, Printer]]):
    """`printers.yaml`: the printers by a short name of their own."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})


def load_printers(root: Path) -> Printers:
    """Return the printers of a library; none if it has no such file. Raises SourceError if the file is invalid."""
    found = read_printers(root)
    return found[0] if found else Printers({})


def read_printers(root: Path) -> tuple[Printers, SourceFile, Positions] | None:
    """Return the printers, their file and the positions in it; None if there is no file. Raises SourceError if the file is invalid."""
    path = root / PRINTERS_FILE
    if not files.exists(path, path.as_posix()):
        return None
    text = yaml_source.read_text(path, path.as_posix(), root)
    parsed = yaml_source.parse_yaml(text)
    return yaml_source.validate_model(Printers, text, parsed), text, parsed.positions
