"""Job titles as O*NET occupations, and how near two occupations are."""

import re
from dataclasses import dataclass

from .phrases import split
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
        words = split(text)
        found: list[TitleHit] = []
        for match in self._taxonomy.titles.matches(words):
            rows = self._taxonomy.titles.rows_of(words.words[match.first : match.last])
            occupations = [self._taxonomy.occupations[row] for row in rows]
            found.append(
                TitleHit(
                    words.starts[match.first], words.ends[match.last - 1],
                    tuple(o.code for o in occupations), occupations[0].title,
                )
            )  # fmt: skip
        return tuple(found)

    def codes(self, title: str) -> tuple[str, ...]:
        """The occupations of one title: of its longest known phrase, rank and brackets left out."""
        plain = _RANK.sub(" ", _MASK.sub(" ", title))
        hits = self.hits(plain) or self.hits(title)
        if not hits:
            return ()
        best = max(hits, key=lambda hit: (hit.end - hit.start, -hit.start))
        return best.codes


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
