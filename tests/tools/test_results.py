"""What a tool says of an application: into fields of its own, here and in the ATS, and never further than a gate lets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.databases import both_databases
from tests.engine.kit import DANA, OWNER, ROBIN, STAGE_TYPES, Builder
from tests.tools.conftest import Place, Tool, door

from bascule.core import mapping
from bascule.core.reviews import APPROVE
from bascule.model import FieldClass, Kind, Mode, ReviewKind, field_spec
from bascule.sandbox.greenhouse import pipeline

GOOD: dict[str, Any] = {
    "version": 1,
    "score": 71.5,
    "reasons": ["Six years of Python", "Runs Kubernetes"],
    "skills": ["Kubernetes", "Python"],
    "status": "worth a call",
}


async def typed(place: Place) -> None:
    """The stages' types are confirmed, so that it is known which way a move goes."""
    await place.house.app.mappings.confirm(place.house.name, STAGE_TYPES, OWNER)
    await place.house.quiet()


async def fields(place: Place, tool: Tool) -> None:
    """The tool's fields in the ATS."""
    made = await place.house.app.accounts.create_fields(place.house.name, OWNER)
    assert list(made.fields) == [f"Bascule {tool.name} {name}" for name in ("score", "reasons", "skills", "status")]


def test_a_tools_fields_are_typed_and_the_ais() -> None:
    score = field_spec(Kind.APPLICATION, "tools.quill.score")
    assert (score.cls, str(score.type), score.label) == (FieldClass.AI_OUTPUT, "number", "quill: score (0-100)")
    assert field_spec(Kind.APPLICATION, "tools.quill.reasons").personal
    with pytest.raises(KeyError):
        field_spec(Kind.APPLICATION, "tools.quill.email")


@both_databases
async def test_a_result_enters_fields_of_the_tools_own(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    ours = await place.house.value(Kind.APPLICATION, ada.application, "match_score")
    answer = await tool.say(await place.id(ada), **GOOD)
    assert answer.status_code == 200
    assert answer.json() == {
        "application": await place.id(ada), "version": 1, "changed": True, "note": None, "stage_proposal": None,
    }  # fmt: skip
    said = await place.said(ada)
    assert (said["quill.score"], said["quill.status"]) == (71.5, "worth a call")
    assert said["quill.reasons"] == ("Six years of Python", "Runs Kubernetes")
    assert await place.house.value(Kind.APPLICATION, ada.application, "match_score") == ours
    record = await place.house.record(Kind.APPLICATION, ada.application)
    assert record.sources["tools.quill.score"].actor.name == "quill"


async def test_two_tools_on_one_ats_write_two_fields(place: Place) -> None:
    ada = await place.applied()
    quill = await place.tool()
    await fields(place, quill)
    hawk = await place.tool("hawk-eye")
    made = await place.house.app.accounts.create_fields(place.house.name, OWNER)
    assert list(made.fields) == [f"Bascule hawk eye {name}" for name in ("score", "reasons", "skills", "status")]
    id = await place.id(ada)
    assert (await quill.say(id, **GOOD)).status_code == 200
    assert (await hawk.say(id, version=1, score=12, reasons=["No PostgreSQL"])).status_code == 200
    await place.house.quiet()
    row = place.house.custom(place.house.application(ada.application))
    ours = await place.house.value(Kind.APPLICATION, ada.application, "match_score")
    scores = (row["bascule_quill_score"], row["bascule_hawk_eye_score"], row["bascule_match_score"])
    assert [float(one) for one in scores] == [71.5, 12.0, ours]
    assert row["bascule_quill_reasons"] == "• Six years of Python\n• Runs Kubernetes"
    assert row["bascule_hawk_eye_reasons"] == "• No PostgreSQL"
    assert row["bascule_quill_status"] == "worth a call"
    document = await place.house.app.mappings.document(place.house.name)
    rows = {row.field: row.ats for row in document.rows}
    assert rows["tools.quill.score"] == "custom.bascule_quill_score"
    assert rows["match_score"] == "custom.bascule_match_score"
    place.house.mark()
    await place.house.pass_time(120)
    assert not place.house.written()


async def test_the_same_again_changes_nothing_and_an_older_one_never_overtakes(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    id = await place.id(ada)
    assert (await tool.say(id, version=2, score=60)).json()["changed"]
    assert not (await tool.say(id, version=2, score=60)).json()["changed"]
    late = await tool.say(id, version=1, score=10)
    assert (late.status_code, late.headers["content-type"]) == (409, "application/problem+json")
    assert "newer" in late.json()["title"]
    other = await tool.say(id, version=2, score=61)
    assert other.status_code == 409
    assert "higher version" in other.json()["hint"]
    assert (await place.said(ada))["quill.score"] == 60
    assert (await tool.say(id, version=3)).json()["changed"]
    assert (await place.said(ada))["quill.score"] is None


async def test_what_a_tool_says_is_no_news_to_it(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    await tool.news()
    await tool.say(await place.id(ada), **GOOD)
    await place.house.quiet()
    assert await tool.news() == []


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"score": 101}, "score"),
        ({"score": "high"}, "score"),
        ({"version": 0}, "version"),
        ({"reasons": ["x" * 501]}, "reasons.0"),
        ({"scroe": 5}, "scroe"),
        ({"skills": ["http://data.europa.eu/esco/skill/none"]}, "skills"),
        ({"stage_proposal": "Nowhere"}, "stage_proposal"),
    ],
)
async def test_what_cannot_be_taken_is_told_by_name(place: Place, wrong: dict[str, Any], where: str) -> None:
    ada, tool = await place.applied(), await place.tool()
    answer = await tool.say(await place.id(ada), **{"version": 1, **wrong})
    assert answer.status_code == 422
    told = answer.json()
    assert where in told["title"]
    assert told["hint"]
    assert not await place.said(ada)


async def test_skills_may_be_named_by_their_canonical_ids(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    taxonomy = place.house.app.scoring._matcher.taxonomy
    place.house.app.__dict__["matcher"] = place.house.app.scoring._matcher
    python = next(one for one in taxonomy.concepts if one.label == "Python (computer programming)")
    await tool.say(await place.id(ada), version=1, skills=[python.id, "Rhubarb growing"])
    assert set((await place.said(ada))["quill.skills"]) == {python.label, "Rhubarb growing"}


async def test_a_note_is_made_once_in_the_tools_name(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    id, before = await place.id(ada), len(place.house.notes(ada.candidate))
    assert (await tool.say(id, version=1, score=1, note="Ask about Go.")).json()["note"] == "added"
    assert (await tool.say(id, version=2, score=2, note="Ask about Go.")).json()["note"] == "unchanged"
    await place.house.quiet()
    made = place.house.notes(ada.candidate)[before:]
    assert len(made) == 1
    assert "quill (AI tool):" in made[0]["body"]
    assert "Ask about Go." in made[0]["body"]


async def test_a_stage_proposal_waits_for_a_person_and_the_ats_moves(place: Place) -> None:
    await typed(place)
    ada, tool, other = await place.applied(), await place.tool(), await place.tool("hawk")
    id = await place.id(ada)
    answer = (await tool.say(id, version=1, score=90, stage_proposal="phone screen")).json()["stage_proposal"]
    assert answer["outcome"] == "waits for a person"
    await other.say(id, version=1, stage_proposal="Onsite")
    waiting = [one.review for one in await place.house.open_reviews()]
    assert {one.actor.name for one in waiting if one.kind is ReviewKind.PROPOSAL} == {"quill", "hawk"}
    robin = await place.house.person("Robin Falk", 4_012_003)
    await place.house.app.changes.decide(answer["review"], APPROVE, robin)
    await place.house.pass_time(3)
    here = place.house.application(ada.application)["job_interview_stage_id"]
    assert here == place.house.stage("Backend Engineer", "Phone Screen")["id"]
    [news] = await tool.news()
    assert news["stage"]["name"] == "Phone Screen"
    again = (await tool.say(id, version=2, stage_proposal="Phone Screen")).json()["stage_proposal"]
    assert again["outcome"] == "is there already"
    back = (await tool.say(id, version=3, score=91, stage_proposal="Application Review")).json()
    assert back["stage_proposal"]["outcome"] == "refused"
    assert "backwards" in back["stage_proposal"]["why"]
    assert (await place.said(ada))["quill.score"] == 91


async def test_who_is_unknown_gone_or_shut_off_is_told_apart(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    assert (await tool.say("nobody", version=1)).status_code == 404
    id = await place.id(ada)
    await place.house.app.stops.stop(tool.name, OWNER, "a look")
    stopped = await tool.say(id, version=1)
    assert (stopped.status_code, stopped.headers["retry-after"]) == (503, "30")
    assert (await tool.get("/applications")).status_code == 200
    await place.house.app.stops.release(tool.name, OWNER)
    row = place.house.at.row
    await place.house.app.store.write(
        lambda tx: tx.connections.set(replace(row, settings={**row.settings, "rollout.ai": False}))
    )
    await place.house.app.connections.refresh()
    off = await tool.say(id, version=1)
    assert off.status_code == 409
    assert "switched off" in off.json()["title"]
    [one] = await tool.news()
    assert (one["ai"]["allowed"], one["resume"], list(one["candidate"])) == (False, None, ["id"])
    pipeline.delete(place.house.sandbox, DANA, ada.application)
    await place.house.leap(200)
    assert (await tool.say(id, version=1)).status_code == 410


async def test_in_a_mode_that_writes_nothing_the_ats_is_left_alone(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    await fields(place, tool)
    await place.house.app.accounts.set_mode(place.house.name, Mode.OBSERVE, OWNER)
    place.house.mark()
    await tool.say(await place.id(ada), **GOOD)
    await place.house.pass_time(10)
    assert not place.house.written()
    assert (await place.said(ada))["quill.score"] == 71.5


async def test_a_recruiters_change_of_a_tools_field_is_put_right(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    await fields(place, tool)
    await tool.say(await place.id(ada), **GOOD)
    await place.house.quiet()
    field = next(
        id for id, one in place.house.sandbox.db["custom_fields"].rows.items()
        if one["name_key"] == "bascule_quill_score"
    )  # fmt: skip
    pipeline.update(place.house.sandbox, ROBIN, ada.application, {"custom_fields": [{"id": field, "value": 5}]})
    await place.house.pass_time(30)
    row = place.house.custom(place.house.application(ada.application))
    assert float(row["bascule_quill_score"]) == 71.5


async def test_a_tools_field_that_is_switched_off_is_neither_made_nor_written(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    off = mapping.Choice(on=False)
    await place.house.app.mappings.choose(place.house.name, Kind.APPLICATION, "tools.quill.status", off, OWNER)
    made = await place.house.app.accounts.create_fields(place.house.name, OWNER)
    assert list(made.fields) == [f"Bascule quill {name}" for name in ("score", "reasons", "skills")]
    await tool.say(await place.id(ada), **GOOD)
    await place.house.pass_time(4)
    row = place.house.custom(place.house.application(ada.application))
    assert float(row["bascule_quill_score"]) == 71.5
    assert "bascule_quill_status" not in row
    text = await place.house.app.mappings.export(place.house.name)
    assert "tools.quill.status" in text


async def test_where_only_candidates_have_fields_a_tools_stand_there_and_name_the_job(build: Builder) -> None:
    house = await build.house(Mode.LIVE, tier="standard")
    async with door(house) as there:
        ada, tool = await there.applied(), await there.tool()
        made = await house.app.accounts.create_fields(house.name, OWNER)
        assert "Bascule quill score job" in made.fields
        await tool.say(await there.id(ada), **GOOD)
        await house.pass_time(4)
        row = house.custom(house.candidate(ada.candidate))
        assert float(row["bascule_quill_score"]) == 71.5
        assert row["bascule_quill_score_job"] == "Backend Engineer"
        assert "71.5" in row["bascule_quill_score_by_job"]
        ours = await house.value(Kind.APPLICATION, ada.application, "match_score")
        assert float(row["bascule_match_score"]) == ours
