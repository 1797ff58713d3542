"""A seeded world of three systems, driven by the real plan, prepare, after and found over a store in memory.

One tick is a second. Systems alter, fold, lag, answer late or not at all, lose and repeat their hints and give ids
late; people edit on every side. After a quiet time `check()` says what is wrong. Nothing here knows the rules: it
sends, lands, shows and compares.
"""

from __future__ import annotations

import contextlib
import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from bascule.core import identity
from bascule.core.digest import same
from bascule.core.plan import (
    Context,
    Plan,
    Prepared,
    ReadFirst,
    after,
    due,
    found,
    marker,
    plan,
    prepare,
)
from bascule.errors import ForbiddenError
from bascule.model import (
    AI,
    Actor,
    AttemptState,
    Collection,
    ConnectionView,
    Direction,
    Edit,
    Family,
    FieldMap,
    History,
    Kind,
    Link,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    Read,
    Record,
    Refs,
    Value,
    Want,
)

from ..kit import LADDER, LATE, PERSON, SETTLE, at, empty, refs, reloaded, stage, view

TIMEOUT, LAG = 4, 5
SETTLE_S, LATE_S = int(SETTLE.total_seconds()), int(LATE.total_seconds())
QUIET, END, LIVE = 205, 345, 20
MOST = 8000  # events: a run that needs more does not end
FAULTS = frozenset(
    {"stale", "lost", "dup", "late", "crash", "alter", "fold", "partial", "lateid", "refuse", "ghost", "hide"}
)
OF_C = {"applied": "new", "screen": "screening", "assess": "screening", "interview": "late", "offer": "late"}
SCALARS = {"name": "last_name", "phone": "company"}

State = dict[str, Value]


@dataclass
class Thing:
    """One object of a system: every state it has had, newest last; None once it is deleted."""

    kind: Kind
    parent: str | None
    truth: str  # which thing of the real world it is
    log: list[tuple[float, State | None, str, tuple[str, ...]]] = field(default_factory=list)
    shown_from: float = 0
    by: str = "user"

    def at(self, when: float) -> State | None:
        if when < self.shown_from:
            return None
        return next((state for t, state, _, _ in reversed(self.log) if t <= when), None)

    @property
    def now(self) -> State | None:
        return self.log[-1][1]


class World:
    def __init__(self, seed: int, features: Iterable[str], faults: Iterable[str], names: str = "abc") -> None:
        self.dice = random.Random(seed)
        self.features, self.faults = frozenset(features), frozenset(faults)
        self.names = names
        self.now = 0.0
        self.queue: list[tuple[float, float, int, Callable[[], None]]] = []
        self.events = self.numbers = self.ids = self.things = self.values = 0
        self.store: dict[str, Family] = {}
        self.history: list[History] = []
        self.systems: dict[str, dict[str, Thing]] = {c: {} for c in names}
        self.wanted: set[tuple[str, str]] = set()
        self.busy: set[tuple[str, str]] = set()
        self.edits: list[tuple[float, str, str, Value]] = []  # when, where, field, value (a tag: +x or -x)
        self.sends: list[tuple[float, str, str, dict[str, Value]]] = []
        self.needless = 0  # calls that wrote what was there already
        self.gone: set[str] = set()
        self.idle: dict[tuple[str, str], int] = {}  # nothing was due at that revision
        self.bad: Counter[str] = Counter()
        self.notes: list[str] = []
        self.tracing = False
        versions = {"fold": "fold" in self.faults}
        self.views = {c: self._view(c, versions["fold"]) for c in names}
        base = refs()
        self.refs = Refs(base.external, base.record, base.records)

    def _view(self, connection: str, folds: bool) -> ConnectionView:
        made = view(connection, live_since=at(LIVE), crawled=True)
        if folds:
            return made
        whole = tuple(
            replace(f, fold=lambda x: x, render=view("a").fields[Kind.CANDIDATE][3].render) if f.is_set else f
            for f in made.fields[Kind.CANDIDATE]
        )
        return replace(made, fields={**made.fields, Kind.CANDIDATE: whole})

    # ------------------------------------------------------------------------------------------------- the engine

    def log(self, *what: object) -> None:
        if self.tracing:
            self.notes.append(f"{self.now:6.1f} " + " ".join(str(w) for w in what))

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        self.events += 1
        heapq.heappush(self.queue, (self.now + seconds, self.dice.random(), self.events, what))

    def fault(self, name: str, chance: float) -> bool:
        return name in self.faults and self.now < QUIET and self.dice.random() < chance

    @property
    def context(self) -> Context:
        return Context(at(self.now), self.next_id, self.views, self.refs)

    def next_id(self) -> str:
        self.ids += 1
        return f"00000000-0000-7000-8000-{self.ids:012x}"

    def commit(self, made: Plan) -> None:
        known = self.store.get(made.family.id)
        assert known is None or known.rev == made.family.rev
        if known is made.family:
            return self._wants(made)
        if made.family.records:
            self.store[made.family.id] = reloaded(made.family)
        self.history += made.history
        self._wants(made)
        for connection in self.names:
            self.after(1, lambda c=connection, f=made.family.id: self.deliver(c, f))
        return None

    def _wants(self, made: Plan) -> None:
        for want in made.wants:
            self._want(want)

    def _want(self, want: Want) -> None:
        thing = self.systems[want.connection].get(want.external)
        root = want.external if thing is None or thing.parent is None else thing.parent
        wait = max(1.0, (want.after - at(self.now)).total_seconds() + 1)
        self.after(wait, lambda: self.hint(want.connection, root))

    def hint(self, connection: str, root: str) -> None:
        if (connection, root) not in self.wanted:
            self.wanted.add((connection, root))
            self.after(1, lambda: self.read(connection, root))

    def read(self, connection: str, root: str, then: Callable[[int], None] | None = None) -> None:
        self.wanted.discard((connection, root))
        self.numbers += 1
        number, started = self.numbers, self.now
        lag = self.dice.randint(1, LAG) if self.now > 12 and self.fault("stale", 0.4) else 0

        def answered() -> None:
            self.observe(connection, root, number, started, lag)
            if then is not None:
                then(number)

        self.after(1 if then else self.dice.randint(1, 6 if "stale" in self.faults else 2), answered)

    def observe(self, connection: str, root: str, number: int, started: float, lag: int) -> None:
        hidden = started > 25 and self.fault("hide", 0.05)
        parts, complete = ([], ()) if hidden else self.show(connection, root, started - lag)
        if not parts:
            parts = [Part(Kind.CANDIDATE, root, presence=Presence.ABSENT)]
        made = Read(f"r{number}", number, connection, at(started), tuple(parts), complete)
        self.log("read", connection, root, number, "started", started, [(p.external, dict(p.seen)) for p in parts])
        family = self.home(connection, root)
        if family is not None:
            self.commit(plan(family, [made], [], self.context))
        elif parts[0].presence is Presence.HERE:
            self.recognise(connection, parts[0], made)

    def recognise(self, connection: str, part: Part, made: Read) -> None:
        prospects = [
            identity.Prospect(
                f.id,
                f.root,
                linked=any(x.record == f.root.id and x.connection == connection for x in f.links.values()),
                attempt=next(
                    (
                        a.id
                        for a in f.attempts.values()
                        if a.link is None and a.connection == connection and a.record == f.root.id
                    ),
                    "",
                ),
                keys=frozenset({"truth"})
                if self.truth_of(f) == self.systems[connection][part.external].truth
                else frozenset({"x"}),
            )
            for f in self.store.values()
        ]
        verdict = identity.recognise(part, connection, prospects, self.context)
        if isinstance(verdict, identity.Later):
            self.after(SETTLE_S, lambda: self.hint(connection, part.external))
            return
        family = empty(family=f"f{len(self.store) + 1}")
        joins: dict[tuple[str, Kind, str], str] = {}
        if isinstance(verdict, identity.Bind):
            family = self.store[verdict.family]
        elif isinstance(verdict, (identity.Join, identity.Secondary)):
            family = self.store[verdict.family]
            joins = {(connection, part.kind, part.external): verdict.record}
        elif (known := self.same_person(connection, part)) is not None:  # stands for a shared e-mail address
            family = known
            joins = {(connection, part.kind, part.external): known.root.id}
        self.commit(plan(family, [made], [], self.context, joins))

    def same_person(self, connection: str, part: Part) -> Family | None:
        truth = self.systems[connection][part.external].truth
        for family in self.store.values():
            linked = any(x.record == family.root.id and x.connection == connection for x in family.links.values())
            if self.truth_of(family) == truth and not linked:
                return family
        return None

    def truth_of(self, family: Family) -> str:
        return next(
            (
                self.systems[x.connection][x.external].truth
                for x in family.links.values()
                if x.external in self.systems[x.connection]
            ),
            "",
        )

    def home(self, connection: str, root: str) -> Family | None:
        return next((f for f in self.store.values() if f.link_at(connection, Kind.CANDIDATE, root)), None)

    def deliver(self, connection: str, family_id: str, turn: int | None = None) -> None:
        family = self.store.get(family_id)
        if family is None or (connection, family_id) in self.busy:
            return
        if self.idle.get((connection, family_id)) == family.rev:
            return
        ready = due(family, connection, self.context)
        if not ready:
            self.idle[(connection, family_id)] = family.rev
            return
        match prepare(family, ready[0], self.context, 1, turn=turn):
            case ReadFirst(root=(_, root)):
                if turn is not None:
                    self.after(5, lambda: self.deliver(connection, family_id))
                    return
                self.busy.add((connection, family_id))

                def go_on(number: int) -> None:
                    self.busy.discard((connection, family_id))
                    self.deliver(connection, family_id, number)

                self.read(connection, root, go_on)
            case Prepared() as ready_to_send:
                self.commit(ready_to_send.plan)
                self.busy.add((connection, family_id))
                self.send(connection, family_id, ready_to_send)
            case other:
                if other.plan.family is not family:
                    self.commit(other.plan)

    def send(self, connection: str, family_id: str, made: Prepared) -> None:
        self.sends.append((self.now, connection, made.write.call, dict(made.fields)))
        self.log(
            "SEND", connection, made.link and made.link.external, made.write.call, made.fields, made.added, made.removed
        )

        def finish(kind: OutcomeKind, **more: object) -> None:
            self.busy.discard((connection, family_id))
            self.log("outcome", connection, made.write.call, kind, more)
            family = self.store[family_id]
            self.commit(after(family, made.attempt, Outcome(kind, **more), self.context))  # type: ignore[arg-type]
            attempt = self.store[family_id].attempts.get(made.attempt)
            if attempt is not None and attempt.link is None and attempt.state is AttemptState.LOST:
                self.after(SETTLE_S + 1, lambda: self.look(connection, family_id, made.attempt))

        if self.fault("refuse", 0.06):
            self.after(2, lambda: finish(OutcomeKind.REFUSED, words="no"))
        elif self.fault("late", 0.25):
            if self.dice.random() < 0.6:
                soon = self.dice.random() < 0.6
                self.after(
                    self.dice.randint(1, 6) if soon else self.dice.randint(6, LATE_S - 6),
                    lambda: self.land(connection, made, "us late") and None,
                )
            self.after(TIMEOUT, lambda: finish(OutcomeKind.UNANSWERED))
        elif "ghost" in self.faults and (connection, made.write.call) == ("b", "status"):
            self.after(2, lambda: finish(OutcomeKind.ANSWERED))
        else:
            self._answer(connection, made, finish)

    def _answer(self, connection: str, made: Prepared, finish: Callable[..., None]) -> None:
        box: list[str | None] = []
        self.after(1, lambda: box.append(self.land(connection, made, "us")))
        if self.fault("crash", 0.1):
            self.after(TIMEOUT, lambda: finish(OutcomeKind.UNANSWERED))
            return

        def answered() -> None:
            external = box[0]
            if external is None:
                finish(OutcomeKind.ABSENT)
            elif made.link is None:
                late_id = "lateid" in self.faults and connection == "b"
                finish(OutcomeKind.ANSWERED, external=None if late_id else external)
            else:
                state = self.systems[connection][external].now or {}
                seen = {k: state.get(k) for k in made.fields} if connection == "a" else {}
                finish(OutcomeKind.ANSWERED, seen=seen)

        self.after(2, answered)

    def look(self, connection: str, family_id: str, attempt: str) -> None:
        family = self.store[family_id]
        known = family.attempts.get(attempt)
        if known is None:
            return
        things = tuple(
            k
            for k, thing in self.systems[connection].items()
            if (state := thing.at(self.now)) and state.get("marker") == known.marker
        )
        self.commit(found(family, attempt, things, self.context))
        if attempt in self.store[family_id].attempts:
            self.after(SETTLE_S, lambda: self.look(connection, family_id, attempt))

    # ------------------------------------------------------------------------------------------------- the systems

    def alter(self, connection: str, name: str, value: Value) -> Value:
        if connection == "b" and "alter" in self.faults and isinstance(value, str):
            if name in ("name", "body"):
                return value.upper()
            if name == "phone":
                return "~" + value.lstrip("~")
        if connection == "b" and "fold" in self.faults and name == "tags" and isinstance(value, tuple):
            return tuple(sorted({str(x).lower() for x in value}))
        return value

    def put(self, connection: str, external: str, changes: State, who: str) -> None:
        thing = self.systems[connection][external]
        if thing.now is None:
            return
        state = dict(thing.now) | {k: self.alter(connection, k, v) for k, v in changes.items()}
        thing.log.append((self.now, state, who, tuple(changes)))
        if who != "us" or self.dice.random() < 0.5:
            self.changed(connection, thing.parent or external)

    def new(
        self, connection: str, kind: Kind, parent: str | None, state: State, truth: str, who: str, delay: float = 0
    ) -> str:
        self.things += 1
        external = f"{connection}{self.things}"
        self.systems[connection][external] = Thing(
            kind, parent, truth, [(self.now, {}, who, ())], self.now + delay, who
        )
        self.put(connection, external, state, who)
        return external

    def changed(self, connection: str, root: str) -> None:
        for again in range(1 + self.fault("dup", 0.3)):
            if not self.fault("lost", 0.3):
                wait = self.dice.randint(20, 80) if again else self.dice.randint(1, 4)
                self.after(wait, lambda: self.hint(connection, root))

    def show(self, connection: str, root: str, when: float) -> tuple[list[Part], tuple[Collection, ...]]:
        """One read of a person: the candidate and what hangs on it, as parts."""
        things = self.systems[connection]
        partial = "partial" in self.faults and 25 < self.now < QUIET
        if root not in things or things[root].at(when) is None:
            return [], ()
        parts: list[Part] = []
        for external, thing in things.items():
            if external != root and thing.parent != root:
                continue
            state = thing.at(when)
            if state is None or (external != root and partial and self.dice.random() < 0.2):
                continue
            seen = {k: v for k, v in state.items() if k != "marker" and not (partial and self.dice.random() < 0.2)}
            if thing.kind is Kind.APPLICATION and "job" in state:
                seen["job"] = state["job"]
            blind = connection == "c" and thing.kind is Kind.NOTE
            mark = "" if blind else str(state.get("marker") or "")
            parts.append(Part(thing.kind, external, seen, thing.parent, marker=mark, marker_shown=not blind))
        whole = () if partial else (Collection(Kind.CANDIDATE, root, Kind.NOTE),)
        return parts, whole

    def land(self, connection: str, made: Prepared, who: str) -> str | None:
        """What a call of ours does there."""
        things = self.systems[connection]
        if made.link is None:
            return self._land_creation(connection, made)
        thing = things.get(made.link.external)
        if thing is None or thing.now is None:
            return None
        self.log("LAND", connection, made.link.external, made.fields, who)
        if made.write.call == "delete note":
            thing.log.append((self.now, None, who, ()))
            return made.link.external
        changes = dict(made.fields)
        if made.write.call == "tags" and connection != "b":
            held = [x for x in _texts(thing.now.get("tags")) if x not in made.removed["tags"]]
            changes["tags"] = tuple(sorted({*held, *made.added["tags"]}))
        edited, _, who_last, _ = thing.log[-1]
        in_the_window = who_last == "user" and edited >= self.now - 2
        there = all(same(f, thing.now.get(f.name), changes[f.name]) for f in self._written(made, connection))
        self.needless += there and not in_the_window
        self.put(connection, made.link.external, changes, who)
        return made.link.external

    def _written(self, made: Prepared, connection: str) -> list[FieldMap]:
        maps = self.views[connection].fields[made.record.kind]
        return [f for f in maps if f.name in made.fields]

    def _land_creation(self, connection: str, made: Prepared) -> str | None:
        parent = made.parents.get(Kind.CANDIDATE)
        kind = made.record.kind
        if kind is not Kind.CANDIDATE and (parent is None or self.systems[connection][parent].now is None):
            return None
        family = next(f for f in self.store.values() if made.record.id in f.records)
        truth = self.truth_of(family)
        if made.record.kind is Kind.CANDIDATE:
            state: State = {"name": None, "phone": None, "title": None, "tags": ()}
        elif made.record.kind is Kind.APPLICATION:
            first: dict[str, State] = {
                "a": {"st": "applied", "status": "active"},
                "b": {"st": "b0", "status": "active"},
                "c": {"st": "new"},
            }
            state = {"score": None, **first[connection]}
        else:
            state = {}
        delay = 10 if "lateid" in self.faults and connection == "b" else 0
        body = {**state, **made.fields, "marker": made.marker}
        self.log("LAND create", connection, made.record.kind, body)
        return self.new(connection, kind, parent, body, truth, "us", delay)

    # ---------------------------------------------------------------------------------------------------- the people

    def value(self, prefix: str) -> str:
        self.values += 1
        return f"{prefix}{self.values}"

    def person(self, connection: str, truth: str, name: str) -> str:
        state: State = {"name": name, "phone": self.value("ph"), "title": None, "tags": (self.value("T"),)}
        root = self.new(connection, Kind.CANDIDATE, None, state, truth, "user")
        at_first: dict[str, State] = {
            "a": {"st": "applied", "status": "active"},
            "b": {"st": "b0", "status": "active"},
            "c": {"st": "new"},
        }
        body = {"job": f"{connection}-job", "score": None, **at_first[connection]}
        self.new(connection, Kind.APPLICATION, root, body, truth, "user")
        if "notes" in self.features:
            self.new(connection, Kind.NOTE, root, {"body": self.value("old note ")}, truth, "user")
        return root

    def root_at(self, connection: str) -> str | None:
        things = self.systems[connection].items()
        return next((k for k, t in things if t.kind is Kind.CANDIDATE and t.now is not None), None)

    def act(self) -> None:
        """Somebody changes something, in a system or here."""
        what = self.dice.choice(sorted(self.features - {"adopt", "gone"}))
        where = self.dice.choice(self.names + "o")
        root = self.root_at(where) if where != "o" else None
        if where != "o" and root is None:
            where = "o"
        if not self.store:
            return
        family = next(iter(self.store.values()))
        getattr(self, f"_act_{what}")(where, root, family)

    def edit(self, record: str, actor: Actor = PERSON, create: Kind | None = None, **fields: Value) -> None:
        family = next(f for f in self.store.values() if record in f.records)
        base = {"tags": family.records[record].fields.get("tags", ())} if "tags" in fields else None
        made = Edit(self.next_id(), record, fields, actor, "by hand", base=base, create=create)
        self.commit(plan(family, [], [made], self.context))

    def said(self, where: str, name: str, value: Value) -> None:
        self.edits.append((self.now, where, name, value))
        self.log("EDIT", where, name, value)

    def _act_scalar(self, where: str, root: str | None, family: Family) -> None:
        name = self.dice.choice(sorted(SCALARS))
        value = self.value(name)
        self.said(where, name, value)
        if root is not None:
            self.put(where, root, {name: value}, "user")
        else:
            self.edit(family.root.id, **{SCALARS[name]: value})

    def _act_tags(self, where: str, root: str | None, family: Family) -> None:
        held = _texts((self.systems[where][root].now or {}).get("tags") if root else family.root.fields.get("tags"))
        adding = not held or self.dice.random() < 0.65
        tag = self.value("T") if adding else self.dice.choice(sorted(held))
        self.said(where, "tags", ("+" if adding else "-") + tag)
        new = tuple(sorted({*held, tag} if adding else set(held) - {tag}))
        if root is not None:
            self.put(where, root, {"tags": new}, "user")
        else:
            self.edit(family.root.id, tags=new)

    def _act_notes(self, where: str, root: str | None, family: Family) -> None:
        body = self.value("note ")
        self.said(where, "notes", body)
        if root is not None:
            truth = self.systems[where][root].truth
            self.new(where, Kind.NOTE, root, {"body": body}, truth, "user")
            self.changed(where, root)
        else:
            self.edit(family.root.id, create=Kind.NOTE, body=body)

    def _act_stage(self, where: str, root: str | None, family: Family) -> None:
        name = self.dice.choice(LADDER)
        application = next((r for r in family.records.values() if r.kind is Kind.APPLICATION), None)
        things = self.systems[where].items() if root is not None else ()
        external = next((k for k, t in things if t.kind is Kind.APPLICATION and t.now is not None), None)
        if root is not None and external is not None:
            value = {"a": name, "b": f"b{LADDER.index(name)}", "c": OF_C[name]}[where]
            self.said(where, "stage", name)
            self.put(where, external, {"st": value}, "user")
        elif root is None and application is not None:
            self.said("o", "stage", name)
            self.edit(application.id, stage=stage(name))

    def _act_ai(self, where: str, root: str | None, family: Family) -> None:
        """A machine would like to move the application; the gate makes it a proposal or says no."""
        application = next((r for r in family.records.values() if r.kind is Kind.APPLICATION), None)
        if application is not None:
            with contextlib.suppress(ForbiddenError):
                self.edit(application.id, AI, stage=stage(self.dice.choice(LADDER)))

    def _act_score(self, where: str, root: str | None, family: Family) -> None:
        application = next((r for r in family.records.values() if r.kind is Kind.APPLICATION), None)
        if application is not None:
            self.values += 1
            self.said("o", "score", self.values)
            self.edit(application.id, AI, match_score=self.values)

    def run(self) -> World:
        name = self.value("name")
        if "adopt" in self.features:
            for connection in self.names[:2]:
                self.person(connection, "P", name)
        else:
            self.after(30, lambda: self.person(self.dice.choice(self.names[:2]), "P", name) and None)
        for i in range(3):
            self.after(70 + 40 * i + self.dice.randint(0, 8), self.act)
        if "gone" in self.features:
            self.after(self.dice.randint(120, 180), self._vanish)
        for when in range(1, END - 25, 40):
            self.after(when, self.sweep)
        while self.queue and self.events < MOST:
            self.now, _, _, what = heapq.heappop(self.queue)
            if self.now > END:
                break
            what()
        from .checks import check

        check(self)
        return self

    def sweep(self) -> None:
        for connection in self.names:
            known = {
                x.external
                for f in self.store.values()
                for x in f.links.values()
                if x.connection == connection and x.kind is Kind.CANDIDATE and x.open
            }
            roots = {
                k
                for k, t in self.systems[connection].items()
                if t.kind is Kind.CANDIDATE and t.at(self.now) is not None
            }
            for root in sorted(known | roots):
                self.hint(connection, root)

    def _vanish(self) -> None:
        """A system deletes the person, and says so in a signed event."""
        connection = self.dice.choice(self.names)
        root = self.root_at(connection)
        if root is None:
            return
        self.gone.add(connection)
        for external, thing in self.systems[connection].items():
            if external == root or thing.parent == root:
                thing.log.append((self.now, None, "gone", ()))
        self.after(self.dice.randint(1, 10), lambda: self.evidence(connection, root))

    def evidence(self, connection: str, root: str) -> None:
        family = self.home(connection, root)
        if family is None:
            return
        self.numbers += 1
        part = Part(Kind.CANDIDATE, root, presence=Presence.DELETED)
        made = Read(f"r{self.numbers}", self.numbers, connection, at(self.now), (part,), event=True)
        self.commit(plan(family, [made], [], self.context))


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(x) for x in value) if isinstance(value, tuple) else ()


def current(world: World, link: Link) -> State | None:
    thing = world.systems[link.connection].get(link.external)
    return thing.now if thing else None


def two_way(fields: FieldMap, record: Record) -> bool:
    return fields.direction is Direction.BOTH


__all__ = ["FAULTS", "World", "current", "marker", "same", "two_way"]
