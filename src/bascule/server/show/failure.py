"""Writes that will not succeed by themselves: why, in the system's words, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from bascule.errors import NotFoundError
from bascule.model import FieldMap, Kind, Record, Write, WriteState
from bascule.store import Tx
from bascule.store.families import read_write
from bascule.store.queries import END, Failure

from ..rendering import count
from ..views import Exchange, Fact, FailureGroup, FailureList, FailurePage, FailureRow, Need, Paging, State, Tone
from . import sql, words
from .review import subject_href
from .timeline import exchanges

LIMIT = 100
Maps = Mapping[str, Sequence[FieldMap]]
"""Connection id -> its mapped fields."""
ADVICE: Sequence[tuple[str, str, str]] = (
    # (found in the words, reason, what to do)
    (
        r"\b401\b|credential|unauthori[sz]ed",
        "Credentials refused",
        "Enter new credentials for the connection, then replay.",
    ),
    (
        r"\b403\b|permission|scope|forbidden",
        "A right is missing",
        "Grant the right named in the connection's list of rights, then replay.",
    ),
    (
        r"\b404\b|not found",
        "Not there any more",
        "Look whether it was deleted or merged in the ATS. Discard this if it was; otherwise replay.",
    ),
    (
        r"\b409\b|conflict",
        "The ATS has moved on",
        "Look at both sides, then replay: it is rendered again from the record as it is now.",
    ),
    (
        r"\b422\b|\b400\b|invalid|not valid|must|blank|required|too long|not included|not allowed|not permitted",
        "Value refused",
        "Correct the value here or what the ATS allows there, then replay.",
    ),
    (
        r"\b5\d\d\b|time|answer|unavailable",
        "No success after every retry",
        "The ATS was down or too slow. When it works again, replay.",
    ),
)


def advice(why: str) -> tuple[str, str]:
    """(reason, what to do) for a system's words."""
    for pattern, reason, what_to_do in ADVICE:
        if re.search(pattern, why, re.IGNORECASE):
            return reason, what_to_do
    return "Refused", "Read the ATS's words, mend the cause, then replay."


def labels(write: Write, record: Record | None, maps: Maps) -> list[str]:
    """What a person calls the values of a write, instead of the system's names of its fields."""
    return [words.label(record.kind if record else Kind.CANDIDATE, name) for name in _values(write, record, maps)]


def _values(write: Write, record: Record | None, maps: Maps) -> list[str]:
    """The values of ours behind the fields of a write."""
    mine = [each for each in maps.get(write.connection, ()) if record is None or each.kind is record.kind]
    behind = {each.name: each.canonical for each in mine}
    return list(dict.fromkeys(ours for name in sorted(write.fields) for ours in behind.get(name, (name,))))


def what(write: Write, record: Record | None, maps: Maps) -> str:
    """What was to be written, in a few words."""
    if write.link is None:
        return f"Create the {(record.kind if record else Kind.CANDIDATE).replace('_', ' ')}"
    names = labels(write, record, maps)
    return f"Write {', '.join(names[:3]).lower()}" + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def need(one: Failure, maps: Maps) -> Need:
    """A failure as a line of what needs somebody."""
    said = what(one.write, None, maps)
    return Need(
        f"Not done: {said[:1].lower()}{said[1:]}",
        one.name,
        f"/failures/{one.write.id}",
        one.write.closed or one.write.at,
        Tone.FAILING,
    )


def row(one: Failure, records: Mapping[str, Record], connections: Mapping[str, str], maps: Maps) -> FailureRow:
    record = records.get(one.write.record)
    return FailureRow(
        id=one.write.id,
        at=one.write.closed or one.write.at,
        connection=connections.get(one.write.connection, one.write.connection),
        what=what(one.write, record, maps),
        subject=one.name or words.title(record),
        subject_href=subject_href(record),
        reason=advice(one.write.why)[0],
        words=one.write.why,
        tries=one.write.tries,
    )


def page_of(tx: Tx, workspace: str, connection: str, before: str, maps: Maps) -> FailureList:
    """Grouped by connection and reason: one thing to mend each."""
    names = words.connection_names(tx, workspace)
    found = tx.pages.failures(workspace, before=before or END, limit=LIMIT + 1)
    records = tx.families.records(workspace, {one.write.record for one in found})
    rows = [row(one, records, names, maps) for one in found[:LIMIT]]
    groups: dict[tuple[str, str], list[FailureRow]] = {}
    for one in rows:
        if not connection or one.connection == connection:
            groups.setdefault((one.connection, one.reason), []).append(one)
    counts = tx.pages.overview(list(names), objects=False)
    more = f"/failures?before={found[LIMIT - 1].write.id}" if len(found) > LIMIT else ""
    return FailureList(
        tuple(_group(of, reason, some) for (of, reason), some in groups.items()),
        sum(counts[id].failures for id, name in names.items() if not connection or name == connection),
        Paging(next=more, first="/failures" if before else ""),
        connection,
        tuple(names.values()),
    )


def _group(connection: str, reason: str, rows: Sequence[FailureRow]) -> FailureGroup:
    since: datetime = min(one.at for one in rows)
    return FailureGroup(reason, connection, len(rows), since, advice(rows[0].words)[1], tuple(rows))


def one_of(tx: Tx, workspace: str, id: str, maps: Maps) -> FailurePage:
    """One failure. NotFoundError if there is none."""
    found = tx.row(sql.WRITE, id=id, workspace=workspace)
    if found is None:
        raise NotFoundError(
            "There is no such failure.", hint="It may have been dealt with. See the list under Failures."
        )
    write = read_write(tx.vault, found)
    record = tx.families.records(workspace, [write.record]).get(write.record)
    person = tx.pages.names([found[0]]).get(found[0], "")
    people = words.people(tx, workspace)
    failure = Failure(write, found[0], person)
    return FailurePage(
        row=row(failure, {write.record: record} if record else {}, words.connection_names(tx, workspace), maps),
        what_to_do=advice(write.why)[1],
        sent=count(write.tries, "time") if write.tries else "",
        fields=_fields(tx, write, record, maps),
        tries=_tries(tx, found[0], write),
        actor=words.actor(write.actor, people),
        cause=write.cause,
        state=_state(write),
        replayable=write.state is WriteState.DEAD,
        why=f"/records/{write.record}/history",
    )


def _state(write: Write) -> State:
    match write.state:
        case WriteState.DEAD:
            return State("Failed", Tone.FAILING, write.closed)
        case WriteState.DISCARDED:
            return State("Discarded", Tone.QUIET, write.closed, write.why)
        case WriteState.DONE | WriteState.MOOT:
            return State("Done", Tone.IN_STEP, write.closed)
        case _:
            return State("On its way", Tone.CATCHING_UP, write.at, write.why)


def _fields(tx: Tx, write: Write, record: Record | None, maps: Maps) -> tuple[Fact, ...]:
    names = _values(write, record, maps)
    if record is None:
        return tuple(Fact(words.label(Kind.CANDIDATE, name), None) for name in names)
    known = tx.families.records(record.workspace, words.referred([record]))
    return tuple(
        Fact(
            words.label(record.kind, name),
            words.shown(record.kind, name, record.fields.get(name), known),
            why=f"/records/{record.id}/history?field={name}",
        )
        for name in names
    )


def _tries(tx: Tx, family: str, write: Write) -> tuple[Exchange, ...]:
    moments = tx.pages.timeline(family, record=write.record, limit=200)
    calls = exchanges(moments)
    return tuple(dict.fromkeys(calls.get(write.id, ())))
