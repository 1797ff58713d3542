"""What records lack, what was found, and what waits for a yes; and, in the settings, who may be asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from bascule.core.enrichment import RESUME, Effect
from bascule.core.reviews import APPROVE
from bascule.enrichment.choice import Provider
from bascule.errors import InputError
from bascule.office.enrichment import Filters, Many

from ..desk import Desk, acting, seeing
from ..rendering import count, query
from ..roles import Right
from ..show import candidate, enrichment
from .looks import listed, viewed

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]
Decide = Annotated[Desk, Depends(acting(Right.DECIDE))]
Act = Annotated[Desk, Depends(acting(Right.ADMINISTER))]
SHOWN, AT_ONCE = 100, 100
HERE = "/settings#providers"
NUMBERS = {"price": float, "cost": float, "likelihood": int, "fresh": int, "timeout": float}


# ------------------------------------------------------------------------------------------------------- one person


@router.get("/candidates/{id}/enrichment")
async def one(at: Look, id: str) -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
    await viewed(at, id)
    made = await at.app.enrichment.preview(id, (RESUME, *map(str, Provider)))
    chosen = await at.app.providers.told()
    view = enrichment.preview(await at.app.enrichment.of(id), made, chosen, may=at.may(Right.EDIT))
    return await at.page("enrich.html", view)


@router.post("/candidates/{id}/enrichment")
async def enrich(at: Edit, id: str) -> Response:
    await at.look(lambda tx: candidate.family_of(tx, at.workspace, id))
    sources = at.all_given("source") or [RESUME]
    made = await at.app.enrichment.enrich(id, at.actor, sources)
    entered = sum(step.effect in (Effect.FILL, Effect.ADD) for step in made.steps)
    waits = sum(step.effect is Effect.PROPOSE for step in made.steps)
    told = " ".join(one.why or _answer(one.found) for one in made.looked)
    said = f"{count(entered, 'value')} entered, {waits} for somebody to say yes to. {told}".strip()
    return at.done(f"/candidates/{id}#found", said)


def _answer(found: int | None) -> str:
    return "The provider knows nobody like that." if found is None else f"The provider gave {count(found, 'value')}."


# ------------------------------------------------------------------------------------------------------- many people


@router.get("/enrichment")
async def page(
    at: Look,
    field: str = "",
    source: str = "",
    sure: str = "",
    job: str = "",
    connection: str = "",
    missing: str = "",
    stale: str = "",
    ask: Annotated[list[str] | None, Query()] = None,
    look: str = "",
) -> Response:
    """What waits, by the first filter; with `look`, what enriching those of the second would do."""
    await listed(at, "enrichment listed")
    filters = Filters(job, connection, missing, bool(stale))
    many: Many | None = None
    if look:
        many = await at.app.enrichment.look(filters, _sources(ask or ()), AT_ONCE)
    found = await at.app.enrichment.proposals(field=field, source=source, job=job, sure=_share(sure))
    view = enrichment.page(
        found, field=field, source=source, sure=sure, job=job, filters=filters,
        connections=at.app.connections.all(), chosen=await at.app.providers.told(), ask=ask or (), many=many,
        shown=SHOWN,
        may_decide=at.may(Right.DECIDE), may_enrich=at.may(Right.EDIT),
    )  # fmt: skip
    return await at.page("enrichment.html", view)


@router.post("/enrichment")
async def begin(at: Edit) -> Response:
    """Enrich those whom the filter finds, one after the other."""
    filters = Filters(at.given("job"), at.given("connection"), at.given("missing"), bool(at.given("stale")))
    many = await at.app.enrichment.begin(filters, at.actor, _sources(at.all_given("ask")), AT_ONCE)
    return at.done("/enrichment", f"{count(many, 'person', 'people')}: being enriched, one after the other.")


@router.post("/enrichment/decide")
async def decide(at: Decide) -> Response:
    """Answer all that the filter finds."""
    field, source, sure, job = (at.given(name) for name in ("field", "source", "sure", "job"))
    found = await at.app.enrichment.proposals(field=field, source=source, job=job, sure=_share(sure))
    if str(len(found)) != at.given("agree"):
        raise InputError("Meanwhile it is another number of proposals.", hint="Look again, then decide.")
    done = await at.app.enrichment.decide(found, at.given("answer"), at.actor)
    said = "approved" if at.given("answer") == APPROVE else "declined"
    rest = (
        f"{count(done.failed, 'one')} could not be: somebody was faster, or the value has moved." if done.failed else ""
    )
    back = query("/enrichment", {"field": field, "source": source, "sure": sure, "job": job})
    return at.done(back, f"{count(done.done, 'proposal')} {said}, in your name.", next=rest)


def _sources(asked: Collection[str]) -> tuple[str, ...]:
    return (RESUME, *(one for one in asked if one != RESUME))


def _share(sure: str) -> float:
    """Per cent as a share."""
    if sure and not sure.isdecimal():
        raise InputError(f"{sure!r} is no per cent.", hint="Write it like 90.")
    return int(sure or 0) / 100


# --------------------------------------------------------------------------------------------------------- settings


@router.post("/settings/providers/{name}")
async def choose(at: Act, name: str) -> Response:
    given: dict[str, Any] = {one: at.given(one) for one in ("base_url", "region", "currency") if one in at.form}
    given["on"] = bool(at.given("on"))
    given["regions"] = at.given("regions").split(",")
    given["only_agreed"] = bool(at.given("only_agreed"))
    given["informed"] = bool(at.given("informed"))
    given |= {one: value for one in NUMBERS if (value := _number(at, one)) is not None}
    await at.app.providers.choose(name, given, at.actor, key=at.given("key") or None)
    return at.done(HERE, "Saved. Nobody is looked up by itself.")


@router.post("/settings/providers/{name}/off")
async def off(at: Act, name: str) -> Response:
    await at.app.providers.off(name, at.actor)
    return at.done(HERE, "Nobody is looked up there any more, and the key is forgotten.")


@router.post("/settings/enrichment")
async def switch(at: Act) -> Response:
    """Where CVs fill gaps by themselves."""
    chosen = set(at.all_given("at"))
    for one in at.app.connections.all():
        if (one.row.name in chosen) != enrichment.switched_on(one):
            await at.app.enrichment.switch(one.row.name, one.row.name in chosen, at.actor)
    return at.done(HERE, "Saved.")


def _number(at: Desk, name: str) -> int | float | None:
    given = at.given(name)
    try:
        return NUMBERS[name](given) if given else None
    except ValueError:
        raise InputError(f"{given!r} is no number.", hint="Write it like 50 or 0.25.") from None
