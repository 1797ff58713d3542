"""What waits for a person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.core.reviews import ABOUT_TWO, APPROVE
from bascule.errors import ConflictError, ForbiddenError
from bascule.hiring.messages import message_of
from bascule.model import Family, Record, ReviewKind, Value
from bascule.office.merges import Two
from bascule.store import Tx

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import candidate, review
from ..views.candidate import Moves
from .looks import about, listed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Decide = Annotated[Desk, Depends(acting(Right.DECIDE))]


@router.get("/review")
async def page(at: Look, kind: str = "", connection: str = "", before: str = "") -> Response:
    await listed(at, "reviews listed")
    return await at.page(
        "reviews.html", await at.look(lambda tx: review.page_of(tx, at.workspace, kind, connection, before))
    )


@router.get("/review/{id}")
async def one(at: Look, id: str) -> Response:
    view = await at.look(lambda tx: review.one_of(tx, at.workspace, id, _deciding(at, tx)))
    await about(at, view.row.subject_href)
    return await at.page("review.html", view)


def _deciding(at: Desk, tx: Tx) -> review.Deciding:
    connected = {one.id: one for one in at.app.connections.all()}

    def deciding(application: Record, family: Family) -> Moves:
        jobs = tx.families.records(at.workspace, [str(application.fields.get("job") or "")])
        job = next(iter(jobs.values()), None)

        def acts_as(connection: str) -> str:
            return at.app.connections.acts_as(connected[connection], at.actor)

        return candidate.moves(tx, application, family, job, at.may(Right.DECIDE), connected.get, acts_as)

    return deciding


@router.post("/review/{id}")
async def decide(at: Decide, id: str) -> Response:
    item = await at.look(lambda tx: review.one_of(tx, at.workspace, id, _deciding(at, tx)))
    if not at.may(Right.ERASE) and await at.look(lambda tx: review.erases(tx, at.workspace, id)):
        raise ForbiddenError("Your role does not include erasing people.", hint="Ask an administrator to answer this.")
    if item.row.kind in ABOUT_TWO:
        return await _about_two(at, id)
    value: Value = at.given("value") or None
    if at.given("subject") or at.given("text"):
        value = {"subject": at.given("subject"), "text": at.given("text").replace("\r\n", "\n")}
    await at.app.changes.decide(id, at.given("answer"), at.actor, value)
    if item.row.kind == ReviewKind.MESSAGE and at.given("answer") == APPROVE:
        known = await at.look(lambda tx: tx.pages.review(at.workspace, id))
        return at.sent(f"/review/{id}", "Sent", message=message_of(known.review) if known is not None else "")
    return at.done(f"/review/{id}", "Decided, in your name.")


async def _about_two(at: Desk, id: str) -> Response:
    """Whether two are one person: either answer can be taken back where it was given."""
    path, undo = f"/review/{id}", "/duplicates/undo"
    if at.given("answer") != APPROVE:
        await at.app.changes.decide(id, at.given("answer"), at.actor)
        return at.done(path, "Decided, in your name.", undo=undo, undo_fields={"review": id})
    done = await at.app.merges.join([Two(review=id, other=at.given("value"))], at.actor)
    if done.left:
        raise ConflictError(done.left[id])
    return at.done(path, "Decided, in your name.", undo=undo, undo_fields={"batch": done.id})
