"""Who may be somebody we know already: looked for among everybody when a person is new or has changed, and asked.

Strong keys join by themselves (`strangers`); everything else is a person's to say. The keys under which people are
found are kept in the commit that changes the person; the look follows it, so that a commit never waits for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from bascule.core.plan import Plan, suspect
from bascule.core.reviews import named
from bascule.errors import NotFoundError
from bascule.match.likeness import CROWD, Likeness, Person, Verdict, blocks, compare, having_read, person, worth_a_look
from bascule.model import Family, FamilyState, Kind, Record, RecordState, Value
from bascule.store import Store, Tx
from bascule.store.tasks import TaskLease

if TYPE_CHECKING:
    from .reconcile import Reconcile, Task

DOUBLES = "doubles"  # the task that looks for somebody's doubles, by family
SWEEP = "sweep for doubles"  # the task that looks for everybody's
SINGLY = 5000  # people who are looked at one by one: of fewer, chances cannot be counted
MOST = 1000  # questions of one sweep: nobody answers more in a day
PAGE, LINES = 500, 50_000
HOLD = timedelta(minutes=10)
NIGHT = 2  # o'clock, UTC
LOOKED_AT = 20  # people who are compared with one, those who share most first
SOON = 2.0  # seconds: what else is read of somebody comes together
KNOWN_BY = ("first_name", "last_name", "preferred_name", "emails", "phones", "links", "company", "title")


Weigh: TypeAlias = Callable[[AsyncIterator[bytes]], Awaitable[list[tuple[str, str]]]]
"""Lines "token<TAB>person", in any order -> pairs of people who are likely one, the likeliest first."""


def night(now: datetime) -> datetime:
    """The next time when a sweep is due."""
    today = now.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Double:
    """Somebody who may be the same, and what speaks for it."""

    family: str
    record: str
    likeness: Likeness


def people(family: Family) -> dict[str, Person]:
    """The people of a family as they are compared, each with those who were merged into them."""
    found = {
        record.id: person(record.fields)
        for record in family.records.values()
        if record.kind is Kind.CANDIDATE and record.state is RecordState.LIVE
    }
    for record in family.records.values():
        into = family.survivor(record.id)
        if record.kind is Kind.CANDIDATE and record.state is RecordState.MERGED and into in found:
            found[into] = found[into].also(person(record.fields))
    return found


def keep(tx: Tx, before: Family | None, after: Family) -> None:
    """Keep the keys of a family's people in step, in the commit that changes it."""
    if after.kind is not Kind.CANDIDATE or (before is not None and _told(before) == _told(after)):
        return
    keys = {record.id: () for record in after.records.values() if record.kind is Kind.CANDIDATE}
    tx.likenesses.put(after.workspace, {**keys, **{id: blocks(one) for id, one in people(after).items()}})


def moved(before: Family | None, planned: Plan, live: bool) -> Sequence[Task]:
    """What a commit calls for: a look for the doubles of who is new or has changed. Whom a first reading of everything
    shows are left to the sweep."""
    from .reconcile import Task

    family = planned.family
    if family.kind is not Kind.CANDIDATE or not live or family.state is not FamilyState.LIVE or not family.records:
        return []
    return [] if before is not None and _told(before) == _told(family) else [Task(DOUBLES, family.id, delay=SOON)]


def _told(family: Family) -> list[tuple[object, ...]]:
    return [
        (one.id, one.state, one.merged_into, *(one.fields.get(name) for name in KNOWN_BY))
        for one in family.records.values()
        if one.kind is Kind.CANDIDATE
    ]


class Doubles:
    """Finds who may be the same, and asks. `weigh` gives the pairs of everybody who are likely one (None: there is
    nothing that could, and in a sweep everybody is looked at one by one)."""

    def __init__(self, store: Store, reconcile: Reconcile, now: Callable[[], datetime]) -> None:
        self._store = store
        self._reconcile = reconcile
        self._now = now
        self.weigh: Weigh | None = None

    async def look(self, task: TaskLease) -> None:
        """The task `doubles`: compare one person with everybody, and ask about those who are likely the same."""
        await self._look(task.key)

    async def _look(self, id: str) -> int:
        def find(tx: Tx) -> list[Double]:
            family = tx.families.families([id]).get(id)
            return self.find(tx, family) if family is not None else []

        def ask(tx: Tx) -> int:
            found = find(tx)
            for one in found:
                self.ask(tx, id, one)
            return len(found)

        return await self._reconcile.commit(ask) if await self._store.read(find) else 0

    # ------------------------------------------------------------------------------------------------------ the sweep

    async def sweep(self, task: TaskLease) -> float:
        """The task that compares everybody with everybody, once a night: who was read when everything was read for the
        first time, and who became alike by the change of another. At most `MOST` questions a night; seconds to the
        next."""
        workspace, asked = task.workspace, 0
        await self._derive(task, workspace)
        async for family in self._suspects(task, workspace):
            asked += await self._look(family)
            if asked >= MOST:
                break
        return (night(self._now()) - self._now()).total_seconds()

    async def _derive(self, task: TaskLease, workspace: str) -> None:
        """Keys for people whom an older version has kept without."""
        after = ""
        while page := await self._store.read(lambda tx, a=after: tx.likenesses.without(workspace, a, limit=PAGE)):
            after = page[-1][0]

            def put(tx: Tx, page: list[tuple[str, str]] = page) -> None:
                tx.tasks.renew(task, until=self._now() + HOLD)
                for family in tx.families.families({family for _, family in page}).values():
                    keep(tx, None, family)

            await self._store.write(put)

    async def _suspects(self, task: TaskLease, workspace: str) -> AsyncIterator[str]:
        """The families that are worth a look: one of each likely pair, the likeliest first; else everybody's."""
        few = await self._store.read(lambda tx: tx.likenesses.everybody(workspace, "", limit=SINGLY + 1))
        if self.weigh is not None and len(few) > SINGLY:
            found = await self.weigh(self._lines(task))
            records = list(dict.fromkeys(max(pair) for pair in found))
            for first in range(0, len(records), PAGE):
                some = records[first : first + PAGE]
                await self._renew(task)
                homes = await self._store.read(lambda tx, some=some: [tx.families.record_family(one) for one in some])
                for home in homes:
                    if home is not None:
                        yield home
            return
        after = ""
        while page := await self._store.read(lambda tx, a=after: tx.likenesses.everybody(workspace, a, limit=PAGE)):
            after = page[-1][0]
            await self._renew(task)
            for _, family in page:
                yield family

    async def _lines(self, task: TaskLease) -> AsyncIterator[bytes]:
        """Every token with whose it is, as a sweeper reads them."""
        after = ("", "")
        while page := await self._store.read(lambda tx, a=after: tx.likenesses.page(a, limit=LINES)):
            after = page[-1]
            await self._renew(task)
            yield "".join(f"{token}\t{record}\n" for token, record in page).encode()

    async def _renew(self, task: TaskLease) -> None:
        await self._store.write(lambda tx: tx.tasks.renew(task, until=self._now() + HOLD))

    # ------------------------------------------------------------------------------------------------------- one look

    def find(self, tx: Tx, family: Family) -> list[Double]:
        """Those of everybody who are likely the same as somebody of this family, and of whom nobody was ever asked."""
        if family.state is not FamilyState.LIVE or family.kind is not Kind.CANDIDATE:
            return []
        return [one for id, mine in people(family).items() for one in self._of(tx, family, id, mine)]

    def _of(self, tx: Tx, family: Family, id: str, mine: Person) -> Iterator[Double]:
        found = tx.likenesses.found(family.workspace, blocks(mine), limit=CROWD + 1)
        shared: dict[str, set[str]] = {}
        for key, records in found.items():
            for record in records if len(records) <= CROWD else ():
                shared.setdefault(record, set()).add(key)
        shared.pop(id, None)

        def holders(key: str) -> int:
            return len(found[key]) if key in found else CROWD + 1

        near = [record for record, keys in shared.items() if worth_a_look(keys, holders)]
        near = sorted(near, key=lambda record: (-len(shared[record]), record))[:LOOKED_AT]
        homes = {
            record: home for record in near if (home := tx.families.record_family(record)) not in (None, family.id)
        }
        others = tx.families.families(set(homes.values()))
        for record, home in homes.items():
            other = others.get(home)
            theirs = people(other).get(record) if other is not None and other.state is FamilyState.LIVE else None
            if other is None or theirs is None:
                continue
            likeness = compare(_read(tx, family, mine), _read(tx, other, theirs), holders)
            if likeness.verdict is not Verdict.NO and not self._asked(tx, family, other):
                yield Double(home, record, likeness)

    def ask(self, tx: Tx, family: str, double: Double) -> None:
        """Put the question, in a unit: one item, with what speaks for it."""
        likeness = double.likeness
        detail: Mapping[str, Value] = {
            "shared": tuple(map(str, likeness.signs)),
            "certain": likeness.verdict is Verdict.CERTAIN,
        }
        self._reconcile.replan_in(tx, family, lambda f, c: suspect(f, double.record, detail, c))

    @staticmethod
    def _asked(tx: Tx, family: Family, other: Family) -> bool:
        """Whether somebody was asked about these two before, whatever they answered; a merge that was undone too."""
        mine, theirs = (_candidates(one) for one in (family, other))
        homes = {*tx.pages.homes(family), *tx.pages.homes(other)}
        about = ({r.record or "", *named(r), *r.about.split("|")} for r in tx.families.about_two(homes))
        return any(two & mine and two & theirs for two in about)


def _candidates(family: Family) -> set[str]:
    return {record.id for record in family.records.values() if record.kind is Kind.CANDIDATE}


def _read(tx: Tx, family: Family, one: Person) -> Person:
    """With the newest CV of which the text is kept."""
    for resume in sorted(_resumes(family), key=lambda record: record.id, reverse=True):
        address = tx.stored.of(resume.id, "text")
        if address is not None:
            with suppress(NotFoundError):  # its retention has passed
                return having_read(one, tx.stored.get(address).decode("utf-8", "replace"))
    return one


def _resumes(family: Family) -> list[Record]:
    return [
        record
        for record in family.records.values()
        if record.kind is Kind.ATTACHMENT and record.state is RecordState.LIVE
    ]
