"""Who may ask for what, and which part of the world each key sees."""

from __future__ import annotations

import base64

import pytest

from bascule.sandbox.ashby.access import SCOPES
from bascule.sandbox.ashby.methods import METHODS
from bascule.sandbox.kit.options import Rate

from .conftest import DANA, Build, Rig


async def test_a_missing_key_is_401_and_a_wrong_or_deactivated_one_403_both_in_words(rig: Rig) -> None:
    missing = await rig.http.post("/candidate.list", json={})
    wrong = await rig.http.post("/candidate.list", json={}, auth=("nobody", ""))
    rig.sandbox.revoke_key(DANA, rig.key["id"])
    revoked = await rig.send("candidate.list")
    assert [one.status_code for one in (missing, wrong, revoked)] == [401, 403, 403]
    assert all(one.headers["content-type"].startswith("text/plain") and one.text for one in (missing, wrong, revoked))


async def test_the_key_is_the_user_name_and_the_password_does_not_matter(rig: Rig) -> None:
    for password in ("", rig.key["secret"]):
        answer = await rig.http.post("/user.list", json={}, auth=(rig.key["secret"], password))
        assert answer.json()["success"]
    bearer = await rig.http.post("/user.list", json={}, headers={"Authorization": f"Bearer {rig.key['secret']}"})
    assert bearer.status_code == 401


@pytest.mark.parametrize("method", METHODS)
async def test_each_method_needs_its_permission(rig: Rig, method: str) -> None:
    scope = METHODS[method].scope
    key = rig.make_key("Others", [one for one in SCOPES if one != scope])
    answer = await rig.send(method, {}, key)
    if not scope:
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer.json()["errors"]) == (403, ["missing_endpoint_permission"])
    own = await rig.send(method, {}, rig.make_key("Own", [scope]))
    assert "missing_endpoint_permission" not in own.text or method == "application.updateHistory"


async def test_a_key_knows_its_name_and_its_scopes(rig: Rig) -> None:
    own = await rig.got("apiKey.info", key=rig.make_key("Jobs only", ["jobs:read", "apiKeys:read"]))
    assert (own["title"], own["scopes"]) == ("Jobs only", ["jobs:read", "apiKeys:read"])


async def test_history_needs_a_switch_of_its_own(rig: Rig) -> None:
    made = await rig.application()
    (entry,) = await rig.got("application.listHistory", applicationId=made["id"])
    wanted = [{"applicationHistoryId": entry["id"], "stageId": entry["stageId"], "stageNumber": 0,
               "enteredStageAt": "2026-01-02T03:04:05Z"}]  # fmt: skip
    body = {"applicationId": made["id"], "applicationHistory": wanted}
    assert (await rig.send("application.updateHistory", body)).status_code == 403
    key = rig.make_key("Historian", update_history=True, confidential=True)
    shown = await rig.got("application.updateHistory", key=key, **body)
    assert shown["applicationHistory"][0]["enteredStageAt"] == "2026-01-02T03:04:05.000Z"


async def test_without_the_switch_confidential_jobs_and_all_that_is_theirs_are_silently_absent(build: Build) -> None:
    rig = build(dirty=True, candidates=60)
    blind = rig.make_key("Blind")
    hidden = next(row for row in rig.db["jobs"] if row["confidential"])
    applied = rig.db["applications"].where("job_id", hidden["id"])
    assert applied
    everything, _ = await rig.all("application.list")
    seen, _ = await rig.all("application.list", key=blind)
    assert {one["id"] for one in everything} - {one["id"] for one in seen} == {row["id"] for row in applied}
    jobs = await rig.got("job.list", key=blind)
    assert hidden["id"] not in {one["id"] for one in jobs}
    assert await rig.refused("job.info", key=blind, id=hidden["id"]) == "job_not_found"
    assert await rig.refused("application.info", key=blind, applicationId=applied[0]["id"]) == "application_not_found"
    people, _ = await rig.all("candidate.list", key=blind)
    shown = {one["id"]: one for one in people}
    for row in rig.db["candidates"]:
        own = rig.db["applications"].where("candidate_id", row["id"])
        visible = [one["id"] for one in own if one["job_id"] != hidden["id"]]
        if own and not visible:
            assert row["id"] not in shown
        else:
            assert shown[row["id"]]["applicationIds"] == visible
    projects = await rig.got("project.list", key=blind)
    assert [one["title"] for one in projects] == ["Future engineers"]


async def test_without_the_switch_private_fields_have_neither_definition_nor_values(rig: Rig) -> None:
    blind = rig.make_key("Blind", confidential=True)
    private = next(row for row in rig.db["custom_fields"] if row["private"])
    made = await rig.application()
    given = {"objectType": "Application", "objectId": made["id"], "fieldId": private["id"],
             "fieldValue": {"value": 50_000, "currencyCode": "EUR"}}  # fmt: skip
    assert (await rig.got("customField.setValue", **given))["isPrivate"]
    assert await rig.refused("customField.setValue", key=blind, **given) == "custom_field_not_found"
    assert await rig.refused("customField.info", key=blind, customFieldId=private["id"]) == "custom_field_not_found"
    listed = await rig.got("customField.list", key=blind)
    assert private["id"] not in {one["id"] for one in listed}
    for key, count in ((rig.key, 1), (blind, 0)):
        shown = await rig.got("application.info", key=key, applicationId=made["id"])
        assert len(shown["customFields"]) == count


async def test_too_many_requests_are_429_without_headers_that_ashby_lacks(build: Build) -> None:
    rig = build(rate=Rate(2, 60.0))
    answers = [await rig.send("version.list") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    told = {name.lower() for name in answers[-1].headers}
    assert (answers[-1].json()["success"], "retry-after" in told) == (False, False)
    assert not [name for name in told if "ratelimit" in name]
    assert (await rig.send("version.list", key=rig.make_key("Another"))).status_code == 200
    rig.clock.move(seconds=60)
    assert (await rig.send("version.list")).status_code == 200


async def test_a_partner_is_throttled_over_all_keys_and_told_so(build: Build) -> None:
    rig = build(partner_rate=Rate(1, 60.0), retry_after=True)
    assert (await rig.send("version.list")).status_code == 200
    other = await rig.send("version.list", key=rig.make_key("Another"))
    assert (other.status_code, other.headers["X-RateLimit-Scope"]) == (429, "integration-partner")
    assert 0 < int(other.headers["Retry-After"]) <= 60


async def test_every_answer_names_its_version_and_a_version_that_is_not_there_is_refused(build: Build) -> None:
    rig = build(version_status="deprecated")
    for answer in (await rig.send("user.list"), await rig.send("user.info")):
        assert (answer.headers["Ashby-Version"], answer.headers["Ashby-Version-Status"]) == ("2026-01-01", "deprecated")
    assert (await rig.send("user.list", **{"Ashby-Version": "2026-01-01"})).json()["success"]
    assert (await rig.send("user.list", **{"Ashby-Version": "2024-01-01"})).status_code == 400
    assert await rig.got("version.list") == [{"version": "2026-01-01", "status": "deprecated"}]


async def test_a_rotated_key_is_another_one(rig: Rig) -> None:
    old = rig.key["secret"]
    rig.sandbox.faults.add({"kind": "rotate", "object": f"credentials/{rig.key['id']}", "grace": 10})
    assert rig.key["secret"] != old
    named = {"Authorization": f"Basic {base64.b64encode(f'{old}:'.encode()).decode()}"}
    assert (await rig.http.post("/user.list", json={}, headers=named)).status_code == 200
    rig.clock.move(seconds=11)
    assert (await rig.http.post("/user.list", json={}, headers=named)).status_code == 403
