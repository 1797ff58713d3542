"""`/api/v1/messages`: what is said to candidates and what they answer, templates, and the mail server."""

from __future__ import annotations

import base64

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from bascule.core.messages import Template, Words
from bascule.errors import InputError
from bascule.hiring.mail import Security, Server
from bascule.hiring.mailbox import Mailbox
from bascule.store.messages import Message

from .caller import KEY, Admin, CandidatesRead, Json, Limit, ReviewsRead, ReviewsWrite

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["messages"])


class Said(BaseModel):
    """The words of a message, or of a template in one language."""

    subject: str = Field(max_length=200)
    text: str = Field(max_length=20_000)


class New(BaseModel):
    """A message to one candidate."""

    application: str
    template: str
    language: str = ""
    words: Said | None = Field(
        None, description="Other words than the template's; what a template fills in is filled in here too."
    )


class Written(BaseModel):
    """A template: its words by language. `rejects`: it states or implies that somebody is turned away."""

    words: dict[str, Said]
    rejects: bool = False
    closed: bool = Field(False, description="It may go to somebody whose application is closed.")


class Letter(BaseModel):
    letter: str = Field(max_length=7_000_000, description="The whole letter (RFC 5322), in base64.")


class MailServer(BaseModel):
    host: str
    port: int
    security: str = Field(description="tls, starttls, none (on this machine only)")
    sender: str
    name: str = Field(description="How the employer signs.")
    username: str = ""
    password: str = Field("", description='"" keeps the one that is known.')
    answers: str = Field("", description="A mailbox that also takes what is sent to NAME+anything@DOMAIN.")


class Inbox(BaseModel):
    """A mailbox that is read by IMAP."""

    host: str
    port: int = 993
    security: str = Field("tls", description="tls, starttls, none (on this machine only)")
    username: str
    password: str = Field("", description='"" keeps the one that is known.')
    folder: str = "INBOX"


class Hours(BaseModel):
    """When messages may leave."""

    begin: int
    end: int
    days: list[int] = Field(description="Monday is 0.")
    zone: str
    language: str = "en"


def told(one: Message) -> Json:
    return {
        "id": one.id, "candidate": one.candidate, "application": one.application, "direction": one.direction,
        "template": one.template, "language": one.locale, "state": str(one.state), "why": one.why, "to": one.to,
        "subject": one.subject, "text": one.text, "created": one.created, "due": one.due, "sent": one.sent,
        "trigger": one.firing, "review": one.review,
    }  # fmt: skip


@router.get("/messages", summary="Messages to and from candidates, the newest first")
async def messages(at: CandidatesRead, state: str = "", after: str = "", limit: Limit = 50) -> Json:
    found = await at.app.message_desk.list(state=state, before=after, limit=limit + 1)
    more = found[limit - 1].id if len(found) > limit else None
    await at.app.desk.note(at.program.actor, "messages listed", detail={"state": state, "shown": len(found[:limit])})
    return {"items": [told(one) for one in found[:limit]], "next": more}


@router.post("/messages", status_code=202, summary="Send a message to a candidate, in the name of the key's owner")
async def send(at: ReviewsWrite, body: New) -> Json:
    """It leaves as soon as quiet hours allow. 409, saying why, where it must not be sent."""
    words = Words(body.words.subject, body.words.text) if body.words is not None else None
    sent = await at.app.message_desk.send(
        body.application, body.template, at.program.actor, locale=body.language, words=words
    )
    return told(sent)


@router.post("/messages/{id}/back", summary="Take back a message that has not left")
async def take_back(at: ReviewsWrite, id: str) -> Json:
    """What was held waits for a person again; what somebody wrote themselves is not sent. 409 where it has left."""
    return told(await at.app.message_desk.take_back(id, at.program.actor))


@router.post("/messages/back/{trigger}", summary="Take back all messages of one rule that have not left")
async def take_all_back(at: ReviewsWrite, trigger: str) -> Json:
    done, left = await at.app.message_desk.take_all_back(trigger, at.program.actor)
    return {"taken_back": done, "left": left}


@router.post("/messages/preview", summary="A message as it would be, with why it would be withheld; nothing is kept")
async def preview(at: CandidatesRead, body: New) -> Json:
    words = Words(body.words.subject, body.words.text) if body.words is not None else None
    found = await at.app.message_desk.preview(
        body.application, body.template, at.program.actor, locale=body.language, words=words
    )
    await at.app.desk.note(at.program.actor, "message previewed", family=found.family, record=found.candidate)
    return told(found)


@router.get("/messages/rates", summary="How messages are answered, by template, job and sender")
async def rates(at: ReviewsRead) -> Json:
    items = [
        {
            "template": one.template, "job": one.job, "sender": one.sender, "sent": one.sent, "answered": one.answered,
            "bounced": one.bounced,
        }
        for one in await at.app.message_desk.rates()
    ]  # fmt: skip
    return {"items": items, "next": None}


@router.post("/messages/received", summary="Hand over a letter as it arrived (RFC 5322)")
async def received(at: ReviewsWrite, body: Letter) -> Json:
    """It is put to the thread it answers. `message` is null where it answers none of ours."""
    try:
        letter = base64.b64decode(body.letter, validate=True)
    except ValueError:
        raise InputError("The letter is no base64.") from None
    found = await at.app.message_desk.take(letter)
    return {"message": told(found) if found is not None else None}


@router.get("/messages/templates", summary="Every template")
async def templates(at: ReviewsRead) -> Json:
    items = [_template(one) for _, one in sorted((await at.app.message_desk.templates()).items())]
    return {"items": items, "next": None}


def _template(one: Template) -> Json:
    words = {language: {"subject": each.subject, "text": each.text} for language, each in one.words.items()}
    return {"name": one.name, "rejects": one.rejects, "closed": one.closed, "words": words}


@router.put("/messages/templates/{name}", summary="Write a template anew")
async def set_template(at: Admin, name: str, body: Written) -> Json:
    words = {language: Words(one.subject, one.text) for language, one in body.words.items()}
    made = Template(name, words, body.rejects, body.closed)
    return _template((await at.app.message_desk.set_template(made, at.program.actor))[name])


@router.get("/messages/setup", summary="How messages leave")
async def setup(at: Admin) -> Json:
    found, mailbox = await at.app.message_desk.setup(), await at.app.mailbox.shown()
    server, hours = found.server, found.hours
    shown = None
    if server is not None:
        shown = {
            "host": server.host, "port": server.port, "security": str(server.security), "sender": server.sender,
            "name": server.name, "username": server.username, "answers": server.answers,
        }  # fmt: skip
    return {
        "server": shown, "begin": hours.begin, "end": hours.end, "days": sorted(hours.days), "zone": hours.zone,
        "language": found.locale,
        "mailbox": None if mailbox.box is None else {
            "host": mailbox.box.host, "port": mailbox.box.port, "security": str(mailbox.box.security),
            "username": mailbox.box.username, "folder": mailbox.box.folder, "read": mailbox.read,
        },
    }  # fmt: skip


@router.put("/messages/server", summary="Where messages leave; a test letter to the sender must be taken first")
async def set_server(at: Admin, body: MailServer) -> Json:
    given = body.model_dump(exclude={"security"})
    await at.app.message_desk.set_server(Server(**given, security=_security(body.security)), at.program.actor)
    return await setup(at)


@router.put("/messages/mailbox", summary="Where answers are read by IMAP from now on; it must open first")
async def set_mailbox(at: Admin, body: Inbox) -> Json:
    given = body.model_dump(exclude={"security"})
    await at.app.mailbox.enter(Mailbox(**given, security=_security(body.security)), at.program.actor)
    return await setup(at)


@router.delete("/messages/mailbox", summary="Read answers there no more")
async def leave_mailbox(at: Admin) -> Json:
    await at.app.mailbox.leave(at.program.actor)
    return await setup(at)


def _security(word: str) -> Security:
    if word not in set(Security):
        raise InputError(f"There is no security {word!r}.", hint=f"There are: {', '.join(Security)}.")
    return Security(word)


@router.put("/messages/hours", summary="When messages may leave, and in which language")
async def set_hours(at: Admin, body: Hours) -> Json:
    await at.app.message_desk.set_hours(body.begin, body.end, body.days, body.zone, body.language, at.program.actor)
    return await setup(at)


@router.get("/messages/{id}", summary="One message")
async def message(at: CandidatesRead, id: str) -> Json:
    found = await at.app.message_desk.one(id)
    await at.app.desk.note(at.program.actor, "message read", family=found.family, record=found.candidate)
    return told(found)
