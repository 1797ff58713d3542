"""Triggers as their owner works with them: the file, what is wrong with it, what it would have done, what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import yaml

from bascule.core.clashes import Finding, check
from bascule.core.stages import fold
from bascule.core.triggers import TO_CANDIDATES, Earned, Fact, Name, Tally, Trigger, covers, earned, look
from bascule.engine.connections import TRIGGERS_ON
from bascule.engine.doubles import night
from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.hiring.automations import Native, as_rules, natives
from bascule.hiring.messages import templates_of
from bascule.hiring.trigger_file import HEAD, Plain, read, ready
from bascule.hiring.triggers import AUTOMATIC, CLASHES, LOOK_ALL, LOST, MATTERS, Triggers, in_force, lose
from bascule.model import Actor, Family, History, Kind, Record, Value
from bascule.store import Tx
from bascule.store.tasks import TaskLease
from bascule.store.triggers import Count, Firing, Version

from .desk import Desk
from .messages import template_of
from .naming import known

MONTH = timedelta(days=30)
MOST = 5000  # applications that a dry run looks at
EXAMPLES = 20
EVER = datetime.min


@dataclass(frozen=True, slots=True)
class Rule:
    """A trigger that is kept, with what it has done and where it may act by itself."""

    trigger: Trigger
    counts: Mapping[str, int]
    last: datetime | None
    automatic: Mapping[str, bool]  # by connection: whether its owner has said that it acts by itself there
    earned: Mapping[str, Earned]  # by connection


@dataclass(frozen=True, slots=True)
class Shown:
    """What is in force, and what the ATSs do by themselves. `version` 0: nothing yet."""

    version: int
    text: str
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    natives: tuple[Native, ...] = ()


@dataclass(frozen=True, slots=True)
class Would:
    """What a trigger would have done in a span of time. `unknown`: conditions that the past does not tell."""

    trigger: Trigger
    times: int
    examples: tuple[tuple[str, datetime], ...]  # (application, when), the newest first
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DryRun:
    """What all of them would have done, and on how many applications that rests."""

    since: datetime
    until: datetime
    looked_at: int
    more: bool  # there were more than that
    would: tuple[Would, ...]
    findings: tuple[Finding, ...]


class TriggerDesk:
    """`app.trigger_desk`."""

    def __init__(self, desk: Desk, triggers: Triggers) -> None:
        self._desk = desk
        self._triggers = triggers

    # -------------------------------------------------------------------------------------------------- what there is

    async def shown(self) -> Shown:
        """What is in force, with counts and what is wrong with it now."""
        return await self._desk.store.read(self.shown_in)

    def shown_in(self, tx: Tx) -> Shown:
        workspace = self._desk.workspace
        number, triggers = in_force(tx, workspace)
        version = tx.triggers.version(workspace)
        counts = tx.triggers.counted(workspace)
        return Shown(
            number,
            version.text if version is not None else HEAD,
            tuple(self._rule(tx, one, [c for c in counts if c.trigger == one.name]) for one in triggers),
            self._check(tx, triggers),
            self.natives(),
        )

    def _rule(self, tx: Tx, one: Trigger, counts: Sequence[Count]) -> Rule:
        switches = _switches(tx, self._desk.workspace)
        names = [
            at.row.name
            for at in self._desk.connections.all()
            if not at.is_tool and (not one.reach.connections or at.row.name in one.reach.connections)
        ]
        judged = one.ours and one.do in TO_CANDIDATES
        return Rule(
            one,
            {str(c.state): c.times for c in counts},
            max((c.last for c in counts), default=None),
            {name: f"{one.name}|{name}" in switches for name in names} if judged else {},
            {name: earned(one, self._tally(tx, one, name), self._desk.now()) for name in names} if judged else {},
        )

    def _tally(self, tx: Tx, one: Trigger, connection: str) -> Tally:
        """How a trigger has done at a connection since it came into force, or since it last lost its automation."""
        at = self._desk.connections.named(connection)
        since, lost = one.since or self._desk.now(), tx.workspaces.setting(self._desk.workspace, LOST)
        last = lost.get(f"{one.name}|{connection}") if isinstance(lost, Mapping) else None
        since = max(since, datetime.fromisoformat(last)) if isinstance(last, str) else since
        return Tally(*tx.triggers.tallied(self._desk.workspace, one.name, at.id, since))

    def _check(self, tx: Tx, triggers: Sequence[Trigger]) -> tuple[Finding, ...]:
        """What is wrong with these rules, held against what the ATSs do by themselves, too."""
        connections, workspace = self._desk.connections.all(), self._desk.workspace
        names = [at.row.name for at in connections if not at.is_tool]
        there = known(tx, workspace, triggers, names, self._triggers.able)
        return tuple(check([*triggers, *as_rules(tx, connections, workspace)], there))

    def natives(self) -> tuple[Native, ...]:
        """What the ATSs do by themselves, as it was read there last."""
        return natives(self._desk.connections.all(), self._desk.workspace)

    async def versions(self) -> list[Version]:
        """The newest first."""
        return await self._desk.store.read(lambda tx: tx.triggers.versions(self._desk.workspace))

    async def fired(self, *, trigger: str = "", state: str = "", before: str = "", limit: int = 50) -> list[Firing]:
        """What triggers have done, the newest first."""
        return await self._desk.store.read(
            lambda tx: tx.triggers.list(self._desk.workspace, trigger=trigger, state=state, before=before, limit=limit)
        )

    async def behind(self, effect: str) -> Firing | None:
        """The trigger that a message, a review or a record came of."""
        return await self._desk.store.read(lambda tx: tx.triggers.behind(effect))

    async def clashes(self) -> str:
        """What of the rules in force cannot be so as things are now, in a sentence; "" where nothing."""
        triggers = (await self._desk.store.read(lambda tx: in_force(tx, self._desk.workspace)))[1]
        off = {one.name for one in triggers if one.ours and not one.on}
        wrong = [one for one in await self.check() if one.refused and not off.intersection(one.triggers)]
        if not wrong:
            return ""
        more = f" And {len(wrong) - 1} more." if len(wrong) > 1 else ""
        return f"Triggers clash. {wrong[0].what}{more}"

    async def nightly(self, _task: TaskLease) -> float:
        """The task "triggers check": what has come to clash since somebody last looked, because a stage, a person or a
        template has gone, or an ATS's own automation was written down, is told once while it lasts."""
        said, now = await self.clashes(), self._desk.now()

        def unit(tx: Tx) -> None:
            if said:
                tx.notices.put(self._desk.workspace, CLASHES, "all", said, now=now)
            else:
                tx.notices.close(self._desk.workspace, CLASHES, "all", now=now)

        await self._desk.store.write(unit)
        return (night(now) - now).total_seconds()

    # ------------------------------------------------------------------------------------------------------- changing

    async def check(self, text: str | None = None) -> tuple[Finding, ...]:
        """What is wrong with these rules, or with those in force. InputError where nobody can read them."""

        def unit(tx: Tx) -> tuple[Finding, ...]:
            triggers = read(text) if text is not None else in_force(tx, self._desk.workspace)[1]
            return self._check(tx, triggers)

        return await self._desk.store.read(unit)

    async def add_ready(self, name: str, owner: str, actor: Actor) -> Shown:
        """Put one of the rules that Bascule comes with at the end of the file, switched off. `owner`: the e-mail of who
        answers for it. NotFoundError where there is none of that name, ConflictError where the file has it already."""
        entry = ready(owner).get(name)
        if entry is None:
            raise NotFoundError(f"No rule called {name} comes with Bascule.", hint="See: bascule triggers starter")
        shown = await self.shown()
        if any(one.trigger.name == name for one in shown.rules):
            raise ConflictError(f"{name} is there already.", hint="Turn it on, or change it, where it stands.")
        return await self.save(f"{shown.text.rstrip()}\n\n{entry}", actor, f"{name} is added", base=shown.version)

    async def save(self, text: str, actor: Actor, why: str = "", *, base: int | None = None) -> Shown:
        """Put these rules in force. What became true before a rule came into force never fires it; a rule that stays as
        it was keeps its time. ConflictError where somebody else has saved since `base`; InputError, with the line,
        where a rule that is on cannot be in force."""
        triggers = read(text)

        def unit(tx: Tx) -> None:
            now, workspace = self._desk.now(), self._desk.workspace
            number, before = in_force(tx, workspace)
            if base is not None and base != number:
                raise ConflictError("Somebody else has changed the triggers meanwhile.", hint="Load them again.")
            self._refuse(self._check(tx, [one for one in triggers if one.on or not one.ours]))
            held = {one.name: one for one in before}
            since = {
                one.name: old.since
                if (old := held.get(one.name)) is not None and old.since is not None and _same(old, one)
                else now
                for one in triggers
                if one.on
            }
            tx.triggers.add(workspace, Version(number + 1, now, actor, text, since, why))
            tx.workspaces.set_setting(workspace, TRIGGERS_ON, any(one.on and one.ours for one in triggers))
            lost = [key for key in _switches(tx, workspace) if not _still(key, held, triggers)]
            lose(tx, workspace, lost, "the rule was changed", now, actor=actor)
            tx.audit.record(
                workspace=workspace, at=now, action="triggers changed", actor=actor,
                detail={"version": number + 1, "why": why, "on": sum(one.on for one in triggers), "of": len(triggers)},
            )  # fmt: skip
            tx.tasks.put(workspace, LOOK_ALL, "all", due=now)

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()
        self._desk.wake()
        return await self.shown()

    @staticmethod
    def _refuse(findings: Iterable[Finding]) -> None:
        wrong = [one for one in findings if one.refused]
        if wrong:
            first = wrong[0]
            lines = " and ".join(str(line) for line in first.lines)
            more = f" And {len(wrong) - 1} more: bascule triggers check" if len(wrong) > 1 else ""
            raise InputError(f"Line {lines}: {first.what}", hint=f"{first.next}{more}")

    async def switch(self, name: str, on: bool, actor: Actor) -> Shown:
        """Turn one rule on or off; the others stay as they are."""
        shown = await self.shown()
        if name not in {rule.trigger.name for rule in shown.rules}:
            raise NotFoundError(f"There is no trigger {name}.", hint="See: bascule triggers list")
        text = with_switch(shown.text, name, on)
        return await self.save(text, actor, f"{name} switched {'on' if on else 'off'}", base=shown.version)

    async def roll_back(self, version: int, actor: Actor) -> Shown:
        """Put an older version in force, as a new one."""
        old = await self._desk.store.read(lambda tx: tx.triggers.version(self._desk.workspace, version))
        if old is None:
            raise NotFoundError(f"There is no version {version}.")
        return await self.save(old.text, actor, f"version {version} again")

    async def automate(self, name: str, connection: str, on: bool, actor: Actor) -> Shown:
        """Let a trigger act by itself at a connection, which it must have earned, or take that back. Forward messages
        only; what turns people away never earns it."""

        def unit(tx: Tx) -> None:
            workspace, now = self._desk.workspace, self._desk.now()
            trigger = next((one for one in in_force(tx, workspace)[1] if one.name == name), None)
            if trigger is None:
                raise NotFoundError(f"There is no trigger {name}.", hint="See: bascule triggers list")
            at = self._desk.connections.named(connection)
            if on and trigger.do not in TO_CANDIDATES:
                raise ForbiddenError(f"{name} sends no message: nothing of it is to be earned.")
            template = templates_of(tx, workspace).get(template_of(trigger))
            if on and template is not None and template.turns_away:
                raise ForbiddenError("What states or implies a rejection is sent by a person, always.")
            judged = earned(trigger, self._tally(tx, trigger, connection), now)
            if on and not judged.earned:
                raise ForbiddenError(
                    f"{name} has not earned that at {connection}.", hint=f"Still missing: {'; '.join(judged.missing)}."
                )
            kept = dict(_switches(tx, workspace))
            if on:
                kept[f"{name}|{connection}"] = now.isoformat()
            else:
                kept.pop(f"{name}|{connection}", None)
            tx.workspaces.set_setting(workspace, AUTOMATIC, kept)
            tx.audit.record(
                workspace=workspace, at=now, action="trigger automated" if on else "trigger held again", actor=actor,
                connection=at.id, detail={"trigger": name},
            )  # fmt: skip

        await self._desk.store.write(unit)
        return await self.shown()

    # --------------------------------------------------------------------------------------------------------- dry run

    async def dry_run(self, text: str | None = None, *, days: int = 30) -> DryRun:
        """What these rules, or those in force, would have done in the last days, by the history of every application
        that has moved since. Nothing is done."""
        if not 1 <= days <= 366:
            raise InputError("A dry run looks at 1 to 366 days.")
        until = self._desk.now()
        since = until - timedelta(days=days)

        def load(tx: Tx) -> tuple[tuple[Trigger, ...], list[str], tuple[Finding, ...]]:
            triggers = read(text) if text is not None else in_force(tx, self._desk.workspace)[1]
            found = tx.triggers.moved(self._desk.workspace, since=since, limit=MOST + 1)
            return triggers, found, self._check(tx, triggers)

        triggers, applications, findings = await self._desk.store.read(load)
        tried = [replace(one, on=True, since=EVER.replace(tzinfo=until.tzinfo)) for one in triggers if one.ours]
        fired: dict[str, list[tuple[str, datetime]]] = {one.name: [] for one in tried}
        for start in range(0, min(len(applications), MOST), 100):
            page = applications[start : start + 100]

            def look_at(tx: Tx, page: list[str] = page) -> None:
                for application in page:
                    for name, at in self._would(tx, application, tried, since, until):
                        fired[name].append((application, at))

            await self._desk.store.read(look_at)
        would = tuple(
            Would(
                one, len(fired[one.name]), tuple(sorted(fired[one.name], key=lambda x: x[1], reverse=True)[:EXAMPLES]),
                tuple(str(test.name) for test in one.when if test.name not in TOLD),
            )
            for one in tried
        )  # fmt: skip
        return DryRun(since, until, min(len(applications), MOST), len(applications) > MOST, would, findings)

    def _would(
        self, tx: Tx, application: str, triggers: Sequence[Trigger], since: datetime, until: datetime
    ) -> Iterable[tuple[str, datetime]]:
        family_id = tx.families.record_family(application)
        family = tx.families.family(family_id) if family_id is not None else None
        record = family.records.get(application) if family is not None else None
        if family is None or record is None:
            return
        lines = [one for one in tx.triggers.changes(family.id, application) if one.field in MATTERS]
        names, job, department = self._where(tx, family, record)
        stages = self._stages(tx, record)
        steps = list(_steps(record, sorted(lines, key=lambda line: line.at), stages))
        for one in triggers:
            if not covers(one, connections=names, job=job, department=department):
                continue
            if any(test.name not in TOLD for test in one.when):
                continue
            for number, facts in enumerate(steps):
                held = look(one, facts)
                if held is None or not max(since, _begins(facts)) <= held.due <= _ends(steps, number, until):
                    continue
                yield one.name, held.due
                if not one.again:
                    break

    def _where(self, tx: Tx, family: Family, record: Record) -> tuple[list[str], list[str], str]:
        names = [
            at.row.name
            for link in family.links.values()
            if link.record == record.id and (at := self._desk.connections.known(link.connection)) is not None
        ]
        job_id = str(record.fields.get("job") or "")
        job = tx.families.records(family.workspace, [job_id]).get(job_id) if job_id else None
        fields: Mapping[str, Value] = job.fields if job is not None else {}
        return names, [job_id, str(fields.get("requisition") or "")], str(fields.get("department") or "")

    def _stages(self, tx: Tx, record: Record) -> Mapping[str, Record]:
        job = str(record.fields.get("job") or "")
        family = tx.families.record_family(job) if job else None
        return {one.id: one for one in tx.families.family(family).children(job, Kind.STAGE)} if family else {}


TOLD = frozenset({Name.STATUS, Name.STAGE, Name.STAGE_NAMED, Name.SCORE, Name.TOP_TEN})
"""What the past tells of an application."""


def _steps(record: Record, lines: Sequence[History], stages: Mapping[str, Record]) -> Iterable[dict[Name, Fact]]:
    """What was true of an application, from its birth on, change by change."""
    held: dict[str, Fact] = {}
    first = {line.field: line for line in reversed(lines)}
    for name in MATTERS:
        value = first[name].old if name in first else record.fields.get(name)
        held[name] = Fact(_plain(value), record.born, "")
    yield _facts(held, stages)
    for line in lines:
        held[line.field] = Fact(_plain(line.new), line.at, line.cause)
        yield _facts(held, stages)


def _facts(held: Mapping[str, Fact], stages: Mapping[str, Record]) -> dict[Name, Fact]:
    status = held["status"]
    found = {Name.STATUS: replace(status, value=status.value or "active")}
    stage = stages.get(str(held["stage"].value or ""))
    if stage is not None:
        found[Name.STAGE] = replace(held["stage"], value=_plain(stage.fields.get("type")))
        found[Name.STAGE_NAMED] = replace(held["stage"], value=fold(str(stage.fields.get("name") or "")))
    if held["match_score"].value is not None:
        found[Name.SCORE] = held["match_score"]
    found[Name.TOP_TEN] = replace(held["top_ten"], value=bool(held["top_ten"].value))
    return found


def _plain(value: Value) -> str | int | float | bool | None:
    return value if isinstance(value, (str, int, float, bool)) else None


def _begins(facts: Mapping[Name, Fact]) -> datetime:
    return max(fact.since for fact in facts.values())


def _ends(steps: Sequence[Mapping[Name, Fact]], number: int, until: datetime) -> datetime:
    return _begins(steps[number + 1]) if number + 1 < len(steps) else until


def _same(old: Trigger, new: Trigger) -> bool:
    """Whether a rule does the same as before: its words, owner and place in the file do not matter."""
    plain = {"why": "", "owner": "", "line": 0, "since": None}
    return old.on and replace(old, **plain) == replace(new, **plain)


def _still(key: str, held: Mapping[str, Trigger], triggers: Sequence[Trigger]) -> bool:
    """Whether what a trigger has earned still holds: it is on and does the same as before."""
    name = key.partition("|")[0]
    now = next((one for one in triggers if one.name == name), None)
    return now is not None and now.on and name in held and _same(held[name], now)


def _switches(tx: Tx, workspace: str) -> Mapping[str, Value]:
    kept = tx.workspaces.setting(workspace, AUTOMATIC)
    return kept if isinstance(kept, Mapping) else {}


def with_switch(text: str, name: str, on: bool) -> str:
    """The same file with one rule turned on or off; everything else, comments too, stays as it was written."""
    word, lines = "yes" if on else "no", text.splitlines(keepends=True)
    for key, value in getattr(yaml.compose(text, Loader=Plain), "value", ()):
        if key.value != name or not isinstance(value, yaml.MappingNode):
            continue
        for inner, held in value.value:
            if inner.value == "on":
                line = held.start_mark.line
                lines[line] = lines[line][: held.start_mark.column] + word + lines[line][held.end_mark.column :]
                return "".join(lines)
        indent = value.value[0][0].start_mark.column
        lines.insert(key.start_mark.line + 1, f"{' ' * indent}on: {word}\n")
        return "".join(lines)
    raise NotFoundError(f"There is no trigger {name}.")
