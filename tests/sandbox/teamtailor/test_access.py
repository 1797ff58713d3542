"""Who may call, in which version, how often, and how refusals are worded."""

from __future__ import annotations

import pytest

from bascule.sandbox.kit.options import Rate

from .conftest import MEDIA, Make, Tt


async def test_a_wrong_missing_or_revoked_key_is_401(tt: Tt) -> None:
    for header in ("", "Token token=nonsense", f"Basic {tt.key}", "Token "):
        answer = await tt.call("GET", "candidates", headers={"Authorization": header})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Token realm="Application"')
        assert "x-rate-limit-limit" not in answer.headers
    row = next(one for one in tt.sandbox.db["credentials"] if one["secret"] == tt.key)
    tt.sandbox.db.change("credentials", row["id"], tt.person, {"revoked": True})
    assert (await tt.call("GET", "candidates")).status_code == 401


@pytest.mark.parametrize("written", ["Token token={}", 'Token token="{}"', "Token {}", "Bearer {}"])
async def test_the_ways_to_write_a_key(tt: Tt, written: str) -> None:
    answer = await tt.call("GET", "company", headers={"Authorization": written.format(tt.key)})
    assert answer.status_code == 200
    assert answer.json()["data"]["attributes"]["name"] == "Tenant AB"


async def test_a_partners_key_opens_nothing_of_the_customers_and_the_other_way_round(tt: Tt) -> None:
    assert (
        await tt.call("GET", "candidates", headers={"Authorization": f"Token {tt.partner_key()}"})
    ).status_code == 401
    assert (await tt.call("GET", "/partner/v1/partner-results")).status_code == 401


@pytest.mark.parametrize("version", [None, "", "2024-09-04", "20161107", "20261121", "20249999", "v1"])
async def test_without_a_version_it_is_406_and_says_which_is_current(tt: Tt, version: str | None) -> None:
    headers = {"Authorization": f"Token token={tt.key}", **({} if version is None else {"X-Api-Version": version})}
    answer = await tt.http.get("/v1/candidates", headers=headers)
    assert answer.status_code == 406
    (error,) = answer.json()["errors"]
    assert error == {"title": "Invalid/Missing API Version", "status": 406, "detail": "Please provide a correct API "
                     "version in the X-Api-Version header. Current version is: 20240904"}  # fmt: skip
    assert "x-api-version" not in answer.headers


@pytest.mark.parametrize("version", ["20161108", "20180828", "20210218", "20240404", "20261120"])
async def test_versions_are_dates_and_are_echoed(tt: Tt, version: str) -> None:
    answer = await tt.call("GET", "candidates", headers={"X-Api-Version": version})
    assert (answer.status_code, answer.headers["x-api-version"]) == (200, version)
    assert answer.headers["content-type"] == MEDIA


async def test_a_company_may_know_only_some_versions(make: Make) -> None:
    tt = make(versions="known")
    assert (await tt.call("GET", "candidates", headers={"X-Api-Version": "20240905"})).status_code == 406
    assert (await tt.call("GET", "candidates")).status_code == 200


async def test_scopes_and_permissions(tt: Tt) -> None:
    async def status(method: str, path: str, **key: object) -> int:
        tt.key = tt.sandbox.key("other", **key)["secret"]
        if method == "GET":
            return (await tt.call("GET", path)).status_code
        return (await tt.write(method, path, "candidates", {"email": "x@example.org"})).status_code

    for path in ("candidates", "job-applications", "stages", "notes", "uploads", "custom-field-values", "audit-events"):
        assert await status("GET", path, level="internal") == 403
        assert await status("GET", path, level="admin") == 200
    assert await status("GET", "jobs", level="public") == 200
    assert await status("GET", "candidates", read=False) == 403
    assert await status("POST", "candidates", write=False) == 403
    assert await status("POST", "candidates", read=False) == 201
    id = tt.sandbox.db["candidates"].ids[0]
    assert await status("PATCH", f"candidates/{id}", read=False) == 403, "writing alone creates, and changes nothing"
    assert await status("PATCH", f"candidates/{id}") == 200


async def test_a_lower_key_is_shown_less_and_not_told_so(make: Make) -> None:
    tt = make(dirty=True)
    everything = await tt.every(
        "jobs", **{"filter[status]": "all", "filter[feed]": "public,internal", "page[size]": 30}
    )
    tt.key = tt.sandbox.key("site", level="public")["secret"]
    public = await tt.every("jobs", **{"filter[status]": "all", "filter[feed]": "public,internal", "page[size]": 30})
    assert {one["attributes"]["human-status"] for one in public} == {"published"}
    assert len(public) < len(everything)
    assert not {"created-at", "tags"} & set(public[0]["attributes"])
    hidden = next(one["id"] for one in everything if one["attributes"]["human-status"] == "archived")
    assert (await tt.call("GET", f"jobs/{hidden}")).status_code == 404


async def test_fifty_requests_in_ten_seconds_and_then_429_without_retry_after(make: Make) -> None:
    tt = make(rate=Rate(50, 10.0))
    answers = [await tt.call("GET", "company") for _ in range(51)]
    assert [one.status_code for one in answers] == [200] * 50 + [429]
    assert [answers[0].headers[f"x-rate-limit-{name}"] for name in ("limit", "remaining", "reset")] == [
        "50",
        "49",
        "10",
    ]
    assert answers[-1].headers["x-rate-limit-remaining"] == "0"
    assert "retry-after" not in answers[-1].headers
    assert answers[-1].json() == {"errors": {"detail": "Rate limit exceeded"}}, "an object, where others are a list"
    tt.clock.move(seconds=7)
    again = await tt.call("GET", "company")
    assert (again.status_code, again.headers["x-rate-limit-reset"]) == (429, "3"), "seconds that are left, no time"
    tt.clock.move(seconds=3)
    assert (await tt.call("GET", "company")).status_code == 200


async def test_what_the_headers_may_say_otherwise(make: Make) -> None:
    tt = make(rate=Rate(2, 10.0), static_headers=True, retry_after=True)
    answers = [await tt.call("GET", "company") for _ in range(3)]
    assert [one.headers["x-rate-limit-remaining"] for one in answers] == ["2", "2", "2"]
    assert answers[-1].headers["retry-after"] == "10"


async def test_each_key_has_its_own_window(make: Make) -> None:
    tt = make(rate=Rate(1, 10.0))
    assert (await tt.call("GET", "company")).status_code == 200
    tt.key = tt.sandbox.key("another")["secret"]
    assert (await tt.call("GET", "company")).status_code == 200


async def test_bodies_must_be_of_the_media_type(tt: Tt) -> None:
    answer = await tt.call("POST", "candidates", json={"data": {}}, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (415, "415")
    assert (await tt.call("GET", "candidates", headers={"Accept": "application/json"})).status_code == 406


@pytest.mark.parametrize(("body", "code"), [
    ({}, "106"), ({"data": []}, "106"), ({"data": {"attributes": {}}}, "106"),
    ({"data": {"type": "people"}}, "101"),
    ({"data": {"type": "candidates", "attributes": {"nick-name": "x"}}}, "105"),
    ({"data": {"type": "candidates", "attributes": {"created-at": "2026-01-01"}}}, "105"),
    ({"data": {"type": "candidates", "relationships": {"job-applications": {"data": []}}}}, "105"),
    ({"data": {"type": "candidates", "relationships": {"department": 3}}}, "115"),
    ({"data": {"type": "candidates", "relationships": {"department": {"data": {"type": "roles", "id": 1}}}}}, "116"),
])  # fmt: skip
async def test_a_body_that_asks_too_much_is_400_and_changes_nothing(tt: Tt, body: object, code: str) -> None:
    answer = await tt.call("POST", "candidates", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code), answer.text
    assert not list(tt.sandbox.db["candidates"])


async def test_what_does_not_exist(tt: Tt) -> None:
    answer = await tt.call("GET", "candidates/17")
    assert answer.json()["errors"] == [{"title": "Record not found", "code": "404", "status": "404",
                                        "detail": "The record identified by 17 could not be found."}]  # fmt: skip
    for method, path in (("GET", "webhooks"), ("POST", "stages"), ("GET", "activities"), ("DELETE", "jobs/7199")):
        assert (await tt.call(method, path)).status_code == 404


async def test_a_feature_that_is_not_bought_is_refused(make: Make) -> None:
    tt = make(addons=())
    assert (await tt.call("GET", "audit-events")).status_code == 403
    with pytest.raises(Exception, match="not enabled"):
        await tt.hook()


async def test_addresses_are_those_the_caller_used(tt: Tt) -> None:
    headers = {"Host": "api.bridge.example", "X-Forwarded-Proto": "https"}
    answer = await tt.call("GET", "jobs", headers=headers, params={"page[size]": 1})
    content = answer.json()
    assert content["data"][0]["links"]["self"] == "https://api.bridge.example/v1/jobs/7199"
    assert content["links"]["next"].startswith("https://api.bridge.example/v1/jobs?page%5Bnumber%5D=2&page%5Bsize%5D=1")
