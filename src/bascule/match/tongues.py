"""Human languages a text names, and how well they are claimed or asked for."""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .phrases import Words, split

_NAMES = {
    "en": "english englisch engelska engelskan anglais",
    "de": "german deutsch tyska allemand",
    "sv": "swedish schwedisch svenska suédois suedois",
    "fr": "french französisch franska français francais",
    "es": "spanish spanisch spanska espagnol español",
    "it": "italian italienisch italienska italien italiano",
    "pt": "portuguese portugiesisch portugisiska portugais",
    "nl": "dutch niederländisch nederländska holländska néerlandais nederlands",
    "da": "danish dänisch danska danois dansk",
    "no": "norwegian norwegisch norska norvégien norsk",
    "fi": "finnish finnisch finska finnois suomi",
    "pl": "polish polnisch polska polonais polski",
    "cs": "czech tschechisch tjeckiska tchèque",
    "uk": "ukrainian ukrainisch ukrainska ukrainien",
    "ru": "russian russisch ryska russe",
    "tr": "turkish türkisch turkiska turc",
    "ar": "arabic arabisch arabiska arabe",
    "fa": "persian farsi persisch persiska persan dari",
    "so": "somali somalisch somaliska",
    "bs": "bosnian bosnisch bosniska bosniaque bosnien",
    "hr": "croatian kroatisch kroatiska croate",
    "sr": "serbian serbisch serbiska serbe",
    "sq": "albanian albanisch albanska albanais",
    "ro": "romanian rumänisch rumänska roumain",
    "hu": "hungarian ungarisch ungerska hongrois",
    "el": "greek griechisch grekiska grec",
    "zh": "chinese mandarin chinesisch kinesiska chinois cantonese",
    "ja": "japanese japanisch japanska japonais",
    "ko": "korean koreanisch koreanska coréen",
    "vi": "vietnamese vietnamesisch vietnamesiska vietnamien",
    "hi": "hindi",
    "ur": "urdu",
    "id": "indonesian indonesisch indonesiska indonésien",
    "ti": "tigrinya tigrinska",
    "ku": "kurdish kurdisch kurdiska kurde kurmanji sorani",
    "wo": "wolof",
    "yo": "yoruba",
    "ig": "igbo",
    "pa": "punjabi",
    "bn": "bengali",
    "ta": "tamil",
    "he": "hebrew hebräisch hebreiska hébreu",
    "th": "thai thailändisch thailändska",
}
CODES = {name: code for code, names in _NAMES.items() for name in names.split()}
ENGLISH = {code: names.split()[0].capitalize() for code, names in _NAMES.items()}
_NEVER_SMALL = frozenset({"pl", "it", "id", "bs"})
"""Languages whose names are other words in small letters."""

NATIVE, NEAR_NATIVE, FLUENT, WORKING, MIDDLE, BASIC = 6, 5, 4, 3, 2, 1
LEVELS = {
    NATIVE: "native", NEAR_NATIVE: "near native", FLUENT: "fluent", WORKING: "working level", MIDDLE: "intermediate",
    BASIC: "basic",
}  # fmt: skip
"""Levels in words. By the Common European Framework: 5 is C2, 4 C1, 3 B2, 2 B1, 1 A1 and A2."""
# Higher first: "good to very good" reads as very good.
_LEVELS = (
    (NATIVE, r"native|mother tongue|first language|bilingual|muttersprach\w*|zweisprachig|modersmål|"
             r"langue maternelle|bilingue|natif|native-level"),
    (NEAR_NATIVE, r"c2|proficient|verhandlungssicher\w*|near[- ]native"),
    (FLUENT, r"c1|fluent\w*|full professional|fließend|fliessend|flytande|obehindrat|courant\w*|excellent|"
             r"sehr gut\w*|very good|mycket god\w*|très bon\w*|advanced"),
    (WORKING, r"b2|good|professional|working (?:proficiency|knowledge|level)|business|gut\w*|god\w*|goda|bon(?:ne)?s?|"
              r"upper intermediate|opérationnel|professionnel|im beruf"),
    (MIDDLE, r"b1|conversational|intermediate|intermédiaire|mellannivå|ausbaufähig"),
    (BASIC, r"a1|a2|basic\w*|beginner|elementary|rudimentary|grundkenntnis\w*|grundläggande|notions|débutant|scolaire|"
            r"school|schulkenntnis\w*|skolkunskap\w*|learning|lernend"),
)  # fmt: skip
_LEVEL = [(level, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for level, words in _LEVELS]


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language named at text[start:end], `level` 1 (basic) to 6 (native), 0 when not said."""

    code: str
    level: int
    start: int
    end: int

    @property
    def name(self) -> str:
        return ENGLISH[self.code]


@dataclass(frozen=True, slots=True)
class Name:
    """Where a language is named."""

    code: str
    start: int
    end: int


def tongues(text: str) -> tuple[Tongue, ...]:
    """The languages named in a text, the best claim for each."""
    return tongues_in(text, tongue_names(split(text)))


def tongue_names(words: Words) -> list[Name]:
    """Every place where a language is named; words that mean something else in small letters only as names."""
    names: list[Name] = []
    for at, word in enumerate(words.words):
        if word in CODES:
            name = Name(CODES[word], words.starts[at], words.ends[at])
            if name.code not in _NEVER_SMALL or not words.text[name.start : name.end].islower():
                names.append(name)
    return names


def tongues_in(text: str, names: Sequence[Name], levelled: bool = False) -> tuple[Tongue, ...]:
    """The best claim for each language among `names`, which are in order; `levelled` leaves out mentions without a
    level.

    A level belongs to the language it stands next to: between its name and the next language's, on the same line.
    """
    best: dict[str, Tongue] = {}
    for at, name in enumerate(names):
        after = names[at + 1] if at + 1 < len(names) else None
        level = _level(text, name, names[at - 1] if at else None, after)
        if not level and levelled:
            continue
        level = level or _told(_following(text, name, after))
        if name.code not in best or level > best[name.code].level:
            best[name.code] = Tongue(name.code, level, name.start, name.end)
    return tuple(sorted(best.values(), key=lambda tongue: tongue.start))


def _level(text: str, name: Name, before: Name | None, after: Name | None) -> int:
    follows = _following(text, name, after)
    line_start = text.rfind("\n", 0, name.start) + 1
    # "Fluent German and good English": the level before a name counts when nothing after it does.
    precedes = text[max(line_start, before.end if before else line_start, name.start - 40) : name.start]
    return (
        _strongest(_AND.split(follows)[0])
        or _strongest(re.split(r"[;.]|\b(?:and|und|och|et)\b(?! written| spoken| schrift| skrift)", precedes)[-1])
        or _strongest(follows)
    )


def _following(text: str, name: Name, after: Name | None) -> str:
    """What stands between a language's name and the next language's, on the same line."""
    end = text.find("\n", name.end)
    return text[name.end : min(len(text) if end < 0 else end, after.start if after else len(text), name.end + 60)]


_AND = re.compile(r"[,;.]|\b(?:and|und|och|et)\b")
_REMARK = re.compile(r"\s*[:(–—-]\s*([^\W\d_].*)")
_DAILY = re.compile(
    r"\b(?:daily|every day|at work|working language|lived|täglich|arbetsspråk|dagligen|quotidien|au travail)\b", re.I
)
_MODEST = re.compile(
    r"\b(?:a (?:little|bit|few)|some|survival|holidays?|tourist|order(?:ing)?|learn|reading|passive|duolingo|"
    r"ein (?:wenig|bisschen)|etwas|wenig|lerne|urlaub|lite|litet|grunder|nybörjare|hjälplig\w*|lär mig|"
    r"un peu|quelques|bases|j'apprends)\b",
    re.IGNORECASE,
)


def _told(follows: str) -> int:
    """The level of a language about which something is told that is no level by name ("Swedish: I can order coffee").
    What cannot be read is a modest claim: who speaks it well says so."""
    remark = _REMARK.match(_AND.split(follows)[0])
    if remark is None:
        return 0
    if _MODEST.search(remark[1]):
        return BASIC
    if _DAILY.search(remark[1]):
        return WORKING
    return MIDDLE if len(remark[1].split()) > 2 else 0


def _strongest(text: str) -> int:
    for level, pattern in _LEVEL:
        if pattern.search(text):
            return level
    return 0
