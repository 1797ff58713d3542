"""A family's parts as rows of their tables, and back.

What a row says of a person (`body`) is sealed as a whole, under the person's key; of a job or a user, under the
workspace's. What stands beside it in columns are ids, states and times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..model import (
    Attempt,
    AttemptState,
    Family,
    Gap,
    History,
    Kind,
    Link,
    LinkState,
    Record,
    RecordState,
    Review,
    ReviewKind,
    ReviewState,
    Source,
    Transition,
    Value,
    Write,
    WriteState,
)
from .codec import codec, dumps, loads, maybe_moment, maybe_stamp, moment, parsed, stamp
from .tx import Row
from .vault import Seals

Sealing = Callable[[str], bytes]

_SOURCE = codec(Source)
_LINK = codec(Link, ("id", "connection", "kind", "external", "record", "primary", "state", "last_read", "read_at"))
_ATTEMPT = codec(Attempt, ("id", "write", "connection", "record", "link", "state", "at", "until"))
_WRITE = codec(Write, ("id", "connection", "record", "link", "call", "state", "at", "closed", "tries"))
_REVIEW = codec(Review, ("id", "record", "connection", "kind", "state", "about", "at", "decided_at"))
_HISTORY = codec(History, ("record", "kind", "field", "connection", "at"))
_TRANSITION = codec(Transition)


@dataclass(frozen=True, slots=True)
class Claim:
    """A record's strong identity key. `shared`: the planner knows that somebody else holds it too."""

    key: str
    record: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Alias:
    """A former external id, resolved for ever."""

    connection: str
    kind: Kind
    external: str
    record: str
    link: str | None = None


def transitions_text(transitions: Sequence[Transition]) -> str:
    return dumps([_TRANSITION.tree(one) for one in transitions])


def record_row(seal: Sealing, family: Family, record: Record, at: int) -> dict[str, Any]:
    sources: dict[Source, int] = {}
    origins = {name: sources.setdefault(source, len(sources)) for name, source in record.sources.items()}
    body: dict[str, Any] = {"fields": record.fields, "from": origins, "sources": [_SOURCE.tree(x) for x in sources]}
    if record.frozen:
        body["frozen"] = sorted(record.frozen)
    return {
        "id": record.id,
        "workspace": record.workspace,
        "family": family.id,
        "kind": record.kind,
        "parent": record.parent,
        "origin": record.origin,
        "state": record.state,
        "merged_into": record.merged_into,
        "born": stamp(record.born),
        "now": at,
        "body": seal(dumps(body)),
    }


def read_transitions(text: str) -> tuple[Transition, ...]:
    return tuple([_TRANSITION.value(tree) for tree in loads(text)])


def _record_body(text: str) -> tuple[Mapping[str, Value], Mapping[str, Source], frozenset[str]]:
    """(fields, sources, names of frozen fields)"""
    body = loads(text)
    sources = [_SOURCE.value(tree) for tree in body["sources"]]
    return (
        MappingProxyType(body["fields"]),
        MappingProxyType({name: sources[i] for name, i in body["from"].items()}),
        frozenset(body.get("frozen", ())),
    )


def link_body(text: str) -> Mapping[str, Any]:
    body = _LINK.fields(parsed(text))
    return {name: MappingProxyType(held) if isinstance(held, dict) else held for name, held in body.items()}


def read_record(seals: Seals, row: Row) -> Record:
    family, id, workspace, kind, parent, origin, state, merged_into, born, body = row
    fields, sources, held = seals.decoded(body, _record_body)
    return Record(
        id=id,
        workspace=workspace,
        kind=Kind(kind),
        family=family,
        parent=parent,
        fields=fields,
        sources=sources,
        origin=origin,
        born=moment(born),
        state=RecordState(state),
        merged_into=merged_into,
        frozen=held,
    )


def link_row(seal: Sealing, family: Family, link: Link) -> dict[str, Any]:
    return {
        "id": link.id,
        "workspace": family.workspace,
        "family": family.id,
        "connection": link.connection,
        "kind": link.kind,
        "external": link.external,
        "record": link.record,
        "is_primary": link.primary,
        "state": link.state,
        "last_read": link.last_read,
        "read_at": maybe_stamp(link.read_at),
        "body": seal(_LINK.text(link)),
    }


def read_link(seals: Seals, row: Row) -> Link:
    _, id, connection, kind, external, record, primary, state, last_read, read_at, body = row
    return Link(
        id=id,
        connection=connection,
        kind=Kind(kind),
        external=external,
        record=record,
        primary=bool(primary),
        state=LinkState(state),
        last_read=last_read,
        read_at=maybe_moment(read_at),
        **seals.decoded(body, link_body),
    )


def attempt_row(family: Family, attempt: Attempt) -> dict[str, Any]:
    record = family.records.get(attempt.record)
    return {
        "id": attempt.id,
        "workspace": family.workspace,
        "family": family.id,
        "connection": attempt.connection,
        "write": attempt.write,
        "record": attempt.record,
        "kind": record.kind if record else "",
        "link": attempt.link,
        "state": attempt.state,
        "at": stamp(attempt.at),
        "until": maybe_stamp(attempt.until),
        "body": _ATTEMPT.text(attempt),
    }


def read_attempt(_: Seals, row: Row) -> Attempt:
    """Digests and ids only, so nothing of it is sealed."""
    _, id, write, connection, record, link, state, at, until, body = row
    return _ATTEMPT.read(
        body,
        id=id,
        write=write,
        connection=connection,
        record=record,
        link=link,
        state=AttemptState(state),
        at=moment(at),
        until=maybe_moment(until),
    )


def write_row(seal: Sealing, family: Family, write: Write) -> dict[str, Any]:
    return {
        "id": write.id,
        "workspace": family.workspace,
        "family": family.id,
        "connection": write.connection,
        "record": write.record,
        "link": write.link,
        "call": write.call,
        "key": write.key,
        "state": write.state,
        "at": stamp(write.at),
        "closed": maybe_stamp(write.closed),
        "tries": write.tries,
        "reason": write.reason,
        "body": seal(_WRITE.text(write)),
    }


def read_write(seals: Seals, row: Row) -> Write:
    _, id, connection, record, link, call, state, at, closed, tries, body = row
    return _WRITE.read(
        seals.open(body).decode(),
        id=id,
        connection=connection,
        record=record,
        link=link,
        call=call,
        state=WriteState(state),
        at=moment(at),
        closed=maybe_moment(closed),
        tries=tries,
    )


def review_row(seal: Sealing, family: Family, review: Review) -> dict[str, Any]:
    return {
        "id": review.id,
        "workspace": family.workspace,
        "family": family.id,
        "record": review.record,
        "connection": review.connection,
        "kind": review.kind,
        "state": review.state,
        "about": review.about,
        "at": stamp(review.at),
        "decided_at": maybe_stamp(review.decided_at),
        "body": seal(_REVIEW.text(review)),
    }


def read_review(seals: Seals, row: Row) -> Review:
    _, id, record, connection, kind, state, about, at, decided_at, body = row
    return _REVIEW.read(
        seals.open(body).decode(),
        id=id,
        record=record,
        connection=connection,
        kind=ReviewKind(kind),
        state=ReviewState(state),
        about=about,
        at=moment(at),
        decided_at=maybe_moment(decided_at),
    )


def history_row(seal: Sealing, family: Family, line: History) -> dict[str, Any]:
    return {
        "workspace": family.workspace,
        "family": family.id,
        "record": line.record,
        "kind": line.kind,
        "field": line.field,
        "connection": line.connection,
        "at": stamp(line.at),
        "body": seal(_HISTORY.text(line)),
    }


def gap_row(workspace: str, gap: Gap, at: int) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "connection": gap.connection,
        "kind": gap.kind,
        "field": gap.field,
        "value": gap.value,
        "record": gap.record,
        "now": at,
    }


def alias_row(family: Family, alias: Alias) -> dict[str, Any]:
    return {
        "connection": alias.connection,
        "kind": alias.kind,
        "external": alias.external,
        "workspace": family.workspace,
        "family": family.id,
        "record": alias.record,
        "link": alias.link,
    }
