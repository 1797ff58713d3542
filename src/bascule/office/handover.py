"""A hand-over: what the next owner, a recruiter and a hiring manager need to know, written from what is in force now.

Nothing in it is about a candidate, and no address is shown with its password.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bascule.core.gates import OURS
from bascule.core.rollout import Result
from bascule.engine.connections import Connected
from bascule.engine.doubles import night
from bascule.hiring.triggers import in_force
from bascule.model import FIELDS, Actor, FieldMap, Kind, Scope
from bascule.store import Tx
from bascule.store.pilots import Phase, Pilot
from bascule.store.tasks import TaskLease

from .alerts import Alerts
from .desk import Desk
from .mappings import Mappings
from .places import spelled
from .rollouts import LABELS, Rollouts, Standing
from .tasks import HANDOVER
from .triggers import TriggerDesk


class For(StrEnum):
    """Whom a guide is for."""

    RECRUITER = "recruiter"
    MANAGER = "manager"
    OWNER = "owner"


ISSUED = "hand-over issued"  # the cursor that says when, by whom and what it said; and the task that compares
PASSING = frozenset({"How soon", "How it stands"})
"""Titles of what moves from day to day: no reason to issue a guide anew."""
NOWHERE = "Nowhere yet. Enter an address: bascule alerts add ADDRESS"


WHOSE: Mapping[For, str] = {
    For.RECRUITER: "the guide for recruiters",
    For.MANAGER: "the guide for hiring managers",
    For.OWNER: "the guide for the owner",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A few sentences. Where something is to be done they name the command, for a reader who is shown its page."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """A page for one kind of reader."""

    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """When guides were issued last, by whom, and whose say something else by now."""

    at: datetime
    by: str
    changed: tuple[For, ...]


class Handovers:
    """`app.handovers`."""

    def __init__(
        self, desk: Desk, rollouts: Rollouts, alerts: Alerts, mappings: Mappings, triggers: TriggerDesk
    ) -> None:
        self._desk = desk
        self._rollouts = rollouts
        self._alerts = alerts
        self._mappings = mappings
        self._triggers = triggers

    async def of(self, name: str) -> Mapping[For, Guide]:
        """Every guide of a connection."""
        found = await self._rollouts.of(name)
        at = self._desk.connections.named(name)
        places = [one.address for one in (await self._alerts.overview()).places]
        clashes = await self._triggers.clashes()
        return await self._desk.store.read(
            lambda tx: {
                For.RECRUITER: self._recruiter(tx, at, found),
                For.MANAGER: self._manager(at, found),
                For.OWNER: self._owner(tx, at, found, places, clashes),
            }
        )

    async def issue(self, name: str, actor: Actor) -> Mapping[For, Guide]:
        """Give the guides out as they are now: from here on a change of them is a task."""
        guides, at = await self.of(name), self._desk.connections.named(name)
        said = {str(reader): _digest(one) for reader, one in guides.items()}

        def unit(tx: Tx) -> None:
            now = self._desk.now()
            kept = {"by": actor.name or actor.id, "said": said}
            tx.connections.set_cursor(at.id, ISSUED, kept, now=now)
            tx.notices.close(at.row.workspace, HANDOVER, at.id, now=now)

        await self._desk.store.write(unit)
        await self._desk.note(actor, ISSUED, connection=at.id)
        return guides

    async def issued(self, name: str, guides: Mapping[For, Guide]) -> Issue | None:
        """The last issue, compared with the guides; None where there was none."""
        id = self._desk.connections.named(name).id
        found = (await self._desk.store.read(lambda tx: tx.connections.cursors(id))).get(ISSUED)
        if found is None or not isinstance(found[0], Mapping):
            return None
        said = found[0].get("said")
        known = said if isinstance(said, Mapping) else {}
        changed = tuple(reader for reader, one in guides.items() if known.get(str(reader)) != _digest(one))
        return Issue(found[1], str(found[0].get("by") or ""), changed)

    async def nightly(self, _task: TaskLease) -> float:
        """The task "hand-over issued": guides that say something else than when they were issued are told of once."""
        now = self._desk.now()
        for at in self._desk.connections.all():
            if at.is_tool or at.row.workspace != self._desk.workspace:
                continue
            found = await self.issued(at.row.name, await self.of(at.row.name))
            await self._desk.store.write(lambda tx, at=at, found=found: self._tell(tx, at, found))
        return (night(now) - now).total_seconds()

    def _tell(self, tx: Tx, at: Connected, found: Issue | None) -> None:
        workspace, now = at.row.workspace, self._desk.now()
        if found is None or not found.changed:
            tx.notices.close(workspace, HANDOVER, at.id, now=now)
            return
        whose = ", ".join(WHOSE[one] for one in found.changed)
        text = f"The hand-over of {at.row.name} says something else than on {found.at:%Y-%m-%d}: {whose}."
        tx.notices.put(workspace, HANDOVER, at.id, text, now=now, connection=at.id)

    def _recruiter(self, tx: Tx, at: Connected, found: Standing) -> Guide:
        system = at.connector.label
        ours = sorted({one.label or one.name for one in _outward(at)})
        polled = self._mappings.intervals(at)
        whom = f"It works for {_covers(tx, at, found.scope)}."
        if not found.scope.whole:
            whom += " Everybody else is left as before."
        soon = [f"Changes of {title.replace('_', ' ')}: within about {every:g} s." for title, every in polled.items()]
        shows = [f"In {system}, with each applicant: {', '.join(ours)}." if ours else "Nothing is written there yet."]
        if found.ai:
            shows.append("A score says how much of what the job asks for the CV shows. It decides nothing.")
        else:
            shows.append("AI is off here: no score is made.")
        return Guide(
            f"For recruiters: Bascule and {system}",
            (
                Section("Where you see it", tuple(shows)),
                Section("For whom", (whom,)),
                Section(
                    "What it never does",
                    (
                        "It never rejects, hires or moves anybody by itself: a step forward is proposed to you.",
                        "It never writes over contact data that is there.",
                    ),
                ),
                Section("How soon", tuple(soon) or ("Changes are seen as the system tells of them.",)),
                Section("Whom to ask", (found.contacts["support"] or "Nobody is named yet.",)),
            ),
        )

    def _manager(self, at: Connected, found: Standing) -> Guide:
        return Guide(
            "For hiring managers",
            (
                Section(
                    "What you get",
                    (
                        "A link to a shortlist, with reasons from each CV. It opens on a phone, without a login.",
                        "For each: approve, maybe, or skip, with a comment if you like.",
                    ),
                ),
                Section(
                    "What your answer does",
                    (
                        "An approval or a maybe stands with the application; a skip is a proposal to the recruiter. "
                        "Nobody is rejected by it.",
                        f"The decision is made and recorded in {at.connector.label}.",
                    ),
                ),
                Section("Whom to ask", (found.contacts["support"] or "The recruiter.",)),
            ),
        )

    def _owner(self, tx: Tx, at: Connected, found: Standing, places: list[str], clashes: str) -> Guide:
        name, row = at.row.name, at.row
        people = {one.id: one.name or one.email for one in tx.people.users(row.workspace)}
        gaps = len(tx.gaps.list(row.workspace, connection=at.id))
        dead = len(tx.pages.failures(row.workspace, connection=at.id, limit=100))
        rules = [one for one in in_force(tx, row.workspace)[1] if one.on]
        pilot = next((one for one in tx.pilots.of(at.id) if one.phase == Phase.DONE), None)
        ai = "on" if found.ai else "off"
        standing = [
            f"{at.connector.label}, {row.label.words}, at {row.base_url}.",
            f"In {found.mode} since {found.since:%Y-%m-%d}, for {_covers(tx, at, found.scope)}. AI is {ai}.",
            f"Mapping version {row.mapping_version}, {_many(gaps, 'gap')} open. "
            f"{_many(dead, 'failure')} {'waits' if dead == 1 else 'wait'} for somebody.",
            _pilot(pilot),
        ]
        answers = [f"Owner: {people.get(row.owner, 'nobody')}."]
        answers += [f"{words.capitalize()}: {found.contacts[one] or 'not named'}." for one, words in LABELS.items()]
        follows = [*(f"{one.name}: {one.words}" for one in rules), *([clashes] if clashes else [])]
        lines = [f"{one.item}: {one.result}. {one.why}".strip() for one in found.lines if one.result is not Result.PASS]
        lines = [found.exempt] if found.exempt else lines
        return Guide(
            f"For the owner: {name}",
            (
                Section("How it stands", tuple(standing)),
                Section("Who answers", tuple(answers)),
                Section("Where alerts go", tuple(places) or (NOWHERE,)),
                Section("What follows by rule", tuple(follows) or ("Nothing.",)),
                Section(f"Before {found.to or 'the next mode'}", tuple(lines) or ("Nothing stands in the way.",)),
                Section(
                    "Every day",
                    ("bascule status: is everything in step?", "bascule failures list: what will not succeed by itself",
                     "bascule tasks list: what waits for you"),
                ),
                Section(
                    "When something is wrong",
                    (f"Stop all writes on bascule connections stop {name} --why '...': nothing more is written, "
                     "reading goes on",
                     f"Pause it on bascule connections pause {name}: nothing is read or written, what arrives waits",
                     "bascule doctor: what is wrong, and where it is mended"),
                ),
            ),
        )  # fmt: skip


def _pilot(one: Pilot | None) -> str:
    if one is None:
        return "No pilot was run here."
    kind = "rehearsal" if one.rehearsal else "pilot"
    return f"Last {kind} {one.began:%Y-%m-%d}: {'passed' if one.passed else 'not passed'}."


def _many(number: int, what: str) -> str:
    """ "1 gap", "2 gaps"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _digest(guide: Guide) -> str:
    """Of what lasts in a guide."""
    lasting = [one for one in guide.sections if one.title not in PASSING and not one.title.startswith("Before ")]
    told = "\n".join(line for one in lasting for line in (one.title, *one.lines))
    return hashlib.sha256(told.encode()).hexdigest()


def markdown(guide: Guide) -> str:
    """A guide as Markdown."""
    parts = [f"# {guide.title}"]
    for one in guide.sections:
        parts.append(f"## {one.title}")
        parts.append("\n".join(f"- {spelled(line)}" for line in one.lines))
    return "\n\n".join(parts) + "\n"


def _outward(at: Connected) -> list[FieldMap]:
    """Fields of ours that are written for an applicant, by the system's own names."""
    fields = FIELDS[Kind.APPLICATION]
    return [
        one
        for kind in (Kind.APPLICATION, Kind.CANDIDATE)
        for one in at.view.outward(kind)
        if one.call and not one.missing and all(n in fields and fields[n].cls in OURS for n in one.canonical)
    ]


def _covers(tx: Tx, at: Connected, scope: Scope) -> str:
    """Whom a mode covers, in words."""
    if scope.whole:
        return "everybody"
    jobs = tx.families.records(at.row.workspace, scope.jobs)
    said = [f"the job {jobs[one].fields.get('title') or one}" for one in sorted(scope.jobs) if one in jobs]
    said += [f"the department {one}" for one in sorted(scope.departments)]
    said += [f"the office {one}" for one in sorted(scope.offices)]
    return ", ".join(said) or "the test candidates of a pilot"
