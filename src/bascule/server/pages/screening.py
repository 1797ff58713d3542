"""What recruiters do about the screening form of an application."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from bascule.errors import NotFoundError
from bascule.store import Tx

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import candidate

router = APIRouter(include_in_schema=False)

See = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]


async def _page(at: Desk, application: str) -> str:
    person = await at.look(lambda tx: candidate.of_application(tx, at.workspace, application))
    return f"/candidates/{person}#s-{application}"


@router.post("/applications/{id}/screening")
async def invite(at: Edit, id: str) -> Response:
    """A link to the form. Nothing is sent by this: a person sends it."""
    page, anew = await _page(at, id), at.given("anew") == "yes"
    await at.app.screenings.invite(id, at.actor, anew=anew)
    words = "A new link is made; the old one ends." if anew else "The link is made."
    return at.done(page, words, next="Copy it to the applicant. Nothing was sent.")


@router.post("/applications/{id}/screening/end")
async def end(at: Edit, id: str) -> Response:
    page = await _page(at, id)
    await at.app.screenings.revoke(id, at.actor)
    return at.done(page, "The link has ended. What was answered is kept.")


@router.post("/applications/{id}/screening/opt-out")
async def opt_out(at: Edit, id: str) -> Response:
    page = await _page(at, id)
    await at.app.screenings.opt_out(id, at.actor, at.given("why"))
    return at.done(
        page, "Noted. Score and reasons leave the ATS.", next="A task waits for whoever looks at the application."
    )


@router.post("/screenings/{id}/looked")
async def looked(at: Edit, id: str) -> Response:
    def find(tx: Tx) -> str:
        one = tx.screenings.get(id)
        if one is None or one.workspace != at.workspace:
            raise NotFoundError("There is no such form.")
        return one.application

    page = await _page(at, await at.look(find))
    await at.app.screenings.looked(id, at.actor)
    return at.done(page, "Dealt with, in your name.")


@router.get("/screenings/{id}/files/{question}")
async def file(at: See, id: str, question: str) -> Response:
    """A file that somebody gave as an answer, as it came: to be saved, never shown by the browser."""
    name, data = await at.app.screenings.file(id, question, at.actor)
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": "sandbox"}
    return Response(data, media_type="application/octet-stream", headers=headers)
