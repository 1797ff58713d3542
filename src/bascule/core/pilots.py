"""What a pilot found of one test candidate: what should stand in the system, and what does. Pure.

A pilot brings test candidates through the whole flow at one connection. It is judged by what the system has shown, in
its own terms: what was only sent has not landed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from bascule.core.digest import canonical, same
from bascule.core.draft import Context, Draft, is_empty, waits_for
from bascule.core.gates import OURS
from bascule.model import (
    FIELDS,
    OPEN_WRITES,
    AiStatus,
    Family,
    FieldMap,
    Kind,
    Link,
    Record,
    RecordState,
    StageType,
    Value,
    WriteState,
)

FINAL = frozenset({AiStatus.SCORED, AiStatus.UNREADABLE, AiStatus.NOT_SCORED, AiStatus.REVIEWED})
EMPTY_NAMES: Mapping[str, str] = MappingProxyType({})
LONGEST = 200  # characters of a value that a report shows


class Check(StrEnum):
    """What is looked at, in the order of a report."""

    CREATED = "created"
    SCORE = "score"
    FIELDS = "fields"
    CONTACT = "contact"
    STAGE_THERE = "stage to the ATS"
    STAGE_HERE = "stage from the ATS"
    TRIGGERS = "triggers"
    FAILURES = "failures"
    OTHERS = "nobody else"
    AUDIT = "audit complete"
    CHAIN = "audit verified"
    REMOVED = "removed"


WORDS: Mapping[Check, str] = {
    Check.CREATED: "Every test candidate stands in the ATS with an application",
    Check.SCORE: "Every score stands in the ATS",
    Check.FIELDS: "Every custom field of ours holds there what it should",
    Check.CONTACT: "No contact data was changed",
    Check.STAGE_THERE: "A stage set here arrives there",
    Check.STAGE_HERE: "A stage set there arrives here",
    Check.TRIGGERS: "Every trigger that is on fired exactly once",
    Check.FAILURES: "No write failed or waits for a person",
    Check.OTHERS: "Nobody but the test candidates was written to",
    Check.AUDIT: "Every write is in the audit",
    Check.CHAIN: "The audit's chain verifies",
    Check.REMOVED: "The test candidates were removed again",
}


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be: whose, which field, what was to be there and what is."""

    check: Check
    candidate: str
    field: str
    expected: str
    found: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a pilot did with one test candidate: the fields it was made with, the stage it was moved to here, and that
    which it is to be moved to there (records; "" where none). `stages`: the job's, by record, with their names."""

    name: str
    given: Mapping[str, Value]
    moved: str = ""
    asked: str = ""
    stages: Mapping[str, str] = field(default_factory=lambda: EMPTY_NAMES)


def application_of(family: Family) -> Record | None:
    """The test candidate's application."""
    return next(
        (r for r in family.records.values() if r.kind is Kind.APPLICATION and r.state is RecordState.LIVE), None
    )


def at_rest(family: Family, connection: str) -> bool:
    """Whether nothing is on its way to that connection, and what was written there has been shown."""
    writes = (w for w in family.writes.values() if w.connection == connection)
    pairs = (p for x in family.links.values() if x.connection == connection for p in x.pairs.values())
    return not (
        any(w.state in OPEN_WRITES and w.state is not WriteState.HELD for w in writes)
        or any(a.connection == connection for a in family.attempts.values())
        or any(pair.awaiting is not None for pair in pairs)
    )


def scored(application: Record) -> bool:
    """Whether all that an AI has to say of it has been said."""
    return application.fields.get("ai_status") in FINAL


def next_stage(stages: Iterable[Record], current: Value) -> Record | None:
    """The stage after the current one in the job's order; none that stands for a hire."""
    live = [one for one in stages if one.state is RecordState.LIVE and one.fields.get("active") is not False]
    ladder = sorted(live, key=lambda one: (float(str(one.fields.get("order") or 0)), one.id))
    here = next((n for n, one in enumerate(ladder) if one.id == current), -1)
    return next((one for one in ladder[here + 1 :] if one.fields.get("type") != StageType.HIRED), None)


def came_from(application: Record, connection: str, stage: str) -> bool:
    """Whether the application is in this stage because that system said so."""
    source = application.sources.get("stage")
    return application.fields.get("stage") == stage and source is not None and source.origin == connection


def judge(family: Family, connection: str, asked: Asked, context: Context) -> list[Finding]:
    """What is not as it should be of one test candidate."""
    draft = Draft(family, context)
    application = application_of(family)
    found: list[Finding] = []
    if application is None or draft.link_of(application.id, connection) is None:
        where = "the person, without an application" if family.links else "nothing"
        return [Finding(Check.CREATED, asked.name, "application", "an application there", where, _writes(family))]
    if not scored(application):
        status = str(application.fields.get("ai_status") or "none")
        found.append(
            Finding(
                Check.SCORE, asked.name, "ai_status", "scored", status, "See the candidate's page: what it waits for."
            )
        )
    for link in family.links.values():
        if link.connection == connection and link.primary and link.open:
            found += _fields(draft, link, asked.name)
    found += _contact(draft, connection, asked)
    found += _stages(draft, application, connection, asked)
    for write in family.writes.values():
        if write.connection == connection and write.state in (WriteState.DEAD, WriteState.HELD):
            what = ", ".join(sorted(write.fields)) or write.call
            found.append(
                Finding(
                    Check.FAILURES,
                    asked.name,
                    what,
                    "written",
                    f"{write.state}: {write.why}",
                    "See: bascule failures list",
                )
            )
    return found


def landed(family: Family, connection: str, context: Context) -> set[str]:
    """Canonical fields of AI output that stand in the system as they should, and are not empty."""
    draft = Draft(family, context)
    return {
        one.canonical[0]
        for link in family.links.values()
        if link.connection == connection and link.primary and link.open
        for one in _ours(draft, link)
        if _stands(draft, link, one) and not is_empty(draft.render(link, one))
    }


def _ours(draft: Draft, link: Link) -> list[FieldMap]:
    view = draft.context.connections[link.connection]
    return [one for one in view.outward(link.kind) if one.call and _ai(one)]


def _ai(fields: FieldMap) -> bool:
    for name in fields.canonical:
        spec = FIELDS[Kind.APPLICATION].get(name)
        if spec is None or spec.cls not in OURS:
            return False
    return True


def _stands(draft: Draft, link: Link, fields: FieldMap) -> bool:
    pair = link.pairs.get(fields.name)
    rendered = draft.render(link, fields)
    if pair is None:
        return is_empty(rendered)
    return pair.awaiting is None and same(fields, pair.theirs, rendered)


def _fields(draft: Draft, link: Link, name: str) -> list[Finding]:
    found: list[Finding] = []
    for one in _ours(draft, link):
        if not _stands(draft, link, one):
            pair = link.pairs.get(one.name)
            check = Check.SCORE if "match_score" in one.canonical else Check.FIELDS
            theirs = shown(pair.theirs) if pair is not None else "nothing"
            found.append(Finding(check, name, one.name, shown(draft.render(link, one)), theirs, _writes(draft.before)))
    return found


def _contact(draft: Draft, connection: str, asked: Asked) -> list[Finding]:
    """What was given is still there, here and in the system."""
    root, found = draft.before.root, list[Finding]()
    link = draft.before.link_of(root.id, connection)
    for name, value in asked.given.items():
        if not FIELDS[Kind.CANDIDATE][name].contact:
            continue
        held = root.fields.get(name)
        if not _kept(value, held):
            found.append(Finding(Check.CONTACT, asked.name, name, shown(value), shown(held)))
            continue
        for fields in draft.context.connections[connection].fields.get(Kind.CANDIDATE, ()):
            pair = link.pairs.get(fields.name) if link is not None else None
            if link is None or pair is None or name not in fields.canonical:
                continue
            rendered = draft.render(link, fields)
            if pair.awaiting is None and not same(fields, pair.theirs, rendered):
                found.append(Finding(Check.CONTACT, asked.name, fields.name, shown(rendered), shown(pair.theirs)))
    return found


def _kept(given: Value, held: Value) -> bool:
    if isinstance(given, tuple):
        return isinstance(held, tuple) and {canonical(x) for x in given} <= {canonical(x) for x in held}
    return given == held


def _stages(draft: Draft, application: Record, connection: str, asked: Asked) -> list[Finding]:
    """Whether it is where it was moved to, on both sides."""
    now = _named(asked, application.fields.get("stage"))
    if asked.asked and not came_from(application, connection, asked.asked):
        wanted = _named(asked, asked.asked)
        return [Finding(Check.STAGE_HERE, asked.name, "stage", wanted, now, "Nobody moved them there while it ran.")]
    if not asked.moved:
        return []
    if not asked.asked and application.fields.get("stage") != asked.moved:
        return [Finding(Check.STAGE_THERE, asked.name, "stage", _named(asked, asked.moved), now)]
    link, found = draft.link_of(application.id, connection), list[Finding]()
    for one in draft.context.connections[connection].fields.get(Kind.APPLICATION, ()):
        pair = link.pairs.get(one.name) if link is not None else None
        if link is None or pair is None or "stage" not in one.canonical:
            continue
        rendered = draft.render(link, one)
        if pair.awaiting is not None or not same(one, pair.theirs, rendered):
            theirs = "not shown yet" if pair.awaiting is not None else shown(pair.theirs)
            found.append(
                Finding(Check.STAGE_THERE, asked.name, one.name, shown(rendered), theirs, _writes(draft.before))
            )
    return found


def _named(asked: Asked, id: Value) -> str:
    return asked.stages.get(str(id), shown(id))


def _writes(family: Family) -> str:
    """Why the first write that is open or failed is."""
    said = (f"{write.call}: {write.why}" for write in family.writes.values() if write.why)
    return next(said, "")


def shown(value: Value) -> str:
    """A value as a report shows it."""
    if is_empty(value):
        return "nothing"
    waited = waits_for(value)
    if waited is not None:
        return f"waits for {waited[0]} {waited[1]}"
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
