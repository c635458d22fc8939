"""What a secretary types and what has to be found: one table for the search in Python and the one in a browser."""

from dataclasses import dataclass

from pdfkit_cli.content.search import SearchEntry, SearchText

LIBRARY = (
    SearchEntry(
        "facet-denervation",
        "BP-01",
        (
            SearchText(
                "da",
                "Varmebehandling af smerter i lænden",
                "Til dig, der har kroniske smerter i lænden og skal have en varmebehandling (denervering).",
                ("denervering", "radiofrekvensablation", "RFA", "facetled", "styreled"),
            ),
            SearchText("sv", "Värmebehandling mot smärta i ländryggen", "Till dig som har kronisk smärta i ländryggen."),
            SearchText("en", "Heat treatment for lower back pain", "For you if you have chronic lower back pain.", ("RFA",)),
            SearchText(
                "ar",
                "العلاج بالحرارة لآلام أسفل الظهر",
                "هذه النشرة لك إذا كانت لديك آلام مزمنة في أسفل الظهر.",
                ("تعطيل الأعصاب", "المفاصل الوجيهية"),
            ),
        ),
        frozenset({"ryg", "nord"}),
        (("ryg", "ZZ4200"), ("nord", "KNAF99")),
    ),
    SearchEntry(
        "facet-neurotomy",
        "BP-02",
        (
            SearchText(
                "sv",
                "Endoskopisk neurotomi vid långvarig smärta i ländryggen",
                "Till dig som har haft ont i ryggen länge och ska opereras.",
                ("titthålsoperation i ryggen", "ländryggssmärta", "ont i ryggen", "hemövningar"),
            ),
            SearchText("en", "Endoscopic neurotomy for long-lasting low back pain", "About the operation.", ("keyhole surgery",)),
        ),
        frozenset({"sport"}),
    ),
    SearchEntry(
        "nerve-root-block",
        "BP-03",
        (
            SearchText(
                "da",
                "Nerverodsblokade i lænden",
                "Du skal have blokeret en eller flere nerverødder i lænden.",
                ("rodblokade", "nerverodsblok"),
            ),
            SearchText("en", "Nerve root block in the lower back", "You are going to have one or more nerve roots blocked."),
        ),
        frozenset({"neuro"}),
    ),
    SearchEntry(
        "back-pain",
        "BP-11",
        (
            SearchText("da", "Lænderygsmerter", "Om smerter i den nederste del af ryggen."),
            SearchText("de", "Großer Rückenschmerz", "Für die Füße und den Rücken."),
            SearchText("tr", "Ağrı ve ışık tedavisi", "Bel ağrısı olan hastalar için."),
            SearchText("pl", "Ból głowy i pleców", "Łagodne ćwiczenia."),
        ),
        frozenset({"ryg", "neuro"}),
    ),
    SearchEntry(
        "tens",
        "BP-12",
        (
            SearchText("da", "TENS-behandling derhjemme", "Strøm mod smerter.", ("elektroder",)),
            SearchText("sv", "TENS-behandling hemma", "Ström mot smärta."),
        ),
        frozenset({"ryg"}),
    ),
    SearchEntry(
        "tens-old",
        "BP-09",
        (SearchText("da", "TENS-behandling på afdelingen", "Strøm mod smerter."),),
        frozenset({"ryg"}),
        in_use=False,
    ),
    SearchEntry("training", "TR-1", (SearchText("da", "Øvelser til ryg, hofte og knæ", "Træning på gulv. Få mere ro."),), frozenset({"nord"})),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What is typed, for which clinic (empty: any), and what is found first (empty: nothing is)."""

    typed: str
    first: str
    clinic: str = ""


CASES = (
    # as one types
    Case("varm", "facet-denervation"), Case("nerverodsblo", "nerve-root-block"),
    Case("smerter i læ", "facet-denervation"),
    # titles, synonyms, summaries, ids, codes
    Case("varmebehandling", "facet-denervation"), Case("RFA", "facet-denervation"), Case("rodblokade", "nerve-root-block"),
    Case("opereras", "facet-neurotomy"), Case("BP-03", "nerve-root-block"), Case("bp03", "nerve-root-block"),
    Case("BP 11", "back-pain"), Case("zz42", "facet-denervation"), Case("ZZ4200", "facet-denervation", "ryg"),
    Case("ZZ4200", "", "nord"), Case("KNAF99", "facet-denervation", "nord"),
    # any language
    Case("heat treatment", "facet-denervation"), Case("värmebehandling", "facet-denervation"),
    Case("keyhole", "facet-neurotomy"), Case("rückenschmerz", "back-pain"), Case("ból głowy", "back-pain"),
    # letters that a keyboard lacks
    Case("laenderygsmerter", "back-pain"), Case("landerygsmerter", "back-pain"), Case("ovelser", "training"),
    Case("oevelser", "training"), Case("knae", "training"), Case("knä", "training"), Case("paa gulv", "training"),
    Case("pa gulv", "training"), Case("titthalsoperation", "facet-neurotomy"), Case("varmebehandling ländryggen", "facet-denervation"),
    Case("grosser ruckenschmerz", "back-pain"), Case("grosser rueckenschmerz", "back-pain"), Case("fusse", "back-pain"),
    Case("fuesse", "back-pain"), Case("agri isik", "back-pain"), Case("AĞRI IŞIK", "back-pain"), Case("bol glowy", "back-pain"),
    Case("lagodne", "back-pain"), Case("cwiczenia", "back-pain"), Case("LÆNDERYGSMERTER", "back-pain"),
    # spelling
    Case("nervrodsblokade", "nerve-root-block"), Case("nerverodblokade", "nerve-root-block"), Case("denervaring", "facet-denervation"),
    Case("denverering", "facet-denervation"), Case("endoskopisk nevrotomi", "facet-neurotomy"), Case("varmebehandlign", "facet-denervation"),
    Case("vramebehandling", "facet-denervation"), Case("tretment", "facet-denervation"), Case("ovleser", "training"),
    Case("hemovnigar", "facet-neurotomy"), Case("radiofrekvens ablation", "facet-denervation"), Case("xylofon", ""),
    # compounds
    Case("rygsmerte", "back-pain"), Case("rygsmrter", "back-pain"), Case("lænde rygsmerter", "back-pain"),
    Case("tensbehandling", "tens"), Case("TENS behandling", "tens"), Case("tens-behandling", "tens"),
    Case("denerveringen", "facet-denervation"), Case("facetledssmerter", "facet-denervation"),
    # Arabic: with and without marks, hamza, ta marbuta, the article
    Case("العلاج بالحرارة", "facet-denervation"), Case("العلاج بالحراره", "facet-denervation"), Case("حرارة", "facet-denervation"),
    Case("الأعصاب", "facet-denervation"), Case("الاعصاب", "facet-denervation"), Case("الْعِلَاج", "facet-denervation"),
    Case("اعصاب", "facet-denervation"), Case("آلام", "facet-denervation"), Case("الام مزمنه", "facet-denervation"),
    # the right one first, and only what the clinic hands out
    Case("tens", "tens"), Case("afdelingen", "tens-old"), Case("lænden", "nerve-root-block"), Case("lænden", "facet-denervation", "ryg"),
    Case("lænderygsmerter", "back-pain", "neuro"), Case("varmebehandling", "", "sport"), Case("smarta", "facet-neurotomy", "sport"),
    # words that are nowhere, and nothing at all
    Case("varmebehandling xylofon", "facet-denervation"), Case("", ""), Case(" - ", ""),
)  # fmt: skip


def _of_hospital(name: str, title: str, summary: str = "", *synonyms: str) -> SearchEntry:
    return SearchEntry(name, f"H-{name.upper()}", (SearchText("da", title, summary, synonyms),), frozenset({"nord"}))


HOSPITAL = (
    _of_hospital("hip", "Ny hofte – protese", "Du skal have en kunstig hofte."),
    _of_hospital("new-knee", "Nyt knæ – protese", "Du skal have et kunstigt knæ."),
    _of_hospital("knee", "Operation i knæet", "Du skal opereres i knæet."),
    _of_hospital("breast", "Brystkræft – operation", "Du skal opereres for brystkræft."),
    _of_hospital("hernia", "Lyskebrok", "Du skal opereres for lyskebrok.", "brokoperation"),
    _of_hospital("back", "Smerter i lænden", "Om smerter nederst i ryggen."),
    _of_hospital("hand", "Brækket hånd", "Du har brækket hånden."),
    _of_hospital("abortion", "Abort", "Du skal have en abort."),
    _of_hospital("tonsils", "Fjernelse af mandler", "Mandlerne tages bort."),
    *(_of_hospital(f"hip-{number:02}", f"Hofte, træning {number}", "Øvelser til hoften.") for number in range(20)),
    *(_of_hospital(f"hand-{number:02}", f"Hånd, træning {number}", "Øvelser til hånden.") for number in range(20)),
)
"""Leaflets on many parts of the body, some of whose names resemble each other."""

HOSPITAL_CASES = (
    # the part of the body before the procedure
    Case("hofteprotese", "hip"), Case("knæprotese", "new-knee"), Case("knæoperation", "knee"), Case("brok operation", "hernia"),
    Case("brokoperation", "hernia"), Case("brystkræftoperation", "breast"),
    # the right one alone
    Case("lænd", "back"), Case("abort", "abortion"), Case("mandler", "tonsils"),
)  # fmt: skip
"""What is found first, and is no guess."""

GUESSES = ("hoste", "abrot", "albueprotese", "skulderoperation", "lænt")
"""Words of no leaflet: whatever is found for them is a guess."""
