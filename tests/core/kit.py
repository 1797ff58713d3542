"""Three small systems as connection views, and builders of families, parts and reads.

- `A` holds things as we do, answers with the fields, and takes single tags.
- `B` upper-cases names (known to its `normal`), marks phones (not known), folds tags and takes whole lists, moves one
  step at a time.
- `C` has fewer stages than we do, with the rejection as one of them, and answers without the fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bascule.core.plan import Context, Plan, Prepared, after, due, plan, prepare
from bascule.model import (
    AI,
    Actor,
    ActorKind,
    Authority,
    ConnectionView,
    CreateRule,
    DeleteRule,
    Direction,
    Edit,
    Family,
    FieldMap,
    Fields,
    Kind,
    Link,
    Mode,
    Outcome,
    OutcomeKind,
    Part,
    Read,
    Record,
    Refs,
    Review,
    Unmappable,
    Value,
    Waits,
    Write,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SETTLE, LATE = timedelta(seconds=8), timedelta(seconds=40)
PERSON = Actor(ActorKind.PERSON, "u1", "Maya")
LADDER = ("applied", "screen", "assess", "interview", "offer")
TYPES = dict(zip(LADDER, ("applied", "screen", "assess", "interview", "offer"), strict=True))
OF_C = {"applied": "new", "screen": "screening", "assess": "screening", "interview": "late", "offer": "late"}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def stage(name: str) -> str:
    """Our id of a stage record of the job."""
    return f"stage-{name}"


def stage_records() -> dict[str, Record]:
    job = Record("job-1", "w", Kind.JOB, "jobs", None, {"title": "Clerk"}, {}, "a", START)
    found = {job.id: job}
    for order, name in enumerate(LADDER):
        fields: Fields = {"name": name, "order": order, "type": TYPES[name], "active": True}
        found[stage(name)] = Record(stage(name), "w", Kind.STAGE, "jobs", job.id, fields, {}, "a", START)
    return found


def refs() -> Refs:
    """The job and its stages, linked at every system."""
    external = {(c, "job-1"): f"{c}-job" for c in "abc"} | {("a", stage(s)): s for s in LADDER}
    record = {(c, Kind.JOB, f"{c}-job"): "job-1" for c in "abc"} | {("a", Kind.STAGE, s): stage(s) for s in LADDER}
    return Refs(external, record, stage_records())


# ------------------------------------------------------------------------------------------------------ field maps


def plain(
    kind: Kind,
    name: str,
    canonical: str,
    *,
    direction: Direction = Direction.BOTH,
    authority: Authority = Authority.ATS,
    call: str = "patch",
    normal: Callable[[Value], Value] = lambda value: value,
    created: bool = False,
) -> FieldMap:
    """A field both sides hold in the same form."""
    return FieldMap(
        kind,
        name,
        (canonical,),
        render=lambda record, family, refs: record.fields.get(canonical),
        parse=lambda seen, record, refs: {canonical: seen},
        direction=direction,
        authority=authority,
        call=call,
        normal=normal,
        created=created,
    )


def tag_set(*, whole: bool, folds: bool) -> FieldMap:
    def render(record: Record, family: Family, refs: Refs) -> Value:
        held = record.fields.get("tags") or ()
        assert isinstance(held, tuple)
        return tuple(sorted({str(x).lower() if folds else str(x) for x in held}))

    fold: Callable[[str], str] = (lambda x: x.lower()) if folds else (lambda x: x)
    return FieldMap(
        Kind.CANDIDATE,
        "tags",
        ("tags",),
        render=render,
        parse=lambda seen, record, refs: {"tags": seen or ()},
        call="tags",
        is_set=True,
        whole=whole,
        fold=fold,
    )


def reference(kind: Kind, name: str, canonical: str, of: Kind, connection: str, call: str = "patch") -> FieldMap:
    def render(record: Record, family: Family, refs: Refs) -> Value | Waits:
        held = record.fields.get(canonical)
        if held is None:
            return None
        known = refs.external.get((connection, str(held)))
        return known if known is not None else Waits(of, str(held))

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        if seen is None:
            return {canonical: None}
        known = refs.record.get((connection, of, str(seen)))
        return {canonical: known} if known else Unmappable(str(seen), f"no {of} is known by it")

    return FieldMap(kind, name, (canonical,), render, parse, call=call)


def step_of_b(current: Value, target: Value) -> Value:
    """B moves one step at a time."""
    if not (isinstance(current, str) and isinstance(target, str)):
        return target
    here, there = int(current[1]), int(target[1])
    return f"b{here + (there > here) - (there < here)}"


def steps(version: int = 1) -> FieldMap:
    by_name = {name: f"b{i}" for i, name in enumerate(LADDER)}
    if version == 2:
        by_name["assess"] = "b1"

    def render(record: Record, family: Family, refs: Refs) -> Value:
        held = str(record.fields.get("stage") or "").removeprefix("stage-")
        return by_name.get(held)

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        if render(record, NOBODY, refs) == seen:
            return {}
        known = next((name for name in LADDER if by_name[name] == seen), None)
        return {"stage": stage(known)} if known else Unmappable(str(seen))

    return FieldMap(Kind.APPLICATION, "st", ("stage",), render, parse, call="move", route=step_of_b)


def folded_stage() -> FieldMap:
    """C's one field holds stage and status."""

    def render(record: Record, family: Family, refs: Refs) -> Value:
        if record.fields.get("status") == "rejected":
            return "archived"
        return OF_C.get(str(record.fields.get("stage") or "").removeprefix("stage-"))

    def parse(seen: Value, record: Record, refs: Refs) -> Fields | Unmappable:
        if render(record, NOBODY, refs) == seen:
            return {}
        if seen == "archived":
            return {"status": "rejected"}
        known = next((name for name in LADDER if OF_C[name] == seen), None)
        if known is None:
            return Unmappable(str(seen))
        held = str(record.fields.get("stage") or "").removeprefix("stage-")
        return {"status": "active"} | ({} if OF_C.get(held) == seen else {"stage": stage(known)})

    return FieldMap(Kind.APPLICATION, "st", ("stage", "status"), render, parse, call="move")


def upper(value: Value) -> Value:
    return value.upper() if isinstance(value, str) else value


def maps_of(connection: str, version: int = 1) -> Mapping[Kind, tuple[FieldMap, ...]]:
    shouts = upper if connection == "b" else (lambda value: value)
    candidate = (
        plain(Kind.CANDIDATE, "name", "last_name", normal=shouts),
        plain(Kind.CANDIDATE, "phone", "company"),
        plain(Kind.CANDIDATE, "title", "title", authority=Authority.REVIEW),
        tag_set(whole=connection == "b", folds=connection == "b"),
    )
    moves = {
        "a": (reference(Kind.APPLICATION, "st", "stage", Kind.STAGE, "a", "move"), _status()),
        "b": (steps(version), _status()),
        "c": (folded_stage(),),
    }[connection]
    application = (
        reference(Kind.APPLICATION, "job", "job", Kind.JOB, connection, ""),
        *moves,
        plain(Kind.APPLICATION, "score", "match_score", direction=Direction.OUT, call="score", created=True),
    )
    return {
        Kind.CANDIDATE: candidate,
        Kind.APPLICATION: (replace(application[0], direction=Direction.IN), *application[1:]),
        Kind.NOTE: (plain(Kind.NOTE, "body", "body", call="", normal=shouts),),
    }


def _status() -> FieldMap:
    return plain(Kind.APPLICATION, "status", "status", call="status")


def creates(*, reliable: bool = True) -> Mapping[Kind, CreateRule]:
    return {
        Kind.CANDIDATE: CreateRule(
            Kind.CANDIDATE, "create", ("name", "phone", "title"), reliable=reliable, settle=SETTLE, late=LATE
        ),
        Kind.APPLICATION: CreateRule(
            Kind.APPLICATION,
            "create application",
            ("job", "st", "status"),
            (Kind.CANDIDATE,),
            reliable=reliable,
            settle=SETTLE,
            late=LATE,
        ),
        Kind.NOTE: CreateRule(
            Kind.NOTE, "create note", ("body",), (Kind.CANDIDATE,), reliable=reliable, settle=SETTLE, late=LATE
        ),
    }


def view(connection: str, **changes: object) -> ConnectionView:
    base = ConnectionView(
        id=connection,
        name=connection.upper(),
        mode=Mode.LIVE,
        fields=maps_of(connection),
        creates=creates(),
        deletes={Kind.NOTE: DeleteRule(Kind.NOTE, "delete note")} if connection == "a" else {},
        live_since=START,
        crawled=True,
        settle=SETTLE,
        late=LATE,
        rank="abc".index(connection),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


class Bench:
    """One family and a clock: plans are applied as they come, so that a test reads as what happened."""

    def __init__(self, connections: str = "ab", **changes: object) -> None:
        self.views = {c: view(c, **changes) for c in connections}
        self.refs = refs()
        self.seconds = 100.0
        self.numbers = 0
        self.ids = 0
        self.family = empty()
        self.plans: list[Plan] = []

    # ---- the world

    def next_id(self) -> str:
        self.ids += 1
        return f"00000000-0000-7000-8000-{self.ids:012x}"

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    @property
    def now(self) -> datetime:
        return at(self.seconds)

    @property
    def context(self) -> Context:
        return Context(self.now, self.next_id, self.views, self.refs)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def change(self, connection: str, **changes: object) -> None:
        self.views[connection] = replace(self.views[connection], **changes)  # type: ignore[arg-type]

    # ---- steps

    def take(self, plan: Plan) -> Plan:
        """Commit: the family as a store would load it again (closed writes and reviews left behind)."""
        self.plans.append(plan)
        self.family = reloaded(plan.family)
        return plan

    def read(
        self,
        connection: str,
        *parts: Part,
        number: int | None = None,
        started: float | None = None,
        **more: object,
    ) -> Plan:
        made = self.reading(connection, *parts, number=number, started=started, **more)
        return self.take(plan(self.family, [made], [], self.context))

    def reading(
        self,
        connection: str,
        *parts: Part,
        number: int | None = None,
        started: float | None = None,
        **more: object,
    ) -> Read:
        n = self.number() if number is None else number
        when = self.now if started is None else at(started)
        return Read(f"read-{n}", n, connection, when, parts, **more)  # type: ignore[arg-type]

    def edit(self, record: str, actor: Actor = PERSON, **fields: Value) -> Plan:
        made = Edit(self.next_id(), record, fields, actor, "by hand")
        return self.take(plan(self.family, [], [made], self.context))

    def score(self, value: Value) -> Plan:
        return self.edit(self.application.id, AI, match_score=value)

    def note(self, body: str, actor: Actor = PERSON) -> Plan:
        made = Edit(self.next_id(), self.root.id, {"body": body}, actor, "by hand", create=Kind.NOTE)
        return self.take(plan(self.family, [], [made], self.context))

    def prepared(self, connection: str, call: str | None = None, *, turn: int | None = None) -> Prepared:
        """Open the attempt of the next write that is due there."""
        ready = [self.family.writes[w] for w in due(self.family, connection, self.context)]
        write = next(w for w in ready if call in (None, w.call))
        made = prepare(self.family, write.id, self.context, 1, turn=turn)
        assert isinstance(made, Prepared), made
        self.take(made.plan)
        return made

    def ends(self, made: Prepared, kind: OutcomeKind = OutcomeKind.ANSWERED, **more: object) -> Plan:
        return self.take(after(self.family, made.attempt, Outcome(kind, **more), self.context))  # type: ignore[arg-type]

    def deliver(self, connection: str, call: str | None = None, **more: object) -> Prepared:
        """Send the next write that is due and have it answered."""
        made = self.prepared(connection, call)
        self.ends(made, **more)  # type: ignore[arg-type]
        return made

    def both(self) -> None:
        """One person in A and B, met and in step."""
        self.read("a", person("p1", **PERSON_A), applied("x1", "p1", **APPLIED_A))
        join = {("b", Kind.CANDIDATE, "q1"): self.root.id}
        made = self.reading("b", person("q1", **PERSON_B), applied("y1", "q1", **APPLIED_B))
        self.take(plan(self.family, [made], [], self.context, join))
        self.wait(30)

    # ---- looking

    @property
    def root(self) -> Record:
        return self.family.root

    @property
    def application(self) -> Record:
        return next(r for r in self.family.records.values() if r.kind is Kind.APPLICATION)

    def link(self, connection: str, kind: Kind = Kind.CANDIDATE) -> Link:
        return next(x for x in self.family.links.values() if x.connection == connection and x.kind == kind)

    def writes(self, connection: str | None = None) -> list[Write]:
        return [w for w in self.family.writes.values() if connection in (None, w.connection)]

    def reviews(self) -> list[Review]:
        return list(self.family.reviews.values())


PERSON_A: Fields = {"name": "Ng", "phone": "1", "title": None, "tags": ("X",)}
PERSON_B: Fields = {"name": "NG", "phone": "1", "title": None, "tags": ("x",)}
APPLIED_A: Fields = {"job": "a-job", "st": "applied", "status": "active", "score": None}
APPLIED_B: Fields = {"job": "b-job", "st": "b0", "status": "active", "score": None}


def empty(kind: Kind = Kind.CANDIDATE, family: str = "f1") -> Family:
    return Family(family, "w", kind, 0, "salt")


NOBODY = empty()


def reloaded(family: Family) -> Family:
    """As a store loads it: open reviews, open writes, and those that failed or were given up; one revision on."""
    return replace(
        family,
        rev=family.rev + 1,
        writes={k: w for k, w in family.writes.items() if w.closed is None or str(w.state) in ("dead", "discarded")},
        reviews={k: r for k, r in family.reviews.items() if r.decided_at is None},
    )


def person(external: str = "p1", **seen: Value) -> Part:
    return Part(Kind.CANDIDATE, external, seen)


def applied(external: str = "x1", parent: str = "p1", **seen: Value) -> Part:
    return Part(Kind.APPLICATION, external, seen, parent)


def noted(external: str = "n1", parent: str = "p1", **seen: Value) -> Part:
    return Part(Kind.NOTE, external, seen, parent)
