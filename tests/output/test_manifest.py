"""What is written is read again; what cannot be read is a cold start, never a crash."""

import json
from contextlib import suppress
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.output import manifest
from pdfkit_cli.output.manifest import DamagedManifestError, JournalLine, Manifest, ManifestEntry

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.from_regex(r"[a-z]{1,4}(-[a-z]{1,3})?", fullmatch=True)
NUMBERS = st.integers(0, 2**62)
GROUPS = st.dictionaries(WORDS, WORDS, max_size=3)
ENTRIES = st.builds(
    ManifestEntry, clinic=NAMES, leaflet=NAMES, language=NAMES, variant=NAMES, format=NAMES, id=WORDS, version=WORDS,
    status=WORDS, digest=WORDS, title=WORDS, pages=NUMBERS, key=WORDS,
    inputs=st.lists(st.sampled_from("abc"), max_size=3).map(tuple), sha256=WORDS, bytes=NUMBERS, mtime_ns=NUMBERS,
    allowed=st.lists(NAMES, max_size=2).map(tuple),
)  # fmt: skip
PATHS = st.builds("{}/{}.pdf".format, NAMES, NAMES)
MANIFESTS = st.builds(
    Manifest,
    files=st.dictionaries(PATHS, ENTRIES, max_size=3),
    inputs=st.dictionaries(st.sampled_from("abc"), GROUPS, max_size=3),
    pending=st.dictionaries(PATHS, st.none() | ENTRIES, max_size=3),
)

ENTRY: dict[str, Any] = {field.name: 1 if field.type is int else "x" for field in fields(ManifestEntry)} | {
    "inputs": ["g"],
    "allowed": [],
    "remarks": [],
}


def with_file(path: str = "a/b.pdf", **values: object) -> bytes:
    return json.dumps({"schema": 2, "files": {path: ENTRY | values}, "inputs": {"g": {}}, "pending": {}}).encode()


@given(MANIFESTS)
def test_what_is_written_is_read_again(written: Manifest) -> None:
    read = manifest.parse_manifest(written.dump().encode())
    assert (read.files, read.pending) == (written.files, written.pending)
    entries = [entry for entry in (*read.files.values(), *read.pending.values()) if entry]
    used = {group for entry in entries for group in entry.inputs}
    assert read.inputs == {name: group for name, group in written.inputs.items() if name in used}


@given(MANIFESTS)
def test_it_is_json_and_always_the_same(written: Manifest) -> None:
    text = written.dump()
    assert set(json.loads(text)) == {"schema", "files", "inputs", "pages", "pending"}
    assert manifest.parse_manifest(text.encode()).dump() == text


@given(MANIFESTS, st.data())
def test_half_a_manifest_is_none(written: Manifest, data: st.DataObject) -> None:
    text = written.dump().encode().rstrip()
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(DamagedManifestError):
        manifest.parse_manifest(text[:cut])


@given(st.binary() | st.recursive(st.none() | WORDS | NUMBERS, lambda x: st.lists(x) | st.dictionaries(WORDS, x)))
def test_nonsense_is_no_manifest(value: object) -> None:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    with suppress(DamagedManifestError):
        assert manifest.parse_manifest(text).files == {}
    assert manifest.parse_line(text) is None


def test_a_good_one_is_read() -> None:
    assert manifest.parse_manifest(with_file()).files["a/b.pdf"].clinic == "x"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(with_file("/etc/passwd"), id="absolute"),
        pytest.param(with_file("../a.pdf"), id="outside"),
        pytest.param(with_file("a/../../a.pdf"), id="outside by a detour"),
        pytest.param(with_file(bytes="many"), id="words for a number"),
        pytest.param(with_file(inputs="abc"), id="a word for a list"),
        pytest.param(with_file(clinic=None), id="nothing for a word"),
        pytest.param(with_file().replace(b'"g": {}', b'"g": 5'), id="a number for a group"),
        pytest.param(with_file().replace(b'"schema": 2', b'"schema": 3'), id="another schema"),
        pytest.param(b'{"schema": 2, "pending": {"../../a.pdf": null}}', id="outside, unfinished"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
    ],
)
def test_a_wrong_one_is_no_manifest(text: bytes) -> None:
    with pytest.raises(DamagedManifestError):
        manifest.parse_manifest(text)


def test_one_of_another_version_is_not_called_damaged() -> None:
    with pytest.raises(DamagedManifestError, match="another version of pdfkit"):
        manifest.parse_manifest(with_file().replace(b'"schema": 2', b'"schema": 3'))


@given(PATHS, st.none() | ENTRIES)
def test_a_journal_line_is_read_again(path: str, entry: ManifestEntry | None) -> None:
    text = manifest.dump_line(JournalLine(path, entry))
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert manifest.parse_line(text.encode()) == JournalLine(path, entry)


def test_a_line_that_leads_outside_is_none() -> None:
    assert manifest.parse_line(b'{"path": "../a.pdf", "entry": null}') is None
