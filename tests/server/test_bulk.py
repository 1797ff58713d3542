"""A bulk change is one item on the page: who would change how much where, and two buttons that say what they do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.databases import both_databases

from bascule.core.erasure import ANONYMISED, FOLLOW
from bascule.model import BASCULE, Review, ReviewKind
from bascule.server.roles import Role
from bascule.store import Tx
from bascule.store.bulk import Bulk

from .conftest import Bench


async def held(bench: Bench, cause: str = "") -> tuple[str, str]:
    """What somebody in one system would change in another waits: (review, connection)."""
    here, there = await bench.connection("first"), await bench.connection("second")
    ada = await bench.candidate(connection=there.id)
    now, cause = bench.app.runtime.now(), cause or f"system:{here.id}"

    def ask(tx: Tx) -> str:
        family = tx.families.family(tx.families.record_family(ada) or "")
        detail = {"cause": cause, "changed": 26, "records": 900}
        about = f"bulk|{there.id}|{cause}"
        review = Review(bench.app.runtime.id(), ReviewKind.BULK, ada, there.id, "", about, detail, BASCULE, now)
        tx.families.save(family, replace(family, reviews={review.id: review}), now=now)
        tx.bulk.set(bench.app.workspace, Bulk(there.id, cause, "held", review.id, now))
        return review.id

    return await bench.app.store.write(ask), there.id


async def test_the_page_says_what_is_held_and_a_button_refuses_it(inside: Bench) -> None:
    review, there = await held(inside)
    page = (await inside.browser.get(f"/review/{review}")).text
    assert "Should all of these be changed?" in page
    assert "somebody in first" in page
    assert "records in second" in page
    assert "26 people and jobs within ten minutes" in page
    assert "the greater of 25 and 1 %" in page
    assert "Release all of it" in page
    assert "Refuse all of it" in page
    await inside.post(f"/review/{review}", answer="decline")
    assert "Declined" in (await inside.browser.get(f"/review/{review}")).text
    (one,) = await inside.app.store.read(lambda tx: tx.bulk.all(inside.app.workspace))
    assert (one.connection, one.state) == (there, "refused")


async def test_very_many_who_were_anonymised_are_answered_by_somebody_who_may_erase(bench: Bench) -> None:
    await bench.enter(Role.ADMINISTRATOR)
    review, there = await held(bench, ANONYMISED)
    await bench.app.store.write(
        lambda tx: tx.tasks.put(bench.app.workspace, FOLLOW, f"{there}|somebody", due=bench.app.runtime.now())
    )
    await bench.enter(Role.RECRUITER)
    page = (await bench.browser.get(f"/review/{review}")).text
    for words in ("Should all of these people be erased?", "anonymised in second", "1 people", "Erase nobody"):
        assert words in page
    await bench.post(f"/review/{review}", answer="approve")
    (one,) = await bench.app.store.read(lambda tx: tx.bulk.all(bench.app.workspace))
    assert one.state == "held"
    await bench.enter(Role.ADMINISTRATOR)
    await bench.post(f"/review/{review}", answer="approve")
    known = await bench.app.store.read(lambda tx: tx.bulk.get(there, ANONYMISED))
    assert known is not None
    assert known.state == "agreed"


@both_databases
async def test_an_agreement_lasts_and_is_no_question_any_more(inside: Bench) -> None:
    review, there = await held(inside)
    before = inside.app.runtime.now()
    await inside.post(f"/review/{review}", answer="approve")
    assert await inside.app.store.read(lambda tx: tx.bulk.all(inside.app.workspace)) == []
    known = await inside.app.store.read(lambda tx: tx.bulk.get(there, _cause(tx, there)))
    assert known is not None
    assert known.state == "agreed"
    assert known.until >= before + timedelta(minutes=10)


def _cause(tx: Tx, there: str) -> str:
    (other,) = (one.id for one in tx.connections.list() if one.id != there)
    return f"system:{other}"
