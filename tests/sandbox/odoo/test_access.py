"""Who is let in, over which interface, and what each group may do."""

from __future__ import annotations

import re
import xmlrpc.client

import pytest

from .conftest import INTEGRATION, NOOR, PERSON, ROBIN, VIKTOR, Build, OdooError, Rig


async def test_a_login_and_its_key_give_a_user_id_and_anything_else_gives_false(rig: Rig) -> None:
    login = rig.sandbox.db["users"].rows[INTEGRATION]["login"]
    good = ["acme", login, rig.key["secret"], {}]
    assert (await rig.common("common", "authenticate", good)).json()["result"] == INTEGRATION
    assert await rig.xml("common", "authenticate", *good) == INTEGRATION
    for bad in (["acme", login, "wrong", {}], ["acme", "nobody@tenant.example", rig.key["secret"], {}]):
        assert (await rig.common("common", "authenticate", bad)).json()["result"] is False
        assert await rig.xml("common", "authenticate", *bad) is False


async def test_a_wrong_key_and_a_key_of_somebody_else_are_denied(rig: Rig) -> None:
    for uid, secret in ((INTEGRATION, "wrong"), (ROBIN, rig.key["secret"]), (INTEGRATION, "")):
        called = ["acme", uid, secret, "hr.job", "search", [[]]]
        told = (await rig.common("object", "execute_kw", called)).json()["error"]
        assert told["message"] == "Odoo Server Error"
        assert told["code"] == (0 if rig.sandbox.options.version == "19" else 200)
        assert (told["data"]["name"], told["data"]["message"]) == ("odoo.exceptions.AccessDenied", "Access Denied")
        with pytest.raises(xmlrpc.client.Fault) as fault:
            await rig.xml("object", "execute_kw", *called)
        assert (fault.value.faultCode, fault.value.faultString) == (3, "Access Denied")


async def test_the_older_address_of_xml_rpc_has_texts_for_codes(rig: Rig) -> None:
    async def fault(model: str, key: str) -> tuple[str, str]:
        called = ("acme", INTEGRATION, key, model, "read", [[99]])
        body = xmlrpc.client.dumps(called, "execute_kw")
        answer = await rig.http.post("/xmlrpc/object", content=body)
        told = re.findall(r"<string>(.*?)</string>", answer.text, re.DOTALL)
        return told[0], told[1]

    assert await fault("hr.job", "wrong") == ("AccessDenied", "Access Denied")
    code, text = await fault("hr.job", rig.key["secret"])
    assert code.startswith("warning -- MissingError\n\nRecord does not exist")
    assert text == ""


async def test_another_database_is_an_error_of_the_server(rig: Rig) -> None:
    called = ["other", INTEGRATION, rig.key["secret"], "hr.job", "search", [[]]]
    told = (await rig.common("object", "execute_kw", called)).json()["error"]["data"]
    assert 'database "other" does not exist' in told["message"]


async def test_json_2_takes_a_bearer_key_and_refuses_with_real_statuses(newest: Rig) -> None:
    assert (await newest.json2("hr.job", "search_count", domain=[])).json() == 4
    wrong = await newest.json2("hr.job", "search_count", {"Authorization": "bearer nope"}, domain=[])
    assert wrong.status_code == 401
    assert wrong.headers["www-authenticate"] == "bearer"
    assert wrong.json()["message"] == "Invalid apikey"
    missing = await newest.http.post("/json/2/hr.job/search_count", json={"domain": []})
    assert missing.status_code == 401
    assert "Bearer" in missing.json()["message"]
    elsewhere = await newest.json2("hr.job", "search_count", {"X-Odoo-Database": "other"}, domain=[])
    assert elsewhere.status_code == 404
    assert (await newest.json2("hr.job", "search_count", {"X-Odoo-Database": "acme"}, domain=[])).json() == 4


async def test_json_2_can_word_refusals_as_texts_alone(build: Build) -> None:
    rig = build(errors="string")
    wrong = await rig.json2("hr.job", "search_count", {"Authorization": "bearer nope"}, domain=[])
    assert (wrong.status_code, wrong.json()) == (401, "Invalid apikey")
    unknown = await rig.json2("hr.candidate", "search", domain=[])
    assert (unknown.status_code, unknown.json()) == (404, "the model 'hr.candidate' does not exist")


async def test_json_2_is_not_there_before_19(build: Build) -> None:
    for version in ("17", "18"):
        rig = build(version=version)
        assert (await rig.json2("hr.job", "search_count", domain=[])).status_code == 404
        assert (await rig.http.get("/web/version")).status_code == 404


async def test_the_version_is_told_to_anybody(build: Build) -> None:
    for version in ("17", "18", "19"):
        rig = build(version=version)
        assert (await rig.xml("common", "version"))["server_version"] == f"{version}.0"
    told = (await rig.http.get("/web/version")).json()
    assert told == {"version": "19.0", "version_info": [19, 0, 0, "final", 0, ""]}


async def test_keys_expire_are_revoked_and_lose_groups(rig: Rig) -> None:
    rig.as_user(INTEGRATION, days=90)
    assert await rig.rpc("hr.job", "search_count", [])
    rig.clock.move(days=91)
    with pytest.raises(OdooError, match="Access Denied"):
        await rig.rpc("hr.job", "search_count", [])
    rig.as_user(INTEGRATION)
    rig.sandbox.faults.add({"kind": "lose_scopes", "scopes": ["settings"]})
    with pytest.raises(OdooError) as refused:
        await rig.rpc("ir.model", "search", [])
    assert refused.value.name == "AccessError"
    assert "Administration/Settings" in refused.value.message
    rig.sandbox.faults.add({"kind": "revoke"})
    with pytest.raises(OdooError, match="AccessDenied"):
        await rig.rpc("hr.job", "search_count", [])


async def test_a_rotated_key_stops_at_once(rig: Rig) -> None:
    old = rig.key["secret"]
    rig.sandbox.faults.add({"kind": "rotate"})
    assert rig.key["secret"] != old
    assert await rig.rpc("hr.job", "search_count", [])
    called = ["acme", INTEGRATION, old, "hr.job", "search", [[]]]
    assert "error" in (await rig.common("object", "execute_kw", called)).json()


async def test_an_archived_user_has_no_working_key(rig: Rig) -> None:
    rig.sandbox.db.change("users", INTEGRATION, PERSON, {"active": False})
    with pytest.raises(OdooError, match="AccessDenied"):
        await rig.rpc("hr.job", "search_count", [])


async def test_a_plan_without_the_interface_lets_no_program_in(build: Build) -> None:
    rig = build(plan="standard")
    with pytest.raises(OdooError, match="Access Denied"):
        await rig.rpc("hr.job", "search_count", [])
    assert (await rig.json2("hr.job", "search_count", domain=[])).status_code == 403


async def test_an_officer_manages_applicants_but_not_the_database(rig: Rig) -> None:
    rig.as_user(ROBIN)
    id = await rig.applicant()
    await rig.rpc("hr.applicant", "write", [id], {"priority": "2"})
    for model in ("ir.model", "ir.model.fields", "base.automation"):
        with pytest.raises(OdooError, match="AccessError"):
            await rig.rpc(model, "search", [])
    with pytest.raises(OdooError, match="Employees/Officer"):
        await rig.rpc("hr.applicant", "create_employee_from_applicant", [id])


async def test_an_interviewer_sees_only_their_own_and_no_salaries(rig: Rig) -> None:
    mine, other = await rig.applicant(), await rig.applicant(email_from="b@example.org", job_id=12)
    jobs = rig.sandbox.db["jobs"]
    assert VIKTOR in jobs.rows[11]["interviewer_ids"]
    assert NOOR in jobs.rows[12]["interviewer_ids"]
    rig.as_user(VIKTOR)
    assert await rig.rpc("hr.applicant", "search", []) == [mine]
    with pytest.raises(OdooError, match="doesn't have 'read' access"):
        await rig.one("hr.applicant", other, "partner_name")
    with pytest.raises(OdooError, match="do not have enough rights"):
        await rig.one("hr.applicant", mine, "salary_expected")
    assert "salary_expected" not in await rig.one("hr.applicant", mine)
    assert "salary_expected" not in await rig.rpc("hr.applicant", "fields_get")
    with pytest.raises(OdooError, match="not allowed to delete"):
        await rig.rpc("hr.applicant", "unlink", [mine])


async def test_companies_are_those_of_the_context(build: Build) -> None:
    rig = build(companies=2)
    first, second = rig.sandbox.db["companies"].ids
    far = rig.sandbox.db["jobs"].ids[-1]
    here, there = await rig.applicant(), await rig.applicant(email_from="b@example.org", job_id=far)
    found = await rig.rpc("hr.applicant", "search", [], context={"allowed_company_ids": [first]})
    assert found == [here]
    assert set(await rig.rpc("hr.applicant", "search", [])) == {here, there}
    with pytest.raises(OdooError, match="unauthorized or invalid companies"):
        await rig.rpc("hr.applicant", "search", [], context={"allowed_company_ids": [first, second, 99]})


async def test_private_and_unknown_methods_and_models_are_refused(rig: Rig) -> None:
    with pytest.raises(OdooError, match="Private methods"):
        await rig.rpc("hr.applicant", "_write", [1], {})
    with pytest.raises(OdooError) as unknown:
        await rig.rpc("hr.applicant", "fly", [1])
    assert unknown.value.name == "AttributeError"
    with pytest.raises(OdooError, match=r"Object hr.nothing doesn't exist"):
        await rig.rpc("hr.nothing", "search", [])
    persons = rig.sandbox.options.version == "18"
    assert ("hr.candidate" in rig.sandbox.models) == persons
    if not persons:
        with pytest.raises(OdooError, match=r"Object hr.candidate doesn't exist"):
            await rig.rpc("hr.candidate", "search", [])


async def test_json_2_checks_names_of_arguments(newest: Rig) -> None:
    extra = await newest.json2("hr.applicant", "search", domain=[], wrong=1)
    assert extra.status_code == 422
    assert "unexpected keyword argument 'wrong'" in extra.json()["message"]
    absent = await newest.json2("hr.applicant", "write", ids=[1])
    assert absent.status_code == 422
    assert "vals" in absent.json()["message"]
    on_model = await newest.json2("hr.applicant", "search", ids=[1], domain=[])
    assert on_model.status_code == 422
    assert "with ids" in on_model.json()["message"]
    assert (await newest.json2("hr.applicant", "fly", ids=[1])).status_code == 404
    assert (await newest.http.get("/json/2/hr.applicant")).json()["message"].startswith("Did you mean POST")
    sent = {"Authorization": f"bearer {newest.key['secret']}", "Content-Type": "application/json"}
    broken = await newest.http.post("/json/2/hr.job/search", content=b"{", headers=sent)
    assert broken.status_code == 400
    assert "could not parse" in broken.json()["message"]
    form = await newest.http.post(
        "/json/2/hr.job/search", data={"domain": "[]"}, headers={**sent, "Content-Type": "text/plain"}
    )
    assert form.status_code == 415


async def test_refusals_over_json_2_have_the_status_of_their_kind(newest: Rig) -> None:
    gone = await newest.json2("hr.applicant", "read", ids=[9], fields=["id"])
    assert (gone.status_code, gone.json()["name"]) == (404, "odoo.exceptions.MissingError")
    field = await newest.json2("hr.applicant", "search", domain=[["nope", "=", 1]])
    assert (field.status_code, field.json()["name"]) == (500, "builtins.ValueError")
    newest.as_user(ROBIN)
    assert (await newest.json2("ir.model", "search", domain=[])).status_code == 403


async def test_a_proxy_may_have_a_limit_that_odoo_has_not(build: Build) -> None:
    from bascule.sandbox.odoo import Rate

    rig = build(rate=Rate(2, 60.0))
    answers = [await rig.rpc_raw("hr.job", "search", []) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "nginx" in answers[-1].text
    assert "retry-after" not in answers[-1].headers
    rig.clock.move(seconds=61)
    assert (await rig.rpc_raw("hr.job", "search", [])).status_code == 200
