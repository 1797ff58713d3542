"""Which words of a sentence name knowledge or a skill, whether any taxonomy knows them or not: "PostCSS", "quantitative
proteomics".

Each word is judged by its vector, those of two words to either side and of the sentence, how it is written, and what
the gazetteer says of it, in a small network of one hidden layer. It was taught on English job adverts
(`tools/skill_words.py`).
"""

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from .embed import Embedder
from .skills import SkillHit

FILE = "skill_words.npz"
AROUND = 2
"""Words to either side that are looked at."""
LIKELY = 0.3
"""From how likely on a word is taken to name something."""
_LONG = 40
_WORD = re.compile(r"[()\[\]{},;!?|\"]|[^\s()\[\]{},;!?|\"]+?(?=[.:]?(?:[\s()\[\]{},;!?|\"]|\Z))|[.:]")
_KINDS = {"technology": 0, "knowledge": 1, "skill": 2}

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Named:
    """A run of words that names something, text[start:end], and how likely."""

    start: int
    end: int
    likely: float


class SkillWords:
    """Finds such words. Holds the shared tables only; safe to share between threads."""

    def __init__(self, embedder: Embedder, shipped: bytes | None = None) -> None:
        with np.load(io.BytesIO(shipped or (resources.files("bascule.match") / "data" / FILE).read_bytes())) as tables:
            arrays = dict(tables)
        self._hidden, self._hidden_bias = arrays["hidden"].astype(np.float32), arrays["hidden_bias"].astype(np.float32)
        self._out, self._out_bias = arrays["out"].astype(np.float32), arrays["out_bias"].astype(np.float32)
        self._embedder = embedder
        self._seen = frozenset(arrays["seen"].tolist())

    def likely(self, text: str, words: Sequence[tuple[int, int]], hits: Sequence[SkillHit]) -> Numbers:
        """How likely each word (a place in the text) names knowledge, and a skill: a row of two for each. `hits` are
        the gazetteer's."""
        seen = figures(text, words, hits, self._embedder)
        hidden = np.maximum(seen @ self._hidden + self._hidden_bias, 0)
        return 1 / (1 + np.exp(-(hidden @ self._out + self._out_bias)))

    def was_taught(self, text: str) -> bool:
        """Whether the sentence is one that this was taught on, and so says nothing of how good it is."""
        return fingerprint(text) in self._seen


def runs(text: str, words: Sequence[tuple[int, int]], likely: Sequence[float]) -> list[Named]:
    """The runs of words likely to name something, in the order of the sentence, given how likely each is."""
    found: list[Named] = []
    last = -2
    for at, (start, end) in enumerate(words):
        if likely[at] < LIKELY or not any(letter.isalnum() for letter in text[start:end]):
            continue
        if last == at - 1:
            found[-1] = Named(found[-1].start, end, max(found[-1].likely, likely[at]))
        else:
            found.append(Named(start, end, likely[at]))
        last = at
    return found


def words_of(text: str) -> list[tuple[int, int]]:
    """The words and marks of a sentence, as places."""
    return [(found.start(), found.end()) for found in _WORD.finditer(text)]


def fingerprint(text: str) -> int:
    """A number for a sentence, whatever its punctuation."""
    bare = re.sub(r"[\W_]+", "", text.lower())
    return int.from_bytes(hashlib.sha256(bare.encode()).digest()[:7], "big")


def figures(text: str, words: Sequence[tuple[int, int]], hits: Sequence[SkillHit], embedder: Embedder) -> Numbers:
    """What is looked at for each word: a row for each."""
    written = [text[start:end] for start, end in words]
    vectors = embedder.plain(written)
    own = np.hstack([vectors, [_dress(word) for word in written], _gazetteer(words, hits)]).astype(np.float32)
    own = np.hstack([own, np.zeros((len(own), 1), np.float32)])
    none = np.zeros((AROUND, own.shape[1]), np.float32)
    none[:, -1] = 1
    padded = np.vstack([none, own, none])
    around = [padded[at : at + len(own)] for at in range(2 * AROUND + 1)]
    whole = np.concatenate([2 * vectors.mean(axis=0), [min(len(own), _LONG) / _LONG], own[:, -5:-1].mean(axis=0)])
    return np.hstack([*around, np.repeat(whole[None].astype(np.float32), len(own), axis=0)])


def _dress(word: str) -> list[bool]:
    return [
        word[:1].isupper(),
        word.isupper() and len(word) > 1,
        any(letter.isdigit() for letter in word),
        not any(letter.isalnum() for letter in word),
        len(word) < 3,
        word.startswith("<"),
        any(letter.isupper() for letter in word[1:]),
        any(letter in "+#./" for letter in word) and any(letter.isalnum() for letter in word),
    ]


def _gazetteer(words: Sequence[tuple[int, int]], hits: Sequence[SkillHit]) -> Numbers:
    found = np.zeros((len(words), 4), np.float32)
    for hit in hits:
        for at, (start, end) in enumerate(words):
            if start < hit.end and hit.start < end:
                found[at, _KINDS[hit.kind]] = 1
                found[at, 3] = hit.weight
    return found
