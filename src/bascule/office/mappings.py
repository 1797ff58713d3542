"""The mapping of a connection: the document people read, and the choices they make in it."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Protocol

from bascule.core import mapping
from bascule.engine.connections import Connected, choices_from
from bascule.engine.feeds import pace
from bascule.engine.metrics import Metrics
from bascule.errors import InputError
from bascule.model import FIELDS, Actor, Fields, Kind
from bascule.store import Tx

from .desk import Desk


class Rebaseline(Protocol):
    """Settles what differs at a connection as it is."""

    def __call__(self, connection: str, *, from_shadow: bool) -> Awaitable[None]: ...


class Mappings:
    """`app.mappings`."""

    def __init__(self, desk: Desk, metrics: Metrics, rebaseline: Rebaseline) -> None:
        self._desk = desk
        self._metrics = metrics
        self._rebaseline = rebaseline

    async def document(self, name: str) -> mapping.Document:
        """The mapping document of a connection, from live configuration."""
        at = self._desk.connections.named(name)
        schema = [mapping.SchemaField(obj, field, type_) for obj, field, type_ in at.tenant.fields]
        gaps, heard = await self._desk.store.read(
            lambda tx: (tx.gaps.list(at.row.workspace, connection=at.id), tx.inbox.heard(at.id))
        )
        by_field = {(gap.kind, gap.field): f"{gap.value} ({gap.times} times)" for gap in gaps}
        tags = self.intervals(at).get("tags")
        polled = {} if tags is None else {(Kind.CANDIDATE, "tags"): f"every {tags:g} s"}
        off = frozenset(
            (each.kind, name)
            for each in at.connector.fields(at.tenant, at.id)
            if each.name not in {one.name for one in at.view.fields.get(each.kind, ())}
            for name in each.canonical
        )
        facts = mapping.Measured(
            promised=self.promised(at, heard.arrives), polled=polled, measured=self.measured(at), gaps=by_field, off=off
        )
        fields = [f for maps in at.view.fields.values() for f in maps]
        return mapping.document(fields, schema, facts)

    async def choose(self, name: str, kind: Kind, field: str, choice: mapping.Choice, actor: Actor) -> mapping.Document:
        """Switch a field of the mapping on or off, or choose its direction and authority. Nothing old is written: what
        differs now is settled as it is. InputError for a choice that cannot be."""
        at = self._desk.connections.named(name)
        proposed = at.connector.fields(at.tenant, at.id)
        meant = [
            each
            for each in proposed
            if field in each.canonical
            and (each.kind is kind or (field in FIELDS[kind] and field not in FIELDS[each.kind]))
        ]
        if not meant:
            raise InputError(f"{kind}.{field} is not mapped at {name}.", hint=f"See: bascule mapping show {name}")
        chosen = {k: v for k, v in (("direction", choice.direction), ("authority", choice.authority)) if v is not None}
        kept: Fields = {"on": choice.on, **{k: str(v) for k, v in chosen.items()}}
        choices = {**at.row.choices, **{f"{each.kind}.{each.name}": kept for each in meant}}
        mapping.apply(proposed, choices_from(choices))

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            tx.connections.set(replace(row, choices=choices, mapping_version=row.mapping_version + 1))
            tx.audit.record(
                workspace=row.workspace,
                at=self._desk.now(),
                action="mapping changed",
                actor=actor,
                connection=at.id,
                detail={"field": f"{kind}.{field}", **kept},
            )

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        await self._rebaseline(at.id, from_shadow=False)
        self._desk.reload()
        return await self.document(name)

    def promised(self, at: Connected, hooked: bool) -> dict[Kind, str]:
        """How soon a change is promised to follow, by kind: as polls go, until the system's webhooks arrive."""
        out: dict[Kind, str] = {}
        for reads in at.connector.reads:
            every = min((e for e in (reads.every, reads.sweep) if e is not None), default=None)
            if every is not None and reads.kind not in out:
                out[reads.kind] = f"every {pace(at, reads, 0, every):g} s"
        if hooked and at.connector.webhook is not None:
            out |= dict.fromkeys((Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB), "webhook, 1-2 s")
        return out

    def intervals(self, at: Connected) -> dict[str, float]:
        """Seconds between two readings of what no webhook tells, by list (notes, tags)."""
        return {
            reads.title: round(pace(at, reads, 0, min(e for e in (reads.every, reads.sweep) if e is not None)), 1)
            for reads in at.connector.reads
            if any(e is not None and e.total_seconds() < 60 for e in (reads.every, reads.sweep))
        }

    def measured(self, at: Connected) -> dict[Kind, str]:
        """How soon changes did follow, by kind, in words."""
        out: dict[Kind, str] = {}
        for kind in at.view.fields:
            p50, p95 = self._metrics.lag(at.id, kind)
            if p50 is not None:
                out[kind] = f"p50 {p50:.1f} s, p95 {p95:.1f} s"
        return out
