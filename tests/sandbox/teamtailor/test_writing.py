"""What programs write, what is refused, and who is said to have done it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bascule.sandbox.teamtailor import pipeline

from .conftest import Make, Tt


def problems(answer: object) -> list[tuple[str, str]]:
    return [(one["source"]["pointer"], one["title"]) for one in answer.json()["errors"]]  # type: ignore[attr-defined]


# Candidates.


async def test_a_candidate_is_created_and_the_log_names_the_key(tt: Tt) -> None:
    made = await tt.candidate(tags=["screened", "screened", " "], phone="+46 70 1")
    assert made["attributes"]["tags"] == ["screened"]
    shown = (await tt.get("candidates", **{"filter[email]": "INES.HOLM@example.org"}))["data"]
    assert [one["id"] for one in shown] == [made["id"]]
    change = next(one for one in tt.sandbox.db.log if one.object == "candidates")
    assert (change.actor.kind, change.action, str(change.id)) == ("api:Bridge", "created", made["id"])


async def test_an_address_is_needed_unless_somebody_was_sourced(tt: Tt) -> None:
    refused = await tt.write("POST", "candidates", "candidates", {"first-name": "Ines"})
    assert (refused.status_code, problems(refused)) == (422, [("/data/attributes/email", "can't be blank")])
    assert refused.json()["errors"][0]["detail"] == "email - can't be blank"
    made = await tt.candidate(email=None, sourced=True)
    assert made["attributes"]["sourced"] is True
    blank = await tt.write("PATCH", f"candidates/{(await tt.candidate())['id']}", "candidates", {"email": ""})
    assert blank.status_code == 422
    two = await tt.write("POST", "candidates", "candidates", {"email": "nobody", "pitch": "x" * 141})
    assert problems(two) == [("/data/attributes/email", "is invalid"),
                             ("/data/attributes/pitch", "is too long (maximum is 140 characters)")]  # fmt: skip


async def test_an_address_belongs_to_one_candidate_and_merge_writes_over_it(tt: Tt) -> None:
    first = await tt.candidate(tags=["referred"], phone="+46 70 1")
    again = await tt.write("POST", "candidates", "candidates", {"email": " Ines.Holm@Example.org ", "last-name": "X"})
    assert problems(again) == [("/data/attributes/email", "has already been taken")]
    merged = await tt.write("POST", "candidates", "candidates",
                            {"email": "INES.HOLM@example.org", "last-name": "Holm-Berg", "tags": ["new"], "merge": True})  # fmt: skip
    assert merged.status_code == 201
    shown = merged.json()["data"]
    assert (shown["id"], shown["attributes"]["last-name"], shown["attributes"]["phone"]) == (
        first["id"],
        "Holm-Berg",
        "+46 70 1",
    )
    assert shown["attributes"]["tags"] == ["new"], "tags are given as a whole here too"
    assert len(tt.sandbox.db["candidates"]) == 1
    other = await tt.candidate(email="other@example.org")
    taken = await tt.write("PATCH", f"candidates/{other['id']}", "candidates", {"email": "ines.holm@example.org"})
    assert problems(taken) == [("/data/attributes/email", "has already been taken")]


async def test_tags_are_written_as_a_whole(tt: Tt) -> None:
    made = await tt.candidate(tags=["a", "b"])
    answer = await tt.write("PATCH", f"candidates/{made['id']}", "candidates", {"tags": ["c"]})
    assert answer.json()["data"]["attributes"]["tags"] == ["c"]
    assert (await tt.write("PATCH", f"candidates/{made['id']}", "candidates", {"tags": "c"})).status_code == 422


async def test_an_edit_between_a_read_and_a_write_of_tags_is_found(tt: Tt) -> None:
    made = await tt.candidate(tags=["a"])
    await tt.get(f"candidates/{made['id']}")
    tt.clock.move(seconds=2)
    tt.sandbox.db.change("candidates", int(made["id"]), tt.person, {"tags": ["a", "by hand"]})
    tt.clock.move(seconds=1)
    await tt.write("PATCH", f"candidates/{made['id']}", "candidates", {"tags": ["a", "score"]})
    (found,) = tt.sandbox.overwrites.found
    assert (found.field, found.window, found.edited_by) == ("tags", 3.0, "user:Robin Falk")


@pytest.mark.parametrize("name", ["updated-at", "referred", "referring-site", "original-resume", "facebook-profile",
                                  "sourced", "send-welcome-message"])  # fmt: skip
async def test_what_is_only_read_or_only_created_is_refused(tt: Tt, name: str) -> None:
    made = await tt.candidate()
    answer = await tt.write("PATCH", f"candidates/{made['id']}", "candidates", {name: True, "phone": "1"})
    assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (400, f"{name} is not allowed.")
    assert tt.sandbox.db["candidates"].rows[int(made["id"])]["phone"] is None


async def test_what_moves_updated_at(make: Make) -> None:
    for touch, expected in (("all", {"phone", "tags", "field"}), ("columns", {"phone"})):
        tt = make(touch=touch)
        made, moved = await tt.candidate(), set[str]()
        id, field = made["id"], tt.field("notice-period")

        async def attribute(tt: Tt = tt, id: str = id) -> str:
            return (await tt.get(f"candidates/{id}"))["data"]["attributes"]["updated-at"]

        for name, do in (
            ("same", lambda tt=tt, id=id: tt.write("PATCH", f"candidates/{id}", "candidates", {"first-name": "Ines"})),
            ("phone", lambda tt=tt, id=id: tt.write("PATCH", f"candidates/{id}", "candidates", {"phone": "1"})),
            ("tags", lambda tt=tt, id=id: tt.write("PATCH", f"candidates/{id}", "candidates", {"tags": ["x"]})),
            ("field", lambda tt=tt, id=id, field=field: tt.write("POST", "custom-field-values", "custom-field-values", {
                "value": "a"}, custom_field=("custom-fields", field), owner=("candidates", id))),
            ("note", lambda tt=tt, id=id: tt.write("POST", "notes", "notes", {"note": "x"}, candidate=("candidates", id),
                                                   user=("users", tt.user("Robin Falk")))),
            ("application", lambda tt=tt, id=id: tt.write("POST", "job-applications", "job-applications", {},
                                                          candidate=("candidates", id), job=("jobs", 7_199))),
        ):  # fmt: skip
            before = await attribute()
            tt.clock.move(seconds=1)
            assert (await do()).status_code in (200, 201)
            if await attribute() != before:
                moved.add(name)
        assert moved == expected


async def test_a_cv_is_fetched_from_the_address_that_is_given(tt: Tt) -> None:
    tt.web["https://files.example/ines.txt"] = b"Ines Holm\nNurse"
    made = await tt.candidate(resume="https://files.example/ines.txt")
    assert (await tt.http.get(made["attributes"]["resume"])).content.startswith(b"%PDF")
    assert (await tt.http.get(made["attributes"]["original-resume"])).content == b"Ines Holm\nNurse"
    for address in ("https://files.example/none.pdf", "file:///etc/passwd", "data:text/plain,x"):
        answer = await tt.write("PATCH", f"candidates/{made['id']}", "candidates", {"resume": address, "phone": "1"})
        assert problems(answer) == [("/data/attributes/resume", "could not be downloaded")]
    assert tt.sandbox.db["candidates"].rows[int(made["id"])]["phone"] is None


async def test_uploads_are_fetched_too(tt: Tt) -> None:
    tt.web["https://files.example/report.pdf"] = b"%PDF-1.4 report"
    made = await tt.candidate()
    answer = await tt.write("POST", "uploads", "uploads", {"url": "https://files.example/report.pdf", "file-name": "Report.pdf"},
                            candidate=("candidates", made["id"]))  # fmt: skip
    shown = answer.json()["data"]["attributes"]
    assert (answer.status_code, shown["file-name"]) == (201, "Report.pdf")
    assert (await tt.http.get(shown["url"])).content == b"%PDF-1.4 report"
    refused = await tt.write("POST", "uploads", "uploads", {"url": "https://files.example/none"})
    assert problems(refused) == [
        ("/data/relationships/candidate", "must exist"),
        ("/data/attributes/url", "could not be downloaded"),
    ]
    assert (await tt.call("DELETE", f"uploads/{answer.json()['data']['id']}")).status_code == 404


async def test_candidates_are_only_deleted_by_hand_unless_the_interface_has_it(make: Make) -> None:
    tt = make()
    made = await tt.candidate()
    assert (await tt.call("DELETE", f"candidates/{made['id']}")).status_code == 404
    tt = make(candidate_delete=True)
    made = await tt.candidate()
    answer = await tt.call("DELETE", f"candidates/{made['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await tt.call("GET", f"candidates/{made['id']}")).status_code == 404


# Applications.


async def test_a_move_names_a_stage_of_the_same_job(tt: Tt) -> None:
    made = await tt.application()
    tt.clock.move(hours=1)
    moved = await tt.write(
        "PATCH", f"job-applications/{made['id']}", "job-applications", stage=("stages", tt.stage("Phone Screen"))
    )
    shown = moved.json()["data"]["attributes"]
    assert shown["changed-stage-at"] == shown["updated-at"] == "2026-11-20T11:00:00.000+01:00"
    foreign = await tt.write("PATCH", f"job-applications/{made['id']}", "job-applications",
                             stage=("stages", tt.stage("Recruiter Call", 7_200)))  # fmt: skip
    assert problems(foreign) == [("/data/relationships/stage", "must belong to the same job")]
    for stage in (("stages", 1), None):
        unknown = await tt.write("PATCH", f"job-applications/{made['id']}", "job-applications", stage=stage)
        assert problems(unknown) == [("/data/relationships/stage", "must exist")]
    other = await tt.write("PATCH", f"job-applications/{made['id']}", "job-applications", job=("jobs", 7_200))
    assert other.status_code == 400, "an application stays with its job"


async def test_somebody_applies_once_for_a_job(tt: Tt) -> None:
    made = await tt.application()
    again = await tt.write("POST", "job-applications", "job-applications", {}, candidate=("candidates", made["candidate"]),
                           job=("jobs", 7_199))  # fmt: skip
    assert problems(again) == [("/data/relationships/candidate", "has already been taken")]
    nobody = await tt.write("POST", "job-applications", "job-applications")
    assert problems(nobody) == [
        ("/data/relationships/candidate", "must exist"),
        ("/data/relationships/job", "must exist"),
    ]


async def test_rejecting_is_a_time_and_is_silent(tt: Tt) -> None:
    made, reason = await tt.application(), tt.sandbox.db["reject_reasons"].ids[0]
    answer = await tt.write("PATCH", f"job-applications/{made['id']}", "job-applications",
                            {"rejected-at": "2026-11-21T09:30:00+01:00"}, reject_reason=("reject-reasons", reason))  # fmt: skip
    assert answer.json()["data"]["attributes"]["rejected-at"] == "2026-11-21T09:30:00.000+01:00"
    row = tt.sandbox.db["applications"].rows[int(made["id"])]
    assert (row["rejected_at"], row["reject_reason_id"]) == (datetime(2026, 11, 21, 8, 30, tzinfo=UTC), reason)
    assert row["stage_id"] == tt.stage("Inbox")
    assert not list(tt.sandbox.db["emails"])
    wrong = await tt.write("PATCH", f"job-applications/{made['id']}", "job-applications", {"rejected-at": True})
    assert problems(wrong) == [("/data/attributes/rejected-at", "is invalid")]
    none = await tt.write(
        "PATCH", f"job-applications/{made['id']}", "job-applications", reject_reason=("reject-reasons", 1)
    )
    assert problems(none) == [("/data/relationships/reject-reason", "must exist")]


async def test_a_rejection_is_taken_back_where_that_is_allowed(make: Make) -> None:
    for option, status in (("allowed", 200), ("refused", 422)):
        tt = make(unreject=option)
        made = await tt.application()
        pipeline.reject(tt.sandbox, tt.person, int(made["id"]), tt.sandbox.db["reject_reasons"].ids[0])
        answer = await tt.write("PATCH", f"job-applications/{made['id']}", "job-applications", {"rejected-at": None})
        assert answer.status_code == status
        row = tt.sandbox.db["applications"].rows[int(made["id"])]
        assert (row["rejected_at"] is None, row["reject_reason_id"] is None) == (status == 200, status == 200)


async def test_what_a_program_asks_to_be_sent_is_in_the_outbox(tt: Tt) -> None:
    made = await tt.candidate(**{"send-welcome-message": True})
    await tt.write("POST", "job-applications", "job-applications", {"send-default-reply": True, "send-user-notifications": True},
                   candidate=("candidates", made["id"]), job=("jobs", 7_199))  # fmt: skip
    assert [(row["to"][0], row["why"]) for row in tt.sandbox.db["emails"]] == [
        ("ines.holm@example.org", "send-welcome-message"), ("ines.holm@example.org", "send-default-reply"),
        ("dana.whitfield@tenant.example", "send-user-notifications")]  # fmt: skip


async def test_a_stage_may_do_things_by_itself_whoever_moves(tt: Tt) -> None:
    made, stage = await tt.application(), tt.stage("Phone Screen")
    pipeline.add_trigger(tt.sandbox, tt.person, stage, "Message", {"subject": "Next step", "body": "We will call."})
    pipeline.add_trigger(tt.sandbox, tt.person, stage, "Tag", {"tags": ["screening"]})
    await tt.write("PATCH", f"job-applications/{made['id']}", "job-applications", stage=("stages", stage))
    assert [row["subject"] for row in tt.sandbox.db["emails"]] == ["Next step"]
    assert tt.sandbox.db["candidates"].rows[int(made["candidate"])]["tags"] == ["screening"]
    assert {one["attributes"]["trigger-type"] for one in (await tt.get(f"stages/{stage}/triggers"))["data"]} == {
        "Message",
        "Tag",
    }


# Notes.


async def test_a_note_names_who_wrote_it(tt: Tt) -> None:
    made, robin = await tt.candidate(), tt.user("Robin Falk")
    nobody = await tt.write("POST", "notes", "notes", {"note": "Score 82"}, candidate=("candidates", made["id"]))
    assert (nobody.status_code, problems(nobody)) == (422, [("/data/relationships/user", "must exist")])
    # The reference's example leaves the types out and gives ids as numbers.
    data = {"type": "notes", "attributes": {"note": "Score 82"},
            "relationships": {"candidate": {"data": {"id": int(made["id"])}}, "user": {"data": {"id": robin}}}}  # fmt: skip
    answer = await tt.call("POST", "notes", json={"data": data})
    shown = answer.json()["data"]
    assert answer.headers["location"] == f"http://ats.test/v1/notes/{shown['id']}"
    assert (shown["attributes"]["candidate-id"], shown["attributes"]["user-id"]) == (int(made["id"]), robin)
    note = next(one for one in tt.sandbox.db.log if one.object == "notes")
    assert note.actor.kind == "api:Bridge"

    tt.clock.move(seconds=5)
    # Neither does its example of a change name an id.
    changed = await tt.call(
        "PATCH", f"notes/{shown['id']}", json={"data": {"type": "notes", "attributes": {"note": "Score 83"}}}
    )
    assert changed.json()["data"]["attributes"]["note"] == "Score 83"
    assert (await tt.write("PATCH", f"notes/{shown['id']}", "notes", {"note": " "})).status_code == 422
    assert (await tt.write("PATCH", f"notes/{shown['id']}", "notes", {"private-note": True})).status_code == 400
    assert (await tt.call("DELETE", f"notes/{shown['id']}")).status_code == 204
    assert (await tt.call("DELETE", f"notes/{shown['id']}")).status_code == 404


async def test_notes_have_no_filter(tt: Tt) -> None:
    assert (await tt.call("GET", "notes?filter[candidate]=1")).status_code == 400
    assert (await tt.call("GET", "notes?filter[updated-at][from]=2026-01-01")).status_code == 400
    assert (await tt.call("GET", f"candidates/{(await tt.candidate())['id']}/notes")).status_code == 404


async def test_reasons_are_made_changed_and_deleted(tt: Tt) -> None:
    made = (
        await tt.write(
            "POST", "reject-reasons", "reject-reasons", {"reason": "Moved away", "rejected-by-company": False}
        )
    ).json()
    id = made["data"]["id"]
    application = await tt.application()
    await tt.write("PATCH", f"job-applications/{application['id']}", "job-applications", {"rejected-at": "2026-11-20T10:00:00Z"},
                   reject_reason=("reject-reasons", id))  # fmt: skip
    await tt.write("PATCH", f"reject-reasons/{id}", "reject-reasons", {"reason": "Moved"})
    assert (await tt.get(f"job-applications/{application['id']}/reject-reason"))["data"]["attributes"][
        "reason"
    ] == "Moved"
    assert (await tt.call("DELETE", f"reject-reasons/{id}")).status_code == 204
    assert (await tt.get(f"job-applications/{application['id']}/reject-reason"))["data"] is None


# Custom fields.


async def test_a_field_is_made_and_renaming_it_renames_it_for_programs(tt: Tt) -> None:
    made = await tt.write(
        "POST", "custom-fields", "custom-fields", {"name": "Bascule Score!", "field-type": "CustomField::Number"}
    )
    shown = made.json()["data"]
    assert (made.status_code, shown["attributes"]["api-name"]) == (201, "bascule-score")
    again = await tt.write(
        "POST", "custom-fields", "custom-fields", {"name": "bascule score", "field-type": "CustomField::Text"}
    )
    assert problems(again) == [("/data/attributes/api-name", "has already been taken")]
    none = await tt.write("POST", "custom-fields", "custom-fields", {"field-type": "CustomField::Select"})
    assert problems(none) == [
        ("/data/attributes/name", "can't be blank"),
        ("/data/attributes/field-type", "is not included in the list"),
    ]
    renamed = await tt.write("PATCH", f"custom-fields/{shown['id']}", "custom-fields", {"name": "Fit"})
    assert renamed.json()["data"]["attributes"]["api-name"] == "fit"
    assert (await tt.call("DELETE", f"custom-fields/{shown['id']}")).status_code == 404


async def test_a_value_is_created_once_and_then_changed(tt: Tt) -> None:
    made, field = await tt.candidate(), tt.field("salary-expectation")
    given = {"custom_field": ("custom-fields", field), "owner": ("candidates", made["id"])}
    first = await tt.write("POST", "custom-field-values", "custom-field-values", {"value": "82"}, **given)
    assert first.json()["data"]["attributes"] == {"field-type": "CustomField::Number", "value": 82}
    second = await tt.write("POST", "custom-field-values", "custom-field-values", {"value": "83"}, **given)
    assert problems(second) == [("/data/relationships/custom-field", "has already been taken")]
    id = first.json()["data"]["id"]
    changed = await tt.write("PATCH", f"custom-field-values/{id}", "custom-field-values", {"value": 83.5})
    assert changed.json()["data"]["attributes"]["value"] == 83.5
    listed = await tt.get(f"candidates/{made['id']}/custom-field-values", include="custom-field")
    assert listed["data"][0]["relationships"]["custom-field"]["data"]["id"] == str(field)
    assert listed["included"][0]["attributes"]["api-name"] == "salary-expectation"
    for value in (None, "", []):
        blank = await tt.write("PATCH", f"custom-field-values/{id}", "custom-field-values", {"value": value})
        assert problems(blank) == [("/data/attributes/value", "can't be blank")], "a value cannot be emptied"
    assert (await tt.call("DELETE", f"custom-field-values/{id}")).status_code == 404
    owner = await tt.write(
        "PATCH", f"custom-field-values/{id}", "custom-field-values", {"value": 1}, owner=("candidates", 1)
    )
    assert owner.status_code == 422


async def test_only_a_candidate_owns_values(tt: Tt) -> None:
    data = {"type": "custom-field-values", "attributes": {"value": "x"}, "relationships": {
        "custom-field": {"data": {"type": "custom-fields", "id": "901"}}, "owner": {"data": {"type": "jobs", "id": "7199"}}}}  # fmt: skip
    assert (await tt.call("POST", "custom-field-values", json={"data": data})).status_code == 400
    made = await tt.candidate()
    job = await tt.write("POST", "custom-field-values", "custom-field-values", {"value": "x"}, owner=("candidates", made["id"]),
                         custom_field=("custom-fields", tt.field("cost-centre")))  # fmt: skip
    assert problems(job) == [("/data/relationships/owner", "is invalid")]


@pytest.mark.parametrize(("kind", "good", "bad"), [
    ("Text", ("x", "é"), (["x"], {})), ("Number", (3, "3.5", -1), ("three", True, "nan")),
    ("Checkbox", (True, "false"), ("yes", 3)), ("Date", ("2026-11-20", "2026-11-20T10:00:00+01:00"), ("20.11.2026", 3)),
    ("Email", ("a@b.example",), ("a",)), ("Url", ("https://a.example",), ("a.example",)), ("Phone", ("+46 1",), ([],)),
])  # fmt: skip
async def test_values_are_of_their_fields_type(
    tt: Tt, kind: str, good: tuple[object, ...], bad: tuple[object, ...]
) -> None:
    field = (
        await tt.write(
            "POST", "custom-fields", "custom-fields", {"name": f"A {kind}", "field-type": f"CustomField::{kind}"}
        )
    ).json()
    for number, (value, status) in enumerate([*((one, 201) for one in good), *((one, 422) for one in bad)]):
        made = await tt.candidate(email=f"{number}@example.org")
        answer = await tt.write("POST", "custom-field-values", "custom-field-values", {"value": value},
                                custom_field=("custom-fields", field["data"]["id"]), owner=("candidates", made["id"]))  # fmt: skip
        assert answer.status_code == status, (value, answer.text)


async def test_how_values_are_read(make: Make) -> None:
    for options, expected in (({}, [82, "true", ["1501", "1502"], "1505"]),
                              ({"numbers": "text", "select_values": "labels"}, ["82", "true", ["English", "French"], ["Citizen"]])):  # fmt: skip
        tt = make(**options)
        made, read = await tt.candidate(), list[object]()
        for name, value in (("salary-expectation", 82), ("driving-licence", True), ("spoken-languages", ["1501", 1502]),
                            ("work-permit", "1505")):  # fmt: skip
            answer = await tt.write("POST", "custom-field-values", "custom-field-values", {"value": value},
                                    custom_field=("custom-fields", tt.field(name)), owner=("candidates", made["id"]))  # fmt: skip
            assert answer.status_code == 201, answer.text
            read.append(answer.json()["data"]["attributes"]["value"])
        assert read == expected
        for value in ("English", ["1501", "1505"], 99):
            wrong = await tt.write("POST", "custom-field-values", "custom-field-values", {"value": value}, owner=(
                "candidates", (await tt.candidate(email=f"{value!s:.3}@x.example".replace("'", "").replace("[", "")))["id"]),
                custom_field=("custom-fields", tt.field("spoken-languages")))  # fmt: skip
            assert wrong.status_code == 422


async def test_fields_of_choices_and_their_options(tt: Tt) -> None:
    made = await tt.write("POST", "custom-field-selects", "custom-field-selects",
                          {"name": "Fit", "field-type": "CustomField::Select", "select-options": ["high", "low"]})  # fmt: skip
    id = made.json()["data"]["id"]
    options = await tt.get(f"custom-field-selects/{id}/custom-field-options")
    assert [one["attributes"]["value"] for one in options["data"]] == ["high", "low"]
    more = await tt.write(
        "POST", "custom-field-options", "custom-field-options", {"value": "middle"}, custom_field=("custom-fields", id)
    )
    assert more.status_code == 201
    twice = await tt.write(
        "POST", "custom-field-options", "custom-field-options", {"value": "low"}, custom_field=("custom-fields", id)
    )
    assert problems(twice) == [("/data/attributes/value", "has already been taken")]
    renamed = await tt.write(
        "PATCH", f"custom-field-options/{more.json()['data']['id']}", "custom-field-options", {"value": "so-so"}
    )
    assert renamed.json()["data"]["attributes"]["value"] == "so-so"
    assert id in [one["id"] for one in await tt.every("custom-fields")], "a field of choices is a custom field too"


# Jobs.


async def test_a_job_needs_a_user_and_has_its_own_stages(tt: Tt) -> None:
    refused = await tt.write("POST", "jobs", "jobs", {"title": "Cook", "status": "published"})
    assert problems(refused) == [("/data/attributes/body", "can't be blank"), ("/data/relationships/user", "must exist"),
                                 ("/data/attributes/status", "is not included in the list")]  # fmt: skip
    made = await tt.write(
        "POST", "jobs", "jobs", {"title": "Cook", "body": "<p>x</p>"}, user=("users", tt.user("Robin Falk"))
    )
    job = made.json()["data"]
    assert job["attributes"]["human-status"] == "published"
    stages = (await tt.get(f"jobs/{job['id']}/stages", sort="row-order"))["data"]
    assert [one["attributes"]["stage-type"] for one in stages][0::4] == ["Inbox", "Hired"]
    closed = await tt.write("PATCH", f"jobs/{job['id']}", "jobs", {"status": "archived"})
    assert closed.json()["data"]["attributes"]["human-status"] == "archived"
