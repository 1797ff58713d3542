"""A CV fills the gaps of its person's record, and changes nothing that is there without a person's yes."""

from __future__ import annotations

import pytest

from bascule.core.enrichment import Effect
from bascule.core.rediscovery import Policy
from bascule.errors import ForbiddenError, NotFoundError
from bascule.hiring.enriching import Enriched
from bascule.hiring.messages import CAME_BACK
from bascule.hiring.older import OlderResumes
from bascule.model import AI, ActorKind, Kind
from bascule.office.enrichment import Filters
from bascule.sandbox.greenhouse import people

from .kit import DANA, OWNER, Applied, Builder, House, Workbench

CV = """Ada Byron
Backend Developer
ada.byron@post.example | +44 20 7946 0321 | https://www.linkedin.com/in/adabyron

Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services in Python and PostgreSQL; ran them with Docker and Kubernetes.
Software Developer, Contoso, March 2016 - December 2019
Django applications, automated tests.

References
Charles Babbage, charles@engines.example, +44 20 7946 0999
"""


async def applied(house: House, cv: str = CV, **given: str) -> tuple[Applied, str]:
    made = await house.apply(file=cv.encode(), **given)
    await house.pass_time(8)
    return made, (await house.record(Kind.CANDIDATE, made.candidate)).id


def effects(made: Enriched) -> dict[str, tuple[str, Effect]]:
    return {one.found.value: (one.found.field, one.effect) for one in made.steps}


async def test_a_gap_is_filled_a_contact_added_beside_and_the_ats_follows(house: House) -> None:
    made, ada = await applied(house)
    preview = effects(await house.app.enrichment.preview(ada))
    assert preview == {
        "ada.byron@post.example": ("emails", Effect.ADD),
        "+442079460321": ("phones", Effect.ADD),
        "https://www.linkedin.com/in/adabyron": ("links", Effect.FILL),
        "Backend Developer": ("title", Effect.FILL),
        "Northwind Systems": ("company", Effect.FILL),
    }, "and nothing of the referee's"
    house.mark()
    await house.app.enrichment.enrich(ada, OWNER)
    await house.pass_time(10)
    row = house.candidate(made.candidate)
    assert [one["value"] for one in row["email_addresses"]] == ["ada@example.org", "ada.byron@post.example"]
    assert len(row["phone_numbers"]) == 2
    assert (row["title"], row["company"]) == ("Backend Developer", "Northwind Systems")
    record = await house.record(Kind.CANDIDATE, made.candidate)
    assert record.sources["title"].actor.kind is ActorKind.PERSON
    found = {one.found.field: one for one in (await house.app.enrichment.of(ada)).values}
    assert found["emails"].found.quote == CV.splitlines()[2]
    assert found["title"].found.seen == "2026-11-20"
    assert record.sources["title"].cause == found["title"].found.id
    again = effects(await house.app.enrichment.enrich(ada, OWNER))
    assert {effect for _, effect in again.values()} == {Effect.SAME}
    house.mark()
    await house.pass_time(10)
    assert not house.written()


async def test_what_differs_waits_for_a_yes_and_a_no_is_not_asked_again(house: House) -> None:
    made, ada = await applied(house)
    people.update(house.sandbox, DANA, made.candidate, {"title": "Head of Engineering"})
    await house.pass_time(8)
    (step,) = [x for x in (await house.app.enrichment.enrich(ada, OWNER)).steps if x.found.field == "title"]
    assert (step.effect, step.replaces) == (Effect.PROPOSE, ("Head of Engineering",))
    await house.pass_time(10)
    assert house.candidate(made.candidate)["title"] == "Head of Engineering"
    (waiting,) = await house.app.enrichment.proposals(field="title")
    assert (waiting.found.value, waiting.now) == ("Backend Developer", "Head of Engineering")
    assert (await house.app.enrichment.decide([waiting], "decline", OWNER)).done == 1
    (step,) = [x for x in (await house.app.enrichment.enrich(ada, OWNER)).steps if x.found.field == "title"]
    assert step.effect is Effect.DECLINED
    assert not await house.app.enrichment.proposals()


async def test_a_yes_replaces_in_bulk_in_the_name_of_the_person(house: House) -> None:
    applied_ = [
        await applied(house, CV.replace("Ada", first), first=first, email=f"{first.lower()}@example.org")
        for first in ("Ada", "Bea")
    ]
    for made, _ in applied_:
        people.update(house.sandbox, DANA, made.candidate, {"company": "Fabrikam"})
    await house.pass_time(8)
    look = await house.app.enrichment.look(Filters(connection=house.name))
    assert (look.people, look.counts[Effect.PROPOSE]) == (2, 2)
    assert await house.app.enrichment.begin(Filters(connection=house.name), OWNER) == 2
    await house.pass_time(10)
    waiting = await house.app.enrichment.proposals(field="company", sure=0.9)
    assert len(waiting) == 2
    assert (await house.app.enrichment.decide(waiting, "approve", OWNER)).done == 2
    await house.pass_time(10)
    for made, _ in applied_:
        assert house.candidate(made.candidate)["company"] == "Northwind Systems"
        assert (await house.record(Kind.CANDIDATE, made.candidate)).sources["company"].actor.id == OWNER.id
    assert (await house.app.enrichment.decide(waiting, "approve", OWNER)).failed == 2


async def test_by_itself_only_where_it_is_switched_on_and_only_gaps(house: House) -> None:
    _, ada = await applied(house)
    assert not (await house.app.enrichment.of(ada)).values
    await house.app.enrichment.enrich(ada, OWNER)
    await house.app.enrichment.switch(house.name, True, OWNER)
    made, bea = await applied(house, CV.replace("Ada", "Bea"), first="Bea", email="bea@example.org")
    await house.pass_time(5)
    record = await house.record(Kind.CANDIDATE, made.candidate)
    assert record.fields["title"] == "Backend Developer"
    assert record.sources["title"].actor.name == "Enrichment from the CV"
    assert house.candidate(made.candidate)["title"] == "Backend Developer"
    phones = [one for one in (await house.app.enrichment.of(bea)).values if one.found.field == "phones"]
    assert [one.outcome for one in phones] == ["propose"], "somebody else here has that number"


async def test_what_somebody_took_away_again_stays_away(house: House) -> None:
    made, ada = await applied(house)
    await house.app.enrichment.enrich(ada, OWNER)
    await house.app.changes.edit(ada, {"emails": ("ada@example.org",)}, OWNER)
    again = effects(await house.app.enrichment.enrich(ada, OWNER))
    assert again["ada.byron@post.example"] == ("emails", Effect.DECLINED)
    assert (await house.record(Kind.CANDIDATE, made.candidate)).fields["emails"] == ("ada@example.org",)


async def test_only_a_person_and_only_for_somebody_who_is_here(house: House) -> None:
    _, ada = await applied(house)
    with pytest.raises(ForbiddenError):
        await house.app.enrichment.enrich(ada, AI)
    with pytest.raises(NotFoundError):
        await house.app.enrichment.preview("nobody")
    await house.app.erasures.begin(ada, OWNER)
    with pytest.raises(NotFoundError):
        await house.app.enrichment.enrich(ada, OWNER)


async def test_contact_data_that_nobody_used_for_long_are_called_so(house: House) -> None:
    _, ada = await applied(house)
    assert not (await house.app.enrichment.of(ada)).stale
    app = house.app
    await app.store.write(lambda tx: tx.messages.hush(app.workspace, "ada@example.org", CAME_BACK, now=house.clock.at))
    assert (await app.enrichment.of(ada)).stale == ("a message to ada@example.org came back",)
    assert (await app.enrichment.look(Filters(stale=True))).people == 1
    await app.store.write(lambda tx: tx.messages.unhush(app.workspace, "ada@example.org"))
    house.clock.move(800 * 86_400)
    standing = await house.app.enrichment.of(ada)
    assert standing.stale == ("no contact since 2026-11-20",)
    assert (await house.app.enrichment.look(Filters(stale=True))).people == 1


async def test_an_older_cv_that_is_fetched_fills_gaps_too_where_that_is_switched_on(
    build: Builder, bench: Workbench
) -> None:
    house = await build.house(mode=None)
    old = await house.apply(file=CV.encode())
    await house.connect()
    app = house.app
    app.__dict__["older"] = OlderResumes(app.runtime, app.store, app.connections, app.contents, bench.reader)
    await app.enrichment.switch(house.name, True, OWNER)
    await app.rediscovery.set_policy(Policy(read=True), OWNER)
    await house.pass_time(130)
    record = await house.record(Kind.CANDIDATE, old.candidate)
    assert record.fields["title"] == "Backend Developer"
    assert record.sources["title"].actor.name == "Enrichment from the CV"
