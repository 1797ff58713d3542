"""Programs: keys, scopes, answers and errors; systems: deliveries."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from bascule.server.roles import Role, Scope

from .conftest import Bench
from .test_pages import dead_write


@pytest.fixture
def local(bench: Bench) -> dict[str, str]:
    """The key of this machine's own commands."""
    return {"authorization": f"Bearer {bench.app.local_key}"}


async def key(bench: Bench, *scopes: Scope) -> dict[str, str]:
    """A key made on the settings page."""
    await bench.enter()
    page = (await bench.post("/settings/keys", name="test", scope=list(scopes))).text
    secret = page.split('id="secret">')[1].split("<")[0]
    return {"authorization": f"Bearer {secret}"}


async def test_without_a_key_or_with_a_wrong_one_nothing_is_answered(bench: Bench) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic eDp5"}):
        answer = await bench.browser.get("/api/v1/status", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "Settings" in answer.json()["hint"]


async def test_a_session_is_no_key(inside: Bench) -> None:
    assert (await inside.browser.get("/api/v1/status")).status_code == 401


async def test_a_key_does_what_its_scopes_say_and_no_more(bench: Bench) -> None:
    headers = await key(bench, Scope.JOBS_READ)
    assert (await bench.browser.get("/api/v1/jobs", headers=headers)).status_code == 200
    for path in ("/status", "/candidates", "/failures", "/reviews", "/connections", "/audit"):
        answer = await bench.browser.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 403, path
        assert "scope" in answer.json()["title"]


async def test_only_a_key_of_the_scope_admin_stops_writes(bench: Bench, local: dict[str, str]) -> None:
    headers = await key(bench, Scope.CONNECTIONS_WRITE)
    await bench.connection()
    for what in ("stop", "release"):
        path = f"/api/v1/connections/greenhouse/{what}"
        assert (await bench.browser.post(path, headers=headers, json={"why": "x"})).status_code == 403
    post = bench.browser.post
    path = "/api/v1/connections/greenhouse"
    assert (await post(f"{path}/stop", headers=local, json={"why": ""})).status_code == 422
    told = (await post(f"{path}/stop", headers=local, json={"why": "an audit"})).json()
    assert told["stopped"].endswith("UTC: an audit")
    assert (told["writes"], told["calls"], told["under_way"]) == (0, [], 0)
    assert (await bench.browser.get(path, headers=local)).json()["stopped"] == told["stopped"]
    assert (await post(f"{path}/stop", headers=local, json={"why": "x", "what": "everything"})).status_code == 422
    alone = (await post(f"{path}/stop", headers=local, json={"why": "a letter", "what": "messages"})).json()
    assert alone["messages_stopped"].startswith("Messages to candidates stopped by")
    assert (alone["stopped"], alone["messages"], alone["templates"]) == (told["stopped"], 0, [])
    await post(f"{path}/release", headers=local, json={})
    waits = (await bench.browser.get(f"{path}/stop", headers=local)).json()
    assert (waits["stopped"], waits["messages_stopped"]) == ("", alone["messages_stopped"])
    await post(f"{path}/release", headers=local, json={"what": "messages"})
    assert (await bench.browser.get(f"{path}/stop", headers=local)).json()["messages_stopped"] == ""


async def test_parity_is_asked_for_and_told_by_list(bench: Bench, local: dict[str, str]) -> None:
    await bench.connection()
    path = "/api/v1/connections/greenhouse/parity"
    told = (await bench.browser.get(path, headers=local)).json()["items"]
    users = next(one for one in told if one["object"] == "users")
    assert (users["ended"], users["unexplained"], users["every"], users["differences"]) == (None, 0, 86400.0, [])
    since = (await bench.browser.post(path, headers=local, json={"object": "users"})).json()["since"]
    assert since > "2026"
    refused = await bench.browser.post(path, headers=local, json={"object": "tags"})
    assert refused.status_code == 422
    assert "users" in refused.json()["hint"]
    looking = await key(bench, Scope.CONNECTIONS_READ)
    assert (await bench.browser.post(path, headers=looking, json={})).status_code == 403


async def test_a_revoked_key_stops_at_once(bench: Bench) -> None:
    headers = await key(bench, Scope.STATUS_READ)
    keys = await bench.app.store.read(lambda tx: tx.people.keys(bench.app.workspace))
    await bench.post(f"/settings/keys/{keys[0].id}/revoke")
    assert (await bench.browser.get("/api/v1/status", headers=headers)).status_code == 401


async def test_a_keys_secret_is_shown_once_and_kept_nowhere(bench: Bench) -> None:
    secret = (await key(bench, Scope.STATUS_READ))["authorization"].removeprefix("Bearer ")
    assert secret not in (await bench.browser.get("/settings")).text
    for file in bench.app.settings.data.parent.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes()


async def test_every_list_pages_with_what_next_says(bench: Bench, local: dict[str, str]) -> None:
    for index in range(7):
        await bench.candidate("Person", f"Number{index}")
    seen: list[str] = []
    after = ""
    while True:
        page = (
            await bench.browser.get("/api/v1/candidates", params={"limit": 3, "after": after}, headers=local)
        ).json()
        seen += [one["name"] for one in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == [f"Person Number{index}" for index in range(7)]


async def test_a_candidate_is_answered_with_sources_and_the_view_is_audited(
    bench: Bench, local: dict[str, str]
) -> None:
    id = await bench.candidate()
    person = (await bench.browser.get(f"/api/v1/candidates/{id}", headers=local)).json()
    assert person["fields"]["emails"] == ["ada@mail.example"]
    assert person["sources"]["emails"]["origin"] == "ours"
    lines = await bench.app.store.read(lambda tx: tx.audit.page(bench.app.workspace))
    assert (lines[0].action, lines[0].record) == ("view", id)


async def test_history_failures_and_mapping_are_answered(bench: Bench, local: dict[str, str]) -> None:
    write, person = await dead_write(bench)
    failures = (await bench.browser.get("/api/v1/failures", headers=local)).json()["items"]
    assert failures[0]["id"] == write
    assert failures[0]["why"] == "422: First name is not allowed"
    assert (await bench.browser.get(f"/api/v1/records/{person}/history", headers=local)).status_code == 200
    rows = (await bench.browser.get("/api/v1/connections/greenhouse/mapping", headers=local)).json()["rows"]
    names = [(row["kind"], row["field"]) for row in rows]
    assert len(names) == len(set(names))
    discarded = await bench.browser.post(
        f"/api/v1/failures/{write}/discard", json={"reason": "not needed"}, headers=local
    )
    assert discarded.json() == {"done": True}
    gone = await bench.browser.post(f"/api/v1/failures/{write}/replay", headers=local)
    assert gone.status_code == 404
    assert gone.json()["where"].endswith("/replay")


async def test_failures_are_counted_shown_whole_and_replayed_by_class(bench: Bench, local: dict[str, str]) -> None:
    write, person = await dead_write(bench)
    groups = (await bench.browser.get("/api/v1/failures/groups", headers=local)).json()["items"]
    assert [(one["connection"], one["reason"], one["count"]) for one in groups] == [("greenhouse", "value", 1)]
    of_class = await bench.browser.get("/api/v1/failures", params={"class": "permission"}, headers=local)
    assert of_class.json()["items"] == []
    whole = (await bench.browser.get(f"/api/v1/failures/{write}", headers=local)).json()
    assert whole["record"] == person
    assert whole["next"] == f"bascule failures replay {write} --set FIELD=VALUE"
    body = {"class": "value", "connection": "greenhouse"}
    bulk = await bench.browser.post("/api/v1/failures/replay", json=body, headers=local)
    assert bulk.json() == {"done": 1, "refused": {}, "next": None}
    assert (await bench.browser.get("/api/v1/failures", headers=local)).json()["items"] == []
    everything = {"class": None, "reason": "no"}
    assert (await bench.browser.post("/api/v1/failures/discard", json=everything, headers=local)).status_code == 422


async def test_tasks_are_listed_assigned_and_put_off(bench: Bench, local: dict[str, str]) -> None:
    await dead_write(bench)
    await bench.enter(Role.RECRUITER)
    tasks = (await bench.browser.get("/api/v1/tasks", headers=local)).json()
    (task,) = tasks["items"]
    assert (task["kind"], task["connection"], task["overdue"], tasks["overdue"]) == ("failures", "greenhouse", False, 0)
    said = {"id": task["id"], "assignee": "recruiter@mail.example", "snoozed": "2999-01-01T00:00:00Z"}
    moved = (await bench.browser.post("/api/v1/tasks/assign", json=said, headers=local)).json()
    assert (moved["assignee_name"], moved["due"]) == ("Recruiter", "2999-01-01T00:00:00Z")
    assert (await bench.browser.get("/api/v1/tasks", headers=local)).json()["items"] == []
    assert (await bench.browser.post("/api/v1/tasks/done", json={"id": task["id"]}, headers=local)).status_code == 422
    nothing = await bench.browser.post("/api/v1/tasks/assign", json={"id": task["id"]}, headers=local)
    assert nothing.status_code == 422
    put_off = (await bench.browser.get("/api/v1/tasks?every=true", headers=local)).json()
    assert ([one["id"] for one in put_off["items"]], put_off["next"]) == ([task["id"]], None)
    assert (await bench.browser.get("/api/v1/status", headers=local)).json()["tasks"]["open"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/candidates/none", None, 404),
        ("GET", "/candidates?limit=0", None, 422),
        ("GET", "/candidates?after=garbage", None, 422),
        ("GET", "/jobs/none", None, 404),
        ("GET", "/connections/none", None, 404),
        ("POST", "/connections/none/mode", {"mode": "loud"}, 422),
        ("POST", "/failures/none/discard", {"reason": ""}, 422),
        ("GET", "/audit/export", None, 422),
        ("GET", "/audit/export?from=2026-11-01T00:00:00", None, 422),
        ("GET", "/nothing", None, 404),
        ("DELETE", "/status", None, 405),
    ],
)
async def test_an_error_says_what_where_and_what_next(
    bench: Bench, local: dict[str, str], method: str, path: str, body: Any, status: int
) -> None:
    answer = await bench.browser.request(method, f"/api/v1{path}", json=body, headers=local)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["title"]
    assert problem["where"].startswith("/api/v1")
    assert problem["hint"]


async def test_the_description_of_the_api_names_every_call(bench: Bench) -> None:
    described = (await bench.browser.get("/api/v1/openapi.json")).json()
    for path in (
        "status",
        "connections",
        "candidates",
        "jobs",
        "failures",
        "reviews",
        "audit",
        "applications/{id}/score",
        "records/{id}/history",
    ):
        assert f"/api/v1/{path}" in described["paths"]
    for calls in described["paths"].values():
        assert all(call["summary"] for call in calls.values())


# --------------------------------------------------------------------------------------------------------- systems


def signed(body: bytes, secret: str = "canary-hook-secret") -> dict[str, str]:
    return {
        "Signature": "sha256 " + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "Greenhouse-Event-ID": "1",
    }


PING = json.dumps({"action": "ping", "payload": {}}).encode()


async def test_a_delivery_is_taken_once_and_answered_200_both_times(bench: Bench) -> None:
    row = await bench.connection()
    for _ in range(2):
        answer = await bench.browser.post("/hooks/greenhouse", content=PING, headers=signed(PING))
        assert answer.status_code == 200
    assert len(await bench.app.store.read(lambda tx: tx.inbox.log(row.id))) == 1


async def test_a_forged_delivery_is_refused_and_nothing_of_it_is_stored(bench: Bench) -> None:
    row = await bench.connection()
    for headers in ({}, signed(PING, "another secret"), {"Signature": "sha256 00"}):
        assert (await bench.browser.post("/hooks/greenhouse", content=PING, headers=headers)).status_code == 401
    assert await bench.app.store.read(lambda tx: tx.inbox.log(row.id)) == []


async def test_an_oversized_delivery_is_refused_without_being_read_whole(bench: Bench) -> None:
    await bench.connection()
    body = b"x" * (bench.app.settings.max_hook_bytes + 10)
    assert (await bench.browser.post("/hooks/greenhouse", content=body, headers=signed(body))).status_code == 413


async def test_an_unknown_connection_is_not_found(bench: Bench) -> None:
    assert (await bench.browser.post("/hooks/none", content=PING)).status_code == 404


async def test_health_and_metrics_answer_without_a_key_and_name_nobody(bench: Bench) -> None:
    await bench.connection()
    await bench.candidate()
    assert (await bench.browser.get("/healthz")).json()["ok"] is True
    text = (await bench.browser.get("/metrics")).text
    assert "bascule_waiting_lanes" in text
    assert "ada" not in text.lower()
