"""Where a text says who somebody is: names, e-mails, phones, addresses, links, birth dates, age, gender, pronouns,
marital status, nationality.

A pattern is tried only where a word stands that may begin what it looks for: running every pattern over the whole
text costs many times as much.
"""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from . import breaks
from .phrases import Words


@dataclass(frozen=True, slots=True)
class Person:
    """What the ATS already knows about the candidate, so that it can be found and blanked."""

    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch to be blanked, and why."""

    start: int
    end: int
    kind: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b(?:[\w-]+\.)*(?:linkedin|xing|github|gitlab|facebook|twitter|instagram)\.com/\S+",
    re.IGNORECASE,
)
_LINK_WORDS = _words("http https www linkedin xing github gitlab facebook twitter instagram")
_DIGITS = re.compile(r"(?<![\w/.,-])[+(]?\d[\d ()/.\u00a0-]{6,21}\d(?!\d)")
_PHONE = re.compile(
    r"(?:\+|00)\d[\d ()/.\u00a0-]{6,18}\d|\(?0\d{1,4}\)?[ /.-]?[\d /.-]{5,14}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|"
    r"1[ .-]\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
)
"""What a run of digits must look like to be a phone and not a range of years or an amount."""
_A_DATE = r"(?:\d{1,2}[./ -]{1,2}){0,2}(?:19|20)\d\d"
_A_DAY = r"(?:19|20)\d\d[./-]\d\d(?:[./-]\d\d)?"
_DATES = re.compile(rf"{_A_DATE}(?:[ ]?[-–/][ ]?{_A_DATE})?|{_A_DAY}(?:[ ]?[-–/][ ]?{_A_DAY})?")
"""What is a date or a range of dates, "01/2019 - 12/2020", whatever else it looks like."""
_MONTHS = (
    r"(?:jan|feb|m[aä]r|apr|ma[jiy]|mai|jun|jul|aug|sep|o[ck]t|nov|de[cz]|janv|févr|fevr|mars|avr|juin|juil|"
    r"août|aout|déc)\w*\.?"
)
_MONTH = re.compile(rf"(?:{_MONTHS}|to|bis|till|until|present|heute|today|à)$", re.IGNORECASE)
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
    "|".join(f"(?P<{kind.replace(' ', '_')}>{labels})" for kind, labels in _LABELLED.items()), re.IGNORECASE
)
_LABEL_EDGE = re.compile(r"[\n|•·;\t:：]")
_LABEL_END = re.compile(r"[\n|•;]")
_LABEL_LENGTH = 42
"""Characters of a label, its blanks included."""
_BORN = re.compile(
    rf"(?:born(?: on| in)?|geboren(?: am)?|geb\.|född(?: den)?|née?(?: le)?)\s+(?:{_DATE})(?:\s+(?:in|i|à)\s+\w+)?",
    re.I,
)
_AGED = re.compile(
    r"(?:aged?\s+\d{2}|\d{2}[ -]?(?:years?[ -]old|year[ -]old|jahre alt|jährige?r?|år gammal|årig|"
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
_STREET_WORDS = _words("""street st road rd avenue ave lane ln drive dr boulevard blvd court terrace close way square
    rue place chemin allée quai impasse cours""")
_STREET_ENDINGS = (
    "straße", "strasse", "str", "gasse", "allee", "weg", "platz", "ufer", "damm", "gatan", "vägen", "gränd", "stigen",
    "backen", "torget",
)  # fmt: skip
_GENDER = re.compile(r"[mwfdhx]/[mwfdh](?:/[dxi])?\b", re.IGNORECASE)
_PRONOUN = re.compile(r"(?:er|sie|ihre?[nmrs]?|seine?[nmrs]?)(?=\s+(?:ist|hat|war|leitete|arbeitet)\b)", re.IGNORECASE)
_GAP_LINE = 8
"""Most words of a line that gives the reason for a gap, its dates aside."""
_STARTS: dict[str, tuple[str, re.Pattern[str]]] = {
    **dict.fromkeys(_words("born geboren geb född né née nee"), ("birth date", _BORN)),
    **dict.fromkeys(("age", "aged"), ("age", _AGED)),
    **dict.fromkeys("mwfdhx", ("gender", _GENDER)),
    **dict.fromkeys(
        _words("er sie ihr ihre ihren ihrem ihrer ihres ihrn ihrm ihrr ihrs sein seine seinen seinem seiner seines"),
        ("pronoun", _PRONOUN),
    ),
}
"""Words that may begin something personal, and the pattern that decides."""
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
_WORD_CHARS = r"[^\W\d_][^\W\d_'’.-]*(?:['’-][^\W\d_]+)*"
_BEGIN = re.compile(r"[^\W_]+")
_HEADER_NAME = re.compile(rf"[ \t]*({_WORD_CHARS}\.?(?:[ ]{_WORD_CHARS}\.?){{1,3}})[ \t]*(?=\n|[|,•·–-]|$)")
_NOT_A_NAME = re.compile(
    r"\b(?:curriculum|vitae|resume|résumé|lebenslauf|cv|profile?|summary|experience|contact|personal|information|skills?|"
    r"education|professional|objective|career|work|kontakt|berufserfahrung|"
    r"accountant|administrator|advisor|advocate|agent|aide|analyst|architect|assistant|associate|attendant|attorney|"
    r"banker|bookkeeper|business|cashier|chef|clerk|coach|construction|consultant|contractor|controller|coordinator|"
    r"counselor|data|designer|developer|digital|director|driver|editor|educator|electrician|engineer|estimator|examiner|"
    r"executive|faculty|finance|fitness|freelance|helper|hostess|inspector|installer|instructor|intern|laborer|lawyer|"
    r"lead|leader|librarian|manager|marketing|mechanic|mortgage|nurse|officer|operator|owner|paralegal|pharmacist|"
    r"physician|pilot|planner|president|principal|producer|programmer|receptionist|recruiter|representative|sales|"
    r"scientist|secretary|sergeant|server|software|specialist|strategist|superintendent|supervisor|teacher|technician|"
    r"teller|therapist|trainer|tutor|underwriter|volunteer|worker)s?\b|"
    r"engineering|developing|entwickler|buchhalter|pfleger|utvecklare|sjuksköterska|ekonom|comptable|infirmi|développ",
    re.IGNORECASE,
)
"""What stands in the first line where it is a title or a heading."""


def personal(words: Words, person: Person, keep: frozenset[str], named: bool = True) -> list[Span]:
    """Every stretch that says who somebody is, in no order; they may overlap. `named` tells whether the first line may
    be a name that the ATS does not know.

    `keep` are words (lower case) that are also names of skills: such a word is personal only inside the full name, or
    where it is all of it.
    """
    text = words.text
    numeric = [at for at, word in enumerate(words.words) if "0" <= word < ":"]
    return [
        *(Span(*found, "e-mail") for found in _around(text, _EMAIL, _places(text, "@"))),
        *(Span(*found, "link") for found in _around(text, _LINK, _starts(words, _LINK_WORDS))),
        *_telling(words),
        *(Span(*found, "age") for found in _ages(words, numeric)),
        *(Span(*found, "phone") for found in _phones(words, numeric)),
        *(Span(*found, "address") for found in _streets(words, numeric)),
        *_labelled(text),
        *(Span(*found, "gap") for found in _gaps(words)),
        *(Span(*found, "name") for found in _names(words, person, keep, named)),
        *(Span(*found, "e-mail") for found in _literal(text, person.emails)),
        *(Span(*found, "phone") for found in _literal(text, person.phones)),
    ]


def compound(words: Words, at: int) -> tuple[int, int]:
    """The first word and the one after the last of the hyphenated word that word `at` belongs to."""
    first, last = at, at + 1
    while first and words.ends[first - 1] == words.starts[first] - 1 and words.text[words.ends[first - 1]] == "-":
        first -= 1
    while (
        last < len(words) and words.starts[last] == words.ends[last - 1] + 1 and words.text[words.ends[last - 1]] == "-"
    ):
        last += 1
    return first, last


def _telling(words: Words) -> Iterator[Span]:
    """Words that tell by themselves, and those that tell with what follows."""
    for at, word in enumerate(words.words):
        if word in _TELLING_WORDS and compound(words, at) == (at, at + 1):
            yield Span(words.starts[at], words.ends[at], _TELLING_WORDS[word])
        elif word in _STARTS:
            kind, pattern = _STARTS[word]
            if found := pattern.match(words.text, words.starts[at]):
                yield Span(*found.span(), kind)


def _places(text: str, character: str) -> Iterator[int]:
    at = text.find(character)
    while at >= 0:
        yield at
        at = text.find(character, at + 1)


def _starts(words: Words, wanted: frozenset[str]) -> Iterator[int]:
    return (words.starts[at] for at, word in enumerate(words.words) if word in wanted)


def _around(text: str, pattern: re.Pattern[str], places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """What a pattern without white space finds in the stretches between white space that hold `places`."""
    until = 0
    for place in places:
        if place < until:
            continue
        start = max(text.rfind(" ", 0, place), text.rfind("\n", 0, place)) + 1
        until = min(len(text) if end < 0 else end for end in (text.find(" ", place), text.find("\n", place)))
        for found in pattern.finditer(text, start, until):
            yield found.span()


def _ages(words: Words, numeric: Sequence[int]) -> Iterator[tuple[int, int]]:
    for at in numeric:
        word = words.words[at]
        if (len(word) == 2 or word[2:3].isalpha()) and (found := _AGED.match(words.text, words.starts[at])):
            yield found.span()


def _phones(words: Words, numeric: Sequence[int]) -> Iterator[tuple[int, int]]:
    text, until = words.text, 0
    for at in numeric:
        start = words.starts[at]
        if start < until:
            continue
        found = _DIGITS.match(text, start - 1) if start and text[start - 1] in "+(" else None
        found = found or _DIGITS.match(text, start)
        if found:
            until = found.end()
            if _PHONE.fullmatch(found.group()) and not _DATES.fullmatch(found.group()):
                yield found.span()


def _streets(words: Words, numeric: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Addresses all hold a number: with a street's name before it or after it, or a postal code."""
    text, until = words.text, 0
    for at in numeric:
        near = words.words[at + 1 : at + 6]
        word = words.words[at]
        postal = len(word) == 5 or (len(word) == 3 and near[:1] and "0" <= near[0] < ":")
        named = not _STREET_WORDS.isdisjoint(near) or (at and words.words[at - 1].endswith(_STREET_ENDINGS))
        if not postal and not named:
            continue
        start = max(until, text.rfind("\n", 0, words.starts[max(0, at - 1)]) + 1)
        end = text.find("\n", words.starts[min(at + 1, len(words) - 1)])
        until = len(text) if end < 0 else end
        for found in _STREET.finditer(text, start, until):
            yield found.span()


def _gaps(words: Words) -> Iterator[tuple[int, int]]:
    """Short lines that begin, after dates, with why somebody did not work."""
    text = words.text
    for place in _starts(words, breaks.FIRST_WORDS):
        if not breaks.BEGINS.match(text, place):
            continue
        start = text.rfind("\n", 0, place) + 1
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        before = [word for word in re.findall(r"[^\W\d_]+", text[start:place]) if not _MONTH.match(word)]
        if not before and len(re.findall(r"[^\W\d_]+", text[place:end])) <= _GAP_LINE:
            yield start, end


def _labelled(text: str) -> Iterator[Span]:
    """Lines and cells such as "Date of birth: 3 May 1988"."""
    until = 0
    for colon in (*_places(text, ":"), *_places(text, "：")):
        start = max(0, colon - _LABEL_LENGTH)
        edges = [edge.start() for edge in _LABEL_EDGE.finditer(text, start, colon)]
        if colon < until or (edges and text[edges[-1]] in ":：") or (not edges and start):
            continue
        start = edges[-1] + 1 if edges else start
        if label := _LABEL.fullmatch(text[start:colon].strip(" \t")):
            end = _LABEL_END.search(text, colon)
            until = end.start() if end else len(text)
            yield Span(start, until, (label.lastgroup or "").replace("_", " "))


def _literal(text: str, values: Iterable[str]) -> list[tuple[int, int]]:
    wanted = [re.escape(value.strip()) for value in values if value.strip()]
    return [found.span() for found in re.finditer("|".join(wanted), text, re.IGNORECASE)] if wanted else []


def _names(words: Words, person: Person, keep: frozenset[str], named: bool) -> list[tuple[int, int]]:
    """Where the candidate's name stands: the known one in any order, each part alone, and a name heading the page."""
    text = words.text
    known = [name.strip() for name in person.names if name.strip()]
    header = _header_name(text) if named else None
    if header and not known:
        known = [text[header[0] : header[1]]]
    spans = [header] if header else []
    parts = sorted(
        {part for name in known for part in re.split(r"[\s,]+", name) if len(part) > 1}, key=len, reverse=True
    )
    first = frozenset(begin.group().lower() for part in parts if (begin := _BEGIN.search(part)))
    places = list(_starts(words, first))
    if not places:
        return spans
    one = "|".join(re.escape(part) for part in parts)
    initial = r"(?:[^\W\d_]\.\s*)?"
    full = re.compile(rf"(?<!\w)(?:{one})(?:[\s,]+{initial}(?:{one}))+(?!\w)", re.IGNORECASE)
    alone = re.compile(rf"(?<!\w)(?:{one})(?:['’]s)?(?!\w)", re.IGNORECASE)
    for place in places:
        if found := full.match(text, place):
            spans.append(found.span())
        if found := alone.match(text, place):
            word = found.group()
            if not word.islower() and (word.lower() not in keep or len(parts) == 1):
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
