"""The skills that a text speaks of, read as deeply as can be: those it names, those it means in other words, and names
that no taxonomy knows.

What is found is believed where the words around it read like a demand, so that "pregnancy" in a line about equal
opportunity is none. English only: texts in other languages give what the gazetteer finds. About fifteen milliseconds a
sentence, so it is for an advert, or for one resume that somebody looks at; not for the score.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .language import detect
from .meanings import Meanings
from .skill_words import LIKELY, Named, SkillWords, runs, words_of
from .skills import SkillHit, SkillLinker

BELIEVED = 0.2
"""How likely at least one of the words must be of a skill or of knowledge."""
CLAIMED = 0.4
"""How likely a resume must mean a skill that it does not name: there are no labels to tune it by, so few are taken."""
UNKNOWN = "text"
"""The scheme of a name that no taxonomy knows; its id is then `text:name`."""
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?](?=\s+[A-Z•])|(?=\n)|\Z)")
_WEIGHT = 0.6
_LONGEST = 400
"""Characters of a sentence; what is longer is no sentence and is cut."""


class SkillsAsked:
    """Reads texts deeply. Holds the shared tables only; safe to share between threads."""

    def __init__(self, linker: SkillLinker, meanings: Meanings, words: SkillWords) -> None:
        self._linker = linker
        self._meanings = meanings
        self._words = words

    def hits(self, text: str) -> tuple[SkillHit, ...]:
        """Every skill that an advert's text speaks of, in its order."""
        return self._read(text, self._linker.hits(text), self._demanded)

    def told(self, text: str, named: tuple[SkillHit, ...]) -> tuple[SkillHit, ...]:
        """The same for a resume, whose words are not weighed as demands: all it names (`named`, the gazetteer's), and
        what it means besides; no names that nobody knows."""
        return self._read(text, named, self._besides)

    def _read(
        self, text: str, named: tuple[SkillHit, ...], of: Callable[[str, Sequence[SkillHit]], list[SkillHit]]
    ) -> tuple[SkillHit, ...]:
        if detect(text) not in ("", "en"):
            return named
        found: list[SkillHit] = []
        for start, end in _sentences(text):
            inside = [_moved(hit, -start) for hit in named if start <= hit.start and hit.end <= end]
            found += [_moved(hit, start) for hit in of(text[start:end], inside)]
        return tuple(found)

    def _besides(self, sentence: str, named: Sequence[SkillHit]) -> list[SkillHit]:
        """The skills of one sentence of a resume."""
        known = {hit.id for hit in named}
        meant = [
            hit
            for hit in self._demanded(sentence, named)
            if hit.scheme != UNKNOWN and hit.id not in known and hit.likely >= CLAIMED
        ]
        return sorted([*named, *meant], key=lambda hit: (hit.start, hit.end))

    def _demanded(self, sentence: str, named: Sequence[SkillHit]) -> list[SkillHit]:
        """The skills of one sentence of an advert."""
        words = words_of(sentence)
        if not words:
            return []
        likely = self._words.likely(sentence, words, named)

        def about(start: int, end: int) -> list[int]:
            return [at for at, (first, last) in enumerate(words) if first < end and start < last]

        def believed(start: int, end: int) -> bool:
            return max((likely[at].max() for at in about(start, end)), default=0) >= BELIEVED

        meant = {one.concept.id: one for one in self._meanings.meant(sentence, named)}
        found = [hit for hit in named if hit.id in meant or believed(hit.start, hit.end)]
        there = {hit.id for hit in found}
        found += [
            replace(self._linker.hit(id, sentence, one.start, one.end), likely=one.likely)
            for id, one in meant.items()
            if id not in there and believed(one.start, one.end)
        ]
        knowledge = likely[:, 0].copy()
        for hit in found:
            knowledge[about(hit.start, hit.end)] = 0
        for run in runs(sentence, words, knowledge.tolist()):
            at = about(run.start, run.end)
            rest = any(0 <= beside < len(words) and likely[beside, 0] >= LIKELY for beside in (at[0] - 1, at[-1] + 1))
            if not (rest and sentence[run.start : run.end].islower()):
                found.append(_unknown(sentence, run))
        return sorted(found, key=lambda hit: (hit.start, hit.end))


def _unknown(sentence: str, run: Named) -> SkillHit:
    """A name that no taxonomy knows."""
    name = sentence[run.start : run.end]
    id = f"{UNKNOWN}:{name.lower()}"
    return SkillHit(id, name, UNKNOWN, "knowledge", _WEIGHT, run.start, run.end, name, round(run.likely, 3))


def _moved(hit: SkillHit, by: int) -> SkillHit:
    return replace(hit, start=hit.start + by, end=hit.end + by)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for found in _SENTENCE.finditer(text):
        for start in range(found.start(), found.end(), _LONGEST):
            yield start, min(start + _LONGEST, found.end())
