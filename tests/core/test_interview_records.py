"""An interview that was booked here, in the core: who may add it, what has it made elsewhere, what takes it away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bascule.connectors import registry
from bascule.connectors.spec import Tenant, scopes
from bascule.core import gates, mapping
from bascule.core.counterparts import going_on
from bascule.core.erasure import erasing
from bascule.core.gates import Gate
from bascule.core.mapping import Choice, Chosen
from bascule.core.plan import Context
from bascule.errors import ForbiddenError
from bascule.model import (
    AI,
    BASCULE,
    CANCELLED,
    OURS,
    SCHEDULED,
    ConnectionView,
    Direction,
    Family,
    Kind,
    Link,
    Mode,
    Record,
    replace,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MAKERS = [one for one in registry.BUILT_IN if Kind.INTERVIEW in registry.load(one).creates]


def record(id: str, kind: Kind, parent: str | None, origin: str = "c1") -> Record:
    fields = {"status": SCHEDULED} if kind is Kind.INTERVIEW else {}
    return Record(id, "w", kind, "f", parent, fields, {}, origin, NOW)


OF_OURS, OF_THE_ATS = record("i1", Kind.INTERVIEW, "a1", OURS), record("i2", Kind.INTERVIEW, "a1")


@pytest.mark.parametrize("name", MAKERS)
def test_it_is_made_there_only_where_the_owner_has_chosen_so(name: str) -> None:
    connector = registry.load(name)
    proposed = connector.fields(Tenant(), "c1")
    switch = next(each for each in proposed if each.opt_in)
    assert switch.canonical == ("starts_at",)
    for chosen in (Chosen(), Chosen({mapping.key(switch): Choice(direction=Direction.IN)})):
        maps = mapping.apply(proposed, chosen)
        assert {each.direction for each in maps[Kind.INTERVIEW]} == {Direction.IN}
        assert Kind.INTERVIEW not in mapping.creations(connector.creates, proposed, chosen)
    least = scopes(connector, [each for some in mapping.apply(proposed).values() for each in some])
    making = {*connector.sends[connector.creates[Kind.INTERVIEW].call].scopes}
    assert making - least
    assert making - scopes(connector, proposed)
    on = Chosen({mapping.key(switch): Choice(direction=Direction.BOTH)})
    maps = mapping.apply(proposed, on)
    out = {each.canonical[0] for each in maps[Kind.INTERVIEW] if each.direction is not Direction.IN}
    assert {"status", "starts_at", "ends_at", "interviewers"} <= out
    assert Kind.INTERVIEW in mapping.creations(connector.creates, proposed, on)
    assert scopes(connector, [each for some in maps.values() for each in some]) >= making | least
    off = Chosen({mapping.key(switch): Choice(on=False)})
    assert Kind.INTERVIEW not in mapping.creations(connector.creates, proposed, off)


def test_bascule_may_add_and_change_one_of_ours_and_an_ai_may_not() -> None:
    gates.may_create(BASCULE, Kind.INTERVIEW)
    with pytest.raises(ForbiddenError):
        gates.may_create(AI, Kind.INTERVIEW)
    assert gates.gate(BASCULE, OF_OURS, "status", CANCELLED, {}) is Gate.ENTER
    assert gates.gate(BASCULE, OF_THE_ATS, "status", CANCELLED, {}) is Gate.PROPOSE
    assert gates.gate(AI, OF_OURS, "status", CANCELLED, {}) is Gate.PROPOSE


def test_what_an_ats_made_and_what_is_cancelled_is_made_nowhere() -> None:
    assert going_on(OF_OURS)
    assert not going_on(OF_THE_ATS)
    assert not going_on(replace(OF_OURS, fields={"status": CANCELLED}))


def test_an_erasure_takes_it_away_where_a_system_has_a_call_for_that() -> None:
    connector = registry.load("odoo")
    people = [record("p1", Kind.CANDIDATE, None), record("a1", Kind.APPLICATION, "p1"), OF_OURS]
    links = {
        f"l{n}": Link(f"l{n}", "c1", each.kind, str(n), each.id, parent=str(n - 1) if n else None)
        for n, each in enumerate(people)
    }
    family = Family("f", "w", Kind.CANDIDATE, 1, "salt", records={each.id: each for each in people}, links=links)
    view = ConnectionView("c1", "odoo", Mode.LIVE, {}, erases=connector.erases)
    ids = iter(f"w{n}" for n in range(9))
    planned = erasing(family, Context(NOW, lambda: next(ids), {"c1": view}))
    assert [(write.link, write.call) for write in planned.family.writes.values()] == [("l2", "take away")]
