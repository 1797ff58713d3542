"""`/decide/<link>`: what is held for one person, with evidence, and buttons to answer. Looking decides nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from bascule.core.reviews import APPROVE, DECLINE, LEAVE
from bascule.errors import BasculeError, ConflictError, NotFoundError

from ..views.hosted import Decisions, Notice
from .guest import Guest, TooOften, given

router = APIRouter(prefix="/decide/{token}", include_in_schema=False)
ANSWERS = (APPROVE, DECLINE, LEAVE)
OPENED = "decisions opened"


async def guest(request: Request, token: str) -> Guest:
    return Guest(request, request.app.state.web, token)


Here = Annotated[Guest, Depends(guest)]
GONE = Notice(
    "This link opens nothing any more", "A link works for two weeks from the last letter. The next one brings another."
)
OFTEN = Notice("Too many tries", "Wait five minutes, then open the link again.")


async def _with(at: Guest, step: Callable[[], Awaitable[Response]]) -> Response:
    say = at.say("en")
    try:
        at.admit(forged=at.web.app.decisions.forged(at.token))
        return await step()
    except TooOften:
        return at.page("notice.html", OFTEN, say, status=429)
    except NotFoundError:
        return at.page("notice.html", GONE, say, status=404)
    except ConflictError as error:
        return await _page(at, error=str(error))
    except BasculeError as error:
        return await _page(at, error=str(error), status=422)


async def _page(at: Guest, *, said: str = "", error: str = "", status: int = 200) -> Response:
    found = await at.web.app.decisions.open(at.token)
    if not at.web.again(found.person, OPENED):
        await at.web.app.decisions.opened(found)
        at.web.seen[found.person, OPENED] = at.web.app.runtime.now()
    view = Decisions(f"/decide/{at.token}", found, said, error)
    return at.page("decisions.html", view, at.say("en"), status=status)


@router.get("")
async def home(at: Here) -> Response:
    return await _with(at, lambda: _page(at))


@router.post("/one/{review}")
async def decide(at: Here, review: str) -> Response:
    async def step() -> Response:
        form = await at.form()
        answer = given(form, "answer")
        if answer not in ANSWERS:
            raise NotFoundError("There is no such answer.")
        words = {"subject": given(form, "subject"), "text": given(form, "text").replace("\r\n", "\n")}
        changed = words if words["subject"] and words["text"] else None
        said = await at.web.app.decisions.decide(at.token, review, answer, changed, given(form, "reason"))
        return await _page(at, said=said)

    return await _with(at, step)


@router.post("/back")
async def take_back(at: Here) -> Response:
    async def step() -> Response:
        form = await at.form()
        if rule := given(form, "trigger"):
            done, left = await at.web.app.decisions.take_all_back(at.token, rule)
            return await _page(at, said=f"{done} taken back: they wait again.{f' {left} had left.' if left else ''}")
        return await _page(at, said=await at.web.app.decisions.take_back(at.token, given(form, "message")))

    return await _with(at, step)


@router.post("/all/{trigger}")
async def batch(at: Here, trigger: str) -> Response:
    async def step() -> Response:
        answer = given(await at.form(), "answer")
        if answer not in (APPROVE, DECLINE):
            raise NotFoundError("There is no such answer.")
        done, others = await at.web.app.decisions.batch(at.token, trigger, answer)
        word = "sent" if answer == APPROVE else "withheld"
        more = f" {others} were decided meanwhile or cannot be." if others else ""
        return await _page(at, said=f"{done} {word}, in your name.{more}")

    return await _with(at, step)
