"""Paging, filters and shapes of what the interface shows."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bascule.sandbox.greenhouse.resources import RESOURCES

from .conftest import Build, Rig


@pytest.fixture
async def full(build: Build) -> Rig:
    rig = build(candidates=60)
    await rig.sign_in()
    return rig


async def test_every_list_answers_newest_id_first(full: Rig) -> None:
    for name in RESOURCES:
        ids = [row["id"] for row in await full.items(name)]
        assert ids == sorted(set(ids), reverse=True), name


async def test_paging_shows_everything_exactly_once_while_data_changes(full: Rig) -> None:
    before = {row["id"] for row in await full.items("candidates")}
    response = await full.call("GET", "candidates", params={"per_page": "7"})
    seen = [row["id"] for row in response.json()]
    removed: set[int] = set()
    while "next" in response.links:
        victim = min(before - removed - set(seen))
        await full.call("DELETE", f"candidates/{victim}")
        removed.add(victim)
        await full.apply(email=f"late{victim}@example.org")
        response = await full.http.get(response.links["next"]["url"], headers={"Authorization": f"Bearer {full.token}"})
        seen += [row["id"] for row in response.json()]
    assert len(seen) == len(set(seen))
    assert set(seen) == before - removed


async def test_a_full_last_page_has_no_next_link(full: Rig) -> None:
    assert "Link" not in (await full.call("GET", "candidates", params={"per_page": "60"})).headers
    assert "Link" in (await full.call("GET", "candidates", params={"per_page": "59"})).headers


async def test_the_link_follows_host_and_protocol_of_the_request(full: Rig) -> None:
    answer = await full.call(
        "GET",
        "candidates",
        params={"per_page": "1"},
        headers={"Host": "harvest.greenhouse.io", "X-Forwarded-Proto": "https"},
    )
    assert set(answer.links) == {"next"}
    link = urlsplit(answer.links["next"]["url"])
    assert (link.scheme, link.netloc, link.path) == ("https", "harvest.greenhouse.io", "/v3/candidates")
    assert set(parse_qs(link.query)) == {"cursor"}


async def test_a_cursor_must_stand_alone(full: Rig) -> None:
    answer = await full.call("GET", "candidates", params={"per_page": "1"})
    cursor = parse_qs(urlsplit(answer.links["next"]["url"]).query)["cursor"][0]
    assert (await full.call("GET", "candidates", params={"cursor": cursor})).status_code == 200
    for extra in ({"per_page": "1"}, {"fields": "id"}, {"ids": "1"}):
        refused = await full.call("GET", "candidates", params={"cursor": cursor, **extra})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "cursor"
    assert (await full.call("GET", "jobs", params={"cursor": cursor})).status_code == 422


async def test_a_cursor_keeps_the_filters_it_started_with(full: Rig) -> None:
    rows = await full.items("applications", status="active", per_page="3")
    assert {row["status"] for row in rows} == {"in_process"}
    everyone = await full.items("applications")
    assert len(rows) == sum(row["status"] == "in_process" for row in everyone)


@pytest.mark.parametrize("value", ["0", "501", "x", "-1"])
async def test_per_page_is_1_to_500(full: Rig, value: str) -> None:
    assert (await full.call("GET", "candidates", params={"per_page": value})).status_code == 422


async def test_per_page_is_100_when_left_out(build: Build) -> None:
    rig = build(candidates=101)
    await rig.sign_in()
    assert len((await rig.call("GET", "candidates")).json()) == 100


async def test_at_most_50_ids(full: Rig) -> None:
    for key in ("ids", "candidate_ids", "job_ids"):
        for count, status in ((51, 422), (50, 200)):
            params = {key: ",".join(map(str, range(1, count + 1)))}
            assert (await full.call("GET", "applications", params=params)).status_code == status


@pytest.mark.parametrize(
    ("operator", "expected"), [("gte", [2, 1]), ("gt", [2]), ("lte", [1, 0]), ("lt", [0])], ids=lambda one: str(one)
)
@pytest.mark.parametrize("column", ["created_at", "updated_at"])
async def test_date_filters_are_inclusive_exactly_as_they_say(
    rig: Rig, operator: str, expected: list[int], column: str
) -> None:
    ids: list[int] = []
    for number in range(3):
        rig.clock.move(milliseconds=1.5)
        ids.append((await rig.apply(email=f"{number}@example.org"))["candidate_id"])
    edge = (await rig.one("candidates", ids[1]))[column]
    rows = await rig.items("candidates", **{column: f"{operator}|{edge}"})
    assert [ids.index(row["id"]) for row in rows] == expected
    rows = await rig.items("candidates", **{f"{column}[{operator}]": edge})
    assert [ids.index(row["id"]) for row in rows] == expected


async def test_a_date_without_a_time_an_unknown_operator_and_two_clocks_are_refused(rig: Rig) -> None:
    for params in (
        {"created_at": "gte|2026-01-01"},
        {"created_at": "after|2026-01-01T00:00:00Z"},
        {"created_at": "2026-01-01T00:00:00Z"},
        {"created_at": "gte|2026-01-01T00:00:00Z", "updated_at": "gte|2026-01-01T00:00:00Z"},
        {"job_id": "5501"},
    ):
        refused = await rig.call("GET", "applications", params=params)
        assert refused.status_code == 422, params
        assert refused.json()["message"] == "Validation error"
        assert refused.json()["errors"][0]["field"]


async def test_the_query_says_active_where_the_answer_says_in_process(full: Rig) -> None:
    assert {row["status"] for row in await full.items("applications", status="active")} == {"in_process"}
    assert await full.items("applications", status="in_process") == []
    assert await full.items("applications", status="nonsense") == []
    assert {row["status"] for row in await full.items("applications", status="rejected")} == {"rejected"}


async def test_candidates_filter_by_exact_email_tag_and_private(full: Rig) -> None:
    person = (await full.items("candidates"))[7]
    mail = person["email_addresses"][0]["value"]
    assert [row["id"] for row in await full.items("candidates", email=mail)] == [person["id"]]
    assert await full.items("candidates", email=mail[:-1]) == []
    tagged = [row["id"] for row in await full.items("candidates", tag="referred")]
    assert tagged == [row["id"] for row in await full.items("candidates") if "referred" in row["tags"]]
    await full.call("PATCH", f"candidates/{person['id']}", json={"private": True})
    assert [row["id"] for row in await full.items("candidates", private="true")] == [person["id"]]


async def test_fields_projects_and_refuses_what_it_does_not_know(full: Rig) -> None:
    rows = await full.items("candidates", fields="id,updated_at", per_page="7")
    assert {tuple(row) for row in rows} == {("id", "updated_at")}
    assert len(rows) == 60
    assert (await full.call("GET", "candidates", params={"fields": "id,nope"})).status_code == 422


async def test_one_record_is_read_by_ids_not_by_path(full: Rig) -> None:
    id = (await full.items("candidates"))[0]["id"]
    assert (await full.one("candidates", id))["id"] == id
    assert (await full.call("GET", f"candidates/{id}")).status_code == 404
    assert await full.items("candidates", ids="123") == []


async def test_children_are_not_embedded_and_are_found_by_parent(full: Rig) -> None:
    row = (await full.items("candidates"))[3]
    assert not {"applications", "notes", "attachments", "application_ids"} & set(row)
    for name in ("applications", "notes", "attachments", "applied_candidate_tags"):
        own = await full.items(name, candidate_ids=str(row["id"]))
        assert own == [one for one in await full.items(name) if one["candidate_id"] == row["id"]]


async def test_stage_id_is_an_instance_that_application_stages_links_to_the_job(rig: Rig) -> None:
    ids = await rig.apply()
    application = await rig.one("applications", ids["application_id"])
    ladder = {row["id"]: row for row in await rig.items("job_interview_stages", job_ids=str(application["job_id"]))}
    assert application["stage_id"] not in ladder
    (instance,) = await rig.items("application_stages", application_ids=str(application["id"]))
    assert instance["id"] == application["stage_id"]
    assert instance["current"] is True
    assert ladder[instance["job_interview_stage_id"]]["name"] == application["stage_name"]
    rig.clock.move(days=3)
    await rig.sign_in()
    await rig.call("POST", f"applications/{application['id']}/move",
                   json={"from_stage_id": instance["job_interview_stage_id"]})  # fmt: skip
    newest, oldest = await rig.items("application_stages", application_ids=str(application["id"]))
    assert (oldest["current"], oldest["days_in_stage"], oldest["exited_at"]) == (False, 3, newest["entered_at"])
    assert (await rig.one("applications", application["id"]))["stage_id"] == newest["id"]
    assert newest["current"] is True


async def test_current_only_shows_the_current_offers(full: Rig) -> None:
    offers = await full.items("offers")
    assert offers
    assert {row["status"] for row in offers} <= {"Created", "Accepted", "Rejected", "Deprecated"}
    full.sandbox.db["offers"].rows[offers[0]["id"]]["current"] = False
    assert len(await full.items("offers", current_only="true")) == len(offers) - 1


async def test_service_accounts_and_default_reasons_show_only_on_request(rig: Rig) -> None:
    hidden = {"users": "show_service_accounts", "rejection_reasons": "include_defaults"}
    for name, key in hidden.items():
        assert len(await rig.items(name, **{key: "true"})) == len(await rig.items(name)) + 1


async def test_private_people_and_confidential_jobs_need_a_permission(build: Build) -> None:
    rig = build(candidates=100, dirty=True)
    admin = next(row for row in rig.sandbox.db["users"] if row["name"] == "Dana Whitfield")
    await rig.sign_in(user="Dana Whitfield")
    everything = {name: len(await rig.items(name)) for name in ("candidates", "applications", "notes", "jobs")}
    private = await rig.items("candidates", private="true")
    admin["sees_private"] = False
    assert await rig.items("candidates", private="true") == []
    for name, count in everything.items():
        assert len(await rig.items(name)) < count
    assert not any(row["confidential"] for row in await rig.items("jobs"))
    assert await rig.items("notes", candidate_ids=str(private[0]["id"])) == []


async def test_attachment_links_are_signed_and_die_after_seven_days(rig: Rig) -> None:
    ids = await rig.apply()
    (file,) = await rig.items("attachments", candidate_ids=str(ids["candidate_id"]))
    got = await rig.http.get(file["url"])
    assert got.content == b"Analyst at Engine Ltd"
    assert got.headers["content-type"].startswith("text/plain")
    assert (await rig.http.get(file["url"][:-1] + "0")).status_code == 403
    rig.clock.at += timedelta(days=7)
    assert (await rig.http.get(file["url"])).status_code == 403


async def test_a_standard_tenant_has_no_application_fields(build: Build) -> None:
    rig = build(tier="standard")
    await rig.sign_in()
    field = {"name": "Score", "field_type": "application", "value_type": "number"}
    assert (await rig.call("POST", "custom_fields", json=field)).status_code == 403
    assert (await rig.call("POST", "custom_fields", json={**field, "field_type": "candidate"})).status_code == 201
    ids = await rig.apply()
    assert (await rig.one("applications", ids["application_id"]))["custom_fields"] == {}
    refused = await rig.call("PATCH", f"applications/{ids['application_id']}",
                             json={"custom_fields": [{"name_key": "score", "value": "1"}]})  # fmt: skip
    assert refused.status_code == 422
