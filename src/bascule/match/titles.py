"""Job titles as O*NET occupations, and how near two occupations are."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from .phrases import Match, Runs, longest, split
from .taxonomy import Taxonomy

_RANK = re.compile(
    r"\b(?:senior|sr|junior|jr|lead|principal|staff|chief|head|mid|middle|experienced|entry level|trainee|intern|"
    r"working student|werkstudent|"
    r"praktikant|deputy|associate|assistant|vice|[ivx]+|m/w/d|w/m/d|m/f/d|f/m/d|h/f|f/h|m/f|all genders|remote|"
    r"hybrid|full[- ]time|part[- ]time)\b\.?",
    re.IGNORECASE,
)
_MASK = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class TitleHit:
    """A job title at text[start:end] and the O*NET occupations it may mean."""

    start: int
    end: int
    codes: tuple[str, ...]
    title: str
    """The first occupation's own title, in English."""


class TitleLinker:
    """Finds job titles in short texts (headings, title lines). Safe to share between threads."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def hits(self, text: str) -> tuple[TitleHit, ...]:
        """The longest known titles in a text."""
        return self.titles_in(self._taxonomy.vocabulary.runs(split(text))).hits(0, len(text))

    def is_title(self, line: str) -> bool:
        """Whether a line is a job title for sure: it names one of two words or more ("Bank Teller"), where one word may
        be a surname ("Teller")."""
        return len(line) <= 80 and any(" " in line[hit.start : hit.end] for hit in self.hits(line))

    def titles_in(self, runs: Runs) -> "TitlesIn":
        """The titles of a text that is already cut into words and runs of words, to be asked for by place."""
        return TitlesIn(self._taxonomy, runs)

    def codes(self, title: str) -> tuple[str, ...]:
        """The occupations of one title: of its longest known phrase, rank and brackets left out."""
        plain = _RANK.sub(" ", _MASK.sub(" ", title))
        hits = self.hits(plain) or self.hits(title)
        if not hits:
            return ()
        best = max(hits, key=lambda hit: (hit.end - hit.start, -hit.start))
        return best.codes


class TitlesIn:
    """The titles in one text. Found once; which are the longest depends on the stretch that is asked for."""

    def __init__(self, taxonomy: Taxonomy, runs: Runs) -> None:
        self._taxonomy = taxonomy
        self._words = runs.words
        self._by_place = sorted(taxonomy.titles.all_matches(runs), key=lambda match: match.first)

    def hits(self, start: int, end: int) -> tuple[TitleHit, ...]:
        """The longest known titles wholly inside text[start:end], in its order."""
        first, last = self._words.within(start, end)
        low = bisect_left(self._by_place, first, key=lambda match: match.first)
        high = bisect_left(self._by_place, last, key=lambda match: match.first)
        inside = [match for match in self._by_place[low:high] if match.last <= last]
        inside.sort(key=lambda match: (match.first - match.last, match.first))
        return tuple(self._hit(match) for match in longest(inside))

    def _hit(self, match: Match) -> TitleHit:
        words = self._words
        rows = self._taxonomy.titles.rows_of(words.words[match.first : match.last])
        occupations = [self._taxonomy.occupations[row] for row in rows]
        start, end = words.starts[match.first], words.ends[match.last - 1]
        return TitleHit(start, end, tuple(o.code for o in occupations), occupations[0].title)


def nearness(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    """1.0 the same occupation, 0.8 the same broad one, 0.5 the same minor group, 0.2 the same major group, else 0."""
    best = 0.0
    for one in left:
        for other in right:
            if one[:7] == other[:7]:
                return 1.0
            if one[:6] == other[:6]:
                best = max(best, 0.8)
            elif one[:4] == other[:4]:
                best = max(best, 0.5)
            elif one[:2] == other[:2]:
                best = max(best, 0.2)
    return best
