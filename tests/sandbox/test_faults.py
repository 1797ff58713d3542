"""What goes wrong on purpose, each as a plain HTTP client or a webhook's receiver sees it."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from bascule.sandbox.greenhouse import AnswerLost
from bascule.sandbox.greenhouse import jobs as jobs_of
from bascule.sandbox.greenhouse import people as people_of
from bascule.sandbox.kit.faults import from_file
from bascule.sandbox.kit.kinds import KINDS

from .conftest import PERSON, Build, Rig


async def order(rig: Rig, *faults: dict[str, object]) -> list[dict[str, Any]]:
    answer = await rig.http.post("/sandbox/faults", json=list(faults))
    assert answer.status_code == 200, answer.text
    return answer.json()["faults"]


async def counted(rig: Rig) -> list[tuple[str, str, int, int]]:
    rows = (await rig.http.get("/sandbox/faults")).json()["faults"]
    return [(row["kind"], row["state"], row["met"], row["acted"]) for row in rows]


async def statuses(rig: Rig, path: str, times: int, method: str = "GET", **more: Any) -> list[int]:
    return [(await rig.call(method, path, **more)).status_code for _ in range(times)]


# ------------------------------------------------------------------------------------------ when, where and how often


async def test_a_fault_meets_the_next_matching_requests_only_and_counts_them(rig: Rig) -> None:
    await order(rig, {"kind": "answer", "status": 429, "retry_after": 7, "times": 2, "path": "/v3/jobs"})
    assert (await rig.call("GET", "candidates")).status_code == 200
    answers = [await rig.call("GET", "jobs") for _ in range(3)]
    assert [one.status_code for one in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert await counted(rig) == [("answer", "spent", 2, 2)]


async def test_a_storm_without_a_hint_how_long_to_wait(rig: Rig) -> None:
    await order(rig, {"kind": "answer", "status": 429, "until": 30})
    answers = [await rig.call("GET", "jobs") for _ in range(20)]
    assert {one.status_code for one in answers} == {429}
    assert not any("Retry-After" in one.headers for one in answers)
    rig.clock.move(seconds=31)
    assert (await rig.call("GET", "jobs")).status_code == 200


async def test_chance_is_a_matter_of_the_seed(build: Build) -> None:
    async def drawn(seed: int) -> list[int]:
        rig = build()
        await rig.sign_in()
        await order(rig, {"kind": "answer", "status": 500, "chance": 0.4, "seed": seed, "path": "/v3/jobs"})
        return await statuses(rig, "jobs", 40)

    first = await drawn(3)
    assert 8 < first.count(500) < 25
    assert await drawn(3) == first
    assert await drawn(4) != first


async def test_a_window_opens_and_closes_by_the_clock_of_the_sandbox(rig: Rig) -> None:
    end = rig.clock.at + timedelta(seconds=20)
    await order(rig, {"kind": "answer", "status": 500, "from": 10, "until": end.isoformat()})
    seen: list[int] = []
    states: list[str] = []
    for _ in range(3):
        seen += await statuses(rig, "jobs", 2)
        states.append((await counted(rig))[0][1])
        rig.clock.move(seconds=10)
    assert seen == [200, 200, 500, 500, 200, 200]
    assert states == ["waiting", "on", "over"]


async def test_several_faults_act_on_one_request_and_the_first_that_answers_ends_it(rig: Rig) -> None:
    await order(rig, {"kind": "delay", "seconds": 3}, {"kind": "answer", "status": 502}, {"kind": "reset"})
    assert (await rig.call("GET", "jobs")).status_code == 502
    assert rig.slept == [3]
    assert [one[3] for one in await counted(rig)] == [1, 1, 0]


async def test_faults_are_changed_replaced_and_cleared_live(rig: Rig) -> None:
    (one,) = await order(rig, {"kind": "answer", "status": 500, "times": 100})
    assert await statuses(rig, "jobs", 1) == [500]
    changed = (await rig.http.patch(f"/sandbox/faults/{one['id']}", json={"status": 503})).json()
    assert (changed["status"], changed["acted"]) == (503, 1)
    assert await statuses(rig, "jobs", 1) == [503]
    await rig.http.put("/sandbox/faults", json=[{"kind": "answer", "status": 504}])
    assert await statuses(rig, "jobs", 2) == [504, 200]
    (other,) = (await rig.http.get("/sandbox/faults")).json()["faults"]
    assert (await rig.http.delete(f"/sandbox/faults/{other['id']}")).json() == {"faults": []}
    assert (await rig.http.patch("/sandbox/faults/99", json={})).status_code == 404


async def test_a_fault_that_is_not_understood_says_so_and_none_of_its_list_is_ordered(rig: Rig) -> None:
    wrongs: list[tuple[object, str]] = [
        ({"kind": "gremlin"}, "use answer, reset"), ({"kind": "answer", "speed": 1}, "speed"),
        ({"kind": "answer", "chance": 2}, "chance"), ({"kind": "drop", "topic": "("}, "not a pattern"),
        ({"kind": "change", "set": {}}, "set"), ("reset", "an object with a kind"),
    ]  # fmt: skip
    for wrong, said in wrongs:
        answer = await rig.http.post("/sandbox/faults", json=[{"kind": "reset"}, wrong])
        assert answer.status_code == 422
        assert said in answer.json()["errors"][0]["message"]
    assert (await rig.http.get("/sandbox/faults")).json() == {"faults": []}


async def test_every_kind_says_what_it_does_and_takes(rig: Rig) -> None:
    rows = (await rig.http.get("/sandbox/faults/kinds")).json()["kinds"]
    assert [row["kind"] for row in rows] == list(KINDS)
    assert all(row["says"].endswith(".") for row in rows)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("f.yaml", "- kind: answer\n  status: 500\n  times: 2\n- kind: drop\n"),
        ("f.json", '{"faults": [{"kind": "answer", "status": 500, "times": 2}, {"kind": "drop"}]}'),
        ("f.toml", '[[faults]]\nkind = "answer"\nstatus = 500\ntimes = 2\n[[faults]]\nkind = "drop"\n'),
    ],
)
async def test_a_file_orders_them_at_the_start(build: Build, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    rig = build(faults=from_file(tmp_path / name))
    await rig.sign_in_after(500, 500)
    assert await counted(rig) == [("answer", "spent", 2, 2), ("drop", "on", 0, 0)]


@pytest.mark.parametrize("text", ["kind: reset", "- kind: nothing", "- {", "[[1]]"])
def test_a_file_that_cannot_be_read_names_itself_and_the_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"f\.yaml"):
        from_file(tmp_path / "f.yaml")


# ------------------------------------------------------------------------------------------------- requests and answers


async def test_a_lost_answer_lands_all_the_same(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    await order(rig, {"kind": "lost_answer", "method": "PATCH", "seconds": 12})
    with pytest.raises(AnswerLost):
        await rig.call("PATCH", f"candidates/{id}", json={"title": "Landed"})
    assert rig.slept == [12]
    assert (await rig.one("candidates", id))["title"] == "Landed"


async def test_a_reset_does_nothing(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    await order(rig, {"kind": "reset", "method": "PATCH"})
    with pytest.raises(AnswerLost):
        await rig.call("PATCH", f"candidates/{id}", json={"title": "Never"})
    assert (await rig.one("candidates", id))["title"] is None


async def test_a_slow_answer_takes_as_long_as_ordered(rig: Rig) -> None:
    await order(rig, {"kind": "delay", "seconds": 5, "spread": 2, "times": 20, "path": "/v3/jobs"})
    assert set(await statuses(rig, "jobs", 20)) == {200}
    assert len(set(rig.slept)) > 10
    assert all(3 <= one <= 7 for one in rig.slept)


async def test_an_answer_that_is_cut_promises_more_than_it_brings(rig: Rig) -> None:
    await order(rig, {"kind": "truncate", "share": 0.25})
    with pytest.raises(AnswerLost):
        await rig.call("GET", "jobs")
    assert (await rig.call("GET", "jobs")).status_code == 200


@pytest.mark.parametrize("how", ["cut", "html", "empty", "bytes"])
async def test_a_malformed_answer_is_whole_and_no_json(rig: Rig, how: str) -> None:
    id = (await rig.apply())["candidate_id"]
    await order(rig, {"kind": "malformed", "how": how})
    answer = await rig.call("PATCH", f"candidates/{id}", json={"title": how})
    assert answer.status_code == 200
    assert len(answer.content) == int(answer.headers["content-length"])
    with pytest.raises(ValueError):  # noqa: PT011  # what the JSON library says is its own
        json.loads(answer.content)
    assert (await rig.one("candidates", id))["title"] == how


async def test_an_answer_of_another_shape(rig: Rig) -> None:
    await rig.apply()
    await order(rig, {
        "kind": "reshape", "path": "/v3/applications", "rename": {"stage_id": "current_stage_id"},
        "remove": ["prospect"], "set": {"status": "on_hold", "custom_fields.extra": 1},
        "headers": {"Sunset": "Fri, 01 Jan 2027 00:00:00 GMT"}})  # fmt: skip
    answer = await rig.call("GET", "applications")
    (row,) = answer.json()
    assert "current_stage_id" in row
    assert "stage_id" not in row
    assert "prospect" not in row
    assert (row["status"], row["custom_fields"]["extra"]) == ("on_hold", 1)
    assert answer.headers["Sunset"].startswith("Fri, 01 Jan 2027")
    assert (await rig.call("GET", "applications")).json()[0]["status"] == "in_process"


async def test_an_outage_answers_nothing_for_a_while_and_its_webhooks_come_afterwards(rig: Rig) -> None:
    await rig.hook("update_candidate")
    id = (await rig.apply())["candidate_id"]
    await order(rig, {"kind": "outage", "from": 60, "until": 3660, "retry_after": 120})
    rig.clock.move(seconds=61)
    people_of.update(rig.sandbox, PERSON, id, {"title": "While it was down"})
    refused = await rig.call("GET", "jobs")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "120")
    assert (await rig.take_token(next(iter(rig.sandbox.db["credentials"])))).status_code == 503
    assert await rig.events() == []
    assert rig.sandbox.hooks.next_due() is not None
    rig.clock.move(seconds=3600)
    assert (await rig.take_token(next(iter(rig.sandbox.db["credentials"])))).status_code == 200
    (event,) = await rig.events()
    assert event["payload"]["candidate"]["title"] == "While it was down"


async def test_an_outage_may_reset_connections(rig: Rig) -> None:
    await order(rig, {"kind": "outage", "status": None, "until": 10})
    for _ in range(3):
        with pytest.raises(AnswerLost):
            await rig.call("GET", "jobs")
    rows = (await rig.http.get("/sandbox/requests")).json()["requests"]
    assert {"method": "GET", "endpoint": "/v3/jobs", "status": 0, "count": 3} in rows


async def test_what_was_just_created_cannot_be_read_until_it_is_ready(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    await order(rig, {"kind": "not_ready", "path": "notes", "seconds": 8})
    made = await rig.call("POST", "notes", json={"candidate_id": id, "body": "Soon", "visibility": "public"})
    assert made.status_code == 201
    listed = {"candidate_ids": str(id), "per_page": "500"}
    assert made.json()["id"] not in [row["id"] for row in await rig.items("notes", **listed)]
    rig.clock.move(seconds=8)
    assert made.json()["id"] in [row["id"] for row in await rig.items("notes", **listed)]


async def test_a_replica_that_is_behind_shows_everything_as_it_was(rig: Rig) -> None:
    ids = await rig.apply()
    before = await rig.one("candidates", ids["candidate_id"])
    rig.clock.move(seconds=60)
    await rig.call("PATCH", f"candidates/{ids['candidate_id']}", json={"title": "Now"})
    people_of.tag(rig.sandbox, PERSON, ids["candidate_id"], "new")
    later = await rig.apply(email="later@example.org")
    await order(rig, {"kind": "stale", "seconds": 30, "path": "/v3/candidates", "times": 2})
    stale = await rig.items("candidates")
    assert stale == [before]
    assert await rig.items("candidates", updated_at=f"gt|{before['updated_at']}") == []
    fresh = await rig.items("candidates")
    assert [row["id"] for row in fresh] == [later["candidate_id"], ids["candidate_id"]]
    assert (fresh[1]["title"], fresh[1]["tags"]) == ("Now", ["new"])


async def test_a_clock_that_is_ahead_shows_in_the_date_header_and_in_every_time_stamp(rig: Rig) -> None:
    numbers = iter(range(3))

    async def shown() -> tuple[datetime, datetime]:
        id = (await rig.apply(email=f"p{next(numbers)}@example.org"))["candidate_id"]
        answer = await rig.call("GET", "candidates", params={"ids": str(id)})
        return parsedate_to_datetime(answer.headers["Date"]), datetime.fromisoformat(answer.json()[0]["created_at"])

    right = await shown()
    assert right == (rig.clock.at, rig.clock.at)
    await order(rig, {"kind": "clock", "seconds": 300, "until": 60})
    ahead = rig.clock.at + timedelta(seconds=300)
    assert await shown() == (ahead, ahead)
    log = (await rig.http.get("/sandbox/changes", params={"object": "candidates"})).json()["changes"]
    assert log[-1]["at"] == rig.clock.at.timestamp(), "the oracle keeps to the true time"
    rig.clock.move(seconds=60)
    assert await shown() == (rig.clock.at, rig.clock.at)


# ------------------------------------------------------------------------------------------------------------- webhooks


async def events_with_ids(rig: Rig) -> list[tuple[str, str]]:
    """(event id, title) of what arrives now."""
    await rig.sandbox.hooks.deliver_due()
    got = [(headers["Greenhouse-Event-ID"], json.loads(body)["payload"]["candidate"]["title"])
           for _, headers, body in rig.receiver.got]  # fmt: skip
    rig.receiver.got.clear()
    return got


async def retitled(rig: Rig, *titles: str) -> int:
    """Somebody changes a candidate several times; the webhook is configured."""
    await rig.hook("update_candidate")
    id = (await rig.apply())["candidate_id"]
    for title in titles:
        people_of.update(rig.sandbox, PERSON, id, {"title": title})
    return id


async def test_a_dropped_webhook_never_arrives(rig: Rig) -> None:
    await order(rig, {"kind": "drop", "topic": "update_.*"})
    await retitled(rig, "a", "b")
    assert [title for _, title in await events_with_ids(rig)] == ["b"]
    rig.clock.move(days=2)
    assert await events_with_ids(rig) == []
    assert await counted(rig) == [("drop", "spent", 1, 1)]


async def test_only_webhooks_about_the_named_object_are_met(rig: Rig) -> None:
    id = await retitled(rig)
    other = (await rig.apply(email="b@example.org"))["candidate_id"]
    await order(rig, {"kind": "drop", "object": f"candidate/{other}", "times": 10})
    people_of.update(rig.sandbox, PERSON, id, {"title": "mine"})
    people_of.update(rig.sandbox, PERSON, other, {"title": "other"})
    assert [title for _, title in await events_with_ids(rig)] == ["mine"]


async def test_a_late_webhook_comes_late_with_the_body_it_had(rig: Rig) -> None:
    await order(rig, {"kind": "late", "seconds": 90})
    await retitled(rig, "a", "b")
    assert [title for _, title in await events_with_ids(rig)] == ["b"]
    rig.clock.move(seconds=90)
    assert [title for _, title in await events_with_ids(rig)] == ["a"]


@pytest.mark.parametrize("new_id", [False, True])
async def test_a_repeated_webhook_comes_again_under_the_same_id_or_a_new_one(rig: Rig, new_id: bool) -> None:
    await order(rig, {"kind": "repeat", "copies": 2, "seconds": 30, "new_id": new_id})
    await retitled(rig, "a")
    got = await events_with_ids(rig)
    for _ in range(3):
        rig.clock.move(seconds=30)
        got += await events_with_ids(rig)
    assert [title for _, title in got] == ["a", "a", "a"]
    assert len({id for id, _ in got}) == (3 if new_id else 1)


async def test_reordered_webhooks_change_places(rig: Rig) -> None:
    await order(rig, {"kind": "reorder", "seconds": 60})
    await retitled(rig, "a", "b", "c")
    first = await events_with_ids(rig)
    rig.clock.move(seconds=1)
    assert [title for _, title in [*first, *await events_with_ids(rig)]] == ["b", "c", "a"]


async def test_a_webhook_that_is_held_back_leaves_by_itself_when_nothing_follows(rig: Rig) -> None:
    await order(rig, {"kind": "reorder", "seconds": 60})
    await retitled(rig, "a")
    assert await events_with_ids(rig) == []
    rig.clock.move(seconds=60)
    assert [title for _, title in await events_with_ids(rig)] == ["a"]


async def test_an_old_body_shows_the_object_as_the_event_before_did(rig: Rig) -> None:
    id = await retitled(rig, "a")
    await order(rig, {"kind": "old_body"})
    people_of.update(rig.sandbox, PERSON, id, {"title": "b"})
    assert [title for _, title in await events_with_ids(rig)] == ["a", "a"]


# ---------------------------------------------------------------------------------------------------------- credentials


async def test_tokens_expire_again_and_again(rig: Rig) -> None:
    await order(rig, {"kind": "expire_tokens", "from": 10, "every": 60, "until": 100})
    seen: list[int] = []
    for _ in range(3):
        seen += await statuses(rig, "jobs", 1)
        rig.clock.move(seconds=60)
        seen += await statuses(rig, "jobs", 1)
        rig.token = (await rig.take_token(next(iter(rig.sandbox.db["credentials"])))).json()["access_token"]
    assert seen == [200, 401, 200, 401, 200, 200]
    assert await counted(rig) == [("expire_tokens", "over", 2, 2)]


async def test_a_revoked_credential_gets_no_token_until_it_is_valid_again(rig: Rig) -> None:
    row = next(iter(rig.sandbox.db["credentials"]))
    await order(rig, {"kind": "revoke", "object": f"credentials/{row['id']}", "until": 600})
    assert await statuses(rig, "jobs", 1) == [401]
    assert (await rig.take_token(row)).status_code == 401
    rig.clock.move(seconds=600)
    assert (await rig.take_token(row)).status_code == 200


async def test_a_rotated_secret_ends_the_old_one_after_its_grace(rig: Rig) -> None:
    row = dict(next(iter(rig.sandbox.db["credentials"])))
    await order(rig, {"kind": "rotate", "grace": 30})
    assert (await rig.take_token(row)).status_code == 200
    rig.clock.move(seconds=31)
    assert (await rig.take_token(row)).status_code == 401
    (new,) = (await rig.http.get("/sandbox/state", params={"only": "credentials"})).json()["tables"]["credentials"]
    assert (await rig.take_token(new)).status_code == 200


async def test_lost_scopes_are_refused_until_they_are_given_back(rig: Rig) -> None:
    await order(rig, {"kind": "lose_scopes", "scopes": ["harvest:notes:list"], "until": 60})
    assert await statuses(rig, "notes", 1) + await statuses(rig, "jobs", 1) == [403, 200]
    await rig.http.delete("/sandbox/faults")
    assert await statuses(rig, "notes", 1) == [200]


# ----------------------------------------------------------------------------------------------------------- the schema


async def test_custom_fields_are_renamed_removed_and_required(rig: Rig) -> None:
    for name in ("Availability", "Wish"):
        body = {"name": name, "field_type": "candidate", "value_type": "short_text"}
        assert (await rig.call("POST", "custom_fields", json=body)).status_code == 201
    id = (await rig.apply())["candidate_id"]
    await rig.call("PATCH", f"candidates/{id}", json={"custom_fields": [{"name_key": "wish", "value": "1"}]})
    await order(
        rig, {"kind": "rename_field", "name": "availability", "to": "Available from"},
        {"kind": "remove_field", "name": "Wish"}, {"kind": "require_field", "name": "Work permit"},
    )  # fmt: skip
    shown = (await rig.one("candidates", id))["custom_fields"]
    assert shown["availability"]["name"] == "Available from"
    assert "wish" not in shown
    assert "work_permit" in shown
    refused = await rig.call("POST", "candidates", json={"first_name": "Eve", "last_name": "Moor"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "work_permit"


async def test_a_new_choice_appears_and_is_chosen(rig: Rig) -> None:
    body = {"name": "Level", "field_type": "candidate", "value_type": "single_select",
            "custom_field_options": [{"name": "Junior"}]}  # fmt: skip
    await rig.call("POST", "custom_fields", json=body)
    for number in range(4):
        await rig.apply(email=f"p{number}@example.org")
    await order(rig, {"kind": "add_option", "name": "Level", "to": "Principal", "count": 2})
    levels = [row["custom_fields"]["level"]["value"] for row in await rig.items("candidates")]
    assert sorted(map(str, levels)) == ["None", "None", "Principal", "Principal"]


async def test_a_stage_is_renamed_in_every_job(rig: Rig) -> None:
    await order(rig, {"kind": "rename_stage", "name": jobs_of.LADDER[1], "to": "First call"})
    names = {row["name"] for row in await rig.items("job_interview_stages")}
    assert "First call" in names
    assert jobs_of.LADDER[1] not in names


# -------------------------------------------------------------------------------------------------------------- records


async def people_and_events(rig: Rig) -> list[int]:
    await rig.hook("update_candidate", "merge_candidate", "delete_candidate", "candidate_anonymized")
    ids = [(await rig.apply(email=f"p{number}@example.org"))["candidate_id"] for number in range(4)]
    assert await rig.events() == []
    return ids


async def test_people_are_merged_deleted_and_anonymized_behind_the_clients_back(rig: Rig) -> None:
    ids = await people_and_events(rig)
    told = await order(
        rig, {"kind": "merge", "object": f"candidates/{ids[0]}", "into": f"candidates/{ids[1]}"},
        {"kind": "delete", "object": f"candidates/{ids[2]}"},
        {"kind": "anonymize", "object": f"candidates/{ids[3]}", "quiet": False},
    )  # fmt: skip
    rows = {row["id"]: row for row in await rig.items("candidates")}
    assert sorted(rows) == [ids[1], ids[3]]
    assert rows[ids[3]]["first_name"] == "Anonymized"
    assert [event["action"] for event in await rig.events()] == ["candidate_anonymized"]
    assert [one["done_to"] for one in told] == [
        [f"candidates/{ids[0]} into candidates/{ids[1]}"], [f"candidates/{ids[2]}"], [f"candidates/{ids[3]}"]
    ]  # fmt: skip


async def test_hidden_people_are_gone_with_all_that_is_theirs_and_come_back(rig: Rig) -> None:
    ids = await people_and_events(rig)
    await order(rig, {"kind": "hide", "object": f"candidates/{ids[0]}", "until": 300})
    for path in ("candidates", "applications", "attachments"):
        key = "id" if path == "candidates" else "candidate_id"
        assert ids[0] not in {row[key] for row in await rig.items(path)}
    rig.clock.move(seconds=300)
    assert ids[0] in {row["id"] for row in await rig.items("candidates")}


async def test_records_are_changed_in_bulk_without_a_webhook(rig: Rig) -> None:
    ids = await people_and_events(rig)
    stage = jobs_of.LADDER[2]
    await order(rig, {"kind": "change", "set": {"title": "No {id}"}},
                {"kind": "change", "object": "applications/.*", "count": 2, "set": {"stage": stage}})  # fmt: skip
    assert {row["id"]: row["title"] for row in await rig.items("candidates")} == {id: f"No {id}" for id in ids}
    assert [row["stage_name"] for row in await rig.items("applications")].count(stage) == 2
    assert await rig.events() == []
    log = (await rig.http.get("/sandbox/changes", params={"field": "title"})).json()["changes"]
    assert {row["actor"] for row in log} == {"fault:change"}


async def test_a_deed_that_cannot_be_done_says_why_and_harms_nothing(rig: Rig) -> None:
    told = await order(rig, {"kind": "rename_stage", "name": "Nowhere", "to": "x"}, {"kind": "delete"})
    assert [one["problem"] for one in told] == [
        "no job has a stage 'Nowhere'", "no object of this tenant is candidates/.* (candidates, applications, notes, "
        "candidate_tags, applied_candidate_tags)"]  # fmt: skip


async def test_a_deed_is_done_when_its_time_comes_though_nobody_calls(rig: Rig) -> None:
    ids = await people_and_events(rig)
    await order(rig, {"kind": "delete", "object": f"candidates/{ids[0]}", "from": 120, "quiet": False})
    assert rig.sandbox.hooks.next_due() == rig.clock.at + timedelta(seconds=120)
    rig.clock.move(seconds=120)
    assert [event["action"] for event in await rig.events()] == ["delete_candidate"]


# -------------------------------------------------------------------------------------------- what the oracle counts


async def test_an_edit_written_over_unseen_is_counted_with_its_window(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    await rig.one("candidates", id)
    rig.clock.move(seconds=1)
    people_of.update(rig.sandbox, PERSON, id, {"title": "By a person", "company": "Seen before"})
    rig.clock.move(seconds=0.5)
    await rig.call("PATCH", f"candidates/{id}", json={"title": "By the program"})
    told = (await rig.http.get("/sandbox/overwritten")).json()
    (one,) = told["overwritten"]
    assert (one["object"], one["id"], one["field"]) == ("candidates", id, "title")
    assert (one["edited_by"], one["written_by"], one["window"]) == (PERSON.kind, "api:Bridge", 1.5)
    assert told["longest_window"] == 1.5


async def test_an_edit_that_was_read_first_may_be_written_over(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    people_of.update(rig.sandbox, PERSON, id, {"title": "By a person"})
    rig.clock.move(seconds=1)
    await rig.one("candidates", id)
    await rig.call("PATCH", f"candidates/{id}", json={"title": "By the program"})
    assert (await rig.http.get("/sandbox/overwritten")).json()["overwritten"] == []


async def test_a_stale_read_has_seen_nothing_new_and_no_read_at_all_is_told_apart(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    rig.clock.move(seconds=60)
    people_of.update(rig.sandbox, PERSON, id, {"title": "First", "company": "A"})
    await rig.call("PATCH", f"candidates/{id}", json={"title": "Blindly"})
    people_of.update(rig.sandbox, PERSON, id, {"title": "Second"})
    rig.clock.move(seconds=1)
    await order(rig, {"kind": "stale", "seconds": 10})
    await rig.one("candidates", id)
    await rig.call("PATCH", f"candidates/{id}", json={"title": "Again"})
    told = (await rig.http.get("/sandbox/overwritten")).json()
    assert [one["window"] for one in told["overwritten"]] == [None, 10.0]
    assert told["without_a_read"] == 1


async def test_the_changes_of_one_person_and_all_that_is_theirs(rig: Rig) -> None:
    ids = await rig.apply()
    await rig.apply(email="other@example.org")
    asked = {"candidate": str(ids["candidate_id"])}
    rows = (await rig.http.get("/sandbox/changes", params=asked)).json()["changes"]
    assert {"candidates", "applications", "attachments", "notes"} <= {row["object"] for row in rows}
    assert all(row["parents"].get("candidate_id", row["id"]) == ids["candidate_id"] for row in rows)
    one = {"object": "candidates", "id": str(ids["candidate_id"])}
    assert len((await rig.http.get("/sandbox/changes", params=one)).json()["changes"]) == 1


async def test_reading_in_between_does_not_disturb_what_runs_beside_it(rig: Rig) -> None:
    """Faults are consulted by many requests at once."""
    await order(rig, {"kind": "answer", "status": 500, "times": 10, "path": "/v3/jobs"})
    answers = await asyncio.gather(*(rig.call("GET", "jobs") for _ in range(30)))
    assert sorted(one.status_code for one in answers) == [200] * 20 + [500] * 10


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"from": 10, "until": 3}, 422),
        ({"until": 0}, 422),
        ({"from": "2026-11-20T10:00:00Z", "until": "2026-11-20T09:00:00Z"}, 422),
        ({"from": "2030-01-01T00:00:00Z", "until": 60}, 422),
        ({"from": 3, "until": 10}, 200),
    ],
)
async def test_a_fault_that_would_end_before_it_begins_is_refused(rig: Rig, times: dict[str, Any], code: int) -> None:
    answer = await rig.http.post("/sandbox/faults", json={"kind": "outage", **times})
    assert answer.status_code == code, answer.text
    if code == 422:
        assert "before it begins" in answer.text
        assert await counted(rig) == []
