"""Jobs to packs: which leaflets go behind each letter, built, or why a letter has no pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pdfkit_cli import appointments
from pdfkit_cli.attach import LETTER, limits_of
from pdfkit_cli.build import Request, Workshop, open_workshop
from pdfkit_cli.enclosures import Chosen, Wanted, bring_up_to_date, choose
from pdfkit_cli.errors import Problem, UsageError, problem_of
from pdfkit_cli.folders import Seen
from pdfkit_cli.jobs import Job
from pdfkit_cli.models import Appointments
from pdfkit_cli.packs import Enclosure, Pack, Way

Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class Order:
    """A job, and where its pack goes."""

    job: Job
    out: Path
    seen: Seen | None = None
    """The file of the letter that is meant."""


def packs_of(request: Request, orders: Mapping[Name, Order]) -> Mapping[Name, Pack | Problem]:
    """Return the pack to make of each order, or why there is none. Leaflets that are missing or no longer true are built, once for all.

    Raises PdfkitError where the library or the output folder cannot be used at all.
    """
    workshop = open_workshop(request)
    coded = any(order.job.code for order in orders.values())
    codes = appointments.load(workshop.library.root) if coded else Appointments({})
    found: dict[Name, Pack | Problem] = {}
    chosen: dict[Name, Chosen] = {}
    for name, order in orders.items():
        try:
            chosen[name] = choose(workshop, _wanted(order.job, codes))
        except UsageError as error:
            found[name] = problem_of(error)
    wanted = dict.fromkeys(printing for choice in chosen.values() for printing in choice.printings)
    built = bring_up_to_date(request, list(wanted), workshop) if wanted else {}
    for name, choice in chosen.items():
        found[name] = _pack(workshop, orders[name], choice, built)
    return found


def _wanted(job: Job, codes: Appointments) -> Wanted:
    if job.code is None:
        return Wanted(job.leaflets, job.clinic, job.language or "", job.format or "", job.channel)
    known = codes.root.get(job.clinic, {})
    if job.code not in known:
        names = ", ".join(sorted(known)) or "none"
        raise UsageError(f"{job.clinic} has no code “{job.code}” in {appointments.FILE}; it has: {names}")
    behind = known[job.code]
    return Wanted(behind.leaflets, job.clinic, job.language or "", job.format or behind.format or "", job.channel)


def _pack(workshop: Workshop, order: Order, chosen: Chosen, built: Mapping[Any, Enclosure | Problem]) -> Pack | Problem:
    enclosures: list[Enclosure] = []
    for printing in chosen.printings:
        enclosure = built[printing]
        if isinstance(enclosure, Problem):
            return enclosure
        enclosures.append(enclosure)
    job = order.job
    spoken = workshop.library.clinics[chosen.clinic].model.language
    title = LETTER.get(spoken, LETTER["en"])
    letter = None if job.way is Way.SEPARATE else job.letter
    limits = limits_of(workshop.library.library.channels)
    return Pack(
        letter, tuple(enclosures), job.channel, limits, title, order.out, job.unlock, job.way, spoken, order.seen
    )
