"""What a found value does to a record, as a table: it never takes anything away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bascule.connectors import lens
from bascule.core.enrichment import Effect, fold, stale, steps
from bascule.core.gates import Gate, gate
from bascule.errors import ForbiddenError
from bascule.model import (
    AI,
    OURS,
    Actor,
    ActorKind,
    ConnectionView,
    Family,
    Fields,
    FoundValue,
    Kind,
    Link,
    Mode,
    Record,
    Source,
    enricher,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PERSON = Actor(ActorKind.PERSON, "olga", "Olga")
CV = enricher("resume", "the CV")


def family(*, by: Actor = CV, **fields: object) -> Family:
    held: Fields = fields  # type: ignore[assignment]
    sources = {name: Source(OURS, by, "", NOW) for name in held}
    person = Record("p", "w", Kind.CANDIDATE, "f", None, held, sources, "acme", NOW)
    return Family("f", "w", Kind.CANDIDATE, 1, "", {"p": person}, {"l": Link("l", "acme", Kind.CANDIDATE, "1", "p")})


def found(field: str, value: str, sure: float = 0.95, seen: str = "2026-11-01", source: str = "resume") -> FoundValue:
    return FoundValue(value, "p", field, value, source, sure, seen, NOW)


def views(*, single: bool) -> dict[str, ConnectionView]:
    maps = tuple(lens.elements(Kind.CANDIDATE, name, name, call="x", single=single) for name in ("emails", "links"))
    return {"acme": ConnectionView("acme", "acme", Mode.LIVE, {Kind.CANDIDATE: maps})}


@pytest.mark.parametrize(
    ("held", "one", "effect", "becomes"),
    [
        ({}, found("title", "Nurse"), Effect.FILL, "Nurse"),
        ({}, found("title", "Nurse", 0.5), Effect.PROPOSE, "Nurse"),
        ({"title": "nurse"}, found("title", "Nurse"), Effect.SAME, None),
        ({"title": "Cook"}, found("title", "Nurse"), Effect.PROPOSE, "Nurse"),
        ({"emails": ("a@x.org",)}, found("emails", "b@x.org"), Effect.ADD, ("a@x.org", "b@x.org")),
        ({"emails": ("a@x.org",)}, found("emails", "A@X.ORG"), Effect.SAME, None),
        ({"emails": ("a@x.org",)}, found("emails", "b@x.org", 0.5), Effect.PROPOSE, ("a@x.org", "b@x.org")),
        ({"phones": ("020 7946 0999",)}, found("phones", "+442079460999"), Effect.SAME, None),
        ({"links": ("https://www.linkedin.com/in/a/",)}, found("links", "linkedin.com/in/A"), Effect.SAME, None),
        (
            {"links": ("https://linkedin.com/in/a", "https://a.example")},
            found("links", "https://linkedin.com/in/b"),
            Effect.PROPOSE,
            ("https://a.example", "https://linkedin.com/in/b"),
        ),
    ],
)
def test_what_one_value_does(held: Fields, one: FoundValue, effect: Effect, becomes: object) -> None:
    (step,) = steps(family(**held), [one], views(single=False))
    assert (step.effect, step.becomes) == (effect, becomes)


def test_where_a_system_holds_one_a_second_is_a_proposal_to_replace() -> None:
    (step,) = steps(family(emails=("a@x.org",)), [found("emails", "b@x.org")], views(single=True))
    assert (step.effect, step.becomes, step.replaces) == (Effect.PROPOSE, ("b@x.org",), ("a@x.org",))
    (step,) = steps(family(), [found("emails", "b@x.org")], views(single=True))
    assert step.effect is Effect.FILL
    (step,) = steps(family(links=("https://a.example",)), [found("links", "https://b.example")], views(single=True))
    assert step.effect is Effect.PASSED


def test_the_surest_fills_and_a_proposal_holds_what_was_entered_meanwhile() -> None:
    some = [found("emails", "weak@x.org", 0.5), found("emails", "b@x.org"), found("title", "Cook", 0.75),
            found("title", "Nurse")]  # fmt: skip
    made = {step.found.value: step for step in steps(family(emails=("a@x.org",)), some, views(single=False))}
    assert (made["Nurse"].effect, made["Cook"].effect) == (Effect.FILL, Effect.PASSED)
    assert made["weak@x.org"].becomes == ("a@x.org", "b@x.org", "weak@x.org")


def test_what_was_declined_is_somebody_elses_or_older_than_a_persons_entry() -> None:
    one = found("emails", "b@x.org")
    (step,) = steps(family(), [one], {}, declined={("emails", fold("emails", "B@x.org"))})
    assert step.effect is Effect.DECLINED
    (step,) = steps(family(), [one], {}, elsewhere={"email:b@x.org"})
    assert (step.effect, step.why) == (Effect.PROPOSE, "somebody else here has it")
    (step,) = steps(family(by=PERSON, title="Cook"), [found("title", "Nurse")], {})
    assert step.effect is Effect.PASSED
    (step,) = steps(family(by=PERSON, title="Cook"), [found("title", "Nurse", seen="2026-11-21")], {})
    assert step.effect is Effect.PROPOSE


def test_the_gate_lets_a_source_enter_only_what_takes_nothing_away() -> None:
    person = family(emails=("a@x.org",), title="Cook").root
    assert gate(CV, person, "company", "Kew", {}) is Gate.ENTER
    assert gate(CV, person, "emails", ("a@x.org", "b@x.org"), {}) is Gate.ENTER
    assert gate(CV, person, "emails", ("b@x.org",), {}) is Gate.PROPOSE
    assert gate(CV, person, "emails", (), {}) is Gate.PROPOSE
    assert gate(CV, person, "title", "Nurse", {}) is Gate.PROPOSE
    with pytest.raises(ForbiddenError):
        gate(replace(CV, kind=ActorKind.AI), person, "title", "Nurse", {})
    with pytest.raises(ForbiddenError):
        gate(AI, person, "title", "Nurse", {})


def test_a_cv_that_gives_another_address_makes_the_one_that_is_there_doubtful() -> None:
    held = family(emails=("a@x.org",), created_at="2026-11-01T00:00:00+00:00")
    assert stale(held, NOW, [found("emails", "b@x.org")]) == ("the CV of 2026-11-01 gives another e-mail address",)
    assert not stale(held, NOW, [found("emails", "A@x.org"), found("emails", "c@x.org", source="peopledata")])
