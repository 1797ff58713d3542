"""Skills in a text as canonical ids: the longest known phrase that means the skill where it stands (`senses`) and is
not denied. "No Java" and "keine Erfahrung mit SAP" are not evidence of Java or SAP."""

from dataclasses import dataclass

from .denial import Denials
from .phrases import Runs, longest, split
from .senses import means_it
from .taxonomy import Concept, Taxonomy


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
        denials = Denials(words)
        hits = list[SkillHit]()
        for match in longest(every):
            start, end = words.starts[match.first], words.ends[match.last - 1]
            if denials.denied(start, end):
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
