"""The public Postings API, and applications with their e-mail to the applicant."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.sandbox.lever import Rate

from .conftest import Build, Json, Rig

APPLICANT = {"name": "Grace Hopper", "email": "grace@example.org", "org": "Navy", "phone": "+1 555 0100"}


async def post(rig: Rig, job: str, key: str | None = None, **more: Any) -> Any:
    key = key if key is not None else rig.use_key(name="Site")["secret"]
    return await rig.http.post(f"/v0/postings/sandbox/{job}", params={"key": key}, **more)


async def test_everybody_reads_published_postings(build: Build) -> None:
    rig = build(dirty=True)
    rows = (await rig.http.get("/v0/postings/sandbox", params={"mode": "json"})).json()
    assert isinstance(rows, list), "no envelope"
    titles = [one["text"] for one in rows]
    assert "Backend Engineer" in titles
    assert not {"Chief Financial Officer", "Summer Intern 2024"} & set(titles)
    part = await rig.http.get(
        "/v0/postings/sandbox", params={"skip": 1, "limit": 2}, headers={"Accept": "application/json"}
    )
    assert [one["id"] for one in part.json()] == [one["id"] for one in rows[1:3]]
    one = (await rig.http.get(f"/v0/postings/sandbox/{rows[0]['id']}")).json()
    assert one == rows[0]
    assert one["hostedUrl"].startswith("http://ats.test/careers/jobs/")
    assert (await rig.http.get("/v0/postings/sandbox")).text.startswith('<div class="lever">')
    for path in ("/v0/postings/nobody?mode=json", "/v0/postings/sandbox/nothing"):
        answer = await rig.http.get(path)
        assert (answer.status_code, answer.json()["ok"]) == (404, False)


async def test_filters_and_groups(rig: Rig) -> None:
    async def titles(**params: Any) -> list[str]:
        rows = (await rig.http.get("/v0/postings/sandbox", params={"mode": "json", **params})).json()
        return [one["text"] for one in rows]

    assert await titles(location="berlin") == ["Account Executive"]
    assert await titles(location=["berlin", "London"]) == ["Backend Engineer"], "several are compared with their case"
    assert await titles(team="Care", location="Berlin") == []
    grouped = (await rig.http.get("/v0/postings/sandbox", params={"mode": "json", "group": "team"})).json()
    assert {one["title"] for one in grouped} == {"Engineering", "Sales", "Care", "Finance"}


async def test_an_application_makes_an_opportunity_and_mails_the_person_unless_silent(rig: Rig) -> None:
    job = rig.job()
    answer = await post(rig, job, data={**APPLICANT, "urls[GitHub]": "https://git.example/grace", "source": "LinkedIn",
                                        "comments": "Hello", "consent[marketing]": "true"},
                        files={"resume": ("cv.txt", b"COBOL", "text/plain")})  # fmt: skip
    body = answer.json()
    assert (answer.status_code, set(body), body["ok"]) == (200, {"ok", "applicationId"}, True)
    (one,) = await rig.items("opportunities", expand="applications")
    (application,) = one["applications"]
    assert (application["id"], application["type"], application["name"]) == (
        body["applicationId"],
        "posting",
        "Grace Hopper",
    )
    assert (application["company"], application["comments"]) == ("Navy", "Hello")
    assert (one["origin"], one["stage"], one["sources"]) == ("applied", "applicant-new", ["LinkedIn"])
    assert (one["links"], one["dataProtection"]["contact"]["allowed"]) == (["https://git.example/grace"], True)
    assert one["tags"] == ["Backend Engineer", "Engineering", "London", "Full-time"], "the posting's own"
    (sent,) = rig.sandbox.db["emails"]
    assert (sent["to"], sent["why"]) == (["grace@example.org"], "application")
    (resume,) = await rig.get(f"opportunities/{one['id']}/resumes")
    assert resume["file"]["name"] == "cv.txt"
    for silent in (True, "true"):
        again = await post(rig, rig.job("Data Analyst"), json={**APPLICANT, "silent": silent})
        assert again.json()["ok"]
    assert len(rig.sandbox.db["emails"]) == 1
    assert len({row["candidate_id"] for row in rig.sandbox.db["applications"]}) == 1, "one person by the address"


async def test_posting_tags_can_be_off(build: Build) -> None:
    rig = build(posting_tags=False)
    await rig.apply()
    assert (await rig.items("opportunities"))[0]["tags"] == []


@pytest.mark.parametrize(("given", "status"), [
    ({"email": "a@b.example"}, 400), ({"name": "A"}, 400), ({"name": "A", "email": "none"}, 400),
])  # fmt: skip
async def test_a_failure_says_what_is_wrong(rig: Rig, given: Json, status: int) -> None:
    answer = await post(rig, rig.job(), json=given)
    assert answer.status_code == status
    assert answer.json()["ok"] is False
    assert answer.json()["error"]
    assert len(rig.sandbox.db["applications"]) == 0


async def test_it_needs_a_key_and_a_published_posting(rig: Rig) -> None:
    assert (await post(rig, rig.job(), "wrong", json=APPLICANT)).status_code == 401
    rig.sandbox.db.change("jobs", rig.job(), rig.person, {"state": "internal"})
    assert (await post(rig, rig.job(), json=APPLICANT)).status_code == 404


async def test_two_a_second_and_the_third_is_lost(build: Build) -> None:
    rig = build(posting_rate=Rate(2, 1.0))
    key = rig.use_key(name="Site")["secret"]
    answers = [await post(rig, rig.job(), key, json={**APPLICANT, "email": f"{n}@example.org"}) for n in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["ok"] is False
    assert "retry-after" not in answers[2].headers
    assert len(rig.sandbox.db["applications"]) == 2
    rig.clock.move(seconds=1)
    assert (await post(rig, rig.job(), key, json=APPLICANT)).status_code == 200


async def test_the_data_api_applies_as_the_form_asks(rig: Rig) -> None:
    job = rig.job()
    form = await rig.get(f"postings/{job}/apply")
    assert [one["name"] for one in form["personalInformation"] if one["required"]] == ["fullName", "email"]
    (questions,) = form["customQuestions"]
    assert [one["required"] for one in questions["fields"]] == [True, False]
    upload = await rig.send("POST", "uploads", 201, files={"file": ("cv.txt", b"COBOL")})
    said = [{"name": "fullName", "value": "Grace Hopper"}, {"name": "email", "value": "grace@example.org"},
            {"name": "resume", "value": upload["uri"]}]  # fmt: skip
    assert (await rig.call("POST", f"postings/{job}/apply", json={"personalInformation": said})).status_code == 400
    answers = [{"id": questions["id"], "fields": [{"value": "yes"}, {"value": "https://code.example"}]}]
    made = await rig.send("POST", f"postings/{job}/apply", 201,
                          json={"personalInformation": said, "customQuestions": answers})  # fmt: skip
    (one,) = await rig.items("opportunities", expand="applications")
    assert one["applications"][0]["id"] == made["applicationId"]
    assert [each["value"] for each in one["applications"][0]["customQuestions"][0]["fields"]] == [
        "yes",
        "https://code.example",
    ]
    assert (await rig.get(f"opportunities/{one['id']}/resumes"))[0]["file"]["name"] == "cv.txt"
    assert len(rig.sandbox.db["emails"]) == 0, "only if asked"
