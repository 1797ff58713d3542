"""Find known phrases in a text: longest first, on word boundaries, in one pass, with little memory.

A table of some hundred thousand phrases is a few flat arrays. A phrase is the polynomial hash of its word numbers,
so every run of one to eight words of a text is hashed at once, and a bitmap tells nearly all of them to be no
phrase before any search. The words and the runs of a text are worked out once and shared by every table.
An Aho-Corasick automaton over the same phrases took 150 MB and a second to build; this takes
a tenth of the memory, no build time, and a fraction of a millisecond per resume.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, repeat

import numpy as np
from numpy.typing import NDArray

LONGEST = 8
_MULTIPLIER = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_BITMAP = 20
"""Bits of a key that pick its place in the bitmap: about one run in eight that is no phrase gets past it."""

_WORD = re.compile(r"([^\W_]+(?:[+#]{1,2}(?!\w))?|&|(?<![^\W_])\.[nN][eE][tT]\b)")
_SOFT_GAP = re.compile(r"(?:[ \u00a0]{0,3}\n?[ \u00a0]{0,3}|[ ]?[-\u2010\u2011/'\u2019_][ ]?|\.|- ?\n ?)\Z")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in lower case, where each stands, and whether a hard break precedes it."""

    text: str
    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    broken: Sequence[bool]

    def __len__(self) -> int:
        return len(self.words)

    def within(self, start: int, end: int) -> tuple[int, int]:
        """The words that lie wholly in text[start:end]: the first one, and the one after the last."""
        return bisect_left(self.starts, start), bisect_right(self.ends, end)

    def blanked(self, text: str, spans: Sequence[tuple[int, int]]) -> "Words":
        """The words of `text`, which is this text with `spans` (in order, apart) made blank.

        The same as cutting it anew, without cutting it: words in a span are gone, and a hard break stands there."""
        gone: list[tuple[int, int]] = []
        for start, end in spans:
            first, last = bisect_right(self.ends, start), bisect_left(self.starts, end)
            whole = first >= last or (self.starts[first] >= start and self.ends[last - 1] <= end)
            if not whole or text[max(0, start - 1) : start] in _OPEN_ENDS or text[end : end + 4].lower() == ".net":
                return split(text)
            gone.append((first, max(first, last)))
        broken = list(self.broken)
        kept: list[int] = []
        at = 0
        for first, after in gone:
            kept += range(at, first)
            at = after
            if after < len(broken):
                broken[after] = True
        kept += range(at, len(self))
        words, starts, ends = self.words, self.starts, self.ends
        return Words(
            text, [words[at] for at in kept], [starts[at] for at in kept], [ends[at] for at in kept],
            [broken[at] for at in kept],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """Words `first` to `last` (exclusive) are the phrase kept at `row` of the table."""

    first: int
    last: int
    row: int


_OPEN_ENDS = frozenset("+#")
"""At a word's end these belong to it, unless a letter follows: blanking what follows may give them to the word."""


def split(text: str) -> Words:
    """Cut a text into words. Commas, colons, bullets, brackets, sentence ends and blank lines are hard breaks."""
    pieces = _WORD.split(text)
    edges = list(accumulate(map(len, pieces)))
    words = [word.lower() for word in pieces[1::2]]
    if "&" in words:
        words = ["and" if word == "&" else word for word in words]
    return Words(text, words, edges[:-1:2], edges[1::2], [_breaks(gap) for gap in pieces[:-1:2]])


@lru_cache(4096)
def _breaks(gap: str) -> bool:
    """Whether what stands between two words keeps a phrase from reaching over it. Texts have few kinds of gaps."""
    return _SOFT_GAP.match(gap) is None


def key(numbers: Iterable[int]) -> int:
    """The key of a phrase, given the numbers of its words."""
    value = 0
    for number in numbers:
        value = (value * _MULTIPLIER + number + 1) & _MASK
    return value


@dataclass(frozen=True, slots=True)
class Keys:
    """Runs of one to eight words that could be a phrase: the key, first word and length of each."""

    keys: NDArray[np.uint64]
    first: NDArray[np.int64]
    length: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Runs:
    """Every run of words of a text that could be a phrase, as written, and with several words in plain dress."""

    words: Words
    written: Keys
    plain: Keys


class Vocabulary:
    """The words that phrases are made of, by number, and for each form of a word ("developing", "analyzed") the number
    of the plain word."""

    def __init__(self, numbers: Mapping[str, int], plain: Mapping[str, int]) -> None:
        """`numbers` has the words as written; `plain` has them too, and every other form, each with its plain word's
        number."""
        self._numbers = numbers
        self._plain = plain

    def __len__(self) -> int:
        """One more than the greatest number."""
        return len(self._numbers)

    def numbers(self, words: Sequence[str]) -> list[int]:
        """The number of each word as written, -1 where it is in no phrase."""
        return list(map(self._numbers.get, words, repeat(-1)))

    def plain(self, words: Sequence[str]) -> list[int]:
        """The number of each word's plain word, -1 where it is in no phrase."""
        return list(map(self._plain.get, words, repeat(-1)))

    def key(self, words: Sequence[str], plain: bool) -> int | None:
        """The key of a phrase, with `plain` in plain dress; None where it is too long, or a word is in no phrase."""
        numbers = self.plain(words) if plain and len(words) > 1 else self.numbers(words)
        return key(numbers) if 1 <= len(numbers) <= LONGEST and -1 not in numbers else None

    def runs(self, words: Words) -> Runs:
        """Runs of words that are all known, with no hard break inside."""
        apart = np.array(words.broken, bool)
        written = np.array(self.numbers(words.words), np.int64)
        alone = np.flatnonzero(written >= 0)
        single = [(written[alone] + 1).astype(np.uint64)], [alone]
        plain = np.array(self.plain(words.words), np.int64)
        return Runs(words, _keys(written, apart, *single), _keys(plain, apart, *single))


def _keys(
    numbers: NDArray[np.int64], apart: NDArray[np.bool_], single: list[NDArray[np.uint64]], at: list[NDArray[np.intp]]
) -> Keys:
    """The keys of all runs. Those of one word are given: `single`, standing `at`."""
    keys, firsts = list(single), list(at)
    known = numbers >= 0
    joined = known & ~apart
    values = (numbers + 1).astype(np.uint64)
    run, valid = values, known
    for length in range(2, LONGEST + 1):
        run = run[:-1] * np.uint64(_MULTIPLIER) + values[length - 1 :]
        valid = valid[:-1] & joined[length - 1 :]
        places = np.flatnonzero(valid)
        if not len(places):
            break
        keys.append(run[places])
        firsts.append(places)
    lengths = np.repeat(np.arange(1, len(keys) + 1), [len(places) for places in firsts])
    return Keys(np.concatenate(keys), np.concatenate(firsts), lengths)


class PhraseTable:
    """Phrases by key, sorted; a phrase may have several rows."""

    def __init__(
        self, vocabulary: Vocabulary, keys: NDArray[np.uint64], rows: NDArray[np.int32], plain: bool = False
    ) -> None:
        """With `plain` a phrase of several words is found in any dress ("developing software" is "develop software"); a
        word by itself is always taken as written."""
        self._vocabulary = vocabulary
        self._keys = keys
        self._rows = rows
        self._plain = plain
        self._bitmap = np.zeros(1 << _BITMAP, bool)
        self._bitmap[keys >> np.uint64(64 - _BITMAP)] = True

    def rows(self, phrase: str) -> tuple[int, ...]:
        """Every row of one exact phrase; empty when it is not in the table."""
        return self.rows_of(split(phrase).words)

    def rows_of(self, words: Sequence[str]) -> tuple[int, ...]:
        """The same for a phrase that is already cut into words."""
        value = self._vocabulary.key(words, self._plain)
        if value is None:
            return ()
        wanted = np.uint64(value)
        low, high = np.searchsorted(self._keys, wanted, "left"), np.searchsorted(self._keys, wanted, "right")
        return tuple(self._rows[low:high].tolist())

    def all_matches(self, runs: Runs) -> list[Match]:
        """Every phrase at every place, overlapping ones too, longest first and from the left. Of a phrase with
        several rows, the first."""
        seen = runs.plain if self._plain else runs.written
        likely = np.flatnonzero(self._bitmap[seen.keys >> np.uint64(64 - _BITMAP)])
        wanted = seen.keys[likely]
        at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        hit = self._keys[at] == wanted
        found = likely[hit]
        first, length = seen.first[found].tolist(), seen.length[found].tolist()
        matches = [
            Match(a, a + many, row) for a, many, row in zip(first, length, self._rows[at[hit]].tolist(), strict=True)
        ]
        matches.sort(key=lambda match: (match.first - match.last, match.first))
        return matches

    def matches(self, runs: Runs) -> list[Match]:
        """The longest phrases that do not overlap, in the order of the text."""
        return longest(self.all_matches(runs))


def longest(matches: Iterable[Match]) -> list[Match]:
    """Of matches that come longest first, those that overlap none before them; in the order of the text."""
    taken = set[int]()
    kept: list[Match] = []
    for match in matches:
        if taken.isdisjoint(range(match.first, match.last)):
            taken.update(range(match.first, match.last))
            kept.append(match)
    kept.sort(key=lambda match: match.first)
    return kept
