"""Takes translated passages into a leaflet: each is checked and applied, or refused with its place and the reason."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pdfkit_cli.content import files, translations, yaml_edit, yaml_source
from pdfkit_cli.content.blocks import Inlines
from pdfkit_cli.content.library import Library, Translation
from pdfkit_cli.errors import Finding, OutputError, SourceError, SourceLocation, UsageError
from pdfkit_cli.translation import inline_codes, texts
from pdfkit_cli.translation.docx import read_docx
from pdfkit_cli.translation.exchange import MAX_FILE_BYTES, ReturnedLeaflet, ReturnedUnit, file_error
from pdfkit_cli.translation.inline_codes import CodeError, Codes, Content
from pdfkit_cli.translation.passages import Form, Part, Passage
from pdfkit_cli.translation.po import read_po
from pdfkit_cli.translation.texts import Words
from pdfkit_cli.translation.units import SourcePassage, State, Work, find_work, old_part, source_codes, travels
from pdfkit_cli.translation.xliff import read_xliff

MAX_SAME_WORDS = 3
"""The most words that may be the same as in the source: names, and words that two languages share."""

_READERS = {".po": read_po, ".docx": read_docx}

_NO_DIGEST = "0" * 16
"""What is recorded for a passage of which nobody knows what it was translated from."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import comes to. `text` is the file as it is to be, `record` what it was made from; None if nothing is to be written."""

    path: Path
    accepted: int
    refused: tuple[Finding, ...]
    left: int
    """Passages that remain missing or stale."""

    text: str | None = None
    record: tuple[str, ...] | None = None
    unreviewed: bool = False
    """Whether the translation was reviewed, and now has words that were not."""


def read_returned(path: Path) -> tuple[ReturnedLeaflet, ...]:
    """Return the leaflets in a file: PO or Word if its name says so, else XLIFF. Raises SourceError if nothing of it may be imported."""
    name = path.as_posix()
    return read_returned_bytes(files.read_bytes(path, name, largest=MAX_FILE_BYTES), name)


def read_returned_bytes(data: bytes, name: str) -> tuple[ReturnedLeaflet, ...]:
    """Return the leaflets in a file, by the ending of its name. Raises SourceError if nothing of it may be imported."""
    return _READERS.get(Path(name).suffix.lower(), read_xliff)(data, name)


def import_leaflet(library: Library, returned: ReturnedLeaflet) -> Imported:
    """Write the passages of a leaflet that are right, and record what they were translated from.

    Raises SourceError or OutputError if nothing can be written.
    """
    try:
        work = find_work(library, returned.leaflet, returned.language)
    except UsageError as error:
        raise file_error(f"{error}; {error.hint}" if error.hint else str(error), returned.place) from None
    done = apply_returned(work, returned)
    if done.text is not None and (work.ours is None or done.text != work.ours.source.text):
        _check_unchanged(work, done.path)
        yaml_edit.write_file(done.path, done.text)
    if done.record is not None:
        translations.write_record(library, work.leaflet, work.language, done.record)
    return done


def _check_unchanged(work: Work, path: Path) -> None:
    """Raise OutputError if somebody has saved the translation since it was read."""
    now = yaml_source.read_text(path, path.as_posix()).digest if path.exists() else None
    if now != (work.ours.source.digest if work.ours else None):
        raise OutputError(f"{path}: was saved while it was being imported; import it again")


def apply_returned(work: Work, returned: ReturnedLeaflet) -> Imported:
    """Return what an import comes to, without writing anything. Raises SourceError if the text cannot be put together."""
    return _Import(work, returned).run()


@dataclass(slots=True)
class _Import:
    work: Work
    returned: ReturnedLeaflet
    refused: list[Finding] = field(default_factory=list)
    accepted: dict[int, Words] = field(default_factory=dict)
    places: dict[int, SourceLocation] = field(default_factory=dict)
    to_ours: Mapping[str, str] = field(default_factory=dict)
    """The labels of the footnotes in the translation, by those in the source."""

    def run(self) -> Imported:
        work = self.work
        if work.ours and work.paired:
            labels = texts.footnote_labels(work.theirs), texts.footnote_labels(work.ours)
            self.to_ours = dict(zip(*labels, strict=False))
        self._read_units()
        passages = [source.passage for source in work.sources]
        base = work.ours if work.paired else None
        new: Translation | None = None
        while self.accepted:
            words = self._all_words()
            problems = self._problems(base, words)
            if isinstance(problems, Translation):
                new = problems
                problems = dict(self._number_problems(new))
                if not problems:
                    break
                new = None
            for index, message in problems.items():
                del self.accepted[index]
                self._refuse(message, self.places[index])
        missing = [] if base else [index for index in range(len(passages)) if self._is_missing(index)]
        if new and not missing:
            return self._imported(new)
        if self.accepted and missing:
            self._refuse_missing(missing)
        left = sum(source.state is not State.CURRENT for source in work.sources if source.passage.parts)
        return Imported(self._path, 0, tuple(self.refused), left)

    @property
    def _path(self) -> Path:
        return Path(self.work.theirs.source.name).with_name(f"{self.work.language}.md")

    def _refuse(self, message: str, place: SourceLocation) -> None:
        self.refused.append(Finding("refused-passage", message, place))

    def _refuse_missing(self, missing: list[int]) -> None:
        for index in missing:
            line = self.work.sources[index].passage.segment.line
            if index not in self.places:
                message = f"has no translation in {self.returned.place.file}; translate it, too: nothing is written before all blocks have their words"
                self._refuse(message, SourceLocation(self.work.theirs.source.name, line))

    # Units to words

    def _read_units(self) -> None:
        units = {unit.id: unit for unit in self.returned.units}
        for index, source in enumerate(self.work.sources):
            wanted = {
                number: f"p{source.key}-{number}" for number, part in enumerate(source.passage.parts) if travels(part)
            }
            found = {number: unit for number, id in wanted.items() if (unit := units.pop(id, None))}
            if found:
                self.places[index] = next(iter(found.values())).place
                self._read_passage(index, source, found, len(found) < len(wanted))
        for unit in units.values():
            message = "the source of this passage has changed since it was exported; export it again"
            self._refuse(unit.problem or message, unit.place)

    def _read_passage(
        self, index: int, source: SourcePassage, found: Mapping[int, ReturnedUnit], incomplete: bool
    ) -> None:
        if incomplete:
            self._refuse("other parts of this passage are not in the file; export it again", self.places[index])
            return
        words: list[Inlines | None] = [None] * len(source.passage.parts)
        for number, unit in found.items():
            try:
                words[number] = self._words(source, number, unit)
            except CodeError as error:
                self._refuse(str(error), unit.place)
                return
        self.accepted[index] = tuple(words)

    def _words(self, source: SourcePassage, number: int, unit: ReturnedUnit) -> Inlines:
        """Return the words of a unit. Raises CodeError if they cannot be used."""
        if unit.problem:
            raise CodeError(unit.problem)
        if unit.target is None:
            raise CodeError("is not translated; write its translation into the file")
        _check_characters(unit.target)
        part = source.passage.parts[number]
        codes = source_codes(part)[1]
        old = old_part(self.work, source, number)
        to_theirs = {ours: theirs for theirs, ours in self.to_ours.items()}
        so_far = texts.relabelled(old.words, to_theirs) if old else ()
        own = inline_codes.encode(so_far, codes)[1] if so_far else {}
        inline_codes.check_codes(unit.target, codes, own)
        if inline_codes.has_codes(unit.target) and _is_rearranged(unit, part, codes):
            if inline_codes.squeezed(unit.target) == inline_codes.squeezed(inline_codes.encode(so_far, codes)[0]):
                return texts.relabelled(so_far, self.to_ours)
            raise CodeError(
                "the translation tool has rearranged the white space around the codes; let it keep the white space of units (xml:space)"
            )
        words = inline_codes.decode(unit.target, {**own, **codes})
        as_before = inline_codes.without_places(words) == inline_codes.without_places(so_far)
        if not as_before and _is_copy(words, part):
            raise CodeError("is the same as the source; translate it")
        return texts.relabelled(words, self.to_ours)

    # Words to a text

    def _all_words(self) -> dict[int, Words]:
        """Return the words of all passages that change: with blocks of the source, those of every passage."""
        words: dict[int, Words] = {}
        for index, source in enumerate(self.work.sources):
            if index in self.accepted:
                words[index] = self.accepted[index]
            elif source.passage.parts and source.passage.parts[0].form is Form.VALUE:
                words[index] = tuple(part.words for part in source.passage.parts)
            elif not self.work.paired and source.state is not State.MISSING and source.old is not None:
                old = self.work.old[source.old].parts
                words[index] = tuple(each.words for each in old) if len(old) == len(source.passage.parts) else ()
        return {index: new for index, new in words.items() if new}

    def _is_missing(self, index: int) -> bool:
        return index not in self._all_words() and any(map(travels, self.work.sources[index].passage.parts))

    def _problems(self, base: Translation | None, words: dict[int, Words]) -> "Translation | dict[int, str]":
        """Return the text with these words, or what is wrong with each passage that spoils it."""
        try:
            return self._text(base, words)
        except SourceError as error:
            problems: dict[int, str] = {}
            for index in self.accepted:
                try:
                    self._text(base, {index: words[index]}, trial=True)
                except SourceError as own:
                    problems[index] = f"cannot be printed: {own.findings[0].message}"
            if not problems:
                raise error
            return problems

    def _text(self, base: Translation | None, words: Mapping[int, Words], trial: bool = False) -> Translation:
        """Return a text with these words, as a `trial` in the source. Raises SourceError."""
        work, name = self.work, self._path.as_posix()
        if base:
            file = texts.with_words(base, work.old, words)
        else:
            passages = [source.passage for source in work.sources]
            file = texts.with_words(work.theirs, passages, words, "" if trial else self._head(passages, words))
        text = texts.read_translation(file, name, work.rules, work.leaflet)
        texts.check_words(text, work.theirs, words)
        return text

    def _head(self, passages: list[Passage], words: Mapping[int, Words]) -> str:
        """Return the front matter of a translation whose blocks are those of the source."""
        if self.work.ours is None:
            return texts.new_front_matter(passages, words)
        heads = {index: new for index, new in words.items() if passages[index].parts[0].form is Form.YAML}
        return texts.front_matter_with(self.work.ours, passages, heads)

    def _number_problems(self, new: Translation) -> Iterator[tuple[int, str]]:
        theirs = self.work.theirs
        for index, mine, wanted in translations.differing_numbers(new, theirs):
            if index in self.accepted and Counter(mine) != Counter(wanted):
                at = f"{theirs.source.name}:{theirs.segments[index].line}"
                yield index, translations.describe_numbers(Counter(mine), Counter(wanted), at)

    # Result

    def _imported(self, new: Translation) -> Imported:
        work = self.work
        text = new.source.text
        unreviewed = bool(work.ours and work.ours.source.text != text and new.front_matter.translation == "reviewed")
        if unreviewed:
            text = texts.mark_unreviewed(text, new.source.name)
        lines = [self._record_line(index, new) for index, each in enumerate(work.theirs.segments) if each.words]
        left = sum(
            source.state is not State.CURRENT and index not in self.accepted
            for index, source in enumerate(work.sources)
            if any(map(travels, source.passage.parts))
        )
        done = Imported(self._path, len(self.accepted), tuple(self.refused), left, text, tuple(lines))
        return replace(done, unreviewed=unreviewed)

    def _record_line(self, index: int, new: Translation) -> str:
        segment, source = self.work.theirs.segments[index], self.work.sources[index]
        is_data = not any(map(travels, source.passage.parts)) and new.segments[index].words == segment.words
        if index in self.accepted or source.state is State.CURRENT or is_data:
            return translations.record_line(segment)
        now = {each.digest for each in self.work.theirs.segments}
        return source.record if source.record and source.record[:16] not in now else _NO_DIGEST


def _is_rearranged(unit: ReturnedUnit, part: Part, codes: Codes) -> bool:
    """Return whether the source came back with other white space than it was sent with, or lines end at codes: none were sent."""
    if inline_codes.ends_lines_at_codes(unit.target or ()):
        return True
    if unit.source is None:
        return False
    try:
        words = inline_codes.decode(unit.source, codes)
    except (CodeError, KeyError):
        return True
    return inline_codes.without_places(words) != inline_codes.without_places(part.words)


def _check_characters(content: Content) -> None:
    if ":::" in inline_codes.plain(content):
        raise CodeError("has “:::” in it, which would be printed; remove it")
    if wrong := yaml_source.CONTROL_CHARACTERS.search(inline_codes.plain(content)):
        raise CodeError(
            f"has the character U+{ord(wrong[0]):04X}, which is not printed or changes the order of words; remove it"
        )


def _is_copy(words: Inlines, source: Part) -> bool:
    same = inline_codes.without_places(words) == inline_codes.without_places(source.words)
    letters = [word for word in inline_codes.words_of(words).split() if any(map(str.isalpha, word))]
    return same and len(letters) > MAX_SAME_WORDS
