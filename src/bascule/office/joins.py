"""Two records that are one person, and two persons that were taken for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bascule.core.plan import suspect
from bascule.core.reviews import APPROVE, answerable, named
from bascule.engine.doubles import SWEEP
from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.model import Actor, ActorKind, Family, Fields, Kind, Review, Value
from bascule.store import Tx

from .desk import Desk


@dataclass(frozen=True, slots=True)
class Joined:
    """Two records that are one now: `record` stays, `gone` leads to it. `asked`: what had spoken for it."""

    record: str
    gone: str
    asked: Fields


class Joins:
    """`app.joins`: each is one commit, with the person as its actor. Nothing is written to a system because of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def same(self, review_id: str, actor: Actor, other: str = "") -> str:
        """A person says that an item's two records are one person: they are joined into the one that was met first.
        `other` names the record where several may be meant. The id of the record that stays."""
        return (await self._desk.reconcile.commit(lambda tx: self.same_in(tx, review_id, actor, other))).record

    def same_in(self, tx: Tx, review_id: str, actor: Actor, other: str = "", batch: str = "") -> Joined:
        """The same inside a unit, as one of a batch where there is one."""
        home = tx.families.review_family(self._desk.workspace, review_id)
        if home is None:
            raise NotFoundError("There is no such open review item; somebody may have decided it already.")
        family = tx.families.family(home)
        review = answerable(family, review_id, APPROVE, actor)
        kept, gone = self._pair(tx, family, self._other(tx, review, other))
        self._desk.reconcile.merge_in(tx, kept, gone, actor, review_id)
        told: Fields = {"review": review_id, "answer": APPROVE, "kind": str(review.kind), "joined": gone.root.id}
        self._tell(tx, "review decided", kept, actor, told, batch)
        asked = {name: review.detail[name] for name in ("shared", "certain") if name in review.detail}
        return Joined(kept.root.id, gone.root.id, asked)

    async def merge(self, one: str, other: str, actor: Actor) -> str:
        """A person says that two candidates are one, asked or not: they are joined into the one that was met first. The
        id of the record that stays. Who was told apart or declined before can still be joined so."""
        return (await self._desk.reconcile.commit(lambda tx: self.merge_in(tx, one, other, actor))).record

    def merge_in(self, tx: Tx, one: str, other: str, actor: Actor, batch: str = "") -> Joined:
        """The same inside a unit, as one of a batch where there is one."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person says that two are one.")
        kept, gone = self.two(tx, one, other)
        # asked and answered at once: what was decided about the two is found later, and they are not asked about again
        self._desk.reconcile.replan_in(tx, gone.id, lambda f, c: suspect(f, kept.root.id, {}, c, actor))
        self._desk.reconcile.merge_in(tx, kept, tx.families.family(gone.id), actor, self._desk.id())
        self._tell(tx, "merged", kept, actor, {"joined": gone.root.id}, batch)
        return Joined(kept.root.id, gone.root.id, {})

    def two(self, tx: Tx, one: str, other: str) -> tuple[Family, Family]:
        """Whom two ids mean: who would stay, and who would be joined into them. InputError if that is one person,
        NotFoundError if there is no such candidate."""
        kept, gone = self._pair(tx, self._candidate(tx, one), self._candidate(tx, other).id)
        if kept.id == gone.id:
            raise InputError("These two are one person already.", hint="Tell them apart: bascule unmerge ID")
        return kept, gone

    def _tell(self, tx: Tx, action: str, kept: Family, actor: Actor, told: Fields, batch: str) -> None:
        tx.audit.record(
            workspace=self._desk.workspace, at=self._desk.now(), action=action, actor=actor, family=kept.id,
            record=kept.root.id, detail={**told, "batch": batch} if batch else told,
        )  # fmt: skip

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
        await self._desk.reconcile.commit(lambda tx: self.apart_in(tx, record, actor))
        return record

    def apart_in(self, tx: Tx, record: str, actor: Actor, batch: str = "") -> tuple[str, str]:
        """The same inside a unit: the families of who is told apart, and of whom they are told apart from."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person tells two people apart.")
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
        told: Fields = {"from": family.root.id}
        tx.audit.record(
            workspace=self._desk.workspace, at=self._desk.now(), action="told apart", actor=actor,
            family=str(image["family"]), record=record, detail={**told, "batch": batch} if batch else told,
        )  # fmt: skip
        return str(image["family"]), family.id
