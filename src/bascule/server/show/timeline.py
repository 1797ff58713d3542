"""Why does it say this? Changes, writes, calls and decisions of one record, in two lanes.

An arrow to the right is something the ATS showed and Bascule took; to the left something Bascule wrote. A line's
cause is the read, write, edit or decision behind it; where the audit knows the request that carried it, that stands
beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote, urlencode

from bascule.errors import NotFoundError
from bascule.model import (
    FIELDS,
    OURS,
    Actor,
    ActorKind,
    Family,
    FieldMap,
    History,
    HistoryKind,
    Kind,
    Record,
    Value,
    Write,
    WriteState,
    enriches,
)
from bascule.store import Tx, queries
from bascule.store.audit import Line
from bascule.store.queries import Event
from bascule.trust.retiring import BY_RULE

from ..rendering import count
from ..views.parts import Choice, Exchange, Tone, Way
from ..views.timeline import Changed, Moment, Timeline
from . import words
from .review import subject_href

LIMIT = 120
FAILURE = "/failures/"  # how the address of its page begins
SAID: Mapping[HistoryKind, tuple[str, str, Way]] = {
    # kind: (in the ATS, in Bascule, direction)
    HistoryKind.SEEN: ("Shown, and not taken", "", Way.THERE),
    HistoryKind.LOST: ("Shown, and lost the conflict", "", Way.THERE),
    HistoryKind.ADOPTED: ("Met for the first time", "", Way.THERE),
    HistoryKind.LANDED_LATE: ("Our own write, landing late", "", Way.THERE),
    HistoryKind.DRIFT: ("Changed a value that Bascule keeps", "", Way.THERE),
    HistoryKind.WRITTEN: ("Has it now", "Written", Way.OUT),
    HistoryKind.REFUSED: ("Refused", "Asked for", Way.OUT),
    HistoryKind.GONE: ("Gone", "", Way.THERE),
    HistoryKind.MERGED: ("Merged", "", Way.THERE),
    HistoryKind.BOUND: ("Recognised as the same", "", Way.THERE),
}
THINGS: Mapping[Kind, str] = {Kind.ATTACHMENT: "File"}
PAGE_OF_AUDIT = frozenset(str(kind) for kind in HistoryKind)
"""Audit entries that say the same as a line of the history are not shown twice."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a timeline's ids are called."""

    connections: Mapping[str, str]
    people: Mapping[str, str]
    records: Mapping[str, Record]

    def connection(self, id: str | None) -> str:
        return self.connections.get(id or "", "")


def of_record(
    tx: Tx,
    workspace: str,
    id: str,
    field: str,
    before: datetime | None,
    maps: Mapping[str, Sequence[FieldMap]],
    *,
    whole_family: bool = False,
) -> Timeline:
    """The timeline of a record, of one value of it, or of its whole family. NotFoundError if there is none."""
    family_id = tx.families.record_family(id)
    if family_id is None:
        raise NotFoundError(
            "There is no such record.", hint="It may have been erased or merged. Search by name under Candidates."
        )
    family = tx.families.family(family_id)
    record = family.records.get(id)
    if family.workspace != workspace or record is None:
        raise NotFoundError(
            "There is no such record.", hint="It may have been erased or merged. Search by name under Candidates."
        )
    if field and field.partition(".")[0] not in FIELDS[record.kind]:
        raise NotFoundError(
            f"A {record.kind} has no value named {field}.", hint="Choose one from the list above the timeline."
        )
    when = {} if before is None else {"before": before}
    raw = tx.pages.timeline(*tx.pages.homes(family), record="" if whole_family else id, limit=LIMIT, **when)
    names = Names(
        words.connection_names(tx, workspace), words.people(tx, workspace), _known(tx, workspace, family, raw)
    )
    moments = lines(raw, family, names, field and aliases(record.kind, field, maps))
    value = words.shown(record.kind, field, record.fields.get(field), names.records) if field else None
    page = f"/candidates/{id}/history" if whole_family else f"/records/{id}/history"
    asked = {"field": field} if field else {}
    more = f"{page}?{urlencode(asked | {'before': raw[-1].at.isoformat()})}" if len(raw) >= LIMIT else ""
    root = family.root
    systems = sorted({names.connection(link.connection) for link in family.links.values()} - {""})
    return Timeline(
        subject=words.title(root) or "name removed",
        subject_href=subject_href(root),
        field=field,
        label=words.label(record.kind, field) if field else words.title(record),
        value=value,
        answer=answer(record, field, moments, names) if field else _summary(moments, whole=not more and before is None),
        systems=tuple(systems) or ("ATS",),
        moments=tuple(moments),
        fields=tuple(Choice(name, words.label(record.kind, name), name == field) for name in FIELDS[record.kind])
        if not whole_family
        else (),
        next=more,
        whole=not field,
    )


def aliases(kind: Kind, field: str, maps: Mapping[str, Sequence[FieldMap]]) -> frozenset[str]:
    """The names a canonical field goes by in the history: its own, and the vendor fields that carry it."""
    vendors = {each.name for some in maps.values() for each in some if each.kind is kind and field in each.canonical}
    return frozenset({field, *vendors})


def lines(raw: Sequence[queries.Moment], family: Family, names: Names, wanted: Collection[str] = ()) -> list[Moment]:
    """Moments for a page, newest first. `wanted`: only these fields (all if empty)."""
    calls = exchanges(raw)
    found: list[Moment] = []
    for index, one in enumerate(raw):
        record = family.records.get(one.record or "")
        kind = record.kind if record else family.kind
        match one.event:
            case Event.CHANGE if one.history is not None:
                if not wanted or one.history.field in wanted:
                    found.append(_change(str(index), one.history, kind, names, calls, record))
            case Event.WRITE if one.write is not None:
                if _told(one.write) and (not wanted or wanted & one.write.fields):  # type: ignore[operator]
                    found.append(_write(str(index), one.write, kind, names, calls))
            case Event.AUDIT if one.audit is not None and not wanted:
                entry = one.audit
                if entry.action not in PAGE_OF_AUDIT and not _request(entry):
                    found.append(_decision(str(index), entry, names))
            case _:
                pass
    return _steps(_once(found))


def _once(lines: Sequence[Moment]) -> list[Moment]:
    """A failure and the refusal that made it are one step: the refusal, with the way to the failure's page."""
    failures = {
        line.exchange: line for line in lines if line.cause_href.startswith(FAILURE) and line.exchange is not None
    }
    told: set[Exchange] = set()
    found: list[Moment] = []
    for line in lines:
        failure = failures.get(line.exchange) if line.exchange is not None else None
        if failure is not None and line.exchange and line.tone is Tone.FAILING and line.changes:
            told.add(line.exchange)
            line = replace(line, cause=failure.cause, cause_href=failure.cause_href)
        found.append(line)
    return [
        line for line in found if line.changes or not line.cause_href.startswith(FAILURE) or line.exchange not in told
    ]


def exchanges(raw: Iterable[queries.Moment]) -> dict[str, tuple[Exchange, ...]]:
    """What the audit knows of requests, by what they were for: a write, an attempt, a read, a cause."""
    found: dict[str, list[Exchange]] = {}
    for one in raw:
        if one.audit is None:
            continue
        entry = one.audit
        request = _request(entry)
        if request is None:
            continue
        for key in ("write", "attempt", "read", "cause"):
            name = entry.detail.get(key)
            if isinstance(name, str) and name:
                found.setdefault(name, []).append(request)
    return {key: tuple(some) for key, some in found.items()}


def _request(entry: Line) -> Exchange | None:
    endpoint = entry.detail.get("endpoint")
    if not isinstance(endpoint, str) or not endpoint:
        return None
    method, _, path = endpoint.partition(" ")
    status, ms = entry.detail.get("status"), entry.detail.get("ms")
    return Exchange(
        method,
        path,
        int(status) if isinstance(status, int) and not isinstance(status, bool) and status else None,
        float(ms) if isinstance(ms, int | float) else None,
        str(entry.detail.get("request") or ""),
        entry.at,
    )


def _exchange(calls: Mapping[str, tuple[Exchange, ...]], *keys: str) -> Exchange | None:
    for key in keys:
        for cut in (key, key.split(":")[0]):
            if cut and cut in calls:
                return calls[cut][0]
    return None


def _change(
    id: str, line: History, kind: Kind, names: Names, calls: Mapping[str, tuple[Exchange, ...]], record: Record | None
) -> Moment:
    system = names.connection(line.connection) or "the ATS"
    thing = kind.replace("_", " ").capitalize()
    if line.kind is HistoryKind.CHANGED:
        way = Way.IN if line.connection else Way.HERE
        there, here = (f"{thing}, as {system} shows it", "Taken") if way is Way.IN else ("", _made(thing, line))
    elif line.kind is HistoryKind.MERGED and not line.connection:
        there, here, way = "", "Joined with another record" if line.new else "Told apart again", Way.HERE
        if line.field:
            here = "The joined record's value"
    else:
        there, here, way = SAID[line.kind]
    old = words.shown(kind, line.field, line.old, names.records)
    new = words.shown(kind, line.field, line.new, names.records)
    return Moment(
        id=id,
        at=line.at,
        way=way,
        field=words.label(kind, line.field) if line.field else thing,
        there=there,
        here=here,
        changes=(Changed(words.label(kind, line.field), old, new),) if line.field else (),
        actor=words.actor(line.actor, names.people),
        actor_kind=_kind(line.actor),
        cause=_cause(line.cause, line.actor, written=line.kind in (HistoryKind.WRITTEN, HistoryKind.REFUSED)),
        cause_href=_behind(line.actor, record),
        why=words.sentence(line.why),
        connection=names.connection(line.connection),
        exchange=_exchange(calls, line.cause) if line.connection else None,
        mapping=_mapping(names.connection(line.connection)),
        tone=Tone.FAILING if line.kind is HistoryKind.REFUSED else Tone.QUIET,
        thing=THINGS.get(kind, thing),
    )


def _steps(lines: Iterable[Moment]) -> list[Moment]:
    """Lines that are one step (one instant, one direction, one actor and cause) as one moment."""
    found: list[Moment] = []
    for line in lines:
        last = found[-1] if found else None
        if last is not None and _same_step(last, line):
            found[-1] = replace(last, changes=(*last.changes, *line.changes), field=last.field)
        else:
            found.append(line)
    return found


def _same_step(a: Moment, b: Moment) -> bool:
    return (a.at, a.way, a.there, a.here, a.actor, a.cause, a.why, a.connection) == (
        b.at,
        b.way,
        b.there,
        b.here,
        b.actor,
        b.cause,
        b.why,
        b.connection,
    ) and bool(a.changes and b.changes)


def _made(thing: str, line: History) -> str:
    if line.actor.kind is ActorKind.AI:
        return f"{thing}, by matching"
    return f"{thing} changed here" if line.field else "Made here"


def _told(write: Write) -> bool:
    """Writes that still say something: on the way, held, failed or given up (a done one has a line of its own)."""
    return write.state not in (WriteState.DONE, WriteState.MOOT)


def _write(id: str, write: Write, kind: Kind, names: Names, calls: Mapping[str, tuple[Exchange, ...]]) -> Moment:
    label = ", ".join(words.label(kind, name) for name in sorted(write.fields)) or kind.replace("_", " ")
    there, here, tone = {
        WriteState.DEAD: ("Refused", "Could not be written", Tone.FAILING),
        WriteState.DISCARDED: ("Not written", "Given up by a person", Tone.QUIET),
        WriteState.HELD: ("Not written yet", "Held", Tone.PAUSED),
        WriteState.WAITING: ("Not written yet", "Waits for its parent to exist there", Tone.CATCHING_UP),
    }.get(write.state, ("Not written yet", "On its way", Tone.CATCHING_UP))
    return Moment(
        id=id,
        at=write.at,
        way=Way.OUT,
        field=label,
        there=there,
        here=f"{here}: {label.lower()}",
        actor=words.actor(write.actor, names.people),
        actor_kind=_kind(write.actor),
        cause=f"write {write.id[-12:]}",
        cause_href=_where(write, names),
        why=words.sentence(write.why),
        connection=names.connection(write.connection),
        exchange=_exchange(calls, write.id),
        mapping=_mapping(names.connection(write.connection)),
        tone=tone,
        thing=label,
    )


def _decision(id: str, entry: Line, names: Names) -> Moment:
    who = names.people.get(entry.actor_id) or entry.actor_id or entry.actor_kind
    said = {
        key: value for key, value in entry.detail.items() if key not in ("cause", "key") and value not in ("", None)
    }
    return Moment(
        id=id,
        at=entry.at,
        way=Way.HERE,
        field=entry.action,
        here=entry.action.capitalize(),
        actor="Bascule match" if entry.actor_kind == ActorKind.AI else who,
        actor_kind=entry.actor_kind,
        why=", ".join(f"{key.replace('_', ' ')} {words.text(value)}" for key, value in sorted(said.items())),
        connection=names.connection(entry.connection),
        cause="review" if entry.detail.get("review") else "",
        cause_href=f"/review/{entry.detail['review']}" if entry.detail.get("review") else "",
    )


def _mapping(connection: str) -> str:
    return f"/mapping/{connection}" if connection else ""


def _behind(actor: Actor, record: Record | None) -> str:
    """The page of what has decided on a change by itself: the rule, or what the job asks for."""
    if actor.kind is ActorKind.RULE and not enriches(actor):
        return f"/triggers?trigger={quote(actor.id)}#fired" if actor != BY_RULE else ""
    job = str(record.fields.get("job") or "") if record is not None and actor.kind is ActorKind.AI else ""
    return f"/jobs/{job}/rubric" if job else ""


def _where(write: Write, names: Names) -> str:
    """Where a write that does not go on by itself is tried again, given up, or let go."""
    if write.state in (WriteState.DEAD, WriteState.DISCARDED):
        return f"{FAILURE}{write.id}"
    held = names.connection(write.connection) if write.state is WriteState.HELD else ""
    return f"/connections/{held}#writes" if held else ""


def _kind(actor: Actor) -> str:
    return "" if actor.kind is ActorKind.BASCULE else str(actor.kind)


def _cause(cause: str, actor: Actor, *, written: bool = False) -> str:
    if not cause:
        return ""
    if written:
        return f"write {cause.split(':')[0][-12:]}"
    what = {ActorKind.SYSTEM: "read", ActorKind.PERSON: "edit", ActorKind.AI: "score", ActorKind.RULE: "rule"}
    name = cause.split(":")[0]
    short = name[-12:] if len(name) >= 32 else name
    return f"{what.get(actor.kind, 'step')} {short}"


def _known(tx: Tx, workspace: str, family: Family, raw: Sequence[queries.Moment]) -> dict[str, Record]:
    wanted = words.referred(family.records.values())
    for one in raw:
        if one.history is not None:
            for value in (one.history.old, one.history.new):
                wanted |= _ids(value)
    return {**tx.families.records(workspace, wanted), **family.records}


def _ids(value: Value) -> set[str]:
    if isinstance(value, str):
        return {value} if len(value) == 36 and value.count("-") == 4 else set()
    return set().union(*(_ids(one) for one in value)) if isinstance(value, tuple) and value else set()


def answer(record: Record, field: str, moments: Sequence[Moment], names: Names) -> str:
    """One sentence: who gave the value it has now, and whether the ATS has it too."""
    source = record.sources.get(field)
    if source is None:
        return "It has never had a value that Bascule has seen."
    who = words.actor(source.actor, names.people)
    at = f"{source.at:%d %b %Y, %H:%M:%S} UTC"
    if source.origin != OURS:
        return f"{names.connection(source.origin) or 'The ATS'} says so. Bascule took it over on {at}, from {who}."
    written = next((m for m in moments if m.way is Way.OUT), None)
    there = (
        f" {written.connection or 'The ATS'}: {written.there.lower()}." if written and written.at >= source.at else ""
    )
    return f"{who} set it in Bascule on {at}.{there}"


def _summary(moments: Sequence[Moment], *, whole: bool) -> str:
    """How much went which way: of everything, or of what this page shows."""
    if not moments:
        return "Nothing is recorded." if whole else "On this page are requests only."
    came = sum(one.way is Way.IN for one in moments)
    went = sum(one.way is Way.OUT for one in moments)
    shown = "" if whole else "On this page "
    return f"{shown}{count(came, 'step')} came from the ATS and {count(went, 'step')} went to it, newest first."
