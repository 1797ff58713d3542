"""What a person changes in records, and what a person decides about what waits."""

from __future__ import annotations

from collections.abc import Sequence

from bascule.core import stages
from bascule.core.plan import decide
from bascule.core.reviews import ABOUT_TWO, APPROVE, WRITE_OURS
from bascule.engine.connections import Connected, covered
from bascule.errors import ForbiddenError, InputError, NotFoundError
from bascule.hiring.shortlisting import Shortlisting
from bascule.hiring.triggers import TRIGGER
from bascule.model import Actor, ActorKind, Edit, Family, Fields, Kind, Mode, Review, ReviewKind, Status, Value
from bascule.store import Tx

from .bulk import BulkChanges
from .desk import Desk
from .feedback import FeedbackDesk
from .joins import Joins
from .messages import MessageDesk

DECISIONS = frozenset({"stage", "status", "reason"})
"""Values of an application that are a person's decision."""


class Changes:
    """`app.changes`: each lands in one commit, with the person as its actor."""

    def __init__(
        self, desk: Desk, joins: Joins, bulk: BulkChanges, messages: MessageDesk, shortlisting: Shortlisting,
        feedback: FeedbackDesk,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._messages = messages
        self._feedback = feedback
        self._shortlisting = shortlisting
        self._bulk = bulk
        self._joins = joins

    async def edit(self, record_id: str, fields: Fields, actor: Actor, base: Fields | None = None) -> None:
        """A person's change of a record's fields; it travels wherever the mapping says."""
        family = await self._family_of(record_id)
        if DECISIONS & set(fields):
            held = await self._desk.store.read(lambda tx: tx.families.family(family))
            if held.records[record_id].kind is Kind.APPLICATION:
                await self._as_their_user(held, record_id, actor)
        edit = Edit(self._desk.id(), record_id, fields, actor, self._desk.id(), base=base)
        await self._desk.reconcile.edit(family, [edit])

    async def advance(self, application_id: str, stage_id: str, actor: Actor) -> None:
        """Move an application to a stage of its job, as this person's ATS user. The ATS's answer is the decision."""
        await self._decision(application_id, {"stage": stage_id}, actor)

    async def reject(self, application_id: str, reason_id: str | None, actor: Actor, note: str = "") -> None:
        """Reject an application, as this person's ATS user."""
        fields: dict[str, Value] = {"status": Status.REJECTED}
        if reason_id:
            fields["reason"] = reason_id
        await self._decision(application_id, fields, actor)
        if note:
            family = await self._desk.store.read(
                lambda tx: tx.families.family(self._desk.family_of(tx, application_id))
            )
            parent = family.records[application_id].parent
            if parent:
                await self.add_note(parent, note, "private", actor)

    async def _decision(self, application_id: str, fields: Fields, actor: Actor) -> None:
        family = await self._desk.store.read(lambda tx: tx.families.family(self._desk.family_of(tx, application_id)))
        await self._as_their_user(family, application_id, actor)
        edit = Edit(self._desk.id(), application_id, fields, actor, self._desk.id())
        await self._desk.reconcile.edit(family.id, [edit])

    async def _as_their_user(self, family: Family, application_id: str, actor: Actor) -> None:
        """ForbiddenError unless a decision about this application is made there as the person's own user."""
        link = next((x for x in family.links.values() if x.record == application_id and x.open and x.primary), None)
        if link is None or actor.kind is not ActorKind.PERSON:
            return
        at = self._desk.connections.get(link.connection)
        if at.row.mode is not Mode.LIVE:
            raise ForbiddenError(
                f"{at.row.name} is in mode {at.row.mode}: decisions are made in {at.connector.label}.",
                hint="Open the candidate there.",
            )
        record = family.records[application_id]
        if not await self._desk.store.read(lambda tx: covered(tx, at, family, record)):
            raise ForbiddenError(
                f"{at.row.name} is {at.row.mode} for others only: decisions about this application are made in "
                f"{at.connector.label}.",
                hint="Open the candidate there.",
            )
        if not self._desk.connections.acts_as(at, actor):
            raise ForbiddenError(
                f"You are not mapped to a user of {at.row.name}, so a decision here could not be made as you.",
                hint="Ask an administrator to map you under Settings, or decide in the ATS.",
            )

    async def add_note(self, candidate_id: str, body: str, visibility: str, actor: Actor) -> None:
        if not body.strip():
            raise InputError("The note is empty.", hint="Write something, then save it.")
        family = await self._family_of(candidate_id)
        fields: Fields = {"body": body, "visibility": visibility, "created_at": self._desk.now().isoformat()}
        edit = Edit(self._desk.id(), candidate_id, fields, actor, self._desk.id(), create=Kind.NOTE)
        await self._desk.reconcile.edit(family, [edit])

    async def remove_note(self, note_id: str, actor: Actor) -> None:
        family = await self._family_of(note_id)
        edit = Edit(self._desk.id(), note_id, {}, actor, self._desk.id(), remove=True)
        await self._desk.reconcile.edit(family, [edit])

    async def set_tags(
        self, candidate_id: str, actor: Actor, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Add and remove tags of a candidate; the others stay as they are."""

        def unit(tx: Tx) -> None:
            family = tx.families.family(self._desk.family_of(tx, candidate_id))
            held = family.records[candidate_id].fields.get("tags")
            now = {str(t).casefold(): str(t) for t in held} if isinstance(held, tuple) else {}
            for tag in remove:
                now.pop(tag.strip().casefold(), None)
            for tag in add:
                if tag.strip():
                    now.setdefault(tag.strip().casefold(), tag.strip())
            tags = tuple(now[key] for key in sorted(now))
            edit = Edit(self._desk.id(), candidate_id, {"tags": tags}, actor, self._desk.id())
            self._desk.reconcile.edit_in(tx, family.id, [edit])

        await self._desk.reconcile.commit(unit)

    async def decide(self, review_id: str, answer: str, actor: Actor, value: Value = None) -> None:
        """A person's answer to a review item. What it decides about an application is done as the person's own user of
        the ATS, as any decision is."""
        family = await self._family_with_review(review_id)
        id, review = family.id, family.reviews[review_id]
        if answer == APPROVE and review.kind in ABOUT_TWO:
            await self._joins.same(review_id, actor, value if isinstance(value, str) else "")
            return
        record = family.records.get(review.record or "")
        if answer in (APPROVE, WRITE_OURS) and record and record.kind is Kind.APPLICATION and review.field in DECISIONS:
            await self._as_their_user(family, record.id, actor)
        if review.kind is ReviewKind.BULK:
            await self._bulk.decide(id, review, answer, actor)
        elif answer == APPROVE and rejects(review):
            await self._reject_as_proposed(id, review, actor, value)
        elif review.kind is ReviewKind.MESSAGE:
            await self._messages.answer(review, family, answer, actor, value)
        elif review.kind is ReviewKind.FEEDBACK:
            await self._feedback.answer(review, id, answer, actor)
        elif review.kind is ReviewKind.SHORTLIST:
            await self._desk.reconcile.commit(lambda tx: self._shortlisting.answer(tx, review, family, answer, actor))
            self._desk.wake()
        else:
            proposed = review.detail.get("proposed") if value is None else value
            may_be = [Edit(self._desk.id(), review.record or "", {review.field: proposed}, actor, review_id)]
            await self._desk.reconcile.replan(id, lambda f, c: decide(f, review_id, answer, actor, c, value), may_be)
            if review.actor.kind is ActorKind.RULE and review.record is not None:
                await self._desk.store.write(
                    lambda tx: tx.tasks.put(self._desk.workspace, TRIGGER, review.record or "", due=self._desk.now())
                )
        detail: Fields = {"review": review_id, "answer": answer, "kind": str(review.kind), "field": review.field}
        await self._desk.note(actor, "review decided", family=id, record=review.record, detail=detail)

    async def _reject_as_proposed(self, family: str, review: Review, actor: Actor, reason: Value) -> None:
        """A rejection that somebody else has proposed, with this person's reason, in one commit."""
        if not isinstance(reason, str) or not reason:
            raise InputError("Choose a reason.", hint="The ATS keeps it with the application.")
        desk = self._desk
        edit = Edit(desk.id(), review.record or "", {"reason": reason}, actor, review.id)

        def unit(tx: Tx) -> None:
            desk.reconcile.replan_in(tx, family, lambda f, c: decide(f, review.id, APPROVE, actor, c), [edit])
            desk.reconcile.edit_in(tx, family, [edit])

        await desk.reconcile.commit(unit)

    async def _family_of(self, record_id: str) -> str:
        return await self._desk.store.read(lambda tx: self._desk.family_of(tx, record_id))

    async def _family_with_review(self, review_id: str) -> Family:
        """Whom an open item is about, as of one moment: a moment later somebody may have decided it."""

        def load(tx: Tx) -> Family | None:
            found = tx.families.review_family(self._desk.workspace, review_id)
            return tx.families.family(found) if found is not None else None

        family = await self._desk.store.read(load)
        if family is None or review_id not in family.reviews:
            raise NotFoundError("There is no such open review item; somebody may have decided it already.")
        return family

    async def stage_types(self, job_id: str) -> dict[str, str]:
        """The proposed type of each stage of a job, by stage id."""
        family = await self._desk.store.read(lambda tx: tx.families.family(self._desk.family_of(tx, job_id)))
        return {
            s.id: str(stages.propose(str(s.fields.get("name") or "")) or "")
            for s in family.children(job_id, Kind.STAGE)
        }


def effect_of(at: Connected, name: str) -> str:
    """What the system may do besides when this field of an application is written there, above all whether it e-mails
    the candidate: said before anybody decides. "" where it is not written there."""
    maps = at.view.fields.get(Kind.APPLICATION, ())
    field = next((each for each in maps if name in each.canonical and each.call), None)
    send = at.connector.sends.get(field.call) if field is not None and field.call else None
    if send is None:
        return ""
    besides = send.hidden or f"{at.connector.label} e-mails nobody because of this."
    return f"{besides} It is done once {at.connector.label} confirms it."


def rejects(review: Review) -> bool:
    """Whether it asks whether somebody is rejected."""
    proposed = review.detail.get("proposed")
    return (review.kind, review.field, proposed) == (ReviewKind.PROPOSAL, "status", Status.REJECTED)
