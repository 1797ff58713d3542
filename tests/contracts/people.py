"""A small family to test with, and families of every shape for property tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bascule import model as m

NOW = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)
WORKSPACE = "acme"
ATS = "ats-connection"
TOOL = "tool-connection"


def a_family(n: int = 1, *, write: m.WriteState | None = m.WriteState.DUE, score: float | None = None) -> m.Family:
    """Candidate number n with one application, linked at the ATS, and perhaps a write to it."""
    source = m.Source(ATS, m.Actor(m.ActorKind.SYSTEM, ATS, "the ATS"), f"read-{n}", NOW)
    person = m.Record(
        id=f"candidate-{n:06}",
        workspace=WORKSPACE,
        kind=m.Kind.CANDIDATE,
        family=f"family-{n:06}",
        parent=None,
        fields={"first_name": "Åsa", "last_name": f"Öberg{n:06}", "emails": (f"asa{n}@example.org",), "tags": ()},
        sources={"first_name": source, "last_name": source, "emails": source},
        origin=ATS,
        born=NOW,
    )
    scored: m.Fields = {} if score is None else {"match_score": score}
    application = m.Record(
        id=f"application-{n:06}",
        workspace=WORKSPACE,
        kind=m.Kind.APPLICATION,
        family=person.family,
        parent=person.id,
        fields={"job": "job-1", "stage": "stage-1", "status": "active", **scored},
        sources={},
        origin=ATS,
        born=NOW + timedelta(seconds=n),
    )
    link = m.Link(
        f"link-{n:06}", ATS, m.Kind.CANDIDATE, f"ext-{n}", person.id, pairs={"first_name": m.Pair("Åsa", "Åsa")}
    )
    writes = {} if write is None else {f"write-{n:06}": a_write(n, state=write)}
    return m.Family(
        person.family,
        WORKSPACE,
        m.Kind.CANDIDATE,
        0,
        "salt",
        {person.id: person, application.id: application},
        {link.id: link},
        {},
        writes,
    )


def a_write(
    n: int = 1, *, id: str = "", state: m.WriteState = m.WriteState.DUE, waits: tuple[tuple[str, str], ...] = ()
) -> m.Write:
    return m.Write(
        id=id or f"write-{n:06}",
        connection=ATS,
        record=f"candidate-{n:06}",
        link=f"link-{n:06}",
        call="patch candidate",
        fields=frozenset({"custom.score", "tags"}),
        actor=m.AI,
        cause="rubric 3",
        at=NOW,
        state=state,
        waits_for=waits,
    )


# ------------------------------------------------------------------------------------------------ every shape there is

text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
any_text = st.text(max_size=8)  # inside JSON: NUL and lone surrogates too
ids = st.uuids().map(str)
times = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
numbers = st.integers(0, 2**62)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
fields = st.dictionaries(any_text, values, max_size=4)
actors = st.builds(m.Actor, st.sampled_from(m.ActorKind), any_text, any_text)
sources = st.builds(m.Source, any_text, actors, any_text, times)
awaiting = st.builds(m.Awaiting, any_text, any_text, any_text)
pairs = st.builds(
    m.Pair,
    theirs=values,
    ours=values,
    has_ours=st.booleans(),
    divergence=st.none() | st.sampled_from(m.Divergence),
    shown=numbers,
    fence=st.none() | times,
    awaiting=st.none() | awaiting,
    resent=st.integers(0, 3),
    previous=values,
    previous_until=st.none() | times,
    drift=st.lists(times, max_size=3).map(tuple),
    gap=st.booleans(),
    held=st.booleans(),
    of=any_text,
    missed=st.integers(0, 5),
    failed=values,
)
digests = st.dictionaries(any_text, any_text, max_size=3)
elements = st.dictionaries(
    any_text,
    st.tuples(st.lists(any_text, max_size=2).map(tuple), st.lists(any_text, max_size=2).map(tuple)),
    max_size=2,
)


@st.composite
def families(draw: st.DrawFn) -> m.Family:
    """Any family a plan may leave to be saved."""
    id, workspace = draw(ids), draw(text)
    records = draw(st.lists(_records(id, workspace), min_size=1, max_size=3, unique_by=lambda r: r.id))
    record = st.sampled_from([r.id for r in records])
    links = draw(
        st.lists(_links(record), max_size=3, unique_by=(lambda x: x.id, lambda x: (x.connection, x.kind, x.external)))
    )
    attempts = draw(st.lists(_attempts(record), max_size=2, unique_by=lambda x: x.id))
    writes = draw(st.lists(_writes(record), max_size=3, unique_by=(lambda w: w.id, lambda w: w.key)))
    reviews = draw(st.lists(_reviews(record), max_size=2, unique_by=lambda x: x.id))
    newest = draw(times)
    recent = st.datetimes(
        newest.replace(tzinfo=None) - timedelta(minutes=59), newest.replace(tzinfo=None), timezones=st.just(UTC)
    )
    transitions = draw(
        st.lists(
            st.builds(m.Transition, record, any_text, values, values, any_text, actors, any_text, recent), max_size=3
        )
    )
    return m.Family(
        id,
        workspace,
        draw(st.sampled_from([m.Kind.CANDIDATE, m.Kind.JOB])),
        0,
        draw(text),
        {x.id: x for x in records},
        {x.id: x for x in links},
        {x.id: x for x in attempts},
        {x.id: x for x in writes},
        {x.id: x for x in reviews},
        tuple(transitions),
        draw(st.sampled_from((m.FamilyState.LIVE, m.FamilyState.ERASING))),  # of an erased one nothing is left
    )


def _records(family: str, workspace: str) -> st.SearchStrategy[m.Record]:
    return st.builds(
        m.Record,
        id=ids,
        workspace=st.just(workspace),
        kind=st.sampled_from(m.Kind),
        family=st.just(family),
        parent=st.none() | ids,
        fields=fields,
        sources=st.dictionaries(any_text, sources, max_size=3),
        origin=text,
        born=times,
        state=st.sampled_from(m.RecordState),
        merged_into=st.none() | ids,
        frozen=st.frozensets(any_text, max_size=2),
    )


def _links(record: st.SearchStrategy[str]) -> st.SearchStrategy[m.Link]:
    return st.builds(
        m.Link,
        id=ids,
        connection=text,
        kind=st.sampled_from(m.Kind),
        external=text,
        record=record,
        primary=st.booleans(),
        state=st.sampled_from(m.LinkState),
        pairs=st.dictionaries(text, pairs, max_size=3),
        last_read=numbers,
        read_at=st.none() | times,
        missing=st.lists(numbers, max_size=2).map(tuple),
        missing_since=st.none() | times,
        into=st.none() | any_text,
        parent=st.none() | any_text,
        created=st.booleans(),
        version=any_text,
    )


def _attempts(record: st.SearchStrategy[str]) -> st.SearchStrategy[m.Attempt]:
    return st.builds(
        m.Attempt,
        id=ids,
        write=ids,
        connection=text,
        record=record,
        link=st.none() | ids,
        call=any_text,
        fields=digests,
        before=digests,
        elements=elements,
        marker=any_text,
        epoch=numbers,
        at=times,
        state=st.sampled_from(m.AttemptState),
        until=st.none() | times,
        spent=st.frozensets(any_text, max_size=2),
        accepted=st.booleans(),
        removed=st.booleans(),
    )


def _writes(record: st.SearchStrategy[str]) -> st.SearchStrategy[m.Write]:
    kept = [*m.OPEN_WRITES, m.WriteState.DEAD]
    return st.builds(
        m.Write,
        id=ids,
        connection=text,
        record=record,
        link=st.none() | ids,
        call=text,
        fields=st.frozensets(any_text, max_size=3),
        actor=st.builds(m.Actor, st.sampled_from(m.ActorKind), text, any_text),
        cause=any_text,
        at=times,
        state=st.sampled_from(sorted(kept)),
        waits_for=st.lists(st.tuples(st.sampled_from(m.Kind).map(str), text), max_size=2).map(tuple),
        tries=st.integers(0, 9),
        why=any_text,
        reason=st.none() | st.sampled_from(m.Reason),
        given_up=any_text,
        approved=any_text,
        closed=st.none() | times,
    )


def _reviews(record: st.SearchStrategy[str]) -> st.SearchStrategy[m.Review]:
    return st.builds(
        m.Review,
        id=ids,
        kind=st.sampled_from(m.ReviewKind),
        record=st.none() | record,
        connection=st.none() | text,
        field=any_text,
        about=text,
        detail=fields,
        actor=actors,
        at=times,
        state=st.just(m.ReviewState.OPEN),
        decided_by=st.none() | actors,
        decided_at=st.none() | times,
        answer=any_text,
    )
