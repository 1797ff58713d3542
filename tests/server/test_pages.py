"""Every page answers, empty and filled, and says what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from lxml import html
from tests.databases import both_databases

from bascule.model import (
    BASCULE,
    OURS,
    Actor,
    ActorKind,
    Fields,
    History,
    HistoryKind,
    Kind,
    Reason,
    Record,
    Review,
    ReviewKind,
    Source,
    Write,
    WriteState,
)
from bascule.server.rendering import number, query, seconds
from bascule.server.roles import Role
from bascule.server.show import timeline, words
from bascule.store import Tx
from bascule.store.incidents import Cause

from .conftest import SOMEBODY, Bench

PAGES = (
    "/",
    "/tasks",
    "/review",
    "/candidates",
    "/jobs",
    "/undecided",
    "/connections",
    "/failures",
    "/subscribers",
    "/alerts",
    "/audit",
    "/enrichment",
    "/settings",
)


async def test_every_page_of_an_empty_installation_teaches_the_next_step(inside: Bench) -> None:
    for path in PAGES:
        page = await inside.browser.get(path)
        assert page.status_code == 200, path
        assert 'class="answer"' in page.text, path
    assert 'href="/setup">Connect a system' in (await inside.browser.get("/connections")).text


async def test_pages_read_without_javascript(inside: Bench) -> None:
    """Lists page and search by plain links and forms."""
    for name in ("Ada Byron", "Grace Hopper", "Edith Clarke"):
        await inside.candidate(*name.split())
    everybody = (await inside.browser.get("/candidates")).text
    assert all(name in everybody for name in ("Ada Byron", "Grace Hopper", "Edith Clarke"))
    one = (await inside.browser.get("/candidates?q=hop")).text
    assert "Grace Hopper" in one
    assert "Ada Byron" not in one
    none = (await inside.browser.get("/candidates?q=nobody")).text
    assert "Nobody is found" in none


async def test_lists_go_on_where_the_last_page_ended(inside: Bench) -> None:
    for index in range(55):
        await inside.candidate("Person", f"Number{index:03}")
    for sort in ("name", ""):
        seen: list[str] = []
        path = f"/candidates?sort={sort}"
        while path:
            page = (await inside.browser.get(path)).text
            seen += [part.split("<")[0] for part in page.split("Person ")[1:]]
            following = (
                page.split('rel="next"')[0].rsplit('href="', 1)[-1].split('"')[0] if 'rel="next"' in page else ""
            )
            path = following.replace("&amp;", "&")
        assert len(seen) == len(set(seen)) == 55


async def test_an_edit_is_saved_and_says_so_where_it_was_made(inside: Bench) -> None:
    id = await inside.candidate()
    page = (await inside.browser.get(f"/candidates/{id}")).text
    base = page.split('name="base" value="')[1].split('"')[0].replace("&#34;", '"')
    answer = await inside.post(
        f"/candidates/{id}/edit", base=base, first_name="Augusta", last_name="Byron", emails="new@mail.example"
    )
    assert answer.headers["location"] == f"/candidates/{id}"
    page = (await inside.browser.get(f"/candidates/{id}")).text
    assert "Saved. It is on its way to the ATS." in page
    assert "Augusta Byron" in page
    assert "new@mail.example" in page
    assert "Saved." not in (await inside.browser.get(f"/candidates/{id}")).text


async def test_an_edit_of_something_that_has_moved_is_not_made(inside: Bench) -> None:
    id = await inside.candidate()
    stale = '{"first_name": "Somebody else"}'
    await inside.browser.get("/jobs")
    answer = await inside.browser.post(
        f"/candidates/{id}/edit",
        data={"csrf": await inside.csrf(), "base": stale, "first_name": "Augusta"},
        headers={"referer": f"http://bascule.test/candidates/{id}"},
    )
    assert answer.headers["location"] == f"/candidates/{id}"
    page = (await inside.browser.get(f"/candidates/{id}")).text
    assert "Somebody else changed this meanwhile" in page
    assert "Ada Byron" in page


async def test_tags_are_added_removed_and_undone(inside: Bench) -> None:
    id = await inside.candidate()
    await inside.post(f"/candidates/{id}/tags", tag="relocation")
    page = (await inside.browser.get(f"/candidates/{id}")).text
    assert "Remove the tag relocation" in page
    assert ">Undo<" in page
    await inside.post(f"/candidates/{id}/tags/remove", tag="relocation")
    assert "Remove the tag relocation" not in (await inside.browser.get(f"/candidates/{id}")).text


async def test_a_note_by_a_person_stands_above_the_score_and_can_be_removed(inside: Bench) -> None:
    id = await inside.candidate()
    await inside.post(f"/candidates/{id}/notes", body="Knows ledgers.", visibility="private")
    page = (await inside.browser.get(f"/candidates/{id}")).text
    assert "Knows ledgers." in page
    note = page.split(f"/candidates/{id}/notes/")[1].split("/")[0]
    await inside.post(f"/candidates/{id}/notes/{note}/remove")
    assert "Knows ledgers." not in (await inside.browser.get(f"/candidates/{id}")).text


async def test_every_value_says_why(inside: Bench) -> None:
    id = await inside.candidate()
    page = (await inside.browser.get(f"/candidates/{id}")).text
    base = page.split('name="base" value="')[1].split('"')[0].replace("&#34;", '"')
    await inside.post(
        f"/candidates/{id}/edit", base=base, first_name="Augusta", last_name="Byron", emails="ada@mail.example"
    )
    why = (await inside.browser.get(f"/records/{id}/history?field=first_name")).text
    assert "Administrator set it in Bascule" in why
    assert "Ada" in why
    assert "Augusta" in why
    assert (await inside.browser.get(f"/records/{id}/history?field=shoe_size")).status_code == 404
    assert (await inside.browser.get(f"/candidates/{id}/history")).status_code == 200


async def dead_write(bench: Bench) -> tuple[str, str]:
    """A write that the system refused; (its id, the candidate's)."""
    connection = await bench.connection()
    person = await bench.candidate(connection=connection.id)
    now = bench.app.runtime.now()

    def refuse(tx) -> str:  # type: ignore[no-untyped-def]
        family = tx.families.family(tx.families.record_family(person))
        link = next(iter(family.links.values()))
        write = Write(
            bench.app.runtime.id(),
            connection.id,
            person,
            link.id,
            "update_candidate",
            frozenset({"first_name"}),
            SOMEBODY,
            "edit",
            now,
            state=WriteState.DEAD,
            tries=1,
            why="422: First name is not allowed",
            reason=Reason.VALUE,
            closed=now,
        )
        tx.families.save(family, replace(family, rev=family.rev, writes={write.id: write}), now=now)
        return write.id

    return await bench.app.store.write(refuse), person


async def test_what_waits_after_an_error_says_which_and_until_when(inside: Bench) -> None:
    connection = await inside.connection()
    person = await inside.candidate(connection=connection.id)
    now = inside.app.runtime.now()

    def delay(tx: Tx) -> None:
        family = tx.families.family(tx.families.record_family(person) or "")
        link = next(iter(family.links.values()))
        write = Write(
            inside.app.runtime.id(), connection.id, person, link.id, "tags", frozenset({"tags"}), SOMEBODY, "edit", now
        )
        tx.families.save(family, replace(family, writes={write.id: write}), now=now)
        held = tx.writes.lease(connection.id, 1, now=now, until=now + timedelta(minutes=1), worker="one")
        tx.writes.retry(held, due=now + timedelta(minutes=15), error="Acme answered with a body that cannot be read.")

    await inside.app.store.write(delay)
    assert "Acme answered with a body that cannot be read." in (await inside.browser.get(f"/candidates/{person}")).text
    key = {"authorization": f"Bearer {inside.app.local_key}"}
    told = (await inside.browser.get(f"/api/v1/candidates/{person}", headers=key)).json()["waiting"][0]
    assert (told["state"], told["why"]) == ("due", "Acme answered with a body that cannot be read.")
    assert datetime.fromisoformat(told["again"]) == now + timedelta(minutes=15)


async def test_a_failure_shows_the_systems_words_and_is_discarded_with_a_reason(inside: Bench) -> None:
    id, _ = await dead_write(inside)
    listed = (await inside.browser.get("/failures")).text
    assert "First name is not allowed" in listed
    assert "Correct the value here" in listed
    assert "Write first name" in listed
    assert (await inside.browser.get(f"/failures/{id}")).status_code == 200
    await inside.post(f"/failures/{id}/discard", reason="No longer wanted")
    assert "Discarded" in (await inside.browser.get(f"/failures/{id}")).text
    assert "Nothing has failed" in (await inside.browser.get("/failures")).text


@both_databases
async def test_a_record_is_read_and_written_now_from_its_page(inside: Bench) -> None:
    connection = await inside.connection()
    person = await inside.candidate(connection=connection.id)
    assert "Read now" in (await inside.browser.get(f"/candidates/{person}")).text
    said = await inside.post("/now", target=person, do="pull")
    assert said.status_code == 303
    wanted = await inside.app.store.read(lambda tx: tx.pages.overview([connection.id]))
    assert wanted[connection.id].reads == 1
    assert (await inside.post("/now", target=connection.name, do="push")).status_code == 303


async def test_a_failure_is_replayed_from_the_list_and_the_answer_stands_there(inside: Bench) -> None:
    id, _ = await dead_write(inside)
    answer = await inside.post(f"/failures/{id}/replay", back="/failures")
    assert answer.headers["location"] == "/failures"
    assert "on its way again" in (await inside.browser.get("/failures")).text
    lines = await inside.app.store.read(lambda tx: tx.audit.page(inside.app.workspace))
    assert any(line.action == "failure replayed" for line in lines)


async def test_htmx_is_told_where_to_go_only_when_the_page_changes(inside: Bench) -> None:
    id, _ = await dead_write(inside)
    token = await inside.csrf()
    here = await inside.browser.post(
        f"/failures/{id}/replay",
        data={"csrf": token, "back": "/failures"},
        headers={"hx-request": "true", "hx-current-url": "http://bascule.test/failures"},
    )
    assert here.status_code == 303
    elsewhere = await inside.browser.post(
        f"/failures/{id}/discard",
        data={"csrf": token, "reason": "x"},
        headers={"hx-request": "true", "hx-current-url": "http://bascule.test/candidates"},
    )
    assert elsewhere.headers.get("hx-redirect", "").startswith("/candidates") or elsewhere.status_code in (204, 303)


async def test_a_review_shows_both_sides_and_what_each_answer_does(inside: Bench) -> None:
    connection = await inside.connection()
    person = await inside.candidate(connection=connection.id)
    now = inside.app.runtime.now()

    def ask(tx) -> str:  # type: ignore[no-untyped-def]
        family = tx.families.family(tx.families.record_family(person))
        detail = {"base": {"first_name": "Ada"}, "proposed": "Augusta"}
        review = Review(
            inside.app.runtime.id(),
            ReviewKind.PROPOSAL,
            person,
            None,
            "first_name",
            f"{person}|first_name",
            detail,
            Actor(ActorKind.AI, "match", "Bascule match"),
            now,
        )
        tx.families.save(family, replace(family, reviews={review.id: review}), now=now)
        return review.id

    id = await inside.app.store.write(ask)
    assert "1 thing needs you" in (await inside.browser.get("/review")).text
    page = (await inside.browser.get(f"/review/{id}")).text
    assert "Augusta" in page
    assert "Approve" in page
    await inside.post(f"/review/{id}", answer="approve")
    assert "Augusta Byron" in (await inside.browser.get(f"/candidates/{person}")).text
    assert "Approved" in (await inside.browser.get(f"/review/{id}")).text
    assert "Nothing needs you" in (await inside.browser.get("/review")).text


async def test_the_mapping_names_every_value_of_ours_once(inside: Bench) -> None:
    from bascule.model import FIELDS

    await inside.connection()
    page = (await inside.browser.get("/mapping/greenhouse")).text
    for kind in (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB):
        for name in FIELDS[kind].keys() - {"tools"}:  # what AI tools say has a row for each tool
            assert page.count(f'id="{kind}-{name}"') == 1, (kind, name)


async def test_a_connection_is_paused_and_goes_on_and_names_its_owner(inside: Bench) -> None:
    await inside.connection()
    assert (await inside.browser.get("/connections/greenhouse")).status_code == 200
    await inside.post("/connections/greenhouse/pause")
    assert "Paused" in (await inside.browser.get("/")).text
    await inside.post("/connections/greenhouse/resume")
    users = await inside.app.store.read(lambda tx: tx.people.users(inside.app.workspace))
    await inside.post("/connections/greenhouse/owner", owner=users[0].id)
    assert inside.app.connections.named("greenhouse").row.owner == users[0].id
    assert "simulator" in (await inside.browser.get("/connections")).text


@both_databases
async def test_an_incident_is_listed_and_shown_with_whom_it_made_late(inside: Bench) -> None:
    row, now = await inside.connection(), inside.app.runtime.now()
    assert "Nothing was disturbed" in (await inside.browser.get("/incidents")).text
    one = await inside.app.store.write(
        lambda tx: tx.incidents.begin(inside.app.workspace, row.id, Cause.OUTAGE, "503", now=now)
    )
    assert f'href="/incidents/{one.id}"' in (await inside.browser.get("/incidents?connection=greenhouse")).text
    assert "Is down for" in (await inside.browser.get(f"/incidents/{one.id}")).text
    await inside.app.store.write(lambda tx: tx.incidents.end(one, now=now))
    assert "changes waited" in (await inside.browser.get(f"/incidents/{one.id}")).text
    assert (await inside.browser.get("/incidents/1")).status_code == 404
    headers = {"authorization": f"Bearer {inside.app.local_key}"}
    told = (await inside.browser.get(f"/api/v1/incidents/{one.id}", headers=headers)).json()
    assert (told["connection"], told["candidates"], told["open_jobs"]) == ("greenhouse", [], 0)
    assert (await inside.browser.get("/api/v1/incidents/1", headers=headers)).status_code == 404


async def test_the_writes_of_a_connection_are_stopped_shown_and_released_by_owners(bench: Bench) -> None:
    await bench.enter(Role.RECRUITER)
    await bench.connection()
    assert "Stop all writes" not in (await bench.browser.get("/connections/greenhouse")).text
    await bench.post("/connections/greenhouse/stop", why="mine")
    assert bench.app.connections.named("greenhouse").row.stopped is None
    await bench.enter(Role.OWNER)
    await bench.post("/connections/greenhouse/stop", why="a wrong <note>")
    page = (await bench.browser.get("/connections/greenhouse")).text
    assert "Writes stopped by Owner since" in page
    assert "a wrong &lt;note&gt;" in page
    assert "Writes stopped by Owner" in (await bench.browser.get("/")).text
    await bench.post("/connections/greenhouse/stop", why="a wrong letter", what="messages")
    page = (await bench.browser.get("/connections/greenhouse")).text
    assert "Messages to candidates stopped by Owner since" in page
    assert "Release the messages" in page
    await bench.post("/connections/greenhouse/release")
    row = bench.app.connections.named("greenhouse").row
    assert (row.stopped, row.messages_stopped is None) == (None, False)
    await bench.post("/connections/greenhouse/release", what="messages")
    assert bench.app.connections.named("greenhouse").row.messages_stopped is None


async def test_no_secret_of_a_connection_is_on_any_page(inside: Bench) -> None:
    await inside.connection()
    for path in (
        *PAGES,
        "/connections/greenhouse",
        "/mapping/greenhouse",
        "/audit/export",
        "/metrics",
        "/api/v1/openapi.json",
    ):
        text = (await inside.browser.get(path)).text
        assert "canary" not in text, path


async def test_the_chain_is_verified_and_exported_from_the_page(inside: Bench) -> None:
    await inside.post("/audit/verify")
    assert "The chain holds" in (await inside.browser.get("/audit")).text
    export = await inside.browser.get("/audit/export")
    assert export.json()["entries"]
    assert "attachment" in export.headers["content-disposition"]


async def test_a_review_of_an_application_shows_what_the_link_to_decide_shows(inside: Bench) -> None:
    now = inside.app.runtime.now()
    fields: Fields = {
        "match_score": 63.5, "match_reasons": ("Python: 5 years", "Missing: Kubernetes"),
        "manager_feedback": "Mei: yes", "answers": {"When can you start?": "In March"},
    }  # fmt: skip
    ids = []
    for connection in [(await inside.connection(name)).id for name in ("one", "other")]:
        home = await inside.candidate("Ada", "Byron")

        def ask(tx: Tx, home: str = home, connection: str = connection) -> str:
            family = tx.families.family(tx.families.record_family(home) or "")
            id = inside.app.runtime.id()
            source = Source(OURS, BASCULE, "", now)
            application = Record(
                id, inside.app.workspace, Kind.APPLICATION, family.id, home, fields, dict.fromkeys(fields, source),
                OURS, now,
            )  # fmt: skip
            review = Review(
                inside.app.runtime.id(), ReviewKind.PROPOSAL, id, connection, "stage", f"p|{id}", {"proposed": "x"},
                BASCULE, now,
            )  # fmt: skip
            more = {"records": {**family.records, id: application}, "reviews": {review.id: review}}
            tx.families.save(family, replace(family, **more), now=now)  # type: ignore[arg-type]
            return review.id

        ids.append(await inside.app.store.write(ask))
    page = (await inside.browser.get(f"/review/{ids[0]}")).text
    for said in ("63.5 of 100", "Python: 5 years; Missing: Kubernetes", "Mei: yes", "When can you start?", "In March"):
        assert said in page, said
    listed = (await inside.browser.get("/review?connection=other")).text
    assert (f"/review/{ids[1]}" in listed, f"/review/{ids[0]}" in listed) == (True, False)


async def test_files_for_spreadsheets_hold_no_formulas(inside: Bench) -> None:
    await inside.candidate("=HYPERLINK(1)", "Byron")
    assert "'=HYPERLINK" in (await inside.browser.get("/candidates.csv")).text


async def test_what_is_not_there_says_where_to_look(inside: Bench) -> None:
    for path in (
        "/candidates/nobody",
        "/jobs/none",
        "/review/none",
        "/failures/none",
        "/connections/none",
        "/records/none/history",
        "/nowhere",
    ):
        page = await inside.browser.get(path)
        assert page.status_code == 404, path
        assert "Go to the overview" in page.text, path


async def test_a_theme_is_chosen_without_javascript(inside: Bench) -> None:
    await inside.post("/theme", theme="dark", back="/jobs")
    assert 'data-theme="dark"' in (await inside.browser.get("/jobs")).text


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "\u2013"), (0.314, "0.31 s"), (1.44, "1.4 s"), (12.2, "12 s"), (150, "2 min"), (7300, "2 h")],
)
def test_durations_are_said_shortly(value: float | None, said: str) -> None:
    assert seconds(value) == said


def test_numbers_and_addresses() -> None:
    assert (number(1204), number(78.0), number(78.4)) == ("1,204", "78", "78.4")
    assert query("/jobs", {"q": "a b", "status": ""}, sort="-x") == "/jobs?q=a+b&sort=-x"


def test_a_value_has_its_label_also_where_an_account_keeps_it_on_another_object() -> None:
    assert words.label(Kind.APPLICATION, "shortlist_link") == words.label(Kind.CANDIDATE, "shortlist_link")
    assert words.label(Kind.CANDIDATE, "shortlist_link") == "Shortlist link"
    assert words.label(Kind.CANDIDATE, "vendor_field_7") == "vendor_field_7"


async def test_a_full_history_is_full_also_on_its_earlier_pages(inside: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    id = await inside.candidate()
    for name in ("Augusta", "Ada Augusta", "A. A."):
        await inside.app.changes.edit(id, {"first_name": name}, SOMEBODY)
    monkeypatch.setattr(timeline, "LIMIT", 1)
    page, seen = f"/candidates/{id}/history", list[str]()
    while page:
        assert page.startswith(f"/candidates/{id}/history"), "not the history of one record alone"
        text = (await inside.browser.get(page)).text
        seen.append(text)
        links = [str(url) for _, _, url, _ in html.document_fromstring(text).iterlinks() if "before=" in str(url)]
        page = links[-1] if links else ""
        assert len(seen) < 20, "each page is earlier than the one before"
    assert sum("Ada Augusta" in text for text in seen) >= 1
    assert "Augusta" in "".join(seen[-3:])
    assert all("On this page" in text for text in seen[1:])


async def test_the_latest_changes_are_found_behind_all_that_a_hire_has_called_for(inside: Bench) -> None:
    id = await inside.candidate()
    start = inside.app.runtime.now()

    def unit(tx: Tx) -> None:
        family = tx.families.family(str(tx.families.record_family(id)))
        lines = [
            History(id, HistoryKind.CHANGED, "title", f"Title {n}", f"Title {n + 1}", None, SOMEBODY, "edit",
                    start + timedelta(seconds=n))
            for n in range(8)
        ]  # fmt: skip
        tx.families.save(family, replace(family), now=start, history=lines)
        for n in range(150):
            at = start + timedelta(minutes=1, seconds=n)
            tx.audit.record(
                workspace=inside.app.workspace, at=at, action="view", actor=SOMEBODY, family=family.id, record=id
            )

    await inside.app.store.write(unit)
    latest = (await inside.browser.get(f"/candidates/{id}")).text.split("Latest changes")[1].split("</section>")[0]
    assert latest.count("<li>") == 6
