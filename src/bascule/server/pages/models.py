"""Models of others, a section of the settings: choose, test, switch off."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from bascule.errors import InputError

from ..desk import Desk, acting
from ..roles import Right
from ..views.parts import Tone

router = APIRouter(include_in_schema=False)

Act = Annotated[Desk, Depends(acting(Right.ADMINISTER))]
HERE = "/settings#models"
TEXTS = ("provider", "model", "base_url", "region", "currency", "order", "embedding")
NUMBERS = {"tokens": int, "retries": int, "cost": float, "price_in": float, "price_out": float, "timeout": float}


@router.post("/settings/models")
async def choose(at: Act) -> Response:
    given: dict[str, Any] = {name: at.given(name) for name in TEXTS if name in at.form}
    given["purposes"] = at.all_given("purpose")
    given["regions"] = at.given("regions").split(",")
    given["no_training"] = bool(at.given("no_training"))
    for name in NUMBERS:
        if (value := _number(at, name)) is not None or name == "cost":
            given[name] = value
    await at.app.choices.choose(given, at.actor, key=at.given("key") or None)
    return at.done(HERE, "Saved. The next score is the first that a model is asked about.")


@router.post("/settings/models/test")
async def test(at: Act) -> Response:
    found = await at.app.choices.test(at.actor)
    if found.ok:
        return at.done(HERE, f"{found.model} answered in {found.ms} ms.")
    return at.done(HERE, found.what, tone=Tone.FAILING, next="Mend it below; nothing of anybody was sent.")


@router.post("/settings/models/off")
async def off(at: Act) -> Response:
    await at.app.choices.off(at.actor)
    return at.done(HERE, "No model of others is asked any more, and the key is forgotten.")


def _number(at: Desk, name: str) -> int | float | None:
    given = at.given(name)
    try:
        return NUMBERS[name](given) if given else None
    except ValueError:
        raise InputError(f"{given!r} is no number.", hint="Write it like 1000000 or 0.5.") from None
