"""Two records that are one person, and two persons that were taken for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bascule.core.digest import elements
from bascule.core.plan import suspect
from bascule.core.reviews import APPROVE, answerable, named
from bascule.engine.doubles import SWEEP
from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.model import Actor, ActorKind, Family, Kind, Review, ReviewKind, Value
from bascule.store import Tx
from bascule.store.queries import END

from .desk import Desk

PAGE = 200  # questions looked through at a time


class Joins:
    """`app.joins`: each is one commit, with the person as its actor. Nothing is written to a system because of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def same(self, review_id: str, actor: Actor, other: str = "") -> str:
        """A person says that an item's two records are one person: they are joined into the one that was met first.
        `other` names the record where several may be meant. The id of the record that stays."""

        def unit(tx: Tx) -> str:
            home = tx.families.review_family(self._desk.workspace, review_id)
            if home is None:
                raise NotFoundError("There is no such open review item; somebody may have decided it already.")
            family = tx.families.family(home)
            review = answerable(family, review_id, APPROVE, actor)
            kept, gone = self._pair(tx, family, self._other(tx, review, other))
            self._desk.reconcile.merge_in(tx, kept, gone, actor, review_id)
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="review decided", actor=actor,
                family=kept.id, record=kept.root.id,
                detail={"review": review_id, "answer": APPROVE, "kind": str(review.kind), "joined": gone.root.id},
            )  # fmt: skip
            return kept.root.id

        return await self._desk.reconcile.commit(unit)

    async def merge(self, one: str, other: str, actor: Actor) -> str:
        """A person says that two candidates are one, asked or not: they are joined into the one that was met first. The
        id of the record that stays. Who was told apart or declined before can still be joined so."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person says that two are one.")

        def unit(tx: Tx) -> str:
            return self._merge(tx, one, other, actor)

        return await self._desk.reconcile.commit(unit)

    def _merge(self, tx: Tx, one: str, other: str, actor: Actor) -> str:
        kept, gone = self._pair(tx, self._candidate(tx, one), self._candidate(tx, other).id)
        if kept.id == gone.id:
            raise InputError("These two are one person already.", hint="Tell them apart: bascule unmerge ID")
        cause = self._desk.id()
        # asked and answered at once: what was decided about the two is found later, and they are not asked about again
        self._desk.reconcile.replan_in(tx, gone.id, lambda f, c: suspect(f, kept.root.id, {}, c, actor))
        self._desk.reconcile.merge_in(tx, kept, tx.families.family(gone.id), actor, cause)
        tx.audit.record(
            workspace=self._desk.workspace, at=self._desk.now(), action="merged", actor=actor, family=kept.id,
            record=kept.root.id, detail={"joined": gone.root.id},
        )  # fmt: skip
        return kept.root.id

    def _candidate(self, tx: Tx, id: str) -> Family:
        home = tx.families.record_family(id)
        family = tx.families.family(home) if home is not None else None
        if family is None or family.workspace != self._desk.workspace or family.kind is not Kind.CANDIDATE:
            raise NotFoundError(f"There is no candidate {id}.", hint="See: bascule candidates list")
        return family

    async def sweep(self) -> None:
        """Let everybody be compared with everybody now, instead of at night."""
        workspace = self._desk.workspace
        await self._desk.store.write(lambda tx: tx.tasks.put(workspace, SWEEP, "all", due=self._desk.now()))
        self._desk.wake()

    async def certain(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """The open questions whose answer is hardly in doubt: (review, record, other, what they share). Where one
        person stands in several, only the first: the next look asks anew about who is left."""

        def look(tx: Tx) -> list[tuple[str, str, str, tuple[str, ...]]]:
            found: list[tuple[str, str, str, tuple[str, ...]]] = []
            met, before = set[str](), END
            while page := tx.pages.reviews(self._desk.workspace, kind=ReviewKind.MERGE, before=before, limit=PAGE):
                before = page[-1].review.id
                for review in (one.review for one in page):
                    others = named(review)
                    if review.detail.get("certain") is not True or review.record is None or len(others) != 1:
                        continue
                    if not met & {review.record, others[0]}:
                        met |= {review.record, others[0]}
                        shared = elements(review.detail.get("shared"))
                        found.append((review.id, review.record, others[0], shared))
            return found

        return await self._desk.store.read(look)

    async def merge_certain(self, reviews: Sequence[str], actor: Actor) -> tuple[list[str], dict[str, str]]:
        """Join those of these questions that are certain still: (records that stay; by question, why it was left)."""
        known = {review for review, *_ in await self.certain()}
        joined: list[str] = []
        left = {one: "It is not among the certain ones (any more)." for one in reviews if one not in known}
        for review in dict.fromkeys(reviews):
            if review in known:
                try:
                    joined.append(await self.same(review, actor))
                except (ConflictError, NotFoundError, ForbiddenError) as error:
                    left[review] = str(error)
        return joined, left

    def _other(self, tx: Tx, review: Review, chosen: str) -> str:
        """The family of the record that the item's own is to be joined with."""
        may_be = named(review)
        into = review.detail.get("into")
        if isinstance(into, str) and review.connection is not None:
            found = tx.families.resolve(review.connection, [(Kind.CANDIDATE, into)]).get((Kind.CANDIDATE, into))
            if found is None:
                raise ConflictError(
                    f"Bascule has not read {into} there yet.", hint="It has been asked for. Try again in a minute."
                )
            return found.family
        if not chosen and len(may_be) > 1:
            raise InputError("It may be one of several people.", hint=f"Say which: {', '.join(may_be)}")
        if chosen and chosen not in may_be:
            raise InputError(f"{chosen} is not among those it may be.", hint=f"Say which: {', '.join(may_be)}")
        home = tx.families.record_family(chosen or "".join(may_be))
        if home is None:
            raise NotFoundError(
                "The other record is gone: it was erased or deleted.", hint="Decline this item; nothing is joined."
            )
        return home

    @staticmethod
    def _pair(tx: Tx, family: Family, other: str) -> tuple[Family, Family]:
        """The family that stays, met first, and the one that goes into it."""
        both = sorted((family, tx.families.family(other)), key=lambda one: one.id)
        return both[0], both[1]

    async def apart(self, record: str, actor: Actor) -> str:
        """Undo a join: the record `record`, merged into another, is a person of its own again. Its id.

        What still exists of it goes back; edits made since stay with the other. ForbiddenError for a merge made by a
        connected system, which cannot be undone there.
        """
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person tells two people apart.")

        def unit(tx: Tx) -> str:
            home = tx.families.record_family(record)
            family = tx.families.family(home) if home is not None else None
            if family is None or family.workspace != self._desk.workspace:
                raise NotFoundError(f"There is no record {record}.", hint="It may have been erased.")
            line = tx.pages.merges(family).get(record)
            if line is None or not isinstance(line.old, Mapping):
                raise InputError("This record is not joined with another.", hint="It may have been told apart already.")
            if line.actor.kind is ActorKind.SYSTEM:
                raise ForbiddenError(
                    f"{line.actor.name or 'The ATS'} merged these two; that cannot be undone there.",
                    hint="Make the person anew in the ATS; Bascule reads it as somebody of its own.",
                )
            image: Mapping[str, Value] = line.old
            self._desk.reconcile.unmerge_in(tx, family, line, actor, self._desk.id())
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="told apart", actor=actor,
                family=str(image["family"]), record=record, detail={"from": family.root.id},
            )  # fmt: skip
            return record

        return await self._desk.reconcile.commit(unit)
