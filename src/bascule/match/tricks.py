"""Tricks that must earn nothing: found, blanked where they stand, and told to the recruiter.

Instructions to a model, walls of keywords, text copied from the advert, the same passage over again. Blanked
characters become spaces, so places do not move. Invisible characters are taken out before anything else by `clean`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from .phrases import Words, split
from .wording import counted

COPIED = 8
"""This many words in a row, the same as in the advert, are a copied run's seed."""
LONG_COPY = 14
"""Shorter copied runs are how people talk about a trade; from here on it is the advert speaking."""
WALL = 45
"""A stretch of lines with this many different skills and no sentence is a wall. Honest skill lists have 10 to 35."""
REPEATED = 5
"""A skill named this often within one list line, or in so many lines of its own, is stuffing."""
ALONE = 3
"""Words of a line that hardly says more than a skill."""
PHRASE = 4
"""Words of the phrases by which a copy is known whose lines were shuffled, or words dropped."""
SHARED = 0.12
"""Share of the advert's phrases from which on a resume was made from it. Honest ones share a few in a hundred."""
BETWEEN = 8
"""Words between two such phrases that belong to the copy."""
FEWEST_SHARED = 12
"""... and at least so many of them."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One finding a person should see: what kind, in words, and where if it has a place."""

    kind: str
    what: str
    where: str = ""


_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_CONTROLS = r"\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
_CONTROL = re.compile(f"[{_CONTROLS}]")
_OTHER_LETTERS = "\u0370-\u03ff\u0400-\u04ff"
_MIXED = re.compile(rf"\b(?=\w*[A-Za-z])(?=\w*[{_OTHER_LETTERS}])\w{{3,}}\b")
_SLIPS = 2
"""So many words of mixed alphabets may be slips."""
_BLANKS = "\u00a0\u2000-\u200a\u202f\u205f\u3000\t"
_SPACES = re.compile(f"[{_BLANKS}]")
_ODD = re.compile(f"[{_UNSEEN}{_CONTROLS}{_OTHER_LETTERS}{_BLANKS}\r\x0c]")
"""A text without any of these, and composed, is clean."""


_ASCII = dict.fromkeys((*range(32), 127)) | {9: " ", 10: "\n", 11: "\n", 12: "\n", 13: "\n"}


def clean(text: str) -> tuple[str, tuple[Flag, ...]]:
    """Compose characters, take out the invisible ones, make line ends and spaces plain. Cleaning twice changes
    nothing."""
    if text.isascii():
        plain = text.replace("\r\n", "\n").translate(_ASCII)
        return plain, ()
    if not _ODD.search(text) and unicodedata.is_normalized("NFKC", text):
        return text, ()
    flags: list[Flag] = []
    unseen = _INVISIBLE.findall(text)
    tags = sum(1 for character in unseen if ord(character) >= 0xE0000)
    invisible = sum(1 for character in unseen if character != "\u00ad")
    if tags or invisible > 10:
        flags.append(
            Flag("invisible characters", f"{counted(max(tags, invisible), 'character')} that nobody can see removed")
        )
    text = _INVISIBLE.sub(
        "", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n").replace("\x0b", "\n")
    )
    text = unicodedata.normalize("NFKC", _SPACES.sub(" ", text))
    text = _SPACES.sub(" ", _CONTROL.sub("", _INVISIBLE.sub("", text)))
    mixed = _MIXED.findall(text)
    if len(mixed) > _SLIPS:
        flags.append(Flag("look-alike letters", f"{len(mixed)} words mix alphabets, for example “{mixed[0]}”"))
    return text, tuple(flags)


_TOP = r"(?:100|hundred|maximum|highest|perfect|top|first)"
_MACHINE = (
    r"(?:(?:ai|ats|llm|gpt|chatgpt)(?:[ -](?:assistant|reviewer|parser|screener|recruiter|evaluator|grader|scanner|"
    r"agent|model|system|bot))?)\b"
)
_GIVE = "give award assign grant return output set"
_ORDERS: tuple[tuple[str, str], ...] = (
    (
        "ignore disregard forget override",
        r"\w+\W+(?:\w+\W+){0,3}?(?:previous|prior|above|earlier|other|these|your|all)\b"
        r"(?:\W+\w+){0,3}?\W+(?:instruction|prompt|rule|criteri|direction|guideline|polic)",
    ),
    ("ignore disregard forget", r"\w+\W+(?:everything|anything|all)\W+(?:above|before|said|written|that)\b"),
    ("end", r"end of (?:the )?(?:resume|cv|curriculum|document|file|input|applicant)\b"),
    (
        "new",
        r"new (?:tasks?|instructions?|role|prompt)\W{0,2}:\W*"
        r"(?:output|respond|reply|answer|ignore|score|rate|rank|say|you)\b",
    ),
    (
        "ai ats llm gpt chatgpt dear",
        rf"(?:dear )?(?:the )?{_MACHINE}\W+(?:\w+\W+){{0,2}}?(?:directive|instruction|note|please|kindly|you must|"
        r"\w*[:,])(?=[^\n]*\b(?:applicant|candidate|resume|cv|skills?|requirements?|score|match|hire)\b)",
    ),
    (
        "treat mark count consider regard list add",
        r"\w+\W+(?:\w+\W+){0,6}?(?:required|mandatory|requested|missing|all)\W+(?:\w+\W+){0,2}?(?:skills?|requirements?)\b"
        r"[^\n]{0,120}?\b(?:present|matched|met|found|shown|satisfied|fulfilled)\b",
    ),
    (
        "mark treat count",
        r"\w+\W+(?:\w+\W+){0,3}?(?:skills?|requirements?)\W+as\W+(?:present|matched|met|found|shown|satisfied|fulfilled)\b",
    ),
    (
        "respond reply answer output say conclude",
        r"\w+\W+(?:\w+\W+){0,6}?(?:excellent|strong|perfect|ideal|best)\W+(?:match|hire|fit|candidate)\b",
    ),
    (
        "instruction response prompt",
        r"\w+\W{0,3}:\W*(?:respond|answer|output|score|rate|ignore|(?:the |this )?candidate|excellent|perfect)\b",
    ),
    (
        _GIVE,
        rf"\w+\W+(?:\w+\W+){{0,5}}?(?:score|rating|mark|grade|points?|match)\b(?:\W+\w+){{0,4}}?\W+{_TOP}\b",
    ),
    (
        "give award assign return output",
        r"\w+\W+(?:\w+\W+){0,5}?(?:highest|maximum|perfect|top|full)\W+(?:\w+\W+)?(?:score|rating|mark|grade|points?)",
    ),
    (
        "give award assign rate score rank",
        rf"\w+\W+(?:\w+\W+){{0,4}}?(?:candidate|applicant|resume|cv|me|him|her|them)\W+(?:\w+\W+){{0,4}}?{_TOP}\b",
    ),
    (
        "as you",
        r"(?:as|you are)\W+an?\W+(?:ai|a\.i\.|llm|large language model|language model|ai assistant|"
        r"recruiting (?:ai|bot|system)|chatbot)\b",
    ),
    ("system assistant", r"(?<=<)\w+>"),
    ("match", r"match_score"),
    ("system developer", r"(?:system|developer) prompt\b"),
    (
        "note notes message messages instruction instructions",
        r"\w+ (?:to|for) (?:the |all |any )*(?:automated |ai\b ?)*(?:ai|llm|model|bot|screening|parser|algorithm|ats|"
        r"recruiting system)\b",
    ),
    ("recommend advance shortlist select hire", r"\w+\W+this\W+(?:candidate|applicant)\b"),
    ("must should to", r"\w+ be (?:ranked|rated|scored|hired|shortlisted)\b"),
    ("best ideal perfect strongest", r"\w+ (?:possible )?(?:candidate|match|applicant) (?:ever|for this)"),
    (
        "ignorier ignoriere ignorieren ignoriert vergiss missachte",
        r"\w+\W+(?:\w+\W+){0,3}?(?:anweisung|vorgabe|regel|instruktion)",
    ),
    ("ignorera glöm", r"\w+\W+(?:\w+\W+){0,3}?(?:instruktion|anvisning|regler)"),
    ("bortse", r"bortse från\W+(?:\w+\W+){0,3}?(?:instruktion|anvisning|regler)"),
    ("ignore ignorer ignorez oublie oublier oubliez", r"\w+\W+(?:\w+\W+){0,4}?(?:instruction|consigne|règle)"),
    (
        "gib vergib ge donne donner donnez attribue attribuer attribuez",
        r"\w+\W+(?:\w+\W+){0,5}?(?:100|höchst\w*|högsta|maximal\w*)\b",
    ),
)
"""Ways to give orders to a model: the words that may begin one, and the pattern that decides. Tried where such a word
stands only."""
_BEGINS: dict[str, list[re.Pattern[str]]] = {
    word: [re.compile(pattern, re.IGNORECASE) for words, pattern in _ORDERS if word in words.split()]
    for words, _ in _ORDERS
    for word in words.split()
}
_SAYS = re.compile(r"(?:system|assistant)[>\]]*[ ]?(?::|set\b)", re.IGNORECASE)
_LEAD = re.compile(r"[ ]*[<\[#*]*\Z")
"""What may stand on the line before the name of who claims to speak."""
FULL_LINE = 60
"""A shorter line ended where its writer wanted; a longer one may run on into the next."""
_SAID_BY = re.compile(
    r"\s*[<\[#*]*(?:system|assistant|user|developer|admin|ai|human|instruction)s?\W{0,3}:", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
"""A remark that a reader of a page would not see."""
_LINE = re.compile(r"[^\n]+")
_PASSAGE = 12


def screen(
    words: Words, codes: NDArray[np.uint64], skill_places: Sequence[tuple[int, str]]
) -> tuple[Words, tuple[Flag, ...]]:
    """Blank every trick in a clean text that is cut into words; the same words come back where there is none.

    `codes` are its `codes_of`, `skill_places` (start, id) of the skills found in it. What was copied from a job's text
    is found by `without`.
    """
    text = words.text
    flags: list[Flag] = []
    cuts: list[tuple[int, int]] = []
    for start, end in _orders(words):
        cuts.append((start, end))
        flags.append(Flag("instruction to a model", f"“{_short(text[start:end])}”", f"character {start}"))
    again = _repeated(codes)
    if again:
        total = sum(last - first for first, last in again)
        cuts += [(words.starts[first], words.ends[last - 1]) for first, last in again]
        if total >= 40:
            flags.append(Flag("repeated text", f"{total} words stand here more than once and count once"))
    for start, end, many in _walls(text, skill_places):
        cuts.append((start, end))
        flags.append(
            Flag("keyword wall", f"a run of {many} skill names without a sentence was not scored", f"character {start}")
        )
    if not text.isascii():
        mixed = [found.span() for found in _MIXED.finditer(text)]
        cuts += mixed if len(mixed) > _SLIPS else []  # `clean` has told of them
    return _blank(words, cuts), tuple(flags)


@dataclass(frozen=True, slots=True)
class Advert:
    """A job's text as what is copied from it is known by: its runs of eight words and of four, sorted."""

    runs: NDArray[np.uint64]
    phrases: NDArray[np.uint64]

    @classmethod
    def of(cls, words: Words) -> "Advert":
        codes = codes_of(words)
        return cls(np.unique(_runs(codes, COPIED)), np.unique(_runs(codes, PHRASE)))


def without(text: str, codes: NDArray[np.uint64], advert: Advert) -> tuple[Words, Flag] | None:
    """The words of a text without what was copied from an advert, and the finding; None where nothing was. `codes` are
    the text's own `codes_of`."""
    copied = _copied(codes, advert)
    if not copied:
        return None
    words = split(text)
    total = sum(last - first for first, last in copied)
    place = f"character {words.starts[copied[0][0]]}"
    flag = Flag("copied job text", f"{total} words are the advert's own and were not scored", place)
    return _blank(words, [(words.starts[first], words.ends[last - 1]) for first, last in copied]), flag


def _orders(words: Words) -> list[tuple[int, int]]:
    """Lines that tell a model or a screening system what to do, with the lines they run on into."""
    text = words.text
    found: list[tuple[int, int]] = []
    for at, word in enumerate(words.words):
        if word not in _BEGINS:
            continue
        end = max((order.end() for order in _orders_at(text, word, words.starts[at])), default=0)
        if not end or (found and end <= found[-1][1]):
            continue
        start = _paragraph_start(text, text.rfind("\n", 0, words.starts[at]) + 1)
        end = _paragraph_end(text, end)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    if "<!--" in text:
        found += [comment.span() for comment in _COMMENT.finditer(text)]
    return found


def _orders_at(text: str, word: str, place: int) -> Iterator[re.Match[str]]:
    """What orders begin with `word` at `place`."""
    for pattern in _BEGINS[word]:
        if order := pattern.match(text, place):
            yield order
    if (order := _SAYS.match(text, place)) and _LEAD.match(text, text.rfind("\n", 0, place) + 1, place):
        yield order


def _paragraph_start(text: str, start: int) -> int:
    """Back over lines that were full and did not end a sentence."""
    while start > 0:
        previous = text.rfind("\n", 0, start - 1) + 1
        line = text[previous : start - 1].rstrip()
        if len(line) < FULL_LINE or line.endswith((".", "!", "?", ":")):
            break
        start = previous
    return start


def _paragraph_end(text: str, at: int) -> int:
    """On over lines a full line runs on into, and over what claims to be said by the system."""
    start = text.rfind("\n", 0, at) + 1
    while True:
        end = text.find("\n", at)
        if end < 0:
            return len(text)
        following = text[end + 1 :].split("\n", 1)[0]
        full = len(text[start:end].rstrip()) >= FULL_LINE and bool(following.strip())
        if not (full and len(text[start:end]) < 2 * FULL_LINE) and not _SAID_BY.match(following):
            return end
        start, at = end + 1, end + 1


def codes_of(words: Words) -> NDArray[np.uint64]:
    """One number for each word, the same for the same word on every machine."""
    # Not hash(): it differs from process to process, and a score must not.
    code = {word: crc32(word.encode()) for word in set(words.words)}
    return np.fromiter((code[word] for word in words.words), np.uint64, len(words))


def _runs(codes: NDArray[np.uint64], length: int) -> NDArray[np.uint64]:
    if len(codes) < length:
        return np.zeros(0, np.uint64)
    count = len(codes) - length + 1
    run = np.zeros(count, np.uint64)
    for at in range(length):
        run = run * np.uint64(0x9E3779B97F4A7C15) + codes[at : at + count]
    return run


def _copied(codes: NDArray[np.uint64], advert: Advert) -> list[tuple[int, int]]:
    """Long runs; and where much of the advert is there, however it was cut up, each of its phrases."""
    phrases = _runs(codes, PHRASE)
    hit = _among(phrases, advert.phrases)
    many, enough = np.count_nonzero(hit), max(FEWEST_SHARED, SHARED * len(advert.phrases))
    if many >= enough and len(np.unique(phrases[hit])) >= enough:
        return _joined(_stretches(hit, PHRASE), BETWEEN)
    if many <= COPIED - PHRASE:  # a longer run is made of that many phrases
        return []
    hit = _among(_runs(codes, COPIED), advert.runs)
    return [(first, last) for first, last in _stretches(hit, COPIED) if last - first >= LONG_COPY]


def _joined(stretches: Sequence[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Stretches of words with those between them where these are few."""
    found: list[tuple[int, int]] = []
    for first, last in stretches:
        if found and first - found[-1][1] <= gap:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _among(runs: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(runs), bool)
    return known[np.minimum(np.searchsorted(known, runs), len(known) - 1)] == runs


def _repeated(codes: NDArray[np.uint64]) -> list[tuple[int, int]]:
    runs = _runs(codes, _PASSAGE)
    order = runs.argsort(kind="stable")
    again = order[1:][runs[order[1:]] == runs[order[:-1]]]
    if not len(again):
        return []
    later = np.zeros(len(runs), bool)
    later[again] = True
    return _stretches(later, _PASSAGE)


def _stretches(hit: NDArray[np.bool_], length: int) -> list[tuple[int, int]]:
    """Runs of hits as stretches of words: a run starting at word i covers `length` words."""
    found: list[tuple[int, int]] = []
    for at in np.flatnonzero(hit).tolist():
        if found and at <= found[-1][1]:
            found[-1] = (found[-1][0], at + length)
        else:
            found.append((at, at + length))
    return found


def _walls(text: str, places: Sequence[tuple[int, str]]) -> list[tuple[int, int, int]]:
    """Stretches of neighbouring list lines with too many different skills, and lines that say one skill over and
    over."""
    walls: list[tuple[int, int, int]] = []
    many = Counter(skill for _, skill in places)
    if len(many) < WALL and max(many.values(), default=0) < REPEATED:
        return walls
    run: list[tuple[int, int]] = []
    names: set[str] = set()
    alone: Counter[str] = Counter()  # lines that are hardly more than one skill
    at = 0

    def close() -> None:
        if len(names) >= WALL or max(alone.values(), default=0) >= REPEATED:
            walls.append((run[0][0], run[-1][1], max(len(names), *alone.values()) if alone else len(names)))
        run.clear()
        names.clear()
        alone.clear()

    for line in _LINE.finditer(text):
        start, end = line.span()
        here: list[str] = []
        while at < len(places) and places[at][0] < end:
            here.append(places[at][1])
            at += 1
        words = len(line.group().split())
        if len(here) >= REPEATED and max(Counter(here).values()) >= REPEATED:
            walls.append((start, end, len(here)))
        if here and len(here) * 4 >= words:
            run.append((start, end))
            names.update(here)
            if len(here) == 1 and words <= ALONE:
                alone.update(here)
        elif words:
            close()
    close()
    return walls


def _blank(words: Words, cuts: list[tuple[int, int]]) -> Words:
    if not cuts:
        return words
    text, last, pieces = words.text, 0, list[str]()
    spans: list[tuple[int, int]] = []
    for start, end in sorted(cuts):
        if spans and start <= last:
            start, end = spans[-1][0], max(end, last)
            spans[-1] = (start, end)
        else:
            spans.append((start, end))
        last = end
    last = 0
    for start, end in spans:
        pieces += [text[last:start], re.sub(r"[^\n]", " ", text[start:end])]
        last = end
    return words.blanked("".join([*pieces, text[last:]]), spans)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:117] + "..."
