"""Messages to candidates and their answers; how they leave, and their words; the link that ends them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from bascule.core.messages import Template, Words
from bascule.errors import InputError
from bascule.hiring.mail import Security, Server
from bascule.hiring.mailbox import Mailbox
from bascule.store.messages import MessageState

from ..desk import Desk, acting, own_form, seeing, theme_of
from ..rendering import count, render
from ..roles import Right
from ..show import flow
from ..views.flow import MailPage, MessagesPage, QuietPage
from ..views.frame import Frame
from ..views.parts import Tone
from ..web import Web

router = APIRouter(include_in_schema=False)

Look = Annotated[Desk, Depends(seeing(Right.CANDIDATES))]
Operate = Annotated[Desk, Depends(seeing(Right.OPERATE))]
Act = Annotated[Desk, Depends(acting(Right.OPERATE))]
Decide = Annotated[Desk, Depends(acting(Right.DECIDE))]


@router.get("/messages")
async def page(at: Look, state: str = "", before: str = "") -> Response:
    setup, rates = await at.app.message_desk.setup(), await at.app.message_desk.rates()
    rows, paging = await at.look(lambda tx: flow.messages(tx, at.workspace, state, before))
    counts = await at.look(lambda tx: tx.messages.counted(at.workspace))
    await at.app.desk.note(at.actor, "messages listed", detail={"state": state, "shown": len(rows)})
    leaving = await at.look(lambda tx: flow.leaving(tx, at.workspace))
    view = MessagesPage(rows, counts, state, setup.server, paging, tuple(rates), leaving)
    return await at.page("messages.html", view)


@router.post("/messages/back")
async def take_back(at: Decide) -> Response:
    """`message`: one that has not left; `trigger`: all of one rule."""
    if rule := at.given("trigger"):
        done, left = await at.app.message_desk.take_all_back(rule, at.actor)
        more = f" {count(left, 'message')} had left already." if left else ""
        return at.done("/messages", f"{count(done, 'message')} taken back.{more}", tone=Tone.PAUSED)
    back = await at.app.message_desk.take_back(at.given("message"), at.actor)
    if back.state is MessageState.HELD:
        return at.done(f"/review/{back.review}", "Taken back: it waits for a person again.", tone=Tone.PAUSED)
    return at.done(f"/candidates/{back.candidate}#messages", "Taken back: it is not sent.", tone=Tone.PAUSED)


@router.get("/messages/mail")
async def mail(at: Operate, template: str = "", language: str = "") -> Response:
    setup = await at.app.message_desk.setup()
    templates = await at.app.message_desk.templates()
    chosen = templates.get(template)
    shown, tongue = ("", ""), language or setup.locale
    if chosen is not None and tongue in chosen.words:
        shown = (chosen.words[tongue].subject, chosen.words[tongue].text)
    mailbox = await at.app.mailbox.shown()
    view = MailPage(
        setup.server,
        setup.hours,
        setup.locale,
        tuple(templates[name] for name in sorted(templates)),
        chosen,
        tongue,
        shown,
        mailbox=mailbox,
    )
    return await at.page("mail.html", view)


@router.post("/messages/mail/server")
async def server(at: Act) -> Response:
    given = {name: at.given(name) for name in ("host", "sender", "name", "username", "password", "answers")}
    await at.app.message_desk.set_server(Server(port=_port(at), security=_security(at), **given), at.actor)
    return at.done("/messages/mail", "Kept. A test letter is on its way to the sender.")


def _security(at: Desk) -> Security:
    if at.given("security") not in set(Security):
        raise InputError("Choose how the way is kept private.")
    return Security(at.given("security"))


def _port(at: Desk) -> int:
    if not at.given("port").isdecimal():
        raise InputError("A port is a whole number.")
    return int(at.given("port"))


@router.post("/messages/mail/mailbox")
async def mailbox(at: Act) -> Response:
    if at.given("do") == "leave":
        await at.app.mailbox.leave(at.actor)
        return at.done("/messages/mail#mailbox", "It is read no more, and its password is gone.")
    given = {name: at.given(name) for name in ("host", "username", "password")}
    box = Mailbox(port=_port(at), security=_security(at), folder=at.given("folder") or "INBOX", **given)
    await at.app.mailbox.enter(box, at.actor)
    return at.done("/messages/mail#mailbox", "It opens. Answers are taken from there once a minute.")


@router.post("/messages/mail/hours")
async def hours(at: Act) -> Response:
    begin, end = at.given("begin"), at.given("end")
    if not (begin.isdecimal() and end.isdecimal()):
        raise InputError("Hours are whole numbers.", hint="For instance 8 to 19.")
    days = [int(one) for one in at.all_given("day") if one.isdecimal()]
    await at.app.message_desk.set_hours(int(begin), int(end), days, at.given("zone"), at.given("language"), at.actor)
    return at.done("/messages/mail#hours", "Saved.")


@router.post("/messages/mail/templates")
async def template(at: Act) -> Response:
    name, language = at.given("name"), at.given("language") or "en"
    known = (await at.app.message_desk.templates()).get(name)
    words = dict(known.words) if known is not None else {}
    words[language] = Words(at.given("subject"), at.given("text").replace("\r\n", "\n") + "\n")
    made = Template(name, words, bool(at.given("rejects")), bool(at.given("closed")))
    await at.app.message_desk.set_template(made, at.actor)
    return at.done(f"/messages/mail?template={name}&language={language}#words", "Saved.")


# ------------------------------------------------------------------------------------- for candidates, without a login


def _outside(request: Request, view: QuietPage, status: int = 200) -> Response:
    web: Web = request.app.state.web
    frame = Frame("", "", (), request.url.path, web.app.runtime.now(), theme=theme_of(request))
    response = HTMLResponse(render("quiet.html", frame=frame, view=view), status_code=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@router.get("/quiet/{thread}")
async def quiet(request: Request, thread: str) -> Response:
    """Opening the link does nothing: its button does. A scanner that opens links ends nothing."""
    web: Web = request.app.state.web
    known = await web.app.message_desk.knows(thread)
    return _outside(request, QuietPage(thread, known), 200 if known else 404)


@router.post("/quiet/{thread}")
async def be_quiet(request: Request, thread: str) -> Response:
    """The button of that page, or a mail program's own (RFC 8058, which sends no page of ours along)."""
    web: Web = request.app.state.web
    form = await request.form()
    if form.get("List-Unsubscribe") != "One-Click":
        await own_form(request)
    done = await web.app.message_desk.hush(thread)
    return _outside(request, QuietPage(thread, done, done), 200 if done else 404)
