"""What was found of people, on pages and for programs: looked at first, then entered or answered by who may."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bascule.model import Family, Kind, Record, Source
from bascule.server.roles import Role, Scope
from bascule.store import Tx

from .conftest import SOMEBODY, Bench
from .test_api import key

CV = """Ada Byron
ada.byron@post.example

Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services in Python and PostgreSQL.
"""


async def with_cv(bench: Bench, title: str = "") -> str:
    """Ada, whose CV has been read; her id."""
    ada, now, id = await bench.candidate(), datetime.now(UTC), bench.app.runtime.id()
    source = Source("ours", SOMEBODY, "read", now)
    fields = {"type": "resume", "filename": "cv.txt", "created_at": now.isoformat()}

    def add(tx: Tx) -> None:
        family = tx.families.family(str(tx.families.record_family(ada)))
        file = Record(
            id, bench.app.workspace, Kind.ATTACHMENT, family.id, ada, fields, dict.fromkeys(fields, source), "ours", now
        )
        after = Family(
            family.id, family.workspace, family.kind, family.rev, family.salt, {**family.records, id: file},
            family.links,
        )  # fmt: skip
        tx.families.save(family, after, now=now)
        tx.stored.put(bench.app.workspace, family.id, "text", id, CV.encode(), now=now, media="text/plain")

    await bench.app.store.write(add)
    if title:
        await bench.app.changes.edit(ada, {"title": title}, SOMEBODY)
    return ada


async def held(bench: Bench, id: str) -> dict[str, object]:
    records = await bench.app.store.read(lambda tx: tx.families.records(bench.app.workspace, [id]))
    return dict(records[id].fields)


async def test_one_person_is_looked_at_then_filled_in_and_the_page_says_from_where(inside: Bench) -> None:
    ada = await with_cv(inside)
    assert "missing: Phone, Web, Current title" in (await inside.browser.get(f"/candidates/{ada}")).text
    look = (await inside.browser.get(f"/candidates/{ada}/enrichment")).text
    assert "Northwind Systems" in look
    assert "fills the gap" in look
    assert "People Data Labs is not switched on." in look
    assert "title" not in await held(inside, ada), "nothing has been done"
    done = await inside.post(f"/candidates/{ada}/enrichment", source="resume")
    assert done.headers["location"] == f"/candidates/{ada}#found"
    page = (await inside.browser.get(f"/candidates/{ada}")).text
    assert "3 values entered, 0 for somebody to say yes to." in page
    assert "from the CV of" in page
    assert "“Backend Developer, Northwind Systems, January 2020 - present”" in page
    assert (await held(inside, ada))["emails"] == ("ada.byron@post.example", "ada@mail.example")


async def test_many_are_answered_at_once_only_if_they_are_those_that_were_shown(inside: Bench) -> None:
    ada = await with_cv(inside)

    def older(tx: Tx) -> None:
        family = tx.families.family(str(tx.families.record_family(ada)))
        source = Source("acme", SOMEBODY, "read", datetime(2020, 1, 1, tzinfo=UTC))
        root = family.root
        titled = Record(
            root.id, root.workspace, root.kind, root.family, None, {**root.fields, "title": "Cook"},
            {**root.sources, "title": source}, root.origin, root.born,
        )  # fmt: skip
        after = Family(
            family.id, family.workspace, family.kind, family.rev, family.salt, {**family.records, ada: titled},
            family.links,
        )  # fmt: skip
        tx.families.save(family, after, now=datetime.now(UTC))

    await inside.app.store.write(older)
    await inside.post(f"/candidates/{ada}/enrichment", source="resume")
    page = (await inside.browser.get("/enrichment?field=title")).text
    assert "Cook" in page
    assert "Backend Developer" in page
    (waiting,) = await inside.app.enrichment.proposals()
    shown = (await inside.browser.get(f"/review/{waiting.review}")).text
    assert "From the CV of" in shown
    assert "% sure" in shown
    await inside.post("/enrichment/decide", field="title", answer="approve", agree="7")
    assert "another number of proposals" in (await inside.browser.get("/enrichment")).text
    assert (await held(inside, ada))["title"] == "Cook"
    await inside.post("/enrichment/decide", field="title", answer="approve", agree="1")
    assert (await held(inside, ada))["title"] == "Backend Developer"
    assert "1 proposal approved, in your name." in (await inside.browser.get("/enrichment")).text


async def test_programs_look_first_and_need_the_right_scope(bench: Bench) -> None:
    ada = await with_cv(bench)
    reader = await key(bench, Scope.CANDIDATES_READ)
    found = (await bench.browser.get(f"/api/v1/candidates/{ada}/enrichment", headers=reader)).json()
    assert {one["effect"] for one in found["steps"]} == {"fill", "add"}
    assert found["steps"][0]["quote"]
    path = f"/api/v1/candidates/{ada}/enrichment"
    assert (await bench.browser.post(path, json={}, headers=reader)).status_code == 403
    writer = await key(bench, Scope.REVIEWS_WRITE)
    done = (await bench.browser.post(path, json={}, headers=writer)).json()
    assert [one["outcome"] for one in done["values"]].count("fill") == 2
    wrong = await bench.browser.post(path, json={"sources": ["nobody"]}, headers=writer)
    assert (wrong.status_code, wrong.json()["hint"]) == (422, "There are: resume, peopledata.")


@pytest.mark.parametrize(("role", "may"), [(Role.COMPLIANCE, False), (Role.RECRUITER, True)])
async def test_only_who_may_edit_fills_in(bench: Bench, role: Role, may: bool) -> None:
    ada = await with_cv(bench)
    await bench.enter(role)
    page = await bench.browser.get(f"/candidates/{ada}/enrichment")
    assert ("Enter what fills gaps" in page.text) is may
    await bench.post(f"/candidates/{ada}/enrichment")
    assert ("title" in await held(bench, ada)) is may
    await bench.post("/settings/enrichment", at="greenhouse")
    await bench.post("/settings/providers/peopledata", price="7")
    assert (await bench.app.providers.told())[0].choice.price == 0


async def test_the_settings_take_a_provider_with_price_and_budget_and_show_no_key(inside: Bench) -> None:
    given = {"on": "yes", "key": "canary-pdl-key", "price": "0.25", "cost": "50", "regions": "global"}
    await inside.post("/settings/providers/peopledata", **given)
    assert "Nobody has said that people are told of it" in (await inside.browser.get("/settings")).text
    await inside.post("/settings/providers/peopledata", **given, informed="yes", only_agreed="yes")
    page = (await inside.browser.get("/settings")).text
    assert "0.00 of 50.00 USD" in page
    assert "canary-pdl-key" not in page
    await inside.connection()
    await inside.post("/settings/enrichment", at="greenhouse")
    assert inside.app.connections.named("greenhouse").row.settings["enrich"] is True
    await inside.post("/settings/providers/peopledata/off")
    assert "off: nobody is looked up there" in (await inside.browser.get("/settings")).text
