"""Domains, orders, pages, and how values look."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .conftest import INTEGRATION, PERSON, ROBIN, Build, OdooError, Rig


async def people(rig: Rig) -> list[int]:
    ids: list[int] = []
    for number, name in enumerate(("Ada", "Grace", "Edsger", "Barbara")):
        ids.append(await rig.applicant(partner_name=f"{name} Test", email_from=f"{name.lower()}@example.org",
                                       priority=str(number % 4)))  # fmt: skip
        rig.clock.move(seconds=10)
    return ids


async def find(rig: Rig, *domain: Any, **kwargs: Any) -> list[int]:
    return await rig.rpc("hr.applicant", "search", list(domain), **kwargs)


async def test_operators_mean_what_a_database_means_by_them(rig: Rig) -> None:
    a, b, c, d = await people(rig)
    name = "partner_name"
    assert set(await find(rig, (name, "ilike", "RA"))) == {b, d}
    assert set(await find(rig, (name, "like", "RA"))) == set()
    assert set(await find(rig, (name, "=like", "_da%"))) == {a}
    assert set(await find(rig, (name, "=ilike", "%A TEST"))) == {a, d}
    assert set(await find(rig, (name, "not ilike", "ra"))) == {a, c}
    assert set(await find(rig, ("priority", "in", ["1", "3"]))) == {b, d}
    assert set(await find(rig, ("priority", "not in", ["1", "3"]))) == {a, c}
    assert set(await find(rig, ("priority", "!=", "1"))) == {a, c, d}
    assert set(await find(rig, ("id", ">", b), ("id", "<=", d))) == {c, d}
    assert set(await find(rig, "|", ("id", "=", a), "&", ("id", ">=", b), ("priority", "=", "2"))) == {a, c}
    assert set(await find(rig, "!", ("id", "=", a))) == {b, c, d}
    assert await find(rig, (0, "=", 1)) == []
    assert len(await find(rig, (1, "=", 1))) == 4
    assert set(await find(rig, ("availability", "=", False))) == {a, b, c, d}
    assert set(await find(rig, ("availability", "!=", "2026-01-01"))) == {a, b, c, d}, "what is empty is different"
    assert await find(rig, ("availability", "<", "2030-01-01")) == [], "what is empty is neither before nor after"
    assert set(await find(rig, ("email_from", "=?", False))) == {a, b, c, d}
    for broken in (["|", ("id", "=", 1)], [("id", "~", 1)], [("nope", "=", 1)], [("id", "=")], "id = 1"):
        with pytest.raises(OdooError, match="ValueError"):
            await rig.rpc("hr.applicant", "search", broken)


async def test_paths_lead_through_what_is_pointed_to(rig: Rig) -> None:
    a, *_ = await people(rig)
    job = rig.sandbox.db["jobs"].ids[0]
    assert len(await find(rig, ("job_id.name", "=", "Backend Engineer"))) == 4
    assert len(await find(rig, ("job_id", "ilike", "backend"))) == 4, "a text is compared with the name"
    assert len(await find(rig, ("stage_id.hired_stage", "=", False))) == 4
    tag = rig.sandbox.db["tags"].ids[0]
    await rig.rpc("hr.applicant", "write", [a], {"categ_ids": [[4, tag]]})
    assert await find(rig, ("categ_ids", "in", [tag])) == [a]
    assert await find(rig, ("categ_ids.name", "=", "Reserve")) == [a]
    assert a not in await find(rig, ("categ_ids", "=", False))
    assert a not in await find(rig, ("categ_ids", "not in", [tag]))
    assert await rig.rpc("hr.job", "search", [("application_ids.partner_name", "=", "Ada Test")]) == [job]
    stages = await rig.rpc("hr.recruitment.stage", "search",
                           ["|", ("job_ids", "=", False), ("job_ids", "=", job)], order="sequence")  # fmt: skip
    assert stages == list(rig.sandbox.db["stages"].ids)


async def test_archived_rows_are_hidden_until_they_are_asked_for(rig: Rig) -> None:
    a, *others = await people(rig)
    await rig.rpc("hr.applicant", "write", [a], {"active": False})
    assert set(await find(rig)) == set(others)
    assert set(await find(rig, context={"active_test": False})) == {a, *others}
    assert await find(rig, ("active", "=", False)) == [a]
    assert set(await find(rig, ("active", "in", [True, False]))) == {a, *others}
    assert (await rig.one("hr.applicant", a, "active"))["active"] is False, "by its id it is read all the same"
    assert await rig.rpc("hr.applicant", "search_count", []) == 3


async def test_values_look_as_odoo_shows_them(rig: Rig) -> None:
    id = await rig.applicant(email_from=False)
    row = await rig.one("hr.applicant", id)
    assert row["email_from"] is False
    assert row["availability"] is False
    assert row["refuse_reason_id"] is False
    assert row["job_id"] == [11, "Backend Engineer"]
    assert row["categ_ids"] == []
    assert row["create_date"] == row["write_date"] == "2026-11-20 09:00:00", "UTC, to the second, without a zone"
    assert row["create_uid"] == [INTEGRATION, "Integration Service"]
    bare = (await rig.rpc("hr.applicant", "read", [id], ["job_id"], load=None))[0]
    assert bare == {"id": id, "job_id": 11}
    expected = "Backend Engineer" if rig.sandbox.options.version == "17" else "Ada Byron"
    assert row["display_name"] == expected


async def test_what_is_gone_or_unknown_is_an_error(rig: Rig) -> None:
    with pytest.raises(OdooError, match="Record does not exist or has been deleted") as gone:
        await rig.one("hr.applicant", 99, "id")
    assert gone.value.name == "MissingError"
    with pytest.raises(OdooError, match="Invalid field 'nope'"):
        await rig.rpc("hr.applicant", "search_read", [], ["nope"])
    assert await rig.rpc("hr.applicant", "search_read", [("id", "=", 99)], ["id"]) == []
    assert await rig.rpc("hr.applicant", "exists", [99]) == []


async def test_the_second_that_is_shown_is_not_the_time_that_is_compared(build: Build) -> None:
    """Rows have fractions of a second. Up to 18 a row is later than the second it shows; 19 compares whole seconds."""
    for version in ("17", "18", "19"):
        rig = build(version=version)
        id = await rig.applicant()
        shown = (await rig.one("hr.applicant", id, "write_date"))["write_date"]
        assert await find(rig, ("write_date", ">=", shown)) == [id]
        assert await find(rig, ("write_date", ">", shown)) == ([] if version == "19" else [id])
        assert await find(rig, ("write_date", "<=", shown)) == ([id] if version == "19" else [])
        assert await find(rig, ("write_date", "=", shown)) == ([id] if version == "19" else [])
        assert await find(rig, ("write_date", ">=", "2026-11-20")) == [id]
        assert await find(rig, ("write_date", ">", "2026-11-20")) == [], "a day is compared with its end"
        other_form = ("write_date", ">=", "2026-11-20T09:00:00Z")
        if version == "19":
            with pytest.raises(OdooError, match="does not match format"):
                await find(rig, other_form)
        else:
            assert await find(rig, other_form) == [id]


async def test_orders_of_several_keys_and_empty_values(rig: Rig) -> None:
    a, b, c, d = await people(rig)
    await rig.rpc("hr.applicant", "write", [b], {"availability": "2026-12-01"})
    await rig.rpc("hr.applicant", "write", [d], {"availability": "2026-11-01"})
    if rig.sandbox.options.version != "18":  # there it is the candidate's
        assert await find(rig, order="availability, id desc") == [d, b, c, a]
        assert await find(rig, order="availability desc, id") == [a, c, b, d]
    assert await find(rig, order="priority desc, id desc") == [d, c, b, a]
    assert await find(rig, order="write_date asc, id asc", limit=2, offset=1) == [c, b]
    for wrong in ("nope", "id; drop table", "application_status"):
        with pytest.raises(OdooError):
            await find(rig, order=wrong)


async def test_pages_by_write_date_and_id_return_everything_while_rows_change(build: Build) -> None:
    rig = build(candidates=60, version="19")
    seen: dict[int, str] = {}
    since, last = "2000-01-01 00:00:00", 0
    for turn in range(40):
        domain = ["|", ("write_date", ">", since), "&", ("write_date", "=", since), ("id", ">", last)]
        page = await rig.rpc("hr.applicant", "search_read", domain, ["write_date"], limit=7, order="write_date, id",
                             context={"active_test": False})  # fmt: skip
        if not page:
            break
        seen |= {row["id"]: row["write_date"] for row in page}
        since, last = page[-1]["write_date"], page[-1]["id"]
        if turn in (2, 4):
            await rig.rpc("hr.applicant", "write", [page[0]["id"]], {"priority": "3"})
        rig.clock.move(seconds=1)
    current = await rig.rpc("hr.applicant", "search_read", [], ["write_date"], context={"active_test": False})
    assert seen == {row["id"]: row["write_date"] for row in current}


async def test_an_order_that_leaves_rows_equal_is_not_kept_from_page_to_page(build: Build) -> None:
    rig = build(candidates=60, version="19")
    pages = [await rig.rpc("hr.applicant", "search", [], offset=offset, limit=10, order="sequence",
                           context={"active_test": False}) for offset in range(0, 60, 10)]  # fmt: skip
    found = [id for page in pages for id in page]
    assert len(found) == 60
    assert len(set(found)) < 60, "some came twice and some never"


async def test_the_status_is_worked_out_and_searched_as_each_version_does(build: Build) -> None:
    for version in ("17", "18", "19"):
        rig = build(version=version)
        refused, archived, hired, ongoing = await people(rig)
        reason = rig.sandbox.db["reasons"].ids[0]
        await rig.rpc("hr.applicant", "write", [refused], {"refuse_reason_id": reason, "active": False})
        await rig.rpc("hr.applicant", "write", [archived], {"active": False})
        await rig.rpc("hr.applicant", "write", [hired], {"stage_id": rig.stage("Contract Signed")})
        rows = await rig.rpc("hr.applicant", "read", [refused, archived, hired, ongoing], ["application_status"])
        assert [row["application_status"] for row in rows] == ["refused", "archived", "hired", "ongoing"]
        everybody = {"context": {"active_test": False}}
        found = set(await find(rig, ("application_status", "=", "refused"), **everybody))
        assert found == {"17": {refused, archived, hired, ongoing}, "18": {refused}, "19": set()}[version]
        if version != "17":
            assert set(await find(rig, ("application_status", "in", ["ongoing"]), **everybody)) == {ongoing}


async def test_fields_differ_by_version(build: Build) -> None:
    for version, present, absent in (
        ("17", {"name", "emp_id", "user_id", "partner_mobile"}, {"candidate_id", "refuse_date", "employee_id", "applicant_notes"}),
        ("18", {"candidate_id", "user_id", "refuse_date", "employee_id"}, {"name", "emp_id", "talent_pool_ids"}),
        ("19", {"user_id", "talent_pool_ids", "sequence", "refuse_date"}, {"candidate_id", "name", "recruiter_id"}),
    ):  # fmt: skip
        told = await build(version=version).rpc("hr.applicant", "fields_get", [], ["type", "relation"])
        assert present <= set(told)
        assert not absent & set(told)
        assert told["user_id"] == {"type": "many2one", "relation": "res.users"}
    newer = build(version="19", recruiter="employee")
    told = await newer.rpc("hr.applicant", "fields_get")
    assert told["recruiter_id"]["relation"] == "hr.employee"
    assert "user_id" not in told
    assert (await newer.xml("common", "version"))["server_version"] == "saas~19.1"
    assert told["kanban_state"]["selection"][2] == ["waiting", "Waiting"]


async def test_files_are_read_in_base64_and_told_from_their_checksums(rig: Rig) -> None:
    id = await rig.applicant()
    content = b"%PDF-1.4 cv"
    file = await rig.rpc("ir.attachment", "create", {
        "name": "cv.pdf", "datas": base64.b64encode(content).decode(), "res_model": "hr.applicant", "res_id": id})  # fmt: skip
    row = await rig.one("ir.attachment", file, "datas", "mimetype", "file_size", "checksum", "res_name")
    assert base64.b64decode(row["datas"]) == content
    assert (row["mimetype"], row["file_size"], len(row["checksum"])) == ("application/pdf", 11, 40)
    (small,) = await rig.rpc("ir.attachment", "read", [file], ["datas"], context={"bin_size": True})
    assert small["datas"] == "11.00 bytes"
    assert (await rig.one("hr.applicant", id, "attachment_ids"))["attachment_ids"] == [file]
    assert (await rig.http.get(f"/web/content/{file}")).status_code == 404, "a key opens nothing there"
    await rig.rpc("ir.attachment", "write", [file], {"access_token": "s3cret"})
    assert (await rig.http.get(f"/web/content/{file}?access_token=s3cret")).content == content
    rig.as_user(ROBIN)
    page = await rig.rpc("ir.attachment", "create", {"name": "x.html", "datas": base64.b64encode(b"<p>").decode(),
                                                     "res_model": "hr.applicant", "res_id": id})  # fmt: skip
    assert (await rig.one("ir.attachment", page, "mimetype"))["mimetype"] == "text/plain"


async def test_properties_come_from_the_job_and_are_read_as_a_list(rig: Rig) -> None:
    id = await rig.applicant()
    (first, second) = (await rig.one("hr.applicant", id, "applicant_properties"))["applicant_properties"]
    assert first["string"].startswith("Are you allowed")
    assert first["value"] is False
    await rig.rpc("hr.applicant", "write", [id], {"applicant_properties": {first["name"]: "Yes", "other": "lost"}})
    kept = (await rig.one("hr.applicant", id, "applicant_properties"))["applicant_properties"]
    assert [one["value"] for one in kept] == ["Yes", False]
    await rig.rpc(
        "hr.applicant", "write", [id], {"applicant_properties": [{**second, "value": "https://code.example"}]}
    )
    assert await find(rig, (f"applicant_properties.{second['name']}", "ilike", "code")) == [id]
    assert await find(rig, (f"applicant_properties.{first['name']}", "=", "Yes")) == [id]


async def test_xml_rpc_and_json_2_answer_alike(newest: Rig) -> None:
    id = await newest.applicant()
    domain, fields = [["id", "=", id]], ["partner_name", "job_id", "write_date", "categ_ids"]
    plain = await newest.rpc("hr.applicant", "search_read", domain, fields)
    assert await newest.xml_kw("hr.applicant", "search_read", [domain], {"fields": fields}) == plain
    assert (await newest.json2("hr.applicant", "search_read", domain=domain, fields=fields)).json() == plain


async def test_reading_is_noted_for_whoever_judges_overwrites(newest: Rig) -> None:
    id = await newest.applicant()
    await newest.one("hr.applicant", id, "priority")
    newest.clock.move(seconds=5)
    newest.sandbox.db.change("candidates", id, PERSON, {"priority": "1"})
    await newest.rpc("hr.applicant", "write", [id], {"priority": "3"})
    (lost,) = (await newest.http.get("/sandbox/overwritten")).json()["overwritten"]
    assert (lost["field"], lost["edited_by"], lost["window"]) == ("priority", "user:Dana Whitfield", 5.0)
