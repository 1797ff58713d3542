"""Who may be one person: one by one, or all whose answer is hardly in doubt, each with a way back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.office.merges import Batch, Two

from ..desk import Desk, acting, seeing
from ..rendering import count, query
from ..roles import Right
from ..show import duplicates
from ..views.parts import Tone
from .looks import listed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Decide = Annotated[Desk, Depends(acting(Right.DECIDE))]
PAGE, CERTAIN, UNDO = "/duplicates", "/duplicates/certain", "/duplicates/undo"
HERE = "Nothing was written to any system."


@router.get(PAGE)
async def page(at: Look, before: str = "") -> Response:
    now, may = at.app.runtime.now(), at.may(Right.DECIDE)
    await listed(at, "duplicates listed")
    view = await at.look(lambda tx: duplicates.page_of(tx, at.app.merges, at.workspace, before, now, may=may))
    return await at.page("duplicates.html", view)


@router.get(CERTAIN)
async def certain(at: Look) -> Response:
    may = at.may(Right.DECIDE)
    await listed(at, "duplicates listed")
    return await at.page(
        "certain.html", await at.look(lambda tx: duplicates.certain_of(tx, at.app.merges, at.workspace, may=may))
    )


@router.post(CERTAIN)
async def join(at: Decide) -> Response:
    """Join the chosen ones of those that are certain."""
    chosen = at.all_given("review")
    if not chosen:
        raise InputError("No pair was chosen.", hint="Tick those that are one person.")
    return _joined(at, await at.app.merges.join_certain(chosen, at.actor), PAGE)


@router.post("/duplicates/sweep")
async def sweep(at: Decide) -> Response:
    await at.app.merges.sweep()
    return at.done(
        PAGE, "Everybody is being compared with everybody, beside the rest of the work.", tone=Tone.CATCHING_UP
    )


@router.post(UNDO)
async def undo(at: Decide) -> Response:
    """Take back a batch, or the answer that two are different."""
    back = query(PAGE, {}, before=at.given("place"))
    if review := at.given("review"):
        await at.app.merges.ask_again(review, at.actor)
        return at.done(back, "It is a question again.")
    done = await at.app.merges.undo(at.given("batch"), at.actor)
    words = f"{count(len(done.records), 'pair')} told apart again, and asked about again."
    return at.done(back, words, tone=_tone(done), next=_left(done))


@router.post("/duplicates/{id}")
async def answer(at: Decide, id: str) -> Response:
    """Same person, or different people. `value` names the other one where several may be meant."""
    place = at.given("place")
    back = query(PAGE, {}, before=place)
    if at.given("answer") == "different":
        await at.app.merges.different(id, at.actor)
        said = "Different people. They stay two records, and are not asked about again."
        return at.done(back, said, undo=UNDO, undo_fields={"review": id, "place": place})
    done = await at.app.merges.join([Two(review=id, other=at.given("value"))], at.actor)
    return _joined(at, done, back, place)


def _joined(at: Desk, done: Batch, back: str, place: str = "") -> Response:
    if not done.records:
        return at.done(back, "Nothing was joined.", tone=Tone.WAITING, next=_left(done))
    words = f"{count(len(done.records), 'pair')} joined. {HERE}"
    fields = {"batch": done.id, "place": place}
    return at.done(back, words, tone=_tone(done), next=_left(done), undo=UNDO, undo_fields=fields)


def _tone(done: Batch) -> Tone:
    return Tone.WAITING if done.left else Tone.IN_STEP


def _left(done: Batch) -> str:
    """Why some were left as they were, each reason once."""
    reasons = " ".join(dict.fromkeys(done.left.values()))
    return f"{count(len(done.left), 'pair was', 'pairs were')} left as they are: {reasons}" if done.left else ""
