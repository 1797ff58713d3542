"""What somebody asks for in one box: words, skills and kinds of work, each as something the index can be asked.

A skill or title is asked for by any of its names: who has it under another name is found, and who says the very words
is found too. Everyday words ask for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .embed import Embedder, Vector
from .index import Unit, word_number
from .language import everyday
from .phrases import split
from .skills import SkillLinker
from .titles import TitleLinker
from .traits import findable, fold, skill_mark, work_mark

Kind = Literal["word", "skill", "work"]
MOST_WORDS = (
    40  # of a text that was pasted whole, the first so many are asked for; its meaning is asked for in any case
)

AMBIGUOUS = 6  # a title of more occupations ("engineer") is a word like any other


@dataclass(frozen=True, slots=True)
class Part:
    """One thing asked for: as it was typed, what it was taken for, and the marks and words that say it."""

    text: str
    kind: Kind
    label: str  # of a skill or title its canonical name
    ways: tuple[tuple[str, ...], ...]

    @property
    def unit(self) -> Unit:
        return Unit(tuple(tuple(word_number(word) for word in way) for way in self.ways))


@dataclass(frozen=True, slots=True)
class Query:
    """All of it. `vector` is all zeros where nothing of it can be compared."""

    text: str
    parts: tuple[Part, ...]
    vector: Vector


class QueryReader:
    """Reads what was typed. Holds the shared tables only; safe to share between threads."""

    def __init__(self, skills: SkillLinker, titles: TitleLinker, embedder: Embedder) -> None:
        self._skills = skills
        self._titles = titles
        self._embedder = embedder

    def read(self, text: str) -> Query:
        text = " ".join(text.split())
        words = split(text)
        taken = [*_apart(self._work(text)), *_apart(self._skill(text))]  # "Java developer" asks for Java too
        parts = [part for _, _, part in taken]
        for word, start, end in zip(words.words, words.starts, words.ends, strict=True):
            known = any(first <= start and end <= last for first, last, _ in taken)
            folded = fold(word)
            if not known and findable(folded) and word not in everyday():
                parts.append(Part(text[start:end], "word", "", ((folded,),)))
        unique = {part.ways: part for part in reversed(parts)}
        ordered = sorted(unique.values(), key=lambda part: text.find(part.text))
        return Query(text, tuple(ordered[:MOST_WORDS]), self._embedder.vector(text))

    def _work(self, text: str) -> list[tuple[int, int, Part]]:
        return [
            (hit.start, hit.end, _part(text, hit.start, hit.end, "work", hit.title, [work_mark(c) for c in hit.codes]))
            for hit in self._titles.hits(text)
            if len(hit.codes) <= AMBIGUOUS
        ]

    def _skill(self, text: str) -> list[tuple[int, int, Part]]:
        return [
            (hit.start, hit.end, _part(text, hit.start, hit.end, "skill", hit.label, [skill_mark(hit.id)]))
            for hit in self._skills.hits(text)
        ]


def _part(text: str, start: int, end: int, kind: Kind, label: str, marks: Sequence[str]) -> Part:
    said = text[start:end]
    words = tuple(fold(word) for word in split(said).words if findable(fold(word)))
    ways = [*((mark,) for mark in dict.fromkeys(marks)), *([words] if words else [])]
    return Part(said, kind, label, tuple(ways))


def _apart(found: list[tuple[int, int, Part]]) -> list[tuple[int, int, Part]]:
    """The longest that do not overlap; of two of one length the first in the list."""
    kept: list[tuple[int, int, Part]] = []
    for one in sorted(found, key=lambda one: one[0] - one[1]):
        if all(one[1] <= start or end <= one[0] for start, end, _ in kept):
            kept.append(one)
    return kept
