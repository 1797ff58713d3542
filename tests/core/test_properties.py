"""Laws that hold for any reads and edits, not only for those we thought of."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from bascule.core.digest import canonical, equal, same
from bascule.core.draft import Draft
from bascule.core.plan import due, plan
from bascule.model import (
    COPIED_KINDS,
    EMPTY,
    Actor,
    ActorKind,
    Direction,
    Kind,
    Link,
    OutcomeKind,
    Part,
    Read,
    Record,
    Unmappable,
    Value,
    Write,
    WriteState,
)

from .kit import LADDER, START, Bench, applied, at, maps_of, noted, person, refs, stage

settings.register_profile("core", deadline=None, max_examples=60)
settings.load_profile("core")

Shown: TypeAlias = tuple[dict[str, Value], dict[str, Value], str | None]
WORDS = st.sampled_from(["", "Ng", "NG", "Nguyen", "1", "2", "~1", "Chef"]).map(lambda w: w or None)
TAGS = st.frozensets(st.sampled_from(["X", "x", "y", "Z"]), max_size=3).map(lambda s: tuple(sorted(s)))
PEOPLE = st.fixed_dictionaries({}, optional={"name": WORDS, "phone": WORDS, "title": WORDS, "tags": TAGS})
APPLICATIONS = st.fixed_dictionaries(
    {}, optional={"st": st.sampled_from([*LADDER, "mystery"]), "status": st.sampled_from(["active", "rejected"])}
)
SHOWN = st.tuples(PEOPLE, APPLICATIONS, st.none() | st.sampled_from(["hello", "bye"]))


def parts(shown: Shown, note: str = "n1") -> tuple[Part, ...]:
    candidate, application, body = shown
    made = (person("p1", **candidate), applied("x1", "p1", **application))
    return made if body is None else (*made, noted(note, "p1", body=body))


def together() -> Bench:
    bench = Bench("ab")
    bench.both()
    return bench


def spaced(shown: list[Shown], first: int) -> list[Read]:
    """Reads of A, each begun long after the one before had settled."""
    return [Read(f"h{i}", first + i, "a", at(200 + 20 * i), parts(each)) for i, each in enumerate(shown)]


@given(st.lists(SHOWN, min_size=1, max_size=5))
def test_planning_an_applied_plan_gives_nothing(
    shown: list[Shown],
) -> None:
    bench = together()
    reads = spaced(shown, 100)
    bench.seconds = 1000
    once = plan(bench.family, reads, [], bench.context)
    again = plan(once.family, reads, [], bench.context)
    assert again.family is once.family
    assert (again.history, again.linked, again.claims) == ((), (), ())


@given(st.lists(SHOWN, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_reads_in_one_step_do_not_matter(shown: list[Shown], dice: random.Random) -> None:
    bench = together()
    bench.seconds = 1000
    reads = spaced(shown, 100)
    ids = bench.ids
    once = plan(bench.family, reads, [], bench.context)
    bench.ids = ids
    shuffled = dice.sample([*reads, *reads], 2 * len(reads))
    assert plan(bench.family, shuffled, [], bench.context) == once


@given(st.lists(PEOPLE, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_reads_that_arrive_in_any_order_end_the_same_once_the_newest_is_in(
    shown: list[dict[str, Value]], dice: random.Random
) -> None:
    whole = [{"name": None, "phone": None, "title": None, "tags": (), **each} for each in shown]
    ends = []
    for shuffle in (False, True):
        bench = together()
        bench.seconds = 1000
        reads = [Read(f"h{i}", 100 + i, "a", at(200 + 20 * i), (person("p1", **s),)) for i, s in enumerate(whole)]
        last = Read("last", 999, "a", at(990), (person("p1", **whole[-1]),))
        for read in [*(dice.sample(reads, len(reads)) if shuffle else reads), last]:
            bench.take(plan(bench.family, [read], [], bench.context))
        link = bench.link("a")
        ends.append({name: pair.theirs for name, pair in link.pairs.items()})
        assert not bench.writes("a")
    assert ends[0] == ends[1]


@given(st.lists(SHOWN, min_size=1, max_size=6))
def test_every_value_a_read_has_shown_is_in_the_record_a_question_or_the_history(
    shown: list[Shown],
) -> None:
    bench = together()
    edited = bench.edit(bench.root.id, title="Cook", company="9")  # so that there are conflicts, too
    kept: set[str] = set()

    def keep(value: Value) -> None:
        if isinstance(value, tuple):
            for inner in value:
                keep(inner)
        kept.add(canonical(value).casefold())

    for line in edited.history:
        keep(line.old)
    for read in spaced(shown, 100):
        bench.seconds = (read.started - START).total_seconds() + 1
        made = bench.take(plan(bench.family, [read], [], bench.context))
        for line in made.history:
            keep(line.old)
            keep(line.new)
        for review in made.family.reviews.values():
            keep(review.detail.get("seen"))
        for gap in made.gaps:
            keep(gap.value)
        for record in made.family.records.values():
            for value in record.fields.values():
                keep(value)
                keep(str(value).removeprefix("stage-"))
        for part in read.parts:
            for value in part.seen.values():
                for each in value if isinstance(value, tuple) else (value,):
                    assert each is None or canonical(each).casefold() in kept


@given(PEOPLE, st.sampled_from(LADDER))
def test_our_own_echo_yields_nothing(fields: dict[str, Value], name: str) -> None:
    bench = together()
    ours = {"name": "last_name", "phone": "company", "title": "title", "tags": "tags"}
    bench.edit(bench.root.id, **{ours[k]: v for k, v in fields.items()})
    bench.edit(bench.application.id, stage=stage(name))
    there: dict[str, Value] = {"name": "Ng", "phone": "1", "title": None, "tags": ("X",)}
    stands: dict[str, Value] = {"job": "a-job", "st": "applied", "status": "active", "score": None}
    for _ in range(3):
        bench.read("a", person("p1", **there), applied("x1", "p1", **stands))
        if not due(bench.family, "a", bench.context):
            break
        sent = bench.deliver("a")
        (there if sent.record.kind is Kind.CANDIDATE else stands).update(sent.fields)
        bench.wait(20)
    before = bench.family.records
    made = bench.read("a", person("p1", **there), applied("x1", "p1", **stands))
    assert bench.family.records == before
    assert not made.history
    assert not bench.writes("a")


ALTERS: dict[str, Callable[[str], str | None]] = {
    "shouts": str.upper,
    "marks": lambda v: "~" + v,
    "cuts": lambda v: v[:3],
    "forgets": lambda v: None,
    "keeps its own": lambda v: "mine",
    "keeps the old": lambda v: "1",
    "doubles": lambda v: v + v,
}


@given(
    st.sampled_from(sorted(ALTERS)),
    st.booleans(),
    st.lists(st.sampled_from(["answer", "no fields", "lost", "refuse"]), min_size=1, max_size=12),
    st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=3),
)
def test_a_lossy_or_altering_system_cannot_start_a_war(
    name: str, lands: bool, endings: list[str], values: list[str]
) -> None:
    bench, alter = together(), ALTERS[name]
    there: Value = "1"
    sends = 0
    for value in values:
        bench.edit(bench.root.id, company=value)
        for turn in range(20):
            bench.read("a", person("p1", name="Ng", phone=there, title=None, tags=("X",)))
            if not due(bench.family, "a", bench.context):
                if bench.family.attempts or any(p.awaiting for p in bench.link("a").pairs.values()):
                    bench.wait(20)
                    continue
                break
            made = bench.prepared("a", "patch")
            sends += 1
            ending = endings[(sends + turn) % len(endings)]
            if ending in ("answer", "no fields") or (ending == "lost" and lands):
                there = alter(str(made.fields["phone"]))
            kinds = {"lost": OutcomeKind.UNANSWERED, "refuse": OutcomeKind.REFUSED}
            seen = {"phone": there} if ending == "answer" else {}
            bench.ends(made, kinds.get(ending, OutcomeKind.ANSWERED), seen=seen)
            bench.wait(20)
        bench.wait(60)
    assert sends <= 4 * len(values)
    bench.read("a", person("p1", name="Ng", phone=there, title=None, tags=("X",)))
    assert all(w.state is WriteState.DEAD for w in bench.writes("a"))


# ------------------------------------------------------------------------------------------------- laws of the shapes


def a_record(kind: Kind, name: str, status: str) -> Record:
    fields: dict[str, Value] = {"last_name": "Ng", "company": "1", "title": None, "tags": ("X",), "body": "hi"}
    if kind is Kind.APPLICATION:
        fields = {"job": "job-1", "stage": stage(name), "status": status, "match_score": 7}
    return Record("r", "w", kind, "f", None, fields, EMPTY, "ours", START)


@given(st.sampled_from("abc"), st.sampled_from(LADDER), st.sampled_from(["active", "rejected"]))
def test_parsing_what_was_rendered_changes_nothing(connection: str, name: str, status: str) -> None:
    for kind, maps in maps_of(connection).items():
        record = a_record(kind, name, status)
        for fields in maps:
            rendered = fields.render(record, together().family, refs())
            parsed = fields.parse(rendered, record, refs())
            assert not isinstance(parsed, Unmappable)
            for canonical_name, value in parsed.items():
                held = record.fields.get(canonical_name)
                assert same(fields, held, value) if fields.is_set else equal(held, value)


@given(st.lists(SHOWN, min_size=1, max_size=4))
def test_after_any_reads_a_lasting_difference_is_listed(
    shown: list[Shown],
) -> None:
    bench = together()
    for read in spaced(shown, 100):
        bench.seconds = (read.started - START).total_seconds() + 1
        bench.take(plan(bench.family, [read], [], bench.context))
    draft = Draft(bench.family, bench.context)
    for link in bench.family.links.values():
        _listed(draft, link)


def _listed(draft: Draft, link: Link) -> None:
    record = draft.record(link.record)
    owed = {n for w in draft.writes.values() if w.link == link.id for n in w.fields}
    for fields in draft.maps(link.connection, link.kind):
        pair = link.pairs.get(fields.name)
        if pair is None or fields.direction is not Direction.BOTH or fields.name in owed or record.kind in COPIED_KINDS:
            continue
        settled = same(fields, pair.theirs, pair.ours)
        assert settled or pair.divergence is not None or pair.gap or pair.held
        assert pair.held or record.frozen or same(fields, pair.ours, draft.render(link, fields))


@given(st.text(max_size=5), st.text(max_size=5), st.sampled_from(list(ActorKind)), st.text(max_size=5))
def test_a_writes_key_depends_on_link_call_and_actor_alone(link: str, call: str, kind: ActorKind, who: str) -> None:
    actor = Actor(kind, who)
    one = Write("1", "a", "r1", link or None, call, frozenset({"x"}), actor, "c1", START, tries=3)
    two = Write("2", "a", "r1", link or None, call, frozenset({"y", "z"}), Actor(kind, who, "name"), "c2", at(9))
    assert one.key == two.key
