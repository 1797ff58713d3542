"""Writes that will not succeed by themselves: why, in the system's words, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bascule.errors import NotFoundError
from bascule.model import FIELDS, FieldMap, FieldType, Kind, Reason, Record, Write, WriteState
from bascule.office.failures import MEND, mend
from bascule.store import Tx
from bascule.store.queries import END, Failure
from bascule.store.rows import read_write

from ..rendering import count
from ..views.failure import FailureGroup, FailureList, FailurePage, FailureRow
from ..views.parts import Exchange, Fact, Need, Paging, State, Tone
from . import sql, words
from .review import subject_href
from .timeline import exchanges

LIMIT = 100
Maps = Mapping[str, Sequence[FieldMap]]
"""Connection id -> its mapped fields."""
TYPED = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE})
"""Values that a person can mend by typing."""


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
        reason=mend(one.write).title,
        words=one.write.why,
        tries=one.write.tries,
    )


def page_of(tx: Tx, workspace: str, connection: str, before: str, maps: Maps) -> FailureList:
    """Grouped by connection and class of reason: one thing to mend each. A group counts also what is on other pages."""
    names = words.connection_names(tx, workspace)
    id = next((id for id, name in names.items() if name == connection), "")
    found = tx.pages.failures(workspace, connection=id, before=before or END, limit=LIMIT + 1)
    records = tx.families.records(workspace, {one.write.record for one in found})
    shown: dict[tuple[str, Reason], list[FailureRow]] = {}
    for one in found[:LIMIT]:
        key = (one.write.connection, one.write.reason or Reason.VENDOR)
        shown.setdefault(key, []).append(row(one, records, names, maps))
    groups = {
        (each.connection, each.reason): each
        for each in tx.pages.failure_groups(workspace)
        if not id or each.connection == id
    }
    before_next = f"/failures?before={found[LIMIT - 1].write.id}" if len(found) > LIMIT else ""
    more = before_next and before_next + (f"&connection={connection}" if connection else "")
    return FailureList(
        tuple(
            FailureGroup(
                reason=MEND[reason].title,
                connection=names.get(of, of),
                count=groups[of, reason].count,
                since=groups[of, reason].since,
                what_to_do=MEND[reason].what,
                rows=tuple(some),
                cls=str(reason),
            )
            for (of, reason), some in shown.items()
        ),
        sum(each.count for each in groups.values()),
        Paging(next=more, first="/failures" if before else ""),
        connection,
        tuple(names.values()),
    )


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
        what_to_do=mend(write).what,
        sent=count(write.tries, "time") if write.tries else "",
        fields=_fields(tx, write, record, maps),
        tries=_tries(tx, found[0], write),
        actor=words.actor(write.actor, people),
        cause=write.cause,
        state=_state(write),
        replayable=write.state is WriteState.DEAD,
        why=f"/records/{write.record}/history",
        mendable=_mendable(write, record, maps) if write.state is WriteState.DEAD else (),
    )


def _mendable(write: Write, record: Record | None, maps: Maps) -> tuple[Fact, ...]:
    """Values of the record that this write carries and that a person can type: label, value, name."""
    if record is None or write.reason is not Reason.VALUE:
        return ()
    specs = FIELDS[record.kind]
    names = [name for name in _values(write, record, maps) if name in specs and specs[name].type in TYPED]
    return tuple(Fact(words.label(record.kind, name), record.fields.get(name), why=name) for name in names)


def _state(write: Write) -> State:
    match write.state:
        case WriteState.DEAD:
            return State("Failed", Tone.FAILING, write.closed)
        case WriteState.DISCARDED:
            return State("Discarded", Tone.QUIET, write.closed, write.given_up)
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
