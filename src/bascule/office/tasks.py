"""Tasks: everything that waits for a person, in one list, with who does it, by when, and what happens if nobody does.

A task is no row of its own: it is an open review, failures of one class at one connection, a mapping gap, a notice,
work that has stopped, or a mapping that is due to be looked at. Only what people say about it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from bascule.calendars.door import NOTICE as CALENDARS
from bascule.core.counterparts import PAIRED
from bascule.core.interviews import OPEN
from bascule.engine.connections import Connected
from bascule.engine.drift import DRIFT
from bascule.engine.rhythm import PARITY
from bascule.engine.shapes import ENDING, ENDS_SOON
from bascule.engine.subscribers import SILENT
from bascule.enrichment.door import NOTICE as PROVIDERS
from bascule.errors import InputError, NotFoundError
from bascule.hiring.absences import acting, kept
from bascule.hiring.triggers import CLASHES
from bascule.hiring.unread import TEXTLESS, UNREADABLE
from bascule.model import BASCULE, Actor, Kind, ReviewKind
from bascule.models.door import NOTICE as MODELS
from bascule.store import Tx
from bascule.store.assignments import Asked, Assignment
from bascule.store.connections import Connection
from bascule.store.inbox import LAST
from bascule.store.notices import Notice
from bascule.store.people import User
from bascule.store.tasks import TaskLease

from .desk import Desk
from .failures import MEND
from .incidents import touched, within
from .mailbox import MAILBOX, ODD
from .owners import answering
from .screenings import Screenings, is_open, times_of
from .undecided import UNDECIDED

ESCALATE_EVERY = 300.0
MOST = 1000  # of one source: more than that is one thing to look at, not so many tasks
REVIEW_EVERY = timedelta(days=90)  # a mapping is looked at
REVIEW_AHEAD = timedelta(days=14)  # it is a task so long before it is due
HANDOVER = "hand-over changed"  # the notice that guides are to be issued again
REVIEWED = "mapping reviewed"  # the cursor that says when


class TaskKind(StrEnum):
    """What a task is."""

    FAILURES = "failures"  # of one class at one connection
    REVIEW = "review"
    GAP = "gap"  # a value the mapping does not know
    NOTICE = "notice"  # about a connection: rights, drift, parity, silence ...
    STOPPED = "stopped"  # work or a timer that has given up
    MAPPING = "mapping"  # due to be looked at
    INTERVIEW = "interview"  # a candidate has proposed times
    APPLICANT = "applicant"  # somebody has asked for a person instead of AI, or for an adjustment


DAY = timedelta(days=1)
DEPRECATED = timedelta(days=30)  # an interface that is deprecated, with no end in sight
WITHIN: Mapping[TaskKind, timedelta] = MappingProxyType(
    {
        TaskKind.FAILURES: DAY,
        TaskKind.REVIEW: 3 * DAY,
        TaskKind.GAP: 3 * DAY,
        TaskKind.NOTICE: DAY,
        TaskKind.STOPPED: DAY,
        TaskKind.MAPPING: REVIEW_AHEAD,
        TaskKind.APPLICANT: 2 * DAY,
        TaskKind.INTERVIEW: DAY,
    }
)
"""How soon a task of a kind is to be done, unless somebody says otherwise."""
STEP: Mapping[TaskKind, str] = MappingProxyType(
    {
        TaskKind.FAILURES: "Mend the cause, then replay.",
        TaskKind.REVIEW: "Decide it.",
        TaskKind.GAP: "Choose what it is in the mapping.",
        TaskKind.NOTICE: "Mend what it says, then end it here.",
        TaskKind.STOPPED: "Mend the cause, then start it again.",
        TaskKind.MAPPING: "Look through the mapping, then say so here.",
        TaskKind.APPLICANT: "Get in touch with them, then say so here.",
        TaskKind.INTERVIEW: "Look whether everybody is free, then book one of the times, or ask again.",
    }
)
"""What a person does about a task of a kind, where nothing more exact is known."""
ENDS: Mapping[TaskKind, str] = MappingProxyType(
    {
        TaskKind.NOTICE: "Done",
        TaskKind.STOPPED: "Start again",
        TaskKind.MAPPING: "Looked at",
        TaskKind.APPLICANT: "Done",
    }
)
"""What a person says to end a task of a kind by hand; the others end with what they are about."""
SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        MODELS: "/settings#models",
        PROVIDERS: "/settings#providers",
        CALENDARS: "/interviews/setup",
        MAILBOX: "/messages/mail#mailbox",
        ODD: "/messages/mail#mailbox",
    }
)
"""Where a notice about no connection is seen to."""
SAID: Mapping[ReviewKind, str] = MappingProxyType(
    {
        ReviewKind.PROPOSAL: "a change waits for approval",
        ReviewKind.CONFLICT: "both sides changed",
        ReviewKind.IDENTITY: "may be somebody we know",
        ReviewKind.MERGE: "two records may be one person",
        ReviewKind.DUPLICATE: "one person, two records in the ATS",
        ReviewKind.HELD_WRITE: "a write is held",
        ReviewKind.FROZEN: "a value keeps coming back",
        ReviewKind.REFUSED: "the ATS does not keep a value",
        ReviewKind.LOST_CREATE: "nobody knows whether it was created",
        ReviewKind.GONE: "gone in the ATS, or back again",
        ReviewKind.VISIBILITY: "no longer shown to us: hidden there, or deleted",
        ReviewKind.BULK: "one cause would change very many records",
        ReviewKind.GAP: "a value nobody knows yet",
        ReviewKind.MESSAGE: "a message to a candidate waits to be sent",
        ReviewKind.REPLY: "a candidate's answer calls for somebody",
        ReviewKind.SHORTLIST: "somebody to show to a hiring manager",
        ReviewKind.FEEDBACK: "an interviewer has written about a candidate",
    }
)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `id` is "<kind>:<what it is about>"; `assignee` a user's id, by default the connection's owner;
    `step` says what to do, `next` is the command that deals with it, `href` the page."""

    id: str
    kind: TaskKind
    what: str
    connection: str  # its name, "" for none
    since: datetime
    due: datetime
    assignee: str
    count: int = 1
    snoozed: datetime | None = None
    escalated: datetime | None = None
    step: str = ""
    next: str = ""
    href: str = ""
    instead_of: str = ""  # whose it is, where that one is away and `assignee` acts for them

    @property
    def ends(self) -> str:
        """What a person says to end it by hand; "" where it ends with what it is about."""
        return ENDS.get(self.kind, "")

    @property
    def place(self) -> str:
        """Where it stands in a list: the most urgent first."""
        return f"{self.due.isoformat()}|{self.id}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tasks there are; escalated ones are overdue, and overdue ones open."""

    open: int = 0
    overdue: int = 0
    escalated: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A task before anything was said about it. `connection` is an id."""

    id: str
    kind: TaskKind
    what: str
    connection: str | None
    since: datetime
    count: int = 1
    next: str = ""
    href: str = ""
    due: datetime | None = None  # where it is not the usual time
    step: str = ""  # where it is not the usual one
    owner: str = ""  # where it is not the connection's


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks to list. `assignee` is a user's id or e-mail; sleeping ones are left out unless `every`."""

    kind: TaskKind | None = None
    connection: str = ""
    assignee: str = ""
    overdue: bool = False
    every: bool = False


class Tasks:
    """`app.tasks`."""

    def __init__(self, desk: Desk, screenings: Screenings) -> None:
        self._desk = desk
        self._screenings = screenings

    async def list(self, wanted: Wanted | None = None) -> list[Task]:
        """What waits for somebody, the most urgent first."""
        return await self._desk.store.read(lambda tx: self.listed(tx, wanted or Wanted()))

    def listed(self, tx: Tx, wanted: Wanted) -> list[Task]:
        now = self._desk.now()
        who = self._user(tx, wanted.assignee).id if wanted.assignee else ""
        tasks = [
            task
            for task in self._everything(tx, now)
            if (wanted.kind is None or task.kind is wanted.kind)
            and (not wanted.connection or task.connection == wanted.connection)
            and (not who or task.assignee == who)
            and (not wanted.overdue or task.due < now)
            and (wanted.every or task.snoozed is None or task.snoozed <= now)
        ]
        return sorted(tasks, key=lambda task: task.place)

    def tally(self, tasks: Sequence[Task]) -> Tally:
        now = self._desk.now()
        late = [task for task in tasks if task.due < now]
        return Tally(len(tasks), len(late), sum(task.escalated is not None for task in late))

    def one(self, tx: Tx, id: str) -> Task:
        """NotFoundError if it is not open (any more)."""
        return _among({task.id: task for task in self._everything(tx, self._desk.now())}, id)

    # -------------------------------------------------------------------------------------------- what people say

    async def say(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        assignee: str | None = None,
        due: datetime | None = None,
        snoozed: datetime | None = None,
    ) -> list[Task]:
        """Who does these tasks (a user's id or e-mail, "" for the owner), by when, or not shown before (an earlier due
        date moves there); what is left out stays. Whoever takes one up or names a new date ends its escalation.
        InputError for nothing or for a time that is over, NotFoundError for a task that is: then nothing is changed."""
        told = {name: at.isoformat() for name, at in (("due", due), ("snoozed", snoozed)) if at is not None}
        for at in (due, snoozed):
            if at is not None:
                self._ahead(at)
        if assignee is None and not told:
            raise InputError("Nothing was said about the task.", hint="Give an assignee, a due date or a time to wait.")
        workspace = self._desk.workspace

        def unit(tx: Tx) -> list[Task]:
            known = {task.id: task for task in self._everything(tx, self._desk.now())}
            who = self._user(tx, assignee).id if assignee else ""
            for id in ids:
                task, said = _among(known, id), tx.assignments.of(workspace, id)
                if assignee is not None:
                    said = replace(said, assignee=who)
                if due is not None:
                    said = replace(said, due=due)
                if snoozed is not None:
                    said = replace(said, snoozed=snoozed, due=max(due or task.due, snoozed))
                tx.assignments.set(workspace, replace(said, escalated=None))
            changed = {task.id: task for task in self._everything(tx, self._desk.now())}
            return [changed[id] for id in ids]

        tasks = await self._desk.store.write(unit)
        for task in tasks:
            detail = {"task": task.id, "assignee": task.assignee, **told}
            await self._desk.note(actor, "task changed", detail=detail)
        return tasks

    async def done(self, id: str, actor: Actor) -> None:
        """A person has dealt with it. InputError for a task that ends with what it is about, saying how."""

        def unit(tx: Tx) -> None:
            task = self.one(tx, id)
            rest = id.partition(":")[2]
            match task.kind:
                case TaskKind.NOTICE:
                    tx.notices.close_one(self._desk.workspace, int(rest), now=self._desk.now())
                case TaskKind.MAPPING:
                    tx.connections.set_cursor(rest, REVIEWED, {"by": actor.id}, now=self._desk.now())
                case TaskKind.APPLICANT:
                    self._screenings.looked_in(tx, rest, actor)
                case TaskKind.STOPPED:
                    name, _, key = rest.partition("|")
                    tx.tasks.replay(self._desk.workspace, name, key, now=self._desk.now())
                case _:
                    raise InputError("This task ends when what it is about is dealt with.", hint=task.next or task.href)
            tx.assignments.drop(self._desk.workspace, [id])

        await self._desk.store.write(unit)
        await self._desk.note(actor, "task done", detail={"task": id})
        self._desk.wake()

    def _ahead(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise InputError("The time needs a zone.", hint="Write it like 2026-11-30T09:00:00Z.")
        if at <= self._desk.now():
            raise InputError("That time is over.", hint="Name one that is to come.")

    def _user(self, tx: Tx, who: str) -> User:
        user = next((each for each in tx.people.users(self._desk.workspace) if who in (each.id, each.email)), None)
        if user is None or user.disabled is not None:
            raise NotFoundError(f"There is no user {who}.", hint="Name one by e-mail; people stand under Settings.")
        return user

    # ------------------------------------------------------------------------------------------------- escalation

    async def escalate(self, _task: TaskLease | None = None) -> float:
        """What nobody did in time is marked, once: it then stands on everybody's overview and in the status until
        somebody takes it up. What was said about tasks that are over goes."""
        now = self._desk.now()

        def unit(tx: Tx) -> None:
            open_tasks = {task.id: task for task in self._everything(tx, now)}
            said = tx.assignments.all(self._desk.workspace)
            tx.assignments.drop(self._desk.workspace, said.keys() - open_tasks.keys())
            late = [task for task in open_tasks.values() if task.due < now and task.escalated is None]
            for task in late:
                told = replace(said.get(task.id, Assignment(task.id)), escalated=now)
                tx.assignments.set(self._desk.workspace, told)
                tx.audit.record(
                    workspace=self._desk.workspace,
                    at=now,
                    action="task escalated",
                    actor=BASCULE,
                    detail={"task": task.id, "assignee": task.assignee, "due": task.due.isoformat()},
                )

        await self._desk.store.write(unit)
        return ESCALATE_EVERY

    # ---------------------------------------------------------------------------------------------- what there is

    def _everything(self, tx: Tx, now: datetime) -> list[Task]:
        said = tx.assignments.all(self._desk.workspace)
        rows = {row.id: row for row in tx.connections.list(self._desk.workspace)}
        absences = kept(tx, self._desk.workspace)
        users = {user.id for user in tx.people.users(self._desk.workspace) if user.disabled is None} if absences else ()
        found = [_with(one, said.get(one.id), rows.get(one.connection or "")) for one in self._found(tx, rows, now)]
        return [_by_deputy(one, acting(absences, users, one.assignee, now)) for one in found]

    def _found(self, tx: Tx, rows: Mapping[str, Connection], now: datetime) -> Iterable[Found]:
        workspace = self._desk.workspace
        names = {id: row.name for id, row in rows.items()}
        for group in tx.pages.failure_groups(workspace):
            name = names.get(group.connection, "")
            yield Found(
                f"{TaskKind.FAILURES}:{group.connection}|{group.reason}",
                TaskKind.FAILURES,
                MEND[group.reason].title,
                group.connection,
                group.since,
                group.count,
                f"bascule failures list --class '{group.reason}' --connection {name}",
                f"/failures?connection={name}",
                step=MEND[group.reason].what,
            )
        yield from (_review(one) for one in tx.assignments.reviews(workspace, limit=MOST))
        yield from _gaps(tx, workspace, names)
        yield from _unpaired(tx, workspace, names, now)
        owners = {one.id: one.owner for one in tx.subscriptions.list(workspace)}
        jobs = touched(tx, workspace)
        for one in tx.notices.list(workspace, before=LAST, limit=MOST):
            yield _disturbing(_notice(one, names, owners), jobs.get((one.connection or "", one.kind)))
        for task in tx.tasks.list(workspace, state="dead", limit=MOST):
            what = f"The work {task.name} has given up: {task.error}"
            id = f"{TaskKind.STOPPED}:{task.name}|{task.key}"
            connection = task.key.split("|")[0]
            of = connection if connection in rows else None
            yield Found(id, TaskKind.STOPPED, what, of, task.due, 1, f"bascule tasks done '{id}'")
        for row in rows.values():
            at = self._desk.connections.known(row.id)
            if at is not None:
                yield from _mapping(tx, at, now)
        yield from _applicants(tx, workspace)
        yield from _proposed(tx, workspace, now)


def _gaps(tx: Tx, workspace: str, names: Mapping[str, str]) -> Iterable[Found]:
    """Values that a mapping does not know; of a stage without a type, with a job that has it."""
    found = tx.gaps.list(workspace, limit=MOST)
    records = tx.families.records(workspace, {gap.record for gap in found if gap.kind is Kind.STAGE and gap.record})
    jobs = tx.families.records(workspace, {one.parent for one in records.values() if one.parent})
    for gap in found:
        name, stage = names.get(gap.connection, ""), records.get(gap.record or "")
        what, section = f"The mapping does not know {gap.kind} {gap.field} “{gap.value}”", ""
        if (gap.kind, gap.field) == (Kind.STAGE, "type"):
            job = jobs.get((stage.parent if stage is not None else None) or "")
            of = f" of the job “{job.fields.get('title') or ''}”" if job is not None else ""
            what, section = f"No rule says the type of the stage “{gap.value}”{of}", "#ladders"
        yield Found(
            f"{TaskKind.GAP}:{gap.id}", TaskKind.GAP, what, gap.connection, gap.first_at, gap.times,
            f"bascule mapping {'ladders' if section else 'show'} {name}", f"/mapping/{name}{section}",
        )  # fmt: skip


def _unpaired(tx: Tx, workspace: str, names: Mapping[str, str], now: datetime) -> Iterable[Found]:
    """Jobs, stages and reasons without a counterpart at a connection where something waits for one."""
    awaited = tx.families.awaited(workspace)
    asked = {(connection, record) for connection, record, _, _ in awaited}
    records = tx.families.records(workspace, {record for _, record in asked})
    for connection, record, people, since in awaited:
        known, name = records.get(record), names.get(connection, "")
        if known is None or known.kind not in PAIRED or (connection, known.parent) in asked:
            continue  # a stage waits for its job first
        word, origin = str(known.kind).replace("_", " "), names.get(known.origin, "")
        called = known.fields.get("title") or known.fields.get("name") or ""
        what = f"The {word} “{called}” of {origin} has no counterpart at {name}: what is to be done there waits"
        step = "Pair it, or give the stages their types."
        yield Found(
            f"{TaskKind.GAP}:{connection}|{record}", TaskKind.GAP, what, connection, since, people,
            f"bascule counterparts list {origin} {name}", f"/mapping/{origin or name}#counterparts", step=step,
        )  # fmt: skip


def _applicants(tx: Tx, workspace: str) -> Iterable[Found]:
    """People who have opted out of AI, or have asked for an adjustment, whose application is still open."""
    asked = tx.screenings.asked(workspace, limit=MOST)
    records = tx.families.records(workspace, {one.application for one in asked} | {one.job for one in asked})
    person = timedelta(days=times_of(tx, workspace).person) if asked else DAY
    for one in asked:
        application, job = records.get(one.application), records.get(one.job)
        since = one.opted_out or one.adjustment
        if since is None or application is None or not is_open(application):
            continue
        title = str(job.fields.get("title") or "a job") if job is not None else "a job"
        id, href = f"{TaskKind.APPLICANT}:{one.id}", f"/candidates/{application.parent}#a-{application.id}"
        mark = f"bascule tasks done {id}"
        if one.opted_out is not None:
            what = f"An applicant for {title} has asked that a person looks at the application, and no AI"
            step = "Look at the application yourself, then say so here."
            due = since + person
        else:
            what, step = f"An applicant for {title} has asked for an adjustment of the screening form", ""
            due = since + WITHIN[TaskKind.APPLICANT]
        yield Found(id, TaskKind.APPLICANT, what, application.origin, since, 1, mark, href, due, step)


def _proposed(tx: Tx, workspace: str, now: datetime) -> Iterable[Found]:
    """Interviews whose candidate has proposed times, because no calendar answered or none of its times suited."""
    waiting = [one for one in tx.interviews.list(workspace, OPEN, since=now, limit=MOST) if one.said.get("proposed")]
    records = tx.families.records(workspace, {one.application for one in waiting} | {one.job for one in waiting})
    for one in waiting:
        application, job = records.get(one.application), records.get(one.job)
        if application is None or not is_open(application):
            continue
        title = str(job.fields.get("title") or "a job") if job is not None else "a job"
        since = datetime.fromisoformat(str(one.said.get("proposed_at") or one.created.isoformat()))
        yield Found(
            f"{TaskKind.INTERVIEW}:{one.id}", TaskKind.INTERVIEW,
            f"A candidate for {title} has proposed times for an interview", application.origin, since, 1,
            f"bascule interviews show {one.id}", f"/candidates/{application.parent}#i-{application.id}",
        )  # fmt: skip


def _among(known: Mapping[str, Task], id: str) -> Task:
    if id not in known:
        raise NotFoundError(f"There is no open task {id}.", hint="List them: bascule tasks list")
    return known[id]


def _review(one: Asked) -> Found:
    drift = one.about.startswith("drift|")
    what = "a value that Bascule keeps is changed there again and again" if drift else SAID[one.kind]
    field = one.about.rpartition("|")[2] if one.kind is ReviewKind.CONFLICT else ""
    said = f"{what[0].upper()}{what[1:]}" + (f": {field}" if field else "")
    href = f"/review/{one.id}"
    id = f"{TaskKind.REVIEW}:{one.id}"
    return Found(id, TaskKind.REVIEW, said, one.connection, one.at, 1, "", href, owner=one.person)


def _notice(one: Notice, names: Mapping[str, str], owners: Mapping[str, str]) -> Found:
    """`owners` are those of subscriptions."""
    name = names.get(one.connection or "", "")
    id = f"{TaskKind.NOTICE}:{one.id}"
    drifted = one.kind == DRIFT
    page = "mapping" if drifted else "connections"
    href = f"/{page}/{name}" if name else SECTIONS.get(one.kind, "/")
    step = "Do what it proposes, or leave the mapping as it is; then end it here." if drifted else ""
    if one.kind == PARITY:
        href += "#parity"
        step = "Look at each of them on both sides and change the one that is wrong; the next comparison ends this."
    mark = f"bascule tasks done {id}"
    due, owner = None, ""
    if one.kind == SILENT:
        owner, href = owners.get(one.about, ""), f"/subscribers/{one.about}"
        step = "Look at the receiver, send it a test, then resume it or send again what it missed."
    if one.kind == HANDOVER:
        href, step = f"/connections/{name}/handover", "Read what has changed and issue it again; this ends by that."
    if one.kind == CLASHES:
        href, step = "/triggers", "Switch one of the rules off, or change it; the check of the next night ends this."
    if one.kind == UNDECIDED:
        href, mark = f"/undecided?job={one.about}", f"bascule undecided {one.about}"
        step = "See that somebody decides about each of them in the ATS; this ends by itself then."
    if one.kind == UNREADABLE:
        href, mark = f"/jobs/{one.about}?ai=unreadable", f"bascule jobs read-again {one.about}"
        step = "Ask for another file, or have them read again; this ends by itself."
    if one.kind == TEXTLESS:
        href, step = f"/jobs/{one.about}#rubric", "Give the job a description in the ATS; this ends by itself."
    if one.kind in (ENDING, ENDS_SOON):
        step = "Ask for, or write, a connector for what replaces it; see what the system itself says of it."
        due = one.at + (DAY if one.kind == ENDS_SOON else DEPRECATED)
    return Found(id, TaskKind.NOTICE, one.text, one.connection, one.at, one.times, mark, href, due, step, owner)


def _disturbing(found: Found, jobs: int | None) -> Found:
    """A notice that tells of an incident that lasts says how many open requisitions it touches, and is due the sooner
    the more they are. None: it tells of none."""
    if jobs is None:
        return found
    said = f"Open requisitions touched so far: {jobs}." if jobs else "No open requisition is touched so far."
    ends = "" if found.what.endswith((".", "!", "?")) else "."  # a command is not to run on into what follows
    return replace(found, what=f"{found.what}{ends} {said}", due=found.since + within(jobs))


def _mapping(tx: Tx, at: Connected, now: datetime) -> Iterable[Found]:
    """A mapping that was not looked at for 90 days (or is about to be)."""
    seen = tx.connections.cursors(at.id).get(REVIEWED)
    due = (seen[1] if seen else at.row.created) + REVIEW_EVERY
    if now >= due - REVIEW_AHEAD:
        id, name = f"{TaskKind.MAPPING}:{at.id}", at.row.name
        what = f"The mapping of {name} is to be looked at every {REVIEW_EVERY.days} days"
        page, mark = f"/mapping/{name}", f"bascule tasks done {id}"
        yield Found(id, TaskKind.MAPPING, what, at.id, due - REVIEW_AHEAD, 1, mark, page, due)


def _by_deputy(task: Task, who: str) -> Task:
    return task if who == task.assignee else replace(task, assignee=who, instead_of=task.assignee)


def _with(found: Found, said: Assignment | None, row: Connection | None) -> Task:
    said = said or Assignment(found.id)
    return Task(
        id=found.id,
        kind=found.kind,
        what=found.what,
        connection=row.name if row is not None else "",
        since=found.since,
        due=said.due or found.due or found.since + WITHIN[found.kind],
        assignee=said.assignee or found.owner or (answering(row.owner) if row is not None else ""),
        count=found.count,
        snoozed=said.snoozed,
        escalated=said.escalated,
        step=found.step or STEP[found.kind],
        next=found.next,
        href=found.href,
    )
