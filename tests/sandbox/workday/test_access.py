"""Who gets in: name@tenant and password in the envelope, Basic for reports, tokens everywhere; domains; throttling."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from bascule.sandbox.workday import DOMAINS, Rate

from .conftest import PERSON, Build, Rig

REPORT = "/ccx/service/customreport2/sandbox/dwhitfield/Screening_Process_Steps"


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    ("name", "password"),
    [("ISU_Screening@sandbox", "wrong"), ("ISU_Screening", None), ("ISU_Screening@other", None), ("", "")],
)
async def test_a_wrong_user_is_an_authentication_fault_in_http_500(rig: Rig, name: str, password: str | None) -> None:
    header = rig.header(name, password)
    got = await rig.soap("Server_Timestamp_Get", header=header)
    assert (got.status, got.fault) == (500, ("SOAP-ENV:Client.authenticationError", "invalid username or password"))
    assert got.root.find(".//detail") is None


async def test_without_security_or_with_a_digest_nobody_gets_in(rig: Rig) -> None:
    digest = rig.header(kind="http://docs.oasis-open.org/wss#PasswordDigest")
    for header in ("", digest):
        assert (await rig.soap("Server_Timestamp_Get", header=header)).fault[1] == "invalid username or password"
    assert (await rig.soap("Server_Timestamp_Get", tenant="other")).fault[1] == "invalid username or password"


async def test_the_time_of_the_server_is_in_the_tenants_zone(rig: Rig) -> None:
    got = await rig.ok("Server_Timestamp_Get")
    assert got.text("Server_Timestamp_Data") == "2026-11-20T01:00:00.000-08:00"


async def test_a_missing_domain_refuses_its_operation_and_hides_its_elements(rig: Rig) -> None:
    person = rig.person()
    user = rig.credential("isu")
    got = await rig.ok("Get_Candidates_Request")
    assert got.text("Email_Address") == "ada.byron@mail.example"
    rig.sandbox.faults.add(
        {
            "kind": "lose_scopes",
            "scopes": ["Candidate Data: Contact Information", "Move Candidate"],
            "object": f"credentials/{user['id']}",
        }
    )
    got = await rig.ok("Get_Candidates_Request")
    assert got.all("Contact_Data") == []
    assert got.text("First_Name") == "Ada"
    moved = await rig.move(rig.applied(person), "Recruiter Screen")
    assert moved.fault == (
        "SOAP-ENV:Server.processingError",
        "Processing error occurred. The task submitted is not authorized.",
    )
    assert moved.text("Processing_Fault/Detail_Message") == "The task submitted is not authorized."


async def test_a_refresh_token_is_used_again_and_access_tokens_expire(rig: Rig) -> None:
    client = rig.credential("client")
    refresh = rig.sandbox.refresh_token(client)
    first = await rig.token(grant_type="refresh_token", refresh_token=refresh)
    assert first.status_code == 200
    assert first.json()["refresh_token"] == refresh
    assert "expires_in" not in first.json()
    again = await rig.token(grant_type="refresh_token", refresh_token=refresh)
    assert again.json()["access_token"] != first.json()["access_token"]
    headers = {"Authorization": f"Bearer {first.json()['access_token']}"}
    assert (await rig.soap("Server_Timestamp_Get", header="", headers=headers)).status == 200
    assert (await rig.rest("GET", "jobPostings", headers)).status_code == 200
    rig.clock.move(seconds=3600)
    assert (await rig.soap("Server_Timestamp_Get", header="", headers=headers)).status == 401
    assert (await rig.rest("GET", "jobPostings", headers)).status_code == 401


async def test_wrong_clients_and_tokens_are_refused_as_oauth_does(rig: Rig) -> None:
    answer = await rig.token(grant_type="refresh_token", refresh_token="no")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    answer = await rig.token(grant_type="password")
    assert answer.json()["error"] == "unsupported_grant_type"
    answer = await rig.http.post(
        "/ccx/oauth2/sandbox/token", data={"grant_type": "refresh_token"}, headers=basic("a", "b")
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await rig.http.post("/ccx/oauth2/other/token")).status_code == 404


async def test_a_bad_token_at_soap_can_be_a_fault(build: Build) -> None:
    rig = build(expired_token="fault", tells_expiry=True, token_lifetime=60.0)
    got = await rig.soap("Server_Timestamp_Get", header="", headers={"Authorization": "Bearer no"})
    assert (got.status, got.fault[1]) == (500, "invalid username or password")
    refresh = rig.sandbox.refresh_token(rig.credential("client"))
    assert (await rig.token(grant_type="refresh_token", refresh_token=refresh)).json()["expires_in"] == 60


async def test_a_refresh_token_that_is_not_used_expires_where_clients_are_not_marked_otherwise(build: Build) -> None:
    rig = build(refresh_lifetime=86_400.0)
    refresh = rig.sandbox.refresh_token(rig.credential("client"))
    for _ in range(3):
        rig.clock.move(hours=20)
        assert (await rig.token(grant_type="refresh_token", refresh_token=refresh)).status_code == 200
    rig.clock.move(hours=24)
    assert (await rig.token(grant_type="refresh_token", refresh_token=refresh)).status_code == 400


async def test_a_worker_consents_and_the_code_is_good_once(rig: Rig) -> None:
    client = rig.credential("client")
    asked = {
        "client_id": client["client_id"],
        "response_type": "code",
        "redirect_uri": "http://127.0.0.1/callback",
        "login_hint": "Mei Tanaka",
        "state": "s",
    }
    page = await rig.http.get("/sandbox/authorize", params=asked)
    assert "Mei Tanaka" in page.text
    answer = await rig.http.post("/sandbox/authorize", params=asked, data={"allow": "yes"})
    code = dict(part.split("=") for part in answer.headers["location"].split("?")[1].split("&"))["code"]
    given = await rig.token(grant_type="authorization_code", code=code)
    headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
    assert (await rig.rest("GET", "interviews", headers)).status_code == 200
    assert (await rig.rest("GET", "prospects/1", headers)).status_code == 403, "an interviewer sees no prospects"
    assert (await rig.token(grant_type="authorization_code", code=code)).status_code == 400


async def test_a_client_without_the_functional_area_reads_nothing(rig: Rig) -> None:
    client = rig.credential("client")
    rig.sandbox.faults.add({"kind": "lose_scopes", "scopes": ["Recruiting"], "object": f"credentials/{client['id']}"})
    headers = await rig.bearer()
    assert (await rig.rest("GET", "jobPostings", headers)).status_code == 403
    got = await rig.soap("Get_Candidates_Request", header="", headers=headers)
    assert got.fault[0] == "SOAP-ENV:Server.processingError"


async def test_reports_take_basic_with_the_bare_name_too_unless_the_tenant_does_not(rig: Rig, build: Build) -> None:
    secret = rig.credential("isu")["secret"]
    for name in ("ISU_Screening", "ISU_Screening@sandbox"):
        assert (await rig.http.get(REPORT, params={"format": "json"}, headers=basic(name, secret))).status_code == 200
    wrong = await rig.http.get(REPORT, headers=basic("ISU_Screening", "no"))
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, 'Basic realm="Workday"')
    assert (await rig.http.get(REPORT, headers=await rig.bearer())).status_code == 200
    strict = build(basic_name="full")
    assert (await strict.http.get(REPORT, headers=basic("ISU_Screening", secret))).status_code == 401


async def test_rest_does_not_take_basic(rig: Rig) -> None:
    answer = await rig.rest("GET", "jobPostings", basic("ISU_Screening@sandbox", rig.credential("isu")["secret"]))
    assert answer.status_code == 401


async def test_passwords_are_replaced_and_users_revoked(rig: Rig) -> None:
    user = rig.credential("isu")
    old = user["secret"]
    rig.sandbox.rotate(PERSON, user["id"], timedelta())
    assert (await rig.soap("Server_Timestamp_Get", header=rig.header(password=old))).status == 500
    assert (await rig.soap("Server_Timestamp_Get")).status == 200
    headers = await rig.bearer()
    rig.sandbox.revoke(PERSON, user["id"])
    assert (await rig.soap("Server_Timestamp_Get")).status == 500
    assert (await rig.rest("GET", "jobPostings", headers)).status_code == 401


async def test_too_many_requests_are_a_500_at_soap_and_a_429_elsewhere_without_a_hint_when_to_come_back(
    build: Build,
) -> None:
    rig = build(rate=Rate(2, 1.0))
    headers = await rig.bearer()
    for _ in range(2):
        assert (await rig.soap("Server_Timestamp_Get")).status == 200
    got = await rig.soap("Server_Timestamp_Get")
    assert got.status == 500
    assert got.all("Validation_Fault") == []
    rest = await rig.rest("GET", "jobPostings", headers)
    report = await rig.http.get(REPORT, headers=headers)
    assert (rest.status_code, report.status_code) == (429, 429)
    for answer in (got.response, rest, report):
        assert not [name for name in answer.headers if "rate" in name.lower() or name.lower() == "retry-after"]
    rig.clock.move(seconds=1)
    assert (await rig.soap("Server_Timestamp_Get")).status == 200


async def test_who_sends_invalid_requests_again_and_again_gets_429(build: Build) -> None:
    rig = build(invalid=Rate(3, 60.0))
    for _ in range(3):
        assert (await rig.soap("Get_Candidates_Request", "<wd:Nonsense/>")).status == 500
    assert (await rig.soap("Get_Candidates_Request", "<wd:Nonsense/>")).status == 429
    assert (await rig.soap("Server_Timestamp_Get")).status == 200, "valid ones are answered"


async def test_reports_have_a_ceiling_of_their_own(build: Build) -> None:
    rig = build(extracts=Rate(1, 3600.0))
    headers = await rig.bearer()
    assert (await rig.http.get(REPORT, headers=headers)).status_code == 200
    assert (await rig.http.get(REPORT, headers=headers)).status_code == 429
    assert (await rig.soap("Server_Timestamp_Get")).status == 200


def test_a_new_user_has_the_domains_it_is_given(rig: Rig) -> None:
    row = rig.sandbox.open_user(PERSON, "ISU_Two", ["Candidate Data"])
    assert row["scopes"] == ["Candidate Data"]
    assert set(rig.credential("isu")["scopes"]) == set(DOMAINS)
