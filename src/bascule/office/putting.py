"""Somebody who was found again is put on the job, in the ATS: by a person, who has seen what became of them before.

An application is made here, in the person's name, and created at the system of the job where its interface takes
applications. It says where it comes from: a note with the reasons, the tag `rediscovery`, and the system's own source
of that name, where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass

from bascule.core import gates
from bascule.core.rediscovery import outs, standing
from bascule.engine.connections import Connected
from bascule.errors import ForbiddenError, NotFoundError
from bascule.hiring.indexing import is_held, policy_of
from bascule.hiring.results import objection
from bascule.hiring.rubrics import job_of
from bascule.model import Actor, Edit, Family, Fields, Kind, Mode, Record, RecordState, Status, Value
from bascule.store import Tx
from bascule.store.listing import text_of
from bascule.trust.retiring import rule_of

from .desk import Desk
from .grants import Grants

SOURCE = "rediscovery"  # the tag, and the name of the source


@dataclass(frozen=True, slots=True)
class Way:
    """Whether and where somebody can be put on a job. `why`: why not; "" where they can. `effect`: what the system may
    do besides; `as_user`: the ATS user it is done as, "" for Bascule's own."""

    connection: str
    system: str
    why: str = ""
    hint: str = ""
    effect: str = ""
    as_user: str = ""


class Putting:
    """`app.putting`."""

    def __init__(self, desk: Desk, grants: Grants) -> None:
        self._desk = desk
        self._grants = grants

    async def way(self, job: str, candidate: str, actor: Actor) -> Way:
        """What `put` would do. NotFoundError where there is no such job or candidate."""
        return await self._desk.store.read(lambda tx: self._way(tx, job, candidate, actor)[0])

    async def put(self, job: str, candidate: str, actor: Actor, note: str = "") -> str:
        """Put them on the job; the new application's record. Raises why it cannot be done; then nothing is changed."""
        desk = self._desk

        def unit(tx: Tx) -> str:
            way, family, record = self._way(tx, job, candidate, actor)
            if way.why:
                raise ForbiddenError(way.why, hint=way.hint)
            return self._put(tx, family, record, actor, note.strip())

        made = await desk.reconcile.commit(unit)
        desk.wake()
        return made

    def _put(self, tx: Tx, family: Family, job: Record, actor: Actor, note: str) -> str:
        desk, cause = self._desk, self._desk.id()
        now = desk.now().isoformat()
        fields: dict[str, Value] = {
            "job": job.id, "status": str(Status.ACTIVE), "prospect": False, "tags": (SOURCE,), "applied_at": now,
        }  # fmt: skip
        if source := self._source(tx, job):
            fields["source"] = source
        person = family.root.id
        made = desk.reconcile.edit_in(
            tx, family.id, [Edit(desk.id(), person, fields, actor, cause, create=Kind.APPLICATION)]
        )
        (new,) = made.family.records.keys() - family.records.keys()
        said: Fields = {"body": self._said(tx, job, person, actor, note), "visibility": "private", "created_at": now}
        desk.reconcile.edit_in(tx, family.id, [Edit(desk.id(), person, said, actor, cause, create=Kind.NOTE)])
        tx.audit.record(
            workspace=desk.workspace, at=desk.now(), action="put on a job", actor=actor, family=family.id, record=new,
            detail={"job": job.id, "source": SOURCE},
        )  # fmt: skip
        return new

    def _said(self, tx: Tx, job: Record, person: str, actor: Actor, note: str) -> str:
        """The note that goes along: who did it, and why they were found."""
        body = tx.fits.bodies(job.id, [person]).get(person, {})
        reasons = body.get("reasons")
        tenths = body.get("tenths") if body.get("scored") else None
        lines = [f"Put on {text_of(job.fields.get('title'))} by {actor.name}, found again by Bascule."]
        if isinstance(tenths, int | float):
            lines.append(f"Match score for this job, from the CV kept here: {float(tenths) / 10:.1f} of 100.")
        lines += [f"- {reason}" for reason in reasons] if isinstance(reasons, tuple) else []
        return "\n".join([*lines, *([note] if note else [])])

    # ----------------------------------------------------------------------------------------------- whether it can be

    def _way(self, tx: Tx, job: str, candidate: str, actor: Actor) -> tuple[Way, Family, Record]:
        desk = self._desk
        record = job_of(tx, desk.workspace, job)
        home = tx.families.record_family(candidate)
        family = tx.families.family(home) if home is not None else None
        if family is None or family.workspace != desk.workspace or not is_held(family, candidate):
            raise NotFoundError("There is no such candidate.", hint="They may have been erased or joined.")
        if record.fields.get("status") == "closed":
            return Way("", "", "The job is closed.", "Open it in the ATS first."), family, record
        if why := self._out(tx, family):
            return Way("", "", f"They are left out: {why}."), family, record
        if _is_on(family, record.id):
            return Way("", "", "They are on this job already.", "See their page."), family, record
        return self._somewhere(tx, family, record, actor), family, record

    def _out(self, tx: Tx, family: Family) -> str:
        desk = self._desk
        policy, rule = policy_of(tx, desk.workspace), rule_of(tx, desk.workspace)
        ai = not objection(desk.connections, family)
        stood = standing(family, policy, rule, lambda _: None, ai=ai, now=desk.now())
        return str(outs(stood.facts, stood.until, desk.now()) or "")

    def _somewhere(self, tx: Tx, family: Family, job: Record, actor: Actor) -> Way:
        """The first system of the job where it can be done, else why it cannot at its own."""
        ways = [self._at(at, family, job, actor) for at in self._systems(tx, job)]
        able = [way for way in ways if not way.why]
        nowhere = Way("", "", "No connected system has this job.", "Look at the connections.")
        return next(iter(able or ways), nowhere)

    def _systems(self, tx: Tx, job: Record) -> list[Connected]:
        """Those that show the job, its own first."""
        links = [one for one in tx.families.family(job.family).links.values() if one.record == job.id and one.open]
        links.sort(key=lambda one: (one.connection != job.origin, one.connection))
        found = (self._desk.connections.known(link.connection) for link in links)
        return [at for at in found if at is not None]

    def _at(self, at: Connected, family: Family, job: Record, actor: Actor) -> Way:
        name, system = at.row.name, at.connector.label
        rule = at.view.creates.get(Kind.APPLICATION)
        if rule is None:
            why = f"Bascule cannot create applications in {system}: its connector has no call for it."
            return Way(name, system, why, "Add them to the job there; the application follows here by itself.")
        if family.link_of(family.root.id, at.id) is None:
            why = f"They are not in {name}: only who is there can be put on a job there."
            return Way(name, system, why, "Add them there, or have people copied there: bascule copies.")
        if at.row.mode is not Mode.LIVE:
            why = f"{name} is in mode {at.row.mode}: nothing is written there."
            return Way(name, system, why, "Add them to the job there.")
        if gates.fenced_off(at.view, family.records.values()) or not gates.in_scope(at.view, job, (), {job.id: job}):
            why = f"{name} is {at.row.mode} for others only: nothing is written there for this job."
            return Way(name, system, why, "Add them to the job there.")
        if lacks := self._grants.lacking_to_put(at):
            why = f"The credential of {name} lacks {', '.join(lacks)}."
            return Way(name, system, why, f"Give it that in {system}, then say so: bascule connections rights {name}")
        sends = at.connector.sends.get(rule.call)
        return Way(
            name, system, effect=sends.hidden if sends else "", as_user=self._desk.connections.acts_as(at, actor)
        )

    def _source(self, tx: Tx, job: Record) -> str:
        """The source of that name at the job's system; "" where it has none, for none is made there."""
        named = [
            one.id
            for one in tx.pages.of_kind(job.workspace, Kind.SOURCE)
            if text_of(one.fields.get("name")).strip().casefold() == SOURCE
        ]
        linked = tx.families.refs(job.workspace, [job.origin], named)
        return next((record for _, record in linked.external), "")


def _is_on(family: Family, job: str) -> bool:
    return any(
        one.kind is Kind.APPLICATION
        and one.state is RecordState.LIVE
        and one.fields.get("job") == job
        and one.fields.get("status") in (None, Status.ACTIVE)
        for one in family.records.values()
    )
