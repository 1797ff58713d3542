"""Erasing somebody: what it will do, the confirmation, how far it is, the certificate."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.store.listing import fold

from ..desk import Desk, acting, download, seeing
from ..roles import Right
from ..show import candidate, erasure
from ..views import Tone

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.AUDIT))]
Ask = Annotated[Desk, Depends(seeing(Right.ERASE))]
Erase = Annotated[Desk, Depends(acting(Right.ERASE))]


@router.get("/candidates/{id}/erase")
async def ask(at: Ask, id: str) -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
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
