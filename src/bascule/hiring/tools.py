"""What AI tools are shown of applications, and what they say of them.

A tool pulls: the applications in its scope that have changed behind its cursor, as they are now. What it says comes
back as a result, and enters the record by the same door as the built-in matcher's. A person who is erased, or out of
the tool's scope, is shown to it once more, as somebody of whom it is to hold nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bascule.connectors.aitool import NOWHERE
from bascule.connectors.spec import Request
from bascule.core import gates
from bascule.core.digest import in_order
from bascule.core.plan import Plan
from bascule.engine.connections import Connected, Connections
from bascule.engine.contents import Contents
from bascule.engine.health import PULLED
from bascule.engine.reconcile import React, Reconcile, Task
from bascule.engine.runtime import Runtime
from bascule.engine.signing import signed
from bascule.engine.strangers import BY_HAND, by_hand
from bascule.errors import (
    ConflictError,
    ErasedError,
    ForbiddenError,
    InputError,
    NotFoundError,
    RejectedError,
    ShutError,
)
from bascule.jsontext import dumps
from bascule.match import Matcher
from bascule.model import (
    Actor,
    ActorKind,
    Family,
    FamilyState,
    FieldClass,
    Fields,
    Kind,
    Record,
    RecordState,
    Value,
    field_spec,
    plain,
    tool_field,
)
from bascule.store import Store, Tx
from bascule.store.connections import Connection
from bascule.store.tasks import TaskLease
from bascule.store.tools import Change, Given, Kept

from .disclosure import waits
from .results import REFUSED, Entered, Result, enter, objection
from .resumes import newest, version_of

HINT = "hint"  # the task that tells a tool that there is news: "<connection>"
UNTOLD = "hints refused"  # the notice about a tool whose address takes none
REST, LONGEST = 1.0, 300.0  # seconds between two hints to one tool, and at most after several that failed
NOTED = timedelta(minutes=1)  # how often an idle tool's look is written down
NUMBERED = 5000  # marks that one pull numbers
ROUNDS = 20  # pages of the feed that one pull may pass over because nothing in them is the tool's
LIVE, WITHDRAWN, GONE, MERGED, ERASED = "live", "withdrawn", "gone", "merged", "erased"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the owner lets a tool have. Names, addresses and numbers only where they say so."""

    contact: bool = False
    resume: bool = True
    answers: bool = False

    @staticmethod
    def of(row: Connection) -> Policy:
        """The policy of a connection's settings."""
        usual = Policy()

        def on(name: str, otherwise: bool) -> bool:
            said = str(row.settings.get(name, "")).strip().casefold()
            return otherwise if said not in ("yes", "no") else said == "yes"

        return Policy(on("contact", usual.contact), on("resume", usual.resume), on("answers", usual.answers))


@dataclass(frozen=True, slots=True)
class Said:
    """A tool's result as it comes."""

    version: int
    score: float | None = None
    reasons: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    status: str | None = None
    note: str | None = None
    stage_proposal: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a pull."""

    items: Sequence[Mapping[str, Any]]
    jobs: Mapping[str, Mapping[str, Any]]
    next: str
    more: bool


@dataclass
class _Found:
    """What one look at the feed has found."""

    live: dict[str, dict[str, Any]] = field(default_factory=lambda: {})
    ended: dict[str, dict[str, Any]] = field(default_factory=lambda: {})
    families: dict[str, str] = field(default_factory=lambda: {})  # application -> family
    jobs: dict[str, dict[str, Any]] = field(default_factory=lambda: {})
    given: Mapping[str, Given] = field(default_factory=lambda: {})


def tool_of(at: Connected) -> Actor:
    """A tool as an actor."""
    return Actor(ActorKind.AI, at.id, at.row.name)


def hinted(at: Connected) -> bool:
    """Whether a tool wants to be told of changes."""
    return at.is_tool and bool(at.row.base_url) and at.row.base_url != NOWHERE


def reaction(connections: Connections) -> React:
    """News for the tools that want to be told, where a commit changes what they are shown."""

    def react(before: Family | None, planned: Plan, live: bool) -> Sequence[Task]:
        told = [at for at in connections.all() if hinted(at) and at.row.workspace == planned.family.workspace]
        return [Task(HINT, at.id) for at in told] if told and _news(before, planned) else []

    return react


def _news(before: Family | None, planned: Plan) -> bool:
    family = planned.family
    if family.kind not in (Kind.CANDIDATE, Kind.JOB):
        return False
    if before is None or before.state is not family.state or len(before.records) != len(family.records):
        return True
    return any(not _by_ai(family, line.record, line.field) for line in planned.history)


def _by_ai(family: Family, record: str, name: str) -> bool:
    kind = family.records[record].kind if record in family.records else None
    try:
        return kind is not None and field_spec(kind, name).cls is FieldClass.AI_OUTPUT
    except KeyError:
        return False


class Tools:
    """`app.tools`: what the door does."""

    def __init__(
        self,
        runtime: Runtime,
        connections: Connections,
        reconcile: Reconcile,
        contents: Contents,
        matcher: Callable[[], Matcher],
    ) -> None:
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._contents = contents
        self._matcher = matcher
        self._labels: Mapping[str, str] | None = None
        self._rests: dict[str, tuple[int, datetime]] = {}  # by tool: how many hints have failed, until when it rests

    @property
    def _store(self) -> Store:
        return self._connections.store

    # -------------------------------------------------------------------------------------------------------- news

    async def hint(self, task: TaskLease) -> float | None:
        """The task `hint`: tell a tool that there is news, and no more than that. Many changes are one hint; a lost one
        costs nothing but time, for the tool asks by itself as well. Each change wants a hint at once, so that how long
        the tool is left alone is kept here. Raises what the tool's address answers."""
        at = await self._connections.find(task.key)
        if at is None or not hinted(at) or at.row.paused or at.row.stopped is not None:
            return None
        now, workspace = self._runtime.now(), at.row.workspace
        failed, until = self._rests.get(at.id, (0, now))
        if until > now:
            return (until - now).total_seconds()
        self._rests[at.id] = failed + 1, now + timedelta(seconds=min(REST * 2**failed, LONGEST))
        body = {"type": "applications.changed", "timestamp": now.isoformat(), "data": {"tool": at.row.name}}
        headers = signed([at.secrets["webhook_secret"]], f"msg_{task.seq}", now, dumps(body).encode())
        try:
            await at.client.send(Request("POST", at.row.base_url, json=body, headers=headers, safe=True))
        except RejectedError as error:
            text = f"{at.row.name}: {error} Until it is told again it learns of changes when it asks by itself."
            await self._store.write(
                lambda tx: tx.notices.put(workspace, UNTOLD, at.id, text, now=now, connection=at.id)
            )
            raise

        def told(tx: Tx) -> None:
            self._connections.answered(tx, at.id, now)
            tx.notices.close(workspace, UNTOLD, at.id, now=now)

        await self._store.write(told)
        self._rests[at.id] = 0, now + timedelta(seconds=REST)
        return None

    # --------------------------------------------------------------------------------------------------------- out

    async def pull(self, at: Connected, after: str, limit: int) -> Page:
        """The applications that have changed behind a cursor, the oldest change first. InputError for a cursor that
        is none."""
        place = began = _place(after)
        workspace = at.row.workspace
        if await self._store.read(lambda tx: tx.tools.waits(workspace)):
            await self._store.write(lambda tx: tx.tools.number(workspace, NUMBERED, now=self._runtime.now()))
        items: list[dict[str, Any]] = []
        jobs: dict[str, dict[str, Any]] = {}
        more = True
        for _ in range(ROUNDS):
            wanted = limit - len(items)
            changes = await self._store.read(lambda tx, p=place, n=wanted: tx.tools.page(workspace, p, n))
            found, shown = await self._show(at, changes)
            items += shown
            jobs |= found.jobs
            more = len(changes) == wanted
            place = changes[-1].position if changes else place
            if not more or len(items) >= limit:
                break
        if not more:
            more = await self._store.read(lambda tx: tx.tools.waits(workspace))
        await self._note_pull(at, place, moved=place != began)
        return Page(items, jobs, _cursor(place), more)

    async def _show(self, at: Connected, changes: Sequence[Change]) -> tuple[_Found, list[dict[str, Any]]]:
        """What of these the tool is shown. That it is shown them is kept before they are read, so that an erasure which
        begins in between knows of it, or the read knows of the erasure."""
        if not changes:
            return _Found(), []
        now, workspace = self._runtime.now(), at.row.workspace
        found = await self._store.read(lambda tx: self._look(tx, at, changes))
        about = {id: "" for id in found.live if (was := found.given.get(id)) is None or was.gone is not None}
        if about:
            before = found.live.keys()
            await self._store.write(lambda tx: tx.tools.give(at.id, workspace, about, now=now))
            found = await self._store.read(lambda tx: self._look(tx, at, changes))
            for id in found.live.keys() - before:
                del found.live[id]  # it has come into the scope just now, and comes again
        fresh = {
            id: str(one["version"]) for id, one in found.live.items()
            if (was := found.given.get(id)) is None or was.version != one["version"]
        }  # fmt: skip
        over = [id for id in found.ended if (was := found.given.get(id)) is not None and was.gone is None]

        def keep(tx: Tx) -> None:
            tx.tools.give(at.id, workspace, fresh, now=now)
            tx.tools.take(at.id, over, now=now)
            for id, version in sorted(fresh.items()):
                tx.audit.record(
                    workspace=workspace, at=now, action="shown to an AI tool", actor=tool_of(at),
                    family=found.families[id], record=id, connection=at.id, detail={"version": version},
                )  # fmt: skip

        if fresh or over:
            await self._store.write(keep)
        both = {**found.live, **found.ended}
        return found, [both[one.application] for one in changes if one.application in both]

    def _look(self, tx: Tx, at: Connected, changes: Sequence[Change]) -> _Found:
        """These applications as they are now, and as this tool may see them."""
        found = _Found()
        ids = [one.application for one in changes]
        found.given = tx.tools.given(at.id, ids)
        found.families = tx.tools.homes(at.row.workspace, ids)
        families = tx.families.families(set(found.families.values()))
        mine = {id: families[home].records[id] for id, home in found.families.items()
                if home in families and id in families[home].records}  # fmt: skip
        jobs = self._jobs(tx, at, {str(one.fields.get("job") or "") for one in mine.values()} - {""})
        for change in changes:
            id = change.application
            family, record = families.get(found.families.get(id, "")), mine.get(id)
            was = found.given.get(id)
            ended = _ended(change, family, record)
            job = jobs.get(str(record.fields.get("job") or "")) if record is not None else None
            if not ended and record is not None and family is not None:
                if in_scope(at, record, job[0] if job else None, was):
                    assert job is not None
                    of = found.jobs[job[0].id] = found.jobs.get(job[0].id) or _job(*job)
                    found.live[id] = self._told(at, family, record, job[1], of, self._waits(tx, record))
                    continue
                ended = {"id": id, "state": WITHDRAWN}
            if was is not None:
                found.ended[id] = ended
        return found

    def _waits(self, tx: Tx, application: Record) -> str:
        """Why no AI may score its job yet, "" where it may."""
        job = str(application.fields.get("job") or "")
        wait = waits(tx, application.workspace, job, self._runtime.now())
        return wait.why if wait is not None else ""

    def _jobs(self, tx: Tx, at: Connected, ids: Collection[str]) -> dict[str, tuple[Record, Family]]:
        homes = tx.tools.homes(at.row.workspace, ids)
        families = tx.families.families(set(homes.values()))
        return {
            id: (families[home].records[id], families[home])
            for id, home in homes.items()
            if home in families and id in families[home].records
        }

    def _told(
        self, at: Connected, family: Family, record: Record, jobs: Family, job: Mapping[str, Any], waits: str
    ) -> dict[str, Any]:
        """An application as this tool is shown it; `job` is its job as it is shown, `waits` why that is not scored
        yet."""
        policy, why = Policy.of(at.row), objection(self._connections, family, record) or waits
        candidate = family.records.get(record.parent or "")
        stage = jobs.records.get(str(record.fields.get("stage") or ""))
        resume = newest(family, record) if policy.resume and not why else None
        told: dict[str, Any] = {
            "id": record.id,
            "state": LIVE,
            "job": record.fields.get("job"),
            "candidate": _person(candidate, policy, bool(why)),
            "stage": _stage(stage) if stage is not None else None,
            "status": record.fields.get("status"),
            "applied_at": record.fields.get("applied_at"),
            "tags": plain(record.fields.get("tags") or ()),
            "ai": {"allowed": not why, "why": why},
            "resume": {"url": f"/api/tools/v1/applications/{record.id}/resume", "version": version_of(resume)}
            if resume is not None
            else None,
        }
        if policy.answers and not why:
            told["answers"] = plain(record.fields.get("answers"))
        return {"version": _digest(family.salt, {**told, "of": job}), **told}

    async def _note_pull(self, at: Connected, place: int, *, moved: bool) -> None:
        """How far the tool has come, for whoever looks after it."""
        now = self._runtime.now()
        known = (await self._store.read(lambda tx: tx.connections.cursors(at.id))).get(PULLED)
        if moved or known is None or now - known[1] > NOTED:
            await self._store.write(lambda tx: tx.connections.set_cursor(at.id, PULLED, place, now=now))

    async def resume(self, at: Connected, application: str) -> tuple[bytes, str]:
        """(the CV's bytes, its file name, where the tool may have it). Raises as `result` does for what the tool may
        not see, and NotFoundError where there is no CV."""

        def query(tx: Tx) -> tuple[Family, Record, Record | None, bytes | None]:
            family, record = self._seen(tx, at, application)
            resume = newest(family, record)
            address = tx.stored.of(resume.id, "resume") if resume is not None else None
            fresh = address is not None and resume is not None and tx.stored.item(address).media == version_of(resume)
            return family, record, resume, tx.stored.get(address) if address is not None and fresh else None

        policy = Policy.of(at.row)
        if not policy.resume:
            raise ForbiddenError(f"{at.row.name} is not shown CVs.", hint="The owner of the connection can allow it.")
        family, record, resume, data = await self._store.read(query)
        if resume is None:
            raise NotFoundError("This application has no CV.", hint="It comes with a later change, if there is one.")
        if data is None:
            link = next((x for x in family.links.values() if x.record == record.id and x.open), None)
            ats = self._connections.get(link.connection) if link is not None else None
            data = await self._contents.download(ats, family, resume) if ats is not None else b""
        if not data:
            raise NotFoundError("The CV cannot be had where it is kept.", hint="Try again later.")
        now = self._runtime.now()
        await self._store.write(
            lambda tx: tx.audit.record(
                workspace=at.row.workspace, at=now, action="CV given to an AI tool", actor=tool_of(at),
                family=family.id, record=resume.id, connection=at.id,
            )
        )  # fmt: skip
        return data, str(resume.fields.get("filename") or "resume") if policy.contact else "resume"

    # ---------------------------------------------------------------------------------------------------------- in

    async def result(self, at: Connected, application: str, said: Said) -> Mapping[str, Any]:
        """Keep a tool's result; what became of it. The same again changes nothing; an older one never takes the place
        of a newer (ConflictError). NotFoundError, ErasedError, ForbiddenError (out of scope) and ConflictError (no AI
        may look) say why it is not taken."""
        skills = await self._named(said.skills)
        said = replace(said, skills=skills, reasons=tuple(said.reasons))
        return await self._reconcile.commit(lambda tx: self._enter(tx, at, application, said))

    def _enter(self, tx: Tx, at: Connected, application: str, said: Said) -> Mapping[str, Any]:
        stopped = tx.connections.stopped(at.id)
        if stopped is not None:
            raise ShutError(stopped.words, hint="Send it again later; the owner releases it.")
        family, record = self._seen(tx, at, application)
        why = objection(self._connections, family, record) or self._waits(tx, record)
        if why:
            raise ConflictError(f"No AI may look at this person: {why}", hint="Send nothing for them.")
        known = tx.tools.result(at.id, application)
        digest = _digest(family.salt, asdict(said))
        if known is not None and known.version >= said.version:
            if (known.version, known.digest) == (said.version, digest):
                return {**known.answer, "changed": False}
            if known.version == said.version:
                raise ConflictError(
                    f"Version {said.version} has said something else already.",
                    hint="Give what is new a higher version.",
                )
            raise ConflictError(
                f"Version {known.version} is kept, which is newer than {said.version}.", hint="Nothing need be done."
            )
        noted = _digest(family.salt, said.note) if said.note else ""
        note = said.note if said.note and (known is None or known.note != noted) else None
        values: dict[str, Value] = {
            "score": said.score, "reasons": said.reasons, "skills": said.skills, "status": said.status,
        }  # fmt: skip
        fields: Fields = {
            tool_field(at.row.name, name): value for name, value in values.items()
            if value not in (None, ()) or _held(record, at.row.name, name)
        }  # fmt: skip
        stage = self._stage_named(tx, at, record, said.stage_proposal)
        told = Result(fields, f"{at.row.name} (AI tool):\n{note}" if note else None, stage)
        entered = enter(tx, self._reconcile, self._runtime.id, application, told, tool_of(at))
        now = self._runtime.now()
        answer = _answer(application, said, entered)
        kept = Kept(said.version, digest, noted or (known.note if known else ""), answer, now)
        tx.tools.keep_result(at.id, at.row.workspace, application, kept)
        tx.audit.record(
            workspace=at.row.workspace, at=now, action="scored", actor=tool_of(at), family=family.id,
            record=application, connection=at.id, detail={"version": said.version, "proposal": entered.proposal},
            values={tool_field(at.row.name, "score"): said.score},
        )  # fmt: skip
        return answer

    def _seen(self, tx: Tx, at: Connected, application: str) -> tuple[Family, Record]:
        """An application that this tool may see, and its family."""
        erased = tx.tools.erased(at.row.workspace, application)
        if erased is None:
            raise NotFoundError(f"There is no application {application}.", hint="Ids come with a pull.")
        change = Change(application, 0, erased)
        home = tx.families.record_family(application)
        family = tx.families.families([home]).get(home) if home is not None else None
        record = family.records.get(application) if family is not None else None
        ended = _ended(change, family, record)
        if ended or family is None or record is None:
            raise ErasedError(
                "This person is erased." if ended.get("state") == ERASED else "This application is gone.",
                hint="Delete what you hold of it, and confirm: DELETE /api/tools/v1/applications/{id}.",
            )
        job_id = str(record.fields.get("job") or "")
        job = tx.families.records(at.row.workspace, [job_id]).get(job_id) if job_id else None
        if not in_scope(at, record, job, tx.tools.given(at.id, [application]).get(application)):
            raise ForbiddenError(
                f"This application is outside of what {at.row.name} is connected for.",
                hint="Its owner chooses the jobs. Delete what you hold of it.",
            )
        return family, record

    def _stage_named(self, tx: Tx, at: Connected, record: Record, wanted: str | None) -> str:
        """A stage of the application's job by its id, or by its name. InputError for one that there is not."""
        if not wanted:
            return ""
        found = self._jobs(tx, at, [str(record.fields.get("job") or "")])
        _, family = next(iter(found.values()), (None, None))
        stages = [one for one in family.records.values() if one.kind is Kind.STAGE] if family is not None else []
        live = [one for one in stages if one.state is RecordState.LIVE]
        named = [one.id for one in live if _folded(one.fields.get("name")) == _folded(wanted)]
        if wanted in {one.id for one in live}:
            return wanted
        if len(named) == 1:
            return named[0]
        known = ", ".join(str(one.fields.get("name")) for one in live)
        raise InputError(
            f"stage_proposal: the job has no stage {wanted!r}.", hint=f"Name one of these, by id or name: {known}."
        )

    async def _named(self, given: tuple[str, ...]) -> tuple[str, ...]:
        """Skills by their names: those given by their canonical id (ESCO, O*NET) are looked up. InputError for an id
        nobody knows."""
        if any(_is_id(one) for one in given) and self._labels is None:
            taxonomy = await asyncio.to_thread(lambda: self._matcher().taxonomy)
            self._labels = {id: one.label for one in taxonomy.concepts for id in (one.id, one.also) if id}
        names: set[str] = set()
        for one in given:
            if _is_id(one) and one not in (self._labels or {}):
                raise InputError(f"skills: no skill has the id {one!r}.", hint="Give its name instead.")
            names.add((self._labels or {}).get(one, one.strip()))
        return in_order(tuple(names - {""}))

    # ------------------------------------------------------------------------------------------------- forgetting

    async def forgotten(self, at: Connected, application: str) -> Mapping[str, Any]:
        """The tool says that it holds nothing more of an application. NotFoundError where it was never shown it,
        ConflictError where it still is to hold it."""

        def unit(tx: Tx) -> Mapping[str, Any]:
            workspace, now = at.row.workspace, self._runtime.now()
            was = tx.tools.given(at.id, [application]).get(application)
            if was is None:
                raise NotFoundError(f"{at.row.name} was never shown {application}.", hint="Ids come with a pull.")
            found = self._look(tx, at, [Change(application, 0, bool(tx.tools.erased(workspace, application)))])
            if application in found.live:
                raise ConflictError(
                    "This application is still yours to work with.", hint="Confirm only what a pull shows as ended."
                )
            state = str(found.ended[application]["state"])
            if tx.tools.confirm(at.id, application, now=now):
                tx.notices.close(workspace, BY_HAND, by_hand(at.id, application), now=now)
                tx.audit.record(
                    workspace=workspace, at=now, action="forgotten by an AI tool", actor=tool_of(at),
                    record=application, connection=at.id, detail={"state": state},
                )  # fmt: skip
            kept = tx.tools.given(at.id, [application])[application]
            return {"id": application, "state": state, "confirmed": kept.confirmed}

        return await self._reconcile.commit(unit)


# ------------------------------------------------------------------------------------------------------ small things


def in_scope(at: Connected, record: Record, job: Record | None, was: Given | None) -> bool:
    """Whether an application is in a tool's scope: of the jobs chosen for it; where none are, of every open job. One it
    holds stays when its job is closed, so that it sees how it ended."""
    if job is None or record.state is not RecordState.LIVE:
        return False
    if at.view.scope.jobs or at.view.scope.departments:
        return gates.in_scope(at.view, record, (), {job.id: job})
    held = was is not None and was.gone is None and was.version != ""
    return held or (job.state is RecordState.LIVE and job.fields.get("status") in (None, "open"))


def _ended(change: Change, family: Family | None, record: Record | None) -> dict[str, Any]:
    """What is left of an application that is no more; empty where it stands."""
    id = change.application
    if change.erased or (family is not None and family.state is not FamilyState.LIVE):
        return {"id": id, "state": ERASED}
    if record is None:
        return {"id": id, "state": GONE}
    match record.state:
        case RecordState.LIVE:
            return {}
        case RecordState.MERGED:
            return {"id": id, "state": MERGED, "into": record.merged_into}
        case RecordState.ERASED:
            return {"id": id, "state": ERASED}
        case _:
            return {"id": id, "state": GONE}


def _person(candidate: Record | None, policy: Policy, shut: bool) -> dict[str, Any]:
    if candidate is None:
        return {}
    told: dict[str, Any] = {"id": candidate.id}
    if not shut:
        told["tags"] = plain(candidate.fields.get("tags") or ())
    if policy.contact and not shut:
        told |= {
            name: plain(value)
            for name, value in sorted(candidate.fields.items())
            if field_spec(Kind.CANDIDATE, name).contact
        }
    return told


def _stage(stage: Record) -> dict[str, Any]:
    return {"id": stage.id, "name": stage.fields.get("name"), "type": stage.fields.get("type")}


def _job(job: Record, family: Family) -> dict[str, Any]:
    stages = [one for one in family.records.values() if one.kind is Kind.STAGE and one.parent == job.id]
    live = [one for one in stages if one.state is RecordState.LIVE and one.fields.get("active") is not False]
    told = {name: plain(job.fields.get(name)) for name in ("title", "description", "status", "department")}
    order = {one.id: one.fields.get("order") for one in live}
    ranked = sorted(live, key=lambda one: (_number(order[one.id]), one.id))
    return {"id": job.id, **told, "stages": [_stage(one) for one in ranked]}


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _held(record: Record, tool: str, name: str) -> bool:
    said = record.fields.get("tools")
    return isinstance(said, Mapping) and f"{tool}.{name}" in said


def _answer(application: str, said: Said, entered: Entered) -> dict[str, Value]:
    told: dict[str, Value] = {
        "application": application,
        "version": said.version,
        "changed": bool(entered.changed or entered.noted),
        "note": "added" if entered.noted else "unchanged" if said.note else None,
        "stage_proposal": None,
    }
    if entered.proposal:
        told["stage_proposal"] = {
            "outcome": entered.proposal, "review": entered.review or None,
            **({"why": entered.why, "hint": entered.next} if entered.proposal == REFUSED else {}),
        }  # fmt: skip
    return told


def _digest(salt: str, what: object) -> str:
    text = json.dumps(what, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(f"{salt}|{text}".encode()).hexdigest()[:32]


def _is_id(skill: str) -> bool:
    return skill.startswith(("http://", "https://", "onet-tech:"))


def _folded(value: object) -> str:
    return str(value or "").strip().casefold()


def _cursor(place: int) -> str:
    return f"1-{place:x}"


def _place(cursor: str) -> int:
    if not cursor:
        return 0
    if not re.fullmatch(r"1-[0-9a-f]{1,16}", cursor):
        raise InputError(f"after: {cursor[:40]!r} is no cursor.", hint="Give back `next` as it came, or none.")
    return int(cursor[2:], 16)
