"""Everything the engine holds at the end of a run, loaded once and looked at from every side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bascule.app import App
from bascule.core.draft import Context, Draft
from bascule.core.reviews import named
from bascule.model import Family, History, Kind, Link, Record, Refs, Review, ReviewState, Value
from bascule.store import Tx
from bascule.store.codec import moment
from bascule.store.queries import Delay, Event, OpenReview
from bascule.store.sql import Sql
from bascule.store.tasks import Task

from .connector import score_of

if TYPE_CHECKING:
    from .world import World

FAMILIES = Sql("SELECT id FROM families ORDER BY id")
READ_LANES = Sql("SELECT connection, kind, external, due, error FROM read_lanes ORDER BY connection, external")
WRITE_LANES = Sql("SELECT connection, family, due, error, state FROM write_lanes ORDER BY connection, family")
EVERY = 100_000


@dataclass
class Ledger:
    """What is stored. Families by id; every history line and review, the closed ones too."""

    names: Mapping[str, str]  # connection id -> system
    families: list[Family]
    drafts: dict[str, Draft]
    history: list[History]
    reviews: list[tuple[Review, frozenset[str]]]  # and whom it is about
    reads: list[tuple[str, str, str, datetime, str]]
    lanes: list[tuple[str, str, datetime, str, str]]
    delays: dict[str, dict[str, Delay]]  # by family and connection: what a person reads of what waits after an error
    dead: list[Task]
    notices: list[str]
    asked_by_hand: set[str]  # the objects of whom an owner is asked to erase there: erase|<connection>|<id>
    gaps: dict[tuple[str, Kind, str, str], set[str]]  # records that show a value nobody knows
    keys: dict[str, str]  # what the custom field is called at each system, as far as we know
    paused: list[tuple[str, str]]  # systems at which nothing is done, and why
    now: datetime
    kept: set[str] = field(default_factory=set[str])

    def links(self) -> Iterable[tuple[Family, Link, Record]]:
        for family in self.families:
            for link in family.links.values():
                yield family, link, family.records[link.record]

    def of(self, system: str, kind: Kind, external: str) -> list[tuple[Family, Link]]:
        """The links to one object."""
        return [
            (family, link)
            for family, link, _ in self.links()
            if (self.names[link.connection], link.kind, link.external) == (system, kind, external)
        ]

    def by_hand(self, system: str, external: str) -> bool:
        """Whether an owner is asked to erase somebody there."""
        return any(f"erase|{id}|{external}" in self.asked_by_hand for id, name in self.names.items() if name == system)

    def asked(self, whose: str, *kinds: str) -> bool:
        """Whether a person was ever asked anything of these kinds about somebody."""
        return any(review.kind in kinds and whose in about for review, about in self.reviews)


def load(world: World, app: App) -> Ledger:
    return app.store.query(lambda tx: _load(world, app, tx))


def _load(world: World, app: App, tx: Tx) -> Ledger:
    families = list(tx.families.families([id for (id,) in tx.rows(FAMILIES)]).values())
    history = [
        one.history
        for family in families
        for one in tx.pages.timeline(family.id, limit=EVERY)
        if one.event is Event.CHANGE and one.history is not None
    ]
    reviews = [
        (item.review, _about(world, families, item))
        for state in ReviewState
        for item in tx.pages.reviews(app.workspace, state=state, limit=EVERY)
    ]
    ledger = Ledger(
        names={at.id: at.row.name for at in app.connections.all()},
        families=families,
        drafts={family.id: _draft(app, tx, family) for family in families},
        history=history,
        reviews=reviews,
        reads=[(c, k, e, moment(due), why) for c, k, e, due, why in tx.rows(READ_LANES)],
        lanes=[(c, f, moment(due), why, state) for c, f, due, why, state in tx.rows(WRITE_LANES)],
        delays={family.id: tx.pages.delays(family.id) for family in families},
        dead=tx.tasks.list(app.workspace, state="dead"),
        notices=[notice.kind for notice in tx.notices.list(app.workspace)],
        asked_by_hand={n.about for n in tx.notices.list(app.workspace) if n.kind == "erase by hand"},
        gaps=_gaps(app, tx),
        keys={at.row.name: score_of(at.tenant) for at in app.connections.all()},
        paused=[(at.row.name, at.row.paused) for at in app.connections.all() if at.row.paused],
        now=world.clock(),
    )
    _keep(ledger)
    return ledger


def _gaps(app: App, tx: Tx) -> dict[tuple[str, Kind, str, str], set[str]]:
    """What is listed of values that the mapping does not know, by (system, kind, field, value): each with the records
    it was met on."""
    return {
        (at.row.name, one.kind, one.field, one.value): {
            str(each.record)
            for each in tx.gaps.waiting_for(at.id, one.value)
            if (each.kind, each.field) == (one.kind, one.field)
        }
        for at in app.connections.all()
        for one in tx.gaps.list(app.workspace, connection=at.id)
    }


def _about(world: World, families: list[Family], item: OpenReview) -> frozenset[str]:
    """Whom an item is about: those of its own family, and those it may be one with."""
    records = {*named(item.review), item.review.record}
    return frozenset(
        whose
        for family in families
        if family.id == item.family or records & family.records.keys()
        for whose in world.everybody(family)
    )


def _draft(app: App, tx: Tx, family: Family) -> Draft:
    """The family as planning would see it, so that it can be rendered."""
    refs: Refs = app.reconcile.refs(tx, [(family, "", ())])
    context = Context(app.runtime.now(), app.runtime.id, app.connections.views(family.workspace), refs)
    return Draft(family, context)


def _keep(ledger: Ledger) -> None:
    """Every text that stands in a record, in history or in something a person was or is asked."""
    for family in ledger.families:
        for record in family.records.values():
            _texts(dict(record.fields), ledger.kept)
    for line in ledger.history:
        _texts((line.old, line.new), ledger.kept)
    for review, _ in ledger.reviews:
        _texts(dict(review.detail), ledger.kept)


def _texts(value: Any, into: set[str]) -> None:
    if isinstance(value, Mapping):
        for inner in value.values():
            _texts(inner, into)
    elif isinstance(value, tuple | list):
        for inner in value:
            _texts(inner, into)
    elif value is not None:
        into.add(str(value).casefold())


def elements(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple | list) else ()
