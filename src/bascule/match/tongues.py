"""Human languages a text names, and how well they are claimed or asked for."""

import re
from dataclasses import dataclass

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
_WORD = re.compile(r"[^\W\d_]{4,}")

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


def tongues(text: str, start: int = 0, end: int | None = None, levelled: bool = False) -> tuple[Tongue, ...]:
    """The languages named in text[start:end], the best claim for each; `levelled` leaves out mentions without a
    level.

    A level belongs to the language it stands next to: between its name and the next language's, on the same line.
    """
    end = len(text) if end is None else end
    best: dict[str, Tongue] = {}
    names = [word for word in _WORD.finditer(text, start, end) if word.group().lower() in CODES]
    for at, found in enumerate(names):
        if found.group().islower() and CODES[found.group().lower()] in {"pl", "it", "id", "bs"}:
            continue
        code = CODES[found.group().lower()]
        level = _level(text, found, names[at - 1] if at else None, names[at + 1] if at + 1 < len(names) else None)
        if levelled and not level:
            continue
        if code not in best or level > best[code].level:
            best[code] = Tongue(code, level, *found.span())
    return tuple(sorted(best.values(), key=lambda tongue: tongue.start))


def _level(text: str, name: re.Match[str], before: re.Match[str] | None, after: re.Match[str] | None) -> int:
    line_start = text.rfind("\n", 0, name.start()) + 1
    line_end = text.find("\n", name.end())
    line_end = len(text) if line_end < 0 else line_end
    follows = text[name.end() : min(line_end, after.start() if after else line_end, name.end() + 60)]
    # "Fluent German and good English": the level before a name counts when nothing after it does.
    precedes = text[max(line_start, before.end() if before else line_start, name.start() - 40) : name.start()]
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
