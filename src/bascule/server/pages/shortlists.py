"""Shortlists: made for a hiring manager, and what they said."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.office.shortlists import DAYS, Made, Wanted

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import shortlists
from .looks import listed

router = APIRouter(include_in_schema=False)

See = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]


@router.get("/jobs/{id}/shortlists")
async def page(at: See, id: str) -> Response:
    now, may_edit = at.app.runtime.now(), at.may(Right.EDIT)
    view = await at.look(lambda tx: shortlists.page(tx, at.app.shortlists, at.workspace, id, now, may_edit=may_edit))
    await listed(at, "shortlists listed", id)
    return await at.page("shortlists.html", view)


@router.post("/jobs/{id}/shortlists")
async def make(at: Edit, id: str) -> Response:
    """Of the people ticked, else of the best."""
    wanted = Wanted(
        at.given("name"), at.given("email"), at.all_given("person"), _number(at, "top", 0), _number(at, "days", DAYS),
        at.given("redacted") == "yes", at.given("code") == "yes",
    )  # fmt: skip
    made = await at.app.shortlists.make(id, wanted, at.actor)
    return _made(at, id, made, f"The list for {made.shortlist.said['name']} is made.")


@router.post("/jobs/{id}/shortlists/{shortlist}/renew")
async def renew(at: Edit, id: str, shortlist: str) -> Response:
    made = await at.app.shortlists.renew(shortlist, at.actor)
    return _made(at, id, made, "A new link is made; the old one ends.")


@router.post("/jobs/{id}/shortlists/{shortlist}/end")
async def end(at: Edit, id: str, shortlist: str) -> Response:
    await at.app.shortlists.revoke(shortlist, at.actor)
    return at.done(f"/jobs/{id}/shortlists", "The link has ended. What was said stays.")


def _made(at: Desk, job: str, made: Made, words: str) -> Response:
    code = f"The code is {made.code}: it is shown this once. Tell it by another way than the link." if made.code else ""
    return at.done(f"/jobs/{job}/shortlists", words, next=code or "Copy the link to them. Nothing was sent.")


def _number(at: Desk, name: str, default: int) -> int:
    given = at.given(name)
    if given and not given.isdecimal():
        raise InputError(f"{given!r} is not a whole number.")
    return int(given) if given else default
