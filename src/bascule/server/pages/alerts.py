"""Alerts: where they go, whether they arrive, and what was sent last."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.office.alerts import Digest

from ..desk import Desk, acting, seeing
from ..rendering import count
from ..roles import Right
from ..views.alerts import AlertsPage
from ..views.parts import Tone

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.OPERATE))]
Act = Annotated[Desk, Depends(acting(Right.OPERATE))]
DIGESTS = {
    Digest.AT_FIRST: "For two weeks after the first address was entered",
    Digest.ALWAYS: "Every day",
    Digest.NEVER: "Never",
}


@router.get("/alerts")
async def page(at: Look) -> Response:
    found = await at.app.alerts.overview()
    labels = at.app.connections.labels(at.workspace)
    view = AlertsPage(found.places, found.last, tuple(DIGESTS.items()), found.digest, found.until, labels)
    return await at.page("alerts.html", view)


@router.post("/alerts")
async def add(at: Act) -> Response:
    await at.app.alerts.add(at.given("address"), at.actor)
    return at.done("/alerts#places", "Added. Send a test to see whether it arrives.")


@router.post("/alerts/test")
async def test(at: Act) -> Response:
    """A real message to every address, or to the chosen one."""
    sent = await at.app.alerts.test(at.actor, _number(at) if at.given("number") else None)
    missed = [one.address for one in sent if not one.ok]
    if missed:
        what = f"Not taken: {', '.join(missed)}."
        return at.done("/alerts#places", what, tone=Tone.FAILING, next="Look at the address; the log says more.")
    return at.done("/alerts#places", f"Taken by {count(len(sent), 'address', 'addresses')}. Look whether it is there.")


@router.post("/alerts/remove")
async def remove(at: Act) -> Response:
    await at.app.alerts.remove(_number(at), at.actor)
    return at.done("/alerts#places", "Removed. Nothing is sent there any more.")


@router.post("/alerts/digest")
async def digest(at: Act) -> Response:
    given = at.given("digest")
    if given not in set(Digest):
        raise InputError("Choose how long the digest comes.")
    await at.app.alerts.choose_digest(Digest(given), at.actor)
    return at.done("/alerts#digest", "Saved.")


def _number(at: Desk) -> int:
    given = at.given("number")
    if not given.isdecimal():
        raise InputError("Choose an address.")
    return int(given)
