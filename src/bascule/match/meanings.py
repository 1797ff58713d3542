"""Skills that a sentence means without naming them: "work closely with colleagues in finance" for ESCO's "liaise with
colleagues".

A sentence is cut into runs of one to six words. Each is compared with what ESCO calls its skills: by vectors that were
taught on ESCO's own alternative labels and descriptions, and by the words they share, rare ones counting more. A
logistic of a few such figures says how likely each skill is meant. English only. It takes a hundredth of a second a
sentence, so it is for adverts and for single resumes, not for every line of every resume.

The tables are made by `tools/skill_meanings.py`.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from .embed import Embedder, load_table, unit
from .phrases import Words, split
from .skills import SkillHit
from .taxonomy import Concept, Taxonomy

FILE = "meanings.npz"
LIKELY, NAMED = 0.15, 0.06
"""From how likely on a skill is taken as meant, and one that is named besides: where precision and recall balance on
adverts with labels."""
LONGEST = 6
"""Words of a run."""
_NEAREST, _COVERED, _LIKE_THE_WHOLE = 150, 300, 30
"""How many candidates come from the nearest runs, from shared words, and from the sentence as a whole."""
_UNKNOWN = 8.0
"""The rarity of a word that no label has."""
_EDGES = frozenset(
    str.split("""a an and or of the to in for with by on at from as is are be our your you we us will their its it this
    that have has can able ability not who all any other into within such""")
)
"""Words that a run neither begins nor ends with."""
FIGURES = (
    "run", "words", "same words", "sentence", "sentence words", "length", "named", "lead", "knowledge", "transversal",
    "cross-sector",
)  # fmt: skip
"""What speaks for a skill in a sentence: similarity of its nearest run, words shared with it (all of them or not),
similarity of and words shared with the whole sentence, words in the run, whether the gazetteer finds it, how far ahead
of the next skill it is there, and what kind of concept it is."""

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meant:
    """A skill that a sentence may mean, how likely (0 to 1), and the run of words that is nearest to it."""

    concept: Concept
    likely: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Skills that a sentence may mean: their rows, the figures that speak for each, and its nearest run as a place."""

    rows: NDArray[np.int64]
    figures: Numbers
    places: list[tuple[int, int]]


class Meanings:
    """Finds what sentences mean. Holds the shared tables only; safe to share between threads."""

    def __init__(self, taxonomy: Taxonomy, shipped: bytes | None = None) -> None:
        self._vocabulary = taxonomy.vocabulary
        raw = shipped or (resources.files("bascule.match") / "data" / FILE).read_bytes()
        with np.load(io.BytesIO(raw)) as tables:
            arrays = dict(tables)
        known = {concept.id: concept for concept in taxonomy.concepts}
        self._concepts = [known.get(id) for id in arrays["ids"].tolist()]
        """None for a skill that has gone from the taxonomy since."""
        self._row_of = {one.id: at for at, one in enumerate(self._concepts) if one}
        self.embedder = taught(arrays)
        self._vectors = unit(arrays["vectors"].astype(np.float32))
        self._kinds = arrays["kinds"].astype(np.float32)
        rarity = arrays["rarity"].astype(np.float32)
        self._labels = _Labels(arrays["label_words"], arrays["label_owners"], rarity)
        numbers = np.array(taxonomy.vocabulary.plain(arrays["words"].tolist()))
        self._word = np.full(len(taxonomy.vocabulary) + 1, -1)
        """Our number of a word, by the taxonomy's."""
        self._word[numbers[numbers >= 0]] = np.flatnonzero(numbers >= 0)
        self._weights = arrays["weights"].astype(np.float64)
        self.version = f"meanings-{hashlib.sha256(raw).hexdigest()[:10]}"

    def ranking(self, sentence: str, hits: Sequence[SkillHit], many: int = 5) -> list[Meant]:
        """The skills that one sentence means most likely, the likeliest first. `hits` are the gazetteer's."""
        found = self.candidates(sentence, hits)
        likely = self._likely(found.figures)
        best = np.argsort(-likely, kind="stable")[:many].tolist()
        return [self._meant(found, at, float(likely[at])) for at in best]

    def meant(self, sentence: str, hits: Sequence[SkillHit]) -> list[Meant]:
        """The skills that one sentence means, at most one for each place in it, in its order. `hits` are the
        gazetteer's."""
        found = self.candidates(sentence, hits)
        likely = self._likely(found.figures)
        least = np.where(found.figures[:, FIGURES.index("named")] > 0, NAMED, LIKELY)
        taken: list[Meant] = []
        for at in np.argsort(-likely, kind="stable").tolist():
            one = self._meant(found, at, float(likely[at]))
            if likely[at] >= least[at] and not any(one.start < o.end and o.start < one.end for o in taken):
                taken.append(one)
            if likely[at] < NAMED:
                break
        return sorted(taken, key=lambda one: one.start)

    def _meant(self, found: "Candidates", at: int, likely: float) -> Meant:
        return Meant(self.concept(int(found.rows[at])), round(likely, 3), *found.places[at])

    def candidates(self, sentence: str, hits: Sequence[SkillHit]) -> Candidates:
        """What could be meant, with the figures that speak for each. `hits` are the gazetteer's."""
        words = split(sentence)
        runs = _runs(words)
        if not runs:
            return Candidates(np.zeros(0, np.int64), np.zeros((0, len(FIGURES)), np.float32), [])
        places = [(words.starts[first], words.ends[last - 1]) for first, last in runs]
        vectors = self.embedder.vectors([sentence[start:end] for start, end in places] + [sentence])
        near = vectors @ self._vectors.T
        numbers = self._numbers(words)
        named = {self._row_of[hit.id] for hit in hits if hit.id in self._row_of}
        rows = np.array(
            sorted(
                named.union(
                    _top(near[:-1].max(axis=0), _NEAREST),
                    _top(near[-1], _LIKE_THE_WHOLE),
                    self._labels.covered(numbers),
                )
            )
        )
        near = near[:, rows]
        shared = self._labels.shared(rows, numbers, [*runs, (0, len(words))])
        both = near[:-1] + shared[:-1]
        best, at = both.argmax(axis=0), np.arange(len(rows))
        of_run = both[best]
        ahead = np.where(of_run.argmax(axis=1) == at, np.partition(of_run, -2, axis=1)[:, -2], of_run.max(axis=1))
        figures = np.column_stack(
            [
                near[best, at], shared[best, at], shared[best, at] > 0.99, near[-1], shared[-1],
                np.array([last - first for first, last in runs])[best], np.isin(rows, list(named)),
                both[best, at] - ahead, self._kinds[rows],
            ]
        )  # fmt: skip
        return Candidates(rows, figures.astype(np.float32), [places[run] for run in best.tolist()])

    def knows(self, id: str) -> bool:
        """Whether it can tell that a skill is meant: whether it is one of ESCO's."""
        return id in self._row_of

    def _numbers(self, words: Words) -> list[int]:
        """Our number of each word; words that no label has get numbers below 0, each its own."""
        found: list[int] = self._word[self._vocabulary.plain(words.words)].tolist()
        return [number if number >= 0 else -1 - at for at, number in enumerate(found)]

    def concept(self, row: int) -> Concept:
        """The skill of a candidate's row."""
        found = self._concepts[row]
        assert found
        return found

    def _likely(self, figures: Numbers) -> NDArray[np.float64]:
        return 1 / (1 + np.exp(-(figures.astype(np.float64) @ self._weights[1:] + self._weights[0])))


def taught(arrays: dict[str, NDArray[np.generic]]) -> Embedder:
    """The embedder with the token vectors that were taught on ESCO in place of their own."""
    table, tokenizer = load_table()
    table = table.copy()
    tokens = arrays["tokens"].astype(np.int64)
    table[tokens] = arrays["token_vectors"].astype(np.float32) * arrays["token_scales"].astype(np.float32)[:, None]
    return Embedder(table, tokenizer, arrays["token_weights"].astype(np.float16), arrays["mean"].astype(np.float32))


def _runs(words: Words) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first in range(len(words)):
        if words.words[first] in _EDGES:
            continue
        for last in range(first + 1, min(first + LONGEST, len(words)) + 1):
            if last - first > 1 and words.broken[last - 1]:
                break
            if words.words[last - 1] not in _EDGES:
                found.append((first, last))
    return found


def _top(values: Numbers, many: int) -> list[int]:
    return np.argpartition(-values, many)[:many].tolist()


class _Labels:
    """The words of all labels, by their plain numbers."""

    def __init__(self, words: NDArray[np.int32], owners: NDArray[np.int32], rarity: Numbers) -> None:
        """`words` has a row of numbers for each label, filled up with -1; `owners` (in order) says whose it is."""
        self._words = words
        self._owners = owners
        self._rarity = rarity
        self._weight = np.where(words >= 0, rarity[words], 0).sum(axis=1)
        self._first = np.searchsorted(owners, np.arange(owners[-1] + 2))

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Labels by word, and where in them each word's begin."""
        labels, columns = np.nonzero(self._words >= 0)
        words = self._words[labels, columns]
        order = np.argsort(words, kind="stable")
        return labels[order], np.searchsorted(words[order], np.arange(len(self._rarity) + 1))

    def covered(self, numbers: Sequence[int]) -> list[int]:
        """The owners of the labels that a sentence's words cover best."""
        labels, starts = self._places
        known = [number for number in set(numbers) if number >= 0]
        touched = [labels[starts[number] : starts[number + 1]] for number in known]
        if not touched:
            return []
        weights = np.repeat(self._rarity[known], [len(found) for found in touched])
        sums = np.bincount(np.concatenate(touched), weights, len(self._words))
        share = sums * sums / np.maximum(self._weight, 1e-6)
        return self._owners[_top(share.astype(np.float32), _COVERED)].tolist()

    def shared(self, rows: NDArray[np.int64], numbers: Sequence[int], runs: Sequence[tuple[int, int]]) -> Numbers:
        """How many words each run has in common with the likest label of each owner: rarity of those in both as a share
        of that of those in either."""
        labels = np.concatenate([np.arange(self._first[row], self._first[row + 1]) for row in rows])
        starts = np.cumsum([0, *(self._first[rows + 1] - self._first[rows])[:-1]])
        words = list(dict.fromkeys(numbers))
        place = {word: at for at, word in enumerate(words)}
        weight = np.array([self._rarity[word] if word >= 0 else _UNKNOWN for word in words], np.float32)
        in_run = np.zeros((len(runs), len(words)), np.float32)
        for at, (first, last) in enumerate(runs):
            in_run[at, [place[number] for number in numbers[first:last]]] = 1
        where = np.full(len(self._rarity) + 1, -1)
        where[[word for word in words if word >= 0]] = [at for at, word in enumerate(words) if word >= 0]
        found = where[self._words[labels]]
        in_label = np.zeros((len(labels), len(words)), np.float32)
        label, column = np.nonzero(found >= 0)
        in_label[label, found[label, column]] = 1
        common = (in_run * weight) @ in_label.T
        either = (in_run @ weight)[:, None] + self._weight[labels][None] - common
        return np.maximum.reduceat(common / np.maximum(either, 1e-6), starts, axis=1)
