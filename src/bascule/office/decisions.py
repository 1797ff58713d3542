"""A person's desk behind a link: what is held for them now, and their answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bascule.core.reviews import APPROVE, DECLINE, LEAVE
from bascule.core.sight import EXEMPT
from bascule.engine.connections import Connected
from bascule.errors import BasculeError, ConflictError, InputError, NotFoundError
from bascule.hiring import links
from bascule.hiring.deciding import Held, is_for_people, requested
from bascule.hiring.links import Purpose
from bascule.hiring.messages import message_of, name_of
from bascule.hiring.notices import page_there
from bascule.hiring.resumes import answers_in
from bascule.hiring.triggers import rules_of
from bascule.model import Actor, ActorKind, Family, Kind, Record, Review, ReviewKind, Value
from bascule.store import Tx
from bascule.store.people import User
from bascule.store.sight import sight_of
from bascule.store.triggers import Firing

from .changes import Changes, effect_of, rejects
from .desk import Desk
from .messages import Leaving, MessageDesk, leaving
from .screenings import times_of
from .tasks import TaskKind, Tasks

ROLES = frozenset({"recruiter", "hiring manager", "owner", "administrator"})  # of people who decide


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to decide. `stage` is what a proposal proposes; `answers` what the candidate has said on forms;
    `feedback` what hiring managers have; `trigger` the rule behind it, `because` why it is asked; `effect` what the ATS
    may do besides, above all whether it e-mails the candidate. What `rejects` needs one of `choices`, (id, name) of the
    ATS's reasons, or a text where it has none. `done`: it is no decision, and the button says that it has been seen to,
    in these words; `there`: the application's page in the ATS."""

    id: str
    kind: str
    question: str
    name: str
    job: str
    stage: str
    score: str
    reasons: tuple[str, ...]
    answers: Mapping[str, str]
    feedback: tuple[str, ...]
    to: str
    subject: str
    text: str
    because: str
    trigger: str
    since: datetime
    rejects: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    effect: str = ""
    done: str = ""
    there: str = ""


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """Everything that a link opens."""

    person: str
    name: str
    items: tuple[Item, ...]
    batches: Mapping[str, int]  # messages of one rule that may be sent together
    until: datetime
    leaving: tuple[Leaving, ...] = ()  # what this person has sent and can still take back

    @property
    def leaving_of(self) -> Mapping[str, int]:
        """How many of them are of one trigger, where there are several."""
        return {name: many for name, many in Counter(one.trigger for one in self.leaving).items() if name and many > 1}


class Decisions:
    """`app.decisions`."""

    def __init__(self, desk: Desk, changes: Changes, messages: MessageDesk, tasks: Tasks) -> None:
        self._desk = desk
        self._changes = changes
        self._messages = messages
        self._tasks = tasks

    async def open(self, token: str) -> OpenDesk:
        """What a link opens; looking changes nothing. NotFoundError where it opens nothing (any more)."""
        return await self._desk.store.read(lambda tx: self._open(tx, token))

    async def opened(self, found: OpenDesk) -> None:
        """Somebody has looked at what their link opens: an audit entry."""
        actor = Actor(ActorKind.PERSON, found.person, found.name)
        await self._desk.note(actor, "decisions opened", detail={"shown": len(found.items)})

    async def decide(
        self, token: str, review: str, answer: str, words: Mapping[str, str] | None = None, reason: str = ""
    ) -> str:
        """One answer, as the person whose desk it is; what was done, in words. ConflictError says who was faster,
        InputError that a rejection lacks its reason."""
        user, item = await self._desk.store.read(lambda tx: self._item(tx, token, review))
        if item is None:
            raise ConflictError(await self._who(review))
        if item.done:
            if answer != APPROVE:
                raise InputError("It is seen to, or it waits.")
            try:
                await self._tasks.done(f"{TaskKind.APPLICANT}:{review}", _actor(user))
            except NotFoundError:  # somebody was faster
                raise ConflictError(await self._who(review)) from None
            return "Done, in your name."
        value: Value = dict(words) if words and item.kind == ReviewKind.MESSAGE and answer == APPROVE else None
        if item.rejects and answer == APPROVE:
            if not reason or (item.choices and reason not in dict(item.choices)):
                raise InputError("Choose a reason.", hint="The ATS keeps it with the application.")
            value = reason
        await self._changes.decide(review, answer, _actor(user), value)
        return {APPROVE: "Done, in your name.", DECLINE: "Withheld.", LEAVE: "Left as it is."}.get(answer, "Done.")

    async def batch(self, token: str, trigger: str, answer: str) -> tuple[int, int]:
        """One answer to every message of one rule on this desk: (how many it was done for, how many others were
        decided meanwhile or cannot be)."""
        found = await self.open(token)
        user = await self._desk.store.read(lambda tx: self._person(tx, token))
        items = [one for one in found.items if one.kind == ReviewKind.MESSAGE and one.trigger == trigger]
        if not items:
            raise ConflictError("Nothing of that waits any more.")
        done = 0
        for one in items:
            try:
                await self._changes.decide(one.id, answer, _actor(user))
                done += 1
            except BasculeError:
                continue
        return done, len(items) - done

    async def take_back(self, token: str, message: str) -> str:
        """Take back a message that this person has sent and that has not left; what was done, in words. NotFoundError
        for one that is not theirs, ConflictError where it has left."""
        user = await self._desk.store.read(lambda tx: self._person(tx, token))
        await self._messages.take_back(message, _actor(user), own=True)
        return "Taken back: it waits again."

    async def take_all_back(self, token: str, trigger: str) -> tuple[int, int]:
        """The same of all of one rule: (how many, how many had left)."""
        user = await self._desk.store.read(lambda tx: self._person(tx, token))
        return await self._messages.take_all_back(trigger, _actor(user), own=True)

    async def end(self, person: str, actor: Actor) -> None:
        """End a person's link (a user's id or e-mail) at once; what is held stays theirs, and the next letter brings
        another. NotFoundError where there is no such user, ConflictError where no link works."""

        def unit(tx: Tx) -> None:
            workspace, now = self._desk.workspace, self._desk.now()
            user = next(
                (
                    one
                    for one in tx.people.users(workspace)
                    if person == one.id or person.strip().casefold() == one.email.casefold()
                ),
                None,
            )
            if user is None:
                raise NotFoundError(f"There is no user {person}.", hint="People stand under Settings.")
            desk = tx.decisions.desk_of(workspace, user.id)
            if desk is None or desk.expires <= now:
                raise ConflictError(f"{user.name or user.email} has no link that works.")
            tx.decisions.set(replace(desk, issue=desk.issue + 1, expires=now))
            tx.audit.record(
                workspace=workspace, at=now, action="decision link ended", actor=actor, detail={"person": user.id}
            )

        await self._desk.store.write(unit)

    # ----------------------------------------------------------------------------------------------------------- parts

    def forged(self, token: str) -> bool:
        """Whether a link was never made here; asked before anything is looked up."""
        return len(token) != links.LENGTH

    def _person(self, tx: Tx, token: str) -> User:
        """Whose desk a link opens. NotFoundError where it opens none."""
        key = tx.vault.derived(self._desk.workspace, b"links")
        opens = links.opens(key, Purpose.DECISION, token)
        desk = tx.decisions.desk(opens.id) if opens is not None else None
        if opens is None or desk is None or desk.issue != opens.issue or desk.expires <= self._desk.now():
            raise NotFoundError("This link opens nothing any more.")
        user = tx.people.user(desk.person)
        if user.disabled is not None or user.role not in ROLES:
            raise NotFoundError("This link opens nothing any more.")
        tx.sight = sight_of(tx, user, EXEMPT)  # from here on this unit sees what they may see
        return user

    def _open(self, tx: Tx, token: str) -> OpenDesk:
        user = self._person(tx, token)
        asked = tx.decisions.open(self._desk.workspace, user.id)
        families = tx.families.families({one.family for one in asked})
        items: list[Item] = []
        for one in asked:
            home = tx.families.review_family(self._desk.workspace, one.review)
            family = families.get(home or "") or (tx.families.family(home) if home else None)
            review = family.reviews.get(one.review) if family is not None else None
            if family is not None and review is not None and is_for_people(family, review):
                items.append(self._shown(tx, review, family))
            elif (asks := requested(tx, one.review)) is not None:
                items.append(self._request(tx, asks))
        batches: dict[str, int] = {}
        for item in items:
            if item.kind == ReviewKind.MESSAGE and item.trigger:
                batches[item.trigger] = batches.get(item.trigger, 0) + 1
        desk = tx.decisions.desk_of(self._desk.workspace, user.id)
        until = desk.expires if desk is not None else self._desk.now()
        many = {name: count for name, count in batches.items() if count > 1}
        sent = leaving(tx, self._desk.workspace, user.id)
        return OpenDesk(user.id, user.name or user.email, tuple(items), many, until, sent)

    def _item(self, tx: Tx, token: str, review: str) -> tuple[User, Item | None]:
        user = self._person(tx, token)
        found = next((one for one in self._open(tx, token).items if one.id == review), None)
        return user, found

    def _shown(self, tx: Tx, review: Review, family: Family) -> Item:
        records = family.records
        application = records[review.record or ""]
        candidate = records.get(application.parent or "")
        wanted = [str(one) for one in (application.fields.get("job"), review.detail.get("proposed")) if one]
        near = tx.families.records(application.workspace, wanted) if wanted else {}
        job = near.get(str(application.fields.get("job") or ""))
        stage = near.get(str(review.detail.get("proposed") or ""))
        firing = tx.triggers.behind(message_of(review) or review.id)
        reasons = application.fields.get("match_reasons")
        score = application.fields.get("match_score")
        return Item(
            review.id, str(review.kind), _question(review, stage),
            name_of(candidate) if candidate is not None else "",
            str(job.fields.get("title") or "") if job is not None else "",
            str(stage.fields.get("name") or "") if stage is not None and stage.kind is Kind.STAGE else "",
            f"{score:g}" if isinstance(score, (int, float)) and not isinstance(score, bool) else "",
            tuple(str(one) for one in reasons)[:5] if isinstance(reasons, tuple) else (),
            answers_in(application.fields),
            tuple(str(application.fields.get("manager_feedback") or "").splitlines()),
            str(review.detail.get("to") or review.detail.get("from") or ""), str(review.detail.get("subject") or ""),
            str(review.detail.get("text") or ""), why_asked(tx, application.workspace, review, firing),
            firing.trigger if firing is not None else "", review.at, rejects(review),
            _choices(tx, application, family) if rejects(review) else (), self._effect(family, application, review),
        )  # fmt: skip

    def _effect(self, family: Family, application: Record, review: Review) -> str:
        """What the ATS that has the application may do besides when the answer is yes."""
        name = "reason" if rejects(review) else review.field
        if review.kind is not ReviewKind.PROPOSAL or name not in ("reason", "stage"):
            return ""
        at = self._home(family, application)
        return effect_of(at, name) if at is not None else ""

    def _home(self, family: Family, application: Record) -> Connected | None:
        home = _home(family, application)
        return self._desk.connections.known(home) if home is not None else None

    def _request(self, tx: Tx, asks: Held) -> Item:
        """What somebody has asked for on their form."""
        one, application = tx.screenings.get(asks.id), asks.application
        assert one is not None  # it is what `requested` has found
        since = one.opted_out or one.adjustment
        assert since is not None
        candidate = asks.family.records.get(application.parent or "")
        job = tx.families.records(application.workspace, [one.job]).get(one.job)
        at = self._home(asks.family, application)
        if one.opted_out is not None:
            due = one.opted_out + timedelta(days=times_of(tx, one.workspace).person)
            question, done = "They want only people to look at their application", "I have looked at it"
            because, text = f"a person looks by {due.day} {due:%b %Y}, and no AI", ""
            told = one.said.get("opt_out")
            left = told.get("notes_left") if isinstance(told, Mapping) else 0
            because += f"; notes with a score to be removed by hand in the ATS: {left}" if left else ""
        else:
            question, done = "They ask for an adjustment of the screening form", "It is done"
            because, text = "get in touch with them", str(one.said.get("adjustment") or "")
        return Item(
            asks.id, "request", question, name_of(candidate) if candidate is not None else "",
            str(job.fields.get("title") or "") if job is not None else "",
            "", "", (), answers_in(application.fields), (), "", "", text, because, "", since, done=done,
            there=page_there(at, asks.family, application) if at is not None else "",
        )  # fmt: skip

    async def _who(self, review: str) -> str:
        """Why something waits no more: who decided it first."""

        def read(tx: Tx) -> str:
            known = tx.pages.review(self._desk.workspace, review)
            found = known.review if known is not None else None
            if found is None or found.decided_by is None:
                return "It waits no more: what it was for has changed, or somebody has decided it in the ATS."
            who = found.decided_by.name or "somebody"
            return f"{who} decided this before you: {found.answer.replace('_', ' ')}."

        return await self._desk.store.read(read)


def _choices(tx: Tx, application: Record, family: Family) -> tuple[tuple[str, str], ...]:
    """The reasons for its rejection, of the account that has the application."""
    home = _home(family, application)
    return reasons_at(tx, application.workspace, home) if home is not None else ()


def _home(family: Family, application: Record) -> str | None:
    """The connection that has the application."""
    links = (one for one in family.links.values() if one.record == application.id and one.primary and one.open)
    return next((one.connection for one in links), None)


def reasons_at(tx: Tx, workspace: str, connection: str) -> tuple[tuple[str, str], ...]:
    """(id, name) of the reasons for a rejection that one account has, by name: another account's mean nothing to it."""
    found = tx.pages.of_kind(workspace, Kind.REJECTION_REASON)
    families = tx.families.families({one.family for one in found})
    there = {
        link.record
        for family in families.values()
        for link in family.links.values()
        if link.connection == connection and link.open
    }
    named = ((one.id, str(one.fields.get("name") or "")) for one in found if one.id in there)
    return tuple(sorted(named, key=lambda one: one[1].casefold()))


def why_asked(tx: Tx, workspace: str, review: Review, firing: Firing | None) -> str:
    """Why it is asked: as the review says, else the rule behind it with its reason."""
    said = str(review.detail.get("because") or "")
    if said or firing is None:
        return said or (f"asked by {review.actor.name}" if review.actor.kind is ActorKind.PERSON else "")
    version = tx.triggers.version(workspace, firing.version)
    rules = rules_of(version.text) if version is not None else ()
    return next((f"{one.name}: {one.why}" for one in rules if one.name == firing.trigger), firing.trigger)


def _question(review: Review, stage: Record | None) -> str:
    if review.kind is ReviewKind.MESSAGE:
        return "Should this be sent?"
    if review.kind is ReviewKind.REPLY:
        return "Has what they ask for been done?"
    if review.kind is ReviewKind.FEEDBACK:
        return "Is this feedback about this interview?"
    if review.kind is ReviewKind.SHORTLIST:
        return f"Should {review.detail.get('for') or 'the hiring manager'} see them?"
    if rejects(review):
        return "Reject them?"
    name = str(stage.fields.get("name") or "") if stage is not None else ""
    return f"Move on to {name}?" if name else "Should this change be made?"


def _actor(user: User) -> Actor:
    return Actor(ActorKind.PERSON, user.id, user.name or user.email)
