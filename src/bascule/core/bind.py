"""A create found its object: the record is linked there. That is no first meeting, so nothing is adopted."""

from __future__ import annotations

from collections.abc import Mapping

from bascule.core.digest import of_elements, of_value, same
from bascule.core.draft import Draft, is_empty
from bascule.core.gone import go_along
from bascule.core.merge import as_set, spelled
from bascule.model import (
    BASCULE,
    EMPTY,
    PARENT_OF,
    Attempt,
    Awaiting,
    ConnectionView,
    Direction,
    Divergence,
    FieldMap,
    Fields,
    HistoryKind,
    Link,
    Pair,
    Record,
    RecordState,
    ReviewKind,
    Source,
    Value,
    WriteState,
    replace,
)


def marker(record_id: str) -> str:
    """A short token that names a record of ours inside another system."""
    return "bsc-" + record_id.replace("-", "")[-16:]


def bind(
    draft: Draft,
    attempt: Attempt,
    external: str,
    parent: str | None,
    source: Source,
    answered: Mapping[str, Value] = EMPTY,
    owner: str = "",
) -> Link | None:
    """Link the created record. An object that is another record's is a merge proposal, and the create is closed.

    `owner` names a record of another family that holds the object already.
    """
    draft.attempts.pop(attempt.id, None)
    record = draft.record(attempt.record)
    parent = parent or _above(draft, attempt, record)
    known = draft.link_at(attempt.connection, record.kind, external)
    if owner or (known is not None and known.record != record.id):
        other = owner or (known.record if known else "")
        detail = {"external": external, "other": other}
        draft.ask(ReviewKind.MERGE, record.id, attempt.connection, "", f"{record.id}|{other}", detail)
        _close(draft, attempt, WriteState.DISCARDED, "the system answered with an object of another record")
        return None
    _close(draft, attempt, WriteState.DONE, "")
    if known is not None:
        return known
    primary = draft.link_of(record.id, attempt.connection) is None
    pairs = {
        fields.name: _pair(draft, attempt, fields, answered)
        for fields in draft.maps(attempt.connection, record.kind)
        if fields.direction is not Direction.IN or fields.name in attempt.fields
    }
    link = draft.born(
        Link(
            draft.context.ids(),
            attempt.connection,
            record.kind,
            external,
            record.id,
            primary=primary,
            pairs=pairs,
            parent=parent,
            created=True,
        )
    )
    if not primary:
        detail = {"external": external}
        draft.ask(ReviewKind.DUPLICATE, record.id, link.connection, "", f"{link.connection}|{record.id}", detail)
    draft.note(record.id, HistoryKind.BOUND, "", None, external, source)
    draft.want_link(link, draft.now + draft.settle(link.connection), "created: see what the system made of it")
    go_along(draft, source)  # what it was made on may be gone by now
    return draft.links[link.id]


def _above(draft: Draft, attempt: Attempt, record: Record) -> str | None:
    """What it was made under there, until a read shows where it hangs; where that is gone, the only one there was."""
    if record.parent is None:
        return None
    above = draft.link_of(record.parent, attempt.connection)
    past = draft.links_of(record.parent, attempt.connection)
    above = past[0] if above is None and len(past) == 1 else above
    return above.external if above is not None and above.kind is PARENT_OF.get(record.kind) else None


def _close(draft: Draft, attempt: Attempt, state: WriteState, why: str) -> None:
    write = draft.writes.get(attempt.write)
    if write is not None and write.closed is None:
        draft.write(replace(write, state=state, why=why, closed=draft.now))


def _pair(draft: Draft, attempt: Attempt, fields: FieldMap, answered: Mapping[str, Value]) -> Pair:
    """What was sent is (sent, sent), settled behind the fence; all else is (empty, never rendered), and so is due.

    What a system fills in by itself there is a default and nobody's edit: the table keeps ours (`has_ours`).
    """
    empty: Value = () if fields.is_set else None
    sent = attempt.fields.get(fields.name)
    if sent is None:
        return Pair(empty, empty, has_ours=fields.is_set)
    fence = draft.now + draft.settle(attempt.connection)
    rendered = draft.rendered(fields, draft.record(attempt.record))
    known = draft.recall(fields, sent, rendered, answered.get(fields.name, empty))
    value = known[0] if known else empty
    if fields.name in answered:
        seen = answered[fields.name]
        altered = known is not None and not same(fields, seen, value)
        return Pair(seen, value if known else seen, divergence=Divergence.ALTERED if altered else None, fence=fence)
    awaiting = Awaiting(of_value(draft.salt, fields, empty), sent, attempt.id)
    if fields.is_set:
        folded = spelled(fields, value)
        awaiting = Awaiting("", " ".join(of_elements(draft.salt, fields, folded)), attempt.id)
        value = as_set(folded)
    return Pair(value, value, fence=fence, awaiting=awaiting)


def along_fields(draft: Draft, view: ConnectionView, record: Record) -> Fields:
    """What is sent of a record that is created by the same call as its parent."""
    rule = view.creates[record.kind]
    maps = view.fields.get(record.kind, ())
    return created_fields({one.name: draft.rendered(one, record) for one in maps if one.name in rule.fields})


def bind_along(draft: Draft, attempt: Attempt, link: Link | None, along: Fields) -> None:
    """Link the child that a creation has made with its parent: the one whose job it is there. What is none of ours
    is met by the next read."""
    external, view = along.get("external"), draft.view(attempt.connection)
    if link is None or view is None or not isinstance(external, str):
        return
    kind = view.creates[link.kind].needs
    for record in list(draft.records.values()):
        free = record.kind is kind and record.parent == link.record and record.state is RecordState.LIVE
        if not free or draft.links_of(record.id, view.id) or draft.link_at(view.id, record.kind, external):
            continue
        sent = along_fields(draft, view, record)
        job = next((one for one in view.fields.get(record.kind, ()) if one.canonical[0] == "job"), None)
        if job is None or sent.get(job.name) is None or sent[job.name] != along.get(job.name):
            continue
        maps = {one.name: one for one in view.fields[record.kind]}
        digests = {name: of_value(draft.salt, maps[name], value) for name, value in sent.items()}
        made = replace(attempt, id=draft.context.ids(), write="", record=record.id, fields=digests)
        bind(draft, made, external, link.external, _by(draft, attempt), along)
        return


def _by(draft: Draft, attempt: Attempt) -> Source:
    write = draft.writes.get(attempt.write)
    return Source(attempt.connection, write.actor if write is not None else BASCULE, attempt.id, draft.now)


def created_fields(fields: Mapping[str, Value]) -> dict[str, Value]:
    """What a create call carries: only fields that hold something."""
    return {name: value for name, value in fields.items() if not is_empty(value)}
