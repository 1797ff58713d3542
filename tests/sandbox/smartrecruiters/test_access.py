"""Who may call, how often, how many at once."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

from bascule.sandbox.smartrecruiters import Rate

from .conftest import Build, Rig


async def test_a_key_is_good_until_it_is_replaced_or_revoked(rig: Rig) -> None:
    assert (await rig.call("GET", "/jobs")).status_code == 200
    assert await rig.refused("GET", "/jobs", headers={"X-SmartToken": "wrong"}) == (401, "UNAUTHORIZED")
    rig.headers = {}
    assert (await rig.refused("GET", "/jobs"))[0] == 401
    rig.headers = {"X-SmartToken": rig.credential("key")["secret"]}
    rig.sandbox.faults.add({"kind": "rotate", "grace": 60})
    assert (await rig.call("GET", "/jobs")).status_code == 200
    rig.clock.move(seconds=61)
    assert (await rig.call("GET", "/jobs")).status_code == 401
    rig.headers = {"X-SmartToken": rig.credential("key")["secret"]}
    rig.sandbox.faults.add({"kind": "revoke", "object": f"credentials/{rig.credential('key')['id']}"})
    assert (await rig.call("GET", "/jobs")).status_code == 401


async def test_a_token_lives_as_long_as_it_says(build: Build) -> None:
    rig = build(token_lifetime=1800.0)
    given = (await rig.token()).json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 1800)
    assert "refresh_token" not in given
    rig.headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert (await rig.call("GET", "/jobs")).status_code == 200
    rig.clock.move(seconds=1800)
    assert (await rig.call("GET", "/jobs")).status_code == 401
    assert (await rig.token(client_secret="wrong")).status_code == 401
    assert (await rig.token(grant_type="password")).status_code == 400


async def test_a_client_needs_scopes_and_a_system_role(rig: Rig) -> None:
    token = (await rig.token(scope="jobs_read")).json()["access_token"]
    rig.headers = {"Authorization": f"Bearer {token}"}
    assert (await rig.call("GET", "/jobs")).status_code == 200
    answer = await rig.call("GET", "/candidates")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "OAUTH_PERMISSIONS")
    rig.sandbox.db.change("credentials", rig.credential("client")["id"], rig.dana(), {"role": ""})
    assert (await rig.call("GET", "/jobs")).status_code == 403


async def test_an_application_of_the_marketplace_is_allowed_by_a_person(rig: Rig) -> None:
    client = rig.credential("client")
    asked = {"client_id": client["client_id"], "redirect_uri": "http://127.0.0.1/callback", "response_type": "code",
             "scope": "jobs_read user_me_read"}  # fmt: skip
    answer = await rig.http.post("/identity/oauth/allow", params=asked, data={"allow": "yes"})
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    given = (await rig.token(grant_type="authorization_code", code=code)).json()
    rig.headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert (await rig.ok("GET", "/user-api/v201804/users/me"))["firstName"] == "Dana"
    assert (await rig.token(grant_type="refresh_token", refresh_token=given["refresh_token"])).status_code == 200


async def test_ten_requests_a_second_to_each_endpoint_and_two_to_publish(build: Build) -> None:
    rig = build(rate=Rate(10, 1.0))
    answers = [await rig.call("GET", "/jobs") for _ in range(11)]
    assert [one.status_code for one in answers] == [200] * 10 + [429]
    first, last = answers[0].headers, answers[-1].headers
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("10", "9")
    assert (first["X-RateLimit-Concurrent-Limit"], first["X-RateLimit-Concurrent-Remaining"]) == ("8", "7")
    assert last["X-RateLimit-Remaining"] == "0"
    assert not {"retry-after", "x-ratelimit-reset"} & {name.lower() for name in last}
    assert (await rig.call("GET", "/candidates")).status_code == 200, "another endpoint has its own"
    rig.clock.move(seconds=1)
    assert (await rig.call("GET", "/jobs")).status_code == 200
    path = f"/jobs/{rig.job()['id']}/publication"
    assert [(await rig.call("POST", path)).status_code for _ in range(3)] == [201, 201, 429]


async def test_candidates_are_searched_one_at_a_time_and_all_else_eight(build: Build) -> None:
    rig = build(latency=1.0)
    gate = asyncio.Event()

    async def held(seconds: float) -> None:
        await gate.wait()

    rig.sandbox.sleep = held
    searches = [asyncio.create_task(rig.call("GET", "/candidates")) for _ in range(2)]
    others = [asyncio.create_task(rig.call("GET", "/jobs")) for _ in range(9)]
    await asyncio.sleep(0.05)
    gate.set()
    assert sorted([(await one).status_code for one in searches]) == [200, 429]
    assert sorted([(await one).status_code for one in others]) == [200] * 8 + [429]
    assert (await rig.call("GET", "/candidates")).headers["X-RateLimit-Concurrent-Limit"] == "1"
