"""What became of ids that were stored with other tables: a new ESCO or O*NET renames some, joins some and drops some.

An id that has gone is looked for as the other scheme's id of a concept, and then by its label among all the names there
are. A name that no taxonomy knew (`advert:...`) may be known by now.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from .changes import Changes, SkillChange
from .skills import SkillLinker
from .taxonomy import Concept, Taxonomy

OWN = "advert:"
"""What the id of a name begins with that no taxonomy knows."""


class Fate(StrEnum):
    SAME = "same"
    RENAMED = "renamed"
    """The id stands for the same under another label."""
    MOVED = "moved"
    """Another id stands for it now."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Became:
    """A stored id and its label, and the id, label and scheme that stand for it now; none where it has gone."""

    was: str
    label_was: str
    fate: Fate
    id: str = ""
    label: str = ""
    scheme: str = ""


class Succession:
    """Tells what stands for a stored id now."""

    def __init__(self, taxonomy: Taxonomy, linker: SkillLinker) -> None:
        self.version = taxonomy.version
        self._by_id = {one.id: one for one in taxonomy.concepts}
        self._also = {one.also: one for one in taxonomy.concepts if one.also}
        self._linker = linker

    def of(self, id: str, label: str) -> Became:
        """`label` is the one that was stored beside it."""
        known = self._by_id.get(id)
        if known:
            return _became(id, label, Fate.SAME if label in ("", known.label) else Fate.RENAMED, known)
        found = self._also.get(id) or self._linker.find(label) or self._linker.find(label.split(" (")[0])
        if found:
            return _became(id, label, Fate.MOVED, found)
        if id.startswith(OWN):
            return Became(id, label, Fate.SAME, id, label, "advert")
        return Became(id, label, Fate.GONE)

    def carried(self, changes: Changes) -> Changes:
        """A person's decisions with the ids that hold now. A skill whose id has gone is kept by its name: it counts
        where a resume writes it."""
        skills = {one.id: one for one in map(self._carried, changes.skills)}
        return replace(changes, skills=tuple(sorted(skills.values(), key=lambda one: one.id)))

    def _carried(self, one: SkillChange) -> SkillChange:
        now = self.of(one.id, one.label)
        if now.fate is Fate.GONE:
            return replace(one, id=f"{OWN}{one.label.lower()}", scheme="advert")
        return replace(one, id=now.id, label=now.label, scheme=now.scheme)


def _became(id: str, label: str, fate: Fate, now: Concept) -> Became:
    return Became(id, label, fate, now.id, now.label, now.scheme)
