"""Whoever is to decide something held is told, and decides by a link: no login, and the ATS is all they ever open.

A held message or proposal belongs to the requisition's recruiter as the ATS names them, else to the connection's owner.
Everything that came within a moment is one letter with one link to that person's desk, which always shows what is held
now. What nobody decides in a day is the owner's too. A link stays the same while letters come, two weeks after the last
at most; the letter after that, or after somebody has ended the link, brings another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bascule.core.plan import Plan
from bascule.engine.connections import Connections
from bascule.engine.reconcile import React, Task
from bascule.engine.runtime import Runtime
from bascule.model import Family, Kind, Record, Review, ReviewKind, ReviewState, Status
from bascule.store import Store, Tx
from bascule.store.decisions import Asked, DecisionDesk
from bascule.store.people import User
from bascule.store.tasks import TaskLease

from .absences import stands_for
from .links import Purpose, token
from .mail import TRIES, Letter, Post, Took, later, made
from .messages import SILENT, no_server, server_of
from .notices import UNTOLD
from .triggers import load

ASK, TELL = "ask", "tell decisions"  # the tasks: whose it is, one a review; the letter, one a person
SOON = 60.0  # seconds in which what is held for one person is gathered for one letter
LATE = timedelta(hours=24)
LASTS = timedelta(days=14)
FOR_PEOPLE = frozenset(
    {ReviewKind.MESSAGE, ReviewKind.PROPOSAL, ReviewKind.REPLY, ReviewKind.SHORTLIST, ReviewKind.FEEDBACK}
)
ROLE = "recruiter"


def reaction() -> React:
    """What a commit calls for: whose each newly held thing of an application is."""

    def react(before: Family | None, planned: Plan, live: bool) -> Sequence[Task]:
        family = planned.family
        if family.kind is not Kind.CANDIDATE:
            return []
        old = before.reviews if before is not None else {}
        return [
            Task(ASK, one.id) for one in family.reviews.values() if one.id not in old and is_for_people(family, one)
        ]

    return react


def is_for_people(family: Family, review: Review) -> bool:
    """Whether a review item is a hiring decision: something held of an application."""
    record = family.records.get(review.record or "")
    return (
        review.state is ReviewState.OPEN
        and review.kind in FOR_PEOPLE
        and record is not None
        and record.kind is Kind.APPLICATION
    )


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for a person: of whom, and about which application; `connection` where it is about one."""

    id: str
    family: Family
    application: Record
    connection: str = ""


def held(tx: Tx, workspace: str, id: str) -> Held | None:
    """A review item that is open, or a screening form with a request that nobody has seen to; None for all else."""
    home = tx.families.review_family(workspace, id)
    if home is None:
        return requested(tx, id)
    family = tx.families.family(home)
    review = family.reviews.get(id)
    record = family.records.get(review.record or "") if review is not None else None
    if review is None or review.state is not ReviewState.OPEN or record is None:
        return None
    return Held(id, family, record, review.connection or "")


def requested(tx: Tx, screening: str) -> Held | None:
    """Somebody wants only people to look at their application, or an adjustment, and nobody has seen to it yet."""
    one = tx.screenings.get(screening)
    if one is None or one.looked is not None or (one.opted_out is None and one.adjustment is None):
        return None
    loaded = load(tx, one.application)
    if loaded is None or loaded[1].fields.get("status") not in (None, Status.ACTIVE):
        return None
    return Held(screening, *loaded)


def request(tx: Tx, workspace: str, screening: str, now: datetime) -> None:
    """Whoever it is for is told of what somebody has asked for on a form, as of anything held, in this commit; of a
    second request anew."""
    tx.decisions.drop([screening])
    tx.tasks.put(workspace, ASK, screening, due=now)


class DecisionLetters:
    """The handlers of the tasks "ask" and "tell decisions"."""

    def __init__(self, runtime: Runtime, connections: Connections, post: Callable[[], Post], *, address: str) -> None:
        self._runtime = runtime
        self._connections = connections
        self._post = post
        self._address = address
        self.gather = SOON

    @property
    def _store(self) -> Store:
        return self._connections.store

    async def ask(self, task: TaskLease) -> float | None:
        """The task "ask": whose a held thing is; a day later, if it is held still, the owner's too."""
        return await self._store.write(lambda tx: self._ask(tx, task))

    def _ask(self, tx: Tx, task: TaskLease) -> float | None:
        tx.tasks.hold(task)
        now, workspace = self._runtime.now(), task.workspace
        found = held(tx, workspace, task.key)
        if found is None:
            tx.decisions.drop([task.key])
            return None
        known = tx.decisions.asked(task.key)
        if not known:
            person = stands_for(tx, workspace, self._whose(tx, found) or self._owner(found), now)
            if not person:
                return None  # it stands under Review or Tasks, and nobody is named to be told
            self._tell(tx, workspace, Asked(found.id, person, found.family.id, now), now)
            return LATE.total_seconds()
        first = known[0]
        rest = (first.at + LATE - now).total_seconds()
        if rest > 0:
            return rest
        owner = stands_for(tx, workspace, self._owner(found), now)
        if first.escalated is None and owner and owner not in {one.person for one in known}:
            tx.decisions.ask(workspace, replace(first, escalated=now))
            self._tell(tx, workspace, Asked(found.id, owner, found.family.id, now), now)
        return None

    def _tell(self, tx: Tx, workspace: str, asked: Asked, now: datetime) -> None:
        tx.decisions.ask(workspace, asked)
        tx.tasks.put(workspace, TELL, asked.person, due=now + timedelta(seconds=self.gather))

    def _owner(self, one: Held) -> str:
        """The owner of the connection that shows the application."""
        links = one.family.links.values()
        names = [one.connection, *(x.connection for x in links if x.record == one.application.id)]
        found = [at.row.owner for one in names if one and (at := self._connections.known(one)) is not None]
        return next((one for one in found if one), "")

    def _whose(self, tx: Tx, one: Held) -> str:
        """The recruiter of the application, or of its job, as a user of ours: made where there is none, with no more
        than this, so that what they decide is done as their own user of the ATS."""
        record, workspace = one.application, one.family.workspace
        job_id = str(record.fields.get("job") or "")
        job = tx.families.records(workspace, [job_id]).get(job_id) if job_id else None
        named = job.fields.get("recruiters") if job is not None else None
        ids = [
            str(one) for one in (record.fields.get("recruiter"), *(named if isinstance(named, tuple) else ())) if one
        ]
        known = tx.families.records(workspace, ids) if ids else {}
        for id in ids:
            email = str(known[id].fields.get("email") or "") if id in known else ""
            if "@" in email and known[id].fields.get("active") is not False:
                return self._user(tx, one, known[id], email)
        return ""

    def _user(self, tx: Tx, one: Held, person: Record, email: str) -> str:
        workspace = one.family.workspace
        tx.lock([f"user {workspace} {email.lower()}"])  # two things held at once are one new colleague's
        user = tx.people.user_by_email(workspace, email)
        if user is not None:
            return user.id if user.disabled is None else ""
        mine = one.application.id
        at = next((x.connection for x in one.family.links.values() if x.record == mine and x.open), "")
        home = tx.families.family(person.family)
        link = home.link_of(person.id, at)
        identities = {at: link.external} if link is not None else {}
        name = str(person.fields.get("name") or email)
        user = User(self._runtime.id(), workspace, email.lower(), name, ROLE, self._runtime.now(), identities)
        tx.people.set_user(user)
        tx.after_commit(self._connections.changed)
        return user.id

    # -------------------------------------------------------------------------------------------------------- letters

    async def tell(self, task: TaskLease) -> float | None:
        """The task "tell decisions": one letter to one person about all that they have not been told of yet."""

        def prepare(tx: Tx) -> tuple[User, list[Asked], str] | None:
            fresh = [one for one in tx.decisions.open(task.workspace, task.key) if one.told is None]
            user = next((one for one in tx.people.users(task.workspace) if one.id == task.key), None)
            if not fresh or user is None or user.disabled is not None:
                return None
            return user, fresh, self.link(tx, task.workspace, user.id)

        found = await self._store.write(prepare)
        server = await self._store.read(lambda tx: server_of(tx, task.workspace))
        if found is None:
            return None
        if server is None:
            return await self._store.write(lambda tx: no_server(tx, task.workspace, self._runtime.now()))
        user, fresh, link = found
        now, many = self._runtime.now(), len(fresh)
        words = "One thing waits" if many == 1 else f"{many} things wait"
        text = (
            f"{words} for your decision. Look, and decide with a button; you need no login:\n\n{link}\n\n"
            "Making a move in the ATS decides it too. The link is yours alone and works for two weeks from now.\n"
        )
        letter = Letter(
            f"<{self._runtime.id()}@{server.domain}>", user.email, f"{words} for your decision", text, "",
            "decisions-of-a-person", now, automatic=True,
        )  # fmt: skip
        posted = await self._post().send(server, user.email, made(letter, server))
        if posted.took is Took.NOT_NOW and task.tries + 1 < TRIES:
            said = f"Messages wait: the mail server says {posted.words}."
            await self._store.write(lambda tx: tx.notices.put(task.workspace, SILENT, "all", said, now=now))
            return later(task.tries)

        def told(tx: Tx) -> None:
            if posted.took is Took.TAKEN:
                tx.notices.close(task.workspace, UNTOLD, user.email, now=now)
            else:
                said = f"The letter to {user.email} about what waits for their decision was not taken: {posted.words}"
                tx.notices.put(task.workspace, UNTOLD, user.email, said, now=now)
            for one in fresh:
                for current in tx.decisions.asked(one.review):
                    if current.person == user.id:
                        tx.decisions.ask(task.workspace, replace(current, told=now))

        await self._store.write(told)
        return None

    def link(self, tx: Tx, workspace: str, person: str) -> str:
        """The address of a person's desk, whose two weeks begin anew; another one where the last has ended."""
        now = self._runtime.now()
        known = tx.decisions.desk_of(workspace, person) or DecisionDesk(self._runtime.id(), workspace, person, 0, now)
        issue = known.issue if known.expires > now else known.issue + 1
        desk = replace(known, issue=issue, expires=now + LASTS)
        tx.decisions.set(desk)
        secret = token(tx.vault.derived(workspace, b"links"), Purpose.DECISION, desk.id, desk.issue)
        return f"{self._address}/{Purpose.DECISION}/{secret}"
