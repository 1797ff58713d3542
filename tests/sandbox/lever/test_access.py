"""Keys, tokens, rights, rate limits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bascule.sandbox.lever import CONFIDENTIAL, OFFLINE, Rate, scopes

from .conftest import Build, Rig

BACK = "https://bridge.example.org/back"


async def test_an_api_key_is_the_name_of_basic_with_a_blank_password(rig: Rig) -> None:
    row = rig.use_key()
    assert (await rig.call("GET", "stages")).status_code == 200
    rig.basic(row["secret"] + "x")
    refused = await rig.call("GET", "stages")
    assert refused.status_code == 401
    assert set(refused.json()) == {"code", "message"}
    rig.headers = {}
    assert (await rig.call("GET", "stages")).status_code == 401
    rig.basic(row["secret"])
    rig.sandbox.access.revoke(rig.person, row["id"])
    assert (await rig.call("GET", "stages")).status_code == 401


async def test_a_rotated_key_works_no_longer_than_its_grace(rig: Rig) -> None:
    row = rig.use_key()
    old, new = row["secret"], rig.sandbox.access.rotate(rig.person, row["id"], timedelta(hours=1))
    for key in (old, new):
        rig.basic(key)
        assert (await rig.call("GET", "stages")).status_code == 200
    rig.clock.move(hours=1)
    rig.basic(old)
    assert (await rig.call("GET", "stages")).status_code == 401


async def test_a_key_may_be_restricted_to_some_endpoints(rig: Rig) -> None:
    rig.use_key("opportunities:read:admin", "notes:write:admin")
    assert (await rig.call("GET", "opportunities")).status_code == 200
    refused = await rig.call("GET", "postings")
    assert (refused.status_code, refused.json()["code"]) == (403, "Forbidden")
    one = (await rig.apply())["id"]
    assert (await rig.call("GET", f"opportunities/{one}/notes")).status_code == 200, "who may write may read"
    assert (await rig.call("POST", f"opportunities/{one}/addTags", json={"tags": ["a"]})).status_code == 403
    assert (await rig.call("GET", f"opportunities/{one}", params={"expand": "owner"})).status_code == 403


async def test_there_is_no_such_resource(rig: Rig) -> None:
    for path in ("nothing", "opportunities/6c6e1b2c-0000-4000-8000-000000000000"):
        answer = await rig.call("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "ResourceNotFound")


async def test_consent_gives_a_code_and_the_code_gives_tokens(rig: Rig) -> None:
    app = rig.sandbox.access.app(rig.person, "Partner", ["opportunities:read:admin"], [BACK])
    given = await rig.consent(app)
    assert set(given) == {"access_token", "refresh_token", "scope", "expires_in", "token_type"}
    assert given["expires_in"] == 3600
    assert set(given["scope"].split()) == {OFFLINE, "opportunities:read:admin"}
    assert (await rig.call("GET", "opportunities")).status_code == 200
    assert (await rig.call("GET", "users")).status_code == 403
    rig.clock.move(seconds=3600)
    assert (await rig.call("GET", "opportunities")).status_code == 401


async def test_the_audience_is_mandatory_and_the_address_must_be_the_registered_one(rig: Rig) -> None:
    app = rig.sandbox.access.app(rig.person, "Partner", scopes(), [BACK])
    asked = {"client_id": app["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "s"}
    assert (await rig.http.get("/authorize", params=asked)).status_code == 400
    good = {**asked, "audience": "https://api.lever.co/v1/"}
    assert (await rig.http.get("/authorize", params=good)).status_code == 200
    wrong = {**good, "redirect_uri": "https://evil.example.org"}
    assert (await rig.http.get("/authorize", params=wrong)).status_code == 400
    denied = await rig.http.post("/authorize", params=good, data={"allow": ""})
    assert "error=access_denied" in denied.headers["location"]


async def test_without_offline_access_there_is_no_refresh_token(rig: Rig) -> None:
    app = rig.sandbox.access.app(rig.person, "Partner", scopes(), [BACK])
    assert "refresh_token" not in await rig.consent(app, scope="opportunities:read:admin")


async def test_a_refresh_token_is_replaced_by_each_use(rig: Rig) -> None:
    app = rig.sandbox.access.app(rig.person, "Partner", scopes(), [BACK])
    first = (await rig.consent(app))["refresh_token"]
    second = await rig.token(app, grant_type="refresh_token", refresh_token=first)
    assert second.status_code == 200
    assert second.json()["refresh_token"] != first
    again = await rig.token(app, grant_type="refresh_token", refresh_token=first)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    wrong = await rig.token({**app, "secret": "no"}, grant_type="refresh_token", refresh_token="x")
    assert wrong.status_code == 401


async def test_a_refresh_token_dies_unused_after_ninety_days_and_a_consent_after_a_year(rig: Rig) -> None:
    app = rig.sandbox.access.app(rig.person, "Partner", scopes(), [BACK])
    token = (await rig.consent(app))["refresh_token"]
    for days in (80, 80, 80, 80):
        rig.clock.move(days=days)
        renewed = await rig.token(app, grant_type="refresh_token", refresh_token=token)
        assert renewed.status_code == 200, renewed.text
        token = renewed.json()["refresh_token"]
    rig.clock.move(days=46)  # the consent is 366 days old
    assert (await rig.token(app, grant_type="refresh_token", refresh_token=token)).status_code == 400
    token = (await rig.consent(app))["refresh_token"]
    rig.clock.move(days=91)
    assert (await rig.token(app, grant_type="refresh_token", refresh_token=token)).status_code == 400


async def test_perform_as_names_who_acts(rig: Rig) -> None:
    one = (await rig.apply())["id"]
    mei = rig.user("Mei Tanaka")
    made = await rig.send("POST", f"opportunities/{one}/notes?perform_as={mei}", 201, json={"value": "Hello"})
    assert (await rig.get(f"opportunities/{one}/notes/{made['noteId']}"))["user"] == mei
    change = next(one for one in reversed(rig.sandbox.db.log) if one.object == "notes")
    assert (change.actor.kind, change.actor.user_id) == ("api:Bridge", mei)
    for wrong in ("nobody", rig.user("Ola Former")):
        refused = await rig.call("POST", f"opportunities/{one}/notes?perform_as={wrong}", json={"value": "x"})
        assert refused.status_code == 400


@pytest.mark.parametrize(
    "path", ["opportunities", "opportunities/{}/feedback", "opportunities/{}/files", "opportunities/{}/panels"]
)
async def test_some_deeds_need_perform_as(rig: Rig, path: str) -> None:
    refused = await rig.call("POST", path.format((await rig.apply())["id"]), json={})
    assert (refused.status_code, refused.json()["message"]) == (400, "perform_as is required")


async def test_a_bucket_of_twenty_gets_ten_a_second_and_429_says_nothing_more(build: Build) -> None:
    rig = build(rate=Rate(10, 1.0), burst=20)
    statuses = [(await rig.call("GET", "stages")).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    limited = await rig.call("GET", "stages")
    assert limited.json()["code"] == "TooManyRequests"
    told = {name.lower() for name in limited.headers}
    assert not told & {"retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
    rig.clock.move(seconds=0.1)
    assert (await rig.call("GET", "stages")).status_code == 200
    assert (await rig.call("GET", "stages")).status_code == 429
    rig.use_key(name="Another")
    assert (await rig.call("GET", "stages")).status_code == 200, "each key has a bucket of its own"


# Confidential data.


async def _confidential(build: Build, **options: object) -> tuple[Rig, str]:
    jobs = [{"title": "Backend Engineer"}, {"title": "Chief Financial Officer", "confidential": True}]
    rig = build(jobs=jobs, **options)
    rig.use_key(confidential=True)
    secret = await rig.create(postings=[rig.job("Chief Financial Officer")], emails=["cfo@example.org"])
    await rig.create()
    assert secret["confidentiality"] == "confidential"
    return rig, secret["id"]


async def test_confidential_opportunities_are_left_out_unless_they_are_asked_for(build: Build) -> None:
    rig, secret = await _confidential(build)
    assert [one["id"] for one in await rig.items("opportunities")] != []
    assert secret not in [one["id"] for one in await rig.items("opportunities")]
    assert [one["id"] for one in await rig.items("opportunities", confidentiality="confidential")] == [secret]
    assert len(await rig.items("opportunities", confidentiality="all")) == 2
    assert len(await rig.items("postings")) == 1
    assert len(await rig.items("postings", confidentiality="all")) == 2


@pytest.mark.parametrize("answer", [404, 403])
async def test_without_access_they_are_nowhere(build: Build, answer: int) -> None:
    rig, secret = await _confidential(build, confidential=answer)
    rig.use_key()
    assert len(await rig.items("opportunities", confidentiality="all")) == 1
    for path in (
        f"opportunities/{secret}",
        f"opportunities/{secret}/notes",
        f"postings/{rig.job('Chief Financial Officer')}",
    ):
        assert (await rig.call("GET", path)).status_code == answer
    assert (await rig.call("PUT", f"opportunities/{secret}/stage", json={"stage": "offer"})).status_code == answer
    app = rig.sandbox.access.app(rig.person, "Partner", [*scopes(), CONFIDENTIAL], [BACK])
    await rig.consent(app)
    assert len(await rig.items("opportunities", confidentiality="all")) == 2
