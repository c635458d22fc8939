"""The facts of the founding leaflets, read from the finished PDFs.

The facts are written down a second time here, apart from the texts: a figure, a sign or a name that changes in a text
or gets lost on the way to the paper fails a test. Whoever changes a fact on purpose changes it in both places.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pytest
from pypdf import PageObject, PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.blocks import Directive, Heading, Paragraph, plain_text, walk
from pdfkit_cli.content.editions import EditionKey
from pdfkit_cli.content.models import Variant
from tests.helpers.tiny_library import FOUNDING

DAY = date(2026, 11, 21)

PDFS = {
    "rygcenter-syddanmark": ("facet-denervation.da", "facet-denervation.en", "facet-denervation.sv", "facet-denervation.ar"),
    "sportsmed": ("facet-neurotomy.sv", "facet-neurotomy.en"),
    "neurokirurgisk-ambulatorium": ("nerve-root-block.da", "nerve-root-block.en"),
    "fysioterapi": ("nerve-root-pain-education.da", "nerve-root-pain-education.da.short"),
    "smartkliniken": ("interventional-pain-guideline.sv",),
    "exempelkliniken-norr": ("facet-denervation.sv", "facet-denervation.en", "facet-neurotomy.sv", "facet-neurotomy.en"),
}  # fmt: skip
"""What is read: everything that these clinics hand out on A4."""

PHONES = {
    "rygcenter-syddanmark": "76 36 14 00",
    "sportsmed": "031-81 80 83",
    "neurokirurgisk-ambulatorium": "97 66 24 00",
    "exempelkliniken-norr": "031-390 06 11",
    "exempelkliniken-syd": "031-390 06 12",
}
OUT_OF_HOURS = {
    "rygcenter-syddanmark": ("70 11 07 07", "112"),
    "sportsmed": ("1177", "112"),
    "neurokirurgisk-ambulatorium": ("112",),
    "exempelkliniken-norr": ("1177", "112"),
}
"""Whom to call when the clinic does not answer."""

OWN = {
    "facet-denervation": "rygcenter-syddanmark",
    "facet-neurotomy": "sportsmed",
    "nerve-root-block": "neurokirurgisk-ambulatorium",
    "nerve-root-pain-education": "fysioterapi",
    "interventional-pain-guideline": "smartkliniken",
}
"""Whose leaflet it is; its facts are read from that clinic's PDF."""

IDS = {
    "facet-denervation": "BP-01",
    "facet-neurotomy": "BP-02",
    "nerve-root-block": "BP-03",
    "nerve-root-pain-education": "BP-04",
    "interventional-pain-guideline": "BP-05",
}
SOURCES = {"facet-denervation": "da", "nerve-root-block": "da", "nerve-root-pain-education": "da"}
"""The others are Swedish."""

DRAFT = {
    "da": "Kladde – ikke godkendt",
    "sv": "Utkast – inte godkänt",
    "en": "Draft – not approved",
    "ar": "مسودة – غير معتمدة",
}
UNREVIEWED = {
    "da": "Oversættelsen er ikke gennemgået",
    "sv": "Översättningen är inte granskad",
    "en": "Translation not reviewed",
    "ar": "ترجمة غير مُراجَعة",
}
PAGE = {
    "da": "Side {0} af {1}",
    "sv": "Sida {0} av {1}",
    "en": "Page {0} of {1}",
    "ar": "صفحة {0} من {1}",
}
LANGUAGE = {
    ("da", "da"): "Dansk",
    ("sv", "sv"): "Svenska",
    ("en", "da"): "English (engelsk)",
    ("sv", "da"): "Svenska (svensk)",
    ("ar", "da"): "العربية (arabisk)",
    ("en", "sv"): "English (engelska)",
}
"""A language's own name, and its name in the language of the clinic."""


def tidy(text: str) -> str:
    """Return text as one line: lines joined, bullets and soft hyphens dropped, spaces plain."""
    text = re.sub(r"[\u2066-\u2069\u200e\u200f\u00ad]|\u2010\n|•", "", text.replace("\u00a0", " "))
    return " ".join(re.sub(r"(?<=\w-)\n", "", text).split())


def _in_pieces(page: PageObject) -> str:
    pieces: list[str] = []
    page.extract_text(visitor_text=lambda piece, *_: pieces.append(piece))
    return " ".join(pieces)


def words(text: str) -> Counter[str]:
    """Count words, numbers and ranges; marks of reading aid and the order within a line are left out."""
    text = unicodedata.normalize("NFC", tidy(text)).casefold()
    return Counter(map(_ascending, re.findall(r"\d+–\d+|\d+|[^\W\d_]+(?:[\u064b-\u0652][^\W\d_]*)*", text)))


def _ascending(word: str) -> str:
    """Return a range with its smaller number first: extraction turns it round where text runs right to left."""
    return "–".join(sorted(word.split("–"), key=int)) if "–" in word else word


@dataclass(frozen=True)
class Paper:
    """One finished PDF, as a reader sees it: words, page by page."""

    path: Path
    entry: dict[str, str]

    @property
    def language(self) -> str:
        return self.entry["language"]

    @property
    def leaflet(self) -> str:
        return self.entry["leaflet"]

    @property
    def clinic(self) -> str:
        return self.entry["clinic"]

    @cached_property
    def pages(self) -> tuple[str, ...]:
        if self.language == "ar":  # pypdf writes words together that stand at both ends of a line from right to left
            return tuple(tidy(_in_pieces(page)) for page in PdfReader(self.path).pages)
        return tuple(tidy(page.extract_text()) for page in PdfReader(self.path).pages)

    @cached_property
    def text(self) -> str:
        """All pages without what stands in their margins, in lower case."""
        text = " ".join(map(self._without_margins, range(len(self.pages))))
        return " ".join(text.split()).casefold()

    def _without_margins(self, number: int) -> str:
        text = self.pages[number]
        for words_of_margin in (
            PAGE[self.language].format(number + 1, len(self.pages)),
            self.footer,
            UNREVIEWED[self.language],
            DRAFT[self.language] + " ·",
            DRAFT[self.language],
            self.entry["title"] if number else "",
        ):
            text = text.replace(words_of_margin, " ", 1) if words_of_margin else text
        return text

    @property
    def footer(self) -> str:
        short = " · Kort udgave" if self.entry["variant"] == "short" else ""
        return f"{self.language_name}{short} · {IDS[self.leaflet]} · Version 0.1 · {self.entry['digest'][:8]}"

    @property
    def language_name(self) -> str:
        at_home = "sv" if self.clinic in ("sportsmed", "smartkliniken", "exempelkliniken-norr") else "da"
        return LANGUAGE[self.language, at_home]

    def times(self, phrase: str) -> int:
        """Count how often a phrase stands on the paper.

        In Arabic, extraction mixes up the order within a line, so that it counts how often all its words are there.
        """
        if self.language != "ar":
            return self.text.count(phrase.casefold())
        found, wanted = words(" ".join(self.pages)), words(phrase)
        return min(found[word] // wanted[word] for word in wanted)

    def has(self, number: int, phrase: str) -> bool:
        """Say whether a page has a phrase."""
        if self.language == "ar":
            return words(phrase) <= words(self.pages[number])
        return phrase in self.pages[number]


Fact = tuple[int, dict[str, str]]
"""How often the paper says it, and its words in each language."""

FACTS: dict[str, list[Fact]] = {
    "facet-denervation": [
        (1, {"da": "cirka 1 time", "sv": "cirka 1 timme", "en": "about 1 hour", "ar": "ساعة واحدة مدة العلاج تقريبًا"}),
        (1, {"da": "2 ud af 3 patienter på rygcenter syddanmark har god effekt i op til 1 år",
             "sv": "2 av 3 patienter på rygcenter syddanmark i danmark har god effekt i upp till 1 år",
             "en": "2 out of 3 patients at rygcenter syddanmark in denmark find that it works well for up to 1 year",
             "ar": "2 من كل 3 مرضى في Rygcenter Syddanmark في الدنمارك يستفيدون استفادة جيدة لمدة تصل إلى سنة واحدة"}),
        (1, {"da": "1–2 dage så kan du regne med at arbejde igen", "sv": "1–2 dagar sedan kan du räkna med att arbeta igen",
             "en": "1–2 days then you can expect to work again", "ar": "بعد يوم أو يومين يمكنك توقّع العودة إلى العمل"}),
        (1, {"da": "1–2 dage efter behandlingen", "sv": "1–2 dagar efter behandlingen",
             "en": "1–2 days after the treatment", "ar": "بعد يوم أو يومين من العلاج"}),
        (1, {"da": "elektrode: spidsen i ringen varmer nerven op", "sv": "elektrod: spetsen i ringen värmer nerven",
             "en": "electrode: the tip in the ring heats the nerve", "ar": "القطب الكهربائي: الطرف داخل الحلقة يسخّن العصب"}),
        (1, {"da": "kontakt os altid, hvis du er i tvivl", "sv": "kontakta oss alltid om du är osäker",
             "en": "always contact us if you are unsure", "ar": "يُرجى الاتصال بنا دائمًا عند الشك"}),
        (1, {"da": "de første 24 timer", "sv": "de första 24 timmarna", "en": "the first 24 hours", "ar": "أول 24 ساعة"}),
        (1, {"da": "kør ikke selv", "sv": "kör inte själv", "en": "do not drive", "ar": "القيادة ممنوعة"}),
        (1, {"da": "du må ikke selv køre hjem", "sv": "du får inte köra hem själv", "en": "you must not drive home",
             "ar": "لا يُسمح لك بقيادة السيارة إلى البيت"}),
        (2, {"da": "for, at nogen henter dig", "sv": "någon hämtar dig", "en": "arrange for someone to collect you",
             "ar": "ترتيب من يصطحبك"}),
        (1, {"da": "du må gerne sidde i en bil", "sv": "det går bra att sitta i en bil", "en": "it is fine to sit in a car",
             "ar": "ويمكنك الجلوس في السيارة بعد خروجك من المستشفى"}),
        (2, {"da": "smerter eller ubehag i benet", "sv": "smärta eller obehag i benet",
             "en": "pain or discomfort in your leg", "ar": "بألم أو انزعاج في الساق"}),
        (1, {"da": "så skal du sige det til personalet, mens behandlingen står på",
             "sv": "då ska du säga det till personalen medan behandlingen pågår",
             "en": "then you must tell the staff while the treatment is going on",
             "ar": "في هذه الحالة يجب إخبار الطاقم الطبي بذلك أثناء العلاج"}),
        (1, {"da": "hvor du også fik din blokade", "sv": "där du också fick din blockad",
             "en": "where you also had your block", "ar": "حيث تلقيت حقنة التخدير أيضًا"}),
        (1, {"da": "du er vågen og ligger på maven", "sv": "du är vaken och ligger på mage",
             "en": "you are awake and lie on your stomach", "ar": "ويكون ذلك وأنت في حالة يقظة، مع الاستلقاء على البطن"}),
        (1, {"da": "varme, prikken eller stærkere smerter", "sv": "värme, stickningar eller mer smärta",
             "en": "warmth, tingling or worse pain", "ar": "بحرارة أو وخز أو آلام أشد"}),
        (1, {"da": "lokalbedøvelse og binyrebarkhormon", "sv": "lokalbedövning och binjurebarkhormon (kortison)",
             "en": "a local anaesthetic and corticosteroid", "ar": "مخدّر موضعي وهرمون الكورتيزون"}),
        (1, {"da": "den kan give ubehag i kort tid", "sv": "den kan ge obehag en kort stund",
             "en": "it may cause discomfort for a short time", "ar": "وقد تسبب انزعاجًا لوقت قصير"}),
        (1, {"da": "(rfa)", "sv": "(rfa)", "en": "(rfa)", "ar": "rfa"}),
        (1, {"da": "behandlingen virker ikke for alle", "sv": "behandlingen fungerar inte för alla",
             "en": "the treatment does not work for everyone", "ar": "لا يفيد العلاج الجميع"}),
        (1, {"da": "vi forventer ikke, at alle dine smerter går væk", "sv": "vi räknar inte med att all smärta försvinner",
             "en": "we do not expect all your pain to go away", "ar": "لا نتوقع أن تزول كل آلامك"}),
        (1, {"da": "kan det give mening at få den igen, når effekten aftager",
             "sv": "kan det vara meningsfullt att få den igen när effekten avtar",
             "en": "it can make sense to have it again when the effect wears off",
             "ar": "فقد يكون من المفيد تكراره عندما يضعف مفعوله"}),
        (1, {"da": "infektion blødning skade på nerverne til benene manglende effekt på smerterne i ryggen lidt højere "
                   "blodsukker i kort tid på grund af binyrebarkhormon",
             "sv": "infektion blödning skada på nerverna till benen utebliven effekt på smärtan i ryggen något högre "
                   "blodsocker under en kort tid på grund av kortison",
             "en": "infection bleeding damage to the nerves of the legs no effect on the back pain slightly higher "
                   "blood sugar for a short time because of corticosteroid",
             "ar": "عدوى نزيف ضرر في الأعصاب الواصلة إلى الساقين عدم تأثير العلاج في آلام الظهر ارتفاع طفيف في سكر "
                   "الدم لوقت قصير بسبب الكورتيزون"}),
        (1, {"da": "hvis du har diabetes", "sv": "om du har diabetes", "en": "if you have diabetes", "ar": "لمرضى السكري"}),
        (1, {"da": "et eller flere af disse tegn: feber rødme, varme eller hævelse på det behandlede sted stærke smerter",
             "sv": "ett eller flera av dessa tecken: feber rodnad, värme eller svullnad i det behandlade området stark smärta",
             "en": "one or more of these signs: fever redness, warmth or swelling in the treated area severe pain",
             "ar": "علامة أو أكثر من هذه العلامات حمّى احمرار أو سخونة أو تورّم في موضع العلاج آلام شديدة"}),
        (2, {"da": "feber", "sv": "feber", "en": "fever", "ar": "حمّى"}),
        (1, {"da": "så skal du ringe til os", "sv": "då ska du ringa oss",
             "en": "then call us", "ar": "في هذه الحالة يجب الاتصال بنا"}),
        (1, {"da": "tegn på infektion (betændelse)", "sv": "tecken på infektion", "en": "signs of infection",
             "ar": "علامات عدوى (التهاب)"}),
        (1, {"da": "anstrengende aktivitet træning tunge løft", "sv": "ansträngande aktivitet träning tunga lyft",
             "en": "strenuous activity exercise heavy lifting", "ar": "النشاط المُجهِد التمارين الرياضية رفع الأشياء الثقيلة"}),
        (1, {"da": "gå stå sidde", "sv": "gå stå sitta", "en": "walk stand sit", "ar": "المشي الوقوف الجلوس"}),
        (1, {"da": "ispose", "sv": "ispåse", "en": "ice pack", "ar": "كيس ثلج"}),
        (1, {"da": "den smertestillende medicin, som du har aftalt med os",
             "sv": "de smärtstillande läkemedel som vi har kommit överens om",
             "en": "the painkillers that we have agreed on", "ar": "مسكنات الألم التي اتفقنا عليها"}),
        (1, {"da": "som regel ikke brug for genoptræning", "sv": "oftast ingen rehabilitering",
             "en": "not usually need rehabilitation", "ar": "لا حاجة عادةً إلى إعادة تأهيل"}),
    ],
    "facet-neurotomy": [
        (1, {"sv": "ungefär 27–40 % av patienterna", "en": "about 27–40% of patients"}),
        (1, {"sv": "20–45 minuter tar operationen vanligtvis", "en": "20–45 minutes is usual for the operation"}),
        (1, {"sv": "samma dag får du gå hem", "en": "the same day you can go home"}),
        (1, {"sv": "du får gå hem samma dag", "en": "you can go home the same day"}),
        (1, {"sv": "du får narkos", "en": "you have a general anaesthetic"}),
        (1, {"sv": "du ligger på magen", "en": "you lie on your stomach"}),
        (1, {"sv": "2 veckor före berätta om du tar något som gör blodet tunnare",
             "en": "2 weeks before tell us if you take anything that thins the blood"}),
        (1, {"sv": "acetylsalicylsyra, warfarin, klopidogrel eller fragmin",
             "en": "acetylsalicylic acid (aspirin), warfarin, clopidogrel or fragmin"}),
        (1, {"sv": "naturläkemedel som gör blodet tunnare", "en": "herbal medicine that thins the blood"}),
        (1, {"sv": "har feber, tar antibiotika, känner dig sjuk", "en": "have a fever, are taking antibiotics, feel ill"}),
        (1, {"sv": "inlagd på sjukhus under de senaste 4 veckorna", "en": "in hospital in the last 4 weeks"}),
        (1, {"sv": "6 timmar före ät och drick ingenting", "en": "6 hours before eat nothing and drink nothing"}),
        (1, {"sv": "kör inte bil eller andra fordon på 24 timmar", "en": "do not drive a car or other vehicle for 24 hours"}),
        (1, {"sv": "du får inte köra bil eller andra fordon efteråt", "en": "you must not drive a car or other vehicle afterwards"}),
        (1, {"sv": "ät ingenting och drick ingenting under de sista 6 timmarna före operationen",
             "en": "eat nothing and drink nothing for the last 6 hours before the operation"}),
        (1, {"sv": "om du har diabetes och tar insulin ska dosen justeras. fråga oss hur innan du ändrar den.",
             "en": "if you have diabetes and take insulin, the dose has to be adjusted. ask us how before you change it."}),
        (1, {"sv": "högt blodtryck får du ta med lite vatten", "en": "high blood pressure with a little water"}),
        (1, {"sv": "två gånger om dagen i 1–2 veckor. börja tidigast dagen efter operationen. övningarna ska inte göra ont",
             "en": "twice a day for 1–2 weeks. start the day after the operation at the earliest. the exercises should not hurt"}),
        (5, {"sv": "3 × 10", "en": "3 × 10"}),
        (1, {"sv": "2 × 10", "en": "2 × 10"}),
        (1, {"sv": "böjda 90 grader i höft och knä", "en": "bent to 90 degrees at hip and knee"}),
        (1, {"sv": "sänk en fot i taget till golvet", "en": "lower one foot at a time to the floor"}),
        (1, {"sv": "ett ben i taget", "en": "one leg at a time"}),
        (1, {"sv": "växla sida", "en": "alternate sides"}),
        (1, {"sv": "fötterna axelbrett isär", "en": "your feet shoulder-width apart"}),
        (1, {"sv": "ett par timmar på uppvakningsavdelningen (uva)", "en": "a couple of hours in the recovery ward"}),
        (1, {"sv": "det ska sitta kvar i 10 dagar", "en": "it should stay on for 10 days"}),
        (1, {"sv": "distriktssköterskan eller hos en sjuksköterska på sportsmed",
             "en": "the district nurse or by a nurse at sportsmed"}),
        (1, {"sv": "feber frossa rodnad värme och smärta i området mer ont nya symtom allmän sjukdomskänsla",
             "en": "fever chills redness warmth and pain in the area more pain new symptoms feeling generally ill"}),
        (1, {"sv": "feber, frossa, rodnad, värme och smärta i området, mer ont, nya symtom eller en allmän sjukdomskänsla",
             "en": "a fever, chills, redness, warmth and pain in the area, more pain or new symptoms, or feel generally ill"}),
        (1, {"sv": "det kan ta 1–4 veckor", "en": "it may take 1–4 weeks"}),
        (1, {"sv": "flera månader eller längre", "en": "several months or longer"}),
        (1, {"sv": "köra bil eller andra fordon 24 timmar", "en": "drive a car or other vehicle 24 hours"}),
        (1, {"sv": "träna eller anstränga dig resten av dagen", "en": "exercise or exert yourself the rest of the day"}),
        (1, {"sv": "bada minst 4 veckor, och tills såren har läkt och är helt torra",
             "en": "take a bath or swim at least 4 weeks, and until the wounds have healed and are completely dry"}),
        (1, {"sv": "flyga 3 veckor. tänk på det när du bokar: flygresor ökar risken för blodproppar",
             "en": "fly 3 weeks. keep this in mind when you book: flying raises the risk of blood clots"}),
        (1, {"sv": "3 dagar efter blodförtunnande läkemedel igen", "en": "3 days after blood thinners again"}),
        (1, {"sv": "du behöver inte vara sjukskriven", "en": "you do not need sick leave"}),
        (1, {"sv": "2 veckor efter uppföljning hos din fysioterapeut", "en": "2 weeks after follow-up with your physiotherapist"}),
        (1, {"sv": "3 månader efter uppföljning hos din läkare", "en": "3 months after follow-up with your doctor"}),
        (1, {"sv": "infektion, blödning eller mer smärta under en tid", "en": "infection, bleeding or more pain for a while"}),
        (1, {"sv": "en nervrot, den del av nerven som är närmast ryggmärgen, kan också skadas",
             "en": "a nerve root, the part of the nerve closest to the spinal cord, may also be damaged"}),
        (1, {"sv": "info@sportsmed.se", "en": "info@sportsmed.se"}),
        (3, {"sv": "tonval sjuksköterska", "en": "choose “nurse” in the phone menu"}),
    ],
    "nerve-root-block": [
        (1, {"da": "cirka 15 minutter du kan tage hjem lige bagefter", "en": "about 15 min you can go home straight afterwards"}),
        (2, {"da": "helt vågen", "en": "fully awake"}),
        (1, {"da": "du skal ikke faste", "en": "you do not need to fast"}),
        (1, {"da": "ingen faste", "en": "no fasting"}),
        (1, {"da": "spis og drik gerne lidt, før du kommer", "en": "eat and drink a little before you come"}),
        (1, {"da": "tag løse bukser og en løs overdel på", "en": "wear loose trousers and a loose top"}),
        (1, {"da": "for at stille en diagnose", "en": "to make a diagnosis"}),
        (1, {"da": "for at behandle", "en": "to treat"}),
        (1, {"da": "en pladsskabende operation", "en": "a decompression operation"}),
        (1, {"da": "røntgen", "en": "x-rays"}),
        (1, {"da": "den lille åbning i knoglen, hvor nerveroden går ud (»koøjet«)",
             "en": "the small opening in the bone where the nerve root comes out"}),
        (1, {"da": "på plads i den lille åbning i knoglen (»koøjet«)", "en": "into place in the small opening in the bone (koøje in danish)"}),
        (1, {"da": "binyrebarkhormon og lidokain", "en": "corticosteroid (a hormone medicine) and lidocaine"}),
        (1, {"da": "virke med det samme", "en": "work straight away"}),
        (1, {"da": "til senere på dagen eller til næste dag", "en": "until later in the day or the next day"}),
        (1, {"da": "i sjældne tilfælde bliver det ene ben kortvarigt svagt",
             "en": "in rare cases, one leg is weak for a short time"}),
        (1, {"da": "efter 4–6 uger", "en": "after 4–6 weeks"}),
        (1, {"da": "risikoen for komplikationer er minimal. men du kan få en infektion (betændelse) eller en blødning",
             "en": "the risk of complications is minimal. but you may get an infection or bleeding"}),
        (1, {"da": "som regel have antibiotika", "en": "usually needs antibiotics"}),
        (1, {"da": "skal den sjældent behandles", "en": "seldom needs treatment"}),
        (1, {"da": "mandag–fredag kl. 10.00–14.00", "en": "monday–friday 10:00–14:00"}),
    ],
    "nerve-root-pain-education": [
        (1, {"da": "over 80 % får det markant bedre inden for 8–12 uger"}),
        (1, {"da": "langt de fleste tilfælde er ikke alvorlige og har en god prognose"}),
        (1, {"da": "2–3 gange om ugen"}),
        (1, {"da": "billeder (røntgen eller mr) er sjældent nødvendige"}),
        (1, {"da": "den vigtigste behandling er det, du selv gør (aktiv egenhåndtering)"}),
        (1, {"da": "manuel behandling virker kun i kort tid"}),
        (1, {"da": "hold dig i gang. det er bedre end hvile"}),
        (1, {"da": "har du haft ondt længe, kan nervesystemet blive mere følsomt"}),
        (1, {"da": "gerne med vejledning i starten"}),
    ],
    "interventional-pain-guideline": [
        (1, {"sv": "oftast behövs minst 2 blockader med samma effekt"}),
        (1, {"sv": "telefontid med smärtläkaren 2–3 veckor senare"}),
        (1, {"sv": "2–3 veckor efter paravertebral blockad eller facettblockad"}),
        (1, {"sv": "ingen förbättring inom 4–6 månader"}),
        (1, {"sv": "andra smärtbehandlingar övervägs ofta"}),
        (1, {"sv": "ordineras och ges på länets smärtklinik"}),
        (1, {"sv": "lokalanestetikum med eller utan kortison"}),
        (1, {"sv": "lokalanestetikum plus kortison. ges polikliniskt"}),
        (1, {"sv": "oftast med lokalanestetikum och en liten mängd kortison"}),
        (1, {"sv": "diskbråck eller spinal stenos"}),
        (1, {"sv": "urogenitalområdet eller svanskotan"}),
        (1, {"sv": "högfrekvent växelström när smärtan kommer från facettleder"}),
        (1, {"sv": "en extern eller implanterad pump"}),
        (1, {"sv": "svårbehandlad perifer nervsmärta och crps"}),
        (1, {"sv": "se ”när du har ont” på 1177 (www.1177.se)."}),
    ],
}  # fmt: skip

ONLY_IN_FULL = [
    "tunge løft, vibrationer, rygning og usund livsstil",
    "for det meste er tilstanden ufarlig og går over af sig selv",
    "få patienter får det værre i de første måneder",
    "progressionsstigen",
    "hold en sund vægt",
    "de ændrer som regel hverken situationen",
    "hvert ekstra kilo tæller",
    "den kan have en plads i starten",
    "tak-modellen",
    "nociceptiv smerte kommer fra",
    "neuropatisk smerte opstår",
    "nociplastisk smerte skyldes",
]
RED_FLAGS = [
    "Du har fået ændret følesans på indersiden af lårene.",
    "Du mister pludseligt kraft i et ben eller en fod.",
    "Du har svært ved at holde på urinen eller afføringen.",
    "Du har svært ved at komme af med urinen eller afføringen.",
    "Har du bare ét af tegnene, så kontakt lægevagten.",
]

NUMBERS: dict[str, str] = {
    "facet-denervation": "1 1 1–2 1–2 2 3 24 1 2 3 4 5",
    "facet-denervation.ar": "2 3 24 1 2 3 4 5",
    "facet-neurotomy": "20–45 24 27–40 1 2 3 4 5 2 6 1–2 3 10 2 3 4 6 10 3 1–4 24 4 3 2 3 1–2 3×10 1 3×10 90 2 3×10 1 3 2×10 4 3×10 5 3×10",
    "nerve-root-block": "15 1 2 3 4 5 1 2 4–6",
    "nerve-root-pain-education": "80 8–12 2–3 1 2 3 1 2 3 1 1",
    "nerve-root-pain-education.short": "80 8–12 2–3",
    "interventional-pain-guideline": "2 2–3 2–3 4–6 1177 1177",
}
"""Every number on the paper, but for those of the contact panel and the margins."""

PHASES = {"facet-denervation": 3, "facet-neurotomy": 3, "nerve-root-block": 3}
"""Before, on the day, after: each is printed with its number."""

DOSES = ["3 × 10", "3 × 10", "2 × 10", "3 × 10", "3 × 10"]


@dataclass(frozen=True)
class Shelf:
    """The papers of these clinics."""

    folder: Path

    @cached_property
    def papers(self) -> dict[str, Paper]:
        files = json.loads((self.folder / "manifest.json").read_text("utf-8"))["files"]
        return {
            path.removesuffix(".a4.pdf"): Paper(self.folder / path, entry)
            for path, entry in files.items()
            if path.endswith(".a4.pdf") and path.split("/")[0] in PDFS
        }

    def own(self, name: str) -> Paper:
        """Return a paper of the clinic whose leaflet it is."""
        return self.papers[f"{OWN[name.split('.')[0]]}/{name}"]


@pytest.fixture(scope="session")
def shelf(founding: Path) -> Shelf:
    return Shelf(founding)


PAPERS = [f"{clinic}/{name}" for clinic, names in PDFS.items() for name in names]
OWN_PAPERS = [name for clinic, names in PDFS.items() for name in names if OWN[name.split(".")[0]] == clinic]


def test_the_papers_are_those_that_the_clinics_hand_out(shelf: Shelf) -> None:
    assert sorted(shelf.papers) == sorted(PAPERS)


@pytest.mark.parametrize("name", OWN_PAPERS)
def test_the_paper_says_every_fact(shelf: Shelf, name: str) -> None:
    paper = shelf.own(name)
    for times, phrases in FACTS[paper.leaflet]:
        phrase = phrases[paper.language]
        found = paper.times(phrase)
        assert found >= times if paper.language == "ar" else found == times, phrase


CALLS = {
    "facet-denervation.da": ["stærke smerter Så skal du ringe til os 76 36 14 00 70 11 07 07 Aften, nat og weekend: lægevagten 112 Ved livsfare De første 24 timer"],
    "facet-denervation.sv": ["stark smärta Då ska du ringa oss 76 36 14 00 70 11 07 07 Kväll, natt och helg: jourläkare 112 Vid livsfara De första 24 timmarna"],
    "facet-denervation.en": ["severe pain Then call us 76 36 14 00 70 11 07 07 Evenings, nights and weekends: doctor on call 112 If life is in danger The first 24 hours"],
    "facet-denervation.ar": ["آلام شديدة في هذه الحالة يجب الاتصال بنا 76 36 14 00 70 11 07 07 مساءً وليلًا وفي عطلة نهاية الأسبوع: الطبيب المناوب 112 عند الخطر على الحياة أول 24 ساعة"],
    "facet-neurotomy.sv": ["allmän sjukdomskänsla Ring till oss 031-81 80 83 tonval sjuksköterska 1177 Övrig tid: sjukvårdsrådgivning 112 Vid livsfara"],
    "facet-neurotomy.en": ["feeling generally ill Call us 031-81 80 83 choose “nurse” in the phone menu 1177 At other times: healthcare advice 112 If life is in danger"],
}  # fmt: skip
"""What stands before and behind the phone of a warning, in reading order, and whom to call when it is not answered."""


@pytest.mark.parametrize("name", CALLS)
def test_the_phone_stands_where_a_sign_asks_for_it(name: str) -> None:
    leaflet, language = name.split(".")
    project = open_project(BuildRequest(FOUNDING, as_of=DAY))
    wanted = EditionKey(OWN[leaflet], leaflet, language, Variant.FULL)
    output_key = next(item for item in project.output_keys() if item.edition == wanted)
    read = re.sub(r"<[^>]*>|[\u2066\u2069]", " ", project.draw(output_key).page.html)
    text = " ".join(read.replace("\N{NO-BREAK SPACE}", " ").split())
    for call in CALLS[name]:
        assert call in text


@pytest.mark.parametrize("name", OWN_PAPERS)
def test_the_paper_has_these_numbers_and_no_other(shelf: Shelf, name: str) -> None:
    paper = shelf.own(name)
    wanted = NUMBERS[next(key for key in (name.replace(".da.", "."), name, paper.leaflet) if key in NUMBERS)]
    assert numbers(paper) == Counter(wanted.split())


def numbers(paper: Paper) -> Counter[str]:
    """Count the numbers, ranges and doses of a paper, without its phones, address, hours, margins, date and phases."""
    text = " ".join(paper.pages)
    matter = (IDS[paper.leaflet], paper.entry["digest"][:8], "0.1", "Sygehusvej 24, 6000", "10.00–14.00", "10:00–14:00")
    for part in (PHONES.get(paper.clinic, IDS[paper.leaflet]), *OUT_OF_HOURS.get(paper.clinic, ()), *matter):
        text = text.replace(part, " ")
    found = Counter(
        _ascending(number.replace(" ", "")) for number in re.findall(r"\d+ × \d+|\d+–\d+|\d+(?:[.,]\d+)?", text)
    )
    for number in range(len(paper.pages)):
        found.subtract([str(number + 1), str(len(paper.pages))])
    found.subtract(dict.fromkeys(["21", "2026"], found["2026"]))
    found.subtract(str(phase + 1) for phase in range(PHASES.get(paper.leaflet, 0)))
    return +found


@pytest.mark.parametrize("name", ["facet-neurotomy.sv", "facet-neurotomy.en"])
def test_the_exercises_have_their_doses(shelf: Shelf, name: str) -> None:
    assert re.findall(r"\d × \d+\b(?! betyder| means)", shelf.own(name).text) == DOSES


@pytest.mark.parametrize("edition", ["full", "short"])
def test_both_editions_warn_in_full(shelf: Shelf, edition: str) -> None:
    paper = shelf.own("nerve-root-pain-education.da" + (".short" if edition == "short" else ""))
    warned = [page for page in paper.pages if "Rødt flag" in page]
    assert len(warned) == 1
    assert [sign for sign in RED_FLAGS if sign not in warned[0]] == []


def test_the_short_edition_is_one_page_and_leaves_out_what_is_only_for_the_full(shelf: Shelf) -> None:
    full, short = shelf.own("nerve-root-pain-education.da"), shelf.own("nerve-root-pain-education.da.short")
    assert len(short.pages) == 1
    assert {phrase: (full.times(phrase), short.times(phrase)) for phrase in ONLY_IN_FULL} == {
        phrase: (1 + (phrase == "tak-modellen"), 0) for phrase in ONLY_IN_FULL
    }


def test_the_short_edition_says_nothing_that_the_full_one_does_not(shelf: Shelf) -> None:
    full, short = shelf.own("nerve-root-pain-education.da"), shelf.own("nerve-root-pain-education.da.short")
    said = list(sentences(Variant.SHORT))
    assert len(said) > 40
    assert [sentence for sentence in said if sentence.casefold() not in short.text] == []
    assert [sentence for sentence in said if sentence.casefold() not in full.text] == []
    assert set(words(short.text)) - set(words(full.text)) == {"pixi"}  # its title


def sentences(variant: Variant) -> Iterator[str]:
    """Yield each sentence of an edition of the conversation guide."""
    library = loader.load_library(FOUNDING)
    edition = editions.resolve_edition(library, EditionKey("fysioterapi", "nerve-root-pain-education", "da", variant))
    for node in walk(edition.blocks):
        if isinstance(node, Heading | Paragraph | Directive):
            text = node.argument if isinstance(node, Directive) else plain_text(node)
            yield from filter(None, re.split(r"(?<=[.?!:]) ", tidy(text)))


@pytest.mark.parametrize("name", PAPERS)
def test_every_page_says_what_it_is(shelf: Shelf, name: str) -> None:
    paper = shelf.papers[name]
    translated = paper.language != SOURCES.get(paper.leaflet, "sv")
    for number, page in enumerate(paper.pages):
        assert paper.has(number, DRAFT[paper.language])
        assert paper.has(number, UNREVIEWED[paper.language]) is translated
        assert paper.has(number, PAGE[paper.language].format(number + 1, len(paper.pages)))
        assert paper.has(number, paper.language_name)
        assert IDS[paper.leaflet] in page
        assert re.search(r"\b0\.1\b", page)
        assert paper.entry["digest"][:8] in page


@pytest.mark.parametrize("name", PAPERS)
def test_the_paper_has_the_phone_of_its_clinic_and_no_other(shelf: Shelf, name: str) -> None:
    paper = shelf.papers[name]
    digits = re.sub(r"[\s()\-–]", "", " ".join(paper.pages))
    shown = {clinic for clinic, phone in PHONES.items() if re.sub(r"\D", "", phone) in digits}
    assert shown == {paper.clinic} & set(PHONES)


@pytest.mark.parametrize("name", PAPERS)
def test_the_last_page_says_how_to_reach_the_clinic(shelf: Shelf, name: str) -> None:
    paper = shelf.papers[name]
    contact = {
        "rygcenter-syddanmark": ("Rygcenter Syddanmark", "Rygkirurgisk Ambulatorium", "Sygehusvej 24, 6000 Kolding"),
        "sportsmed": ("SportsMed", "Göteborg", "info@sportsmed.se"),
        "neurokirurgisk-ambulatorium": ("Neurokirurgisk Ambulatorium og Sekretariat",),
        "exempelkliniken-norr": ("Exempelkliniken Norr", "norr@example.org"),
    }.get(paper.clinic, ())
    assert [
        line
        for line in (*contact, PHONES.get(paper.clinic, ""), *OUT_OF_HOURS.get(paper.clinic, ()))
        if line not in paper.pages[-1]
    ] == []
