"""Blank out what must never reach the scorer: who a person is, not what they can do.

Names, e-mails, phones, addresses, links, birth dates, age, gender, pronouns, marital status, nationality and
mentions of a photo are overwritten character for character, so that every place in the result is the same place in
the resume and a quote can cite it. A word with a gendered form becomes its common form, filled up to the same
length. Whatever stood there, what remains reads the same to the scorer: exchange the name, the pronouns or the age
and the score cannot change."""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

MARK = "\u00b7"
"""Stands first in every blanked stretch, so that the words around it do not run together."""


@dataclass(frozen=True, slots=True)
class Person:
    """What the ATS already knows about the candidate, so that it can be found and blanked."""

    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch that was blanked, and why."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text of the original's length without personal particulars. `spans` do not overlap and are in order."""

    text: str
    spans: tuple[Span, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted({span.kind for span in self.spans}))

    def touches(self, start: int, end: int) -> bool:
        """Whether any blanked stretch reaches into text[start:end]."""
        at = bisect_right(self.spans, start, key=lambda span: span.end)
        return at < len(self.spans) and self.spans[at].start < end


_EMAIL = r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"
_LINK = r"(?:https?://|www\.)\S+|\b(?:[\w-]+\.)*(?:linkedin|xing|github|gitlab|facebook|twitter|instagram)\.com/\S+"
_DIGITS = re.compile(r"(?<![\w/.,-])[+(]?\d[\d ()/.\u00a0-]{6,21}\d(?!\d)")
_PHONE = re.compile(
    r"(?:\+|00)\d[\d ()/.\u00a0-]{6,18}\d|\(?0\d{1,4}\)?[ /.-]?[\d /.-]{5,14}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|"
    r"1[ .-]\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
)
"""What a run of digits must look like to be a phone and not a range of years or an amount."""
_MONTHS = (
    r"(?:jan|feb|m[aä]r|apr|ma[jiy]|mai|jun|jul|aug|sep|o[ck]t|nov|de[cz]|janv|févr|fevr|mars|avr|juin|juil|"
    r"août|aout|déc)\w*\.?"
)
_DATE = (
    rf"(?:\d{{1,4}}[./ -]\d{{1,2}}[./ -]\d{{1,4}}|\d{{1,2}}\.?(?:st|nd|rd|th)?\s*(?:of )?{_MONTHS},?\s*\d{{2,4}}|"
    rf"{_MONTHS}\s*\d{{1,2}},?\s*\d{{2,4}}|\d{{4}})"
)
_LABELLED = {
    "birth date": r"date of birth|birth\s?date|born(?: on| in)?|d\.?o\.?b\.?|geburtsdatum|geburtstag|geboren(?: am)?|"
    r"geb\.|födelsedatum|född(?: den)?|personnummer|"
    r"date de naissance|née? le|place of birth|geburtsort|födelseort|lieu de naissance",
    "age": r"age|alter|ålder|âge",
    "gender": r"gender|sex|geschlecht|kön|sexe|pronouns|pronomen|pronoms",
    "marital status": r"marital status|civil status|familienstand|civilstånd|familjesituation|"
    r"situation (?:de famille|familiale|matrimoniale)|état civil|children|kinder|barn|enfants",
    "nationality": r"nationality|citizenship|staatsangehörigkeit|nationalität|nationalitet|medborgarskap|nationalité|"
    r"ethnicity|race|religion|konfession",
    "address": r"address|home address|adresse|anschrift|wohnort|adress|bostadsort|hemort|domicile|residence",
    "photo": r"photo(?:graph)?|picture|foto|lichtbild|bewerbungsfoto|photographie",
    "name": r"name|full name|first name|last name|surname|vorname|nachname|vor- und nachname|namn|förnamn|efternamn|"
    r"nom|prénom",
}
_LABEL = re.compile(
    "|".join(f"(?P<{kind.replace(' ', '_').replace('-', '_')}>{labels})" for kind, labels in _LABELLED.items()),
    re.IGNORECASE,
)
_LABEL_LINE = re.compile(r"(?:^|(?<=[|•·;\t]))[ \t]*([^\W\d_][^\n|•;:：]{1,38}?)[ \t]*[:：][^\n|•;]*", re.MULTILINE)
_BORN = re.compile(
    rf"\b(?:born(?: on| in)?|geboren(?: am)?|geb\.|född(?: den)?|née?(?: le)?)\s+(?:{_DATE})(?:\s+(?:in|i|à)\s+\w+)?",
    re.I,
)
_AGED = re.compile(
    r"\b(?:aged?\s+\d{2}|\d{2}[ -]?(?:years?[ -]old|year[ -]old|jahre alt|jährige?r?|år gammal|årig|"
    r"ans\b(?=\s*[,|\n])))\b",
    re.I,
)
_STREET = re.compile(
    r"\b\d{1,5}[a-z]?,? (?:[A-Z][\w'.-]+ ){1,3}(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|"
    r"Boulevard|Blvd\.?|Court|Terrace|Close|Way|Square)\b[^\n|•]{0,50}"
    r"|\b[A-ZÄÖÜÅ][\wäöüåß.-]*(?:straße|strasse|str\.|gasse|allee|weg|platz|ufer|damm|gatan|vägen|gränd|stigen|"
    r"backen|torget)\s+\d{1,4}\s?[a-zA-Z]?\b[^\n|•]{0,40}"
    r"|\b\d{1,4}(?:\s?(?:bis|ter))?,?\s+(?:rue|avenue|boulevard|place|chemin|allée|quai|impasse|cours)\s+[^\n|•]{3,60}"
    r"|\b(?:SE-|D-|F-)?\d{3} ?\d{2} [A-ZÄÖÜÅÉ][\wäöüåéèß-]+(?: [A-ZÄÖÜÅÉ]\w+)?(?=\s*(?:[\n,|•·]|$))"
)
_SIMPLE = {
    "e-mail": re.compile(r"(?<![\w.+%-])" + _EMAIL),
    "link": re.compile(_LINK, re.IGNORECASE),
    "birth date": _BORN,
    "age": _AGED,
    "address": _STREET,
    "pronoun": re.compile(
        r"\b(?:er|sie|ihre?[nmrs]?|seine?[nmrs]?)(?=\s+(?:ist|hat|war|leitete|arbeitet)\b)", re.IGNORECASE
    ),
    "gender": re.compile(r"\b[mwfdhx]/[mwfdh](?:/[dxi])?\b", re.IGNORECASE),
}
_NEEDS = {
    "e-mail": ("@",), "gender": ("/",), "link": ("http", "www.", ".com/"), "birth date": ("born", "geb", "född", "né"),
    "pronoun": ("er ", "sie ", "ihr", "sein"),
}  # fmt: skip
"""A pattern is not tried on a text that holds none of these."""
_TELLING = {
    "pronoun": "he she him his her hers himself herself they them han hon henne hennes honom hans elle il hen",
    "gender": """mr mrs ms miss sir madam herr herrn frau fräulein monsieur madame mademoiselle mme mlle male
    female männlich weiblich
        kvinnlig manlig masculin féminin mother father mum dad husband wife woman man women men lady gentleman
        boy girl mutter vater ehefrau
        ehemann mamma pappa fru mère père épouse époux""",
    "marital status": """married unmarried divorced widowed verheiratet ledig geschieden verwitwet ogift
    frånskild änka änkling marié mariée
        célibataire divorcé divorcée veuve veuf""",
}
_TELLING_WORDS = {word: kind for kind, words in _TELLING.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")

_COMMON_FORMS = {
    "waitress": "waiter", "actress": "actor", "stewardess": "steward", "hostess": "host", "manageress": "manager",
    "salesman": "sales",
    "saleswoman": "sales", "businessman": "business", "businesswoman": "business", "chairman": "chair",
    "chairwoman": "chair",
    "policeman": "police", "policewoman": "police", "fireman": "fire", "cameraman": "camera", "foreman": "fore",
    "forewoman": "fore",
    "craftsman": "craft", "craftswoman": "craft", "spokesman": "spokes", "spokeswoman": "spokes",
    "krankenschwester": "krankenpfleger",
    "pflegefachfrau": "pflegefach", "pflegefachmann": "pflegefach", "kauffrau": "kauf", "kaufmann": "kauf",
    "fachfrau": "fach",
    "fachmann": "fach", "infirmière": "infirmier", "développeuse": "développeur", "directrice": "directeur",
    "vendeuse": "vendeur",
    "conseillère": "conseiller", "cuisinière": "cuisinier", "ouvrière": "ouvrier", "formatrice": "formateur",
    "animatrice": "animateur",
    "administratrice": "administrateur", "rédactrice": "rédacteur", "assistante": "assistant",
    "consultante": "consultant",
    "étudiante": "étudiant", "chargée": "chargé", "employée": "employé", "diplômée": "diplômé",
    "ingénieure": "ingénieur",
    "contrôleuse": "contrôleur", "technicienne": "technicien", "aide-soignante": "aide-soignant",
    "comptabilière": "comptable",
    "sjuksköterskan": "sjuksköterska", "lärarinna": "lärare",
}  # fmt: skip
_PROFESSIONS = (
    "entwickler|leiter|halter|berater|pfleger|arbeiter|techniker|prüfer|verkäufer|manager|lehrer|ingenieur|assistent|"
    "analyst|referent|spezialist|administrator|koch|informatiker|betreuer|trainer|designer|tester|architekt"
)
_GERMAN_IN = re.compile(rf"\b((?:[A-ZÄÖÜ][\wäöüß-]*)?(?i:{_PROFESSIONS}))(in(?:nen)?|\*in|:in|/in)\b")
_FEMININE = tuple(f"{word}{ending}" for word in _PROFESSIONS.split("|") for ending in ("in", "innen"))
_BOTH = ("*in", ":in", "/in")

_WORD_CHARS = r"[^\W\d_][^\W\d_'’.-]*(?:['’-][^\W\d_]+)*"
_HEADER_NAME = re.compile(rf"[ \t]*({_WORD_CHARS}\.?(?:[ ]{_WORD_CHARS}\.?){{1,3}})[ \t]*(?=\n|[|,•·–-]|$)")
_NOT_A_NAME = re.compile(
    r"curriculum|vitae|resume|résumé|lebenslauf|cv\b|profile|profil|summary|experience|contact|engineer|developer|"
    r"manager|nurse|accountant|analyst|"
    r"specialist|assistant|director|consultant|officer|designer|representative|coordinator|supervisor|technician|"
    r"clerk|teacher|chef|sales|marketing|"
    r"personal|information|skills|education|professional|objective|career|work|kontakt|berufserfahrung|administrator|"
    r"executive|advisor|associate|"
    r"leader|lead|agent|coach|advocate|banker|attorney|lawyer|pilot|driver|mechanic|therapist|trainer|counselor|"
    r"intern|architect|software|data|business|"
    r"entwickler|buchhalter|pfleger|utvecklare|sjuksköterska|ekonom|comptable|infirmi|développ",
    re.IGNORECASE,
)


def redact(text: str, person: Person, keep: frozenset[str] = frozenset()) -> Redacted:
    """Blank personal particulars. `keep` are words (lower case) that are also names of skills: such a word is blanked
    only inside the full name, not where it stands alone.
    """
    lower = text.lower()
    spans = [
        Span(*found.span(), kind)
        for kind, pattern in _SIMPLE.items()
        if any(need in lower for need in _NEEDS.get(kind, ("",)))
        for found in pattern.finditer(text)
    ]
    spans += [Span(*found.span(), "phone") for found in _DIGITS.finditer(text) if _PHONE.fullmatch(found.group())]
    for found in _LABEL_LINE.finditer(text):
        if label := _LABEL.fullmatch(found[1]):
            spans.append(Span(*found.span(), (label.lastgroup or "").replace("_", " ")))
    gendered: list[tuple[int, str]] = []
    feminine = any(both in lower for both in _BOTH)
    for found in _WORD.finditer(lower) if len(lower) == len(text) else _WORD.finditer(text):
        word = found.group()
        if word in _TELLING_WORDS:
            spans.append(Span(*found.span(), _TELLING_WORDS[word]))
        elif word in _COMMON_FORMS:
            gendered.append((found.start(), word))
        elif word.endswith(_FEMININE):
            feminine = True
    spans += [Span(*found, "name") for found in _names(text, person, keep)]
    spans += [Span(*found, "e-mail") for found in _literal(text, person.emails)]
    spans += [Span(*found, "phone") for found in _literal(text, person.phones)]
    merged = _merge(text, spans)
    return Redacted(_blank(_common_forms(text, gendered, feminine), merged), merged)


def _literal(text: str, values: Iterable[str]) -> list[tuple[int, int]]:
    wanted = [re.escape(value.strip()) for value in values if value.strip()]
    return [found.span() for found in re.finditer("|".join(wanted), text, re.IGNORECASE)] if wanted else []


def _names(text: str, person: Person, keep: frozenset[str]) -> list[tuple[int, int]]:
    """Where the candidate's name stands: the known one in any order, each part alone, and a name heading the page."""
    known = [name.strip() for name in person.names if name.strip()]
    header = _header_name(text)
    if header and not known:
        known = [text[header[0] : header[1]]]
    spans = [header] if header else []
    parts = sorted(
        {part for name in known for part in re.split(r"[\s,]+", name) if len(part) > 1}, key=len, reverse=True
    )
    if not parts:
        return spans
    one = "|".join(re.escape(part) for part in parts)
    initial = r"(?:[^\W\d_]\.\s*)?"
    full = re.compile(rf"(?<!\w)(?:{one})(?:[\s,]+{initial}(?:{one}))+(?!\w)", re.IGNORECASE)
    spans += [found.span() for found in full.finditer(text)]
    for found in re.finditer(rf"(?<!\w)(?:{one})(?:['’]s)?(?!\w)", text, re.IGNORECASE):
        word = found.group()
        if not word.islower() and word.lower() not in keep:
            spans.append(found.span())
    return spans


def _header_name(text: str) -> tuple[int, int] | None:
    """The name at the very top: two to four capitalised words alone on the first written line."""
    start = len(text) - len(text.lstrip())
    found = _HEADER_NAME.match(text, start)
    if not found or _NOT_A_NAME.search(found[1]):
        return None
    words = found[1].split()
    return found.span(1) if all(word[0].isupper() for word in words) else None


def _merge(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """In order, overlapping or touching stretches as one. Only white space between two makes them touch."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.start >= span.end:
            continue
        if merged and (span.start <= merged[-1].end or not text[merged[-1].end : span.start].strip(" \t")):
            last = merged[-1]
            merged[-1] = Span(last.start, max(last.end, span.end), last.kind)
        else:
            merged.append(span)
    return tuple(merged)


def _common_forms(text: str, gendered: list[tuple[int, str]], feminine: bool) -> str:
    pieces: list[str] = []
    last = 0
    for at, word in gendered:
        form = _COMMON_FORMS[word]
        form = form.capitalize() if text[at].isupper() else form
        pieces += [text[last:at], form.ljust(len(word))]
        last = at + len(word)
    text = "".join([*pieces, text[last:]])
    # Looking for German endings is dear, and most texts have none.
    return _GERMAN_IN.sub(lambda found: found[1] + " " * len(found[2]), text) if feminine else text


def _blank(text: str, spans: tuple[Span, ...]) -> str:
    pieces: list[str] = []
    last = 0
    for span in spans:
        pieces += [text[last : span.start], MARK, re.sub(r"[^\n]", " ", text[span.start + 1 : span.end])]
        last = span.end
    return "".join([*pieces, text[last:]])
