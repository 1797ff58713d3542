"""REST hooks: programs subscribe, are sent events, look them up, and unsubscribe, each with the scopes of its key."""

from __future__ import annotations

from typing import Any

from bascule.core.events import TYPES
from bascule.server.roles import Scope

from .conftest import Bench
from .test_api import key

HOOK = "https://hooks.zapier.com/hooks/standard/1/abc"
ALL = (Scope.SUBSCRIPTIONS_READ, Scope.SUBSCRIPTIONS_WRITE, Scope.EVENTS_READ)


async def test_a_program_subscribes_looks_and_unsubscribes(bench: Bench) -> None:
    headers, ask = await key(bench, *ALL), bench.browser
    wanted = {"event": "application.stage_changed", "target_url": HOOK, "expiration": "2099-01-01T00:00:00Z"}
    made = await ask.post("/api/v1/subscriptions", json=wanted, headers=headers)
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["secret"].startswith("whsec_")
    assert told["host"] == "hooks.zapier.com"
    assert told["events"] == ["application.stage_changed"]
    found = (await ask.get("/api/v1/subscriptions", headers=headers)).json()["items"]
    assert [one["id"] for one in found] == [told["id"]]
    assert HOOK not in str(found)
    assert "secret" not in found[0]
    there = await ask.get("/api/v1/subscriptions", params={"target_url": HOOK}, headers=headers)
    assert [one["id"] for one in there.json()["items"]] == [told["id"]]
    gone = await ask.get("/api/v1/subscriptions", params={"target_url": HOOK + "x"}, headers=headers)
    assert gone.json()["items"] == []
    path = f"/api/v1/subscriptions/{told['id']}"
    changed = await ask.patch(path, json={"filter": {"min_score": 70}}, headers=headers)
    assert changed.json()["filter"] == {"min_score": 70}
    again = await ask.post(f"{path}/secret", json={"overlap_hours": 1}, headers=headers)
    assert again.json()["secret"] != told["secret"]
    assert (await ask.post(f"{path}/pause", headers=headers)).json()["state"] == "paused"
    assert (await ask.post(f"{path}/resume", headers=headers)).json()["state"] == "active"
    assert (await ask.post(f"{path}/replay", json={}, headers=headers)).status_code == 422
    done = await ask.delete(path, headers=headers)
    assert (done.status_code, done.content) == (204, b"")
    assert (await ask.get(path, headers=headers)).status_code == 404
    assert (await ask.delete(path, headers=headers)).status_code == 404


async def test_names_of_other_makers_for_the_same_thing_are_understood(bench: Bench) -> None:
    headers = await key(bench, *ALL)
    for name in ("targetUrl", "hookUrl"):
        made = await bench.browser.post("/api/v1/subscriptions", json={name: HOOK}, headers=headers)
        assert made.status_code == 201, made.text
        assert made.json()["events"] == ["*"]


async def test_what_cannot_be_is_refused_with_what_to_do(bench: Bench) -> None:
    headers = await key(bench, *ALL)
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"target_url": "http://hooks.example/"}, 422, "https"),
        ({"target_url": "https://127.0.0.1/"}, 422, "BASCULE_ALLOWED_HOSTS"),
        ({"target_url": HOOK, "event": "application.moved"}, 422, "application.stage_changed"),
        ({"target_url": HOOK, "fields": ["candidate.emails"]}, 403, "candidates:read"),
        ({"target_url": HOOK, "filter": {"stage_types": ["hiring"]}}, 422, "stage type"),
        ({"target_url": HOOK, "filter": {"connections": ["nowhere"]}}, 404, "nowhere"),
        ({"target_url": HOOK, "filter": {"min_score": 101}}, 422, "100"),
        ({"target_url": HOOK, "expiration": "2020-01-01T00:00:00Z"}, 422, "is over"),
        ({"target_url": HOOK, "colour": "red"}, 422, "colour"),
        ({}, 422, "target_url"),
    ]
    for body, status, words in cases:
        answer = await bench.browser.post("/api/v1/subscriptions", json=body, headers=headers)
        assert answer.status_code == status, (body, answer.text)
        assert words in answer.text, (body, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await bench.browser.get("/api/v1/subscriptions", headers=headers)).json()["items"] == []


async def test_a_key_without_the_scope_does_nothing(bench: Bench) -> None:
    headers = await key(bench, Scope.CANDIDATES_READ)
    for method, path in (
        ("GET", "/subscriptions"),
        ("POST", "/subscriptions"),
        ("GET", "/events"),
        ("GET", "/events/types"),
    ):
        answer = await bench.browser.request(method, f"/api/v1{path}", headers=headers, json={"target_url": HOOK})
        assert answer.status_code == 403, path


async def test_the_log_and_samples_have_the_shape_that_is_sent(bench: Bench) -> None:
    headers = await key(bench, *ALL)
    empty = (await bench.browser.get("/api/v1/events", headers=headers)).json()
    assert empty == {"items": [], "connections": {}, "next": 0, "more": False}
    old = await bench.browser.get("/api/v1/events", params={"after": 5}, headers=headers)
    assert (old.status_code, "30 days" in old.text) == (410, True)
    listed = (await bench.browser.get("/api/v1/events/types", headers=headers)).json()["items"]
    assert [one["type"] for one in listed] == list(TYPES)
    for type in TYPES:
        [sample] = (await bench.browser.get(f"/api/v1/events/samples/{type}", headers=headers)).json()
        assert set(sample) == {"id", "type", "timestamp", "number", "data"}
        assert sample["type"] == type
        assert "Byron" not in str(sample)
    asked = {"fields": "candidate.emails,note.body"}
    [sample] = (await bench.browser.get("/api/v1/events/samples/note.added", params=asked, headers=headers)).json()
    assert sample["data"]["candidate"]["emails"] == ["ada@example.org"]
    assert sample["data"]["note"]["body"]
    assert (await bench.browser.get("/api/v1/events/samples/x.y", headers=headers)).status_code == 422


async def test_an_address_is_looked_for_where_nobody_has_subscribed_yet(bench: Bench) -> None:
    headers = {"authorization": f"Bearer {bench.app.local_key}"}
    answer = await bench.browser.get("/api/v1/subscriptions", params={"target_url": HOOK}, headers=headers)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_a_cv_that_is_no_base64_is_refused_whatever_its_letters(bench: Bench) -> None:
    headers = {"authorization": f"Bearer {bench.app.local_key}"}
    await bench.connection()
    for data in ("é", "no*base64"):
        body = {"resumes": [{"name": "a.pdf", "data": data}], "minutes": 5}
        answer = await bench.browser.post("/api/v1/connections/greenhouse/pilots", json=body, headers=headers)
        assert answer.status_code == 422, answer.text
        assert "base64" in answer.text
