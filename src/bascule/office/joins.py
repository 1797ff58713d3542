"""Two records that are one person, and two persons that were taken for one."""

from __future__ import annotations

from collections.abc import Mapping

from bascule.core.reviews import APPROVE, answerable, named
from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.model import Actor, ActorKind, Family, Kind, Review, Value
from bascule.store import Tx

from .desk import Desk


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
