"""A changed mapping, applied to one family: the pairs in today's terms, and nothing written because of it.

What the mapping did not carry before is taken from what was kept of the newest read, so that nobody has to read the
system again; what reads differently now is read again from the pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bascule.core.baseline import rebase_link, take
from bascule.core.draft import Context, Draft, Plan, is_empty
from bascule.core.observe import field as show_field
from bascule.core.observe import source_of
from bascule.core.reviews import due_fields
from bascule.core.stages import Rules
from bascule.core.twins import join_twins
from bascule.core.writing import arrange
from bascule.model import Actor, Direction, Family, Kind, Link, Part, Read, Source

Carried = frozenset[tuple[Kind, str]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What has changed at a connection: vendor fields that were not carried before (`fresh`), and those whose values
    read differently now (`again`, of fields that only come in). By whom, and for which cause. `was` and `now` are the
    rules for stages: a type that only the old ones gave is taken back."""

    connection: str
    actor: Actor
    cause: str
    fresh: Carried = field(default_factory=lambda: frozenset[tuple[Kind, str]]())
    again: Carried = field(default_factory=lambda: frozenset[tuple[Kind, str]]())
    was: Rules = field(default_factory=Rules)
    now: Rules = field(default_factory=Rules)


def remap(family: Family, terms: Terms, kept: Sequence[Part], context: Context) -> Plan:
    """`context` holds the new mapping; `kept` are the parts that the stored objects of this family show through it."""
    draft = Draft(family, context)
    shown = {(part.kind, part.external): part for part in kept}
    for link in list(draft.links.values()):
        if link.connection != terms.connection or not link.open:
            continue
        rebase_link(draft, link.id, due_fields(draft, link))
        _fresh(draft, draft.links[link.id], shown.get((link.kind, link.external)), terms)
        _again(draft, draft.links[link.id], terms)
        _taken_back(draft, draft.links[link.id], terms)
    join_twins(draft)
    arrange(draft)
    return draft.finish()


def _fresh(draft: Draft, link: Link, part: Part | None, terms: Terms) -> None:
    """The record fills its empty fields at a first meeting; a field met before takes what has moved meanwhile."""
    if part is None:
        return
    started = link.read_at or draft.now
    read = Read(terms.cause, link.last_read, link.connection, started, (part,))
    source = source_of(draft, read)
    for fields in draft.maps(link.connection, link.kind):
        if (link.kind, fields.name) in terms.fresh and fields.name in part.seen:
            show_field(draft, link.id, fields, part.seen[fields.name], read, source)


def _again(draft: Draft, link: Link, terms: Terms) -> None:
    source = Source(link.connection, terms.actor, terms.cause, draft.now)
    for fields in draft.maps(link.connection, link.kind):
        pair = link.pairs.get(fields.name)
        wanted = (link.kind, fields.name) in terms.again and fields.direction is Direction.IN
        if wanted and pair is not None and not pair.gap and not is_empty(pair.theirs):
            take(draft, link, fields, pair.theirs, source)


def _taken_back(draft: Draft, link: Link, terms: Terms) -> None:
    if link.kind is not Kind.STAGE or terms.was == terms.now:
        return
    record = draft.record(link.record)
    name, kind = (str(record.fields.get(one) or "") for one in ("name", "kind"))
    was, now = (rules.certain(name, job=record.parent, kind=kind) for rules in (terms.was, terms.now))
    if was is not None and now is None and not is_empty(record.fields.get("type")):
        draft.put(record.id, "type", None, Source(link.connection, terms.actor, terms.cause, draft.now))
