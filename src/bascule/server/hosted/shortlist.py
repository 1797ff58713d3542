"""`/shortlist/<link>`: people of a job, shown to one hiring manager, who says approve, maybe or skip of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from bascule.errors import ForbiddenError, InputError, NotFoundError
from bascule.hiring.form_words import FIRST, words
from bascule.office.managers import Listed, Opened

from ..views.hosted import CodeAsked, ListPage, ListRow, Notice, PersonPage
from .guest import Guest, TooOften, given

router = APIRouter(prefix="/shortlist/{token}", include_in_schema=False)
COOKIE = "bascule-shortlist"
DAY = 86_400
SAID = {"approve": "Approved", "maybe": "Maybe", "skip": "Skipped"}


async def guest(request: Request, token: str) -> Guest:
    return Guest(request, request.app.state.web, token)


Here = Annotated[Guest, Depends(guest)]
Step = Callable[[Opened], Awaitable[Response]]


async def _with(at: Guest, step: Step) -> Response:
    """The list that the link opens, and what is done with it; a page that says why not, where it opens none."""
    try:
        at.admit(forged=at.web.app.managers.forged(at.token))
        found = await at.web.app.managers.open(at.token, _proof(at))
        if found.ends:
            return _ended(at, found)
        return await step(found)
    except TooOften:
        return _notice(at, "Too many requests", "Wait a minute, then load the page again.", 429)
    except NotFoundError as error:
        if "list" in str(error):
            back = ((_home(at), "Back to the list"),)
            return _notice(at, str(error), "They were moved, withdrawn or erased.", 404, back)
        text = "It may be cut short, or a newer one was sent to you. Ask whoever sent it."
        return _notice(at, "This link does not work", text, 404)
    except (InputError, ForbiddenError) as error:
        said = str(error).removesuffix(error.hint).strip()
        return _notice(at, said, error.hint, 422, ((_home(at), "Back to the list"),))


def _notice(at: Guest, title: str, text: str, status: int = 200, links: tuple[tuple[str, str], ...] = ()) -> Response:
    return at.page("notice.html", Notice(title, text, links), words(FIRST), status=status)


def _home(at: Guest) -> str:
    return f"/shortlist/{at.token}"


def _proof(at: Guest) -> str:
    return at.request.cookies.get(COOKIE, "")


def _ended(at: Guest, found: Opened) -> Response:
    if found.ends == "code":
        return at.page("code.html", CodeAsked(f"{_home(at)}/code", found.job, found.by), words(FIRST))
    if found.ends == "locked":
        text = f"Too many wrong codes were tried. Ask {found.by} for a new link."
        return _notice(at, "This list is locked", text, 403)
    return _notice(at, "This link has ended", f"Ask {found.by} for a new one.", 410)


@router.get("")
async def home(at: Here) -> Response:
    async def show(found: Opened) -> Response:
        rows = tuple(
            ListRow(f"{_home(at)}/{one.number}", one.name, _beside(one), SAID.get(one.answer, ""), one.answered)
            for one in found.people
        )
        view = ListPage(found.job, found.name, found.by, found.until, rows, sum(bool(r.said) for r in rows), found.left)
        return at.page("shortlist.html", view, words(FIRST))

    return await _with(at, show)


def _beside(one: Listed) -> str:
    """One line under a name."""
    years = f"{one.years:g} years of experience" if one.years is not None else ""
    return ", ".join(part for part in (one.title, years) if part)


@router.post("/code")
async def code(at: Here) -> Response:
    """The code works once: this browser is remembered, and no other."""
    try:
        at.admit(forged=at.web.app.managers.forged(at.token))
        proof = await at.web.app.managers.prove(at.token, given(await at.form(), "code"))
    except TooOften:
        return _notice(at, "Too many requests", "Wait a minute, then try again.", 429)
    except NotFoundError:
        return at.to(_home(at))
    except (ForbiddenError, InputError) as error:
        said = str(error).removesuffix(error.hint).strip()
        view = CodeAsked(f"{_home(at)}/code", "", "", f"{said} {error.hint}")
        return at.page("code.html", view, words(FIRST), status=403)
    answer = at.to(_home(at))
    answer.set_cookie(
        COOKIE, proof, max_age=90 * DAY, httponly=True, samesite="lax", secure=at.web.secure, path=_home(at)
    )
    return answer


@router.get("/{number}")
async def one(at: Here, number: int) -> Response:
    async def show(found: Opened) -> Response:
        return at.page("person.html", _person(at, found, number), words(FIRST))

    return await _with(at, show)


def _person(at: Guest, found: Opened, number: int, error: str = "") -> PersonPage:
    someone = found.one(number)
    after = [each.number for each in found.people if each.number > number]
    return PersonPage(
        path=f"{_home(at)}/{number}",
        back=_home(at),
        next=f"{_home(at)}/{after[0]}" if after else "",
        name=someone.name,
        beside=_beside(someone),
        score=someone.score,
        reasons=someone.reasons,
        skills=someone.skills,
        answers=someone.answers,
        resume=someone.resume,
        answer=someone.answer,
        comment=someone.comment,
        answered=someone.answered,
        redacted=found.redacted,
        error=error,
    )


@router.post("/{number}")
async def say(at: Here, number: int) -> Response:
    async def keep(found: Opened) -> Response:
        sent = await at.form()
        answer = given(sent, "answer")
        if not answer:
            view = _person(at, found, number, "Choose approve, maybe or skip.")
            return at.page("person.html", view, words(FIRST), status=422)
        await at.web.app.managers.say(at.token, _proof(at), number, answer, given(sent, "comment"))
        after = next((each.number for each in found.people if each.number > number and not each.answer), 0)
        return at.to(f"{_home(at)}/{after}" if after else _home(at))

    return await _with(at, keep)
