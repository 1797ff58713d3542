"""Tokens, scopes and the rate limit."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import httpx2

from bascule.sandbox.greenhouse import Rate

from .conftest import PERSON, Build, Rig


async def test_a_token_is_given_for_client_credentials_and_says_when_it_expires(rig: Rig) -> None:
    row = rig.sandbox.db["credentials"].rows[1]
    body = (await rig.take_token(row)).json()
    assert body["token_type"] == "Bearer"
    assert body["expires_at"] == "2026-11-20T10:00:00Z"
    assert set(body) == {"token_type", "access_token", "expires_at"}


async def test_wrong_or_revoked_credentials_get_401(rig: Rig) -> None:
    row = rig.sandbox.db["credentials"].rows[1]
    assert (await rig.take_token(row, secret="wrong")).status_code == 401
    rig.sandbox.access.revoke(PERSON, 1)
    assert (await rig.take_token(row)).status_code == 401
    assert (await rig.call("GET", "jobs")).status_code == 401


async def test_an_expired_or_unknown_token_gets_401(rig: Rig) -> None:
    assert (await rig.call("GET", "jobs")).status_code == 200
    rig.clock.move(hours=1)
    assert (await rig.call("GET", "jobs")).status_code == 401
    rig.token = "made.up.token"
    assert (await rig.call("GET", "jobs")).status_code == 401


async def test_a_rotated_secret_keeps_the_old_one_for_a_week(rig: Rig) -> None:
    row = rig.sandbox.db["credentials"].rows[1]
    old = row["secret"]
    new = rig.sandbox.access.rotate(PERSON, 1)
    assert (await rig.take_token(row, secret=old)).status_code == 200
    assert (await rig.take_token(row, secret=new)).status_code == 200
    rig.clock.move(days=7)
    assert (await rig.take_token(row, secret=old)).status_code == 401
    assert (await rig.take_token(row, secret=new)).status_code == 200


async def test_a_missing_scope_gets_403_that_names_it(build: Build) -> None:
    rig = build()
    await rig.sign_in(["harvest:jobs:list"])
    assert (await rig.call("GET", "jobs")).status_code == 200
    refused = await rig.call("GET", "candidates")
    assert refused.status_code == 403
    assert "harvest:candidates:list" in refused.json()["errors"][0]["message"]


async def test_lists_need_a_site_admin(build: Build) -> None:
    rig = build()
    await rig.sign_in(user="Robin Falk")
    assert (await rig.call("GET", "jobs")).status_code == 403


async def test_sub_decides_who_acts(rig: Rig) -> None:
    row = rig.sandbox.db["credentials"].rows[1]
    robin = next(one for one in rig.sandbox.db["users"] if one["name"] == "Robin Falk")
    rig.token = (await rig.take_token(row, sub=str(robin["id"]))).json()["access_token"]
    ids = await rig.apply()
    created = await rig.call("POST", "notes", json={"candidate_id": ids["candidate_id"], "body": "Hello"})
    assert created.json()["user_id"] == robin["id"]
    assert (await rig.take_token(row, sub="999")).status_code == 401


async def test_a_user_without_permission_on_the_job_may_not_write_there(rig: Rig) -> None:
    row = rig.sandbox.db["credentials"].rows[1]
    mei = next(one for one in rig.sandbox.db["users"] if one["name"] == "Mei Tanaka")
    rig.token = (await rig.take_token(row, sub=str(mei["id"]))).json()["access_token"]
    ids = await rig.apply()
    refused = await rig.call("POST", f"applications/{ids['application_id']}/move", json={"from_stage_id": 3101})
    assert refused.status_code == 403


async def test_the_window_is_fixed_and_429_says_how_long_to_wait(build: Build) -> None:
    rig = build(rate=Rate(3, 30.0))
    await rig.sign_in()
    rig.clock.move(seconds=10)
    answers = [await rig.call("GET", "jobs") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert [one.headers["X-RateLimit-Remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert {one.headers["X-RateLimit-Limit"] for one in answers} == {"3"}
    assert answers[3].headers["Retry-After"] == "20"
    assert "Retry-After" not in answers[0].headers
    assert int(answers[3].headers["X-RateLimit-Reset"]) == rig.clock.at.timestamp() + 20
    rig.clock.move(seconds=19.9)
    assert (await rig.call("GET", "jobs")).status_code == 429
    rig.clock.move(seconds=0.1)
    assert (await rig.call("GET", "jobs")).status_code == 200


async def test_each_credential_has_a_window_of_its_own(build: Build) -> None:
    rig = build(rate=Rate(1, 30.0))
    await rig.sign_in()
    assert (await rig.call("GET", "jobs")).status_code == 200
    assert (await rig.call("GET", "jobs")).status_code == 429
    await rig.sign_in(name="Other")
    assert (await rig.call("GET", "jobs")).status_code == 200


async def test_the_token_endpoint_has_its_own_window(build: Build) -> None:
    rig = build(token_rate=Rate(2, 60.0))
    await rig.sign_in()
    row = rig.sandbox.db["credentials"].rows[1]
    assert (await rig.take_token(row)).status_code == 200
    limited = await rig.take_token(row)
    assert limited.status_code == 429
    assert limited.headers["Retry-After"]
    assert (await rig.call("GET", "jobs")).status_code == 200


async def test_a_get_with_a_body_gets_403(rig: Rig) -> None:
    assert (await rig.call("GET", "jobs", content=b"{}")).status_code == 403


async def test_the_first_harvest_versions_are_gone(rig: Rig) -> None:
    for path in ("/v1/candidates", "/v2/users"):
        answer = await rig.http.get(path)
        assert answer.status_code == 410
        assert "v3" in answer.json()["errors"][0]["message"]


async def test_a_refresh_token_is_used_up_by_its_renewal(build: Build) -> None:
    rig = build(refresh_grace=30.0)
    row = rig.sandbox.access.create(PERSON, "Partner", 4_012_001, ["harvest:jobs:list"])

    async def renew(token: str) -> dict[str, str]:
        answer = await rig.take_token(row, grant_type="refresh_token", refresh_token=token)
        return answer.json() if answer.status_code == 200 else {"refused": answer.json()["message"]}

    first = rig.sandbox.access.consent(row["id"], 4_012_001)
    second = (await renew(first))["refresh_token"]
    assert (await renew(first))["refresh_token"] != second, "a lost answer may be asked for again"
    rig.clock.move(seconds=31)
    assert await renew(first) == {"refused": "invalid_grant"}
    assert "access_token" in await renew(second)
    rig.sandbox.access.forget_consents()
    assert await renew(second) == {"refused": "invalid_grant"}


BACK = "https://bridge.example/oauth/back"


async def test_a_user_allows_a_partner_what_it_asks_for_and_the_code_lives_a_minute(rig: Rig) -> None:
    row = rig.sandbox.access.create(PERSON, "Partner", 4_012_001, ["harvest:jobs:list", "harvest:offers:list"], [BACK])
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": row["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "s",
        "scope": "harvest:jobs:list harvest:candidates:list", "code_challenge": challenge,
    }  # fmt: skip

    async def code() -> str:
        there = await rig.http.post("/authorize", params=asked, data={"allow": "yes"})
        return parse_qs(urlsplit(there.headers["location"]).query)["code"][0]

    async def trade(code: str, **more: str) -> httpx2.Response:
        given = {"redirect_uri": BACK, "code_verifier": "v" * 43, "code": code, **more}
        return await rig.take_token(row, grant_type="authorization_code", **given)

    page = await rig.http.get("/authorize", params=asked)
    assert "harvest:jobs:list" in page.text
    assert "harvest:candidates:list" not in page.text, "the partner's integration may not ask for it"
    assert (
        await rig.http.get("/authorize", params={**asked, "redirect_uri": "https://evil.example"})
    ).status_code == 400
    denied = await rig.http.post("/authorize", params=asked, data={"allow": ""})
    assert "error=access_denied" in denied.headers["location"]
    assert (await trade(await code(), code_verifier="w" * 43)).status_code == 400
    assert (await trade(await code(), redirect_uri="https://bridge.example/else")).status_code == 400
    late = await code()
    rig.clock.move(seconds=61)
    assert (await trade(late)).json()["message"] == "invalid_grant"
    good = await code()
    given = (await trade(good)).json()
    assert (await trade(good)).status_code == 400, "a code is good once"
    renewed = (await rig.take_token(row, grant_type="refresh_token", refresh_token=given["refresh_token"])).json()
    for held in (given, renewed):
        rig.token = held["access_token"]
        assert (await rig.call("GET", "jobs")).status_code == 200
        assert (await rig.call("GET", "offers")).status_code == 403, "it was not asked for"
