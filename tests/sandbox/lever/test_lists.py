"""Pages that stand while rows change, filters to the millisecond, include and expand."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from .conftest import Build, Rig


async def test_paging_returns_everything_once_while_rows_come_and_change(build: Build) -> None:
    rig = build(candidates=23)
    known = {row["id"] for row in rig.sandbox.db["applications"]}
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 5}
    while True:
        page = (await rig.call("GET", "opportunities", params=params)).json()
        assert set(page) - {"next"} == {"data", "hasNext"}
        seen += [one["id"] for one in page["data"]]
        await rig.create(emails=[f"new{len(seen)}@example.org"])
        await rig.send("POST", f"opportunities/{seen[0]}/addTags", json={"tags": [f"t{len(seen)}"]})
        if not page["hasNext"]:
            break
        params["offset"] = page["next"]
        rig.clock.move(seconds=1)
    assert len(seen) == len(set(seen))
    assert known <= set(seen)


async def test_by_updates_what_changes_meanwhile_is_missed(build: Build) -> None:
    rig = build(candidates=6, order="updated")
    page = (await rig.call("GET", "opportunities", params={"limit": 3})).json()
    first = [one["id"] for one in page["data"]]
    missed = next(row["id"] for row in rig.sandbox.db["applications"] if row["id"] not in first)
    rig.clock.move(seconds=1)
    await rig.send("POST", f"opportunities/{missed}/addTags", json={"tags": ["now"]})
    rest = await rig.items("opportunities", limit=3, offset=page["next"])
    assert missed not in [*first, *(one["id"] for one in rest)]


async def test_a_token_works_as_it_is_and_decoded(build: Build) -> None:
    rig = build(candidates=3)
    page = (await rig.call("GET", "stages", params={"limit": 2})).json()
    assert page["next"].startswith("%5B")
    rest = [await rig.items("stages", offset=token) for token in (page["next"], unquote(page["next"]))]
    assert rest[0] == rest[1]
    assert [one["text"] for one in page["data"]] + [one["text"] for one in rest[0]] == list(rig.sandbox.options.stages)


@pytest.mark.parametrize("params", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"offset": "nonsense"},
                                    {"updated_at_start": "2026-11-20"}, {"archived": "maybe"},
                                    {"confidentiality": "some"}])  # fmt: skip
async def test_what_is_not_understood_is_refused(rig: Rig, params: dict[str, str]) -> None:
    answer = await rig.call("GET", "opportunities", params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")


async def test_time_filters_include_both_ends_to_the_millisecond(rig: Rig) -> None:
    one = await rig.create()
    rig.clock.move(milliseconds=1)
    two = await rig.create(emails=["b@example.org"])
    assert two["createdAt"] == one["createdAt"] + 1
    for name in ("createdAt", "updatedAt"):
        param = {"createdAt": "created_at", "updatedAt": "updated_at"}[name]
        for start, end, wanted in ((one[name], one[name], [one]), (two[name], None, [two]), (None, one[name], [one]),
                                   (two[name] + 1, None, []), (one[name], two[name], [two, one])):  # fmt: skip
            params = {f"{param}_{side}": value for side, value in (("start", start), ("end", end)) if value is not None}
            found = await rig.items("opportunities", **params)
            assert [row["id"] for row in found] == [row["id"] for row in wanted], params


async def test_old_records_have_no_updated_at_and_are_in_no_window(build: Build) -> None:
    rig = build(candidates=30, dirty=True)
    rows = await rig.items("opportunities", confidentiality="all")
    old = [one["id"] for one in rows if one["updatedAt"] is None]
    assert old
    found = await rig.items("opportunities", updated_at_start=0)
    assert found
    assert not set(old) & {one["id"] for one in found}


async def test_filters_are_unions_and_together_narrow(rig: Rig) -> None:
    a = await rig.create(tags=["x"], stage="offer", postings=[rig.job()])
    b = await rig.create(tags=["X", "y"], emails=["B@example.org"], origin="referred", sources=["Fair"])

    async def ids(**params: Any) -> set[str]:
        return {one["id"] for one in await rig.items("opportunities", **params)}

    assert await ids(tag="x") == {a["id"]}, "tags are compared with their case"
    assert await ids(tag=["x", "y"]) == {a["id"], b["id"]}
    assert await ids(tag=["x", "y"], origin="referred") == {b["id"]}
    assert await ids(email="b@EXAMPLE.org") == {b["id"]}, "addresses are not"
    assert await ids(source="Fair") == {b["id"]}
    assert await ids(stage_id=["offer", "lead-new"]) == {a["id"], b["id"]}
    assert await ids(contact_id=a["contact"]) == {a["id"]}
    assert await ids(posting_id=rig.job()) == {a["id"]}
    await rig.send("PUT", f"opportunities/{a['id']}/archived", json={"reason": rig.reason("Timing")})
    assert await ids(posting_id=rig.job()) == set()
    assert await ids(archived_posting_id=rig.job()) == {a["id"]}
    assert (await ids(archived="true"), await ids(archived="false")) == ({a["id"]}, {b["id"]})
    assert await ids() == {a["id"], b["id"]}, "without the filter, both"
    assert await ids(archive_reason_id=rig.reason("Timing")) == {a["id"]}
    assert await ids(archived_at_start=0) == {a["id"]}
    rig.sandbox.db.change("applications", b["id"], rig.person, {"snoozed_until": rig.clock.at.replace(year=2027)})
    assert (await ids(snoozed="true"), await ids(snoozed="false")) == ({b["id"]}, {a["id"]})


async def test_include_subtracts_and_expand_replaces(rig: Rig) -> None:
    one = (await rig.create(postings=[rig.job()]))["id"]
    assert set(await rig.get(f"opportunities/{one}", include=["id", "name"])) == {"id", "name"}
    plain = await rig.get(f"opportunities/{one}")
    shown = await rig.get(f"opportunities/{one}", expand=["applications", "stage", "contact", "owner"])
    assert shown["stage"] == {"id": plain["stage"], "text": "New lead"}
    assert shown["contact"]["id"] == plain["contact"]
    assert shown["owner"]["name"] == "Robin Falk"
    (application,) = shown["applications"]
    assert [application["id"]] == plain["applications"]
    assert (application["opportunityId"], application["candidateId"], application["type"]) == (one, one, "user")
    assert (await rig.get(f"opportunities/{one}/applications/{application['id']}")) == application
    deep = await rig.get(f"opportunities/{one}/applications", expand="posting")
    assert deep[0]["posting"]["text"] == "Backend Engineer"


async def test_an_opportunity_has_what_the_documentation_lists(rig: Rig) -> None:
    shown = await rig.create()
    assert set(shown) == {
        "id", "name", "headline", "contact", "emails", "phones", "confidentiality", "location", "links", "archived",
        "createdAt", "updatedAt", "lastInteractionAt", "lastAdvancedAt", "snoozedUntil", "stage", "stageChanges",
        "owner", "tags", "sources", "origin", "sourcedBy", "applications", "followers", "urls", "dataProtection",
        "isAnonymized", "opportunityLocation",
    }  # fmt: skip
    contact = await rig.get(f"contacts/{shown['contact']}")
    assert set(contact) == {"id", "name", "headline", "isAnonymized", "location", "emails", "phones"}
    assert isinstance(contact["location"], dict), "an object here, a text on the opportunity"


async def test_stages_are_of_the_account_and_some_have_names_as_ids(build: Build) -> None:
    rig = build(stages=["New lead", "New applicant", "Trial day", "Offer"])
    shown = await rig.items("stages")
    assert [one["text"] for one in shown] == ["New lead", "New applicant", "Trial day", "Offer"]
    ids = [one["id"] for one in shown]
    assert (ids[0], ids[1], ids[3]) == ("lead-new", "applicant-new", "offer")
    assert len(ids[2]) == 36
    assert await rig.get(f"stages/{ids[2]}") == shown[2]


async def test_the_type_of_a_reason_decides_and_inactive_ones_are_listed(rig: Rig) -> None:
    shown = await rig.items("archive_reasons")
    assert {one["status"] for one in shown} == {"active", "inactive"}
    hired = await rig.items("archive_reasons", type="hired")
    assert [one["text"] for one in hired] == ["Hired"]
    assert len(await rig.items("archive_reasons", type="non-hired")) == len(shown) - 1


async def test_tags_and_sources_have_texts_and_counts_and_no_ids(rig: Rig) -> None:
    await rig.create(tags=["ai:strong"], sources=["AI tool"])
    tags = {one["text"]: one["count"] for one in await rig.items("tags")}
    assert tags["ai:strong"] == 1
    assert tags["alumni"] == 0
    (one,) = [one for one in await rig.items("sources") if one["text"] == "AI tool"]
    assert one == {"text": "AI tool", "count": 1}


async def test_deactivated_users_are_asked_for(rig: Rig) -> None:
    names = {one["name"] for one in await rig.items("users")}
    assert "Ola Former" not in names
    assert {one["name"] for one in await rig.items("users", includeDeactivated="true")} == names | {"Ola Former"}
    ola = rig.user("Ola Former")
    assert (await rig.send("POST", f"users/{ola}/reactivate"))["deactivatedAt"] is None
    await rig.send("PUT", f"users/{ola}", json={"name": "Ola F", "email": "ola@tenant.example"})
    assert (await rig.get(f"users/{ola}"))["accessRole"] == "interviewer", "what is not sent is written over"


async def test_deleted_objects_are_listed_without_saying_who_it_was(rig: Rig) -> None:
    one = await rig.create(postings=[rig.job()])
    rig.clock.move(seconds=5)
    at = round(rig.clock.at.timestamp() * 1000)
    await rig.http.post(f"/ats/candidates/{one['contact']}/delete")
    assert (await rig.call("GET", f"opportunities/{one['id']}")).status_code == 404
    assert (await rig.call("GET", f"contacts/{one['contact']}")).status_code == 404
    (gone,) = await rig.items("opportunities/deleted", deleted_at_start=at, deleted_at_end=at)
    assert (gone["id"], gone["contact"], gone["deletedAt"]) == (one["id"], one["contact"], at)
    assert gone["deletedBy"] == rig.user("Dana Whitfield")
    assert (gone["name"], gone["emails"]) == ("", [])
    assert await rig.items("opportunities/deleted", deleted_at_start=at + 1) == []
    (application,) = await rig.items("applications/deleted")
    assert application["id"] == one["applications"][0]
    rig.sandbox.faults.add({"kind": "delete", "object": f"jobs/{rig.job()}"})
    assert [each["text"] for each in await rig.items("postings/deleted")] == ["Backend Engineer"]


async def test_links_are_absolute_as_the_caller_sees_the_server(rig: Rig) -> None:
    one = (await rig.apply())["id"]
    seen = {"Host": "ats.example.org", "X-Forwarded-Proto": "https"}
    (shown,) = (await rig.call("GET", f"opportunities/{one}/resumes", headers=seen)).json()["data"]
    assert shown["file"]["downloadUrl"].startswith(f"https://ats.example.org/v1/opportunities/{one}/resumes/")
    (posting,) = (await rig.call("GET", "postings", headers=seen, params={"team": "Sales"})).json()["data"]
    assert posting["urls"]["show"].startswith("https://ats.example.org/careers/")
    content = await rig.http.get(
        shown["file"]["downloadUrl"].replace("https://ats.example.org", ""), headers=rig.headers
    )
    assert content.content == b"Analyst at Engine Ltd"


async def test_postings_are_listed_by_state_and_change(rig: Rig) -> None:
    job = rig.job("Data Analyst")
    rig.clock.move(seconds=1)
    changed = await rig.send("PUT", f"postings/{job}?perform_as={rig.user('Robin Falk')}", json={"state": "closed"})
    assert [one["id"] for one in await rig.items("postings", state="closed")] == [job]
    assert [one["id"] for one in await rig.items("postings", updated_at_start=changed["updatedAt"])] == [job]
    refused = await rig.call(
        "PUT", f"postings/{job}?perform_as={rig.user('Robin Falk')}", json={"confidentiality": "confidential"}
    )
    assert refused.status_code == 400
