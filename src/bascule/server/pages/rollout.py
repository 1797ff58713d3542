"""A connection's roll-out: the gate before its next mode, whom the mode covers, and its pilots."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import NotFoundError
from bascule.model import Mode, Scope
from bascule.office.handover import WHOSE
from bascule.office.modes import Older

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import rollout
from ..views.parts import Tone
from ..views.rollout import HandoverPage

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
See = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]
Administer = Annotated[Desk, Depends(acting(Right.ADMINISTER))]
PAGE = "/connections/{name}/rollout"


def _name(at: Desk, name: str) -> str:
    return at.app.connections.named(name, at.workspace).row.name


@router.get(PAGE)
async def page(at: Look, name: str, preview: str = "") -> Response:
    known = at.app.connections.named(name, at.workspace)
    found = await at.app.rollouts.of(known.row.name)
    counted = await at.app.rollouts.preview(known.row.name) if preview else None
    may, waive = at.may(Right.OPERATE), at.may(Right.ADMINISTER)
    view = await at.look(lambda tx: rollout.page(tx, known, found, counted, may=may, may_waive=waive))
    return await at.page("rollout.html", view)


@router.post(f"{PAGE}/contacts")
async def contacts(at: Operate, name: str) -> Response:
    """Who answers, and how."""
    given = {one: at.given(one) for one in ("duties", "deputy", "support", "escalation")}
    await at.app.rollouts.tell(_name(at, name), given, at.actor)
    return at.done(PAGE.format(name=name) + "#contacts", "Saved.")


@router.post(f"{PAGE}/decide")
async def decide(at: Operate, name: str) -> Response:
    """What was decided about the data, or which version of the disclosure holds."""
    given = {one: at.given(one) for one in ("data", "disclosure") if at.given(one)}
    await at.app.rollouts.tell(_name(at, name), given, at.actor)
    return at.done(PAGE.format(name=name) + "#gate", "Kept, in your name.")


@router.post(f"{PAGE}/waive")
async def waive(at: Administer, name: str) -> Response:
    """Let a line pass for the next promotion."""
    await at.app.rollouts.waive(_name(at, name), at.given("line"), at.given("reason"), at.actor)
    said = "Waived, in your name, for the next promotion."
    return at.done(PAGE.format(name=name) + "#gate", said, tone=Tone.WAITING)


@router.post(f"{PAGE}/promote")
async def promote(at: Operate, name: str) -> Response:
    """To the next mode."""
    found = await at.app.rollouts.of(_name(at, name))
    if found.to is None:
        raise NotFoundError("There is no mode after live.")
    older = Older(at.given("older")) if at.given("older") in set(Older) else Older.NONE
    await at.app.accounts.set_mode(found.connection, found.to, at.actor, older=older)
    return at.done(PAGE.format(name=name), f"{name} is in mode {found.to}.")


@router.post(f"{PAGE}/scope")
async def scope(at: Operate, name: str) -> Response:
    """Whom the mode covers from now on."""
    known = at.app.connections.named(name, at.workspace)
    departments, offices = (frozenset(_lines(at.given(what))) for what in ("departments", "offices"))
    chosen = Scope(frozenset(at.all_given("jobs")), departments, offices)
    await at.app.accounts.set_mode(known.row.name, Mode(known.row.mode), at.actor, scope=chosen)
    said = "Everybody is covered again." if chosen.whole else "Saved. Whom it does not name is only observed."
    return at.done(PAGE.format(name=name) + "#scope", said)


@router.post(f"{PAGE}/ai")
async def ai(at: Operate, name: str) -> Response:
    on = at.given("on") == "yes"
    await at.app.accounts.switch_ai(_name(at, name), on, at.actor)
    return at.done(PAGE.format(name=name) + "#ai", f"AI is {'on' if on else 'off'} at {name}.")


@router.get("/connections/{name}/handover")
async def handover(at: Look, name: str) -> Response:
    """What the next owner, a recruiter and a hiring manager need to know, from what is in force now."""
    known = _name(at, name)
    guides = await at.app.handovers.of(known)
    issued = await at.app.handovers.issued(known, guides)
    changed = tuple(WHOSE[one] for one in issued.changed) if issued is not None else ()
    return await at.page("handover.html", HandoverPage(known, tuple(guides.values()), issued, changed))


@router.post("/connections/{name}/handover")
async def issue(at: Operate, name: str) -> Response:
    known = _name(at, name)
    await at.app.handovers.issue(known, at.actor)
    return at.done(f"/connections/{known}/handover", "Issued as it is now. A change of it will be a task.")


@router.get("/connections/{name}/pilots/{id}")
async def pilot(at: See, name: str, id: str) -> Response:
    known = at.app.connections.named(name, at.workspace)
    found = await at.app.pilots.get(id)
    if found.connection != known.id:
        raise NotFoundError(f"There is no pilot {id} at {name}.")
    return await at.page("pilot.html", rollout.pilot(known, found, may=at.may(Right.OPERATE)))


@router.post("/connections/{name}/pilots/stop")
async def stop(at: Operate, name: str) -> Response:
    ended = await at.app.pilots.stop(_name(at, name))
    return at.done(f"/connections/{name}/pilots/{ended.id}", "It is judged as it stands.", tone=Tone.CATCHING_UP)


def _lines(text: str) -> list[str]:
    return [one for each in text.splitlines() if (one := each.strip())]
