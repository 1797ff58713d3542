"""Subscribers: who is sent events, what became of them, and what a person may do about it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.core.events import TYPES
from bascule.errors import InputError
from bascule.model import EventFilter, StageType
from bascule.office.subscriptions import NewSubscription, Standing
from bascule.store.subscriptions import State, Wanted

from ..desk import Desk, acting, seeing
from ..rendering import count
from ..roles import Right
from ..views.parts import Choice, Tone
from ..views.subscribers import SubscriberPage, SubscriberRow, SubscribersPage

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.OPERATE))]
Act = Annotated[Desk, Depends(acting(Right.OPERATE))]


@router.get("/subscribers")
async def page(at: Look) -> Response:
    names = await _people(at)
    rows = [_row(one, names) for one in await at.app.subscriptions.list()]
    view = SubscribersPage(
        rows, [Choice(type, what) for type, what in TYPES.items()],
        sorted(at.app.connections.labels(at.workspace).items()), list(StageType),
    )  # fmt: skip
    return await at.page("subscribers.html", view)


@router.post("/subscribers")
async def add(at: Act) -> Response:
    """The answer to the form shows the secret, once."""
    types = at.all_given("type")
    if not types:
        raise InputError("Choose at least one type of event.")
    new = NewSubscription(
        at.given("target"), tuple(types), _filter(at), tuple(_words(at.given("fields"))), at.given("name")
    )
    made, secret = await at.app.subscriptions.add(new, at.actor, persons=at.may(Right.CANDIDATES))
    return await _one(at, made.id, secret if made.format == "standard" else "")


def _filter(at: Desk) -> EventFilter:
    score = at.given("score")
    if score and not score.replace(".", "", 1).isdecimal():
        raise InputError(f"{score!r} is no score.", hint="Give a number from 0 to 100, or nothing.")
    connection, stage_type = at.given("connection"), at.given("stage_type")
    return EventFilter(
        connections=(connection,) if connection else (),
        departments=tuple(_words(at.given("departments"))),
        stage_types=(stage_type,) if stage_type else (),
        min_score=float(score) if score else None,
    )


@router.get("/subscribers/{id}")
async def subscriber(at: Look, id: str) -> Response:
    return await _one(at, id)


@router.post("/subscribers/{id}/test")
async def test(at: Act, id: str) -> Response:
    told = await at.app.subscriptions.test(id, at.actor)
    path, took = f"/subscribers/{id}", f"after {told.seconds:.2f} s"
    if told.ok:
        return at.done(path, f"The test was taken: answered {told.status}, {took}.")
    what = f"The test was not taken: it {told.words}, {took}."
    return at.done(path, what, tone=Tone.FAILING, next="Look at the receiver; nothing is lost meanwhile.")


@router.post("/subscribers/{id}/replay")
async def replay(at: Act, id: str) -> Response:
    """One event, or all that were given up."""
    event = at.given("event")
    if event and not event.isdecimal():
        raise InputError("Choose an event.")
    many = await at.app.subscriptions.replay(id, at.actor, event=int(event) if event else None)
    return at.done(f"/subscribers/{id}", f"{count(many, 'event is', 'events are')} sent again.")


@router.post("/subscribers/{id}/secret")
async def secret(at: Act, id: str) -> Response:
    return await _one(at, id, await at.app.subscriptions.new_secret(id, at.actor))


@router.post("/subscribers/{id}/pause")
async def pause(at: Act, id: str) -> Response:
    await at.app.subscriptions.pause(id, at.actor)
    return at.done(f"/subscribers/{id}", "Paused. What happens meanwhile is sent afterwards.", tone=Tone.PAUSED)


@router.post("/subscribers/{id}/resume")
async def resume(at: Act, id: str) -> Response:
    await at.app.subscriptions.resume(id, at.actor)
    return at.done(f"/subscribers/{id}", "Resumed. It goes on where it was.")


@router.post("/subscribers/{id}/remove")
async def remove(at: Act, id: str) -> Response:
    await at.app.subscriptions.remove(id, at.actor)
    return at.done("/subscribers", "Removed. Nothing is sent there any more.")


async def _one(at: Desk, id: str, secret: str = "") -> Response:
    """The page; a new secret stands on the answer to the form that made it, and nowhere else."""
    row = _row(await at.app.subscriptions.get(id), await _people(at))
    view = SubscriberPage(row, await at.app.subscriptions.deliveries(id), _chosen(row.standing.one.wanted, at), secret)
    response = await at.page("subscriber.html", view)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _people(at: Desk) -> dict[str, str]:
    users = await at.look(lambda tx: tx.people.users(at.workspace))
    return {user.id: user.name or user.email for user in users}


def _row(standing: Standing, names: dict[str, str]) -> SubscriberRow:
    one = standing.one
    if one.state is State.STOPPED:
        tone = Tone.FAILING
    elif one.state is State.PAUSED:
        tone = Tone.PAUSED
    elif one.failed or standing.given_up:
        tone = Tone.WAITING
    else:
        tone = Tone.IN_STEP if one.last_ok else Tone.QUIET
    return SubscriberRow(standing, tone, names.get(one.owner, ""))


def _chosen(wanted: Wanted, at: Desk) -> list[tuple[str, str]]:
    """What it is sent, in words."""
    filter, labels = wanted.filter, at.app.connections.labels(at.workspace)
    told = [
        ("Events", ", ".join(wanted.types)),
        ("Fields", ", ".join(wanted.fields) or "those that are no person's"),
        ("Connections", ", ".join(f"{one} ({labels.get(one, 'gone')})" for one in filter.connections)),
        ("Jobs", ", ".join(filter.jobs)),
        ("Departments", ", ".join(filter.departments)),
        ("Stage types", ", ".join(filter.stage_types)),
        ("Least score", "" if filter.min_score is None else f"{filter.min_score:g}"),
        ("Highest score", "" if filter.max_score is None else f"{filter.max_score:g}"),
    ]
    return [(name, value) for name, value in told if value]


def _words(text: str) -> list[str]:
    """What stands between commas or on lines of their own."""
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]
