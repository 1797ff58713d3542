"""Failures: look, replay, discard."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError
from bascule.model import Reason
from bascule.office.failures import Chosen

from ..desk import Desk, acting, local_path, seeing
from ..rendering import count
from ..roles import Right
from ..show import failure
from ..views.parts import Tone
from .looks import about, listed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Operate = Annotated[Desk, Depends(acting(Right.OPERATE))]


@router.get("/failures")
async def page(at: Look, connection: str = "", before: str = "") -> Response:
    maps = at.web.maps()
    await listed(at, "failures listed")
    return await at.page(
        "failures.html", await at.look(lambda tx: failure.page_of(tx, at.workspace, connection, before, maps))
    )


@router.get("/failures/{id}")
async def one(at: Look, id: str) -> Response:
    maps = at.web.maps()
    view = await at.look(lambda tx: failure.one_of(tx, at.workspace, id, maps))
    await about(at, view.row.subject_href)
    return await at.page("failure.html", view)


@router.post("/failures/replay")
async def replay_all(at: Operate) -> Response:
    """Replay all of one class at one connection; one that cannot be replayed does not hold up the others."""
    cls, connection = at.given("class"), at.given("connection")
    if cls not in set(Reason):
        raise InputError("Nothing was chosen.")
    chosen = Chosen(reason=Reason(cls), connection=at.app.connections.named(connection, at.workspace).row.name)
    done, refused, after = 0, "", ""
    while True:
        bulk = await at.app.failures.replay_all(chosen, at.actor, after)
        done, refused, after = done + bulk.done, next(iter(bulk.refused.values()), refused), bulk.next
        if not after:
            break
    tone = Tone.CATCHING_UP if not refused else Tone.WAITING
    return at.done("/failures", f"{count(done, 'write')} on the way again.", tone=tone, next=refused)


@router.post("/failures/{id}/replay")
async def replay(at: Operate, id: str) -> Response:
    """Again as it is, or with values mended on the page."""
    mended = {name.removeprefix("value."): at.given(name) or None for name in at.form if name.startswith("value.")}
    await at.app.failures.replay(id, at.actor, mended)
    return at.done(local_path(at.given("back"), f"/failures/{id}"), "It is on its way again.", tone=Tone.CATCHING_UP)


@router.post("/failures/{id}/discard")
async def discard(at: Operate, id: str) -> Response:
    await at.app.failures.discard(id, at.given("reason"), at.actor)
    return at.done(f"/failures/{id}", "Discarded. The reason is kept in the history and in the audit.", tone=Tone.QUIET)
