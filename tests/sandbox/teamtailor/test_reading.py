"""Documents, what is included, filters, order, pages, files."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import pypdfium2
import pytest

from bascule.sandbox.teamtailor import people, pipeline

from .conftest import Make, Tt


async def test_relations_have_no_ids_unless_they_are_included(tt: Tt) -> None:
    made = await tt.application()
    bare = (await tt.get("job-applications"))["data"][0]
    assert all(set(one) == {"links"} for one in bare["relationships"].values())
    full = await tt.get("job-applications", include="candidate,job,stage,reject-reason")
    linked = {name: one["data"] for name, one in full["data"][0]["relationships"].items()}
    assert linked == {"candidate": {"type": "candidates", "id": made["candidate"]}, "job": {"type": "jobs", "id": "7199"},
                      "stage": {"type": "stages", "id": str(tt.stage("Inbox"))}, "reject-reason": None}  # fmt: skip
    assert {(one["type"], one["id"]) for one in full["included"]} == {
        ("candidates", made["candidate"]), ("jobs", "7199"), ("stages", str(tt.stage("Inbox")))}  # fmt: skip
    assert "included" not in await tt.get("job-applications")


async def test_what_is_included_can_lead_on(tt: Tt) -> None:
    made = await tt.application()
    answer = await tt.get(f"candidates/{made['candidate']}", include="job-applications.stage,job-applications.job")
    application = next(one for one in answer["included"] if one["type"] == "job-applications")
    assert application["relationships"]["stage"]["data"]["id"] == str(tt.stage("Inbox"))
    assert application["relationships"]["job"]["data"]["id"] == "7199"
    assert "data" not in application["relationships"]["candidate"]
    assert {one["type"] for one in answer["included"]} == {"job-applications", "stages", "jobs"}


async def test_related_objects_and_their_ids_have_addresses(tt: Tt) -> None:
    made = await tt.application()
    own = (await tt.get(f"job-applications/{made['id']}"))["data"]["relationships"]
    assert (await tt.get(own["job"]["links"]["related"]))["data"]["id"] == "7199"
    assert (await tt.get(own["reject-reason"]["links"]["related"]))["data"] is None
    assert (await tt.get(own["stage"]["links"]["self"]))["data"] == {"type": "stages", "id": str(tt.stage("Inbox"))}
    ladder = await tt.get("jobs/7199/stages", sort="row-order")
    names = [one["attributes"]["name"] for one in ladder["data"]]
    assert (names[0], names[-1]) == ("Inbox", "Hired")
    assert ladder["data"][0]["attributes"]["row-order"] < 0
    assert (await tt.call("GET", "jobs/7199/notes")).status_code == 404


async def test_only_the_fields_that_are_asked_for(tt: Tt) -> None:
    await tt.application()
    answer = await tt.get("job-applications", **{"include": "candidate", "fields[candidates]": "email",
                                                 "fields[job-applications]": "rejected-at,candidate"})  # fmt: skip
    assert list(answer["data"][0]["attributes"]) == ["rejected-at"]
    assert list(answer["data"][0]["relationships"]) == ["candidate"]
    assert list(answer["included"][0]["attributes"]) == ["email"]


@pytest.mark.parametrize(("params", "code"), [
    ({"include": "jobs"}, "112"), ({"include": "activities.note"}, "112"), ({"filter[name]": "x"}, "102"),
    ({"filter[updated-at]": "2026-01-01"}, "102"), ({"filter[updated-at][after]": "2026-01-01"}, "102"),
    ({"filter[updated-at][from]": "yesterday"}, "107"), ({"filter[connected]": "maybe"}, "107"), ({"sort": "tags"}, "114"),
    ({"page[size]": "31"}, "118"), ({"page[size]": "0"}, "118"), ({"page[number]": "-1"}, "118"),
    ({"page[after]": "abc"}, "105"),
])  # fmt: skip
async def test_what_cannot_be_asked_is_400(tt: Tt, params: dict[str, str], code: str) -> None:
    answer = await tt.call("GET", "candidates", params=params)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


async def test_a_plus_that_is_not_escaped_is_no_offset(tt: Tt) -> None:
    broken = await tt.call("GET", "candidates?filter[updated-at][from]=2026-11-20T10:00:00+01:00")
    assert broken.status_code == 400
    assert (await tt.call("GET", "candidates?filter[updated-at][from]=2026-11-20T10:00:00%2B01:00")).status_code == 200


async def test_pages_have_counts_and_links(make: Make) -> None:
    tt = make(candidates=25)
    first = await tt.get("candidates")
    assert (len(first["data"]), first["meta"]) == (10, {"record-count": 25, "page-count": 3})
    assert "prev" not in first["links"]
    last = await tt.get(first["links"]["last"])
    assert (len(last["data"]), "next" in last["links"]) == (5, False)
    assert last["links"]["prev"].endswith("page%5Bnumber%5D=2&page%5Bsize%5D=10")
    beyond = await tt.get("candidates", **{"page[number]": 9})
    assert beyond["data"] == []
    assert beyond["meta"]["record-count"] == 25
    rows = await tt.every("candidates", **{"page[size]": 7, "sort": "-id"})
    assert [one["id"] for one in rows] == sorted((one["id"] for one in rows), key=int, reverse=True)


async def test_an_empty_list_has_no_page_and_still_a_first(tt: Tt) -> None:
    answer = await tt.get("notes")
    assert answer["meta"] == {"record-count": 0, "page-count": 0}
    assert set(answer["links"]) == {"first", "last"}


async def test_pages_move_while_rows_go_and_change(make: Make) -> None:
    """Who reads by numbers misses somebody when another is deleted, and who orders by change when another is changed."""
    tt = make(candidates=20)
    everyone = {one["id"] for one in await tt.every("candidates")}
    first = await tt.get("candidates")
    people.delete(tt.sandbox, tt.person, int(first["data"][0]["id"]))
    second = await tt.get(first["links"]["next"])
    missed = everyone - {one["id"] for one in [*first["data"], *second["data"]]}
    assert len(missed) == 1

    ordered = await tt.get("candidates", sort="updated-at")
    people.update(tt.sandbox, tt.person, int(ordered["data"][0]["id"]), {"phone": "+46 8 1"})
    rest = await tt.get(ordered["links"]["next"])
    assert ordered["data"][0]["id"] in {one["id"] for one in rest["data"]}, "it comes again at the end"


async def test_time_filters_are_exact_to_the_millisecond(make: Make) -> None:
    for bounds, expected in (("inclusive", [1, 1]), ("exclusive", [0, 0])):
        tt = make(bounds=bounds)
        tt.clock.at = datetime.fromisoformat("2026-11-20T09:00:00.123456+00:00")
        made = await tt.candidate()
        shown = made["attributes"]["updated-at"]
        assert shown == "2026-11-20T10:00:00.123+01:00"
        counts = [(await tt.get("candidates", **{f"filter[updated-at][{part}]": shown}))["meta"]["record-count"]
                  for part in ("from", "to")]  # fmt: skip
        assert counts == expected
        before, after = "2026-11-20T10:00:00.122+01:00", "2026-11-20T09:00:00.124Z"
        both = {"filter[updated-at][from]": before, "filter[updated-at][to]": after}
        assert (await tt.get("candidates", **both))["meta"]["record-count"] == 1
        assert (await tt.get("candidates", **{"filter[created-at][from]": after}))["meta"]["record-count"] == 0
        # Without an offset it is the company's own time.
        assert (await tt.get("candidates", **{"filter[created-at][from]": "2026-11-20T10:00:01"}))["data"] == []


async def test_times_are_told_in_the_companys_zone_summer_and_winter(make: Make) -> None:
    tt = make(zone="America/New_York")
    winter = await tt.candidate()
    tt.clock.at = datetime.fromisoformat("2027-07-01T12:00:00+00:00")
    summer = await tt.candidate(email="other@example.org")
    assert winter["attributes"]["created-at"].endswith("-05:00")
    assert summer["attributes"]["created-at"] == "2027-07-01T08:00:00.000-04:00"


async def test_applications_by_stage_type_job_and_time_of_move(tt: Tt) -> None:
    first, second = await tt.application(), await tt.application(7_200)
    tt.clock.move(hours=1)
    pipeline.update(tt.sandbox, tt.person, int(first["id"]), {"stage_id": tt.stage("Phone Screen")})

    async def ids(**params: str) -> list[str]:
        return [one["id"] for one in (await tt.get("job-applications", **params))["data"]]

    assert await ids(**{"filter[stage-type]": "In process"}) == [first["id"]]
    assert await ids(**{"filter[stage-type]": "inbox"}) == [second["id"]]
    assert await ids(**{"filter[job]": "7200"}) == [second["id"]]
    assert await ids(**{"filter[changed-stage-at][from]": "2026-11-20T10:30:00+01:00"}) == [first["id"]]
    assert await ids(sort="-changed_stage_at") == [first["id"], second["id"]]
    assert (await tt.call("GET", "job-applications?filter[job-id]=7200")).status_code == 400
    assert (await tt.call("GET", "job-applications?filter[stage-type]=Rejected")).status_code == 400


async def test_the_documented_surface_has_less(make: Make) -> None:
    tt = make(surface="documented", candidates=3)
    for path in (
        "job-applications?filter[job]=7199",
        "stages?filter[job]=7199",
        "custom-field-values?filter[custom-field]=1",
    ):
        assert (await tt.call("GET", path)).status_code == 400
    assert (await tt.call("GET", "interviews")).status_code == 404
    assert "owner-type" not in (await tt.get("custom-fields"))["data"][0]["attributes"]
    made = await tt.application(7_202)
    answer = await tt.get("jobs/7202/candidates", include="job-applications")
    linked = {row["id"]: row["relationships"]["job-applications"]["data"] for row in answer["data"]}
    assert {"type": "job-applications", "id": made["id"]} in linked[made["candidate"]]


async def test_jobs_are_only_the_published_ones_unless_asked(make: Make) -> None:
    tt = make(dirty=True)

    async def states(**params: str) -> set[str]:
        return {one["attributes"]["human-status"] for one in await tt.every("jobs", **params)}

    assert await states() == {"published"}
    assert await states(**{"filter[status]": "archived,draft"}) == {"archived", "draft"}
    assert await states(**{"filter[status]": "all"}) == {
        "published",
        "archived",
        "unlisted",
        "draft",
        "scheduled",
        "expired",
    }
    titles = [one["attributes"]["title"] for one in await tt.every("jobs", **{"filter[status]": "all"})]
    assert "Chief Financial Officer" not in titles, "internal jobs are in another feed"
    both = await tt.every("jobs", **{"filter[status]": "all", "filter[feed]": "public,internal"})
    assert "Chief Financial Officer" in [one["attributes"]["title"] for one in both]
    assert (await tt.call("GET", "jobs?filter[status]=open")).status_code == 400, "a status of a job is no filter"


async def test_rejected_applications_stay_in_their_stage_and_are_counted_apart(tt: Tt) -> None:
    made, _ = await tt.application(), await tt.application()
    pipeline.reject(tt.sandbox, tt.person, int(made["id"]), tt.sandbox.db["reject_reasons"].ids[0])
    inbox = (await tt.get(f"stages/{tt.stage('Inbox')}"))["data"]["attributes"]
    assert (inbox["active-job-applications-count"], inbox["rejected-job-applications-count"]) == (1, 1)
    shown = (await tt.get(f"job-applications/{made['id']}", include="stage"))["data"]
    assert shown["relationships"]["stage"]["data"]["id"] == str(tt.stage("Inbox"))


async def test_a_cv_can_be_had_for_thirty_seconds_and_only_without_a_key(make: Make) -> None:
    tt = make(candidates=1)
    shown = (await tt.get("candidates"))["data"][0]["attributes"]
    assert (await tt.get("uploads"))["meta"]["record-count"] == len(
        [one for one in tt.sandbox.db["attachments"] if one["kind"] == "upload"]), "a resume is no upload"  # fmt: skip
    tt.clock.move(seconds=29)
    got = await tt.http.get(shown["resume"])
    assert (got.status_code, got.headers["content-type"]) == (200, "application/pdf")
    text = pypdfium2.PdfDocument(BytesIO(got.content))[0].get_textpage().get_text_bounded()
    assert shown["last-name"] in text
    doubly = await tt.call("GET", shown["resume"])
    assert (doubly.status_code, "Only one auth mechanism" in doubly.text) == (400, True)
    tt.clock.move(seconds=1)
    late = await tt.http.get(shown["resume"])
    assert (late.status_code, "Request has expired" in late.text) == (403, True)
    again = (await tt.get("candidates"))["data"][0]["attributes"]["resume"]
    assert (await tt.http.get(again)).status_code == 200
    assert (await tt.http.get(again.replace("Signature=", "Signature=0"))).status_code == 403
    assert (await tt.http.get(again.replace("Expires=30", "Expires=99"))).status_code == 403


async def test_other_files_can_be_had_for_a_minute(tt: Tt) -> None:
    person = await tt.candidate()
    people.keep(tt.sandbox, tt.person, int(person["id"]), "upload", "zeugnis.txt", b"Zeugnis", internal=True)
    shown = (await tt.get(f"candidates/{person['id']}/uploads"))["data"][0]["attributes"]
    assert (shown["file-name"], shown["internal"]) == ("zeugnis.txt", True)
    tt.clock.move(seconds=59)
    assert (await tt.http.get(shown["url"])).content == b"Zeugnis"
    tt.clock.move(seconds=1)
    assert (await tt.http.get(shown["url"])).status_code == 403


async def test_a_list_may_be_behind_while_one_object_is_not(make: Make) -> None:
    tt = make(list_lag=5)
    made = await tt.candidate()
    assert (await tt.get("candidates"))["data"] == []
    assert (await tt.get(f"candidates/{made['id']}"))["data"]["id"] == made["id"]
    tt.clock.move(seconds=6)
    assert len((await tt.get("candidates"))["data"]) == 1


async def test_the_seed_makes_the_same_company(make: Make) -> None:
    one, two = make(candidates=8, dirty=True), make(candidates=8, dirty=True)
    assert one.key == two.key
    assert await one.every("candidates", **{"fields[candidates]": "email,tags"}) == await two.every(
        "candidates", **{"fields[candidates]": "email,tags"}
    )
    assert one.sandbox.db.log == [change for change in one.sandbox.db.log if change.object == "credentials"]
