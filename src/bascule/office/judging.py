"""What a pilot found, line by line: each test candidate, each trigger, everybody else, and the audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bascule.core.pilots import WORDS, Asked, Check, Finding, Verdict, application_of, judge, landed
from bascule.core.triggers import Trigger, covers
from bascule.engine.connections import Connected
from bascule.hiring.triggers import Triggers, in_force
from bascule.model import Family, Fields, Kind, Record, Value
from bascule.store import Tx
from bascule.store.pilots import Pilot

from .desk import Desk


class Judging:
    """Judges a pilot by what the store holds, inside a unit."""

    def __init__(self, desk: Desk, triggers: Triggers) -> None:
        self._desk = desk
        self._triggers = triggers

    def judged(self, tx: Tx, pilot: Pilot, at: Connected, broken: str) -> list[Fields]:
        """Every line of the report but the last."""
        findings, landings = list[Finding](), 0
        families = tx.families.families([str(one["family"]) for one in pilot.people])
        for person in pilot.people:
            family = families.get(str(person["family"]))
            if family is None or not family.records:
                findings.append(Finding(Check.CREATED, str(person["name"]), "candidate", "there", "gone"))
                continue
            context = self._desk.reconcile.context(
                tx, pilot.workspace, self._desk.reconcile.refs(tx, [(family, at.id, ())])
            )
            findings += judge(family, at.id, self._asked(tx, family, person), context)
            if person.get("problem"):
                findings.append(
                    Finding(Check.STAGE_THERE, str(person["name"]), "stage", "moved", str(person["problem"]))
                )
            done = landed(family, at.id, context)
            landings += len(done)
            findings += self._audited(tx, family, person, done)
        findings += self._fired(tx, pilot, at, families)
        findings += self._others(tx, pilot, at, set(families))
        if broken:
            findings.append(Finding(Check.CHAIN, "", "audit", "an unbroken chain", broken))
        return self._lines(tx, pilot, at, findings, landings)

    def _asked(self, tx: Tx, family: Family, person: Fields) -> Asked:
        application = application_of(family)
        stages = stages_of(tx, application) if application is not None else ()
        names = {one.id: str(one.fields.get("name") or "") for one in stages}
        given = person["given"]
        assert isinstance(given, Mapping)
        moved, asked = (str(person.get(what) or "") for what in ("moved", "asked"))
        return Asked(str(person["name"]), given, moved, asked, names)

    def _lines(self, tx: Tx, pilot: Pilot, at: Connected, findings: Sequence[Finding], landings: int) -> list[Fields]:
        many = len(pilot.people)
        moved, asked = (sum(bool(one.get(what)) for one in pilot.people) for what in ("moved", "asked"))
        rules = len(self._rules(tx, pilot, at))
        tried: Mapping[Check, tuple[int, str]] = {
            Check.CREATED: (many, "candidate"), Check.SCORE: (many, "candidate"), Check.FIELDS: (landings, "value"),
            Check.CONTACT: (many, "candidate"), Check.STAGE_THERE: (moved, "candidate"),
            Check.STAGE_HERE: (asked, "candidate"), Check.TRIGGERS: (rules, "trigger"),
            Check.FAILURES: (many, "candidate"), Check.OTHERS: (many, "candidate"), Check.AUDIT: (landings, "write"),
            Check.CHAIN: (1, "chain"),
        }  # fmt: skip
        lines: list[Fields] = []
        for check, (count, noun) in tried.items():
            wrong = [one for one in findings if one.check is check]
            lines += [line_of(check, Verdict.FAIL, one) for one in wrong]
            if not wrong:
                lines.append(
                    line_of(
                        check, Verdict.PASS if count else Verdict.NOT_TRIED, of=f"{count} {noun}{'s' * (count != 1)}"
                    )
                )
        return lines

    def _audited(self, tx: Tx, family: Family, person: Fields, done: set[str]) -> list[Finding]:
        """What landed and is not in the audit as written."""
        told = {name for line in tx.audit.of_family(family.id) if line.action == "written" for name in line.values}
        name = str(person["name"])
        return [
            Finding(Check.AUDIT, name, field, "an entry that it was written", "none") for field in sorted(done - told)
        ]

    def _others(self, tx: Tx, pilot: Pilot, at: Connected, families: set[str]) -> list[Finding]:
        """Whom else something was written of there meanwhile."""
        after, found, now = 0, Counter[str](), self._desk.now()
        while page := tx.audit.between(pilot.workspace, pilot.began, now, after=after, limit=1000):
            after = page[-1].id
            for line in page:
                if line.action == "written" and line.connection == at.id and line.family not in families:
                    found[line.record or line.family or ""] += 1
        told = {record: f"{times} writes" if times > 1 else "a write" for record, times in found.items()}
        return [
            Finding(Check.OTHERS, record, "written", "nothing", said, "See the record's history.")
            for record, said in told.items()
        ]

    # ------------------------------------------------------------------------------------------------------ triggers

    def _rules(self, tx: Tx, pilot: Pilot, at: Connected) -> list[Trigger]:
        """The rules of ours that are on and reach the pilot's job."""
        job = tx.families.records(pilot.workspace, [pilot.job]).get(pilot.job)
        fields: Mapping[str, Value] = job.fields if job is not None else {}
        names = [pilot.job, str(fields.get("requisition") or "")]
        department = str(fields.get("department") or "")
        return [
            one
            for one in in_force(tx, pilot.workspace)[1]
            if one.on and one.ours and covers(one, connections=[at.row.name], job=names, department=department)
        ]

    def all_fired(self, tx: Tx, pilot: Pilot, at: Connected) -> bool:
        """Whether there is nothing that a rule would still do within the pilot's time."""
        families = tx.families.families([str(one["family"]) for one in pilot.people])
        return not any(one.check is Check.TRIGGERS for one in self._fired(tx, pilot, at, families))

    def _fired(self, tx: Tx, pilot: Pilot, at: Connected, families: Mapping[str, Family]) -> list[Finding]:
        """Rules that did not fire where they should have, or fired more than once."""
        rules, found = self._rules(tx, pilot, at), list[Finding]()
        fired = Counter[str]()
        for person in pilot.people:
            family = families.get(str(person["family"]))
            application = application_of(family) if family is not None else None
            if family is None or application is None:
                continue
            name, times = str(person["name"]), Counter(one.trigger for one in tx.triggers.of(application.id))
            due = {
                case.trigger.name
                for case in self._triggers.cases(tx, family, application, rules)
                if case.held.due <= self._desk.now()
            }
            for rule in rules:
                count = times[rule.name]
                fired[rule.name] += count
                if (count > 1 and not rule.again) or (not count and rule.name in due):
                    found.append(Finding(Check.TRIGGERS, name, rule.name, "fired once", f"fired {count} times"))
        for rule in rules:
            if not fired[rule.name] and not any(one.field == rule.name for one in found):
                hint = "Bring a test candidate into that state in the ATS meanwhile, or switch the rule off."
                found.append(Finding(Check.TRIGGERS, "", rule.name, "fired once", "no test candidate met it", hint))
        return found


def stages_of(tx: Tx, application: Record) -> Sequence[Record]:
    """The stages of an application's job."""
    job = str(application.fields.get("job") or "")
    home = tx.families.record_family(job) if job else None
    return list(tx.families.family(home).children(job, Kind.STAGE)) if home is not None else []


def report(pilot: Pilot, connection: str, label: str) -> dict[str, Any]:
    """A pilot as programs read it."""
    people = [
        {"candidate": one["name"], "file": one["file"], "move_to": str(one.get("asked_name") or "")}
        for one in pilot.people
    ]
    return {
        "id": pilot.id, "connection": connection, "label": label, "rehearsal": pilot.rehearsal, "phase": pilot.phase,
        "began": pilot.began.isoformat(), "ended": pilot.ended.isoformat() if pilot.ended else None,
        "passed": pilot.passed, "candidates": len(pilot.people), "tag": pilot.tag, "by": pilot.actor.get("name", ""),
        "lines": [dict(one) for one in pilot.lines], "people": people,
    }  # fmt: skip


def line_of(check: Check, verdict: Verdict, wrong: Finding | None = None, of: str = "", found: str = "") -> Fields:
    told = asdict(wrong) if wrong is not None else {}
    return {
        "check": str(check), "what": WORDS[check], "verdict": str(verdict), "of": of,
        "candidate": told.get("candidate", ""), "field": told.get("field", ""), "expected": told.get("expected", ""),
        "found": told.get("found", found), "next": told.get("next", ""),
    }  # fmt: skip
