"""One box for people: names, words, skills, titles, places, a whole text, or "like this candidate".

Who is called so comes first; then whoever says most of what was typed, rare words counting more; among those who say
the same, whose text is nearest. Every row says which of it stands where.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bascule.core.rediscovery import Fact
from bascule.errors import InputError, NotFoundError
from bascule.hiring.indexing import newest_text, notes_of, told_of
from bascule.hiring.pool import Pool
from bascule.match import Matcher
from bascule.match.embed import Vector
from bascule.match.index import WORDS, Found, Index, Mask, Sought
from bascule.match.phrases import split
from bascule.match.query import Part, Query
from bascule.match.traits import fold
from bascule.model import Family
from bascule.store import Tx
from bascule.store.indexed import Indexed
from bascule.store.listing import text_of

from .desk import Desk
from .found import Counted, Filters, Said, Shown, Someone, allowed, among, counted, says

CALLED = 20  # who is called so, at most
DEEP, DEEPEST = 1000, 5000  # how far down a list goes: further where many seem to say a word
ALIKE = 0.15  # who says nothing of what was typed is shown from this similarity on
LONGEST = 20_000  # characters
AROUND = 45  # characters beside a quoted word
UNTOLD = 0.02  # a word that tells less than this of what was asked is not spoken of


@dataclass(frozen=True, slots=True)
class Asking:
    """One thing that was asked for, what it was taken for, and how many seem to say it."""

    text: str
    kind: str
    label: str
    holders: int
    weight: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of people. `like`: the name of whoever was to be like. `after` is the number of the next page, None at the
    end. `total`: how many pass the filters."""

    q: str
    like: str
    asked: tuple[Asking, ...]
    items: tuple[Someone, ...]
    total: int
    counted: Counted
    after: int | None


class Search:
    """`app.search`."""

    def __init__(self, desk: Desk, pool: Pool, matcher: Callable[[], Matcher]) -> None:
        self._desk = desk
        self._pool = pool
        self._matcher = matcher

    async def people(
        self, q: str, *, like: str = "", filters: Filters | None = None, after: int = 0, limit: int = 25
    ) -> Answer:
        """Who is found; by filters alone, the latest contact first. InputError where nothing is asked for,
        NotFoundError where there is nobody to be like."""
        desk, chosen, now = self._desk, filters or Filters(), self._desk.now()
        if not q.strip() and not like and not chosen.any:
            raise InputError("Nothing is asked for.", hint="Type a name, words, a skill, a title or a place.")
        if len(q) > LONGEST:
            raise InputError(f"The text is longer than {LONGEST:,} characters.", hint="Shorten it.")
        held = await self._pool.of(desk.workspace)
        asked = await asyncio.to_thread(self._matcher().query, q)
        place = (await asyncio.to_thread(self._matcher().query, chosen.place)).parts if chosen.place else ()
        vector, called = await self._like(held.index, like) if like else (asked.vector, "")
        applied = await desk.store.read(lambda tx: allowed(tx, desk.workspace, chosen))
        mask = among(held.index, chosen, place, now, applied)
        if like:
            mask &= ~held.index.only([like])[: len(mask)]
        if q.strip() or like:
            sought = await asyncio.to_thread(_sought, held.index, vector, asked, mask)
        else:
            sought = Sought(tuple(Found(id, 1.0, (), 0.0) for id in held.index.latest(mask, DEEP)))
        named = await desk.store.read(lambda tx: _named(tx, desk.workspace, q)) if not like else []
        ordered = await self._verified(asked, sought, after + limit)
        ordered = [one for one in ordered if one.id not in named and (one.said or one.similarity >= ALIKE or like)]
        everybody = [*(Found(id, 0.0, (), 0.0) for id in named if not chosen.any), *ordered]
        items, at = await self._items(everybody, frozenset(named), asked, place, after, limit)
        return Answer(
            q=q,
            like=called,
            asked=tuple(_asking(asked, sought)),
            items=tuple(items),
            total=int(mask.sum()),
            counted=counted(held.index, now, loaded=held.loaded, total=held.total),
            after=at if at < len(everybody) else None,
        )

    async def _like(self, index: Index, like: str) -> tuple[Vector, str]:
        def name(tx: Tx) -> str:
            home = tx.families.record_family(like)
            family = tx.families.family(home) if home is not None else None
            if family is None or like not in family.records or family.workspace != self._desk.workspace:
                raise NotFoundError("There is no such candidate.", hint="Search by name.")
            person = family.records[like].fields
            return f"{text_of(person.get('first_name'))} {text_of(person.get('last_name'))}".strip()

        called = await self._desk.store.read(name)
        vector = index.vector(like)
        if vector is None or not vector.any():
            raise NotFoundError(
                "Nothing is known of this candidate that others could be like.", hint="Their CV may not be read yet."
            )
        return vector, called

    # ----------------------------------------------------------------------------------------------- who really says it

    async def _verified(self, asked: Query, sought: Sought, wanted: int) -> list[Found]:
        """In order, with what each of the first `wanted` really says: a signature may seem to say a word besides."""
        ordered, sure = list(sought.found), set[str]()
        while asked.parts:
            some = [one.id for one in ordered[:wanted] if one.said and one.id not in sure]
            if not some:
                break
            rows = await self._desk.store.read(lambda tx, some=some: tx.indexed.get(self._desk.workspace, some))
            sure.update(some)
            ordered = [
                _really(one, asked.parts, rows.get(one.id), sought.weights) if one.id in rows else one
                for one in ordered
                if one.id in rows or one.id not in some
            ]
            ordered.sort(key=lambda one: one.rank, reverse=True)
        return ordered

    async def _items(
        self,
        ordered: Sequence[Found],
        named: frozenset[str],
        asked: Query,
        place: Sequence[Part],
        after: int,
        limit: int,
    ) -> tuple[list[Someone], int]:
        found: list[Someone] = []
        at = after
        while len(found) < limit and at < len(ordered):
            some = ordered[at : at + limit - len(found)]
            found += await self._desk.store.read(lambda tx, some=some: self._shown(tx, some, named, asked, place))
            at += len(some)
        return found, at

    def _shown(
        self, tx: Tx, some: Sequence[Found], named: frozenset[str], asked: Query, place: Sequence[Part]
    ) -> list[Someone]:
        desk = self._desk
        shown = Shown(tx, desk.workspace, desk.connections, desk.now())
        families = shown.families([one.id for one in some])
        known = shown.known(families.values())
        rows = tx.indexed.get(desk.workspace, list(families))
        people: list[Someone] = []
        for one in some:
            family = families.get(one.id)
            if family is None or not (one.id in named or says(rows.get(one.id), place)):
                continue
            read = one.id in rows and bool(rows[one.id].flags & Fact.RESUME)
            person = shown.someone(one.id, family, known, one.similarity, read)
            said = tuple(self._said(tx, family, asked, one.said)) if one.said else ()
            people.append(replace(person, said=said, by_name=one.id in named))
        return people

    def _said(self, tx: Tx, family: Family, asked: Query, said: Sequence[int]) -> Iterator[Said]:
        """Where it stands, for what is said."""
        sources = list(_sources(tx, family))
        for number in said:
            part = asked.parts[number]
            quote, source = next(((q, name) for name, text in sources if (q := self._quote(part, text))), ("", ""))
            yield Said(part.text, part.label, quote, source)

    def _quote(self, part: Part, text: str) -> str:
        """The words around where a text says it; "" where it does not."""
        wanted = {word for way in part.ways for word in way if not word.startswith("\x00")}
        words = split(text)
        for word, start, end in zip(words.words, words.starts, words.ends, strict=True):
            if fold(word) in wanted:
                return _around(text, start, end)
        if part.kind == "skill":
            marks = {word for way in part.ways for word in way}
            for hit in self._matcher().skills.hits(text):
                if f"\x00skill {hit.id}" in marks:
                    return _around(text, hit.start, hit.end)
        return ""


def _sought(index: Index, vector: Vector, asked: Query, mask: Mask) -> Sought:
    units = [part.unit for part in asked.parts]
    return index.search(vector if vector.any() else None, units, k=DEEP, deeper=DEEPEST, among=mask)


def _named(tx: Tx, workspace: str, q: str) -> list[str]:
    """Who is called so, or has such an e-mail address."""
    return [row.record for row in tx.pages.candidates(workspace, search=q, limit=CALLED)] if q.strip() else []


def _really(one: Found, parts: Sequence[Part], row: Indexed | None, weights: Sequence[float]) -> Found:
    said = tuple(n for n in one.said if says(row, [parts[n]]))
    share = sum(weights[n] for n in said)
    return replace(one, said=said, rank=WORDS * share + one.similarity)


def _asking(asked: Query, sought: Sought) -> Iterator[Asking]:
    for part, holders, weight in zip(asked.parts, sought.holders, sought.weights, strict=True):
        yield Asking(part.text, part.kind, part.label, holders, round(weight, 3))


def _sources(tx: Tx, family: Family) -> Iterator[tuple[str, str]]:
    _, text = newest_text(tx, family)
    yield "CV", text
    yield "ATS", "\n".join(told_of(family))
    for note in notes_of(family):
        yield "note", text_of(note.fields.get("body"))


def _around(text: str, start: int, end: int) -> str:
    """The words beside a place, on its line."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if last < 0 else last
    low, high = max(first, start - AROUND), min(last, end + AROUND)
    if low > first:
        low = text.find(" ", low, start) + 1 or low
    if high < last:
        high = max(end, text.rfind(" ", end, high))
    return text[low:high].strip(" \t-•*·▪–,;|")  # noqa: RUF001
