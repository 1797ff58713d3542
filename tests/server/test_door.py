"""Coming in and going out."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from tests.databases import both_databases

from bascule.server.desk import local_path
from bascule.server.people import TRIES, Tries
from bascule.server.roles import Role

from .conftest import Bench


async def token_of(bench: Bench) -> str:
    link = await bench.app.doors.first_login()
    assert link is not None
    return parse_qs(urlsplit(link).query)["token"][0]


async def test_the_first_start_makes_an_administrator_and_one_link(bench: Bench) -> None:
    assert await bench.app.doors.first_login() is not None
    assert await bench.app.doors.first_login() is None


async def test_opening_a_link_uses_nothing_up_and_its_button_works_once(bench: Bench) -> None:
    token = await token_of(bench)
    for _ in range(3):  # a mail scanner, a chat preview, a person
        page = await bench.browser.get(f"/login?token={token}")
        assert page.status_code == 200
        assert "Log in" in page.text
        assert "set-cookie" not in page.headers
    assert (await bench.browser.post("/login", data={"token": token})).status_code == 303
    assert (await bench.browser.get("/")).status_code == 200
    again = await bench.browser.post("/login", data={"token": token})
    assert again.status_code == 403
    assert "has been used" in again.text


async def test_a_session_is_kept_as_a_digest_in_a_cookie_no_script_can_read(bench: Bench) -> None:
    answer = await bench.browser.post("/login", data={"token": await token_of(bench)})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    secret = bench.browser.cookies["bascule"]
    for file in bench.app.settings.data.parent.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes()


async def test_logging_in_gives_a_fresh_session_whatever_cookie_was_there(bench: Bench) -> None:
    bench.browser.cookies.set("bascule", "planted-by-somebody")
    await bench.enter()
    assert bench.browser.cookies.get("bascule", domain="bascule.test") != "planted-by-somebody"


async def test_nobody_sees_a_page_without_a_session(bench: Bench) -> None:
    for path in (
        "/",
        "/candidates",
        "/jobs",
        "/connections",
        "/mapping",
        "/failures",
        "/review",
        "/audit",
        "/settings",
    ):
        answer = await bench.browser.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/login")


async def test_after_the_log_in_comes_the_page_that_was_wanted(bench: Bench) -> None:
    wanted = (await bench.browser.get("/candidates?q=byron")).headers["location"]
    next = parse_qs(urlsplit(wanted).query)["next"][0]
    answer = await bench.browser.post("/login", data={"token": await token_of(bench), "next": next})
    assert answer.headers["location"] == "/candidates?q=byron"


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\nb"]
)
def test_the_way_back_never_leads_to_another_host(path: str) -> None:
    assert local_path(path) == "/"


async def test_logging_out_ends_the_session_on_the_server(inside: Bench) -> None:
    secret = inside.browser.cookies["bascule"]
    assert (await inside.post("/logout")).headers["location"] == "/login"
    inside.browser.cookies.set("bascule", secret)
    assert (await inside.browser.get("/")).status_code == 303


async def test_too_many_wrong_links_shut_the_door_for_a_while(bench: Bench) -> None:
    good = await token_of(bench)
    for _ in range(TRIES):
        assert (await bench.browser.post("/login", data={"token": "wrong"})).status_code == 403
    refused = await bench.browser.post("/login", data={"token": good})
    assert refused.status_code == 403
    assert "Too many" in refused.text


def test_wrong_tries_are_forgotten_after_five_minutes() -> None:
    from datetime import UTC, datetime, timedelta

    tries, now = Tries(), datetime(2026, 11, 22, tzinfo=UTC)
    for _ in range(TRIES):
        tries.wrong("somewhere", now)
    assert tries.refuse("somewhere", now)
    assert not tries.refuse("elsewhere", now)
    assert not tries.refuse("somewhere", now + timedelta(minutes=5))


async def test_log_ins_log_outs_and_views_of_candidates_are_audit_entries(inside: Bench) -> None:
    id = await inside.candidate()
    await inside.browser.get(f"/candidates/{id}")
    await inside.browser.get(f"/candidates/{id}")  # the same person again is not another entry
    await inside.post("/logout")
    lines = await inside.app.store.read(lambda tx: tx.audit.page(inside.app.workspace))
    assert [line.action for line in lines] == ["log-out", "view", "log-in"]
    assert lines[1].record == id


@both_databases
async def test_a_person_who_is_switched_off_is_out_at_once(inside: Bench) -> None:
    link = (await inside.post("/settings/people", name="Jo", email="jo@mail.example", role=Role.RECRUITER)).text
    token = link.split("/login?token=")[1].split("<")[0].split("&")[0].split('"')[0]
    jo = await inside.app.store.read(lambda tx: tx.people.user_by_email(inside.app.workspace, "jo@mail.example"))
    assert jo is not None
    secret = await inside.server.state.web.people.redeem(token, "")
    assert await inside.server.state.web.people.session(secret) is not None
    await inside.post(f"/settings/people/{jo.id}/disable")
    assert await inside.server.state.web.people.session(secret) is None
