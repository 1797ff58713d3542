"""The buttons that read or write something now instead of soon."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError

from ..desk import Desk, acting, back_to
from ..rendering import count
from ..roles import Right
from ..views.parts import Tone

router = APIRouter(include_in_schema=False)
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]


@router.post("/now")
async def now(at: Edit) -> Response:
    """Push or pull what a page is about; back to that page."""
    target = at.given("target")
    if not target:
        raise InputError("Nothing was named.", hint="Load the page again.")
    match at.given("do"):
        case "pull":
            asked = await at.app.runs.pull(target, at.actor)
            said = f"{count(asked.count, 'reading')} asked for; what changed shows here in a moment."
        case "push":
            await at.app.runs.push(target, at.actor)
            said = "What is owed is on its way now."
        case _:
            raise InputError("Choose to read or to write.")
    return at.done(back_to(at.request), said, tone=Tone.CATCHING_UP)
