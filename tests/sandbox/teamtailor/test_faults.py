"""What can be ordered to go wrong here, in this vendor's words."""

from __future__ import annotations

import pytest

from bascule.sandbox.kit.faults import AnswerLost
from bascule.sandbox.teamtailor import people

from .conftest import Make, Tt


async def test_an_ordered_429_speaks_as_the_vendor(tt: Tt) -> None:
    tt.sandbox.faults.add({"kind": "answer", "status": 429, "retry_after": 4, "path": "candidates"})
    answer = await tt.call("GET", "candidates")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "4")
    assert answer.json() == {"errors": {"detail": "Error 429"}}
    tt.sandbox.faults.add({"kind": "answer", "status": 503, "path": "candidates"})
    assert (await tt.call("GET", "candidates")).json()["errors"][0]["status"] == "503"


async def test_a_note_is_stored_whose_answer_is_lost(tt: Tt) -> None:
    made = await tt.candidate()
    tt.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "notes"})
    with pytest.raises(AnswerLost):
        await tt.write("POST", "notes", "notes", {"note": "x"}, candidate=("candidates", made["id"]),
                       user=("users", tt.user("Robin Falk")))  # fmt: skip
    assert len(tt.sandbox.db["notes"]) == 1


async def test_keys_are_revoked_rotated_and_lose_scopes(make: Make) -> None:
    tt = make()
    own = next(row["id"] for row in tt.sandbox.db["credentials"] if row["secret"] == tt.key)
    tt.sandbox.faults.add({"kind": "lose_scopes", "object": f"credentials/{own}", "scopes": ["admin"], "until": 60})
    assert (await tt.call("GET", "candidates")).status_code == 403
    assert (await tt.call("GET", "jobs")).status_code == 200
    tt.clock.move(seconds=61)
    assert (await tt.call("GET", "candidates")).status_code == 200
    tt.sandbox.faults.add({"kind": "rotate", "object": f"credentials/{own}", "grace": 30})
    assert (await tt.call("GET", "candidates")).status_code == 200
    tt.clock.move(seconds=31)
    assert (await tt.call("GET", "candidates")).status_code == 401
    tt.key = tt.sandbox.db["credentials"].rows[own]["secret"]
    assert (await tt.call("GET", "candidates")).status_code == 200
    tt.sandbox.faults.add({"kind": "revoke", "object": f"credentials/{own}"})
    assert (await tt.call("GET", "candidates")).status_code == 401


async def test_the_schema_changes_behind_ones_back(tt: Tt) -> None:
    made, field = await tt.candidate(), tt.field("work-permit")
    add = tt.sandbox.faults.add
    add({"kind": "add_option", "name": "Work permit", "to": "Diplomat", "count": 1})
    add({"kind": "rename_field", "name": "work-permit", "to": "Right to work"})
    add({"kind": "rename_stage", "name": "Onsite", "to": "Final round"})
    await tt.get("jobs")
    shown = (await tt.get(f"custom-fields/{field}"))["data"]["attributes"]
    assert (shown["name"], shown["api-name"]) == ("Right to work", "right-to-work")
    value = (await tt.get(f"candidates/{made['id']}/custom-field-values"))["data"][0]["attributes"]["value"]
    assert tt.sandbox.db["custom_field_options"].rows[int(value)]["value"] == "Diplomat"
    names = [one["attributes"]["name"] for one in (await tt.get("jobs/7199/stages"))["data"]]
    assert "Final round" in names
    add({"kind": "remove_field", "name": "right-to-work"})
    assert (await tt.call("GET", f"custom-fields/{field}")).status_code == 404
    assert (await tt.get(f"candidates/{made['id']}/custom-field-values"))["data"] == []
    add({"kind": "rename_stage", "name": "Inbox", "to": "New"})
    await tt.get("jobs")
    assert "cannot be changed" in tt.sandbox.faults.as_json()[-1]["problem"]


async def test_records_go_change_and_hide(make: Make) -> None:
    tt = make(candidates=6)
    await tt.hook()
    ids = [row["id"] for row in tt.sandbox.db["candidates"]]
    add = tt.sandbox.faults.add
    add({"kind": "delete", "object": f"candidates/{ids[0]}"})
    add({"kind": "merge", "object": f"candidates/{ids[1]}", "into": f"candidates/{ids[2]}", "quiet": False})
    add(
        {"kind": "change", "object": f"candidates/{ids[3]}", "set": {"pitch": "Imported {id}", "salary-expectation": 5}}
    )
    add({"kind": "change", "object": "applications/.*", "set": {"stage": "Inbox"}, "count": 2})
    add({"kind": "hide", "object": f"candidates/{ids[4]}", "until": 60})
    listed = [int(one["id"]) for one in await tt.every("candidates")]
    assert listed == [ids[2], ids[3], ids[5]]
    assert (await tt.get(f"candidates/{ids[3]}"))["data"]["attributes"]["pitch"] == f"Imported {ids[3]}"
    assert not [one for one in await tt.every("job-applications", include="candidate")
                if one["relationships"]["candidate"]["data"]["id"] == str(ids[4])]  # fmt: skip
    assert set(await tt.names()) <= {"candidate.destroy", "candidate.update", "job_application.destroy"}
    tt.clock.move(seconds=61)
    assert (await tt.call("GET", f"candidates/{ids[4]}")).status_code == 200


async def test_a_replica_is_behind_and_a_new_object_is_not_there_yet(tt: Tt) -> None:
    made = await tt.candidate()
    tt.clock.move(seconds=10)
    people.update(tt.sandbox, tt.person, int(made["id"]), {"phone": "new"})
    tt.sandbox.faults.add({"kind": "stale", "path": "candidates", "seconds": 5})
    assert (await tt.get(f"candidates/{made['id']}"))["data"]["attributes"]["phone"] is None
    assert (await tt.get(f"candidates/{made['id']}"))["data"]["attributes"]["phone"] == "new"
    tt.sandbox.faults.add({"kind": "not_ready", "method": "POST", "path": "candidates", "seconds": 8})
    late = await tt.candidate(email="late@example.org")
    assert (await tt.call("GET", f"candidates/{late['id']}")).status_code == 404
    tt.clock.move(seconds=8)
    assert (await tt.call("GET", f"candidates/{late['id']}")).status_code == 200


async def test_answers_are_reshaped_where_the_objects_are(make: Make) -> None:
    tt = make(candidates=1)
    tt.sandbox.faults.add(
        {"kind": "reshape", "path": "job-applications", "rename": {"attributes.rejected-at": "attributes.gone"}}
    )
    answer = await tt.get("job-applications", include="candidate")
    assert "rejected-at" not in answer["data"][0]["attributes"]


async def test_webhooks_are_dropped_late_and_repeated(tt: Tt) -> None:
    await tt.hook()
    add = tt.sandbox.faults.add
    add({"kind": "drop", "topic": "candidate.create"})
    made = await tt.candidate()
    assert await tt.names() == []
    add({"kind": "late", "topic": "candidate.update", "object": f"candidate/{made['id']}", "seconds": 30})
    people.update(tt.sandbox, tt.person, int(made["id"]), {"phone": "1"})
    assert await tt.names() == []
    tt.clock.move(seconds=30)
    assert await tt.names() == ["candidate.update"]
    add({"kind": "repeat", "topic": "candidate.update", "copies": 1, "seconds": 1})
    people.update(tt.sandbox, tt.person, int(made["id"]), {"phone": "2"})
    tt.clock.move(seconds=1)
    one, two = await tt.events()
    assert one == two


async def test_what_this_vendor_cannot_do_cannot_be_ordered(tt: Tt) -> None:
    for kind, more in (("anonymize", {}), ("require_field", {"name": "x"}), ("expire_tokens", {})):
        with pytest.raises(ValueError, match="cannot do that"):
            tt.sandbox.faults.add({"kind": kind, **more})


async def test_the_oracle_knows_everything_of_a_person(tt: Tt) -> None:
    made = await tt.application()
    people.note(tt.sandbox, tt.person, int(made["candidate"]), tt.user("Robin Falk"), "x")
    changes = (await tt.http.get(f"/sandbox/changes?candidate={made['candidate']}")).json()["changes"]
    assert {one["object"] for one in changes} >= {"candidates", "applications", "notes"}
    counted = (await tt.http.get("/sandbox/requests")).json()["requests"]
    assert {"method": "POST", "endpoint": "/v1/job-applications", "status": 201, "count": 1} in counted
