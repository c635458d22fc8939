"""TBX-Basic (ISO 30042:2008), in which translation tools read glossaries."""

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from pdfkit_cli.content.glossary import GlossaryEntry

_STATUS = ("preferredTerm-admn-sts", "admittedTerm-admn-sts")


def write_tbx(source: str, target: str, origin: str, entries: Iterable[GlossaryEntry]) -> str:
    """Return a TBX file of terms in a language and their translations; the first translation of each is the preferred one."""
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<martif type="TBX-Basic" xml:lang={quoteattr(source)}>\n'
        f"<martifHeader><fileDesc><sourceDesc><p>{escape(origin)}</p></sourceDesc></fileDesc>"
        '<encodingDesc><p type="XCSURI">TBXBasicXCSV02.xcs</p></encodingDesc></martifHeader>\n<text><body>\n'
    )
    written = (line for number, entry in enumerate(entries, 1) for line in _entry(number, entry, source, target))
    return head + "".join(f"{line}\n" for line in written) + "</body></text>\n</martif>\n"


def _entry(number: int, entry: GlossaryEntry, source: str, target: str) -> Iterator[str]:
    yield f'<termEntry id="t{number}">'
    if entry.translation.note:
        yield f"  <note>{escape(entry.translation.note)}</note>"
    yield f"  <langSet xml:lang={quoteattr(source)}>{_term(entry.term, _STATUS[0])}</langSet>"
    terms = (_term(term, _STATUS[min(at, 1)]) for at, term in enumerate(entry.translations))
    yield f"  <langSet xml:lang={quoteattr(target)}>{''.join(terms)}</langSet>"
    yield "</termEntry>"


def _term(term: str, status: str) -> str:
    return f'<tig><term>{escape(term)}</term><termNote type="administrativeStatus">{status}</termNote></tig>'
