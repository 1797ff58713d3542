"""Figures people steer by: the KPIs, the flow, what their owner states, froze and aims at.

What they are counted from is read off the store and kept, sealed, every ten minutes where there is much of it; a small
installation is counted anew each time. Figures name nobody and count everybody (decision 0026).
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bascule.core.outcomes import USUAL
from bascule.core.triggers import Trigger
from bascule.errors import InputError, NotFoundError
from bascule.hiring.automations import as_rules
from bascule.hiring.figures.columns import Columns, Job, Rows, columns, job_of, unpacked
from bascule.hiring.figures.definitions import DEFINITIONS, Unit
from bascule.hiring.figures.flow import Flow, Placed, flow, placed
from bascule.hiring.figures.measures import Kpis, Told, Wanted, kpis, monday
from bascule.hiring.triggers import in_force
from bascule.model import Actor, Kind, Record
from bascule.store import Tx
from bascule.store.codec import stamp
from bascule.store.figures import Kept
from bascule.store.sight import seeing

from .counted import Counted, counted
from .desk import Desk
from .outcomes import Thresholds

FIGURES = "figures"  # the task that keeps columns
EVERY = 600.0
SMALL = 2000  # applications that are counted anew at each look
NAMED = 20_000  # jobs, and stages, that are known
WEEKS = 12  # that are shown unless somebody says otherwise
STATED, BASELINE, TARGETS = "figures.stated", "figures.baseline", "figures.targets"  # settings of the workspace
STAYS = "stay:"  # a target of a type of stage: the days of a median stay
LONGEST = 500
MOST_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see, as they say it. Days as YYYY-MM-DD; `weeks` up to today where no day is given, 0 for
    all there is."""

    job: str = ""
    department: str = ""
    connection: str = ""
    weeks: int = WEEKS
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Seen:
    """Columns, when they were read off, and whom they were asked for: the jobs whose titles may be shown. `counted`:
    what they are counted from, a connection each."""

    columns: Columns
    at: datetime
    wanted: Wanted
    shown: Mapping[str, Job]
    asked: Asked
    counted: tuple[Counted, ...] = ()


class FiguresDesk:
    """`app.figures`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._held: tuple[datetime, Columns] | None = None

    # ----------------------------------------------------------------------------------------------------- reading off

    async def keep(self, _task: object) -> float:
        """Keep the columns of a large installation, where anything has changed."""
        workspace = self._desk.workspace

        def due(tx: Tx) -> str:
            kept, mark = tx.figures.kept(workspace), tx.figures.mark(workspace)
            return "" if kept is not None and kept.mark == mark else mark

        if mark := await self._desk.store.read(due):
            now = self._desk.now()
            found = await self._desk.store.read(self._read)
            many = len(found.applications["job"])
            body = await asyncio.to_thread(found.packed) if many > SMALL else b""
            await self._desk.store.write(lambda tx: tx.figures.keep(workspace, Kept(now, mark, many), body))
        return EVERY

    async def _columns(self) -> tuple[datetime, Columns]:
        """What was kept, or, of a small installation, what there is now. Everybody is in it, whoever asks."""
        workspace = self._desk.workspace
        with seeing(None):
            kept = await self._desk.store.read(lambda tx: tx.figures.kept(workspace))
            if kept is None or kept.many <= SMALL:
                return self._desk.now(), await self._desk.store.read(self._read)
            if self._held is None or self._held[0] != kept.at:
                body = await self._desk.store.read(lambda tx: tx.figures.body(workspace))
                self._held = kept.at, await asyncio.to_thread(unpacked, body)
        return self._held

    def _read(self, tx: Tx) -> Columns:
        workspace = self._desk.workspace
        stages: dict[str, list[Record]] = {}
        for one in tx.pages.of_kind(workspace, Kind.STAGE, NAMED):
            stages.setdefault(one.parent or "", []).append(one)
        jobs = [job_of(one, stages.get(one.id, ())) for one in tx.pages.of_kind(workspace, Kind.JOB, NAMED)]
        applications, thresholds = tx.figures.applications(workspace), Thresholds(tx)
        versions = {(row[1] or "", row[10] or 0) for row in applications if row[9] is not None}
        rows = Rows(
            applications, tx.figures.passages(workspace), tx.figures.screenings(workspace),
            tx.figures.messages(workspace), {key: thresholds.of(*key) for key in versions}, USUAL,
            {at.id: stamp(at.live_since) for at in tx.connections.list(workspace) if at.live_since is not None},
        )  # fmt: skip
        return columns(jobs, rows)

    async def seen(self, asked: Asked, only: Collection[str] | None = None) -> Seen:
        """What somebody asks for; `only`: the jobs that they may be told of. InputError and NotFoundError say what
        cannot be meant."""
        at, found = await self._columns()
        ids = [one.id for one in found.jobs if only is None or one.id in only]
        homes = await self._desk.store.read(lambda tx: tx.families.homes(ids))
        shown = {one.id: one for one in found.jobs if one.id in homes}
        wanted = self._wanted(asked, shown, only)
        mine = [one for one in self._desk.connections.all() if wanted.connection in (None, one.id)]
        days = self._desk.settings.stage_history_days
        told = await self._desk.store.read(lambda tx: counted(tx, mine, found, days))
        return Seen(found, at, wanted, shown, asked, told)

    def _wanted(self, asked: Asked, shown: Mapping[str, Job], only: Collection[str] | None) -> Wanted:
        today = self._desk.now().date()
        since, until = _day(asked.since, "first"), _day(asked.until, "last")
        if since and until and since > until:
            raise InputError("The first day lies after the last.", hint="Exchange them.")
        if not 0 <= asked.weeks <= 520:
            raise InputError(f"{asked.weeks} weeks cannot be shown.", hint="1 to 520, or 0 for all there is.")
        if since is None and until is None and asked.weeks:
            since = monday(today) - timedelta(weeks=asked.weeks - 1)
        if asked.job and asked.job not in shown:
            raise NotFoundError(f"There is no job {asked.job}.", hint="See: bascule jobs list")
        departments = {one.department for one in shown.values()}
        if asked.department and asked.department not in departments:
            known = ", ".join(sorted(filter(None, departments)))
            raise InputError(f"There is no department {asked.department!r}.", hint=f"There are: {known or 'none'}.")
        jobs = None if only is None else frozenset(shown)
        if asked.department:
            jobs = frozenset(id for id, one in shown.items() if one.department == asked.department)
        if asked.job:
            jobs = frozenset({asked.job})
        connection = self._desk.connections.named(asked.connection).id if asked.connection else None
        return Wanted(since, until, jobs, connection)

    async def jobs_of(self, people: Collection[str]) -> set[str]:
        """The jobs on whose team one of these users of an ATS is named."""
        return await self._desk.store.read(lambda tx: tx.figures.jobs_naming(self._desk.workspace, people))

    # ------------------------------------------------------------------------------------------------------- telling

    async def told(self, asked: Asked) -> dict[str, Any]:
        """The KPIs as JSON data, each with its definition, the baseline and the target beside it."""
        return await self.told_of(await self.seen(asked))

    async def told_of(self, seen: Seen) -> dict[str, Any]:
        """The same of what was looked up already."""
        kept = await self._desk.store.read(self._said)
        stated = kept[STATED]
        found = await asyncio.to_thread(kpis, seen.columns, seen.wanted, self._desk.now(), saved(stated))
        names = await self._desk.store.read(
            lambda tx: {user.id: user.name or user.email for user in tx.people.users(self._desk.workspace)}
        )
        return {
            **self._head(seen), "applications": found.applications, "weeks": [one.isoformat() for one in found.weeks],
            "figures": [self._figure(key, found, kept) for key in DEFINITIONS],
            "queue": {**_told(Unit.SECONDS, found.queue), "oldest": found.oldest},
            "rates": self._rates(found, seen, names),
            "teams": [
                {
                    "department": team.department, "recruiters": team.recruiters,
                    "figures": {one.key: _told(DEFINITIONS[one.key].unit, one.all) for one in team.figures},
                    "queue": _told(Unit.SECONDS, team.queue),
                }
                for team in found.teams
            ],
            "small_teams": found.small_teams,
            "application_completion": {
                "shown": False,
                "why": "No connected ATS tells of applications that were begun and not sent, so there is nothing to "
                "count it from. Screening completion is another figure.",
            },
            "stated": stated, "baseline": kept[BASELINE], "targets": kept[TARGETS],
        }  # fmt: skip

    def _head(self, seen: Seen) -> dict[str, Any]:
        wanted, asked = seen.wanted, seen.asked
        return {
            "at": self._desk.now(), "as_of": seen.at, "zone": "UTC",
            "since": wanted.since.isoformat() if wanted.since else None,
            "until": wanted.until.isoformat() if wanted.until else None,
            "job": asked.job or None, "department": asked.department or None, "connection": asked.connection or None,
            "counted_from": [one.as_json() for one in seen.counted],
        }  # fmt: skip

    def _figure(self, key: str, found: Kpis, kept: Mapping[str, Any]) -> dict[str, Any]:
        one, figure = DEFINITIONS[key], found.figures[key]
        frozen = (kept[BASELINE] or {}).get("figures", {}).get(key)
        return {
            "key": key, "title": one.title, "unit": str(one.unit), "counts": one.counts, "without": one.without,
            "of": one.many, "so": one.so, **_told(one.unit, figure.all), "hidden": figure.hidden,
            "beside": dict(figure.beside),
            "weeks": [_told(one.unit, week) for week in figure.weeks], "baseline": frozen,
            "target": kept[TARGETS].get(key),
        }  # fmt: skip

    def _rates(self, found: Kpis, seen: Seen, names: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
        def named(kind: str, id: str) -> str:
            if kind == "job":
                return seen.shown[id].title if id in seen.shown else "no job, or one that is not shown"
            if kind == "sender":
                few = "people (fewer than three, together)"
                return few if id == "*" else names.get(id, "somebody who has left") if id else "nobody's name"
            return id or "written by hand"

        return {
            kind: [{"name": named(kind, one.id), **_told(Unit.SHARE, one.told)} for one in rates]
            for kind, rates in found.rates.items()
        }

    async def flow(
        self, asked: Asked, only: Collection[str] | None = None
    ) -> tuple[Seen, Flow, list[Placed], dict[str, Any]]:
        """The flow of what is asked for, where the triggers and the ATSs' own automations act on it, and what is frozen
        and aimed at."""
        seen = await self.seen(asked, only)
        connections, workspace = self._desk.connections.all(), self._desk.workspace

        def read(tx: Tx) -> tuple[dict[str, Any], tuple[Trigger, ...]]:
            return self._said(tx), (*in_force(tx, workspace)[1], *as_rules(tx, connections, workspace))

        kept, rules = await self._desk.store.read(read)
        names = [at.row.name for at in connections]
        found = await asyncio.to_thread(flow, seen.columns, seen.wanted, self._desk.now())
        return seen, found, placed(rules, seen.columns, seen.wanted, names), kept

    # ------------------------------------------------------------------------------------ what the owner says of them

    def _said(self, tx: Tx) -> dict[str, Any]:
        kept = {name: tx.workspaces.setting(self._desk.workspace, name) for name in (STATED, BASELINE, TARGETS)}
        targets = kept[TARGETS]
        return {**kept, TARGETS: dict(targets) if isinstance(targets, Mapping) else {}}

    async def state(self, before: float, now: float, source: str, actor: Actor) -> None:
        """How many minutes a person takes to screen one application without a score, and with one, and how that is
        known. InputError for what makes no sense."""
        words = " ".join(source.split())
        if not 0 <= now < before <= MOST_MINUTES:
            raise InputError(
                "The minutes with a score are fewer than those without.", hint=f"Both are from 0 to {MOST_MINUTES}."
            )
        if not words or len(words) > LONGEST:
            raise InputError(
                "Say how these minutes are known.", hint=f"Who timed it, when, how often: up to {LONGEST} characters."
            )
        said = {
            "before": before, "now": now, "source": words, "by": actor.name, "at": self._desk.now().isoformat(),
        }  # fmt: skip
        await self._set(STATED, said, "screening minutes stated", actor, {"before": before, "now": now})

    async def aim(self, targets: Mapping[str, float | None], actor: Actor) -> None:
        """Set targets by the key of a figure (a time in days, `score_latency` in seconds, a share in per cent, a sum in
        hours) or by `stay:TYPE` (days of a median stay); None takes one back."""
        known = {*DEFINITIONS, *(f"{STAYS}{one}" for one in _TYPES)}
        for key, value in targets.items():
            if key not in known:
                raise InputError(f"There is no figure {key!r}.", hint=f"There are: {', '.join(sorted(known))}.")
            if value is not None and not 0 < value <= (100 if is_share(key) else 1_000_000):
                raise InputError(f"{value:g} is no target.", hint="More than 0; a share at most 100 (per cent).")
        kept = (await self._desk.store.read(self._said))[TARGETS]
        now = {key: value for key, value in {**kept, **targets}.items() if value is not None}
        await self._set(TARGETS, now, "targets set", actor, dict(now))

    async def freeze(self, asked: Asked, actor: Actor) -> dict[str, Any]:
        """Freeze the figures of that time as the baseline that later ones are held against; the one before it goes."""
        told = await self.told(asked)
        _, found, _, _ = await self.flow(asked)
        if not any(one["n"] for one in told["figures"]) and not any(step.stays.n for step in found.steps):
            raise InputError(
                "There is nothing to freeze: no figure of that time is known.", hint="Choose another time."
            )
        baseline: dict[str, Any] = {
            "at": self._desk.now().isoformat(), "by": actor.name, "since": told["since"], "until": told["until"],
            "job": asked.job or None, "department": asked.department or None, "connection": asked.connection or None,
            "figures": {
                one["key"]: {"value": one["value"], "n": one["n"], "many": one["many"]}
                for one in told["figures"] if one["n"] and (one["value"] is not None or one["few"])
            },
            "stays": {
                step.key: {"value": step.stays.value, "p90": step.stays.p90, "n": step.stays.n}
                for step in found.steps if step.stays.n
            },
        }  # fmt: skip
        await self._set(BASELINE, baseline, "baseline frozen", actor, {"figures": len(baseline["figures"])})
        return baseline

    async def _set(self, name: str, value: Any, action: str, actor: Actor, detail: dict[str, Any]) -> None:
        workspace = self._desk.workspace

        def unit(tx: Tx) -> None:
            tx.workspaces.set_setting(workspace, name, value)
            tx.audit.record(workspace=workspace, at=self._desk.now(), action=action, actor=actor, detail=detail)

        await self._desk.store.write(unit)


def flow_as_json(seen: Seen, found: Flow, triggers: Collection[Placed], kept: Mapping[str, Any]) -> dict[str, Any]:
    """A flow as JSON data."""
    frozen, aims = (kept[BASELINE] or {}).get("stays", {}), kept[TARGETS]
    return {
        "as_of": seen.at, "job": seen.asked.job or None, "department": seen.asked.department or None,
        "connection": seen.asked.connection or None, "since": seen.wanted.since, "until": seen.wanted.until,
        "counted_from": [one.as_json() for one in seen.counted], "hired": found.hired,
        "longest": found.bottleneck or None,
        "steps": [
            {
                "key": one.key, "name": one.name, "type": one.type or None, "entered": one.entered, "met": one.met,
                "stays": _told(Unit.SECONDS, one.stays), "left": one.left, "ended": dict(one.ended),
                "stand": one.stand, "now": _told(Unit.SECONDS, one.now), "baseline": frozen.get(one.key),
                "target": aims.get(f"{STAYS}{one.key}"),
            }
            for one in found.steps
        ],
        "triggers": [
            {
                "name": one.trigger.name, "on": one.trigger.on, "steps": list(one.steps), "anywhere": one.anywhere,
                "why": one.why, "by": one.trigger.by,
            }
            for one in triggers
        ],
    }  # fmt: skip


def csv_of(told: Mapping[str, Any]) -> str:
    """Every figure week by week and over the whole time ("all"), as CSV; times in seconds."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["figure", "title", "unit", "week", "n", "value", "many", "p90", "few", "baseline", "target"])
    for one in told["figures"]:
        beside = [(one["baseline"] or {}).get("value"), one["target"]]
        for week, each in (("all", one), *zip(told["weeks"], one["weeks"], strict=True)):
            numbers = [each["n"], each["value"], each["many"], each["p90"], "yes" if each["few"] else ""]
            rows.writerow(
                [one["key"], one["title"], one["unit"], week, *numbers, *(beside if week == "all" else ("", ""))]
            )
    queue = told["queue"]
    rows.writerow(["queue_age", "Queue age", "seconds", "now", queue["n"], queue["value"], 0, queue["p90"], "", "", ""])
    return out.getvalue()


_TYPES = ("lead", "applied", "screen", "assess", "interview", "offer")


def is_share(key: str) -> bool:
    return key in DEFINITIONS and DEFINITIONS[key].unit is Unit.SHARE


def saved(stated: Any) -> float | None:
    """The minutes that one application with a score saves, as somebody has stated; None where nobody has."""
    return float(stated["before"]) - float(stated["now"]) if isinstance(stated, Mapping) else None


def _told(unit: Unit, one: Told) -> dict[str, Any]:
    """As JSON data. Of few no share is told: so many of so many."""
    value = one.value
    if value is not None:
        value = None if unit is Unit.SHARE and one.few else round(value, 4)
    p90 = None if one.p90 is None else round(one.p90, 1)
    return {"n": one.n, "value": value, "p90": p90, "many": one.many, "few": one.few}


def _day(text: str, which: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"The {which} day is no date: {text!r}.", hint="Write it as 2026-11-30.") from None
