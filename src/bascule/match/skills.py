"""Skills in a text as canonical ids: the longest known phrase that means the skill where it stands (`senses`) and is
not denied. "No Java" and "keine Erfahrung mit SAP" are not evidence of Java or SAP."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from .phrases import Runs, longest, split
from .senses import means_it
from .taxonomy import Concept, Taxonomy


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CUE_WORDS = _words("""no not never without lack lacks lacking neither nor kein keine keinen keiner keines keinem
    keinerlei ohne nicht ingen inget inga inte utan aucun aucune aucuns aucunes sans jamais pas""")
"""Words of denial."""
_FILLERS = """yet any prior previous real much practical professional hands-on formal work working used use
    using with in of on
    de d' du le la les en dans avec i av med mit der den dem die von an a the proficient familiar experienced trained
    experience knowledge background skills? expertise exposure erfahrung\\w* kenntniss\\w* vorkenntniss\\w*
    praxis erfarenhet\\w*
    kunskap\\w* vana expérience connaissances? notions? bisher noch berufliche praktische jag har arbetat
    gearbeitet worked
    know knows learned learnt done been"""
_DENIAL = re.compile(rf"\w+(?:\s+of\b)?(?:[\s,]+(?:{'|'.join(_FILLERS.split())})\b'?)*\s*", re.IGNORECASE)
"""From a word of denial to the skill there may be only words such as "experience with"."""
_LIST_GAP = re.compile(
    r"\s*(?:,|/|&|\bor\b|\band\b|\boder\b|\bund\b|\beller\b|\boch\b|\bou\b|\bet\b|\bnor\b|\s)*\s*\Z", re.I
)


@dataclass(frozen=True, slots=True)
class SkillHit:
    """One skill named at one place. `quote` is `text[start:end]` of the text that was read."""

    id: str
    label: str
    scheme: str
    kind: str
    weight: float
    start: int
    end: int
    quote: str
    likely: float = 1.0
    """How sure it is that the text says so: below 1 where it is meant and not named."""


class SkillLinker:
    """Finds skills in texts. Holds the shared tables only; safe to share between threads."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._by_id = {concept.id: concept for concept in taxonomy.concepts}
        self.version = taxonomy.version

    def hits(self, text: str) -> tuple[SkillHit, ...]:
        """Every skill the text claims, in its order; names that are ambiguous or negated there are left out."""
        return self.hits_in(self._taxonomy.vocabulary.runs(split(text)))

    def hits_in(self, runs: Runs) -> tuple[SkillHit, ...]:
        """The same for a text that is already cut into words and runs of words."""
        words = runs.words
        every = self._taxonomy.skills.all_matches(runs)
        single = {match.first: match.row for match in every if match.last - match.first == 1}
        cues = [words.starts[at] for at, word in enumerate(words.words) if word in _CUE_WORDS]
        hits = list[SkillHit]()
        negated_until = -1
        for match in longest(every):
            start, end = words.starts[match.first], words.ends[match.last - 1]
            if _negated(words.text, start, negated_until, cues):
                negated_until = end
                continue
            if means_it(match, words, single, self._taxonomy.concepts):
                hits.append(self._hit(self._taxonomy.concepts[match.row >> 1], words.text, start, end))
        return tuple(hits)

    def label(self, id: str) -> str:
        """The label of a canonical id, "" where there is none."""
        concept = self._by_id.get(id)
        return concept.label if concept else ""

    def find(self, phrase: str) -> Concept | None:
        """The concept a phrase names by itself, or None."""
        rows = self._taxonomy.skills.rows(phrase)
        return self._taxonomy.concepts[rows[0] >> 1] if rows else None

    def hit(self, id: str, text: str, start: int, end: int) -> SkillHit:
        """A hit that was found before, by the id of its concept. Raises KeyError when no concept has it."""
        return self._hit(self._by_id[id], text, start, end)

    def wider(self, id: str) -> tuple[str, ...]:
        """The ids of what whoever works with this works with."""
        return self._by_id[id].wider if id in self._by_id else ()

    def _hit(self, concept: Concept, text: str, start: int, end: int) -> SkillHit:
        return SkillHit(
            concept.id, concept.label, concept.scheme, concept.kind, concept.weight, start, end, text[start:end]
        )


def _negated(text: str, start: int, negated_until: int, cues: list[int]) -> bool:
    """Whether the skill at `start` is denied, or goes on a list whose last item, ending at `negated_until`, is."""
    if 0 <= negated_until <= start and _LIST_GAP.match(text[negated_until:start]):
        return True
    at = bisect_left(cues, start) - 1
    return at >= 0 and start - cues[at] <= 70 and _DENIAL.fullmatch(text, cues[at], start) is not None
