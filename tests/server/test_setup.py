"""Set-up on pages without JavaScript, and the links for IT as programs make them."""

from __future__ import annotations

import re

from bascule.model import Label, Mode
from bascule.server.roles import Role, Scope
from bascule.store import Tx
from bascule.trust.following import NOTICE as ANONYMISED

from . import sample
from .conftest import Bench
from .test_api import key

LINKS = "/api/v1/credential-links"


async def test_only_whoever_runs_the_bridge_connects_a_system(bench: Bench) -> None:
    for role in Role:
        await bench.enter(role)
        may = role in (Role.ADMINISTRATOR, Role.OWNER)
        for path in ("/setup", "/setup/greenhouse"):
            assert (await bench.browser.get(path)).status_code == (200 if may else 403), (role, path)
        assert ('href="/setup"' in (await bench.browser.get("/")).text) == may


async def test_a_link_is_made_shown_and_ended_by_plain_forms(inside: Bench) -> None:
    wrong = await inside.post("/setup/greenhouse/link", connection="No Name", who="Ivy")
    assert wrong.status_code == 303
    assert "is no name for a connection" in (await inside.browser.get("/setup")).text
    made = await inside.post("/setup/greenhouse/link", connection="ats", who="Ivy <of> IT", label="live", days="3")
    page = (await inside.browser.get(made.headers["location"])).text
    assert "Not opened yet" in page
    assert "Ivy &lt;of&gt; IT" in page
    link = re.findall(r'id="url" value="([^"]+)"', page)
    assert len(link) == 1
    assert "Waiting for IT" in (await inside.browser.get("/setup")).text
    await inside.post(f"{made.headers['location']}/end")
    assert "/credentials/" not in (await inside.browser.get(made.headers["location"])).text
    assert "Waiting for IT" not in (await inside.browser.get("/setup")).text
    assert (await inside.browser.get("/setup/nosuch")).status_code == 404
    assert (await inside.browser.get("/setup/links/nosuch")).status_code == 404


async def test_a_program_makes_links_and_a_list_of_them_opens_none(bench: Bench) -> None:
    write = await key(bench, Scope.CONNECTIONS_WRITE)
    body = {"name": "ats", "who": "Ivy", "system": "greenhouse"}
    made = await bench.browser.post(LINKS, json=body, headers=write)
    assert made.status_code == 201
    token = made.json()["url"].rpartition("/")[2]
    read = await key(bench, Scope.CONNECTIONS_READ)
    assert (await bench.browser.post(LINKS, json=body, headers=read)).status_code == 403
    listed = await bench.browser.get(LINKS, headers=read)
    assert [(one["name"], one["for"], one["opened"]) for one in listed.json()["items"]] == [("ats", "Ivy", None)]
    assert token not in listed.text
    id = made.json()["id"]
    again = await bench.browser.post(f"{LINKS}/{id}/renew", json={}, headers=write)
    assert again.json()["url"].rpartition("/")[2] != token
    assert (await bench.browser.delete(f"{LINKS}/{id}", headers=write)).json() == {"done": True}
    assert (await bench.browser.delete(f"{LINKS}/{id}", headers=write)).status_code == 409


async def test_the_set_up_of_a_connection_says_what_waits_without_a_script(inside: Bench) -> None:
    await inside.connection(label=Label.LIVE)
    page = (await inside.browser.get("/connections/greenhouse/setup")).text
    assert "Greenhouse does not tell which rights the credential has" in page
    assert "is an address of this machine: no system elsewhere reaches it" in page
    answer = await inside.post("/connections/greenhouse/setup/rights", granted="harvest:candidates:list")
    assert answer.headers["location"] == "/connections/greenhouse/setup"
    page = (await inside.browser.get("/connections/greenhouse/setup")).text
    assert "Rights: It lacks 36 rights" in page
    assert page.count("It lacks 36 rights: harvest:application_stages:list") == 2  # said once, and in the step
    assert page.count("harvest:users:list") == 2  # among those missing, and among all it needs
    await inside.post("/connections/greenhouse/setup/rights", granted="jobs and people")
    page = (await inside.browser.get("/connections/greenhouse/setup")).text
    assert "None of what was entered is a right that is needed." in page
    assert "Copy them from Greenhouse: Configure &gt; Dev Center" in page
    tried = await inside.post("/connections/greenhouse/setup/credentials", client_id="new", client_secret="new")
    assert tried.headers["location"] == "/connections/greenhouse/setup?step=credentials"
    said = (await inside.browser.get(tried.headers["location"])).text
    assert "canary" not in said
    assert '<li class="step" id="step-credentials"><details class="turn" open' in said
    assert (await inside.post("/connections/nosuch/setup/ai")).status_code == 303


def test_a_secret_that_is_shown_once_is_on_no_page_that_asks_for_itself_again() -> None:
    page = sample.page("wizard-wrong")
    assert "shown-once" in page
    assert "data-live" not in page
    assert "data-live" in sample.page("wizard-reading")


async def test_what_stands_on_this_machine_is_what_the_owner_says_it_is(inside: Bench) -> None:
    form = {"connection": "ats", "who": "Ivy", "label": "simulator"}
    await inside.post("/setup/greenhouse/link", **form, base_url="https://harvest.greenhouse.io/v3")
    assert "A simulator stands on this machine." in (await inside.browser.get("/setup")).text
    answer = await inside.post("/setup/odoo", connection="ats", base_url="http://localhost:8069", label="simulator")
    assert '<option value="simulator" selected>' in answer.text


async def test_a_connection_is_taken_away_once_its_name_is_typed(inside: Bench) -> None:
    app, there = inside.app, await inside.connection()
    for kind in ("schema drift", ANONYMISED):
        await app.store.write(
            lambda tx, kind=kind: tx.notices.put(
                app.workspace, kind, kind, kind, now=app.runtime.now(), connection=there.id
            )
        )

    def more(tx: Tx) -> None:  # more than a list of them holds
        now = app.runtime.now()
        for number in range(60):
            tx.notices.put(app.workspace, "parity", str(number), "x", now=now, connection=there.id)

    await app.store.write(more)
    assert "Type its name" in (await inside.browser.get("/connections/greenhouse")).text
    await inside.post("/connections/greenhouse/remove", name="green")
    assert "is not this connection" in (await inside.browser.get("/connections/greenhouse")).text
    await inside.post("/connections/greenhouse/remove", name="greenhouse")
    assert "greenhouse is taken away" in (await inside.browser.get("/connections")).text
    assert (await inside.browser.get("/connections/greenhouse")).status_code == 404
    left = await app.store.read(lambda tx: tx.notices.list(app.workspace))
    assert [one.kind for one in left] == [ANONYMISED], "what is asked about a person stays"


async def test_nothing_goes_live_for_a_job_that_nobody_chose(inside: Bench) -> None:
    await inside.connection()
    await inside.post("/connections/greenhouse/setup/live")
    assert "No job was chosen." in (await inside.browser.get("/connections/greenhouse/setup")).text
    assert inside.app.connections.named("greenhouse").row.mode is Mode.OBSERVE


async def test_what_the_doctor_finds_at_a_connection_leads_to_its_set_up(inside: Bench) -> None:
    await inside.connection()
    page = (await inside.browser.get("/doctor")).text
    assert 'href="/connections/greenhouse/setup"' in page.partition("<tbody>")[2]
