"""Everybody a workspace ever met, in memory: whose text is nearest to a text, and who says which words.

A row is a person: a vector of length one as 8-bit numbers, its signs as bits, the words of their text as a signature,
and facts to filter by. A search counts differing bits over all rows, adds what the words say, and compares only the
most promising ones exactly. There is nothing to build and nothing to tune: a row is searchable once it is put, and
gone, overwritten with zeros, once it is dropped.

Words cost the same however many different ones there are. The commonest (`common`) have a bit of their own; every
other is `HASHES` bits among those that are left, so that of a thousand people about one seems to say a rare word that
they do not: whoever shows a result looks at what is kept of the person, and drops it.

Memory at 256 dimensions: about 0.9 KB a row, ids included (`python -m bench rediscovery`).
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .embed import Vector

Mask = NDArray[np.bool_]
"""One truth a place of the index, also of the places that hold nobody."""

SIGNATURE, OWN, HASHES = 4096, 1024, 6
"""Bits of a row's words; how many of them belong to one common word each; bits of any other word."""
SIZES = (1024, 4096, 16384, 65536)
"""Rows of the first blocks; all later ones are as large as the last: an index grows without being copied."""
EXACT = 20_000
"""Among no more rows than this, all are compared exactly."""
SHARE, LEAST, MOST = 100, 5_000, 20_000
"""Else the most promising 1 in `SHARE`, at least `LEAST` and at most `MOST`."""
WORDS = 4.0
"""How much more than the similarity of texts it counts to say what was typed, word for word."""
_AT_ONCE = 512  # rows of one product: larger ones are shared among threads, which wait for each other longer
_GROUP = 512  # rows whose words share a page or two
_FAR = np.uint16(0xFFFF)

FACTS = np.dtype([("contact", np.int64), ("until", np.int64), ("flags", np.uint32), ("reached", np.uint8)])
"""`contact`: seconds since 1970 of the last one. `until`: from then on the person is not to be considered any more.
`flags`, `reached`: as whoever fills the index says."""


@dataclass(frozen=True, slots=True)
class Row:
    """What an index holds of one person. `words` are `word_number`s; `scale` times `vector` is of length one."""

    vector: NDArray[np.int8]
    scale: float
    words: NDArray[np.uint32]
    contact: int = 0
    until: int = 0
    flags: int = 0
    reached: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that was asked for in words: any of `ways` is it, each a set of words that are all said. `weight` says
    how telling it is; 0: by how few say it."""

    ways: tuple[tuple[int, ...], ...]
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who was found. `similarity` is the cosine of the texts, `said` the numbers of the units they seem to
    say, and `rank` what the order is by: `WORDS` times the share of what was asked for in words, and the similarity."""

    id: str
    similarity: float
    said: tuple[int, ...]
    rank: float


@dataclass(frozen=True, slots=True)
class Sought:
    """Who was found, best first, and of each unit: by how many it is said, and how telling it is (0 to 1, all of them
    together 1)."""

    found: tuple[Found, ...]
    holders: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()


def word_number(word: str) -> int:
    """What stands for a word."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def as_bytes(vector: Vector) -> tuple[NDArray[np.int8], float]:
    """A vector as 8-bit numbers, and what they are multiplied by."""
    scale = float(np.abs(vector).max()) / 127
    return np.round(vector / (scale or 1)).astype(np.int8), scale


class _Block:
    """Some rows, each array allocated once; pages that were never touched take no memory."""

    def __init__(self, first: int, rows: int, dimensions: int) -> None:
        self.first, self.rows = first, rows
        self.vectors = np.zeros((rows, dimensions), np.int8)
        self.scales = np.zeros(rows, np.float32)
        self.codes = np.zeros((-(-dimensions // 64), rows), np.uint64)
        self.words = np.zeros((rows // _GROUP, SIGNATURE, _GROUP // 8), np.uint8)  # a group's stay near each other
        self.facts = np.zeros(rows, FACTS)
        self.live = np.zeros(rows, np.bool_)
        self.used = np.zeros(rows, np.bool_)  # something was written there


class Index:
    """See the module. Safe for many searching threads and one that changes it; others wait for that one."""

    def __init__(self, dimensions: int, common: Iterable[int] = ()) -> None:
        self.dimensions = dimensions
        self._own = np.array(sorted(set(common)), np.uint32)  # the place of each is its bit
        self._blocks: list[_Block] = []
        self._ids: list[str] = []  # by place; "": nobody
        self._places: dict[str, int] = {}
        self._free: list[int] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, id: object) -> bool:
        return id in self._places

    # ------------------------------------------------------------------------------------------------- what it holds

    def put(self, id: str, row: Row) -> None:
        """Hold this of somebody, instead of what was held before."""
        with self._lock:
            place = self._places.get(id)
            if place is None:
                place = self._free.pop() if self._free else self._room()
            block, at = self._home(place)
            self._clear(block, at)
            block.used[at] = True
            block.vectors[at] = row.vector
            block.scales[at] = row.scale
            block.codes[:, at] = _signs(row.vector)
            block.words[at // _GROUP, self._bits(row.words), at % _GROUP >> 3] |= np.uint8(1 << (at & 7))
            block.facts[at] = (row.contact, row.until, row.flags, row.reached)
            block.live[at] = True
            self._ids[place], self._places[id] = id, place

    def drop(self, id: str) -> bool:
        """Hold nothing of somebody: every byte of the row is zero afterwards. False if there was none."""
        with self._lock:
            place = self._places.pop(id, None)
            if place is None:
                return False
            self._ids[place] = ""
            self._clear(*self._home(place))
            self._free.append(place)
            return True

    def vector(self, id: str) -> Vector | None:
        """Somebody's vector."""
        place = self._places.get(id)
        if place is None:
            return None
        block, at = self._home(place)
        return block.vectors[at].astype(np.float32) * block.scales[at]

    def bytes(self) -> int:
        """The size of all arrays."""
        names = ("vectors", "scales", "codes", "words", "facts", "live")
        return sum(getattr(block, name).nbytes for block in self._blocks for name in names)

    def _room(self) -> int:
        place = len(self._ids)
        last = self._blocks[-1] if self._blocks else None
        if last is None or place == last.first + last.rows:
            rows = SIZES[min(len(self._blocks), len(SIZES) - 1)]
            self._blocks = [*self._blocks, _Block(place, rows, self.dimensions)]
        self._ids.append("")
        return place

    def _home(self, place: int) -> tuple[_Block, int]:
        block = next(one for one in reversed(self._blocks) if one.first <= place)
        return block, place - block.first

    @staticmethod
    def _clear(block: _Block, at: int) -> None:
        if not block.used[at]:
            return
        block.live[at] = block.used[at] = False
        block.vectors[at] = 0
        block.scales[at] = 0
        block.codes[:, at] = 0
        block.words[at // _GROUP, :, at % _GROUP >> 3] &= np.uint8(0xFF ^ (1 << (at & 7)))
        block.facts[at] = (0, 0, 0, 0)

    def _bits(self, words: NDArray[np.uint32]) -> NDArray[np.intp]:
        at = np.searchsorted(self._own, words)
        own = (
            self._own[np.minimum(at, len(self._own) - 1)] == words if len(self._own) else np.zeros(len(words), np.bool_)
        )
        return np.concatenate([at[own], _hashed(words[~own].astype(np.uint64)).ravel()])

    # ------------------------------------------------------------------------------------------------------ filtering

    def where(self, test: Callable[[NDArray[np.void]], Mask] | None = None) -> Mask:
        """Everybody whose facts pass."""
        parts = [one.live if test is None else one.live & test(one.facts) for one in self._blocks]
        return np.concatenate(parts) if parts else np.zeros(0, np.bool_)

    def only(self, ids: Iterable[str]) -> Mask:
        """These people, as far as they are held."""
        mask = np.zeros(self._size(self._blocks), np.bool_)
        for id in ids:
            place = self._places.get(id)
            if place is not None and place < len(mask):
                mask[place] = True
        return mask

    def latest(self, among: Mask, k: int) -> list[str]:
        """The `k` of these with the last contact, the latest first."""
        blocks = self._blocks
        places = np.flatnonzero(_fitted(among, self._size(blocks)))
        contact = np.concatenate([block.facts["contact"] for block in blocks])[places] if blocks else places
        best = places[np.argsort(-contact, kind="stable")[:k]]
        return [id for place in best if (id := self._ids[place])]

    def saying(self, unit: Unit) -> Mask:
        """Who seems to say it."""
        return self._saying(self._blocks, unit)

    def _saying(self, blocks: Sequence[_Block], unit: Unit) -> Mask:
        parts: list[Mask] = []
        ways = [self._bits(np.array(way, np.uint32)) for way in unit.ways if way]
        for block in blocks:
            said = np.zeros((block.rows // _GROUP, _GROUP // 8), np.uint8)
            for bits in ways:
                said |= np.bitwise_and.reduce(block.words[:, bits], axis=1)
            parts.append(np.unpackbits(said.ravel(), bitorder="little").view(np.bool_) & block.live)
        return np.concatenate(parts) if parts else np.zeros(0, np.bool_)

    @staticmethod
    def _size(blocks: Sequence[_Block]) -> int:
        return blocks[-1].first + blocks[-1].rows if blocks else 0

    # ------------------------------------------------------------------------------------------------------ searching

    def search(
        self, query: Vector | None, units: Sequence[Unit] = (), *, k: int, deeper: int = 0, among: Mask | None = None,
        compared: int = 0,
    ) -> Sought:  # fmt: skip
        """The `k` best of `among` (None: of all): those who say most of what was asked for in words first, then whose
        text is nearest. `query`: the vector of the text; None: only words count. `deeper`: where more than `k` seem to
        say one of the units, up to so many. `compared`: how many are compared exactly, where not as many as usual."""
        blocks = self._blocks
        size = self._size(blocks)
        among = _fitted(self.where() if among is None else among, size)
        said = [self._saying(blocks, unit) & among for unit in units]
        holders = tuple(int(np.count_nonzero(one)) for one in said)
        total = int(np.count_nonzero(among))
        weights = _weights(units, holders, total)
        share = np.zeros(size, np.float32)
        for mask, weight in zip(said, weights, strict=True):
            share[mask] += weight
        places = self._promising(blocks, query, share if units else None, among, total, compared)
        alike = np.zeros(len(places), np.float32) if query is None else self._compared(blocks, query, places)
        k = max(k, min(deeper, max(holders, default=0)))
        rank = WORDS * share[places] + alike
        best = np.argsort(-rank, kind="stable")[:k]
        found = [
            Found(id, float(alike[n]), tuple(i for i, one in enumerate(said) if one[places[n]]), float(rank[n]))
            for n in best
            if (id := self._ids[places[n]])
        ]
        return Sought(tuple(found), holders, weights)

    def _promising(
        self, blocks: Sequence[_Block], query: Vector | None, share: NDArray[np.float32] | None, among: Mask,
        total: int, compared: int,
    ) -> NDArray[np.intp]:  # fmt: skip
        """Whom to compare exactly: by bits that differ (half of them where texts have nothing in common) and by what is
        not said."""
        wanted = compared or max(LEAST, min(MOST, total // SHARE))
        if total <= (compared or EXACT):
            return np.flatnonzero(among)
        cost = np.zeros(len(among), np.uint16)
        if query is not None:
            code = _signs(query)
            for block in blocks:
                cost[block.first : block.first + block.rows] = _differing(block.codes, code)
        if share is not None:
            cost += np.round(WORDS * self.dimensions / 2 * (1 - share)).astype(np.uint16)
        cost[~among] = _FAR
        reached = np.cumsum(np.bincount(cost, minlength=1))
        return np.flatnonzero(cost <= min(int(np.searchsorted(reached, wanted)), _FAR - 1))

    @staticmethod
    def _compared(blocks: Sequence[_Block], query: Vector, places: NDArray[np.intp]) -> NDArray[np.float32]:
        """The cosine of each place's vector and the query."""
        out = np.empty(len(places), np.float32)
        edges = np.searchsorted(places, [block.first for block in blocks] + [np.iinfo(np.intp).max])
        for block, start, end in zip(blocks, edges[:-1], edges[1:], strict=True):
            for first in range(start, end, _AT_ONCE):
                last = min(end, first + _AT_ONCE)
                rows = places[first:last] - block.first
                out[first:last] = block.vectors[rows].astype(np.float32) @ query * block.scales[rows]
        return out


def _signs(vector: NDArray[np.int8] | Vector) -> NDArray[np.uint64]:
    bits = np.packbits(vector > 0)
    return (bits if len(bits) % 8 == 0 else np.pad(bits, (0, -len(bits) % 8))).view(np.uint64)


def _differing(codes: NDArray[np.uint64], code: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """In how many bits each column of `codes` differs from a code."""
    total = np.zeros(codes.shape[1], np.uint16)
    for words, word in zip(codes, code, strict=True):
        total += np.bitwise_count(words ^ word)
    return total


def _hashed(numbers: NDArray[np.uint64]) -> NDArray[np.intp]:
    """The bits of words that have none of their own, a row each (splitmix64, cut into pieces)."""
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    first, second = mixed & np.uint64(0xFFFFFFFF), mixed >> np.uint64(32)
    steps = np.arange(HASHES, dtype=np.uint64)
    return ((first[:, None] + steps * second[:, None]) % np.uint64(SIGNATURE - OWN)).astype(np.intp) + OWN


def _weights(units: Sequence[Unit], holders: Sequence[int], total: int) -> tuple[float, ...]:
    """How telling each unit is: more, the fewer say it."""
    raw = [unit.weight or float(np.log1p(total / (1 + held))) for unit, held in zip(units, holders, strict=True)]
    return tuple(one / (sum(raw) or 1) for one in raw)


def _fitted(mask: Mask, size: int) -> Mask:
    """A mask that was made a moment ago, for an index that has grown since."""
    return mask[:size] if len(mask) >= size else np.pad(mask, (0, size - len(mask)))
