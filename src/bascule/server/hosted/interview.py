"""`/interview/<link>`: a candidate chooses a time for an interview, changes or cancels it, or proposes times."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import groupby
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response

from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring.form_words import LANGUAGES, Words, words, zones
from bascule.office.booking import PROPOSALS, Free, Opened

from ..views.hosted import Booked, Notice, Proposing, Times, TimesDay, Wish
from .guest import HEADERS, Guest, TooOften, given

router = APIRouter(prefix="/interview/{token}", include_in_schema=False)
DAYS = 3  # that are shown at once


async def guest(request: Request, token: str) -> Guest:
    return Guest(request, request.app.state.web, token)


Here = Annotated[Guest, Depends(guest)]
Step = Callable[[Opened, Words], Awaitable[Response]]


async def _with(at: Guest, step: Step) -> Response:
    """The interview that the link opens, and what is done with it; a page that says why not, where it opens none."""
    say = at.say()
    try:
        at.admit(forged=at.web.app.booking.forged(at.token))
        opened = await at.web.app.booking.open(at.token)
        say = at.say(opened.language)
        return await step(opened, say)
    except TooOften:
        return at.page("notice.html", Notice(say("often_title"), say("often_text")), say, status=429)
    except NotFoundError:
        return at.page("notice.html", Notice(say("gone_title"), say("gone_text")), say, status=404)
    except ConflictError:
        return at.to(_home(at))
    except InputError as error:
        links = ((_home(at), say("interview_back")),)
        return at.page("notice.html", Notice(say("interview_title"), str(error), links), say, status=422)


def _home(at: Guest) -> str:
    return f"/interview/{at.token}"


@router.get("")
async def home(at: Here) -> Response:
    async def show(opened: Opened, say: Words) -> Response:
        if opened.ends:
            return _ended(at, opened, say)
        if opened.state == "booked":
            return at.page("booked.html", _booked(at, opened, say), say)
        if opened.state == "proposed":
            return at.page("booked.html", _proposed(at, opened, say), say)
        return await _times(at, opened, say)

    return await _with(at, show)


def _ended(at: Guest, opened: Opened, say: Words) -> Response:
    match opened.ends:
        case "over":
            time = say.when(opened.starts or opened.until, opened.zone)
            view = Notice(say("interview_over_title"), say("interview_over_text", time=time))
        case "expired":
            until = say.when(opened.expires, opened.zone)
            view = Notice(say("expired_title"), say("interview_expired_text", until=until))
        case _:
            view = Notice(say("interview_cancelled_title"), say("interview_cancelled_text"))
    return at.page("notice.html", view, say, status=410 if opened.ends == "expired" else 200)


def _facts(opened: Opened, say: Words) -> tuple[tuple[str, str, str], ...]:
    when = ((say("interview_when"), say.when(opened.starts, opened.zone), ""),) if opened.starts is not None else ()
    link = opened.place if opened.place.startswith("https://") and " " not in opened.place else ""
    return (*when, (say("interview_with"), ", ".join(opened.people), ""), (say("interview_where"), opened.place, link))


def _booked(at: Guest, opened: Opened, say: Words) -> Booked:
    until = say.when(opened.until, opened.zone)
    return Booked(
        path=_home(at),
        title=say("interview_booked_title"),
        intro=opened.job,
        facts=_facts(opened, say),
        help=say("interview_until", until=until) if opened.changes else say("interview_late"),
        event=f"{_home(at)}/interview.ics",
        changes=opened.changes,
        languages=_languages(),
    )


def _proposed(at: Guest, opened: Opened, say: Words) -> Booked:
    facts = tuple(
        (say("interview_propose_label", number=number), say.when(time, opened.zone), "")
        for number, time in enumerate(opened.proposed, start=1)
    )
    return Booked(
        path=_home(at),
        title=say("interview_proposed_title"),
        intro=say("interview_proposed_text"),
        facts=facts,
        proposed=True,
        changes=True,
        languages=_languages(),
    )


def _languages() -> tuple[tuple[str, str], ...]:
    return tuple((code, words(code)("own_name")) for code in LANGUAGES)


# ----------------------------------------------------------------------------------------------------------- the times


@router.get("/times")
async def times(at: Here) -> Response:
    async def show(opened: Opened, say: Words) -> Response:
        if opened.ends or not opened.changes:
            return at.to(_home(at))
        return await _times(at, opened, say)

    return await _with(at, show)


async def _times(at: Guest, opened: Opened, say: Words, error: str = "", status: int = 200) -> Response:
    free = await at.web.app.booking.free(at.token)
    if free.silent or not free.times:
        why = say("interview_silent") if free.silent else say("interview_none")
        return at.page("proposing.html", await _proposing(at, opened, say, why=why), say, status=status)
    view = _view(at, opened, say, free, _first(at), error)
    return at.page("times.html", view, say, status=status)


def _first(at: Guest) -> int:
    given_ = at.request.query_params.get("day", "")
    return int(given_) if given_.isdecimal() and len(given_) < 4 else 0


def _view(at: Guest, opened: Opened, say: Words, free: Free, first: int, error: str) -> Times:
    zone = ZoneInfo(opened.zone)

    def day(time: datetime) -> str:
        return say.day(time, opened.zone)

    days = [(name, tuple(found)) for name, found in groupby(free.times, key=day)]
    first = min(first, max(len(days) - 1, 0)) // DAYS * DAYS
    shown = tuple(
        TimesDay(name, tuple((time.isoformat(), say.clock(time.astimezone(zone))) for time in found))
        for name, found in days[first : first + DAYS]
    )
    here = f"{_home(at)}/times"
    return Times(
        path=_home(at),
        title=say("interview_title"),
        intro=say(
            "interview_intro", job=opened.job or "-", minutes=opened.rules.length, people=", ".join(opened.people)
        ),
        place=say("interview_place", place=opened.place),
        zone=opened.zone,
        zones=zones(),
        guess=not opened.chosen_zone,
        days=shown,
        later=f"{here}?day={first + DAYS}" if first + DAYS < len(days) else "",
        earlier=f"{here}?day={first - DAYS}" if first else "",
        languages=_languages(),
        error=error,
        back=_home(at) if opened.state == "booked" else "",
    )


@router.post("/times")
async def choose(at: Here) -> Response:
    async def take(opened: Opened, say: Words) -> Response:
        start = given(await at.form(), "start")
        if opened.ends or not opened.changes:
            return at.to(_home(at))
        if not start:
            return await _times(at, opened, say, say("interview_pick_needed"), 422)
        try:
            await at.web.app.booking.choose(at.token, start)
        except ConflictError:
            return await _times(at, await at.web.app.booking.open(at.token), say, say("interview_taken"), 409)
        return at.to(_home(at))

    return await _with(at, take)


@router.post("/look")
async def look(at: Here) -> Response:
    """In another language, or times in another zone."""

    async def keep(opened: Opened, _: Words) -> Response:
        form = await at.form()
        await at.web.app.booking.speak(at.token, language=given(form, "language"), zone=given(form, "zone"))
        times_ = given(form, "times") == "yes" and opened.state == "booked"
        return at.to(f"{_home(at)}/times" if times_ else _home(at))

    return await _with(at, keep)


# ---------------------------------------------------------------------------------------------------------- other ways


@router.get("/propose")
async def propose(at: Here) -> Response:
    async def show(opened: Opened, say: Words) -> Response:
        if opened.ends or not opened.changes:
            return at.to(_home(at))
        return at.page("proposing.html", await _proposing(at, opened, say), say)

    return await _with(at, show)


async def _proposing(
    at: Guest,
    opened: Opened,
    say: Words,
    *,
    why: str = "",
    error: str = "",
    typed: tuple[str, ...] = (),
    note: str = "",
) -> Proposing:
    values = (*typed, *("",) * PROPOSALS)[:PROPOSALS]
    return Proposing(
        path=_home(at),
        title=say("interview_propose_title"),
        intro=say(
            "interview_intro", job=opened.job or "-", minutes=opened.rules.length, people=", ".join(opened.people)
        ),
        text=say("interview_propose_text"),
        why=why,
        zone=opened.zone,
        zones=zones(),
        guess=not opened.chosen_zone,
        fields=tuple((say("interview_propose_label", number=n), value) for n, value in enumerate(values, start=1)),
        note=note,
        error=error,
    )


@router.post("/propose")
async def proposed(at: Here) -> Response:
    async def keep(opened: Opened, say: Words) -> Response:
        form = await at.form()
        typed = tuple(given(form, f"time{number}") for number in range(1, PROPOSALS + 1))
        zone, note = given(form, "zone"), given(form, "note")
        if opened.ends or not opened.changes:
            return at.to(_home(at))
        if zone in zones() and zone != opened.zone:
            await at.web.app.booking.speak(at.token, zone=zone)
            opened = await at.web.app.booking.open(at.token)
        try:
            await at.web.app.booking.propose(at.token, typed, note, say.language)
        except ConflictError:
            raise
        except InputError as error:
            view = await _proposing(at, opened, say, error=str(error), typed=typed, note=note)
            return at.page("proposing.html", view, say, status=422)
        return at.to(_home(at))

    return await _with(at, keep)


@router.get("/cancel")
async def ask(at: Here) -> Response:
    async def show(opened: Opened, say: Words) -> Response:
        if opened.ends or not opened.changes or opened.starts is None:
            return at.to(_home(at))
        text = say("interview_cancel_text", time=say.when(opened.starts, opened.zone))
        back = say("interview_keep")
        view = Wish(f"{_home(at)}/cancel", say("interview_cancel_title"), text, say("interview_cancel_do"), back=back)
        return at.page("wish.html", view, say)

    return await _with(at, show)


@router.post("/cancel")
async def cancel(at: Here) -> Response:
    async def do(_: Opened, _say: Words) -> Response:
        await at.web.app.booking.cancel(at.token)
        return at.to(_home(at))

    return await _with(at, do)


@router.get("/interview.ics")
async def event(at: Here) -> Response:
    async def show(_: Opened, _say: Words) -> Response:
        text = await at.web.app.booking.event(at.token)
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="interview.ics"'}
        return Response(text.encode(), media_type="text/calendar; charset=utf-8", headers=headers)

    return await _with(at, show)
