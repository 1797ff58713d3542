"""Interviews: asked for, booked, cancelled; those to come; calendars and interviewers."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bascule.core.interviews import Rules
from bascule.errors import InputError
from bascule.model import Kind
from bascule.office.interviews import Wanted
from bascule.store import Tx

from ..desk import Desk, acting, seeing
from ..roles import Right
from ..show import candidate, interviews

router = APIRouter(include_in_schema=False)

See = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Edit = Annotated[Desk, Depends(acting(Right.EDIT))]
Operate = Annotated[Desk, Depends(seeing(Right.OPERATE))]
Act = Annotated[Desk, Depends(acting(Right.OPERATE))]
SETUP = "/interviews/setup"


@router.get("/interviews")
async def page(at: See) -> Response:
    now, may = at.app.runtime.now(), at.may(Right.OPERATE)
    view = await at.look(lambda tx: interviews.page(tx, at.app.interviews, at.workspace, now, may_set_up=may))
    await at.app.desk.note(at.actor, "interviews listed", detail={"shown": len(view.booked) + len(view.waiting)})
    return await at.page("interviews.html", view)


@router.post("/applications/{id}/interviews")
async def ask(at: Edit, id: str) -> Response:
    """Ask the candidate to choose a time, by a message in this person's name or by a link to copy."""
    usual = Rules()
    rules = Rules(
        number(at, "minutes", usual.length), number(at, "days", usual.days), number(at, "notice", usual.notice),
        number(at, "buffer", usual.buffer), number(at, "change", usual.change),
    )  # fmt: skip
    panel = at.given("panel").replace(";", ",").replace("\n", ",").split(",")
    send = at.given("send") == "yes"
    await at.app.interviews.ask(id, Wanted(panel, at.given("place"), rules), at.actor, send=send)
    words = "Asked. The message leaves in your name." if send else "The link is made. Nothing was sent."
    return at.done(await _page(at, id), words, next="" if send else "Copy it to the candidate.")


async def _page(at: Desk, application: str) -> str:
    person = await at.look(lambda tx: candidate.of_application(tx, at.workspace, application))
    return f"/candidates/{person}#i-{application}"


def _moment(at: Desk) -> datetime:
    try:
        return datetime.fromisoformat(at.given("start"))
    except ValueError:
        raise InputError("Choose one of the times.") from None


def number(at: Desk, name: str, default: int) -> int:
    """A whole number of the form."""
    given = at.given(name)
    if given and not given.isdecimal():
        raise InputError(f"{given!r} is not a whole number.")
    return int(given) if given else default


# -------------------------------------------------------------------------------------------------------------- set-up


@router.get("/interviews/setup")
async def setup(at: Operate, email: str = "") -> Response:
    standing = await at.app.calendar_desk.told()
    own = [one for one in at.app.connections.all() if one.row.workspace == at.workspace]
    ats = interviews.takers(own, lambda one: at.app.grants.of(one).missing)

    def read(tx: Tx) -> object:
        return interviews.setup(tx, at.workspace, standing, email, ats)

    return await at.page("calendars.html", await at.look(read))


@router.post("/interviews/setup/calendars")
async def calendars(at: Act) -> Response:
    """An empty secret keeps the one that is known."""
    given = {name: at.given(name) for name in ("system", "base_url", "token_url", "tenant", "account")}
    secret = at.given("secret").replace("\r\n", "\n") or None
    on = at.given("on") == "yes"
    await at.app.calendar_desk.choose({**given, "on": on}, at.actor, secret=secret)
    words = "Kept. Try it with somebody's calendar below." if on else "Kept. No calendar is asked: times are proposed."
    return at.done(f"{SETUP}#calendars", words)


@router.post("/interviews/setup/ats")
async def in_ats(at: Act) -> Response:
    """Whether interviews that are booked here are made at an ATS. Those booked already stay as they are."""
    name, on = at.app.connections.named(at.given("name"), at.workspace).row.name, at.given("on") == "yes"
    await at.app.mappings.switch(name, Kind.INTERVIEW, "starts_at", on, at.actor)
    words = f"Interviews that are booked from now on are made in {name}." if on else f"{name} is told by a note."
    return at.done(f"{SETUP}#ats", words)


@router.post("/interviews/setup/interviewers")
async def set_interviewer(at: Act) -> Response:
    days = [int(day) for day in at.all_given("day") if day.isdecimal()]
    one = await at.app.calendar_desk.set_interviewer(
        at.given("email"), at.actor, name=at.given("name") or None, begin=at.given("begin"), end=at.given("end"),
        days=days, zone=at.given("zone"), calendar=at.given("calendar"),
    )  # fmt: skip
    return at.done(f"{SETUP}?email={one.email}#people", f"What is known of {one.name} is kept.")


@router.post("/interviews/setup/interviewers/try")
async def attempt(at: Act) -> Response:
    email = at.given("email")
    many = await at.app.calendar_desk.attempt(email)
    return at.done(f"{SETUP}#people", f"The calendar of {email} answers: busy {many} times in the coming week.")


@router.post("/interviews/setup/interviewers/remove")
async def remove(at: Act) -> Response:
    await at.app.calendar_desk.remove_interviewer(at.given("email"), at.actor)
    return at.done(f"{SETUP}#people", "Forgotten. Interviews that are booked stay.")


# ------------------------------------------------------------------------------------------------------ one interview


@router.post("/interviews/{id}/{what}")
async def change(at: Edit, id: str, what: str) -> Response:
    """Book a time, ask again, send the link or make a new one, or cancel."""
    desk = at.app.interviews
    application = (await desk.one(id))["application"]
    match what:
        case "accept":
            await desk.accept(id, _moment(at), at.actor)
            words = "Booked. Both sides are told."
        case "again":
            await desk.ask_again(id, at.actor)
            words = "Asked again. The message leaves in your name."
        case "send":
            await desk.send(id, at.actor)
            words = "On its way. The message leaves in your name."
        case "renew":
            await desk.renew(id, at.actor)
            words = "A new link is made; the old one ends. Nothing was sent."
        case "cancel":
            await desk.cancel(id, at.actor, at.given("why"))
            words = "Cancelled. Where it was booked, both sides are told in neutral words."
        case _:
            raise InputError(f"An interview cannot be made to {what}.")
    return at.done(await _page(at, application), words)
