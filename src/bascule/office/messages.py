"""Messages as people and programs ask for them: what is held, sent and answered, templates, and the mail server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bascule.core.messages import Hours, Template, Words, checked, hours
from bascule.core.plan import decide
from bascule.core.reviews import APPROVE
from bascule.core.triggers import Do, Trigger
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring.mail import Arrived, Letter, Posted, Server, Took, made, read
from bascule.hiring.mail import checked as checked_server
from bascule.hiring.messages import (
    HOURS,
    LOCALE,
    TEMPLATES,
    Messages,
    about_of,
    at_once,
    hours_of,
    keep_server,
    message_of,
    server_of,
    template_kept,
    templates_of,
)
from bascule.hiring.triggers import in_force, lose
from bascule.hiring.written_feedback import WrittenFeedback
from bascule.model import BASCULE, Actor, Family, Fields, Review, ReviewKind, Value
from bascule.store import Tx
from bascule.store.messages import Message, MessageState

from .desk import Desk
from .interviews import INVITATION
from .invitations import TEMPLATE

BATCH = 500
PRESSED = timedelta(seconds=60)  # within which the same words of the same person are one letter
USUAL = {Do.INVITE: TEMPLATE, Do.SCHEDULE: INVITATION}  # the template of a rule that names none
UNMATCHED = "mail without a thread"


@dataclass(frozen=True, slots=True)
class Setup:
    """How messages leave. `server` is shown without its password."""

    server: Server | None
    hours: Hours
    locale: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How what was sent of one template, for one job, in one person's name has been answered."""

    template: str
    job: str
    sender: str
    sent: int
    answered: int
    bounced: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """A message that is to be sent and has not left, and the trigger that wanted it."""

    message: Message
    trigger: str


def leaving(tx: Tx, workspace: str, sender: str = "") -> tuple[Leaving, ...]:
    """What is to be sent and has not left, the next first; of one person (a user's id), or of everybody."""
    found = tx.messages.leaving(workspace, sender=sender, limit=BATCH)
    rules = {one.id: tx.triggers.one(workspace, one.firing) for one in found if one.firing}
    return tuple(Leaving(one, rule.trigger if (rule := rules.get(one.id)) is not None else "") for one in found)


class MessageDesk:
    """`app.message_desk`."""

    def __init__(self, desk: Desk, messages: Messages, written: WrittenFeedback) -> None:
        self._desk = desk
        self._messages = messages
        self._interviewers = written

    # -------------------------------------------------------------------------------------------------- what there is

    async def list(self, *, state: str = "", before: str = "", limit: int = 50) -> list[Message]:
        """The newest first. InputError for a state that there is not."""
        if state and state not in set(MessageState):
            raise InputError(f"There is no state {state!r}.", hint=f"There are: {', '.join(MessageState)}.")
        return await self._desk.store.read(
            lambda tx: tx.messages.list(self._desk.workspace, state=state, before=before, limit=limit)
        )

    async def of(self, candidate: str) -> list[Message]:
        """All with one person, the oldest first."""
        return await self._desk.store.read(lambda tx: tx.messages.of([candidate]))

    async def one(self, id: str) -> Message:
        """NotFoundError if there is none."""
        return await self._desk.store.read(lambda tx: self._one(tx, id))

    def _one(self, tx: Tx, id: str) -> Message:
        found = tx.messages.one(self._desk.workspace, id)
        if found is None:
            raise NotFoundError("There is no such message.", hint="See: bascule messages list")
        return found

    async def rates(self) -> list[Rate]:
        """How messages are answered, by template, job and sender."""

        def unit(tx: Tx) -> list[Rate]:
            rows = tx.messages.answered(self._desk.workspace)
            jobs = tx.families.records(self._desk.workspace, {job for _, job, *_ in rows if job})
            people = {user.id: user.name or user.email for user in tx.people.users(self._desk.workspace)}
            return [
                Rate(
                    template, str(jobs[job].fields.get("title") or "") if job in jobs else "",
                    people.get(sender, sender or "by itself"), sent, answered, bounced,
                )
                for template, job, sender, sent, answered, bounced in rows
            ]  # fmt: skip

        return await self._desk.store.read(unit)

    # -------------------------------------------------------------------------------------------------- by a person

    async def preview(
        self, application: str, template: str, actor: Actor = BASCULE, *, locale: str = "", link: str = "",
        words: Words | None = None,
    ) -> Message:  # fmt: skip
        """A message as it would be, with why it would be withheld. Nothing is kept."""
        return await self._desk.store.read(
            lambda tx: self._written(tx, application, template, actor, locale=locale, link=link, words=words)
        )

    def _written(
        self, tx: Tx, application: str, template: str, actor: Actor, *, locale: str = "", link: str = "",
        words: Words | None = None,
    ) -> Message:  # fmt: skip
        about, found = about_of(tx, application), templates_of(tx, self._desk.workspace).get(template)
        if about is None:
            raise NotFoundError("There is no such application.")
        if found is None:
            raise NotFoundError(f"There is no template {template}.", hint="See: bascule messages templates")
        if words is not None:
            checked(Template(template, {locale or "en": words}))
        return self._messages.write(tx, about, found, locale=locale, link=link, sender=actor.id, words=words)

    async def send(
        self, application: str, template: str, actor: Actor, *, locale: str = "", link: str = "",
        words: Words | None = None,
    ) -> Message:  # fmt: skip
        """A person sends a message, in their own name: it leaves as soon as quiet hours allow. ConflictError, saying
        why, where it must not be sent."""

        def unit(tx: Tx) -> Message:
            message = self._written(tx, application, template, actor, locale=locale, link=link, words=words)
            if message.state is MessageState.WITHHELD:
                raise ConflictError(f"It is not sent: {message.why}.")
            if (pressed := self._pressed(tx, message)) is not None:
                return pressed
            tx.messages.add(self._desk.workspace, message)
            self._messages.send(tx, self._desk.workspace, message, undo=True)
            return message

        message = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return await self.one(message.id)

    def _pressed(self, tx: Tx, message: Message) -> Message | None:
        """The same words, sent to the same person by the same one a moment ago: a button that was pressed twice."""
        tx.lock([f"writing {message.candidate}"])
        told = (message.application, message.template, message.subject, message.text, message.sender)
        for one in tx.messages.of([message.candidate]):
            lately = message.created - one.created < PRESSED and one.state is not MessageState.WITHHELD
            if lately and (one.application, one.template, one.subject, one.text, one.sender) == told:
                return one
        return None

    async def answer(
        self, review: Review, family: Family, answer: str, actor: Actor, value: Value, why: str = ""
    ) -> None:
        """What a person says to a message that is held: it leaves in their name, as it is or as they have changed it
        (`value`: {"subject", "text"}), or it does not."""
        words = _words(value)

        def unit(tx: Tx) -> None:
            message = self._one(tx, message_of(review))
            self._desk.reconcile.replan_in(tx, family.id, lambda f, c: decide(f, review.id, answer, actor, c))
            if answer == APPROVE:
                self._messages.release(tx, self._desk.workspace, message, actor, words)
            elif message.state is MessageState.HELD:
                said = why or "a person has withheld it"
                self._messages.withhold(tx, self._desk.workspace, message, said)

        await self._desk.reconcile.commit(unit)
        self._desk.wake()

    async def batch(self, trigger: str, answer: str, actor: Actor) -> int:
        """One answer to every held message of one trigger; how many there were."""

        def found(tx: Tx) -> list[tuple[str, str]]:
            held: list[tuple[str, str]] = []
            for one in tx.triggers.list(self._desk.workspace, trigger=trigger, state="waiting", limit=BATCH):
                message = tx.messages.one(self._desk.workspace, one.effect or "")
                if message is not None and message.review is not None and message.state is MessageState.HELD:
                    held.append((message.family, message.review))
            return held

        done = 0
        for _, review_id in await self._desk.store.read(found):

            def load(tx: Tx, id: str = review_id) -> Family | None:
                family = tx.families.review_family(self._desk.workspace, id)
                return tx.families.family(family) if family is not None else None

            family = await self._desk.store.read(load)
            if family is None or review_id not in family.reviews:
                continue
            await self.answer(family.reviews[review_id], family, answer, actor, None)
            await self._desk.note(
                actor, "review decided", family=family.id, record=family.reviews[review_id].record,
                detail={"review": review_id, "answer": answer, "kind": str(ReviewKind.MESSAGE), "batch": trigger},
            )  # fmt: skip
            done += 1
        return done

    async def take_back(self, id: str, actor: Actor, *, own: bool = False) -> Message:
        """Take back a message that has not left: what was held waits for a person again, what somebody wrote
        themselves is not sent. `own`: only what this person has sent. NotFoundError where there is none, ConflictError
        where it has left."""

        def unit(tx: Tx) -> Message:
            workspace, message = self._desk.workspace, self._one(tx, id)
            if own and message.sender != actor.id:
                raise NotFoundError("There is no such message.")
            back = self._messages.recall(tx, workspace, message, actor)
            tx.audit.record(
                workspace=workspace, at=self._desk.now(), action="message taken back", actor=actor,
                family=message.family, record=message.application or message.candidate, connection=message.connection,
                detail={"message": message.id, "template": message.template, "firing": message.firing or ""},
            )  # fmt: skip
            return back

        back = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return back

    async def take_all_back(self, trigger: str, actor: Actor, *, own: bool = False) -> tuple[int, int]:
        """The same of all that one trigger wanted and that have not left: (how many, how many have left meanwhile)."""
        leaving = [one for one in await self.leaving(actor if own else None) if one.trigger == trigger]
        done = 0
        for one in leaving:
            try:
                await self.take_back(one.message.id, actor, own=own)
                done += 1
            except (ConflictError, NotFoundError):
                continue
        return done, len(leaving) - done

    async def leaving(self, sender: Actor | None = None) -> tuple[Leaving, ...]:
        """What is to be sent and has not left, the next first; only what one person has sent, where one is named."""
        who = sender.id if sender is not None else ""
        return await self._desk.store.read(lambda tx: leaving(tx, self._desk.workspace, who))

    # ------------------------------------------------------------------------------------------------------ answers

    async def take(self, data: bytes) -> Message | None:
        """A letter as it arrived. None where it answers no message of ours: one of an interviewer is shown to a person,
        any other is told. InputError for no letter."""
        return await self.take_in(read(data), lambda _tx: None)

    async def take_in(self, letter: Arrived, also: Callable[[Tx], None]) -> Message | None:
        """The same of a letter that was read; `also` is done in the commit that takes it in."""

        def unit(tx: Tx) -> Message | None:
            also(tx)
            found = self._messages.take(tx, self._desk.workspace, letter)
            if found is None and not letter.automatic and not self._interviewers.take(tx, self._desk.workspace, letter):
                text = "A letter came in that answers no message of ours; read it in the mailbox."
                tx.notices.put(self._desk.workspace, UNMATCHED, "all", text, now=self._desk.now())
            return found

        found = await self._desk.reconcile.commit(unit)
        self._desk.wake()
        return found

    async def hush(self, thread: str) -> bool:
        """The link that says: no more messages. False where it is none of ours."""
        return await self._desk.reconcile.commit(lambda tx: self._messages.hush(tx, self._desk.workspace, thread))

    async def knows(self, thread: str) -> bool:
        """Whether a thread is one of ours."""
        return bool(await self._desk.store.read(lambda tx: tx.messages.of_thread(self._desk.workspace, thread)))

    # ----------------------------------------------------------------------------------------------------- settings

    async def setup(self) -> Setup:
        """How messages leave."""

        def unit(tx: Tx) -> Setup:
            workspace = self._desk.workspace
            server = server_of(tx, workspace)
            shown = replace(server, password="") if server is not None else None
            return Setup(shown, hours_of(tx, workspace), str(tx.workspaces.setting(workspace, LOCALE) or "en"))

        return await self._desk.store.read(unit)

    async def set_server(self, server: Server, actor: Actor) -> Posted:
        """Where letters leave, after one was handed over to the sender itself. InputError where that fails: nothing is
        kept then."""
        server = checked_server(server)
        known = await self._desk.store.read(lambda tx: server_of(tx, self._desk.workspace))
        if not server.password and known is not None and (known.host, known.username) == (server.host, server.username):
            server = replace(server, password=known.password)
        posted = await self._try(server)
        if posted.took is not Took.TAKEN:
            raise InputError(f"The mail server did not take a letter: {posted.words}.", hint="Nothing was changed.")

        def unit(tx: Tx) -> None:
            keep_server(tx, self._desk.workspace, server)
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="mail server set", actor=actor,
                detail={"host": server.host, "port": server.port, "sender": server.sender},
            )  # fmt: skip

        await self._desk.store.write(unit)
        return posted

    async def _try(self, server: Server) -> Posted:
        letter = Letter(
            f"<{self._desk.id()}@{server.domain}>", server.sender, "Bascule: a test",
            "A test letter. Messages to candidates leave this way from now on.\n", "", "test-of-the-way-in",
            self._desk.now(),
            automatic=True,
        )  # fmt: skip
        return await self._messages.post.send(server, server.sender, made(letter, server))

    async def set_hours(
        self, begin: int, end: int, days: Collection[int], zone: str, locale: str, actor: Actor
    ) -> Setup:
        """When messages may leave, and in which language where nothing else says."""
        chosen = hours(begin, end, days, zone)

        def unit(tx: Tx) -> None:
            kept: Fields = {"begin": begin, "end": end, "days": tuple(sorted(chosen.days)), "zone": zone}
            tx.workspaces.set_setting(self._desk.workspace, HOURS, kept)
            tx.workspaces.set_setting(self._desk.workspace, LOCALE, locale or "en")
            tx.audit.record(
                workspace=self._desk.workspace,
                at=self._desk.now(),
                action="message hours set",
                actor=actor,
                detail=kept,
            )

        await self._desk.store.write(unit)
        return await self.setup()

    async def templates(self) -> Mapping[str, Template]:
        """Every template, as the workspace has it."""
        return await self._desk.store.read(lambda tx: templates_of(tx, self._desk.workspace))

    async def set_template(self, template: Template, actor: Actor) -> Mapping[str, Template]:
        """Write a template anew. InputError, with the language, for what cannot be sent."""
        checked(template)
        if at_once(template.name) and template.turns_away:
            raise InputError(
                f"{template.name} is sent by itself: it must not state or imply a rejection.",
                hint="Say that the interview does not take place, and no more.",
            )

        def unit(tx: Tx) -> None:
            kept = tx.workspaces.setting(self._desk.workspace, TEMPLATES)
            own = dict(kept) if isinstance(kept, Mapping) else {}
            if template != templates_of(tx, self._desk.workspace).get(template.name):
                self._begin_anew(tx, template.name, actor)
            own[template.name] = template_kept(template)
            tx.workspaces.set_setting(self._desk.workspace, TEMPLATES, own)
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="template changed", actor=actor,
                detail={"template": template.name, "languages": ", ".join(sorted(template.words))},
            )  # fmt: skip

        await self._desk.store.write(unit)
        return await self.templates()

    def _begin_anew(self, tx: Tx, template: str, actor: Actor) -> None:
        """What has been earned with other words is not earned with these."""
        workspace, names = self._desk.workspace, self._desk.connections.labels(self._desk.workspace)
        rules = [one for one in in_force(tx, workspace)[1] if template_of(one) == template]
        keys = [f"{one.name}|{name}" for one in rules for name in names]
        lose(tx, workspace, keys, f"{template} was written anew", self._desk.now(), actor=actor)


def template_of(one: Trigger) -> str:
    """The template that a rule writes by, "" for one that writes nobody."""
    return one.told.get("template", USUAL.get(one.do, ""))


def _words(value: Value) -> Words | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not {"subject", "text"} <= value.keys():
        raise InputError("A changed message has a subject and a text.")
    return Words(str(value["subject"]), str(value["text"]))
