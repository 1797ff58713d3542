"""Connections: how each stands, and its switches."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.model import Mode
from bascule.office.aitools import SWITCHES
from bascule.store.connections import Stopped

from ..desk import Desk, acting, seeing
from ..rendering import count
from ..roles import Right
from ..show import connection, tool
from ..views.overview import Overview
from ..views.parts import Tone
from .looks import listed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.LOOK))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]
Administer = Annotated[Desk, Depends(acting(Right.ADMINISTER))]


@router.get("/connections")
async def page(at: Look) -> Response:
    lags, now = at.web.lags(), at.app.runtime.now()
    rows = await at.look(lambda tx: connection.rows(tx, at.workspace, lags, now, at.app.etas.of))
    view = Overview(
        connection.all_of(rows), 0, 0, 0, connection.worst(lags), 0, 0, 0, 0, rows, may=at.may(Right.OPERATE)
    )
    return await at.page("connections.html", view)


@router.get("/connections/{name}")
async def one(at: Look, name: str) -> Response:
    found = at.app.connections.named(name, at.workspace)
    lags, now, rights = at.web.lags(), at.app.runtime.now(), at.app.grants.of(found)
    hook = at.app.accounts.hook_url(found)
    if found.is_tool:
        others = [each for each in at.app.connections.all() if each.row.workspace == at.workspace]
        may, etas = at.may(Right.OPERATE), at.app.etas.of
        told = await at.look(lambda tx: tool.page(tx, found, others, lags, now, hook, etas, may=may))
        return await at.page("tool.html", told)
    rhythms, reading = await at.app.rhythms.told(found.row.name), await at.app.accounts.progress(found.row.name)
    vitals = await at.app.vitals.of(found)
    compared = await at.app.parities.told(found.row.name)
    view = await at.look(
        lambda tx: connection.page(
            tx, found, lags, now, hook, rights, rhythms, at.app.etas.of, reading, vitals, compared
        )
    )
    if view.waits.first or view.waits.letters:
        await listed(at, "waiting listed")
    return await at.page("connection.html", view)


@router.post("/connections/{name}/pause")
async def pause(at: Operate, name: str) -> Response:
    await at.app.accounts.pause(_name(at, name), at.actor)
    return at.done(f"/connections/{name}", f"{name} is paused. What arrives is kept and waits.", tone=Tone.PAUSED)


@router.post("/connections/{name}/resume")
async def resume(at: Operate, name: str) -> Response:
    await at.app.accounts.resume(_name(at, name), at.actor)
    return at.done(f"/connections/{name}", f"{name} goes on.")


@router.post("/connections/{name}/remove")
async def remove(at: Administer, name: str) -> Response:
    """Take it away, once its name was typed."""
    if at.given("name") != _name(at, name):
        raise InputError("The name that was typed is not this connection's.", hint=f"Type {name} to take it away.")
    await at.app.accounts.remove(name, at.actor)
    said = f"{name} is taken away. What was read of it, its history and the audit stay."
    return at.done("/connections", said, tone=Tone.QUIET)


@router.post("/connections/{name}/stop")
async def stop(at: Operate, name: str) -> Response:
    what = _stopped(at)
    await at.app.stops.stop(_name(at, name), at.actor, at.given("why"), what)
    if what is Stopped.MESSAGES:
        said = f"Nobody is sent a message about {name} any more. Reading and writing go on."
        return at.done(f"/connections/{name}#messages", said, tone=Tone.PAUSED)
    return at.done(
        f"/connections/{name}#writes", f"Nothing more is written to {name}. Reading goes on.", tone=Tone.PAUSED
    )


def _stopped(at: Desk) -> Stopped:
    """What a form stops or releases; without a word of it, all writes."""
    return Stopped.MESSAGES if at.given("what") == Stopped.MESSAGES else Stopped.WRITES


@router.post("/connections/{name}/release")
async def release(at: Operate, name: str) -> Response:
    what = _stopped(at)
    found = await at.app.stops.release(_name(at, name), at.actor, what=what)
    letters = count(found.letters.count, "message")
    if what is Stopped.MESSAGES:
        held = f"{letters} still wait: the writes are stopped." if found.stop else f"{letters} on the way."
        said = f"Candidates are written to again: {held}"
        return at.done(f"/connections/{name}#messages", said, tone=Tone.CATCHING_UP)
    said = f"{name} is written to again: {count(found.writes, 'write')} on the way."
    return at.done(f"/connections/{name}#writes", said, tone=Tone.CATCHING_UP)


@router.post("/connections/{name}/rights")
async def enter_rights(at: Operate, name: str) -> Response:
    found = await at.app.grants.enter(_name(at, name), at.given("granted"), at.actor)
    tone = Tone.WAITING if found.unwaived or found.missing else Tone.IN_STEP
    said = found.objection("") or ("Some rights are missing." if found.missing else "They are as needed.")
    return at.done(f"/connections/{name}#rights", f"The rights of {name} are entered. {said}", tone=tone)


@router.post("/connections/{name}/waive")
async def waive_rights(at: Operate, name: str) -> Response:
    await at.app.grants.waive(_name(at, name), at.given("reason"), at.actor)
    return at.done(f"/connections/{name}#rights", "Waived, in your name. It covers what is in excess now.")


@router.post("/connections/{name}/mode")
async def mode(at: Operate, name: str) -> Response:
    if at.given("mode") not in set(Mode):
        raise InputError("There is no such mode.", hint=f"Choose one of: {', '.join(Mode)}.")
    await at.app.accounts.set_mode(_name(at, name), Mode(at.given("mode")), at.actor, waive=at.given("waive"))
    return at.done(f"/connections/{name}#mode", f"{name} is in mode {at.given('mode')}.")


@router.post("/connections/{name}/backfill")
async def backfill(at: Operate, name: str) -> Response:
    await at.app.accounts.backfill(_name(at, name), at.actor)
    return at.done(f"/connections/{name}", "Everything is being read again, newest first.", tone=Tone.CATCHING_UP)


@router.post("/connections/{name}/parity")
async def parity(at: Operate, name: str) -> Response:
    await at.app.parities.begin(_name(at, name), at.actor, object=at.given("object"))
    said = "The lists are being compared, after everything that is more urgent. Nothing is written."
    return at.done(f"/connections/{name}#parity", said, tone=Tone.CATCHING_UP)


@router.post("/connections/{name}/rhythm")
async def rhythm(at: Operate, name: str) -> Response:
    every, promise, parity = (_seconds(at.given(what)) for what in ("every", "promise", "parity"))
    await at.app.rhythms.choose(_name(at, name), at.given("list"), every, promise, at.actor, parity=parity)
    return at.done(f"/connections/{name}#noticed", f"{at.given('list')} is followed as set, from now on.")


@router.post("/connections/{name}/erasure")
async def erasure(at: Administer, name: str) -> Response:
    chosen = await at.app.erasures.follow(_name(at, name), at.given("policy"), at.actor)
    return at.done(
        f"/connections/{name}#erasure",
        f"Saved. When {name} anonymises somebody: {connection.FOLLOWED[chosen].lower()}.",
    )


@router.post("/connections/{name}/tool")
async def choose(at: Operate, name: str) -> Response:
    """Which jobs an AI tool is for, and what it is shown."""
    await at.app.aitools.choose(
        _name(at, name), at.actor, jobs=at.all_given("jobs"), hook=at.given("hook"),
        switches={one: "yes" if at.given(one) else "no" for one in SWITCHES},
    )  # fmt: skip
    return at.done(f"/connections/{name}#sees", "Saved. What it may not have any more is taken back from it.")


def _seconds(text: str) -> float | None:
    """Seconds as entered; None where nothing was."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        raise InputError(f"{text!r} is no number of seconds.", hint="Enter seconds, for instance 30.") from None


@router.post("/connections/{name}/owner")
async def owner(at: Operate, name: str) -> Response:
    called = await at.app.owners.name(_name(at, name), at.given("owner"), at.actor)
    return at.done(f"/connections/{name}", f"{called} answers for {name}." if called else f"Nobody answers for {name}.")


def _name(at: Desk, name: str) -> str:
    """The name, if it is a connection of this workspace. NotFoundError if not."""
    return at.app.connections.named(name, at.workspace).row.name
