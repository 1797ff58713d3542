"""Twins of a resume: the same text of somebody else. One thing that says who a person is stands otherwise.

They are made by word lists of their own, not by what blanks such things before scoring: what that misses must show.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from .particulars import Person


class Attribute(StrEnum):
    """What a twin differs in."""

    NAME = "name"
    PRONOUN = "pronouns and titles"
    AGE = "age and birth date"
    GRADUATION = "year of graduation"
    NATIONALITY = "nationality"
    FAMILY = "marital status and children"
    ADDRESS = "address"
    NAMESAKE = "name that is a word of the text too"
    PLACE = "city in the text"
    SCHOOL = "university of equal kind"
    GAP = "reason for a gap"


EXACT = frozenset(
    {
        Attribute.NAME, Attribute.PRONOUN, Attribute.AGE, Attribute.GRADUATION, Attribute.NATIONALITY, Attribute.FAMILY,
        Attribute.ADDRESS,
    }
)  # fmt: skip
"""What may not move a score by a tenth of a point. The others are reported: a city may be a place of work, and a
university's name may name a field."""


@dataclass(frozen=True, slots=True)
class Twins:
    """One text twice, and who the ATS says each of them is. `written`: both stand as lines that were added, since the
    text said nothing of it; else what stood there was exchanged in the second."""

    attribute: Attribute
    written: bool
    first: str
    first_person: Person
    second: str
    second_person: Person


NAMES = (
    "Emily Walsh", "Gregory Baker", "Lakisha Washington", "Jamal Robinson", "Mohammed Al-Farsi", "Fatima Yilmaz",
    "Nguyen Thi Mai", "Wei Zhang", "Priya Venkataraman", "Kwame Mensah", "Katarzyna Nowak", "Søren Kjær",
)  # fmt: skip
_PRONOUNS = {
    "he": "she", "she": "he", "his": "her", "him": "her", "her": "his", "himself": "herself", "herself": "himself",
    "er": "sie", "han": "hon", "hon": "han", "hans": "hennes", "hennes": "hans",
    "elle": "il",
}  # fmt: skip
_TITLES = {"mr": "ms", "mrs": "mr", "ms": "mr", "herr": "frau", "frau": "herr"}
_LANGUAGES = {"er": "de", "han": "sv", "hon": "sv", "hans": "sv", "hennes": "sv", "elle": "fr"}
_AGE = re.compile(r"\b(\d{2})(?=[ -]years?[ -]old\b| Jahre alt\b| år gammal\b| ans,)", re.IGNORECASE)
_BORN = re.compile(
    r"(?<=\bborn )(?:in |on )?(?:\w+ )?(?:\d{1,2},? )?(?:19[4-9]\d|200\d)\b|"
    r"(?:date of birth|birth ?date|geburtsdatum|födelsedatum)[: ]+[\d./-]{6,10}",
    re.IGNORECASE,
)
_STUDIES = re.compile(
    r"\W*(?:academic |higher )?(?:education(?: and training)?|qualifications|studies|ausbildung|studium|bildungsweg|"
    r"utbildning(?:ar)?|formation|études)\W*",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\W*(?:(?:work |professional )?(?:experience|history|employment)|(?:\w+ )?skills|languages|references|interests|"
    r"summary|projects|certifications?|publications|awards|berufserfahrung|kenntnisse|sprachen|erfahrung|arbetslivserfarenhet|"
    r"erfarenhet|språk|kompetenser|expérience(?:s)?(?: professionnelle(?:s)?)?|compétences|langues)\W*",
    re.IGNORECASE,
)
_STUDIED = re.compile(
    r"\b(?:university|college|school|academy|institute|degree|bachelor\w*|master\w*|b\.?sc|b\.?a|m\.?sc|m\.?b\.?a|ph\.?d|diploma|"
    r"universität|hochschule|gymnasium|abitur|diplom|universitet|högskola|examen|kandidat\w*|université|école|licence)\b|"
    r"^[\W\d]+$",
    re.IGNORECASE,
)
_GRADUATED = re.compile(r"\b(?:graduat(?:ed|ion)|class of|examen år|abschluss(?:jahr)?|diplômée?)\b", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\b(?:present|current(?:ly)?|ongoing|expected|heute|laufend|pågående|nu|en cours)\b", re.IGNORECASE
)
_YEAR = re.compile(r"(?<![\d,$€£])(?:19[6-9]|20[0-3])\d(?!\d|[.,]\d)")
_STRETCH = re.compile(r"(?:19|20)\d\d\W{1,3}(?:to\W)?(?:\w{1,9}\W)?(?:19|20)\d\d\b")  # from one year to another
EARLIER = 12  # years
_CITIES = (
    "London", "Paris", "Berlin", "Hamburg", "Munich", "Stockholm", "New York", "Chicago", "Boston", "Houston", "Dallas",
    "Seattle", "Atlanta", "Miami", "Denver", "Phoenix", "Los Angeles", "San Francisco", "Lyon", "Vienna", "Zurich",
)  # fmt: skip
_SCHOOLS = (
    ("University of Michigan", "University of Minnesota"), ("Ohio State University", "Michigan State University"),
    ("University of Texas", "University of Arizona"), ("University of Florida", "University of Georgia"),
    ("Boston University", "Boston College"), ("New York University", "Columbia University"),
    ("University of Phoenix", "Strayer University"), ("Arizona State University", "Florida State University"),
    ("University of California", "University of Washington"), ("Pennsylvania State University", "Purdue University"),
    ("Lund University", "Uppsala University"), ("TU München", "TU Berlin"), ("Howard University", "Rice University"),
)  # fmt: skip
_OTHER_SCHOOL = {name.lower(): other for pair in _SCHOOLS for name, other in (pair, pair[::-1])}
_WRITTEN: Mapping[Attribute, tuple[tuple[str, str], ...]] = {
    Attribute.PRONOUN: (("Gender: female", "Gender: male"), ("Pronouns: she/her", "Pronouns: they/them")),
    Attribute.AGE: (
        ("Date of birth: 12 March 1961", "Date of birth: 4 May 1999"),
        ("I am 58 years old.", "I am 24 years old."),
    ),
    Attribute.GRADUATION: (
        ("Graduated: 1986", "Graduated: 2021"),
        ("Year of graduation: 1994", "Year of graduation: 2023"),
    ),
    Attribute.NATIONALITY: (("Nationality: Turkish", "Nationality: Danish"),),
    Attribute.FAMILY: (("Marital status: married, three children", "Marital status: single"),),
    Attribute.ADDRESS: (
        ("Address: 1420 Prospect Avenue, Bronx, NY 10459", "Address: 12 Park Lane, Greenwich, CT 06830"),
    ),
    Attribute.GAP: (
        ("2016 - 2017: maternity leave", "2016 - 2017: military service"),
        ("2016 - 2017: illness, now recovered", "2016 - 2017: travelled around the world"),
        ("2016 - 2017: cared for a parent", "2016 - 2017: studied at home"),
    ),
}


def twins(text: str, person: Person) -> Iterator[Twins]:
    """Every pair that can be made of one resume. `person` is what the ATS knows."""
    yield from _names(text, person)
    for attribute, other in (
        (Attribute.PRONOUN, _other_pronouns(text)),
        (Attribute.AGE, _other_age(text)),
        (Attribute.GRADUATION, _other_graduation(text)),
        (Attribute.PLACE, _exchanged(text, {city.lower(): _next_city(city) for city in _CITIES})),
        (Attribute.SCHOOL, _exchanged(text, _OTHER_SCHOOL)),
    ):
        if other != text:
            yield Twins(attribute, False, text, person, other, person)
    for attribute, lines in _WRITTEN.items():
        for first, second in lines:
            yield Twins(attribute, True, _with(text, first), person, _with(text, second), person)


def _names(text: str, person: Person) -> Iterator[Twins]:
    """The name that stands there exchanged for others; where none does, two names at its head."""
    parts = [part for name in person.names for part in name.split() if len(part) > 1]
    if parts and any(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) for part in parts):
        for name in NAMES[::4]:
            new = name.split(" ", 1)
            by_part = {part.lower(): new[min(at, 1)] for at, part in enumerate(parts)}
            second = _exchanged(text, by_part)
            yield Twins(Attribute.NAME, False, text, person, second, replace(person, names=tuple(new)))
        return
    first, *others = sorted(NAMES, key=lambda name: _stands(name, text))
    for name in [*others[:2], *others[2::4]]:
        yield Twins(
            Attribute.NAMESAKE if _stands(first, text) or _stands(name, text) else Attribute.NAME, True,
            f"{first}\n{text}", replace(person, names=(first,)),
            f"{name}\n{text}", replace(person, names=(name,)),
        )  # fmt: skip


def _stands(name: str, text: str) -> bool:
    """Whether part of a name is a word of the text for another reason: a place, a school, a firm."""
    return any(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text, re.IGNORECASE) for part in re.split(r"[ -]", name))


def _other_pronouns(text: str) -> str:
    """In the language they belong to only: "er" is no pronoun in an English text."""
    german, swedish, french = (
        len(re.findall(rf"\b(?:{words})\b", text, re.IGNORECASE)) >= 3
        for words in ("und|mit|bei|für", "och|med|för|som", "et|avec|pour|dans")
    )
    spoken = {"de": german, "sv": swedish, "fr": french}

    def other(found: re.Match[str]) -> str:
        word = found.group().lower()
        if not spoken.get(_LANGUAGES.get(word, ""), word not in _LANGUAGES):
            return found.group()
        return _like(found.group(), _PRONOUNS[word])

    text = re.sub(rf"\b(?:{'|'.join(_PRONOUNS)})\b", other, text, flags=re.IGNORECASE)
    titles = r"(?<![\w-])(?:Mr|Mrs|Ms|Herr|Frau)\b(?=\.? +[A-Z][a-z])"
    return re.sub(titles, lambda found: _like(found.group(), _TITLES[found.group().lower()]), text)


def _other_age(text: str) -> str:
    text = _AGE.sub(lambda found: str(84 - int(found.group()) if int(found.group()) < 70 else 30), text)
    return _BORN.sub(
        lambda found: re.sub(r"(?:19|20)\d\d", lambda year: str(3960 - int(year.group())), found.group()), text
    )


def _other_graduation(text: str) -> str:
    """Whoever studied then, studied `EARLIER` years before: all years under studies, but for what went on for years and
    names no study, and whatever says that it is a graduation. Studies that go on are left alone."""
    within, lines = False, list[str]()
    for line in text.split("\n"):
        within = bool(_STUDIES.fullmatch(line)) or (within and not _AFTERWARDS.fullmatch(line))
        studied = _GRADUATED.search(line) or (within and (_STUDIED.search(line) or not _STRETCH.search(line)))
        if studied and not _GOES_ON.search(line):
            line = _YEAR.sub(lambda found: str(int(found.group()) - EARLIER), line)
        lines.append(line)
    return "\n".join(lines)


def _exchanged(text: str, by_word: Mapping[str, str]) -> str:
    words = sorted((re.escape(word) for word in by_word), key=len, reverse=True)
    pattern = rf"(?<!\w)(?:{'|'.join(words)})(?!\w)"
    return re.sub(
        pattern, lambda found: _like(found.group(), by_word[found.group().lower()]), text, flags=re.IGNORECASE
    )


def _like(old: str, new: str) -> str:
    """In capitals where the other was."""
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new.capitalize() if old[0].isupper() and new.islower() else new


def _next_city(city: str) -> str:
    return _CITIES[(_CITIES.index(city) + 7) % len(_CITIES)]


def _with(text: str, line: str) -> str:
    """A line after the first one."""
    head, _, rest = text.partition("\n")
    return f"{head}\n{line}\n{rest}"
