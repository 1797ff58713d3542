"""Triggers and messages on pages and for programs: tried, put in force, refused with the line, and ended by a link."""

from __future__ import annotations

from dataclasses import replace

from lxml import html

from bascule.core.messages import Words
from bascule.core.triggers import Do
from bascule.hiring.messages import About, first_templates
from bascule.model import Actor, ActorKind, History, HistoryKind
from bascule.server.roles import Role, Scope
from bascule.server.show.flow import DID
from bascule.store import Tx
from bascule.store.triggers import Firing, FiringState

from .conftest import SOMEBODY, Bench
from .test_api import key

RULE = """\
note-it:
  on: yes
  why: So that somebody sees it.
  owner: administrator@mail.example
  when: {status: active}
  do: note
  with: {text: "<b>seen</b>"}
"""


async def test_rules_are_tried_put_in_force_switched_and_rolled_back_on_the_page(inside: Bench) -> None:
    empty = (await inside.browser.get("/triggers")).text
    assert "No rules yet" in empty
    assert "thank-for-application" in empty
    tried = await inside.post("/triggers", text=RULE, do="try", version="0")
    assert "What it would have done" in tried.text
    assert (await inside.post("/triggers", text=RULE, do="save", version="0")).status_code == 303
    page = (await inside.browser.get("/triggers")).text
    assert "1 rule is on" in page
    assert "<b>seen</b>" not in page
    assert (await inside.post("/triggers/note-it/switch", on="no")).status_code == 303
    assert "No rule is on" in (await inside.browser.get("/triggers")).text
    assert (await inside.post("/triggers/versions/1")).status_code == 303
    assert "1 rule is on" in (await inside.browser.get("/triggers")).text


async def test_whatever_a_rule_has_done_is_shown_in_words(inside: Bench) -> None:
    assert set(Do) == DID.keys()
    app, now = inside.app, inside.app.runtime.now()
    fired = [
        Firing(app.runtime.id(), f"r-{do}", 1, "gone", do, None, None, now, now, {}, do, FiringState.DONE) for do in Do
    ]
    await app.store.write(lambda tx: [tx.triggers.fire(app.workspace, one) for one in fired])
    page = (await inside.browser.get("/triggers")).text
    assert [words for words in DID.values() if words not in page] == []


async def test_what_is_refused_comes_back_as_it_was_written_with_line_and_reason(inside: Bench) -> None:
    wrong = RULE.replace("do: note", "do: dance")
    answer = await inside.post("/triggers", text=wrong, do="save", version="0")
    assert answer.status_code == 422
    assert "Line 6: note-it: nobody can do" in answer.text
    assert "do: dance" in answer.text
    stale = await inside.post("/triggers", text=RULE, do="save", version="7")
    assert "Somebody else has changed the triggers" in stale.text
    assert (await inside.app.trigger_desk.shown()).version == 0


async def test_only_who_may_changes_rules_and_programs_see_what_they_may(bench: Bench) -> None:
    await bench.enter(Role.RECRUITER)
    await bench.post("/triggers", text=RULE, do="save", version="0")
    assert (await bench.app.trigger_desk.shown()).version == 0
    jobs = await key(bench, Scope.JOBS_READ)
    assert (await bench.browser.put("/api/v1/triggers", headers=jobs, json={"text": RULE})).status_code == 403
    checked = await bench.browser.post(
        "/api/v1/triggers/check", headers=jobs, json={"text": RULE.replace("administrator@", "x@")}
    )
    assert [one["clash"] for one in checked.json()["items"]] == ["unknown"], "nobody is called so here"
    bad = await bench.browser.post("/api/v1/triggers/check", headers=jobs, json={"text": "a: {"})
    assert bad.status_code == 422
    assert "no YAML" in bad.json()["title"]


async def test_the_link_that_ends_messages_does_nothing_until_its_button_is_pressed(bench: Bench) -> None:
    id = await bench.candidate()
    app = bench.app

    def unit(tx: Tx) -> str:
        family = tx.families.family(tx.families.record_family(id) or "")
        about, words = About(family, family.records[id], None, None, None), Words("Hello", "Hello.\n")
        made = app.messages.write(tx, about, first_templates()["next-step"], words=words)
        app.messages.hold(tx, about, made, SOMEBODY, "a test")
        return made.thread

    thread = await app.store.write(unit)
    page = await bench.browser.get(f"/quiet/{thread}")
    assert "Nothing has happened yet" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert [one.state for one in await app.message_desk.list()] == ["held"]
    crossed = await bench.browser.post(f"/quiet/{thread}", headers={"sec-fetch-site": "cross-site"})
    assert crossed.status_code in (303, 403)
    assert [one.state for one in await app.message_desk.list()] == ["held"]
    one_click = await bench.browser.post(f"/quiet/{thread}", data={"List-Unsubscribe": "One-Click"})
    assert "You get no more messages" in one_click.text
    assert [one.state for one in await app.message_desk.list()] == ["withheld"]
    assert (await bench.browser.get("/quiet/guessed")).status_code == 404
    assert (await bench.browser.post("/quiet/guessed", data={"List-Unsubscribe": "One-Click"})).status_code == 404


async def test_messages_and_their_words_are_read_and_written_on_pages(inside: Bench) -> None:
    assert "No messages yet" in (await inside.browser.get("/messages")).text
    page = (await inside.browser.get("/messages/mail?template=polite-no")).text
    assert "a person, always: it turns somebody away" in page
    saved = await inside.post(
        "/messages/mail/templates",
        name="hello",
        language="en",
        subject="Hello {{ first_name }}",
        text="Hi {{ nobody }}",
    )
    assert saved.status_code == 303
    assert "hello" not in await inside.app.message_desk.templates()
    await inside.post(
        "/messages/mail/templates", name="hello", language="en", subject="Hello", text="Hi {{ first_name }}"
    )
    assert (await inside.app.message_desk.templates())["hello"].words["en"].subject == "Hello"
    refused = await inside.post(
        "/messages/mail/server", host="mail.example.com", port="25", security="none", sender="a@b.example", name="B"
    )
    assert refused.status_code == 303
    assert (await inside.app.message_desk.setup()).server is None, "letters would travel in clear"


async def test_a_step_of_a_history_leads_to_the_rule_and_the_mapping_behind_it(inside: Bench) -> None:
    connection = await inside.connection()
    id, now = await inside.candidate(connection=connection.id), inside.app.runtime.now()
    rule = Actor(ActorKind.RULE, "note-it", "the trigger note-it")

    def unit(tx: Tx) -> None:
        family = tx.families.family(tx.families.record_family(id) or "")
        lines = [
            History(id, HistoryKind.CHANGED, "title", "Cook", "Chef", None, rule, "firing", now),
            History(id, HistoryKind.WRITTEN, "title", "Cook", "Chef", connection.id, rule, "w", now),
        ]
        tx.families.save(family, replace(family), now=now, history=lines)

    await inside.app.store.write(unit)
    page = html.fromstring((await inside.browser.get(f"/records/{id}/history")).text)
    there = page.xpath("//li[@class='moment']//a/@href")
    assert "/triggers?trigger=note-it#fired" in there
    assert "/mapping/greenhouse" in there
