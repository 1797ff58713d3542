"""Skills that a text denies, in four languages: "no Java", "Java: keine Erfahrung", "har aldrig arbetat med Java".

A word of denial reaches over words such as "experience with" to the skill, and over a list: of "no Java, Kotlin or
Docker" none is claimed. "Not only Java" claims it, and so does "never worked without Java". A wish is no claim either:
"would like to learn Java".
"""
# ruff: noqa: RUF001 (resumes hold these characters)

import re
from bisect import bisect_left

from .phrases import Words

REACH = 70
"""Characters from a word of denial to the skill, at most."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DENIALS = _words("""no not never none nil without lack lacks lacking neither nor unfamiliar except excluding zero t
    cannot kein keine keinen keiner keines keinem keinerlei ohne nicht nie niemals weder
    ingen inget inga inte ej icke aldrig utan varken saknar
    aucun aucune aucuns aucunes sans jamais pas ni sauf hormis non nein nej""")
"""Words of denial; `t` is what is left of "don't"."""
_WITHOUT = _words("without ohne utan sans")
_WISHES = _words(
    "lernen want wants wish wishing like love hope hoping eager keen willing ready möchte will vill veux souhaite"
)
_CUES = _DENIALS | _WISHES
_BETWEEN = r"""
    yet any prior previous real much practical professional hands-on formal direct actual current commercial
    formal work working worked use used using with in of on to a an the as experience experienced familiar proficient
    trained knowledge background skills? expertise exposure know knows known learned learnt program programmed code
    done been have had got touched seen written developed
    \w*erfahrung\w* \w*kenntnis\w* praxis noch bisher bislang berufliche\w* praktische\w* mit der den dem die von
    vertraut firm sicher bewandert habe gearbeitet benutzt verwendet
    \w*erfarenhet\w* \w*kunskap\w* vana av i med jag har arbetat jobbat använt några någon ännu nämnvärd
    expérience\w* connaissances? notions? maîtrise utilisé travaillé encore eu de d du le la les en dans avec
"""
_DENIED = re.compile(rf"\w+(?:\s+of\b)?(?:[\s,'’]+(?:{'|'.join(_BETWEEN.split())})\b)*[\s'’]*", re.IGNORECASE)
_WISHED = re.compile(
    r"\w+\s+(?:to\s+(?:learn|study|try|pick\s+up|get\s+(?:to\s+know|into))|lära\s+mig|apprendre)\b"
    r"(?:[\s,'’]+(?:more|about|some|a|to|use|work|program|with|in|mer|om|à|le|la))*[\s'’]*",
    re.IGNORECASE,
)
"""From a word of denial, or a wish, to the skill there may be only such words."""
_LIST_GAP = re.compile(r"\s*(?:,|/|&|\b(?:or|and|oder|und|eller|och|ou|et|nor|noch|ni)\b|\s)*\s*\Z", re.IGNORECASE)
_AFTER = re.compile(
    r"\s*[:=–—(-]+\s*(?:none|no|nil|not|keine?\w*|nicht|nein|ingen\w*|inget|inga|inte|nej|aucune?|non|pas)"
    r"(?:\s+(?:de\s+)?(?:experience|knowledge|skills|\w*erfahrung\w*|\w*kenntnisse|erfarenhet|kunskap\w*|expérience|"
    r"connaissances?|yet))*\s*(?=[.,;)|\n]|\Z)"
    r"|[\s,]+(?:is|are|was|were|ist|sind|är|n'est|est)?\s*(?:not|nicht|inte|ej|pas)\s+(?:required|needed|necessary|my|"
    r"erforderlich|nötig|notwendig|ett\s+krav|nödvändigt|requis\w*|nécessaire|obligatoire)\b"
    r"|\s+(?:kenne|kann|beherrsche|verwende)\s+ich\s+(?:noch\s+|leider\s+)?(?:nicht|keine?\w*|nie)\b"
    r"|\s+(?:kan|har)\s+jag\s+(?:inte|aldrig|ingen)\b"
    r"|\s+(?:lernen|lernen\s+möchte)\s*(?=[.,;)\n]|\Z)",
    re.IGNORECASE,
)
"""What denies the skill before it."""
_CLAUSE = re.compile(r"[.,;:!?\n]")


class Denials:
    """What one text denies. Skills are asked for in the order of the text."""

    def __init__(self, words: Words) -> None:
        self._text = words.text
        self._cues = [
            (words.starts[at], word)
            for at, word in enumerate(words.words)
            if word in _CUES and (word != "t" or words.text[words.starts[at] - 1 : words.starts[at]] in ("'", "’"))
        ]
        self._places = [place for place, _ in self._cues]
        self._until = -1

    def denied(self, start: int, end: int) -> bool:
        """Whether the skill at text[start:end] is denied, or goes on a list whose last item is."""
        denied = self._listed(start) or self._before(start) or self._after(end)
        if denied:
            self._until = end
        return denied

    def _listed(self, start: int) -> bool:
        return 0 <= self._until <= start and _LIST_GAP.match(self._text[self._until : start]) is not None

    def _before(self, start: int) -> bool:
        at = bisect_left(self._places, start) - 1
        while at >= 0 and start - self._places[at] <= REACH:
            place, word = self._cues[at]
            pattern = _WISHED if word in _WISHES else _DENIED
            if pattern.fullmatch(self._text, place, start):
                return not (word in _WITHOUT and self._denies_already(at))
            at -= 1
        return False

    def _after(self, end: int) -> bool:
        at = bisect_left(self._places, end)
        near = at < len(self._places) and self._places[at] - end <= REACH
        return near and _AFTER.match(self._text, end, end + 2 * REACH) is not None

    def _denies_already(self, at: int) -> bool:
        """Whether another word of denial stands before this one in its clause ("never without")."""
        place = self._cues[at][0]
        return any(
            word in _DENIALS and not _CLAUSE.search(self._text, before, place)
            for before, word in self._cues[max(0, at - 2) : at]
        )
