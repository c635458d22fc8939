"""Files that are proved: whatever they are called, whatever they are."""

import json
import os
import re
import shutil
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Dictionary, Name, Pdf, String
from pypdf import PdfReader, PdfWriter

from pdfkit_cli import cli
from pdfkit_cli.build import verifier
from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.build.verifier import EditionStatus, ManifestStatus, Verdict, VerifyRequest, edition_status
from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.editions import EditionKey
from pdfkit_cli.content.models import Variant
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.rendering.postprocess.xmp import Identity
from tests.helpers.conforming_pdf import edited, elements, good
from tests.helpers.tiny_library import TinyLibrary, tiny

DAY = date(2026, 11, 21)
NAME = "north/first.da.a4.pdf"


def identity(library: TinyLibrary) -> Identity:
    """Return what a PDF of the library says of itself now."""
    loaded = loader.load_library(library.root)
    edition = editions.resolve_edition(loaded, EditionKey("north", "first", "da", Variant.FULL))
    model = edition.leaflet.model
    return Identity("first", model.id, model.version, "da", "full", "north", "a4", edition.digest)


def standing(library: TinyLibrary, said: Identity) -> tuple[EditionStatus, str]:
    return edition_status(said, loader.load_library(library.root))


# How an edition stands to the library.


class TestStands:
    def test_current(self, library: TinyLibrary) -> None:
        assert standing(library, identity(library)) == (EditionStatus.CURRENT, "")

    def test_another_layout_is_still_current(self, library: TinyLibrary) -> None:
        said = identity(library)
        library.replace("brands/plain/brand.yaml", "#24506b", "#24506c")
        assert standing(library, said)[0] is EditionStatus.CURRENT

    def test_a_new_version(self, library: TinyLibrary) -> None:
        said = identity(library)
        library.replace("content/first/leaflet.yaml", '"0.1"', '"0.2"')
        found, reason = standing(library, said)
        assert found is EditionStatus.SUPERSEDED
        assert reason == f"the library has version 0.2; print {NAME} again: pdfkit build first --clinic north"

    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [("content/first/da.md", "Før du", "Inden du"), ("clinics/north.yaml", "76 36 14 00", "76 36 14 01")],
    )
    def test_another_text(self, library: TinyLibrary, file: str, old: str, new: str) -> None:
        said = identity(library)
        library.replace(file, old, new)
        found, reason = standing(library, said)
        assert found is EditionStatus.SUPERSEDED
        assert reason.startswith(f"the text has changed: it is now {identity(library).digest[:8]}; print {NAME} again")

    def test_another_leaflet_took_its_place(self, library: TinyLibrary) -> None:
        loaded = loader.load_library(library.root)
        entry = loaded.leaflets["first"]
        model = entry.model.model_copy(update={"superseded_by": "second"})
        known = replace(loaded, leaflets={"first": replace(entry, model=model)})
        assert edition_status(identity(library), known) == (
            EditionStatus.SUPERSEDED,
            "“second” took its place; print that instead",
        )

    def test_withdrawn(self, library: TinyLibrary) -> None:
        said = identity(library)
        library.replace("content/first/leaflet.yaml", "status: draft", "status: withdrawn")
        assert standing(library, said)[0] is EditionStatus.WITHDRAWN

    @pytest.mark.parametrize("status", ["draft", "withdrawn"])
    def test_recalled(self, library: TinyLibrary, status: str) -> None:
        said = identity(library)
        library.write("recalls.yaml", "T-1: {below: '0.2', because: Wrong number, date: 2026-12-01}\n")
        library.replace("content/first/leaflet.yaml", "status: draft", f"status: {status}")
        reason = "versions below 0.2 were recalled on 2026-12-01: Wrong number"
        assert standing(library, said) == (EditionStatus.RECALLED, reason)
        assert standing(library, replace(said, version="0.2"))[0] is not EditionStatus.RECALLED
        assert standing(library, replace(said, leaflet="gone"))[0] is EditionStatus.RECALLED, "the id is on the paper"

    def test_no_such_leaflet(self, library: TinyLibrary) -> None:
        said = replace(identity(library), leaflet="frist", id="T-9")
        assert standing(library, said) == (EditionStatus.UNKNOWN, "there is no leaflet “frist”; did you mean “first”?")

    def test_a_leaflet_that_was_renamed(self, library: TinyLibrary) -> None:
        found, reason = standing(library, replace(identity(library), leaflet="old-name"))
        assert found is EditionStatus.UNKNOWN
        assert reason == "there is no leaflet “old-name”; T-1 is now “first”: print that"

    @pytest.mark.parametrize(
        ("part", "value", "words"),
        [
            ("clinic", "west", "there is no clinic “west”"),
            ("language", "sv", "the leaflet is not there in “sv”"),
            ("format", "a6", "north does not hand it out any more in da, full, a6"),
            ("variant", "short", "north does not hand it out any more in da, short, a4"),
            ("variant", "nonsense", "north does not hand it out any more in da, nonsense, a4"),
        ],
    )
    def test_no_such_edition(self, library: TinyLibrary, part: str, value: str, words: str) -> None:
        changes: dict[str, Any] = {part: value}
        found, reason = standing(library, replace(identity(library), **changes))
        assert (found, reason[: len(words)]) == (EditionStatus.UNKNOWN, words)

    def test_handed_out_no_more(self, library: TinyLibrary) -> None:
        said = identity(library)
        text = library.read("clinics/north.yaml")
        library.write("clinics/north.yaml", text[: text.index("hands_out")])
        assert standing(library, said)[0] is EditionStatus.UNKNOWN

    def test_a_library_that_cannot_say(self, library: TinyLibrary) -> None:
        said = identity(library)
        library.body("Skriv til {{ clinic.email }}.\n")
        found, reason = standing(library, said)
        assert found is EditionStatus.UNKNOWN
        assert "missing-fact" in reason


# Files.


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> TinyLibrary:
    """A library that was built; nobody changes it."""
    library = tiny(tmp_path_factory.mktemp("verify"))
    reviewed = "status: approved\nreviewed: 2026-01-31\nreview_by: 2028-01-31"
    library.replace("content/first/leaflet.yaml", "status: draft", reviewed)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    assert build(BuildRequest(library.root, library.root.parent / "dist", as_of=DAY, jobs=1)).clean
    return library


def verdicts(library: TinyLibrary, *files: Path, as_of: date = DAY) -> list[Verdict]:
    return list(verifier.verify_files(VerifyRequest(files, library.root, library.root.parent / "dist", as_of)))


def file(library: TinyLibrary) -> Path:
    return library.root.parent / "dist" / NAME


def test_a_file_that_was_renamed(printed: TinyLibrary, tmp_path: Path) -> None:
    renamed = Path(shutil.copy(file(printed), tmp_path / "scan 17.pdf"))
    (found,) = verdicts(printed, renamed)
    assert found == Verdict(str(renamed), (), identity(printed), EditionStatus.CURRENT, "", ManifestStatus.SAME)
    assert found.good
    assert found.readable


def test_the_short_hash_is_the_one_on_paper(printed: TinyLibrary) -> None:
    (found,) = verdicts(printed, file(printed))
    text = "".join(page.extract_text() for page in PdfReader(file(printed)).pages)
    assert len(found.short_hash) == 8
    assert found.short_hash in text


def test_a_review_that_was_due(printed: TinyLibrary) -> None:
    assert verdicts(printed, file(printed), as_of=date(2028, 1, 31))[0].good
    (found,) = verdicts(printed, file(printed), as_of=date(2028, 2, 1))
    assert (found.good, found.standing, found.overdue) == (False, EditionStatus.CURRENT, date(2028, 1, 31))


def test_a_file_that_was_altered(printed: TinyLibrary, tmp_path: Path) -> None:
    altered = tmp_path / "altered.pdf"
    altered.write_bytes(edited(file(printed).read_bytes(), lambda pdf: None))
    (found,) = verdicts(printed, altered)
    assert (found.identity, found.standing) == (identity(printed), EditionStatus.CURRENT)
    assert (found.built, found.good) == (ManifestStatus.ALTERED, False)


def test_a_file_that_nobody_knows_the_bytes_of(printed: TinyLibrary, tmp_path: Path) -> None:
    request = VerifyRequest((file(printed),), printed.root, tmp_path / "no-dist", DAY)
    (found,) = verifier.verify_files(request)
    assert (found.built, found.good) == (ManifestStatus.NOT_LISTED, True)


def test_a_fault_is_enough(printed: TinyLibrary, tmp_path: Path) -> None:
    def plant(pdf: Pdf) -> None:
        elements(pdf, "H1")[0].S = Name.H3

    faulty = tmp_path / "faulty.pdf"
    faulty.write_bytes(edited(file(printed).read_bytes(), plant))
    (found,) = verdicts(printed, faulty)
    assert "heading-first" in {fault.code for fault in found.faults}
    assert found.identity
    assert not found.good


def test_metadata_that_say_what_the_pages_do_not(printed: TinyLibrary, tmp_path: Path) -> None:
    other = tmp_path / "other.pdf"
    digest = identity(printed).digest
    other.write_bytes(file(printed).read_bytes().replace(digest.encode(), digest[::-1].encode()))
    (found,) = verdicts(printed, other)
    assert [str(fault) for fault in found.faults] == [
        f"1 of 1 pages do not print {digest[::-1][:8]}, the hash in its metadata [paper-differs]"
    ]


def test_claims_that_are_gone(printed: TinyLibrary, tmp_path: Path) -> None:
    silent = tmp_path / "silent.pdf"
    pdf = file(printed).read_bytes()
    for claim in (b"<pdfuaid:part>1", b'pdfaid:part="2"', b"<pdfaid:part>2"):
        pdf = pdf.replace(claim, claim[:-1] + b"9")
    silent.write_bytes(pdf)
    (found,) = verdicts(printed, silent)
    assert {fault.code.split("-")[0] for fault in found.faults} == {"PDFUA1", "PDFA2A"}


# Files that are something else.


def bomb() -> bytes:
    def plant(pdf: Pdf) -> None:
        pdf.pages[0].Contents = pdf.make_stream(b"")
        pdf.pages[0].Contents.write(zlib.compress(b" " * (300 << 20)), filter=Name.FlateDecode)

    return edited(good(), plant)


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(good())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def strangers(folder: Path) -> Iterator[tuple[Path, str]]:
    """Make files that are no leaflets; yield each with words that must be said of it."""
    for name, content, words in (
        ("empty.pdf", b"", "it is empty"),
        ("text.pdf", b"Dear patient", "it is no PDF"),
        ("truncated.pdf", good()[:20_000], "[unreadable]"),
        ("bomb.pdf", bomb(), "a content stream has more than 32 MB"),
        ("encrypted.pdf", encrypted(), "it is encrypted"),
        ("deep.pdf", b"%PDF-1.7\n1 0 obj\n" + b"[" * 99_999 + b"\ntrailer<</Root 1 0 R>>\n%%EOF", "[unreadable]"),
    ):
        path = folder / name
        path.write_bytes(content)
        yield path, words
    yield folder, "it is a folder"
    yield folder / "nowhere.pdf", "No such file"
    os.mkfifo(folder / "pipe.pdf")
    yield folder / "pipe.pdf", "it is no file"
    (folder / "large.pdf").touch()
    os.truncate(folder / "large.pdf", verifier.MAX_FILE_BYTES + 1)
    yield folder / "large.pdf", "it has more than 100 MB"


def test_strangers_are_said_to_be_what_they_are(printed: TinyLibrary, tmp_path: Path) -> None:
    words = dict(strangers(tmp_path))
    found = verdicts(printed, *words, file(printed))
    assert [verdict.file for verdict in found] == [*map(str, words), str(file(printed))]
    assert found[-1].good
    for verdict in found[:-1]:
        assert (verdict.good, verdict.standing, verdict.identity) == (False, EditionStatus.UNKNOWN, None)
        assert words[Path(verdict.file)] in "\n".join(map(str, verdict.faults)), verdict


def test_an_end_that_is_missing(printed: TinyLibrary, tmp_path: Path) -> None:
    short = tmp_path / "short.pdf"
    short.write_bytes(file(printed).read_bytes().rstrip()[:-6])
    (found,) = verdicts(printed, short)
    assert {fault.code for fault in found.faults} & {"truncated", "unreadable"}


def test_words_of_a_letter_are_not_said(printed: TinyLibrary, tmp_path: Path) -> None:
    def plant(pdf: Pdf) -> None:
        elements(pdf, "P")[0].K.clear()
        elements(pdf, "Span")[0].Lang = "a ”quoted” patient"

    letter = tmp_path / "letter.pdf"
    letter.write_bytes(edited(good(), plant))
    (found,) = verdicts(printed, letter)
    said = "\n".join(map(str, found.faults))
    assert "mark 1 “…” is in no element" in said
    assert "“…” is not a language tag" in said
    assert not re.search("pain|patient|quoted", said)


def hang(file: Path, **asked: object) -> None:
    time.sleep(60)


def test_a_file_that_takes_too_long(printed: TinyLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "TIME_LIMIT", 0.5)
    monkeypatch.setattr(verifier, "examine", hang)
    (found,) = verdicts(printed, file(printed))
    assert not found.readable
    assert found.faults[0].message == "it could not be read: it took longer than 0.5 seconds and was stopped"


def unready() -> None:
    raise OSError("no room")


def test_no_worker_can_start(printed: TinyLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "init_worker", unready)
    with pytest.raises(PdfkitError, match="no file can be opened here: no room"):
        verdicts(printed, file(printed))


@pytest.mark.parametrize("clinic", ["north\nother.pdf: good, current", "n" * 101])
def test_an_identity_that_cannot_be_one(printed: TinyLibrary, tmp_path: Path, clinic: str) -> None:
    strange = tmp_path / "strange.pdf"

    def plant(pdf: Pdf) -> None:
        xmp = pdf.Root.Metadata.read_bytes()
        assert b":clinic>north<" in xmp
        pdf.Root.Metadata.write(xmp.replace(b":clinic>north<", f":clinic>{clinic}<".encode()))

    strange.write_bytes(edited(file(printed).read_bytes(), plant))
    (found,) = verdicts(printed, strange)
    assert (found.identity, found.standing, found.good) == (None, EditionStatus.UNKNOWN, False)


# The command.


def command(capsys: pytest.CaptureFixture[str], library: TinyLibrary, *arguments: object) -> tuple[int, str, str]:
    folders = ["--library", library.root, "--out", library.root.parent / "dist", "--as-of", DAY]
    code = cli._run_command(["verify", *map(str, (*folders, *arguments))])
    return (int(code), *capsys.readouterr())


@pytest.mark.usefixtures("worker_processes")
def test_what_is_said(printed: TinyLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = command(capsys, printed, file(printed))
    said = identity(printed)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{file(printed)}: good, current",
        "  first: T-1 version 0.1, da, full, a4, for north",
        f"  on paper, compare at the foot of each page: {said.digest[:8]}",
        "  byte for byte what was built",
    ]
    (tmp_path / "text.pdf").write_text("Kære patient")
    code, out, err = command(capsys, printed, tmp_path / "text.pdf", file(printed))
    assert (code, err) == (1, "")
    assert out.splitlines()[:3] == [
        f"{tmp_path / 'text.pdf'}: not good, unknown",
        "  it is no PDF [unreadable]",
        f"{file(printed)}: good, current",
    ]


def test_many_faults_are_said_in_short(
    printed: TinyLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def plant(pdf: Pdf) -> None:
        for element in elements(pdf):
            element.Lang = "nonsense nonsense"

    (tmp_path / "faulty.pdf").write_bytes(edited(file(printed).read_bytes(), plant))
    code, out, _ = command(capsys, printed, tmp_path / "faulty.pdf")
    assert code == 1
    assert len(out.splitlines()) < 14
    assert "more faults; --json names them all" in out


def test_json(printed: TinyLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.pdf").touch()
    code, out, err = command(capsys, printed, "--json", file(printed), tmp_path / "empty.pdf")
    known, strange = json.loads(out)
    assert (code, err) == (1, "")
    said = identity(printed)
    assert known == {
        "file": str(file(printed)), "good": True, "readable": True, "conformant": True, "faults": [],
        "identity": {
            "leaflet": "first", "id": "T-1", "version": "0.1", "language": "da", "variant": "full", "clinic": "north",
            "format": "a4", "digest": said.digest, "personal": False,
        },
        "on_paper": said.digest[:8], "standing": "current", "reason": "", "overdue": None, "built": "same",
        "inside": [],
    }  # fmt: skip
    assert set(strange) == set(known)
    assert strange["faults"] == [{"code": "unreadable", "message": "it is empty", "page": 0, "element": ""}]
    assert (strange["good"], strange["identity"], strange["on_paper"]) == (False, None, None)


def test_wrong_use(printed: TinyLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(capsys, printed)[0] == 2
    code = cli._run_command(["verify", "--library", str(tmp_path), str(file(printed))])
    assert code == 2
    assert "no library here" in capsys.readouterr().err


def test_a_file_that_acts_is_not_good(tmp_path: Path) -> None:
    path = tmp_path / "acting.pdf"
    with Pdf.open(BytesIO(good())) as pdf:
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        pdf.save(path)
    faults = [str(fault) for fault in verifier.examine(path).faults if fault.code == "active"]
    assert faults == ["it contains something that acts on the reader's machine: JavaScript [active]"]
