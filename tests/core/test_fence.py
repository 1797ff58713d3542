"""Whom a mode covers: jobs, departments, offices; and a pilot's fence, which lets nothing through either way."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from bascule.core import gates
from bascule.core.pilots import Asked, Check, judge, landed, next_stage
from bascule.core.plan import rearrange
from bascule.model import ConnectionView, Kind, Mode, Record, Scope, WriteState

from .kit import PERSON_A, START, Bench, person, stage, stage_records

TAG = f"{gates.PILOT}abc123"


def record(kind: Kind, id: str, **fields: object) -> Record:
    return Record(id, "w", kind, "f", None, fields, {}, "a", START)  # type: ignore[arg-type]


NURSE = record(Kind.JOB, "j1", department="Care", offices=("Oslo", "Bergen"))
CLERK = record(Kind.JOB, "j2", department="Office", offices=("Lund",))
APPLIED = record(Kind.APPLICATION, "p1", job="j1")
WHO = record(Kind.CANDIDATE, "c1", tags=())
TEST = record(Kind.CANDIDATE, "c2", tags=("Other", TAG.upper()))


@pytest.mark.parametrize(
    ("scope", "nurse", "clerk"),
    [
        (Scope(), True, True),
        (Scope(jobs=frozenset({"j2"})), False, True),
        (Scope(departments=frozenset({"Care"})), True, False),
        (Scope(offices=frozenset({"Bergen", "Lund"})), True, True),
        (Scope(jobs=frozenset({"j2"}), offices=frozenset({"Oslo"})), True, True),
        (Scope(pilot=TAG), False, False),
    ],
)
def test_a_mode_covers_what_any_of_its_limits_names(scope: Scope, nurse: bool, clerk: bool) -> None:
    view = ConnectionView("a", "a", Mode.LIVE, {}, scope=scope)
    known = {"j1": NURSE, "j2": CLERK}
    assert gates.in_scope(view, NURSE, (), known) is nurse
    assert gates.in_scope(view, CLERK, (), known) is clerk
    assert gates.in_scope(view, APPLIED, (WHO, APPLIED), known) is nurse
    assert gates.in_scope(view, WHO, (WHO, APPLIED), known) is nurse


def test_a_fence_keeps_a_connection_and_everybody_else_apart_both_ways() -> None:
    fenced, free = (ConnectionView("a", "a", Mode.LIVE, {}, scope=Scope(pilot=tag)) for tag in (TAG, ""))
    other = replace(fenced, scope=Scope(pilot=f"{gates.PILOT}ffffff"))
    for view, who, covered in (
        (fenced, TEST, True), (fenced, WHO, False), (free, TEST, False), (free, WHO, True), (other, TEST, False),
    ):  # fmt: skip
        assert gates.in_scope(view, who, (who,), MappingProxyType({})) is covered
        assert bool(gates.held(view, (who,))) is not covered


@pytest.fixture
def bench() -> Bench:
    made = Bench("ab")
    made.both()
    return made


def test_what_was_due_to_others_is_not_sent_while_a_fence_stands_and_goes_on_after_it(bench: Bench) -> None:
    bench.read("a", person("p1", **{**PERSON_A, "phone": "99"}))  # type: ignore[arg-type]
    assert [w.state for w in bench.family.writes.values()] == [WriteState.DUE]
    bench.change("b", scope=Scope(pilot=TAG))
    bench.take(rearrange(bench.family, bench.context))
    assert not bench.family.writes
    bench.change("b", scope=Scope())
    bench.take(rearrange(bench.family, bench.context))
    assert [(w.connection, w.state) for w in bench.family.writes.values()] == [("b", WriteState.DUE)]


def test_a_finding_names_whose_field_and_both_values(bench: Bench) -> None:
    asked = Asked(
        "Pilot Test 01", {"emails": ("nobody@pilot.example",)}, asked=stage("offer"), stages={stage("offer"): "Offer"}
    )
    found = {one.check: one for one in judge(bench.family, "b", asked, bench.context)}
    assert {Check.SCORE, Check.CONTACT, Check.STAGE_HERE} <= found.keys()
    contact, moved = found[Check.CONTACT], found[Check.STAGE_HERE]
    assert (contact.candidate, contact.field, contact.expected) == ("Pilot Test 01", "emails", "nobody@pilot.example")
    assert contact.found not in ("", contact.expected)
    assert (moved.expected, moved.field) == ("Offer", "stage")
    assert moved.next
    assert not landed(bench.family, "b", bench.context)
    assert stage("assess") == (next_stage(stage_records().values(), stage("screen")) or NURSE).id
