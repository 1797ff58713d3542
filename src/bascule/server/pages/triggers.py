"""Triggers: rules to read, try and put in force, what they did, and what waits because of them."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.core.reviews import APPROVE, DECLINE
from bascule.errors import InputError
from bascule.hiring.trigger_file import read, starter

from ..api.caller import Number
from ..desk import Desk, acting, seeing
from ..rendering import count
from ..roles import Right
from ..show import flow
from ..views.flow import TriggersPage
from ..views.parts import Tone
from .looks import listed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Act = Annotated[Desk, Depends(acting(Right.OPERATE))]
Decide = Annotated[Desk, Depends(acting(Right.DECIDE))]


async def _view(at: Desk, trigger: str = "", before: str = "") -> TriggersPage:
    shown = await at.app.trigger_desk.shown()
    versions = await at.app.trigger_desk.versions()
    fired, paging = await at.look(lambda tx: flow.fired(tx, at.workspace, trigger, before))
    if fired:
        await listed(at, "firings listed")
    known, whose = {one.trigger.name for one in shown.rules}, at.signed.user.email
    others = tuple(one for one in read(starter(whose)) if one.name not in known) if shown.rules else ()
    return TriggersPage(
        shown.version, shown.text, shown.rules, shown.findings, fired, tuple(versions[:20]), at.may(Right.OPERATE),
        at.may(Right.DECIDE), paging, starter="" if shown.rules else starter(whose), natives=shown.natives,
        ready=others,
    )  # fmt: skip


@router.get("/triggers")
async def page(at: Look, trigger: str = "", before: str = "") -> Response:
    return await at.page("triggers.html", await _view(at, trigger, before))


@router.post("/triggers")
async def save(at: Act) -> Response:
    """Try the file that was sent, or put it in force. One that is not taken comes back as it was sent."""
    text = at.given("text").replace("\r\n", "\n") + "\n"
    number = at.given("version")
    try:
        if at.given("do") == "try":
            run = await at.app.trigger_desk.dry_run(text)
            return await at.page("triggers.html", replace(await _view(at), text=text, run=run))
        base = int(number) if number.isdecimal() else None
        await at.app.trigger_desk.save(text, at.actor, at.given("why"), base=base)
    except InputError as error:
        said = str(error).removesuffix(error.hint).strip()
        view = replace(await _view(at), text=text, wrong=said, next=error.hint)
        return await at.page("triggers.html", view, status=422)
    return at.done("/triggers", "In force. What became true before never fires them.")


@router.post("/triggers/{name}/add")
async def add(at: Act, name: str) -> Response:
    """One of the rules that Bascule comes with, at the end of the file, switched off."""
    await at.app.trigger_desk.add_ready(name, at.signed.user.email, at.actor)
    return at.done("/triggers", f"{name} is added, and off. Try it, then turn it on.", tone=Tone.QUIET)


@router.post("/triggers/{name}/switch")
async def switch(at: Act, name: str) -> Response:
    on = at.given("on") == "yes"
    await at.app.trigger_desk.switch(name, on, at.actor)
    return at.done("/triggers", f"{name} is {'on' if on else 'off'}.")


@router.post("/triggers/{name}/automatic")
async def automatic(at: Act, name: str) -> Response:
    on, connection = at.given("on") == "yes", at.given("connection")
    await at.app.trigger_desk.automate(name, connection, on, at.actor)
    said = "acts by itself" if on else "waits for a person again"
    return at.done("/triggers", f"{name} {said} at {connection}.")


@router.post("/triggers/{name}/answer")
async def answer(at: Decide, name: str) -> Response:
    """One decision for everything of one rule that waits to be sent."""
    given = at.given("answer")
    if given not in (APPROVE, DECLINE):
        raise InputError("Send them, or withhold them.")
    many = await at.app.message_desk.batch(name, given, at.actor)
    messages = count(many, "message")
    if given != APPROVE:
        return at.done("/triggers", f"{messages} withheld.")
    return at.sent("/triggers", f"{messages} sent", trigger=name)


@router.post("/triggers/versions/{version}")
async def roll_back(at: Act, version: Number) -> Response:
    await at.app.trigger_desk.roll_back(version, at.actor)
    return at.done("/triggers", f"Version {version} is in force again, as a new one.")
