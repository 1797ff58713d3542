"""Erasing somebody: what it will do, the confirmation, how far it is, the certificate."""

import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.core.retention import Rule, checked
from bascule.errors import InputError
from bascule.model import Status
from bascule.store.listing import fold

from ..desk import Desk, acting, download, seeing
from ..rendering import count
from ..roles import Right
from ..show import candidate, erasure
from ..views.parts import Tone
from .looks import listed, viewed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.AUDIT))]
Ask = Annotated[Desk, Depends(seeing(Right.ERASE))]
Erase = Annotated[Desk, Depends(acting(Right.ERASE))]
Administer = Annotated[Desk, Depends(acting(Right.ADMINISTER))]
SHOWN = 100  # of those who are due


@router.get("/candidates/{id}/erase")
async def ask(at: Ask, id: str) -> Response:
    await viewed(at, id)
    return await at.page("erase.html", erasure.asking(id, await at.app.erasures.foreseen(id)))


@router.post("/candidates/{id}/erase")
async def erase(at: Erase, id: str) -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
    view = erasure.asking(id, await at.app.erasures.foreseen(id))
    if fold(at.given("word")) != fold(view.word):
        raise InputError("Nothing was erased: what was typed is not the name.", hint=f"Type: {view.word}")
    begun = await at.app.erasures.begin(id, at.actor)
    return at.done(f"/erasures/{begun.id}", "The erasure has begun. It goes on by itself.", tone=Tone.CATCHING_UP)


@router.get("/erasures")
async def page(at: Look) -> Response:
    return await at.page("erasures.html", await at.look(lambda tx: erasure.rows(tx, at.workspace)))


@router.get("/erasures/due")
async def due(at: Look) -> Response:
    """Who would be erased now by the rule in force, or by the one that the address names. Nothing is done."""
    rule = await at.app.retention.rule()
    given = at.request.query_params
    if given:
        tags, field = given.get("tags", ""), given.get("field", "")
        rule = _rule(rule.on, given.get("months", ""), given.getlist("status"), tags, field)
    waiting = await at.app.retention.due(rule, SHOWN)
    in_force = await at.app.retention.rule()
    await listed(at, "due for erasure listed")
    return await at.page("due.html", erasure.due(waiting, in_force, may_set=at.may(Right.ADMINISTER)))


@router.post("/erasures/rule")
async def set_rule(at: Administer) -> Response:
    on, agree = at.given("on") == "yes", at.given("agree")
    rule = _rule(on, at.given("months"), at.all_given("status"), at.given("tags"), at.given("field"))
    done = await at.app.retention.set_rule(rule, at.actor, agree=int(agree) if agree.isdecimal() else None)
    said = f"The rule is on. {count(done.count, 'person', 'people')} are read once more in the ATS, then erased."
    return at.done("/erasures/due", said if on else "The rule is off.", tone=Tone.CATCHING_UP if on else Tone.PAUSED)


def _rule(on: bool, months: str, statuses: Sequence[str], tags: str, field: str) -> Rule:
    """A rule as it was entered. InputError if it can be none."""
    if not months.isdecimal():
        raise InputError(f"{months!r} is no number of months.", hint="For instance 12.")
    known = frozenset(Status(one) for one in statuses if one in set(Status))
    kept = tuple(one.strip() for one in tags.split(",") if one.strip())
    return checked(Rule(on, int(months), known, kept, field.strip()))


@router.get("/erasures/{id}")
async def one(at: Look, id: str) -> Response:
    return await at.page("erasure.html", await at.look(lambda tx: erasure.page(tx, at.workspace, id)))


@router.get("/erasures/{id}/certificate.json")
async def certificate(at: Look, id: str) -> Response:
    """The signed certificate, as the API and the command give it."""
    erased = await at.app.erasures.get(id)
    if erased.certificate is None:
        raise InputError("There is no certificate yet: the erasure goes on.", hint="Look again in a minute.")
    await at.app.desk.note(at.actor, "certificate exported", detail={"erasure": id})
    told = {"id": erased.id, "candidate": erased.record, "begun": erased.begun, "ended": erased.ended}
    text = json.dumps({**told, **erased.certificate}, indent=1, default=str)
    return download(text, f"erasure-{id}.json", "application/json")
