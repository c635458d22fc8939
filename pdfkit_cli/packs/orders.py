"""From jobs to packs: the leaflets for each letter, built, or the problem that prevents a pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content import appointments
from pdfkit_cli.content.models import Appointments
from pdfkit_cli.errors import Problem, UsageError
from pdfkit_cli.packs.assembly import Pack
from pdfkit_cli.packs.job_list import Job
from pdfkit_cli.packs.problems import PackingUsageError
from pdfkit_cli.packs.selection import EnclosureRequest, EnclosureSelection, ensure_built, plan_pack, select_enclosures
from pdfkit_cli.system.folders import FileStamp

Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class PackOrder:
    """A job, and the path of its pack."""

    job: Job
    out: Path
    seen: FileStamp | None = None
    """The expected state of the letter's file."""


def plan_packs(request: BuildRequest, orders: Mapping[Name, PackOrder]) -> Mapping[Name, Pack | Problem]:
    """Return the pack to make for each order, or its problem.

    Leaflets that are missing or out of date are built first, all in one build.
    Raises PdfkitError if the library or the output folder cannot be used at all.
    """
    project = open_project(request)
    coded = any(order.job.code for order in orders.values())
    codes = appointments.load_appointments(project.library.root) if coded else Appointments({})
    found: dict[Name, Pack | Problem] = {}
    chosen: dict[Name, EnclosureSelection] = {}
    for name, order in orders.items():
        try:
            chosen[name] = select_enclosures(project, _enclosure_request(order.job, codes))
        except UsageError as error:
            found[name] = error.problem
    wanted = dict.fromkeys(output_key for choice in chosen.values() for output_key in choice.output_keys)
    built = ensure_built(project, request, list(wanted)) if wanted else {}
    for name, choice in chosen.items():
        order, job = orders[name], orders[name].job
        found[name] = plan_pack(
            project,
            choice,
            built,
            letter=job.letter,
            out=order.out,
            way=job.way,
            unlock=job.unlock,
            seen=order.seen,
        )
    return found


def _enclosure_request(job: Job, codes: Appointments) -> EnclosureRequest:
    if job.code is None:
        return EnclosureRequest(job.leaflets, job.clinic, job.language or "", job.format or "", job.channel)
    known = codes.root.get(job.clinic, {})
    if job.code not in known:
        names = ", ".join(sorted(known)) or "none"
        file = appointments.APPOINTMENTS_FILE
        raise PackingUsageError("code-unknown", clinic=job.clinic, code=job.code, file=file, names=names)
    behind = known[job.code]
    return EnclosureRequest(
        behind.leaflets, job.clinic, job.language or "", job.format or behind.format or "", job.channel
    )
