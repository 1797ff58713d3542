"""Human languages a text names, and how well they are claimed or asked for."""

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

# Higher first: "good to very good" reads as very good. 6 is a mother tongue, 5 C2 ... 1 A1-A2.
_LEVELS = (
    (6, r"native|mother tongue|first language|bilingual|muttersprach\w*|zweisprachig|modersmål|langue maternelle|"
        r"bilingue|natif|native-level"),
    (5, r"c2|proficient|verhandlungssicher\w*|near[- ]native"),
    (4, r"c1|fluent\w*|full professional|fließend|fliessend|flytande|obehindrat|courant\w*|excellent|sehr gut\w*|"
        r"very good|mycket god\w*|très bon\w*|advanced"),
    (3, r"b2|good|professional|working (?:proficiency|knowledge|level)|business|gut\w*|god\w*|goda|bon(?:ne)?s?|"
        r"upper intermediate|opérationnel|professionnel|im beruf"),
    (2, r"b1|conversational|intermediate|intermédiaire|mellannivå|ausbaufähig"),
    (1, r"a1|a2|basic\w*|beginner|elementary|grundkenntnis\w*|grundläggande|notions|débutant|school|schulkenntnis\w*|"
        r"learning|lernend"),
)  # fmt: skip
_LEVEL = [(level, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for level, words in _LEVELS]


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language named at text[start:end], `level` 1 (beginner) to 6 (mother tongue), 0 when not said."""

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
        level = _level(text, name, names[at - 1] if at else None, names[at + 1] if at + 1 < len(names) else None)
        if levelled and not level:
            continue
        if name.code not in best or level > best[name.code].level:
            best[name.code] = Tongue(name.code, level, name.start, name.end)
    return tuple(sorted(best.values(), key=lambda tongue: tongue.start))


def _level(text: str, name: Name, before: Name | None, after: Name | None) -> int:
    line_start = text.rfind("\n", 0, name.start) + 1
    line_end = text.find("\n", name.end)
    line_end = len(text) if line_end < 0 else line_end
    follows = text[name.end : min(line_end, after.start if after else line_end, name.end + 60)]
    # "Fluent German and good English": the level before a name counts when nothing after it does.
    precedes = text[max(line_start, before.end if before else line_start, name.start - 40) : name.start]
    clause = re.split(r"[,;.]|\b(?:and|und|och|et)\b", follows)[0]
    return (
        _strongest(clause)
        or _strongest(re.split(r"[;.]|\b(?:and|und|och|et)\b(?! written| spoken| schrift| skrift)", precedes)[-1])
        or _strongest(follows)
    )


def _strongest(text: str) -> int:
    for level, pattern in _LEVEL:
        if pattern.search(text):
            return level
    return 0
