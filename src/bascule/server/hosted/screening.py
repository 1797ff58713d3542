"""`/screening/<link>`: the form that an applicant fills in, a question a page, in their language."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.hiring import screening
from bascule.hiring.form_words import LANGUAGES, Words, words, zones
from bascule.hiring.screening import Question, QuestionKind
from bascule.office.applicants import LARGEST, Form

from ..views.hosted import Asked, Check, Given, Notice, Start, Wish
from .guest import Guest, TooOften, given

router = APIRouter(prefix="/screening/{token}", include_in_schema=False)


async def guest(request: Request, token: str) -> Guest:
    return Guest(request, request.app.state.web, token)


Here = Annotated[Guest, Depends(guest)]
Step = Callable[[Form, Words], Awaitable[Response]]


async def _with(at: Guest, step: Step) -> Response:
    """The form that the link opens, and what is done with it; a page that says why not, where it opens none."""
    say = at.say()
    try:
        at.admit(forged=at.web.app.applicants.forged(at.token))
        form = await at.web.app.applicants.form(at.token)
        say = at.say(form.language)
        return await step(form, say)
    except TooOften:
        return at.page("notice.html", Notice(say("often_title"), say("often_text")), say, status=429)
    except NotFoundError:
        return at.page("notice.html", Notice(say("gone_title"), say("gone_text")), say, status=404)
    except (ConflictError, ForbiddenError):
        return at.to(_home(at))
    except InputError as error:
        links = ((_home(at), say("home")),)
        return at.page("notice.html", Notice(say("title"), str(error).removesuffix(error.hint), links), say, status=422)


def _home(at: Guest) -> str:
    return f"/screening/{at.token}"


def _question(at: Guest, number: int) -> str:
    return f"{_home(at)}/question/{number}"


# -------------------------------------------------------------------------------------------------- begin and end


@router.get("")
async def home(at: Here) -> Response:
    async def show(form: Form, say: Words) -> Response:
        if form.ends:
            return _ended(at, form, say)
        return at.page("start.html", _start(at, form, say), say)

    return await _with(at, show)


def _ended(at: Guest, form: Form, say: Words) -> Response:
    until, by = say.when(form.until, form.zone), say.when(form.person_by, form.zone)
    people = ((f"{_home(at)}/people", say("people_link")),)
    match form.ends:
        case "opted out":
            view = Notice(say("people_done_title"), say("people_done_text", until=by))
        case "sent":
            view = Notice(say("done_title"), say("done_text", job=form.job), people)
        case "expired":
            view = Notice(say("expired_title"), say("expired_text", until=until), people)
        case _:
            view = Notice(say("closed_title"), say("closed_text"))
    return at.page("notice.html", view, say, status=410 if form.ends == "expired" else 200)


def _start(at: Guest, form: Form, say: Words, error: str = "") -> Start:
    told = form.told.said(say.language) if form.told is not None else say("ai_text")
    return Start(
        path=_home(at),
        title=say("title"),
        intro=say("intro", job=form.job, count=len(form.asked), minutes=screening.minutes(form.asked)),
        keep=say("keep", until=say.when(form.until, form.zone)),
        disclosure=tuple(part.strip() for part in told.split("\n\n") if part.strip()),
        languages=tuple((code, words(code)("own_name")) for code in LANGUAGES),
        zones=zones(),
        zone=form.zone,
        started=form.started,
        done=form.done,
        of=len(form.asked),
        next=_on(at, form),
        error=error,
    )


def _on(at: Guest, form: Form) -> str:
    """The first question without an answer, or the end."""
    first = next((n for n, one in enumerate(form.asked, start=1) if one.id not in form.answers), 0)
    return _question(at, first) if first else f"{_home(at)}/check"


@router.post("/language")
async def language(at: Here) -> Response:
    async def choose(form: Form, say: Words) -> Response:
        chosen = given(await at.form(), "language")
        await at.web.app.applicants.speak(at.token, chosen if chosen in LANGUAGES else say.language)
        return at.to(_home(at))

    return await _with(at, choose)


@router.post("/start")
async def start(at: Here) -> Response:
    async def begin(form: Form, say: Words) -> Response:
        sent = await at.form()
        if given(sent, "agreed") != "yes" and not form.started:
            return at.page("start.html", _start(at, form, say, say("consent_needed")), say, status=422)
        await at.web.app.applicants.start(at.token, say.language, given(sent, "zone"))
        return at.to(_on(at, form))

    return await _with(at, begin)


# -------------------------------------------------------------------------------------------------------- questions


@router.get("/question/{number}")
async def question(at: Here, number: int) -> Response:
    async def show(form: Form, say: Words) -> Response:
        if form.ends or not form.started or not 1 <= number <= len(form.asked):
            return at.to(_home(at))
        return at.page("question.html", _asked(at, form, number, say), say)

    return await _with(at, show)


def _asked(
    at: Guest, form: Form, number: int, say: Words, error: str = "", typed: tuple[str, str] | None = None
) -> Asked:
    one = form.asked[number - 1]
    held: Any = form.answers.get(one.id) or {}
    value, more = typed or (str(held.get("value") or ""), str(held.get("more") or ""))
    return Asked(
        path=_question(at, number),
        number=number,
        of=len(form.asked),
        done=form.done,
        kind=str(one.kind),
        text=screening.asked(one, say),
        required=one.required,
        choices=screening.choices(one, say),
        value=value,
        more=more,
        help=say("file_help", size=LARGEST) if one.kind is QuestionKind.FILE else "",
        file=say("file_kept", name=form.files[one.id]) if one.id in form.files else "",
        error=error,
    )


@router.post("/question/{number}")
async def answer(at: Here, number: int) -> Response:
    """Keep the answer, then go on, back, or away. `stay` is what the page sends by itself while somebody writes."""

    async def keep(form: Form, say: Words) -> Response:
        if form.ends or not form.started or not 1 <= number <= len(form.asked):
            return at.to(_home(at))
        one = form.asked[number - 1]
        file = LARGEST * 1_000_000 if one.kind is QuestionKind.FILE else 0
        try:
            sent = await at.form(file=file + 100_000 if file else 0)
        except InputError:
            wrong = say("file_large", size=LARGEST) if file else say("long", most=screening.LONGEST)
            return at.page("question.html", _asked(at, form, number, say, wrong), say, status=422)
        go = given(sent, "go")
        try:
            async with closing(sent):
                await _take(at, one, sent, say)
        except InputError as error:
            typed = given(sent, "value"), given(sent, "more")
            view = _asked(at, form, number, say, str(error), typed)
            return at.page("question.html", view, say, status=422)
        if go == "stay":
            return Response(status_code=204)
        if go == "later":
            return at.to(f"{_home(at)}/kept")
        if go == "back":
            return at.to(_question(at, number - 1) if number > 1 else _home(at))
        return at.to(_question(at, number + 1) if number < len(form.asked) else f"{_home(at)}/check")

    return await _with(at, keep)


@asynccontextmanager
async def closing(sent: FormData) -> AsyncGenerator[None]:
    """A file that was sent is let go of at the end."""
    try:
        yield
    finally:
        await sent.close()


async def _take(at: Guest, one: Question, sent: FormData, say: Words) -> None:
    """Keep what was sent as an answer; a file only where one was chosen."""
    if one.kind is QuestionKind.FILE:
        file = sent.get("file")
        if isinstance(file, UploadFile) and file.filename:
            data = await file.read()
            await at.web.app.applicants.attach(at.token, one.id, file.filename, data, say.language)
        return
    await at.web.app.applicants.answer(at.token, one.id, given(sent, "value"), given(sent, "more"), say.language)


@router.get("/kept")
async def kept(at: Here) -> Response:
    async def show(form: Form, say: Words) -> Response:
        until = say.when(form.until, form.zone)
        links = ((_home(at), say("continue")),)
        return at.page("notice.html", Notice(say("later_title"), say("later_text", until=until), links), say)

    return await _with(at, show)


# ------------------------------------------------------------------------------------------------------------- send


@router.get("/check")
async def check(at: Here) -> Response:
    async def show(form: Form, say: Words) -> Response:
        if form.ends or not form.started:
            return at.to(_home(at))
        return at.page("check.html", _check(at, form, say), say)

    return await _with(at, show)


def _check(at: Guest, form: Form, say: Words, error: str = "") -> Check:
    answers = tuple(
        Given(
            _question(at, number),
            screening.asked(one, say),
            form.files.get(one.id) or screening.shown(one, form.answers, say),
            one.required,
        )
        for number, one in enumerate(form.asked, start=1)
    )
    return Check(_home(at), answers, _question(at, len(form.asked)) if form.asked else _home(at), error)


@router.post("/send")
async def send(at: Here) -> Response:
    async def done(form: Form, say: Words) -> Response:
        try:
            await at.web.app.applicants.send(at.token, say.language)
        except InputError as error:
            return at.page("check.html", _check(at, form, say, str(error)), say, status=422)
        return at.to(_home(at))

    return await _with(at, done)


# ------------------------------------------------------------------------------------------------------ other ways


@router.get("/people")
async def people(at: Here) -> Response:
    async def show(form: Form, say: Words) -> Response:
        if form.ends in ("opted out", "closed"):
            return at.to(_home(at))
        by = say.when(form.person_by, form.zone)
        view = Wish(f"{_home(at)}/people", say("people_title"), say("people_text", until=by), say("people_do"))
        return at.page("wish.html", view, say)

    return await _with(at, show)


@router.post("/people")
async def only_people(at: Here) -> Response:
    async def done(form: Form, say: Words) -> Response:
        await at.web.app.applicants.opt_out(at.token)
        return at.to(_home(at))

    return await _with(at, done)


@router.get("/adjustment")
async def adjustment(at: Here) -> Response:
    async def show(form: Form, say: Words) -> Response:
        return at.page("wish.html", _adjustment(at, say), say)

    return await _with(at, show)


def _adjustment(at: Guest, say: Words, error: str = "") -> Wish:
    return Wish(
        f"{_home(at)}/adjustment", say("adjustment_title"), say("adjustment_text"), say("adjustment_do"),
        say("adjustment_label"), error,
    )  # fmt: skip


@router.post("/adjustment")
async def adjust(at: Here) -> Response:
    async def done(form: Form, say: Words) -> Response:
        try:
            await at.web.app.applicants.adjust(at.token, given(await at.form(), "text"), say.language)
        except InputError as error:
            return at.page("wish.html", _adjustment(at, say, str(error)), say, status=422)
        now = await at.web.app.applicants.form(at.token)
        text = say("adjustment_done_text", until=say.when(now.until, now.zone))
        links = ((_home(at), say("home")),)
        return at.page("notice.html", Notice(say("adjustment_done_title"), text, links), say)

    return await _with(at, done)
