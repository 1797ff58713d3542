"""A pilot: test candidates brought through the whole flow at one connection, before anybody else's data are written.

While it runs the connection is live for its test candidates and for nobody else (`core.gates`): a fence, which every
plan and every write passes. Afterwards mode and scope are what they were, and the test candidates are removed where the
system can. It goes on after a restart; what it found is kept, sealed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bascule.core import gates
from bascule.core.bulk import arranged
from bascule.core.pilots import (
    Check,
    Verdict,
    application_of,
    at_rest,
    came_from,
    next_stage,
    scored,
)
from bascule.core.plan import rearrange
from bascule.engine.connections import Connected
from bascule.engine.remap import families_after
from bascule.errors import BasculeError, ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.hiring.results import switched_on
from bascule.hiring.resumes import version_of
from bascule.hiring.triggers import Triggers
from bascule.model import (
    BASCULE,
    OURS,
    Actor,
    ActorKind,
    Edit,
    Family,
    FamilyState,
    Fields,
    Kind,
    Label,
    Mode,
    Record,
    Scope,
    Source,
    Status,
)
from bascule.store import Tx
from bascule.store.lanes import Hint
from bascule.store.pilots import Phase, Pilot
from bascule.store.tasks import TaskLease
from bascule.trust.audit import AuditTrail
from bascule.trust.erasure import Erasing

from .changes import Changes
from .desk import Desk
from .grants import Grants
from .judging import Judging, line_of, stages_of

PILOT = "pilot"  # the task, by pilot
LOOK = 1.0  # seconds between two looks at a pilot that runs
MOST = 200
BY_HAND = 3  # test candidates that are to be moved in the ATS
REMOVAL = timedelta(minutes=3)
SEEING = timedelta(minutes=3)  # that reading all of them once more takes at most
PATIENCE = timedelta(hours=1)
MAKING = timedelta(minutes=5)  # that making all of them takes at most
PAGE = 200
DOMAIN = "pilot.example"  # addresses that nobody has, by RFC 2606


@dataclass(frozen=True, slots=True)
class File:
    """A CV that a test candidate applies with."""

    name: str
    data: bytes


class Pilots:
    """`app.pilots`."""

    def __init__(
        self, desk: Desk, triggers: Triggers, changes: Changes, erasing: Erasing, trail: AuditTrail, grants: Grants
    ) -> None:
        self._grants = grants
        self._desk = desk
        self._judging = Judging(desk, triggers)
        self._changes = changes
        self._erasing = erasing
        self._trail = trail

    # ------------------------------------------------------------------------------------------------------- asking

    async def of(self, name: str) -> list[Pilot]:
        """A connection's pilots, the newest first."""
        at = self._desk.connections.named(name)
        return await self._desk.store.read(lambda tx: tx.pilots.of(at.id))

    async def get(self, id: str) -> Pilot:
        """NotFoundError where there is none."""
        found = await self._desk.store.read(lambda tx: tx.pilots.get(id))
        if found is None:
            raise NotFoundError(f"There is no pilot {id}.")
        return found

    # ---------------------------------------------------------------------------------------------------- beginning

    async def begin(
        self, name: str, files: Sequence[File], many: int, actor: Actor, *, job: str = "",
        patience: timedelta = PATIENCE,
    ) -> Pilot:  # fmt: skip
        """Put the fence up and make the test candidates, as this person. `job`: the record of the job they apply for,
        else the newest that is open there. ForbiddenError, InputError or ConflictError say what stands against it;
        then nothing has begun."""
        await self._desk.connections.refresh()
        at = self._desk.connections.named(name)
        self._may_begin(at, files, many, actor)
        applied = await self._desk.store.read(lambda tx: self._job(tx, at, job))
        now, id = self._desk.now(), self._desk.id()
        tag = f"{gates.PILOT}{id[-6:]}"
        before: Fields = {
            "candidates": many, "mode": str(at.row.mode),
            "live_since": at.row.live_since.isoformat() if at.row.live_since else None,
            "scope": {what: tuple(sorted(getattr(at.row.scope, what))) for what in ("jobs", "departments", "offices")},
        }  # fmt: skip
        pilot = Pilot(
            id, at.row.workspace, at.id, now, now + patience, at.row.label is Label.SIMULATOR, tag, applied.id,
            {"kind": str(actor.kind), "id": actor.id, "name": actor.name}, before,
        )  # fmt: skip

        def fence(tx: Tx) -> None:
            tx.lock([f"pilot {at.id}"])
            if any(one.phase != Phase.DONE for one in tx.pilots.of(at.id, limit=1)):
                raise ConflictError(f"A pilot is under way at {name} already.", hint=f"bascule pilot {name} --last")
            if not all(tx.stored.keeps(at.row.workspace, what) for what in ("resume", "answer")):
                raise ForbiddenError("CVs are kept nowhere here (retention 0), so a test candidate cannot have one.")
            row = tx.connections.get(at.id)
            tx.connections.set(replace(row, mode=Mode.LIVE, live_since=now, scope=Scope(pilot=tag)))
            tx.pilots.add(pilot)
            tx.tasks.put(row.workspace, PILOT, id, due=now)
            tx.audit.record(
                workspace=row.workspace, at=now, action="pilot begun", actor=actor, connection=at.id,
                detail={"pilot": id, "tag": tag, "candidates": many, "rehearsal": pilot.rehearsal},
            )  # fmt: skip

        await self._desk.store.write(fence)
        await self._desk.connections.refresh()
        self._desk.reload()
        for number in range(many):
            await self._desk.reconcile.commit(self._making(pilot, number + 1, files[number % len(files)]))
        self._desk.wake()
        return await self.get(id)

    def _may_begin(self, at: Connected, files: Sequence[File], many: int, actor: Actor) -> None:
        name, label = at.row.name, at.connector.label
        if at.is_tool:
            raise InputError(f"{name} is an AI tool; a pilot runs at an ATS.", hint="Name the ATS.")
        if not 1 <= many <= MOST:
            raise InputError(f"A pilot has 1 to {MOST} test candidates.")
        if not files:
            raise InputError("There is no CV for the test candidates.", hint="Name a folder with CVs: --resumes DIR")
        if not at.row.crawled:
            raise ForbiddenError(f"{name} has not been read whole yet.", hint=f"bascule backfill {name}")
        if at.row.mode is Mode.LIVE and at.row.label is not Label.SIMULATOR:
            raise ForbiddenError(
                f"{name} is live: a pilot would keep everybody else waiting.", hint="A pilot comes before going live."
            )
        if not switched_on(at):
            raise ForbiddenError(
                f"AI is off at {name}: nothing would be scored.", hint=f"bascule connections ai {name} on"
            )
        if at.row.stopped is not None:
            raise ForbiddenError(f"{name}: {at.row.stopped.words}", hint=f"bascule connections release {name}")
        lacks = [str(kind) for kind in (Kind.CANDIDATE, Kind.APPLICATION) if kind not in at.connector.creates]
        if lacks:
            raise ForbiddenError(
                f"{label}'s connector makes no {' and no '.join(lacks)}: no test candidate can be brought there.",
                hint="Have its owner waive the pilot with the reason, and try a few by hand.",
            )
        if missing := self._grants.lacking(at):
            raise ForbiddenError(
                f"The credential of {name} lacks {', '.join(missing)}.",
                hint=f"Give it these for the pilot, then: bascule connections rights {name} --granted '...'",
            )
        if actor.kind is not ActorKind.PERSON or not self._desk.connections.acts_as(at, actor):
            raise ForbiddenError(
                f"{actor.name or 'Whoever asks'} is no user of {name}, so stages could not be set there in their name.",
                hint="Map a person to their user there under Settings, and name them: --as EMAIL",
            )

    def _job(self, tx: Tx, at: Connected, job: str) -> Record:
        """The job that they apply for. InputError where there is none."""
        if job:
            found = tx.families.records(at.row.workspace, [job]).get(job)
            if found is None or found.kind is not Kind.JOB or found.fields.get("status") == "closed":
                raise InputError(f"There is no open job {job}.", hint="See: bascule jobs list")
            return found
        after, best = "", None
        while page := families_after(tx, at.id, Kind.JOB, after, PAGE):
            after = page[-1][0]
            for family in tx.families.families({id for _, id in page}).values():
                root = family.root if family.records else None
                if root is not None and root.fields.get("status") == "open" and root.fields.get("description"):
                    best = root if best is None or (root.born, root.id) > (best.born, best.id) else best
        if best is None:
            raise InputError(
                f"{at.row.name} shows no open job with a description.", hint="Open one there for the pilot."
            )
        return best

    def _making(self, pilot: Pilot, number: int, file: File) -> Callable[[Tx], None]:
        """The unit that makes one test candidate."""
        desk, mark = self._desk, pilot.tag.removeprefix(gates.PILOT)
        name = f"Test {number:02} {mark}"
        given: Fields = {
            "first_name": "Pilot", "last_name": name, "emails": (f"pilot.{mark}.{number:03}@{DOMAIN}",),
            "phones": (f"+1 202 555 {100 + number:04}",),
        }  # fmt: skip
        fields: Fields = {**given, "tags": (pilot.tag,)}

        def unit(tx: Tx) -> None:
            now, record, family = desk.now(), desk.id(), desk.id()
            source = Source(OURS, BASCULE, pilot.id, now)  # a recruiter sees them once they have applied
            held = Record(
                record, pilot.workspace, Kind.CANDIDATE, family, None, fields, dict.fromkeys(fields, source), OURS, now
            )
            new = Family(family, pilot.workspace, Kind.CANDIDATE, 0, secrets.token_hex(16), {record: held})
            refs = desk.reconcile.refs(tx, [(new, "", ())])
            desk.reconcile.save(tx, None, arranged(new, desk.reconcile.context(tx, pilot.workspace, refs)))
            tx.stored.put(
                pilot.workspace, family, "answer", f"{pilot.id}|{record}", file.data, now=now, media=file.name
            )
            made = {"record": record, "family": family, "name": f"Pilot {name}", "file": file.name, "given": given}
            kept = tx.pilots.get(pilot.id) or pilot
            tx.pilots.set(replace(kept, people=(*kept.people, made)))

        return unit

    async def stop(self, name: str) -> Pilot:
        """End the pilot that runs at a connection now: it is judged as it stands. NotFoundError where none runs."""
        at = self._desk.connections.named(name)

        def unit(tx: Tx) -> Pilot:
            found = next((one for one in tx.pilots.of(at.id, limit=1) if one.phase == Phase.RUNNING), None)
            if found is None:
                raise NotFoundError(f"No pilot runs at {name}.")
            ended = replace(found, until=self._desk.now())
            tx.pilots.set(ended)
            return ended

        ended = await self._desk.store.write(unit)
        self._desk.wake()
        return ended

    # ------------------------------------------------------------------------------------------------------ working

    async def run(self, task: TaskLease) -> float | None:
        """The task `pilot`: one look at how far it is."""
        pilot = await self._desk.store.read(lambda tx: tx.pilots.get(task.key))
        if pilot is None or pilot.phase == Phase.DONE:
            return None
        at = await self._desk.connections.find(pilot.connection)
        if at is None:
            return None
        if at.row.scope.pilot != pilot.tag and pilot.phase == Phase.RUNNING:
            await self._desk.connections.refresh()
            at = self._desk.connections.get(pilot.connection)
        if pilot.phase == Phase.REMOVING:
            return await self._removed(pilot, at)
        making = len(pilot.people) < int(str(pilot.before["candidates"])) and self._desk.now() < pilot.began + MAKING
        done = not making  # whoever made them may have been killed meanwhile: then it goes on with those that are there
        for number, person in enumerate(pilot.people):
            step = await self._step(pilot, at, number, person)
            if step is not person:
                pilot = await self._keep(pilot, number, step)
            done = done and step.get("state") == "done"
        done = done and await self._desk.store.read(lambda tx: self._judging.all_fired(tx, pilot, at))
        if (done or self._desk.now() >= pilot.until) and await self._seen_again(pilot, at):
            await self._end(pilot, at)
        return LOOK

    async def _seen_again(self, pilot: Pilot, at: Connected) -> bool:
        """Whether every test candidate was read there once more, so that what is judged is what stands there: asked for
        at the first call, and not waited for beyond `SEEING`."""
        now, asked = self._desk.now(), str(pilot.before.get("seen_again") or "")

        def unit(tx: Tx) -> bool:
            families = tx.families.families([str(one["family"]) for one in pilot.people]).values()
            there = [(one, one.link_of(one.root.id, at.id)) for one in families if one.records]
            wanted = [(Kind.CANDIDATE, link.external) for _, link in there if link is not None]
            if asked:
                return not tx.reads.open(at.id, wanted) and all(at_rest(family, at.id) for family, _ in there)
            kept = tx.pilots.get(pilot.id) or pilot
            tx.pilots.set(replace(kept, before={**kept.before, "seen_again": now.isoformat()}))
            tx.reads.wanted([Hint(at.id, kind, external) for kind, external in wanted], now=now)
            tx.after_commit(self._desk.wake)
            return False

        seen = await self._desk.store.write(unit)
        return seen or (bool(asked) and now >= datetime.fromisoformat(asked) + SEEING)

    async def _keep(self, pilot: Pilot, number: int, person: Fields) -> Pilot:
        def unit(tx: Tx) -> Pilot:
            now = tx.pilots.get(pilot.id) or pilot
            people = (*now.people[:number], person, *now.people[number + 1 :])
            kept = replace(now, people=people)
            tx.pilots.set(kept)
            return kept

        return await self._desk.store.write(unit)

    async def _step(self, pilot: Pilot, at: Connected, number: int, person: Fields) -> Fields:
        """What is next for one test candidate; the same where nothing is."""
        desk = self._desk
        family = await desk.store.read(lambda tx: tx.families.family(str(person["family"])))
        link = family.link_of(family.root.id, at.id)
        application = application_of(family)
        if link is None or family.state is not FamilyState.LIVE:
            return person
        actor = _actor(pilot)
        if application is None:
            await desk.reconcile.commit(lambda tx: self._apply(tx, pilot, person, actor))
            return person
        if family.link_of(application.id, at.id) is None or not scored(application) or not at_rest(family, at.id):
            return person
        if person.get("problem"):
            return {**person, "state": "done"} if person.get("state") != "done" else person
        if not person.get("moved"):
            return await self._move(person, application, actor)
        if number >= BY_HAND:
            return person if person.get("state") == "done" else {**person, "state": "done"}
        if not person.get("asked"):
            stage = await desk.store.read(lambda tx: self._next(tx, application))
            if stage is None:
                return {**person, "state": "done"}
            return {**person, "asked": stage.id, "asked_name": str(stage.fields.get("name") or "")}
        if came_from(application, at.id, str(person["asked"])) and person.get("state") != "done":
            return {**person, "state": "done"}
        return person

    async def _move(self, person: Fields, application: Record, actor: Actor) -> Fields:
        """One step on, here, as the person who began the pilot."""
        stage = await self._desk.store.read(lambda tx: self._next(tx, application))
        if stage is None:
            return {**person, "problem": "the job has no further stage that is no hire", "state": "done"}
        try:
            await self._changes.advance(application.id, stage.id, actor)
        except BasculeError as error:
            return {**person, "problem": str(error), "state": "done"}
        return {**person, "moved": stage.id}

    def _next(self, tx: Tx, application: Record) -> Record | None:
        return next_stage(stages_of(tx, application), application.fields.get("stage"))

    def _apply(self, tx: Tx, pilot: Pilot, person: Fields, actor: Actor) -> None:
        """They stand in the ATS: now they apply, with their CV."""
        desk, id = self._desk, str(person["record"])
        family = tx.families.family(str(person["family"]))
        if application_of(family) is not None:
            return
        now = desk.now().isoformat()
        fields: Fields = {"job": pilot.job, "status": str(Status.ACTIVE), "prospect": False, "applied_at": now}
        made = desk.reconcile.edit_in(
            tx, family.id, [Edit(desk.id(), id, fields, actor, pilot.id, create=Kind.APPLICATION)]
        )
        (application,) = made.family.records.keys() - family.records.keys()
        file: Fields = {
            "filename": str(person["file"]),
            "type": "resume",
            "created_at": now,
            "application": application,
        }
        known = made.family.records.keys()
        added = desk.reconcile.edit_in(
            tx, family.id, [Edit(desk.id(), id, file, actor, pilot.id, create=Kind.ATTACHMENT)]
        )
        (attachment,) = added.family.records.keys() - known
        kept = tx.stored.of(f"{pilot.id}|{id}", "answer")
        if kept is None:
            return
        tx.stored.put(
            pilot.workspace, family.id, "resume", attachment, tx.stored.get(kept), now=desk.now(),
            media=version_of(added.family.records[attachment]),
        )  # fmt: skip
        tx.stored.release(f"{pilot.id}|{id}", "answer")

    # ------------------------------------------------------------------------------------------------------- judging

    async def _end(self, pilot: Pilot, at: Connected) -> None:
        """Judge it, and begin to remove the test candidates. The fence stays until they are."""
        verdict = await self._trail.verify()
        lines = await self._desk.store.read(lambda tx: self._judging.judged(tx, pilot, at, verdict.broken))

        def unit(tx: Tx) -> None:
            now = tx.pilots.get(pilot.id) or pilot
            until = self._desk.now() + REMOVAL
            tx.pilots.set(replace(now, lines=tuple(lines), phase=Phase.REMOVING, until=until))

        await self._desk.store.write(unit)
        for person in pilot.people:
            try:
                await self._erasing.begin(str(person["record"]), _actor(pilot))
            except (ConflictError, NotFoundError):
                continue  # it is being erased already

    # ------------------------------------------------------------------------------------------------------ the end

    async def _removed(self, pilot: Pilot, at: Connected) -> float | None:
        """Wait until the system has removed them, and say who is left."""
        left = await self._desk.store.read(lambda tx: self._left(tx, pilot, at))
        if left and self._desk.now() < pilot.until:
            return LOOK
        erases = Kind.CANDIDATE in at.connector.erases
        why = "it did not answer in time" if erases else f"{at.connector.label}'s interface has no call for it"
        many = len(pilot.people)
        line = line_of(
            Check.REMOVED, Verdict.PASS if not left else Verdict.NOT_TRIED, of=f"{many} candidate{'s' * (many != 1)}",
            found="" if not left else f"Left there, for {why}: {', '.join(left)}. Remove them by hand.",
        )  # fmt: skip

        def unit(tx: Tx) -> None:
            now, lines = self._desk.now(), (*pilot.lines, line)
            passed = all(one["verdict"] != Verdict.FAIL for one in lines) and bool(pilot.people)
            tx.pilots.set(replace(pilot, lines=lines, phase=Phase.DONE, ended=now, passed=passed))
            row = tx.connections.get(at.id)
            if row.scope.pilot == pilot.tag:
                tx.connections.set(replace(row, **_before(pilot)))
            tx.audit.record(
                workspace=pilot.workspace, at=now, action="pilot ended", actor=_actor(pilot), connection=at.id,
                detail={"pilot": pilot.id, "passed": passed, "rehearsal": pilot.rehearsal},
            )  # fmt: skip
            tx.after_commit(lambda: self._desk.reconcile.watchers.tell("connection", at.id))

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()
        await self._replan(at)
        return None

    def _left(self, tx: Tx, pilot: Pilot, at: Connected) -> list[str]:
        """Test candidates that stand in the system still."""
        left: list[str] = []
        for person in pilot.people:
            family = tx.families.family(str(person["family"]))
            links = [one for one in family.links.values() if one.connection == at.id and one.kind is Kind.CANDIDATE]
            if family.state is not FamilyState.ERASED and (
                any(one.open for one in links) or family.state is FamilyState.LIVE
            ):
                left.append(str(person["name"]))
        return left

    async def _replan(self, at: Connected) -> None:
        """What the fence has held goes on, as far as the mode lets it."""
        for kind in (Kind.CANDIDATE, Kind.JOB):
            after = ""
            while page := await self._desk.store.read(
                lambda tx, k=kind, a=after: families_after(tx, at.id, k, a, PAGE)
            ):
                after = page[-1][0]
                for _, family in page:
                    await self._desk.reconcile.replan(family, rearrange)


def _actor(pilot: Pilot) -> Actor:
    return Actor(ActorKind(pilot.actor["kind"]), pilot.actor["id"], pilot.actor["name"])


def _before(pilot: Pilot) -> dict[str, Any]:
    """The connection's mode, scope and beginning of life, as they were."""
    scope, since = pilot.before["scope"], pilot.before["live_since"]
    assert isinstance(scope, Mapping)
    held: dict[str, frozenset[str]] = {
        name: frozenset(map(str, value)) for name, value in scope.items() if isinstance(value, tuple)
    }
    return {
        "mode": Mode(str(pilot.before["mode"])), "scope": Scope(held["jobs"], held["departments"], held["offices"]),
        "live_since": datetime.fromisoformat(str(since)) if since else None,
    }  # fmt: skip
