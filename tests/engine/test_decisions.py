"""Whoever is to decide is told once, by one letter for many things, and decides by a link as their own ATS user."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bascule.core.reviews import APPROVE, DECLINE
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.hiring.mail import Server
from bascule.hiring.notices import UNTOLD
from bascule.model import Actor, ActorKind, Kind
from bascule.office.decisions import reasons_at
from bascule.office.shortlists import Wanted
from bascule.office.tasks import TaskKind
from bascule.office.tasks import Wanted as Listed
from bascule.sandbox.greenhouse import pipeline
from bascule.store.people import User
from bascule.store.triggers import FiringState

from .kit import OWNER, ROBIN, STAGE_TYPES, House
from .mailbox import Mailbox, mailbox
from .test_screening import invited
from .test_triggers import RECEIVED, screened, states

PROPOSE = (
    "on:\n  on: yes\n  why: w\n  owner: olga@tenant.example\n  when: {score: over 10}\n  do: propose\n"
    "  with: {stage: screen}\n"
)


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, Server]]:
    with mailbox() as found:
        yield found


@pytest.fixture
async def ruled(house: House, box: tuple[Mailbox, Server]) -> House:
    """A customer whose job has a recruiter in the ATS who has never logged in here."""
    user = User("owner", house.app.workspace, "olga@tenant.example", "Olga Owner", "owner", house.clock())

    await house.app.store.write(lambda tx: tx.people.set_user(user))
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    await house.app.message_desk.set_server(box[1], OWNER)
    box[0].letters.clear()
    return house


def link(box: Mailbox, number: int = -1) -> str:
    text = box.letters[number].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return next(line for line in text.splitlines() if "/decide/" in line).rpartition("/")[2]


async def test_one_letter_for_many_and_one_answer_for_a_batch(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    await house.app.trigger_desk.save(RECEIVED, OWNER)
    for number in range(3):
        await house.apply(f"P{number}", "Byron", f"p{number}@example.org")
    await house.pass_time(80)
    (letter,) = box[0].letters
    assert letter["Subject"] == "3 things wait for your decision"
    assert "Byron" not in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    token = link(box[0])
    desk = await house.app.decisions.open(token)
    assert desk.batches == {"thanks": 3}
    assert {one.name for one in desk.items} == {"P0 Byron", "P1 Byron", "P2 Byron"}
    tasks = await house.app.tasks.list(Listed(TaskKind.REVIEW))
    assert [one.assignee for one in tasks] == [desk.person] * 3  # the recruiter's, not the connection's owner's
    first = desk.items[0]
    await house.app.decisions.decide(token, first.id, DECLINE)
    with pytest.raises(ConflictError, match=r"decided this before you: decline"):
        await house.app.decisions.decide(token, first.id, APPROVE)
    assert await house.app.decisions.batch(token, "thanks", APPROVE) == (2, 0)
    await house.pass_time(20)
    assert len(box[0].letters) == 3
    assert sorted(state for _, state in await states(house)) == [
        FiringState.DONE, FiringState.DONE, FiringState.WITHHELD,
    ]  # fmt: skip
    assert (await house.app.decisions.open(token)).items == ()


async def test_a_step_is_decided_as_the_recruiters_own_user_or_by_the_move_in_the_ats(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    await house.app.trigger_desk.save(PROPOSE, OWNER)
    ada = await house.apply()
    ben = await house.apply("Ben", "Cole", "ben@example.org")
    await house.pass_time(80)
    token = link(box[0])
    desk = await house.app.decisions.open(token)
    item = next(one for one in desk.items if one.name == "Ada Byron")
    assert (item.question, item.stage) == ("Move on to Phone Screen?", "Phone Screen")
    assert (item.trigger, item.because) == ("on", "on: w")
    assert "may e-mail the candidate" in item.effect
    house.mark()
    await house.app.decisions.decide(token, item.id, APPROVE)
    await house.pass_time(20)
    there = house.application(ada.application)
    assert there["job_interview_stage_id"] == house.stage("Backend Engineer", "Phone Screen")["id"]
    screened(house, ben)
    await house.pass_time(20)
    assert (await house.app.decisions.open(token)).items == (), "the move in the ATS was the decision"
    assert [state for _, state in await states(house)] == [FiringState.DONE, FiringState.DONE]


async def test_a_managers_skip_is_asked_as_what_it_is_and_needs_a_reason_of_that_account(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, app = ruled, ruled.app
    ada = await house.apply()
    await house.pass_time(12)
    job = str((await house.record(Kind.APPLICATION, ada.application)).fields["job"])
    made = await app.shortlists.make(job, Wanted("Dana Whitfield", top=1), OWNER)
    await app.managers.say(made.link.rpartition("/")[2], "", 1, "skip", "Too far away")
    await house.pass_time(80)
    token = link(box[0])
    (item,) = (await app.decisions.open(token)).items
    assert (item.question, item.because) == ("Reject them?", "asked by Dana Whitfield")
    assert item.feedback == ("Dana Whitfield, 20 Nov 2026: skip. Too far away",)
    assert "rejection e-mail" in item.effect, "whoever decides reads first whether the ATS mails the candidate"
    for reason in ("", "of another account"):
        with pytest.raises(InputError, match="Choose a reason"):
            await app.decisions.decide(token, item.id, APPROVE, reason=reason)
    assert await app.store.read(lambda tx: reasons_at(tx, app.workspace, "another account")) == ()
    id, name = item.choices[0]
    await app.decisions.decide(token, item.id, APPROVE, reason=id)
    await house.pass_time(20)
    assert house.application(ada.application)["status"] == "rejected"
    (why,) = house.sandbox.db["rejection_details"].where("application_id", ada.application)
    assert why["rejection_reason_id"] == house.reason(name)["id"]


async def test_whoever_asked_hears_what_a_manager_has_said_in_one_letter_and_rules_follow(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, app = ruled, ruled.app
    await app.trigger_desk.save(
        "liked:\n  on: yes\n  why: w\n  owner: olga@tenant.example\n  when: {manager: approve}\n  do: tag\n"
        "  with: {tag: approved}\n", OWNER,
    )  # fmt: skip
    people = [await house.apply(name, "Byron", f"{name}@example.org") for name in ("Ada", "Ben", "Cy")]
    await house.pass_time(12)
    job = str((await house.record(Kind.APPLICATION, people[0].application)).fields["job"])
    made = await app.shortlists.make(job, Wanted("Dana Whitfield", top=3), Actor(ActorKind.PERSON, "owner", "Olga"))
    token = made.link.rpartition("/")[2]
    await app.managers.say(token, "", 1, "maybe", "")
    await house.pass_time(60)
    assert box[0].letters == [], "they may say more in a moment"
    await app.managers.say(token, "", 1, "approve", "Yes")
    await app.managers.say(token, "", 2, "maybe", "")
    await house.leap(300)
    (letter,) = box[0].letters
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (letter["To"], letter["Subject"]) == ("olga@tenant.example", "Backend Engineer: Dana Whitfield has answered")
    assert "for Backend Engineer: 1 approve, 1 maybe. 1 not answered yet." in text
    assert f"/jobs/{job}/shortlists" in text
    assert "Byron" not in text
    first = (await app.managers.open(token, "")).one(1).name
    assert await states(house) == [("liked", FiringState.DONE)]
    tagged = [one.candidate for one in people if "approved" in house.tags(one.candidate)]
    assert [house.candidate(id)["first_name"] for id in tagged] == [first.split()[0]]
    await app.managers.say(token, "", 3, "skip", "")
    await house.pass_time(8)
    text = box[0].letters[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "1 skip. That is everybody on the list." in text
    assert "is not rejected" in text
    await house.leap(900)
    assert [one["Subject"] for one in box[0].letters if "answered" in one["Subject"]] == [letter["Subject"]] * 2


async def test_of_a_list_that_a_program_has_made_the_recruiter_hears(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house, app = ruled, ruled.app
    ada = await house.apply()
    await house.pass_time(12)
    job = str((await house.record(Kind.APPLICATION, ada.application)).fields["job"])
    made = await app.shortlists.make(job, Wanted("Dana", "robin.falk@tenant.example", top=1), OWNER)
    other = await app.shortlists.make(job, Wanted("Viktor", top=1), Actor(ActorKind.SYSTEM, "program", "A program"))
    for each in (made, other):
        await app.managers.say(each.link.rpartition("/")[2], "", 1, "approve", "")
        await house.pass_time(8)
    told = [(str(one["To"]), str(one["Subject"]).rpartition(": ")[2]) for one in box[0].letters]
    assert told == [
        ("olga@tenant.example", "Dana has answered"), ("robin.falk@tenant.example", "Viktor has answered"),
    ]  # fmt: skip


async def test_a_letter_about_a_decision_that_no_server_takes_is_told(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    await house.app.trigger_desk.save(PROPOSE, OWNER)
    box[0].says = "550 no such mailbox"
    await house.apply()
    await house.pass_time(80)

    async def notices() -> list[str]:
        found = await house.app.store.read(lambda tx: tx.notices.list(house.app.workspace))
        return [one.text for one in found if one.kind == UNTOLD]

    (said,) = await notices()
    assert "about what waits for their decision was not taken: 550 no such mailbox" in said
    box[0].says = "250 OK"
    await house.apply("Ben", "Cole", "ben@example.org")
    await house.pass_time(80)
    assert "decision" in box[0].letters[-1]["Subject"]
    assert await notices() == []


async def test_what_nobody_decides_in_a_day_is_the_owners(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    await house.app.trigger_desk.save(PROPOSE, OWNER)
    await house.apply()
    await house.pass_time(80)
    assert [one["To"] for one in box[0].letters] != ["olga@tenant.example"]
    old = link(box[0])
    await house.leap(3600 * 25, 3600)
    assert box[0].letters[-1]["To"] == "olga@tenant.example"
    (owners,) = (await house.app.decisions.open(link(box[0]))).items
    (recruiters,) = (await house.app.decisions.open(old)).items
    assert owners.id == recruiters.id, "theirs both"
    letters = len(box[0].letters)
    await house.leap(3600 * 25, 3600)
    assert len(box[0].letters) == letters, "and nobody is told twice"
    await house.app.decisions.decide(old, recruiters.id, DECLINE)
    with pytest.raises(ConflictError, match="decided this before you: decline"):
        await house.app.decisions.decide(link(box[0]), owners.id, APPROVE)


async def test_a_link_that_has_ended_is_followed_by_another_and_one_that_works_stays(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, decisions = ruled, ruled.app.decisions
    await house.app.trigger_desk.save(PROPOSE, OWNER)

    async def told(name: str) -> str:
        await house.apply(name, "Byron", f"{name}@example.org")
        await house.pass_time(80)
        return link(box[0])

    first = await told("Ada")
    assert await told("Ben") == first
    to = str(box[0].letters[-1]["To"])
    await decisions.end(to, OWNER)
    with pytest.raises(NotFoundError):
        await decisions.open(first)
    with pytest.raises(ConflictError, match="no link that works"):
        await decisions.end(to, OWNER)
    second = await told("Cy")
    assert len((await decisions.open(second)).items) == 3, "what was held is theirs still"
    house.clock.move(3600 * 24 * 15)
    third = await told("Di")
    for old in (first, second):
        with pytest.raises(NotFoundError):
            await decisions.open(old)
    assert len((await decisions.open(third)).items) == 4
    entries = await house.app.store.read(lambda tx: tx.audit.of_action(house.app.workspace, "decision link ended"))
    assert len(entries) == 1


async def test_links_that_were_not_made_here_open_nothing(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    await house.app.trigger_desk.save(PROPOSE, OWNER)
    await house.apply()
    await house.pass_time(80)
    token = link(box[0])
    desk = await house.app.decisions.open(token)
    for wrong in ("x" * len(token), token[:-2] + "AA", token[::-1], ""):
        with pytest.raises(NotFoundError):
            await house.app.decisions.open(wrong)
    with pytest.raises(ConflictError):
        await house.app.decisions.decide(token, "guessed", APPROVE)
    house.clock.move(3600 * 24 * 15)
    with pytest.raises(NotFoundError):
        await house.app.decisions.decide(token, desk.items[0].id, APPROVE)


SHOW = (
    "show-strong-ones:\n  on: yes\n  why: The manager decides early.\n  owner: olga@tenant.example\n"
    "  when: {stage: applied, score: over 10}\n  do: shortlist\n"
)


async def test_a_rule_shows_somebody_to_a_hiring_manager_once_the_recruiter_says_so(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, app = ruled, ruled.app
    await app.trigger_desk.save(SHOW, OWNER)
    for first in ("Ada", "Ben", "Cem"):
        await house.apply(first, "Byron", f"{first.lower()}@example.org")
    await house.pass_time(80)
    token = link(box[0])
    items = (await app.decisions.open(token)).items
    assert {(one.kind, one.name) for one in items} == {("shortlist", f"{n} Byron") for n in ("Ada", "Ben", "Cem")}
    assert items[0].question.startswith("Should ")
    assert items[0].question.endswith(" see them?")
    job = (await house.record(Kind.JOB, house.job("Backend Engineer")["id"])).id
    assert await app.shortlists.of(job) == [], "nobody is shown before somebody says so"
    by_name = {one.name.partition(" ")[0]: one.id for one in items}
    await app.decisions.decide(token, by_name["Ada"], APPROVE)
    await app.decisions.decide(token, by_name["Ben"], APPROVE)
    box[0].letters.clear()
    await house.pass_time(70)
    (letter,) = box[0].letters
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Byron" not in text, "the letter names nobody"
    (made,) = await app.shortlists.of(job)
    assert (made["email"], len(made["people"])) == (letter["To"], 2)
    assert made["link"] in text
    manager = made["link"].rpartition("/")[2]
    await app.managers.say(manager, "", 1, "approve", "Good.")

    await app.decisions.decide(token, by_name["Cem"], DECLINE)
    await house.apply("Dee", "Byron", "dee@example.org")
    await house.pass_time(80)
    (dee,) = (await app.decisions.open(token)).items
    await app.decisions.decide(token, dee.id, APPROVE)
    (same,) = await app.shortlists.of(job)
    assert (same["id"], same["link"], len(same["people"])) == (made["id"], made["link"], 3), "one link stays good"
    assert same["people"][0]["answer"] == "approve"
    assert sorted(state for _, state in await states(house)) == [
        FiringState.DONE, FiringState.DONE, FiringState.DONE, FiringState.WITHHELD,
    ]  # fmt: skip


async def test_a_rule_that_shows_nobodys_name_adds_to_no_list_with_names(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, app = ruled, ruled.app
    without = SHOW.replace("show-strong-ones", "blind") + "  with: {redacted: True}\n"
    await app.trigger_desk.save(SHOW + without, OWNER)
    await house.apply()
    await house.pass_time(80)
    token = link(box[0])
    items = (await app.decisions.open(token)).items
    assert len(items) == 2, "each rule asks for itself"
    for one in items:
        await app.decisions.decide(token, one.id, APPROVE)
    job = (await house.record(Kind.JOB, house.job("Backend Engineer")["id"])).id
    made = {one["redacted"]: one for one in await app.shortlists.of(job)}
    assert [len(made[redacted]["people"]) for redacted in (False, True)] == [1, 1]
    seen = (await app.managers.open(made[True]["link"].rpartition("/")[2], "")).one(1)
    assert seen.name == "Candidate 1"


async def test_whoever_moves_on_before_a_recruiter_answers_is_proposed_no_more(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, app = ruled, ruled.app
    await app.trigger_desk.save(SHOW, OWNER)
    ada = await house.apply()
    await house.pass_time(80)
    token = link(box[0])
    assert (await app.decisions.open(token)).items
    reason = house.reason("Role closed")["id"]
    pipeline.reject(house.sandbox, ROBIN, ada.application, {"rejection_reason_id": reason})
    await house.pass_time(20)
    assert not (await app.decisions.open(token)).items
    ((_, state),) = await states(house)
    assert state == FiringState.WITHHELD


async def test_who_wants_only_people_or_an_adjustment_is_brought_to_the_recruiter_by_letter(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, app = ruled, ruled.app
    ada, ben = await house.apply(), await house.apply("Ben", "Cole", "ben@example.org")
    await house.quiet()
    forms = [await invited(house, one) for one in (ada, ben)]
    await app.applicants.opt_out(forms[0][1])
    await app.applicants.adjust(forms[1][1], "More time, please.", "en")
    await house.pass_time(80)
    (letter,) = box[0].letters
    assert letter["To"] == "robin.falk@tenant.example"
    assert letter["Subject"] == "2 things wait for your decision"
    token = link(box[0])
    first, second = (await app.decisions.open(token)).items
    assert (first.name, first.done) == ("Ada Byron", "I have looked at it")
    assert first.because.startswith("a person looks by 25 Nov 2026, and no AI; notes with a score to be removed")
    assert (second.name, second.text) == ("Ben Cole", "More time, please.")
    with pytest.raises(InputError):
        await app.decisions.decide(token, first.id, DECLINE)
    both = (app.decisions.decide(token, first.id, APPROVE) for _ in range(2))
    done, late = sorted(await asyncio.gather(*both, return_exceptions=True), key=lambda one: not isinstance(one, str))
    assert done == "Done, in your name."
    assert isinstance(late, ConflictError), "of two at once one is told that the other was faster"
    assert [one.name for one in (await app.decisions.open(token)).items] == ["Ben Cole"]
    (task,) = [one for one in await app.tasks.list() if one.kind == "applicant"]
    await app.tasks.done(task.id, OWNER)
    assert (await app.decisions.open(token)).items == (), "it was seen to elsewhere"
    with pytest.raises(ConflictError, match="waits no more"):
        await app.decisions.decide(token, second.id, APPROVE)
    await app.applicants.opt_out(forms[1][1])
    await house.pass_time(80)
    assert len(box[0].letters) == 2, "another request is told anew"
    (again,) = (await app.decisions.open(token)).items
    assert (again.name, again.done) == ("Ben Cole", "I have looked at it")
    await house.leap(3600 * 25, 3600)
    assert box[0].letters[-1]["To"] == "olga@tenant.example", "what nobody sees to in a day is the owner's, too"
