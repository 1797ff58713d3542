"""Many pairs joined at once, and a whole batch taken back: those hardly in doubt, or a person's own list.

Each pair is one commit in the name of that person, so that a pair that cannot be joined stops no other. What is taken
back is asked again where it had been a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bascule.core.digest import elements
from bascule.core.plan import suspect
from bascule.core.reviews import DECLINE, named
from bascule.engine.doubles import SWEEP
from bascule.errors import BasculeError, ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.model import Actor, ActorKind, Fields, Review, ReviewKind, ReviewState
from bascule.store import Tx
from bascule.store.audit import Line
from bascule.store.inbox import LAST
from bascule.store.queries import END

from .changes import Changes
from .desk import Desk
from .joins import Joined, Joins

PAGE = 200  # questions looked through at a time
MOST = 1000  # pairs of one batch
BATCH, PAIR, UNDONE = "merge batch", "merged in a batch", "merge batch undone"


@dataclass(frozen=True, slots=True)
class Two:
    """Two records that a person says are one: the answer to a question (`review`), or unasked."""

    record: str = ""
    other: str = ""
    review: str = ""

    @property
    def name(self) -> str:
        """By which it is told of."""
        return self.review or f"{self.record} {self.other}"


@dataclass(frozen=True, slots=True)
class Certain:
    """A question whose answer is hardly in doubt."""

    review: str
    record: str
    other: str
    shared: tuple[str, ...]


@dataclass
class Batch:
    """What came of it: the records that stay, and by pair why it was left as it was."""

    id: str
    records: list[str] = field(default_factory=list[str])
    left: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Made:
    """A batch that nobody has taken back: so many pairs were to be joined in it."""

    id: str
    at: datetime
    actor: str
    pairs: int


class Merges:
    """`app.merges`."""

    def __init__(self, desk: Desk, joins: Joins, changes: Changes) -> None:
        self._desk = desk
        self._joins = joins
        self._changes = changes

    async def sweep(self) -> None:
        """Let everybody be compared with everybody now, instead of at night."""
        workspace = self._desk.workspace
        await self._desk.store.write(lambda tx: tx.tasks.put(workspace, SWEEP, "all", due=self._desk.now()))
        self._desk.wake()

    async def certain(self) -> list[Certain]:
        """The open questions whose answer is hardly in doubt, the newest first. Where one person stands in several,
        only the first: the next look asks anew about who is left."""
        return await self._desk.store.read(self.certain_in)

    def certain_in(self, tx: Tx, most: int | None = None) -> list[Certain]:
        """The same in a unit, among the newest `most` questions."""
        found: list[Certain] = []
        met, before, looked = set[str](), END, 0
        while page := tx.pages.asked(self._desk.workspace, ReviewKind.MERGE, before=before, limit=PAGE):
            before, looked = page[-1].id, looked + len(page)
            for review in page:
                others = named(review)
                if review.detail.get("certain") is not True or review.record is None or len(others) != 1:
                    continue
                if not met & {review.record, others[0]}:
                    met |= {review.record, others[0]}
                    shared = elements(review.detail.get("shared"))
                    found.append(Certain(review.id, review.record, others[0], tuple(shared)))
            if most is not None and looked >= most:
                break
        return found

    async def preview(self, pairs: Sequence[Two]) -> Batch:
        """Which records would stay, and which pairs would be left, and why. Nothing is changed."""

        def look(tx: Tx) -> Batch:
            found = Batch("")
            for pair in pairs:
                try:
                    found.records.append(self._joins.two(tx, pair.record, pair.other)[0].root.id)
                except BasculeError as error:
                    found.left[pair.name] = str(error)
            return found

        return await self._desk.store.read(look)

    async def join_certain(self, reviews: Sequence[str], actor: Actor) -> Batch:
        """Join those of these questions that are certain still."""
        known = {one.review for one in await self.certain()}
        done = await self.join([Two(review=one) for one in reviews if one in known], actor)
        done.left |= {one: "It is not among the certain ones (any more)." for one in reviews if one not in known}
        return done

    async def join(self, pairs: Sequence[Two], actor: Actor) -> Batch:
        """Join each of these pairs. ForbiddenError where no person asks, InputError for more than `MOST`."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person says that two are one.")
        if len(pairs) > MOST:
            raise InputError(f"These are {len(pairs)} pairs; at most {MOST} go in one batch.", hint="Split them.")
        batch = Batch(self._desk.id())
        if pairs:
            await self._desk.note(actor, BATCH, detail={"batch": batch.id, "pairs": len(pairs)})
        for pair in dict.fromkeys(pairs):
            try:
                joined = await self._desk.reconcile.commit(lambda tx, one=pair: self._join(tx, one, actor, batch.id))
                batch.records.append(joined.record)
            except (ConflictError, NotFoundError, ForbiddenError, InputError) as error:
                batch.left[pair.name] = str(error)
        return batch

    def _join(self, tx: Tx, pair: Two, actor: Actor, batch: str) -> Joined:
        if pair.review:
            joined = self._joins.same_in(tx, pair.review, actor, pair.other, batch)
        else:
            joined = self._joins.merge_in(tx, pair.record, pair.other, actor, batch)
        detail: Fields = {"batch": batch, "joined": joined.gone, **joined.asked}
        tx.audit.record(
            workspace=self._desk.workspace, at=self._desk.now(), action=PAIR, actor=actor, record=joined.record,
            detail=detail,
        )  # fmt: skip
        return joined

    async def undo(self, batch: str, actor: Actor) -> Batch:
        """Tell apart everybody who was joined in a batch: (who is a person of their own again; by record, why not).
        NotFoundError where nothing of it is known."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person takes back a batch.")
        lines = await self._desk.store.read(lambda tx: self._lines(tx, batch))
        if not lines:
            raise NotFoundError(f"There is no batch {batch} of merges.", hint="See: bascule duplicates batches")
        done = Batch(batch)
        for line in lines:
            gone = str(line.detail["joined"])
            try:
                await self._desk.reconcile.commit(lambda tx, one=line: self._undo(tx, one, actor, batch))
                done.records.append(gone)
            except (ConflictError, NotFoundError, ForbiddenError, InputError) as error:
                done.left[gone] = str(error)
        if not done.left:
            await self._desk.note(actor, UNDONE, detail={"batch": batch, "pairs": len(done.records)})
        return done

    def _undo(self, tx: Tx, line: Line, actor: Actor, batch: str) -> None:
        gone = str(line.detail["joined"])
        home, _ = self._joins.apart_in(tx, gone, actor, batch)
        asked = {name: line.detail[name] for name in ("shared", "certain") if name in line.detail}
        if asked:
            self._ask(tx, home, str(line.record), asked)

    def _ask(self, tx: Tx, family: str, other: str, asked: Fields) -> None:
        detail = {"shared": (), "certain": False, **asked}
        self._desk.reconcile.replan_in(tx, family, lambda f, c: suspect(f, other, detail, c))

    def _lines(self, tx: Tx, batch: str) -> list[Line]:
        """Those who were joined in a batch, the last first."""
        begun = next((line.id for line in self._of(tx, BATCH) if line.detail.get("batch") == batch), None)
        found: list[Line] = []
        for line in self._of(tx, PAIR):
            if begun is None or line.id < begun:
                break
            if line.detail.get("batch") == batch:
                found.append(line)
        return found

    def _of(self, tx: Tx, action: str) -> Iterator[Line]:
        before = LAST
        while some := tx.audit.of_action(self._desk.workspace, action, before=before, limit=PAGE):
            yield from some
            before = some[-1].id

    async def batches(self, *, limit: int = 5) -> list[Made]:
        """The newest batches that were not taken back."""
        return await self._desk.store.read(lambda tx: self.batches_in(tx, limit))

    def batches_in(self, tx: Tx, limit: int) -> list[Made]:
        workspace = self._desk.workspace
        undone = {str(line.detail.get("batch")) for line in tx.audit.of_action(workspace, UNDONE, limit=PAGE)}
        made = tx.audit.of_action(workspace, BATCH, limit=PAGE)
        found = [line for line in made if line.detail.get("batch") not in undone][:limit]
        return [
            Made(str(line.detail["batch"]), line.at, line.actor_id, int(str(line.detail["pairs"]))) for line in found
        ]

    # ------------------------------------------------------------------------------------------- not the same person

    async def different(self, review: str, actor: Actor) -> None:
        """A person says that a question's records are not one person. They are not asked about again."""
        await self._changes.decide(review, DECLINE, actor)

    async def ask_again(self, review_id: str, actor: Actor) -> None:
        """Take that back: it is a question again. ConflictError where it was answered otherwise meanwhile."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person takes back an answer.")

        def unit(tx: Tx) -> None:
            found = tx.pages.review(self._desk.workspace, review_id)
            review = found.review if found is not None else None
            if found is None or review is None or review.kind not in (ReviewKind.MERGE, ReviewKind.IDENTITY):
                raise NotFoundError("There is no such question.", hint="The person may have been erased.")
            if review.state is not ReviewState.DECLINED or not _whole(tx, review):
                raise ConflictError("This was decided otherwise meanwhile.", hint="Load the list again.")
            asked = {name: review.detail[name] for name in ("shared", "certain") if name in review.detail}
            for other in named(review):
                self._ask(tx, found.family, other, asked)
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="asked again", actor=actor,
                family=found.family, record=review.record, detail={"review": review_id},
            )  # fmt: skip

        await self._desk.reconcile.commit(unit)


def _whole(tx: Tx, review: Review) -> bool:
    """Whether everybody in question is there still."""
    return all(tx.families.record_family(one) is not None for one in (review.record or "", *named(review)))
