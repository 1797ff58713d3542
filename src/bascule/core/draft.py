"""One step of planning in the making: a private, changeable copy of a family, and what the step says besides.

Rules read and change a `Draft`; nothing they do is seen outside before `finish()` freezes it into a `Plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from bascule.core.digest import canonical, equal, of_value, same
from bascule.errors import NotFoundError
from bascule.model import (
    BASCULE,
    EMPTY,
    FIELDS,
    OURS,
    Actor,
    Attempt,
    AttemptState,
    ConnectionView,
    Family,
    FieldMap,
    FieldType,
    Gap,
    History,
    HistoryKind,
    Kind,
    Link,
    LinkState,
    Pair,
    Record,
    RecordState,
    Refs,
    Review,
    ReviewKind,
    ReviewState,
    Source,
    Transition,
    Value,
    Waits,
    Want,
    Write,
    field_spec,
    is_secret,
    replace,
)

K = TypeVar("K")
V = TypeVar("V")

HOUR = timedelta(hours=1)
RETURNS = 3  # how often a field may come back to an old value within the hour before it freezes


@dataclass(frozen=True, slots=True)
class Context:
    """What planning may know of the world: the time, a source of ids, the connections, the records referred to.

    `connections` are all of the workspace: a write to one that is not among them is no longer wanted. `held` are the
    bulk changes (connection, cause) that wait for a person.
    """

    now: datetime
    ids: Callable[[], str]
    connections: Mapping[str, ConnectionView]
    refs: Refs = field(default_factory=Refs)
    held: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """What one step of planning wants committed, all or nothing, by compare-and-set on the family's `rev`.

    `family` is the family as it is to be saved (`rev` unchanged: the store raises it). Writes and reviews that this
    step closed are still in it, with their last state; attempts, links or records that are no longer in it are over.
    `claims` are the strong identity keys to be claimed for the root in the same commit. `linked` are links born here,
    (connection, record id): writes that wait for them are woken. `aliases` are (connection, kind, former external id,
    link id). `merged` are objects that a system says live on as another: (connection, kind, survivor's external id,
    our link id); where the survivor is of another family, the two families are to be merged. `lost` are fields
    (connection, kind, vendor's name) that were seen before and are shown no more, `shown` those that are shown again.
    """

    family: Family
    history: tuple[History, ...] = ()
    wants: tuple[Want, ...] = ()
    gaps: tuple[Gap, ...] = ()
    claims: tuple[str, ...] = ()
    linked: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, Kind, str, str], ...] = ()
    merged: tuple[tuple[str, Kind, str, str], ...] = ()
    lost: tuple[tuple[str, Kind, str], ...] = ()
    shown: tuple[tuple[str, Kind, str], ...] = ()


class _Over(Mapping[K, V], Generic[K, V]):
    """The family's own entries before those loaded with it, without copying either."""

    __slots__ = ("_known", "_own")

    def __init__(self, own: dict[K, V], known: Mapping[K, V]) -> None:
        self._own, self._known = own, known

    def __getitem__(self, key: K) -> V:
        return self._own[key] if key in self._own else self._known[key]

    def __contains__(self, key: object) -> bool:
        return key in self._own or key in self._known

    def get(self, key: K, default: Any = None, /) -> Any:
        return self._own[key] if key in self._own else self._known.get(key, default)

    def __iter__(self) -> Iterator[K]:
        return iter({**self._known, **self._own})

    def __len__(self) -> int:
        return len({**self._known, **self._own})


def value_of(record: Record, name: str) -> Value:
    """A canonical field's value; `custom.<key>` looks inside the custom document."""
    head, _, rest = name.partition(".")
    value = record.fields.get(head)
    if not rest:
        return value
    return value.get(rest) if isinstance(value, Mapping) else None


def with_value(record: Record, name: str, value: Value, source: Source) -> Record:
    """The record with one field set, and the source of its value."""
    head, _, rest = name.partition(".")
    if rest:
        document = record.fields.get(head)
        whole: Value = {**(document if isinstance(document, Mapping) else {}), rest: value}
    else:
        whole = value
    return replace(
        record,
        fields={**record.fields, head: whole},
        sources={**record.sources, name: source},
    )


def is_empty(value: Value) -> bool:
    return value is None or value == "" or value == () or value == {}


def is_set(kind: Kind, name: str) -> bool:
    """Whether a canonical field is compared and changed element by element."""
    return name.partition(".")[0] in FIELDS[kind] and field_spec(kind, name).type is FieldType.SET


class Draft:
    """The working copy of one family inside one step of planning."""

    def __init__(self, family: Family, context: Context) -> None:
        self.before = family
        self.context = context
        self.now = context.now
        self.records = dict(family.records)
        self.links = dict(family.links)
        self.attempts = dict(family.attempts)
        self.writes = dict(family.writes)
        self.reviews = dict(family.reviews)
        self.transitions = list(family.transitions)
        self.history: list[History] = []
        self.wants: dict[tuple[str, Kind, str], Want] = {}
        self.gaps: dict[tuple[object, ...], Gap] = {}
        self.linked: list[tuple[str, str]] = []
        self.aliases: list[tuple[str, Kind, str, str]] = []
        self.merged: list[tuple[str, Kind, str, str]] = []
        self.lost: dict[tuple[str, Kind, str], None] = {}
        self.shown: dict[tuple[str, Kind, str], None] = {}
        self.claims: tuple[str, ...] = ()
        # A live view: a lens that renders a candidate's field from its applications sees this step's changes.
        self.family = replace(
            family,
            records=self.records,
            links=self.links,
            attempts=self.attempts,
            writes=self.writes,
            reviews=self.reviews,
        )
        self._at: dict[tuple[str, Kind, str], str] = {}
        self._of: dict[str, dict[str, None]] = {}
        self._external: dict[tuple[str, str], str] = {}
        self._record: dict[tuple[str, Kind, str], str] = {}
        for link in family.links.values():
            self._refer(link)
        known = context.refs
        self.refs = Refs(
            _Over(self._external, known.external), _Over(self._record, known.record), _Over(self.records, known.records)
        )

    # ------------------------------------------------------------------------------------------------ looking

    @property
    def salt(self) -> str:
        return self.before.salt

    def view(self, connection: str) -> ConnectionView | None:
        return self.context.connections.get(connection)

    def maps(self, connection: str, kind: Kind) -> tuple[FieldMap, ...]:
        view = self.view(connection)
        return view.fields.get(kind, ()) if view else ()

    def map_of(self, link: Link, name: str) -> FieldMap | None:
        return next((f for f in self.maps(link.connection, link.kind) if f.name == name), None)

    def settle(self, connection: str) -> timedelta:
        view = self.view(connection)
        return view.settle if view else timedelta(seconds=5)

    def late(self, connection: str) -> timedelta:
        view = self.view(connection)
        return view.late if view else timedelta(minutes=5)

    def record(self, record_id: str) -> Record:
        """The record, or the one it was merged into. NotFoundError when this family has none of that id."""
        record = self.records.get(record_id)
        if record is not None and record.merged_into is None:
            return record
        while record is not None and record.merged_into is not None and record.merged_into in self.records:
            record = self.records[record.merged_into]
        if record is None:
            raise NotFoundError(f"There is no record {record_id} in this family.", hint="Load the page again.")
        return record

    def root(self) -> Record | None:
        return next(
            (
                r
                for r in self.records.values()
                if r.kind == self.before.kind and r.parent is None and r.state is not RecordState.MERGED
            ),
            None,
        )

    def link_at(self, connection: str, kind: Kind, external: str) -> Link | None:
        return self.links.get(self._at.get((connection, kind, external), ""))

    def link_of(self, record: str, connection: str) -> Link | None:
        """The open primary link of a record at a connection."""
        return next((link for link in self.links_of(record, connection) if link.primary and link.open), None)

    def links_of(self, record: str, connection: str) -> list[Link]:
        """All links, live or gone, of a record at a connection."""
        found = [self.links[each] for each in self._of.get(record, ()) if each in self.links]
        return [link for link in found if link.record == record and link.connection == connection]

    def survivor_there(self, record: str, connection: str) -> str | None:
        """The object into which a record's last one was merged there, where it has none of its own any more."""
        past = self.links_of(record, connection)
        if not past or any(link.open for link in past):
            return None
        last = max(past, key=lambda link: link.last_read)
        return last.into if last.state is LinkState.MERGED else None

    def render(self, link: Link, fields: FieldMap) -> Value:
        """What we would write now; a reference that cannot be named there yet reads as {"waits for": record}."""
        return self.rendered(fields, self.record(link.record))

    def rendered(self, fields: FieldMap, record: Record) -> Value:
        value = fields.render(self.holder(fields, record), self.family, self.refs)
        return {"waits for": value.record, "kind": str(value.kind)} if isinstance(value, Waits) else value

    def holder(self, fields: FieldMap, record: Record) -> Record:
        """The record whose value a field is: its own, or its parent's."""
        return self.record(record.parent) if fields.above and record.parent in self.records else record

    def unmoved(self, link: Link, fields: FieldMap, rendered: Value, ours: Value) -> bool:
        """Whether our side is as it was when settled. A reference that only became nameable has not moved."""
        if same(fields, rendered, ours):
            return True
        waited = waits_for(ours)
        return waited is not None and self.refs.external.get((link.connection, waited[1])) == rendered

    def recall(self, fields: FieldMap, digest: str, *candidates: Value) -> tuple[Value] | None:
        """The value behind a digest, if it is one of these."""
        for candidate in candidates:
            if of_value(self.salt, fields, candidate) == digest:
                return (candidate,)
        return None

    def open_attempts(self, link: Link) -> list[Attempt]:
        return [a for a in self.attempts.values() if a.link == link.id] if self.attempts else []

    def lost_calls(self, link: Link) -> list[Attempt]:
        """Calls at this object that got no answer, settled or not, and may still land."""
        return [a for a in self.open_attempts(link) if a.state is AttemptState.LOST]

    # ----------------------------------------------------------------------------------------------- changing

    def save(self, record: Record) -> None:
        self.records[record.id] = record

    def put(self, record_id: str, name: str, value: Value, source: Source, why: str = "") -> None:
        """A value enters the record: with its source, its line of history, and a look at how often it came back."""
        record = self.record(record_id)
        old = value_of(record, name)
        if equal(old, value):
            return
        self.save(with_value(record, name, value, source))
        if is_secret(record.kind, name):
            return
        self.note(record.id, HistoryKind.CHANGED, name, old, value, source, why)
        if record_id not in self.before.records:  # what is new has no old value to come back to
            return
        self.transitions.append(
            Transition(record.id, name, old, value, source.origin, source.actor, source.cause, self.now)
        )
        if not is_set(record.kind, name) and self._returns(record.id, name) >= RETURNS:
            self._freeze(record.id, name)

    def _returns(self, record: str, name: str) -> int:
        """How often within the hour the field came back, by another writer, to a value it had before."""
        recent = [t for t in self.transitions if t.record == record and t.field == name and t.at > self.now - HOUR]
        if not recent:
            return 0
        had = [canonical(recent[0].old)] + [canonical(t.new) for t in recent]
        return sum(
            1 for i in range(1, len(recent)) if had[i + 1] in had[: i + 1] and recent[i].origin != recent[i - 1].origin
        )

    def _freeze(self, record_id: str, name: str) -> None:
        record = self.records[record_id]
        if name in record.frozen:
            return
        self.save(replace(record, frozen=record.frozen | {name}))
        turns = tuple(
            {"value": t.new, "by": t.origin, "at": t.at.isoformat()}
            for t in self.transitions
            if t.record == record_id and t.field == name
        )
        self.ask(ReviewKind.FROZEN, record_id, None, name, f"{record_id}|{name}", {"turns": turns})

    def link(self, link: Link) -> Link:
        self.links[link.id] = link
        self._refer(link)
        return link

    def born(self, link: Link) -> Link:
        """A link that did not exist before: writes that wait for it are woken in the same commit."""
        self.linked.append((link.connection, link.record))
        return self.link(link)

    def _refer(self, link: Link) -> None:
        self._at[(link.connection, link.kind, link.external)] = link.id
        self._of.setdefault(link.record, {})[link.id] = None
        if link.open:
            self._record[(link.connection, link.kind, link.external)] = link.record
            if link.primary:
                self._external[(link.connection, link.record)] = link.external
        elif self._external.get((link.connection, link.record)) == link.external:
            del self._external[(link.connection, link.record)]

    def pair(self, link_id: str, name: str, pair: Pair) -> None:
        link = self.links[link_id]
        if link.pairs.get(name) != pair:
            self.links[link_id] = replace(link, pairs={**link.pairs, name: pair})

    def note(
        self,
        record: str,
        kind: HistoryKind,
        name: str,
        old: Value,
        new: Value,
        source: Source,
        why: str = "",
    ) -> None:
        """One line of history; none of a secret, which is of no use to a reader."""
        known = self.records.get(record)
        if known is not None and is_secret(known.kind, name):
            return
        connection = None if source.origin == OURS else source.origin
        self.history.append(
            History(record, kind, name, old, new, connection, source.actor, source.cause, self.now, why)
        )

    def want(self, connection: str, kind: Kind, external: str, after: datetime, why: str) -> None:
        """Read this again, not before `after`; the earliest wish for an object stands."""
        key = (connection, kind, external)
        known = self.wants.get(key)
        if known is None or after < known.after:
            self.wants[key] = Want(connection, kind, external, max(after, self.now), why)

    def want_link(self, link: Link, after: datetime, why: str) -> None:
        self.want(link.connection, link.kind, link.external, after, why)

    def gap(self, link: Link, name: str, value: str) -> None:
        gap = Gap(link.connection, link.kind, name, value, link.record)
        self.gaps[(gap.connection, gap.kind, name, value, gap.record)] = gap

    def ask(
        self,
        kind: ReviewKind,
        record: str | None,
        connection: str | None,
        name: str,
        about: str,
        detail: Mapping[str, Value] = EMPTY,
        actor: Actor = BASCULE,
    ) -> Review:
        """Ask a person, once per `about`; what is asked again shows the newest detail."""
        known = self.asked(kind, about)
        if known is not None:
            if known.detail != detail:
                known = self.reviews[known.id] = replace(known, detail=dict(detail))
            return known
        review = Review(self.context.ids(), kind, record, connection, name, about, dict(detail), actor, self.now)
        self.reviews[review.id] = review
        return review

    def asked(self, kind: ReviewKind, about: str) -> Review | None:
        """The open review item of that kind about that thing."""
        return next(
            (r for r in self.reviews.values() if r.kind is kind and r.about == about and r.state is ReviewState.OPEN),
            None,
        )

    def lapse(self, review: Review, why: str) -> None:
        self.close(review, ReviewState.LAPSED, BASCULE, why)

    def close(self, review: Review, state: ReviewState, actor: Actor, answer: str) -> None:
        self.reviews[review.id] = replace(review, state=state, decided_by=actor, decided_at=self.now, answer=answer)

    def write(self, write: Write) -> None:
        self.writes[write.id] = write

    # ------------------------------------------------------------------------------------------------ ending

    def finish(self) -> Plan:
        """The draft as a plan. A family that nothing changed is returned as it came."""
        transitions = tuple(t for t in self.transitions if t.at > self.now - HOUR)
        after = replace(self.family, transitions=transitions)
        return Plan(
            family=self.before if after == self.before else after,
            history=tuple(self.history),
            wants=tuple(self.wants.values()),
            gaps=tuple(self.gaps.values()),
            claims=self.claims,
            linked=tuple(dict.fromkeys(self.linked)),
            aliases=tuple(self.aliases),
            merged=tuple(self.merged),
            lost=tuple(self.lost),
            shown=tuple(self.shown),
        )


def waits_for(value: Value) -> tuple[str, str] | None:
    """(kind, record id) when this rendering stands for a reference that cannot be named yet."""
    if isinstance(value, Mapping) and "waits for" in value:
        return str(value["kind"]), str(value["waits for"])
    return None


def conflict_key(link: Link, name: str) -> str:
    """What a conflict about one field of one link is known by."""
    return f"{link.id}|{name}"
