"""What programs write, what follows from it, and what is refused."""

from __future__ import annotations

import base64
import xmlrpc.client
from typing import Any

import pytest

from .conftest import INTEGRATION, JAMIE, PERSON, ROBIN, Build, OdooError, Rig


async def test_create_answers_an_id_for_one_and_a_list_for_several(newest: Rig) -> None:
    one = await newest.rpc("hr.applicant", "create", {"partner_name": "A"})
    assert isinstance(one, int)
    assert len(await newest.rpc("hr.applicant", "create", [{"partner_name": "A"}, {"partner_name": "B"}])) == 2
    answer = await newest.json2("hr.applicant", "create", vals_list=[{"partner_name": "C"}])
    assert answer.status_code == 200
    assert answer.json() == [one + 3]
    assert (await newest.json2("hr.applicant", "write", ids=[one], vals={"priority": "1"})).json() is True


async def test_one_wrong_record_keeps_all_from_being_made(newest: Rig) -> None:
    before = len(newest.sandbox.db.log)
    with pytest.raises(OdooError, match=r"Wrong value for hr\.applicant\.priority"):
        await newest.rpc("hr.applicant", "create", [{"partner_name": "A"}, {"partner_name": "B", "priority": "9"}])
    with pytest.raises(OdooError, match="MissingError"):
        await newest.rpc("hr.applicant", "write", [1001, 1002], {"priority": "1"})
    assert len(newest.sandbox.db.log) == before


async def test_what_each_version_must_have(build: Build) -> None:
    old, persons, new = (build(version=version) for version in ("17", "18", "19"))
    with pytest.raises(OdooError, match=r"mandatory field is not set[\s\S]*\(name\)"):
        await old.rpc("hr.applicant", "create", {"partner_name": "Ada"})
    with pytest.raises(OdooError, match=r"\(candidate_id\)"):
        await persons.rpc("hr.applicant", "create", {"partner_name": "Ada"})
    assert await new.rpc("hr.applicant", "create", {})
    with pytest.raises(OdooError, match="must define a Contact Name"):
        await new.rpc("hr.applicant", "create", {"email_from": "ada@example.org"})


async def test_read_only_is_for_forms_and_dates_of_writing_are_nobodys(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "write", [id], {
        "create_date": "2001-01-01 00:00:00", "write_date": "2001-01-01 00:00:00", "application_status": "hired",
        "date_open": "2026-01-02 03:04:05"})  # fmt: skip
    row = await rig.one("hr.applicant", id, "create_date", "write_date", "application_status", "date_open")
    assert row["create_date"].startswith("2026-11-20")
    assert row["write_date"].startswith("2026-11-20")
    assert row["application_status"] == "ongoing", "what is worked out takes nothing, and says nothing"
    assert row["date_open"] == "2026-01-02 03:04:05", "read-only is a matter of forms"
    for name, value in (("nope", 1), ("availability", "soon"), ("date_open", "2026-11-20T10:00:00Z"), ("job_id", 999)):
        with pytest.raises(OdooError):
            await rig.rpc("hr.applicant", "write", [id], {name: value})


async def test_every_write_moves_the_date_even_one_that_changes_nothing(rig: Rig) -> None:
    id = await rig.applicant()
    rig.clock.move(seconds=30)
    await rig.rpc("hr.applicant", "write", [id], {"priority": "0"})
    row = await rig.one("hr.applicant", id, "write_date", "write_uid")
    assert row["write_date"] == "2026-11-20 09:00:30"
    assert row["write_uid"][0] == INTEGRATION


async def test_notes_and_files_do_not_move_the_date(rig: Rig) -> None:
    id = await rig.applicant()
    rig.clock.move(seconds=30)
    await rig.rpc("hr.applicant", "message_post", [id], body="Hello")
    file = await rig.rpc("ir.attachment", "create", {
        "name": "cv.txt", "datas": base64.b64encode(b"cv").decode(), "res_model": "hr.applicant", "res_id": id})  # fmt: skip
    assert (await rig.one("hr.applicant", id, "write_date"))["write_date"] == "2026-11-20 09:00:00"
    await rig.rpc("hr.applicant", "message_post", [id], body="With it", attachment_ids=[file])
    row = await rig.one("hr.applicant", id, "write_date", "message_main_attachment_id")
    assert row["message_main_attachment_id"][0] == file
    assert row["write_date"] == "2026-11-20 09:00:30", "the first file of a message becomes the record's main one"


async def test_the_date_is_when_the_transaction_began(build: Build) -> None:
    rig = build(commit_lag=3.0)
    id = await rig.applicant()
    assert (await rig.one("hr.applicant", id, "write_date"))["write_date"] == "2026-11-20 08:59:57"


async def test_an_applicant_begins_in_the_first_stage_of_its_job(rig: Rig) -> None:
    id = await rig.applicant()
    row = await rig.one("hr.applicant", id, "stage_id", "user_id", "department_id", "company_id")
    assert row["stage_id"][1] == "New"
    assert row["user_id"] == [ROBIN, "Robin Falk"]
    assert row["department_id"][1] == "Engineering"
    assert row["company_id"][1] == "Acme Group"
    await rig.rpc("hr.applicant", "write", [id], {"job_id": False})
    assert (await rig.one("hr.applicant", id, "stage_id"))["stage_id"] is False, "without a job there is no stage"


async def test_jobs_can_have_stages_of_their_own(build: Build) -> None:
    rig = build(stages="own")
    first, second, *_ = rig.sandbox.db["jobs"].ids
    named: list[Any] = []
    for job in (first, second):
        rows = await rig.rpc("hr.recruitment.stage", "search_read", ["|", ("job_ids", "=", False), ("job_ids", "=", job)],
                             ["name", "job_ids"], order="sequence")  # fmt: skip
        named.append([row["name"] for row in rows])
        assert all(row["job_ids"] == [job] for row in rows)
    assert named[0][0] == "Application Review"
    assert named[1][:2] == ["New", "Recruiter Call"]


async def test_a_move_says_where_from_and_when_and_resets_the_state(rig: Rig) -> None:
    id = await rig.applicant(kanban_state="blocked")
    rig.clock.move(minutes=5)
    assert await rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage("First Interview")}) is True
    row = await rig.one("hr.applicant", id, "stage_id", "last_stage_id", "date_last_stage_update", "kanban_state")
    assert (row["stage_id"][1], row["last_stage_id"][1], row["kanban_state"]) == ("First Interview", "New", "normal")
    assert row["date_last_stage_update"] == "2026-11-20 09:05:00"


async def test_a_move_of_several_forgets_where_they_came_from_up_to_18(rig: Rig) -> None:
    ids = [await rig.applicant(), await rig.applicant(email_from="b@example.org")]
    await rig.rpc("hr.applicant", "write", ids, {"stage_id": rig.stage("First Interview")})
    came = (await rig.one("hr.applicant", ids[0], "last_stage_id"))["last_stage_id"][1]
    assert came == ("New" if rig.sandbox.options.version == "19" else "First Interview")


async def test_a_stage_that_hires_dates_it_and_19_counts_it(rig: Rig) -> None:
    id = await rig.applicant()
    job = rig.sandbox.db["jobs"].rows[11]
    before = job["no_of_recruitment"]
    await rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage("Contract Signed")})
    row = await rig.one("hr.applicant", id, "date_closed", "application_status")
    assert (row["date_closed"], row["application_status"]) == ("2026-11-20 09:00:00", "hired")
    assert job["no_of_recruitment"] == before - (rig.sandbox.options.version == "19")
    await rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage("Contract Proposal")})
    assert (await rig.one("hr.applicant", id, "date_closed"))["date_closed"] is False
    assert job["no_of_recruitment"] == before


async def test_hiring_makes_an_employee_for_who_may(rig: Rig) -> None:
    id = await rig.applicant()
    told = await rig.rpc("hr.applicant", "create_employee_from_applicant", [id])
    assert told["res_model"] == "hr.employee"
    person = await rig.one("hr.employee", told["res_id"], "name", "job_id", "work_email")
    assert (person["name"], person["job_id"][1], person["work_email"]) == (
        "Ada Byron",
        "Backend Engineer",
        "ada@example.org",
    )
    column = "emp_id" if rig.sandbox.options.version == "17" else "employee_id"
    assert (await rig.one("hr.applicant", id, column))[column][0] == told["res_id"]


async def test_refusing_by_its_wizard_archives_and_mails(rig: Rig) -> None:
    id = await rig.applicant()
    assert (await rig.rpc("hr.applicant", "archive_applicant", [id]))["res_model"] == "applicant.get.refuse.reason"
    assert (await rig.one("hr.applicant", id, "active"))["active"], "it only says what to open"
    reason = rig.sandbox.db["reasons"].ids[0]
    wizard = await rig.rpc("applicant.get.refuse.reason", "create",
                           {"refuse_reason_id": reason, "applicant_ids": [[6, 0, [id]]]})  # fmt: skip
    answer = (await rig.rpc_raw("applicant.get.refuse.reason", "action_refuse_reason_apply", [wizard])).json()
    assert ("result" in answer) == (rig.sandbox.options.version == "19"), "a method that returns nothing has no result"
    row = await rig.one("hr.applicant", id, "active", "refuse_reason_id", "application_status")
    assert (row["active"], row["refuse_reason_id"][0], row["application_status"]) == (False, reason, "refused")
    assert [one["to"] for one in rig.outbox("refuse_template")] == [["ada@example.org"]]


async def test_refusing_by_a_write_mails_nobody(rig: Rig) -> None:
    id, reason = await rig.applicant(), rig.sandbox.db["reasons"].ids[0]
    dated = {} if rig.sandbox.options.version == "17" else {"refuse_date": "2026-11-20 09:00:00"}
    await rig.rpc("hr.applicant", "write", [id], {"refuse_reason_id": reason, "active": False, **dated})
    assert rig.outbox() == []
    if rig.sandbox.options.version == "17":
        with pytest.raises(OdooError, match="Invalid field 'refuse_date'"):
            await rig.rpc("hr.applicant", "write", [id], {"refuse_date": "2026-11-20 09:00:00"})


async def test_unarchiving_by_its_method_begins_again_and_by_a_write_keeps_the_reason(rig: Rig) -> None:
    id, reason = await rig.applicant(), rig.sandbox.db["reasons"].ids[0]
    await rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage("Second Interview")})
    refused = {"refuse_reason_id": reason, "active": False}
    await rig.rpc("hr.applicant", "write", [id], refused)
    await rig.rpc("hr.applicant", "write", [id], {"active": True})
    row = await rig.one("hr.applicant", id, "application_status", "stage_id")
    assert (row["application_status"], row["stage_id"][1]) == ("refused", "Second Interview")
    await rig.rpc("hr.applicant", "write", [id], refused)
    await rig.rpc("hr.applicant", "action_unarchive", [id])
    row = await rig.one("hr.applicant", id, "application_status", "stage_id", "refuse_reason_id")
    assert (row["application_status"], row["stage_id"][1], row["refuse_reason_id"]) == ("ongoing", "New", False)
    assert rig.outbox() == [], "the first stage has a template, which is not sent then"


async def test_nothing_cannot_be_said_in_xml_although_it_was_done(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage("Second Interview")})
    with pytest.raises(xmlrpc.client.Fault, match="cannot marshal None"):
        await rig.xml_kw("hr.applicant", "reset_applicant", [[id]])
    assert (await rig.one("hr.applicant", id, "stage_id"))["stage_id"][1] == "New"


async def test_commands_change_lists_and_a_plain_list_replaces_them(rig: Rig) -> None:
    id = await rig.applicant()
    a, b, c, *_ = rig.sandbox.db["tags"].ids

    async def after(value: Any) -> list[int]:
        await rig.rpc("hr.applicant", "write", [id], {"categ_ids": value})
        return (await rig.one("hr.applicant", id, "categ_ids"))["categ_ids"]

    assert await after([[4, a], [4, b, 0]]) == [a, b]
    assert await after([[3, a]]) == [b]
    assert await after([[6, 0, [a, c]]]) == [a, c]
    assert await after([b]) == [b]
    made = await after([[0, 0, {"name": "Fresh"}]])
    assert rig.sandbox.db["tags"].rows[made[-1]]["name"] == "Fresh"
    assert await after([[5]]) == []
    for wrong in ([[9, 1]], [[4, 999]], "all", [["4", 1]]):
        with pytest.raises(OdooError):
            await after(wrong)


async def test_an_address_makes_a_contact_that_others_with_it_share(rig: Rig) -> None:
    first = await rig.applicant()
    second = await rig.applicant(email_from="ADA@example.org ")
    partners = {(await rig.one("hr.applicant", id, "partner_id"))["partner_id"][0] for id in (first, second)}
    assert len(partners) == 1
    row = await rig.one("hr.applicant", second, "email_from", "email_normalized")
    assert row["email_normalized"] == "ada@example.org"
    contact = await rig.one("res.partner", partners.pop(), "name")
    assert contact["name"] == ("ada@example.org" if rig.sandbox.options.version == "17" else "Ada Byron")


async def test_long_texts_are_cut_without_a_word(newest: Rig) -> None:
    id = await newest.applicant(partner_phone="+44 20 7946 0000 extension 123456789 and more")
    row = await newest.one("hr.applicant", id, "partner_phone")
    assert row["partner_phone"] == "+44 20 7946 0000 extension 12345"


async def test_markup_is_cleaned_and_may_come_back_different(newest: Rig) -> None:
    id = await newest.applicant(applicant_notes="plain <b>bold</b><script>x()</script>")
    assert (await newest.one("hr.applicant", id, "applicant_notes"))["applicant_notes"] == "<p>plain <b>bold</b></p>"
    await newest.rpc("hr.applicant", "write", [id], {"applicant_notes": "<div onclick='x()'>a<br>b"})
    assert (await newest.one("hr.applicant", id, "applicant_notes"))["applicant_notes"] == "<div>a<br>b</div>"


async def test_a_person_of_18_is_written_through_any_of_its_applications(build: Build) -> None:
    rig = build(version="18")
    first = await rig.applicant()
    person = (await rig.one("hr.applicant", first, "candidate_id"))["candidate_id"][0]
    second = await rig.rpc("hr.applicant", "create", {"candidate_id": person, "job_id": 12})
    rig.clock.move(seconds=30)
    await rig.rpc("hr.applicant", "write", [first], {"email_from": "ada.byron@example.org"})
    shown = await rig.rpc("hr.applicant", "read", [first, second], ["email_from", "write_date"])
    assert [row["email_from"] for row in shown] == ["ada.byron@example.org"] * 2
    assert [row["write_date"][-2:] for row in shown] == ["30", "00"], "the other shows it and has not moved"
    rig.clock.move(seconds=30)
    await rig.rpc("hr.candidate", "write", [person], {"partner_name": "Augusta Ada"})
    shown = await rig.rpc("hr.applicant", "read", [first, second], ["partner_name", "write_date"])
    assert [row["partner_name"] for row in shown] == ["Augusta Ada"] * 2
    assert [row["write_date"][-5:] for row in shown] == ["00:30", "00:00"], "neither application has moved"
    with pytest.raises(OdooError, match="another model requires"):
        await rig.rpc("hr.candidate", "unlink", [person])
    assert [log.id for log in rig.sandbox.db.log if log.field == "partner_name"] == [person]


async def test_files_of_a_person_of_18_are_copied_to_a_new_application(build: Build) -> None:
    rig = build(version="18")
    person = await rig.rpc("hr.candidate", "create", {"partner_name": "Ada"})
    await rig.rpc("ir.attachment", "create", {"name": "cv.txt", "datas": base64.b64encode(b"cv").decode(),
                                              "res_model": "hr.candidate", "res_id": person})  # fmt: skip
    id = await rig.rpc("hr.applicant", "create", {"candidate_id": person, "job_id": 11})
    rows = await rig.rpc(
        "ir.attachment", "search_read", [("name", "=", "cv.txt")], ["res_model", "checksum"], order="id"
    )
    assert [row["res_model"] for row in rows] == ["hr.candidate", "hr.applicant"]
    assert len({row["checksum"] for row in rows}) == 1
    assert (await rig.one("hr.applicant", id, "attachment_ids"))["attachment_ids"] == [rows[1]["id"]]


async def test_talents_of_19_are_applicants_without_a_job(build: Build) -> None:
    rig = build(version="19")
    id = await rig.applicant()
    pool = rig.sandbox.db["pools"].ids[0]
    wizard = await rig.rpc("talent.pool.add.applicants", "create",
                           {"applicant_ids": [[6, 0, [id]]], "talent_pool_ids": [[6, 0, [pool]]]})  # fmt: skip
    await rig.rpc("talent.pool.add.applicants", "action_add_applicants_to_pool", [wizard])
    (talent,) = await rig.rpc(
        "hr.applicant", "search_read", [("talent_pool_ids", "!=", False)], ["job_id", "email_from"]
    )
    assert talent["job_id"] is False
    assert talent["email_from"] == "ada@example.org"
    await rig.rpc("hr.applicant", "write", [id], {"email_from": "new@example.org"})
    assert (await rig.one("hr.applicant", talent["id"], "email_from"))["email_from"] == "new@example.org"


async def test_deleting_takes_messages_and_files_along(rig: Rig) -> None:
    id = await rig.applicant()
    note = await rig.rpc("hr.applicant", "message_post", [id], body="Hello")
    await rig.rpc("ir.attachment", "create", {"name": "cv.txt", "datas": "", "res_model": "hr.applicant", "res_id": id})
    assert await rig.rpc("hr.applicant", "unlink", [id]) is True
    left = await rig.rpc("mail.message", "search", [("model", "=", "hr.applicant"), ("res_id", "=", id)])
    assert left == []
    assert note
    assert await rig.rpc("ir.attachment", "search", [("res_id", "=", id)]) == []
    assert rig.sandbox.db["contacts"].where("address", "ada@example.org"), "the contact stays"


async def test_archiving_a_job_archives_who_applied(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.job", "write", [11], {"active": False})
    row = await rig.one("hr.applicant", id, "active", "job_id")
    assert row["active"] is False
    assert row["job_id"] == [11, "Backend Engineer"]


async def test_custom_fields_are_made_found_and_used(rig: Rig) -> None:
    (model,) = await rig.rpc("ir.model", "search", [("model", "=", "hr.applicant")])
    field = await rig.rpc("ir.model.fields", "create", {
        "name": "x_ai_score", "field_description": "AI score", "model_id": model, "ttype": "float"})  # fmt: skip
    told = await rig.rpc("hr.applicant", "fields_get", ["x_ai_score"], ["string", "type", "manual"])
    assert told == {"x_ai_score": {"string": "AI score", "type": "float", "manual": True}}
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "write", [id], {"x_ai_score": 87.5})
    assert (await rig.one("hr.applicant", id, "x_ai_score"))["x_ai_score"] == 87.5
    assert await rig.rpc("hr.applicant", "search", [("x_ai_score", ">", 80)]) == [id]
    changed = [(log.actor.kind, log.old, log.new) for log in rig.sandbox.db.log if log.field == "x_ai_score"]
    assert changed == [("api:Bridge", None, 87.5)]
    for wrong, said in (({"name": "ai_score"}, "must have a name that starts with 'x_'"),
                        ({"name": "x_ai_score"}, "must be unique per model"), ({"name": "x_AI"}, "only contain")):  # fmt: skip
        with pytest.raises(OdooError, match=said):
            await rig.rpc(
                "ir.model.fields", "create", {"field_description": "X", "model_id": model, "ttype": "char", **wrong}
            )
    await rig.rpc("ir.model.fields", "unlink", [field])
    with pytest.raises(OdooError, match="Invalid field"):
        await rig.one("hr.applicant", id, "x_ai_score")
    (base,) = await rig.rpc("ir.model.fields", "search", [("model", "=", "hr.applicant"), ("name", "=", "priority")])
    with pytest.raises(OdooError, match="cannot be removed"):
        await rig.rpc("ir.model.fields", "unlink", [base])


async def test_custom_choices_have_options(rig: Rig) -> None:
    (model,) = await rig.rpc("ir.model", "search", [("model", "=", "hr.applicant")])
    await rig.rpc("ir.model.fields", "create", {
        "name": "x_fit", "field_description": "Fit", "model_id": model, "ttype": "selection",
        "selection_ids": [[0, 0, {"value": "yes", "name": "Yes"}], [0, 0, {"value": "no", "name": "No"}]]})  # fmt: skip
    told = await rig.rpc("hr.applicant", "fields_get", ["x_fit"], ["selection"])
    assert told["x_fit"]["selection"] == [["yes", "Yes"], ["no", "No"]]
    id = await rig.applicant(x_fit="yes")
    with pytest.raises(OdooError, match="Wrong value"):
        await rig.rpc("hr.applicant", "write", [id], {"x_fit": "maybe"})


async def test_meetings_belong_to_an_applicant_and_invite(rig: Rig) -> None:
    id = await rig.applicant()
    jamie = rig.sandbox.db["users"].rows[JAMIE]["partner_id"]
    meeting = await rig.rpc("calendar.event", "create", {
        "name": "Interview", "start": "2026-11-25 10:00:00", "stop": "2026-11-25 11:00:00", "applicant_id": id,
        "partner_ids": [[4, jamie]]})  # fmt: skip
    assert (await rig.one("hr.applicant", id, "meeting_ids"))["meeting_ids"] == [meeting]
    assert [one["to"] for one in rig.outbox("invitation")] == [["jamie.osei@tenant.example"]]
    quiet = {"context": {"no_mail_to_attendees": True}}
    for day, more in ((26, {}), (27, quiet)):
        times = {"start": f"2026-11-{day} 10:00:00", "stop": f"2026-11-{day} 11:00:00"}
        await rig.rpc("calendar.event", "write", [meeting], times, **more)
    assert [one["subject"] for one in rig.outbox("invitation")] == [
        "Invitation to Interview",
        "Date updated: Interview",
    ]
    await rig.rpc("calendar.event", "create", {
        "name": "Interview", "start": "2026-11-28 10:00:00", "stop": "2026-11-28 11:00:00", "applicant_id": id,
        "partner_ids": [[4, jamie]]}, **quiet)  # fmt: skip
    assert len(rig.outbox("invitation")) == 2


async def test_the_log_says_who_did_it_and_whose_it_is(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "message_post", [id], body="Hello")
    person = rig.sandbox.db["applications"].rows[id]["candidate_id"] if rig.sandbox.options.persons else id
    told = (await rig.http.get("/sandbox/changes", params={"candidate": str(person)})).json()["changes"]
    assert {one["actor"] for one in told} == {"api:Bridge"}
    assert {rig.applicants, "notes"} <= {one["object"] for one in told}
    assert PERSON.kind not in {one["actor"] for one in told}
