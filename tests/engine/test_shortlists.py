"""Shortlists for hiring managers: seen by a link, answered in their name, deciding nothing."""

from __future__ import annotations

import pytest
from tests.databases import both_databases

from bascule.errors import ForbiddenError, InputError, NotFoundError
from bascule.model import Kind
from bascule.office.shortlists import Made, Wanted
from bascule.sandbox.greenhouse import pipeline

from .kit import DANA, OWNER, ROBIN, Applied, House

DANA_W = "Dana Whitfield"


async def three(house: House, *, redacted: bool = False, code: bool = False) -> tuple[Made, list[Applied], str]:
    """A list of three people, and its job."""
    people = [
        await house.apply(first, last, f"{first.lower()}@example.org", more=more)
        for first, last, more in (("Ada", "Byron", ""), ("Bo", "Ek", "Django"), ("Cy", "Dahl", ""))
    ]
    await house.quiet()
    job = str((await house.record(Kind.APPLICATION, people[0].application)).fields["job"])
    wanted = Wanted(DANA_W, top=3, redacted=redacted, code=code)
    return await house.app.shortlists.make(job, wanted, OWNER), people, job


def secret(made: Made) -> str:
    return made.link.rpartition("/")[2]


@both_databases
async def test_feedback_goes_to_the_ats_with_who_and_when_and_a_skip_is_only_proposed(house: House) -> None:
    made, _, _ = await three(house)
    token, managers = secret(made), house.app.managers
    shown = await managers.open(token, "")
    assert [one.number for one in shown.people] == [1, 2, 3]
    assert all(one.score and one.reasons and "Northwind" in one.resume for one in shown.people)
    first, second, third = (house_id(house, one.name) for one in shown.people)
    await managers.say(token, "", 1, "approve", "Has built what we need.\nSoon, please.")
    await managers.say(token, "", 2, "maybe", "")
    await managers.say(token, "", 3, "skip", "<script>alert(1)</script>")
    await managers.say(token, "", 3, "skip", "<script>alert(1)</script>")
    await house.pass_time(12)
    feedback = [
        house.custom(house.application(one.application))["bascule_manager_feedback"] for one in (first, second, third)
    ]
    assert feedback[0] == "Dana Whitfield, 20 Nov 2026: approve. Has built what we need. Soon, please."
    assert feedback[1] == "Dana Whitfield, 20 Nov 2026: maybe."
    notes = [one["body"] for one in house.notes(third.candidate) if DANA_W in one["body"]]
    assert len(notes) == 1, "said twice, it is one note"
    assert "on the shortlist for Backend Engineer: skip." in notes[0]
    (asked,) = await house.open_reviews()
    assert (asked.review.kind, asked.review.field, asked.review.detail["proposed"]) == (
        "proposal",
        "status",
        "rejected",
    )
    assert asked.review.actor.name == DANA_W
    assert house.application(third.application)["status"] == "in_process", "a skip rejects nobody"
    await managers.say(token, "", 3, "maybe", "On second thoughts")
    assert not await house.open_reviews(), "who changes their mind asks no more"


def house_id(house: House, name: str) -> Applied:
    first = name.split()[0]
    row = next(one for one in house.sandbox.db["candidates"] if one["first_name"] == first)
    (application,) = house.sandbox.db["applications"].where("candidate_id", row["id"])
    return Applied(row["id"], application["id"])


async def test_a_recruiter_answers_the_proposal_and_it_is_done_as_them(house: House) -> None:
    made, _, _ = await three(house)
    shown = await house.app.managers.open(secret(made), "")
    await house.app.managers.say(secret(made), "", 1, "skip", "Too far away")
    (asked,) = await house.open_reviews()
    robin = await house.person("Robin Falk", ROBIN.user_id or 0)
    with pytest.raises(InputError, match="reason"):
        await house.app.changes.decide(asked.review.id, "approve", robin)
    reason = await house.record(Kind.REJECTION_REASON, next(iter(house.sandbox.db["rejection_reasons"]))["id"])
    await house.app.changes.decide(asked.review.id, "approve", robin, reason.id)
    await house.pass_time(12)
    who = house_id(house, shown.people[0].name)
    assert house.application(who.application)["status"] == "rejected", [
        (x.write.why, x.write.call) for x in await house.open_failures()
    ]
    assert [one.number for one in (await house.app.managers.open(secret(made), "")).people] == [2, 3]


async def test_the_list_is_live(house: House) -> None:
    made, _, _ = await three(house)
    token = secret(made)
    people = (await house.app.managers.open(token, "")).people
    gone, moved = house_id(house, people[0].name), house_id(house, people[1].name)
    screen = house.stage("Backend Engineer", "Phone Screen")["id"]
    now = house.application(moved.application)["job_interview_stage_id"]
    pipeline.move(house.sandbox, DANA, moved.application, {"from_stage_id": now, "to_stage_id": screen})
    await house.app.erasures.begin((await house.record(Kind.CANDIDATE, gone.candidate)).id, OWNER)
    await house.pass_time(60)
    shown = await house.app.managers.open(token, "")
    assert ([one.number for one in shown.people], shown.left) == ([3], 1), "the erased one is not even counted"
    for number in (1, 2, 9):
        with pytest.raises(NotFoundError):
            await house.app.managers.say(token, "", number, "approve", "")


async def test_a_redacted_list_names_nobody(house: House) -> None:
    made, _, _ = await three(house, redacted=True)
    shown = await house.app.managers.open(secret(made), "")
    told = "\n".join(f"{one}" for one in shown.people)
    for name in ("Ada", "Byron", "Dahl", "@example.org", "7946"):
        assert name not in told
    assert [one.name for one in shown.people] == ["Candidate 1", "Candidate 2", "Candidate 3"]
    assert "Python" in told


async def test_a_link_with_a_code_opens_for_one_browser_and_not_for_guesses(house: House) -> None:
    made, _, job = await three(house, code=True)
    token, managers, shortlists = secret(made), house.app.managers, house.app.shortlists
    assert ((await managers.open(token, "")).ends, (await managers.open(token, "")).people) == ("code", ())
    with pytest.raises(ForbiddenError):
        await managers.say(token, "", 1, "approve", "")
    proof = await managers.prove(token, f"{made.code[:4]} {made.code[4:]}")
    assert len((await managers.open(token, proof)).people) == 3
    with pytest.raises(ForbiddenError):
        await managers.prove(token, made.code)  # it works once
    again = await shortlists.renew(made.shortlist.id, OWNER)
    with pytest.raises(NotFoundError):
        await managers.open(token, proof)
    assert (await managers.open(secret(again), proof)).ends == "code", "what opened the old link opens no new one"
    for guess in range(6):
        with pytest.raises(ForbiddenError):
            await managers.prove(secret(again), f"{(int(again.code) + 1 + guess) % 10**8:08d}")
    with pytest.raises(ForbiddenError):
        await managers.prove(secret(again), again.code)
    assert (await managers.open(secret(again), "")).ends == "locked"
    await shortlists.revoke(made.shortlist.id, OWNER)
    with pytest.raises(NotFoundError):
        await managers.open(secret(again), "")
    (told,) = await shortlists.of(job)
    assert (told["link"], told["revoked"] is not None) == ("", True)


async def test_what_cannot_be_a_list_is_refused(house: House) -> None:
    made, _, job = await three(house)
    for wrong in (
        Wanted("", top=1), Wanted("Dana", top=0), Wanted("Dana", top=99), Wanted("Dana", email="dana", top=1),
        Wanted("Dana", people=["nobody"]), Wanted("Dana", top=1, days=0),
    ):  # fmt: skip
        with pytest.raises(InputError):
            await house.app.shortlists.make(job, wrong, OWNER)
    with pytest.raises(InputError):
        await house.app.managers.say(secret(made), "", 1, "reject", "")
    screening = house.app.applicants
    with pytest.raises(NotFoundError):
        await screening.form(secret(made))
