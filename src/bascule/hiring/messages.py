"""Messages to candidates, and what they answer: held for a person, sent once, noted in the ATS.

A message is looked at twice: when it is written and in the commit that hands it to the mail server, since in between
somebody may have moved on, closed the job, or asked for silence. The commit that says "it is being handed over" is
durable before anything leaves; whoever finds it so later, and no answer with it, asks a person and sends nothing.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from bascule.core.messages import Hours, Meaning, Template, Words, fill, meaning, own_words
from bascule.core.plan import ask, withdraw
from bascule.core.triggers import Fact, Facts, Name
from bascule.engine.connections import Connections
from bascule.engine.entries import log
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.model import (
    BASCULE,
    EMPTY,
    Actor,
    ActorKind,
    Edit,
    Event,
    Family,
    FamilyState,
    Kind,
    Record,
    RecordState,
    Review,
    ReviewKind,
    Status,
    Value,
)
from bascule.store import Store, Tx
from bascule.store.codec import dumps, loads
from bascule.store.messages import Message, MessageState
from bascule.store.tasks import TaskLease
from bascule.store.triggers import Firing, FiringState

from .leaving import outdated, withheld
from .mail import TRIES, Arrived, Letter, Post, Security, Server, Took, later, made
from .triggers import TRIGGER, Case, Deed, load, over

MAIL = "mail"  # the task that sends one message
TEMPLATES, SERVER, HOURS, LOCALE = "messages.templates", "messages.server", "messages.hours", "messages.locale"
STOPPED_AGAIN = 60.0  # seconds until a letter that is held by a stop is looked at again; a release looks at once
WITHIN: Mapping[Meaning, timedelta] = {Meaning.ERASE: timedelta(days=30), Meaning.WITHDRAWS: timedelta(days=2)}
"""By when somebody has to act on an answer. Erasure: one month, Art. 12(3) GDPR."""
SILENT = "the mail server takes no messages"

LEFT: Mapping[MessageState | None, str] = {
    MessageState.SENT: "It has left already.", MessageState.BOUNCED: "It has left already, and came back.",
    MessageState.SENDING: "It is leaving at this moment.", MessageState.UNKNOWN: "Nobody knows whether it has left.",
}  # fmt: skip
"""Why a message cannot be taken back."""

CAME_BACK = "a message to this address came back"
NO_MORE = "the candidate wants no more messages"
"""Why nothing is sent to an address any more."""


# ------------------------------------------------------------------------------------------------------- settings


@cache
def first_templates() -> Mapping[str, Template]:
    """The messages that a workspace begins with."""
    data = yaml.safe_load(files("bascule.hiring").joinpath("data/messages.yaml").read_text("utf-8"))
    return {name: template_from(name, body) for name, body in data.items()}


def template_from(name: str, body: Mapping[str, Any]) -> Template:
    """A template as it is kept: its marks, and its words by language."""
    words = {
        str(language): Words(str(one.get("subject", "")), str(one.get("text", "")))
        for language, one in body.items()
        if isinstance(one, Mapping)
    }
    return Template(name, words, bool(body.get("rejects")), bool(body.get("closed")), bool(body.get("at_once")))


def template_kept(one: Template) -> dict[str, Value]:
    """The same the other way."""
    marks: dict[str, Value] = {"rejects": one.rejects, "closed": one.closed}
    return marks | {name: {"subject": each.subject, "text": each.text} for name, each in one.words.items()}


def templates_of(tx: Tx, workspace: str) -> dict[str, Template]:
    """Every template, as the workspace has it."""
    kept = tx.workspaces.setting(workspace, TEMPLATES)
    own: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
    first = first_templates()
    written = {name: template_from(name, body) for name, body in own.items()}
    return {**first, **{name: replace(one, at_once=at_once(name)) for name, one in written.items()}}


def at_once(name: str) -> bool:
    """Whether a template answers what somebody has just done: that goes with its name, whoever words it."""
    known = first_templates().get(name)
    return known is not None and known.at_once


def server_of(tx: Tx, workspace: str) -> Server | None:
    """Where letters leave; None where nobody has said."""
    sealed = tx.workspaces.setting(workspace, SERVER)
    if not sealed:
        return None
    kept: Mapping[str, Any] = loads(tx.vault.open(base64.b64decode(str(sealed))).decode())
    return replace(Server(**kept), security=Security(kept["security"]))


def keep_server(tx: Tx, workspace: str, server: Server) -> None:
    """Keep it, sealed: it holds a password."""
    kept: dict[str, Value] = {name: getattr(server, name) for name in server.__dataclass_fields__}
    sealed = tx.vault.seal(workspace, None, dumps({**kept, "security": str(server.security)}).encode())
    tx.workspaces.set_setting(workspace, SERVER, base64.b64encode(sealed).decode())


def hours_of(tx: Tx, workspace: str) -> Hours:
    """When messages may leave."""
    kept = tx.workspaces.setting(workspace, HOURS)
    if not isinstance(kept, Mapping):
        return Hours()
    days: Any = kept["days"]
    return Hours(int(str(kept["begin"])), int(str(kept["end"])), frozenset(int(one) for one in days), str(kept["zone"]))


# ------------------------------------------------------------------------------------------------------- writing one


@dataclass(frozen=True, slots=True)
class About:
    """Whom a message is for."""

    family: Family
    candidate: Record
    application: Record | None
    job: Record | None
    connection: str | None


def about_of(tx: Tx, application: str) -> About | None:
    """The same, of an application that stands."""
    loaded = load(tx, application)
    if loaded is None:
        return None
    family, record = loaded
    job_id = str(record.fields.get("job") or "")
    job = tx.families.records(family.workspace, [job_id]).get(job_id) if job_id else None
    link = next((x for x in family.links.values() if x.record == application and x.open and x.primary), None)
    return About(family, family.records[record.parent or ""], record, job, link.connection if link else None)


def address_of(candidate: Record) -> str:
    """Where a candidate is written to: the first of their addresses."""
    emails = candidate.fields.get("emails")
    return str(emails[0]) if isinstance(emails, tuple) and emails else ""


def noted(message: Message, address: str) -> str:
    """What the ATS is told of a letter that was sent. The links in it open something in the candidate's own name, and
    so are theirs alone. `address`: where this installation is reached."""
    text = re.sub(rf"{re.escape(address)}/\S+", "(a link of their own)", message.text)
    return f"E-mail sent: {message.subject}\n\n{text}"


class Messages:
    """The handler of the task "mail", and all that writes, holds, sends and takes in messages."""

    def __init__(
        self, runtime: Runtime, connections: Connections, reconcile: Reconcile, post: Post, *, address: str,
        lease: timedelta, undo: timedelta,
    ) -> None:  # fmt: skip
        """`lease`: of the task that sends one. A process that stood still for half of it sends nothing: another may
        have taken the letter over, and asked a person about it. `undo`: for how long what a person has sent can be
        taken back before it leaves."""
        self._lease = lease
        self._undo = undo
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self.post = post
        self.on_sent: Callable[[Tx, Message], None] = lambda _tx, _message: None  # in the commit that knows of it
        self.on_unsent: Callable[[Tx, str, Message], None] = lambda _tx, _workspace, _message: None  # it never leaves
        self._address = address

    @property
    def _store(self) -> Store:
        return self._connections.store

    def write(
        self, tx: Tx, about: About, template: Template, *, link: str = "", locale: str = "",
        firing: str | None = None, sender: str = "", words: Words | None = None,
        more: Mapping[str, str] = EMPTY, event: str = "",
    ) -> Message:  # fmt: skip
        """A message in its words, not kept yet; WITHHELD, saying why, where it must not be sent. `more`: what else is
        filled in; `event`: the iCalendar object that goes along. InputError where something that is filled in is not
        known."""
        workspace, now = about.family.workspace, self._runtime.now()
        server = server_of(tx, workspace)
        thread = self._thread(tx, about) or secrets.token_urlsafe(18)
        language, said = template.in_(locale or str(tx.workspaces.setting(workspace, LOCALE) or "en"))
        name = str(about.candidate.fields.get("first_name") or "") or name_of(about.candidate)
        given = {
            "first_name": name,
            "name": name_of(about.candidate) or name,
            "job_title": str(about.job.fields.get("title") or "") if about.job is not None else "",
            "company": server.name if server is not None else "",
            "sender_name": self._signed(tx, sender) or (server.name if server is not None else ""),
            "link": link,
            "unsubscribe": f"{self._address}/quiet/{thread}",
            **more,
        }
        filled = fill(words or said, given)
        id = self._runtime.id()
        message = Message(
            id, about.family.id, about.candidate.id, about.application.id if about.application else None,
            about.job.id if about.job else None, about.connection, "out", template.name, language, MessageState.HELD,
            now, now, address_of(about.candidate), filled.subject, filled.text, thread,
            f"<{id}@{server.domain if server else 'bascule.invalid'}>", firing=firing, sender=sender, event=event,
        )  # fmt: skip
        why = self.objection(tx, about, template, message)
        return replace(message, state=MessageState.WITHHELD, why=why) if why else message

    def objection(self, tx: Tx, about: About, template: Template, message: Message) -> str:
        """Why a message must not be sent as things are now, "" where it may."""
        workspace = about.family.workspace
        if about.family.state is not FamilyState.LIVE or about.candidate.state is not RecordState.LIVE:
            return "this person is being erased"
        to = address_of(about.candidate)
        if not to:
            return "no e-mail address is known"
        if about.candidate.fields.get("can_email") is False:
            return "the ATS says that this candidate is not to be e-mailed"
        hushed = tx.messages.hushed(workspace, to)
        if hushed:
            return hushed
        if any(r.kind in (ReviewKind.IDENTITY, ReviewKind.MERGE) for r in about.family.reviews.values()):
            return "it is not known yet whether this is somebody we know: one person may get it twice"
        if about.application is not None and not template.closed:
            if (about.application.fields.get("status") or Status.ACTIVE) != Status.ACTIVE:
                return f"the application is {about.application.fields.get('status')}"
            if about.job is not None and about.job.fields.get("status") == "closed":
                return "the job is closed"
        return self._twice(tx, about, message)

    def _twice(self, tx: Tx, about: About, message: Message) -> str:
        """The same message of the same job, to somebody who has had it already under whatever record."""
        candidates = [r.id for r in about.family.records.values() if r.kind is Kind.CANDIDATE]
        for one in tx.messages.of(candidates):
            same = (one.template, one.job, one.to.casefold()) == (message.template, message.job, message.to.casefold())
            gone = one.state in (MessageState.SENT, MessageState.SENDING, MessageState.UNKNOWN, MessageState.DUE)
            if same and one.id != message.id and gone and one.application != message.application:
                return "the same message has gone to this address for this job already"
        return ""

    def _thread(self, tx: Tx, about: About) -> str:
        """One thread an application: that of what was said before."""
        said = [
            one
            for one in tx.messages.of([about.candidate.id])
            if about.application is not None and one.application == about.application.id
        ]
        return said[-1].thread if said else ""

    def _signed(self, tx: Tx, user: str) -> str:
        if not user:
            return ""
        try:
            found = tx.people.user(user)
        except NotFoundError:
            return ""
        return found.name or found.email

    # ---------------------------------------------------------------------------------------------------- for a person

    def hold(self, tx: Tx, about: About, message: Message, actor: Actor, why: str) -> Message:
        """Keep it, and ask a person whether it may leave."""
        kept = self._asked(tx, about, message, actor, why)
        tx.messages.add(about.family.workspace, kept)
        return kept

    def _asked(self, tx: Tx, about: About, message: Message, actor: Actor, why: str) -> Message:
        detail: dict[str, Value] = {
            "message": message.id, "to": message.to, "subject": message.subject, "text": message.text,
            "template": message.template, "because": why,
        }  # fmt: skip
        record = message.application or message.candidate
        about_it = f"message|{message.id}"
        planned = self._reconcile.replan_in(
            tx, about.family.id,
            lambda f, c: ask(f, ReviewKind.MESSAGE, record, message.connection, about_it, detail, actor, c),
        )  # fmt: skip
        review = next(r.id for r in planned.family.reviews.values() if r.about == about_it)
        return replace(message, review=review)

    def release(self, tx: Tx, workspace: str, message: Message, actor: Actor, words: Words | None = None) -> None:
        """A person has said yes, to these words: it is to be sent, in their name."""
        changed = words is not None and (words.subject, words.text) != (message.subject, message.text)
        if changed and words is not None:
            message = replace(message, subject=" ".join(words.subject.split()), text=words.text.strip() + "\n")
        if not message.subject or not message.text.strip():
            raise InputError("A message has a subject and a text.")
        self.send(tx, workspace, replace(message, sender=actor.id if actor.kind is ActorKind.PERSON else ""), undo=True)
        over(tx, workspace, message.id, FiringState.CHANGED if changed else FiringState.DONE, "", self._runtime.now())

    def withhold(self, tx: Tx, workspace: str, message: Message, why: str) -> None:
        """It is not sent."""
        kept = replace(message, state=MessageState.WITHHELD, why=why)
        tx.messages.set(workspace, kept)
        over(tx, workspace, message.id, FiringState.WITHHELD, why, self._runtime.now())
        self.on_unsent(tx, workspace, kept)

    def send(self, tx: Tx, workspace: str, message: Message, *, undo: bool = False) -> None:
        """It is to be sent as soon as quiet hours allow; with `undo`, not before whoever sends it could have taken it
        back."""
        earliest, template = self._runtime.now(), templates_of(tx, workspace).get(message.template)
        earliest += self._undo if undo else timedelta()
        due = earliest if template is not None and template.at_once else hours_of(tx, workspace).next(earliest)
        tx.messages.set(workspace, replace(message, state=MessageState.DUE, why="", due=due))
        tx.tasks.put(workspace, MAIL, message.id, due=due)

    def recall(self, tx: Tx, workspace: str, message: Message, actor: Actor) -> Message:
        """Take back what has not left: what was held for a person is held again, as it was before they answered, and
        anything else is not sent. ConflictError where it has left, or may have."""
        tx.lock([_leaving(message.id)])
        found = tx.messages.one(workspace, message.id)
        if found is None or found.state is not MessageState.DUE:
            raise ConflictError(LEFT.get(found.state if found is not None else None, "It is not on its way."))
        who = actor.name or str(actor.kind)
        answered = tx.pages.review(workspace, found.review) if found.review is not None else None
        about = about_of(tx, found.application) if found.application else None
        if answered is None or about is None:
            back = replace(found, state=MessageState.WITHHELD, why=f"{who} took it back before it left")
            if found.firing is not None:
                self.withhold(tx, workspace, found, back.why)
            else:  # the form or the interview that it is about stays as it was before somebody wrote
                tx.messages.set(workspace, back)
            return back
        firing = tx.triggers.behind(found.id)
        if firing is not None:
            tx.triggers.reopen(firing.id)
        because = f"{answered.review.detail.get('because') or ''} ({who} took it back before it left)".strip()
        again = replace(found, state=MessageState.HELD, sender="", why="")
        again = self._asked(tx, about, again, answered.review.actor, because)
        for one in tx.decisions.asked(answered.review.id):  # whoever was told of it is not told a second time
            tx.decisions.ask(workspace, replace(one, review=again.review or ""))
        tx.decisions.drop([answered.review.id])
        tx.messages.set(workspace, again)
        return again

    # ------------------------------------------------------------------------------------------------- what rules want

    def act(self, tx: Tx, case: Case) -> Deed:
        """A rule's message: held for a person, or withheld."""
        return self.act_with(tx, case, case.trigger.told["template"], "")

    def act_with(self, tx: Tx, case: Case, name: str, link: str, more: Mapping[str, str] = EMPTY) -> Deed:
        """The same of a template that needs a link, and `more` to be filled in."""
        template = templates_of(tx, case.family.workspace).get(name)
        about = about_of(tx, case.application.id)
        if template is None or about is None:
            return Deed(FiringState.FAILED, f"there is no template {name}")
        try:
            message = self.write(tx, about, template, link=link, firing=case.id, more=more)
        except InputError as error:
            return Deed(FiringState.FAILED, str(error))
        if message.state is MessageState.WITHHELD:
            tx.messages.add(case.family.workspace, message)
            return Deed(FiringState.WITHHELD, message.why, message.id)
        if case.automatic and not case.trigger.turns_away and not template.turns_away:
            tx.messages.add(case.family.workspace, message)
            self.send(tx, case.family.workspace, message)
            return Deed(FiringState.DONE, effect=message.id)
        self.hold(tx, about, message, case.actor, f"{case.trigger.name}: {case.trigger.why}")
        return Deed(FiringState.WAITING, effect=message.id)

    # ---------------------------------------------------------------------------------------------------------- sending

    async def run(self, task: TaskLease) -> float | None:
        """The task "mail": hand one message over."""
        ready = await self._reconcile.commit(lambda tx: self._prepare(tx, task))
        if ready is None or isinstance(ready, (int, float)):
            return ready
        server, message, letter = ready
        latest = letter.at + self._lease / 2

        def in_time() -> bool:
            return self._runtime.now() < latest

        posted = await self.post.send(server, message.to, made(letter, server), in_time)
        return await self._reconcile.commit(lambda tx: self._ended(tx, task, message, posted.took, posted.words))

    def _prepare(self, tx: Tx, task: TaskLease) -> tuple[Server, Message, Letter] | float | None:
        """The commit before it leaves: whether it still may, and that it is being handed over."""
        tx.tasks.hold(task)
        tx.lock([_leaving(task.key)])
        now, workspace = self._runtime.now(), task.workspace
        message = tx.messages.one(workspace, task.key)
        if message is None or message.state not in (MessageState.DUE, MessageState.SENDING):
            return None
        if message.state is MessageState.SENDING:  # somebody was at it, and died
            self._unknown(tx, workspace, message, "the process that sent it has ended")
            return None
        about = about_of(tx, message.application) if message.application else None
        template = templates_of(tx, workspace).get(message.template) or Template(message.template, {}, closed=True)
        why = "the application is not there any more" if about is None and message.application else ""
        if about is not None:
            why = self.objection(tx, about, template, message)
            if not why and about.application is not None:
                why = outdated(tx, workspace, message, about.application, template, now)
        if why:
            self.withhold(tx, workspace, message, why)
            withheld(tx, workspace, why, now)
            return None
        stop = tx.connections.silenced(message.connection) if message.connection is not None else None
        if stop is not None:
            if message.why != stop.words:
                tx.messages.set(workspace, replace(message, why=stop.words))
            return STOPPED_AGAIN
        server, due = server_of(tx, workspace), now if template.at_once else hours_of(tx, workspace).next(now)
        if due > now:
            return (due - now).total_seconds()
        if server is None:
            return no_server(tx, workspace, now)
        if tx.messages.follows(message, MAIL, now=now):
            return 1.0
        thread = [
            one.mail for one in tx.messages.of_thread(workspace, message.thread) if one.id != message.id and one.mail
        ]
        letter = Letter(
            message.mail, message.to, message.subject, message.text, self._signed(tx, message.sender), message.thread,
            now, f"{self._address}/quiet/{message.thread}", thread, automatic=not message.sender, event=message.event,
        )  # fmt: skip
        tx.messages.set(workspace, replace(message, state=MessageState.SENDING))
        return server, message, letter

    def _ended(self, tx: Tx, task: TaskLease, message: Message, took: Took, words: str) -> float | None:
        """What the mail server has said of it."""
        tx.tasks.hold(task)
        workspace, now = task.workspace, self._runtime.now()
        if tx.messages.one(workspace, message.id) is None:
            return None  # erased meanwhile, and nothing is kept of it
        if took is Took.TAKEN:
            tx.notices.close(workspace, SILENT, "all", now=now)
            tx.messages.set(workspace, replace(message, state=MessageState.SENT, sent=now, why=""))
            self._note(tx, message, noted(message, self._address), self._sender(tx, message))
            self.on_sent(tx, message)
            if message.application is not None:  # rules may ask whether it is answered
                tx.tasks.put(workspace, TRIGGER, message.application, due=now)
            log(tx, workspace, [self._sent(message, self._sender(tx, message), now)], now)
            tx.audit.record(
                workspace=workspace, at=now, action="message sent", actor=self._sender(tx, message),
                family=message.family, record=message.application or message.candidate, connection=message.connection,
                detail={"message": message.id, "template": message.template, "firing": message.firing or ""},
                values={"to": message.to},
            )  # fmt: skip
        elif took is Took.REFUSED:
            self._bounce(tx, workspace, message, words)
            self.on_unsent(tx, workspace, replace(message, why=words))
        elif took is Took.UNKNOWN:
            self._unknown(tx, workspace, message, words)
        elif task.tries + 1 >= TRIES:
            self.withhold(tx, workspace, message, f"given up: {words}")
        else:
            tx.messages.set(workspace, replace(message, state=MessageState.DUE, why=words))
            tx.notices.put(workspace, SILENT, "all", f"Messages wait: the mail server says {words}.", now=now)
            return later(task.tries)
        return None

    def _sent(self, message: Message, sender: Actor, now: datetime) -> Event:
        about: dict[str, Value] = {"candidate": message.candidate}
        about |= {"application": message.application} if message.application is not None else {}
        record = message.application or message.candidate
        return Event("message.sent", message.family, record, now, about, actor=str(sender.kind), cause=message.id)

    def _bounce(self, tx: Tx, workspace: str, message: Message, words: str) -> None:
        now = self._runtime.now()
        tx.messages.set(workspace, replace(message, state=MessageState.BOUNCED, why=words))
        over(tx, workspace, message.id, FiringState.FAILED, words, now)
        tx.messages.hush(workspace, message.to, CAME_BACK, now=now)
        self._note(tx, message, f"E-mail not delivered: {message.subject}\n\n{words}", BASCULE)

    def _unknown(self, tx: Tx, workspace: str, message: Message, words: str) -> None:
        """Nobody knows whether it left: a person decides, and a machine never sends it twice."""
        kept = replace(message, state=MessageState.UNKNOWN, why=words)
        detail: dict[str, Value] = {
            "message": message.id, "to": message.to, "subject": message.subject, "text": message.text,
            "because": f"nobody knows whether it left ({words}); approve only if it is not among the messages sent",
        }  # fmt: skip
        record, about = message.application or message.candidate, f"message|{message.id}|again"
        self._reconcile.replan_in(
            tx, self._family(tx, record, message.family),
            lambda f, c: ask(f, ReviewKind.MESSAGE, record, message.connection, about, detail, BASCULE, c),
        )  # fmt: skip
        tx.messages.set(workspace, kept)

    def _sender(self, tx: Tx, message: Message) -> Actor:
        if message.sender:
            return Actor(ActorKind.PERSON, message.sender, self._signed(tx, message.sender))
        firing = tx.triggers.behind(message.id)
        return Actor(ActorKind.RULE, firing.trigger, f"the trigger {firing.trigger}") if firing else BASCULE

    def _note(self, tx: Tx, message: Message, body: str, actor: Actor) -> None:
        """What was said, in the ATS, beside the application."""
        family = self._family(tx, message.application or message.candidate, message.family)
        held = tx.families.family(family)
        if held.state is not FamilyState.LIVE or message.candidate not in held.records:
            return
        fields: dict[str, Value] = {"body": body, "visibility": "private"}
        if message.application is not None:
            fields["application"] = message.application
        edit = Edit(self._runtime.id(), message.candidate, fields, actor, message.id, create=Kind.NOTE)
        self._reconcile.edit_in(tx, family, [edit])

    def _family(self, tx: Tx, record: str, known: str) -> str:
        return tx.families.record_family(record) or known

    # --------------------------------------------------------------------------------------------------------- answers

    def take(self, tx: Tx, workspace: str, letter: Arrived) -> Message | None:
        """A letter that came in, to the thread it answers; None where it answers none of ours. One that has been taken
        in already changes nothing."""
        found = self._answered(tx, workspace, letter)
        if found is None:
            return None
        now = self._runtime.now()
        if letter.bounced:
            why = letter.bounced.get(found.to.casefold()) or next(iter(letter.bounced.values()))
            if found.state is not MessageState.BOUNCED:
                self._bounce(tx, workspace, found, why)
            return found
        family = self._family(tx, found.application or found.candidate, found.family)
        state = MessageState.AUTOMATIC if letter.automatic else MessageState.RECEIVED
        answer = Message(
            self._runtime.id(), family, found.candidate, found.application, found.job, found.connection, "in", "", "",
            state, now, now, letter.sender, letter.subject, letter.text, found.thread,
            letter.id, parent=found.mail,
        )  # fmt: skip
        if not tx.messages.add(workspace, answer):
            return next(iter(tx.messages.of_mails(workspace, [answer.mail])), None)
        if letter.automatic:
            return answer
        if answer.application is not None:
            tx.tasks.put(workspace, TRIGGER, answer.application, due=now)
        known = letter.sender.casefold() in {str(one).casefold() for one in self._emails(tx, family, found.candidate)}
        told = "" if known else f" (from {letter.sender}, an address that is not the candidate's)"
        self._note(tx, answer, f"E-mail received{told}: {letter.subject}\n\n{own_words(letter.text)}", BASCULE)
        self._follow(tx, workspace, family, answer, known)
        return answer

    def _answered(self, tx: Tx, workspace: str, letter: Arrived) -> Message | None:
        """The message it answers: by what its address carries, else by the letters it names."""
        for token in letter.tokens:
            said = [one for one in tx.messages.of_thread(workspace, token) if one.direction == "out"]
            if said:
                return said[-1]
        named = [one for one in tx.messages.of_mails(workspace, letter.answers) if one.direction == "out"]
        return named[0] if named else None

    def _emails(self, tx: Tx, family: str, candidate: str) -> tuple[Value, ...]:
        record = tx.families.family(family).records.get(candidate)
        held = record.fields.get("emails") if record is not None else None
        return held if isinstance(held, tuple) else ()

    def _follow(self, tx: Tx, workspace: str, family: str, answer: Message, known: bool) -> None:
        """What an answer calls for. Silence is kept at once; a withdrawal or an erasure is somebody's to act on."""
        asked = meaning(f"{answer.subject}\n{answer.text}")
        if asked is None:
            return
        now = self._runtime.now()
        if asked is Meaning.QUIET:
            if known:
                tx.messages.hush(workspace, answer.to, NO_MORE, now=now)
            return
        by = now + WITHIN[asked]
        detail: dict[str, Value] = {
            "message": answer.id, "from": answer.to, "subject": answer.subject, "text": own_words(answer.text),
            "because": f"the candidate {asked}", "until": by.date().isoformat(),
        }  # fmt: skip
        record, about = answer.application or answer.candidate, f"reply|{answer.id}"
        actor = Actor(ActorKind.SYSTEM, "mail", "the candidate, by e-mail")
        self._reconcile.replan_in(
            tx, family, lambda f, c: ask(f, ReviewKind.REPLY, record, answer.connection, about, detail, actor, c)
        )

    def hush(self, tx: Tx, workspace: str, thread: str) -> bool:
        """Somebody has followed the link that says: no more messages. False where it is none of ours."""
        said = [one for one in tx.messages.of_thread(workspace, thread) if one.direction == "out"]
        for one in said:
            tx.messages.hush(workspace, one.to, NO_MORE, now=self._runtime.now())
        for one in said:
            if one.state in (MessageState.HELD, MessageState.DUE):
                self._drop(tx, workspace, one, NO_MORE)
        return bool(said)

    def take_back(self, tx: Tx, workspace: str, firing: Firing, why: str) -> None:
        """A rule's message that waits for a person, and whose reason holds no more."""
        message = tx.messages.one(workspace, firing.effect or "")
        if message is not None and message.state is MessageState.HELD:
            self._drop(tx, workspace, message, why)

    def answered(self, tx: Tx, _family: Family, application: Record) -> Facts:
        """For rules: whether the candidate has answered our last message."""
        said = [one for one in tx.messages.of([application.parent or ""]) if one.application == application.id]
        sent = [one for one in said if one.state is MessageState.SENT]
        if not sent:
            return {}
        last = sent[-1]
        answers = [
            one for one in said if one.state is MessageState.RECEIVED and one.created >= (last.sent or last.created)
        ]
        if answers:
            return {Name.ANSWERED: Fact(True, answers[0].created, answers[0].id)}
        return {Name.ANSWERED: Fact(False, last.sent or last.created, last.id)}

    def _drop(self, tx: Tx, workspace: str, message: Message, why: str) -> None:
        family = self._family(tx, message.application or message.candidate, message.family)
        about = f"message|{message.id}"
        self._reconcile.replan_in(tx, family, lambda f, c: withdraw(f, ReviewKind.MESSAGE, about, why, c))
        self.withhold(tx, workspace, message, why)


def _leaving(message: str) -> str:
    """What the commit that lets a message leave and the one that takes it back wait for each other by."""
    return f"message {message}"


def no_server(tx: Tx, workspace: str, now: datetime) -> float:
    """The owner is told that what is to be sent waits; in how many seconds to look again."""
    tx.notices.put(workspace, SILENT, "all", "Messages wait: no mail server is entered.", now=now)
    return 300.0


def name_of(candidate: Record) -> str:
    """A candidate's name as it is said."""
    parts = (candidate.fields.get("first_name"), candidate.fields.get("last_name"))
    return " ".join(str(one) for one in parts if one)


def message_of(review: Review) -> str:
    """The message a review item asks about, by id."""
    return str(review.detail.get("message") or "")
