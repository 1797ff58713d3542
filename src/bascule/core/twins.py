"""One candidacy under two records: met at two systems before their jobs were paired, or the person was known as one."""

from __future__ import annotations

from collections.abc import Iterable

from bascule.core.baseline import rebase_link
from bascule.core.digest import canonical
from bascule.core.draft import Draft, is_empty
from bascule.model import (
    BASCULE,
    OPEN_WRITES,
    OURS,
    ConnectionView,
    HistoryKind,
    Kind,
    Record,
    RecordState,
    Source,
    Write,
    WriteState,
    replace,
)

FILLED, SHOWN = "from the merged record", "the merged record's value"
"""Why a survivor's history holds what the other record held."""


def join_twins(draft: Draft) -> None:
    """They become one, the one that was met first. Nothing is written because of it; what the other held is in the
    history. While a call is under way, it waits."""
    views = [view for view in draft.context.connections.values() if view.same]
    if not views or draft.attempts:
        return
    for view in views:
        for one in sorted((r for r in draft.records.values() if _candidacy(r)), key=lambda each: each.id):
            twins = _twins(draft, view, one) if _candidacy(draft.records[one.id]) else []
            if len(twins) == 1:
                kept, gone = sorted((one.id, twins[0].id))
                _join(draft, kept, gone)


def _candidacy(record: Record) -> bool:
    return record.kind is Kind.APPLICATION and record.state is RecordState.LIVE


def _twins(draft: Draft, view: ConnectionView, one: Record) -> list[Record]:
    """The same person's candidacies for the counterpart of this one's job there, which stand where it does not."""
    there = view.same.get(str(one.fields.get("job")))
    if there is None or draft.links_of(one.id, view.id):
        return []
    at = _systems(draft, one.id)
    return [
        other
        for other in draft.records.values()
        if _candidacy(other)
        and other.parent == one.parent
        and other.fields.get("job") == there
        and draft.link_of(other.id, view.id) is not None
        and not at & _systems(draft, other.id)
    ]


def _systems(draft: Draft, record: str) -> set[str]:
    return {link.connection for link in draft.links.values() if link.record == record}


def _join(draft: Draft, kept: str, gone: str) -> None:
    loser = draft.records[gone]
    source = Source(OURS, BASCULE, gone, draft.now)
    due = owed(draft.writes.values())
    draft.save(replace(loser, state=RecordState.MERGED, merged_into=kept))
    for record in list(draft.records.values()):
        fields = {name: kept if value == gone else value for name, value in record.fields.items()}
        if record.parent == gone or fields != record.fields:
            draft.save(replace(record, parent=kept if record.parent == gone else record.parent, fields=fields))
    for link in list(draft.links.values()):
        if link.record == gone:
            primary = link.primary and draft.link_of(kept, link.connection) is None
            draft.born(replace(link, record=kept, primary=primary))
    for write in list(draft.writes.values()):
        if write.record == gone:
            over = write.closed is None and write.link is None
            moot = replace(write, state=WriteState.MOOT, why="there as another's", closed=draft.now) if over else write
            draft.write(replace(moot, record=kept))
    for review in list(draft.reviews.values()):
        if review.record == gone:
            draft.reviews[review.id] = replace(review, record=kept)
    fill(draft, draft.records[kept], loser, source)
    for link in list(draft.links.values()):
        if link.open and link.record in (kept, loser.parent):
            rebase_link(draft, link.id, due.get(link.id, frozenset()))
    draft.note(kept, HistoryKind.MERGED, "", None, gone, source, "one candidacy, met at two systems")


def owed(writes: Iterable[Write]) -> dict[str, frozenset[str]]:
    """Fields that were owed before, by link: they still are, where the link is written at all."""
    due: dict[str, frozenset[str]] = {}
    for write in writes:
        if write.link is not None and write.state in OPEN_WRITES:
            due[write.link] = due.get(write.link, frozenset()) | write.fields
    return due


def fill(draft: Draft, winner: Record, loser: Record, source: Source) -> tuple[str, ...]:
    """The survivor fills only its empty fields, named in the answer; the loser's other values go to the history."""
    filled: list[str] = []
    for name, value in loser.fields.items():
        held = draft.records[winner.id].fields.get(name)
        if is_empty(value) or canonical(held) == canonical(value):
            continue
        if is_empty(held):
            taken = loser.sources.get(name)
            draft.put(winner.id, name, value, replace(taken, at=draft.now) if taken else source, FILLED)
            filled.append(name)
        else:
            draft.note(winner.id, HistoryKind.MERGED, name, held, value, source, SHOWN)
    return tuple(filled)
