"""Rules at work on a sandbox ATS, and messages by a real mail server: once for each cause, and never without a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from bascule.connectors.spec import Automation
from bascule.core.clashes import Clash
from bascule.core.messages import Words
from bascule.core.reviews import APPROVE, DECLINE
from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.hiring.mail import Server
from bascule.hiring.triggers import AUTOMATIC
from bascule.model import Kind, Mode, Review, ReviewKind
from bascule.office.tasks import Wanted
from bascule.sandbox.greenhouse import jobs, pipeline
from bascule.store.messages import MessageState
from bascule.store.people import User
from bascule.store.triggers import FiringState

from .kit import DANA, OWNER, STAGE_TYPES, Applied, House
from .mailbox import Mailbox, mailbox

RECEIVED = """
thanks:
  why: Everybody hears that their application has arrived.
  owner: olga@tenant.example
  when: {stage: applied}
  do: message
  with: {template: application-received}
  on: yes
"""


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, Server]]:
    with mailbox() as found:
        yield found


@pytest.fixture
async def ruled(house: House, box: tuple[Mailbox, Server]) -> House:
    """A customer with a mail server, an owner, and one rule in force."""
    user = User("owner", house.app.workspace, "olga@tenant.example", "Olga Owner", "admin", house.clock())
    await house.app.store.write(lambda tx: tx.people.set_user(user))
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    await house.app.message_desk.set_server(box[1], OWNER)
    box[0].letters.clear()
    await house.app.trigger_desk.save(RECEIVED, OWNER)
    await house.quiet()
    return house


def screened(house: House, applied: Applied) -> None:
    """Somebody moves them on in the ATS."""
    here = house.application(applied.application)["job_interview_stage_id"]
    there = house.stage("Backend Engineer", "Phone Screen")["id"]
    pipeline.move(house.sandbox, DANA, applied.application, {"from_stage_id": here, "to_stage_id": there})


async def held(house: House, applied: Applied) -> list[Review]:
    family = await house.family(Kind.CANDIDATE, applied.candidate)
    assert family is not None
    return [one for one in family.reviews.values() if one.kind is ReviewKind.MESSAGE]


async def states(house: House) -> list[tuple[str, FiringState]]:
    return [(one.trigger, one.state) for one in await house.app.trigger_desk.fired()]


async def messages(house: House) -> list[MessageState]:
    return [one.state for one in reversed(await house.app.message_desk.list())]


async def test_a_message_waits_for_a_person_leaves_once_and_is_noted_in_the_ats(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    ada = await house.apply()
    await house.pass_time(8)
    (review,) = await held(house, ada)
    assert review.detail["subject"] == "Your application for Backend Engineer"
    assert box[0].letters == []
    await house.app.changes.decide(review.id, APPROVE, OWNER)
    await house.pass_time(8)
    (letter,) = box[0].letters
    assert letter["To"] == "ada@example.org"
    assert letter["From"] == '"Olga Owner, Tenant" <jobs@tenant.example>'
    assert "Dear Ada," in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert letter["List-Unsubscribe"].startswith("<http")
    (note,) = [one["body"] for one in house.notes(ada.candidate) if one["body"].startswith("E-mail sent")]
    assert "Your application for Backend Engineer" in note
    assert await states(house) == [("thanks", FiringState.DONE)]
    await house.leap(1800)
    assert len(box[0].letters) == 1
    assert len(await states(house)) == 1


async def test_what_a_person_withholds_or_changes_is_told(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    ada, ben = await house.apply(), await house.apply("Ben", "Cole", "ben@example.org")
    await house.pass_time(8)
    await house.app.changes.decide((await held(house, ada))[0].id, DECLINE, OWNER)
    words = {"subject": "Hello Ben", "text": "We have your application."}
    await house.app.changes.decide((await held(house, ben))[0].id, APPROVE, OWNER, words)
    await house.pass_time(8)
    (letter,) = box[0].letters
    assert letter["Subject"] == "Hello Ben"
    assert sorted(state for _, state in await states(house)) == [FiringState.CHANGED, FiringState.WITHHELD]


async def test_who_has_moved_on_before_anybody_decided_gets_nothing(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    ada = await house.apply()
    await house.pass_time(8)
    (review,) = await held(house, ada)
    screened(house, ada)
    await house.pass_time(8)
    assert await held(house, ada) == []
    with pytest.raises(Exception, match="no such open review"):
        await house.app.changes.decide(review.id, APPROVE, OWNER)
    assert await messages(house) == [MessageState.WITHHELD]
    assert (await house.app.trigger_desk.fired())[0].why == "what it was for holds no more"
    assert box[0].letters == []


async def test_what_is_known_of_somebody_withholds_and_says_why(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    ada = await house.apply()
    await house.pass_time(8)
    (review,) = await held(house, ada)
    await house.app.changes.decide(review.id, APPROVE, OWNER)
    await house.pass_time(8)
    thread = box[0].letters[0]["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert await house.app.message_desk.hush(thread)
    record = (await house.record(Kind.APPLICATION, ada.application)).id
    with pytest.raises(ConflictError, match="wants no more messages"):
        await house.app.message_desk.send(record, "next-step", OWNER)
    assert not await house.app.message_desk.hush("x" * 24)


@pytest.mark.parametrize(
    ("says", "at_end", "state", "times"),
    [
        ("550 5.1.1 no such mailbox", "250 OK", MessageState.BOUNCED, 0),
        ("250 OK", "554 looks like spam", MessageState.BOUNCED, 0),
        ("250 OK", "", MessageState.UNKNOWN, 1),
    ],
)
async def test_how_a_mail_server_ends_it_is_how_it_stands(
    ruled: House, box: tuple[Mailbox, Server], says: str, at_end: str, state: MessageState, times: int
) -> None:
    house = ruled
    ada = await house.apply()
    await house.pass_time(8)
    box[0].says, box[0].at_end = says, at_end
    await house.app.changes.decide((await held(house, ada))[0].id, APPROVE, OWNER)
    await house.pass_time(8)
    box[0].says, box[0].at_end = "250 OK", "250 OK"
    await house.leap(900)
    assert await messages(house) == [state]
    theirs = [one for one in box[0].letters if one["To"] == "ada@example.org"]
    assert len(theirs) == times, "what may have left is never sent again by itself"
    if state is MessageState.UNKNOWN:
        (review,) = await held(house, ada)
        assert "nobody knows whether it left" in str(review.detail["because"])


async def test_one_message_that_fails_takes_the_right_to_send_alone_away(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    workspace = house.app.workspace
    earned = {"thanks|acme": house.clock.at.isoformat()}
    await house.app.store.write(lambda tx: tx.workspaces.set_setting(workspace, AUTOMATIC, earned))
    await house.apply()
    await house.pass_time(8)
    assert await messages(house) == [MessageState.SENT], "nobody had to look"
    box[0].says = "550 no such mailbox"
    await house.apply("Ben", "Cole", "ben@example.org")
    await house.pass_time(8)
    assert await messages(house) == [MessageState.SENT, MessageState.BOUNCED]
    assert [state for _, state in await states(house)] == [FiringState.FAILED, FiringState.DONE]
    box[0].says = "250 OK"
    joan = await house.apply("Joan", "Day", "joan@example.org")
    await house.pass_time(8)
    assert len(await held(house, joan)) == 1, "a person looks again"


async def test_what_has_been_earned_is_lost_by_a_message_that_could_not_be_made_and_by_other_words(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    workspace, desk = house.app.workspace, house.app.message_desk

    async def earn() -> None:
        earned = {"thanks|acme": house.clock.at.isoformat()}
        await house.app.store.write(lambda tx: tx.workspaces.set_setting(workspace, AUTOMATIC, earned))

    async def kept() -> bool:
        (rule,) = (await house.app.trigger_desk.shown()).rules
        return rule.automatic["acme"]

    await earn()
    ada = await house.apply()
    house.sandbox.db.change("candidates", ada.candidate, DANA, {"can_email": False})
    await house.pass_time(8)
    assert [state for _, state in await states(house)] == [FiringState.WITHHELD]
    assert not await kept(), "a person looks again"
    await earn()
    own = (await desk.templates())["application-received"]
    await desk.set_template(own, OWNER)
    assert await kept(), "the same words"
    await desk.set_template(replace(own, words={"en": Words("Hello", "We have it. {{ unsubscribe }}")}), OWNER)
    assert not await kept()
    (rule,) = (await house.app.trigger_desk.shown()).rules
    assert "28 more days of 28" in rule.earned["acme"].missing, "it begins anew"


async def test_other_words_for_the_invitation_to_an_interview_lose_what_a_rule_without_a_template_has_earned(
    ruled: House,
) -> None:
    house, desk = ruled, ruled.app.message_desk
    await house.app.trigger_desk.save(
        "talk:\n  why: w\n  owner: olga@tenant.example\n  when: {stage: screen}\n  do: schedule\n"
        "  with: {interviewers: dana.whitfield@tenant.example, place: Room 4}\n  on: yes\n", OWNER,
    )  # fmt: skip
    earned = {"talk|acme": house.clock.at.isoformat()}
    await house.app.store.write(lambda tx: tx.workspaces.set_setting(house.app.workspace, AUTOMATIC, earned))
    own = (await desk.templates())["interview-invitation"]
    words = {**own.words, "en": Words("Come and talk", own.words["en"].text)}
    await desk.set_template(replace(own, words=words), OWNER)
    kept = await house.app.store.read(lambda tx: tx.workspaces.setting(house.app.workspace, AUTOMATIC))
    assert kept == {}


async def test_what_writes_to_candidates_can_be_earned_and_nothing_else(ruled: House) -> None:
    desk = ruled.app.trigger_desk
    rule = "{0}:\n  why: w\n  owner: olga@tenant.example\n  when: {{stage: applied, score: over {1}}}\n  do: {2}\n  on: yes\n"
    talk = rule.format("talk", 90, "schedule\n  with: {interviewers: dana.whitfield@tenant.example, place: Room 4}")
    await desk.save(talk + rule.format("tag", 80, "tag\n  with: {tag: strong}"), OWNER)
    shown = {one.trigger.name: tuple(one.earned) for one in (await desk.shown()).rules}
    assert shown == {"talk": ("acme",), "tag": ()}
    with pytest.raises(ForbiddenError, match="sends no message"):
        await desk.automate("tag", "acme", True, OWNER)


async def test_a_connection_that_is_taken_away_takes_along_what_rules_have_earned_there(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, workspace = ruled, ruled.app.workspace
    ada = await house.apply()
    await house.pass_time(8)
    (review,) = await held(house, ada)
    earned = {"thanks|acme": house.clock.at.isoformat(), "thanks|beta": house.clock.at.isoformat()}
    await house.app.store.write(lambda tx: tx.workspaces.set_setting(workspace, AUTOMATIC, earned))
    await house.app.accounts.remove("acme", OWNER)
    kept = await house.app.store.read(lambda tx: tx.workspaces.setting(workspace, AUTOMATIC))
    assert kept == {"thanks|beta": earned["thanks|beta"]}, "another account of that name has earned nothing"
    await house.app.changes.decide(review.id, DECLINE, OWNER)
    assert await states(house) == [("thanks", FiringState.WITHHELD)]


async def test_only_a_job_that_opened_and_was_filled_since_the_rule_began_is_one_from_its_opening_to_a_hire(
    ruled: House,
) -> None:
    house, missing = ruled, "one job from its opening to a hire"

    async def still() -> bool:
        rule = next(one for one in (await house.app.trigger_desk.shown()).rules if one.trigger.name == "thanks")
        return missing in rule.earned[house.name].missing

    async def hired(job: str, first: str) -> None:
        applied = await house.apply(first, "Cole", f"{first.lower()}@example.org", job=job)
        await house.pass_time(8)
        for review in await held(house, applied):
            await house.app.changes.decide(review.id, APPROVE, OWNER)
        await house.pass_time(8)
        pipeline.hire(house.sandbox, DANA, applied.application, {})
        await house.leap(60)

    await hired("Backend Engineer", "Ada")
    assert await still()  # it was open before the rule began
    jobs.open_job(house.sandbox, DANA, {"title": "Cook", "stages": list(STAGE_TYPES), "description": "<p>Soup.</p>"})
    await house.leap(4000)
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    await house.quiet()
    assert await still()
    await hired("Cook", "Ben")
    assert not await still()


async def test_rules_that_clash_and_are_not_both_on_stand_in_nobody_s_way(ruled: House) -> None:
    house = ruled
    other = RECEIVED.replace("thanks:", "thanks-too:").replace("on: yes", "on: no")
    await house.app.trigger_desk.save(RECEIVED + other, OWNER)
    assert await house.app.trigger_desk.clashes() == ""
    with pytest.raises(InputError, match="do the same"):
        await house.app.trigger_desk.switch("thanks-too", True, OWNER)


async def test_a_mail_server_that_is_away_is_waited_for(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    ada = await house.apply()
    await house.pass_time(8)
    box[0].says = "451 try again later"
    await house.app.changes.decide((await held(house, ada))[0].id, APPROVE, OWNER)
    await house.pass_time(20)
    assert await messages(house) == [MessageState.DUE]
    box[0].says = "250 OK"
    await house.leap(300)
    assert await messages(house) == [MessageState.SENT]
    told = await house.app.subscriptions.events(OWNER, types=["message.sent"])
    assert [set(one["data"]) >= {"application", "candidate", "job"} for one in told.items] == [True]
    assert len(box[0].letters) == 1


async def test_a_letter_that_a_mail_server_takes_at_no_time_is_given_up_after_a_day_and_says_why(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    await house.app.message_desk.set_hours(0, 24, [0, 1, 2, 3, 4, 5, 6], "UTC", "en", OWNER)
    ada = await house.apply()
    await house.pass_time(8)
    box[0].says = "451 try again later"
    await house.app.changes.decide((await held(house, ada))[0].id, APPROVE, OWNER)
    await house.leap(3600 * 18, 3600)
    assert await messages(house) == [MessageState.DUE]
    await house.leap(3600 * 18, 3600)
    (message,) = await house.app.store.read(lambda tx: tx.messages.list(house.app.workspace, limit=5))
    assert message.state is MessageState.WITHHELD
    assert "given up: 451 try again later" in message.why
    assert not box[0].letters


async def test_quiet_hours_are_kept(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    await house.app.message_desk.set_hours(8, 9, [0, 1, 2, 3, 4, 5, 6], "UTC", "en", OWNER)
    ada = await house.apply()
    await house.pass_time(8)
    await house.app.changes.decide((await held(house, ada))[0].id, APPROVE, OWNER)
    await house.leap(3600 * 3, 600)
    assert box[0].letters == []
    await house.leap(3600 * 21, 1800)
    assert len(box[0].letters) == 1


async def test_who_is_moved_on_in_quiet_hours_is_not_written_to_about_the_stage_before(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    await house.app.message_desk.set_hours(8, 9, [0, 1, 2, 3, 4, 5, 6], "UTC", "en", OWNER)
    ada = await house.apply()
    await house.pass_time(8)
    await house.app.changes.decide((await held(house, ada))[0].id, APPROVE, OWNER)
    screened(house, ada)
    await house.leap(3600 * 24, 1800)
    assert box[0].letters == []
    assert await messages(house) == [MessageState.WITHHELD]
    assert await states(house) == [("thanks", FiringState.WITHHELD)]


async def test_a_letter_that_was_taken_is_sent_however_the_server_parts(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    box[0].at_parting = "421 too busy to say goodbye"
    await sent(house, box[0])
    assert await messages(house) == [MessageState.SENT]


def answer(to: EmailMessage, text: str, sender: str = "ada@example.org", **headers: str) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, str(to["Reply-To"]), f"Re: {to['Subject']}"
    letter["Message-ID"], letter["In-Reply-To"] = f"<{abs(hash(text))}@example.org>", str(to["Message-ID"])
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter.as_bytes()


async def sent(house: House, box: Mailbox) -> tuple[Applied, EmailMessage]:
    ada = await house.apply()
    await house.pass_time(8)
    await house.app.changes.decide((await held(house, ada))[0].id, APPROVE, OWNER)
    await house.pass_time(8)
    return ada, box.letters[-1]


async def test_an_answer_is_noted_and_what_it_asks_for_is_somebodys(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    ada, letter = await sent(house, box[0])
    said = "I withdraw my application.\n\nOn Friday, Tenant wrote:\n> Dear Ada, please delete my data"
    first = await house.app.message_desk.take(answer(letter, said))
    again = await house.app.message_desk.take(answer(letter, said))
    assert first is not None
    assert again is not None
    assert first.id == again.id
    await house.pass_time(8)
    (note,) = [one["body"] for one in house.notes(ada.candidate) if one["body"].startswith("E-mail received")]
    assert "I withdraw my application." in note
    assert "delete my data" not in note
    family = await house.family(Kind.CANDIDATE, ada.candidate)
    assert family is not None
    (review,) = [one for one in family.reviews.values() if one.kind is ReviewKind.REPLY]
    assert review.detail["because"] == "the candidate withdraws"
    (rate,) = await house.app.message_desk.rates()
    assert (rate.template, rate.sent, rate.answered) == ("application-received", 1, 1)


async def test_a_machine_s_answer_is_none_and_a_stranger_s_is_marked(ruled: House, box: tuple[Mailbox, Server]) -> None:
    house = ruled
    ada, letter = await sent(house, box[0])
    out = await house.app.message_desk.take(answer(letter, "I am away.", Auto_Submitted="auto-replied"))
    assert out is not None
    assert out.state is MessageState.AUTOMATIC
    await house.app.message_desk.take(answer(letter, "Do not contact me", "mallory@example.net"))
    await house.pass_time(8)
    (note,) = [one["body"] for one in house.notes(ada.candidate) if one["body"].startswith("E-mail received")]
    assert "mallory@example.net, an address that is not the candidate's" in note
    record = (await house.record(Kind.APPLICATION, ada.application)).id
    assert (await house.app.message_desk.preview(record, "next-step")).why == "", "a stranger silences nobody"
    assert await house.app.message_desk.take(answer(EmailMessage(), "hello?", "x@example.net")) is None
    with pytest.raises(InputError, match="no e-mail"):
        await house.app.message_desk.take(b"hello")


async def test_a_rule_proposes_a_step_and_the_move_in_the_ats_answers_it(ruled: House) -> None:
    house = ruled
    await house.app.trigger_desk.save(
        "on-the-list:\n  why: w\n  owner: olga@tenant.example\n  when: {score: over 10}\n  do: propose\n"
        "  with: {stage: screen}\n  on: yes\n", OWNER,
    )  # fmt: skip
    ada = await house.apply()
    await house.pass_time(8)
    assert await states(house) == [("on-the-list", FiringState.WAITING)]
    screened(house, ada)
    await house.pass_time(8)
    assert await states(house) == [("on-the-list", FiringState.DONE)]


async def test_rules_that_clash_are_refused_with_line_and_reason_and_change_nothing(ruled: House) -> None:
    house = ruled
    with pytest.raises(InputError, match=r"Line 2: .*names the template"):
        await house.app.trigger_desk.save(RECEIVED.replace("application-received", "nothing"), OWNER)
    assert (await house.app.trigger_desk.shown()).version == 1
    with pytest.raises(ForbiddenError, match="has not earned"):
        await house.app.trigger_desk.automate("thanks", "acme", True, OWNER)


async def test_a_dry_run_says_what_a_month_would_have_brought(house: House) -> None:
    user = User("owner", house.app.workspace, "olga@tenant.example", "Olga Owner", "admin", house.clock())
    await house.app.store.write(lambda tx: tx.people.set_user(user))
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    ada = await house.apply()
    await house.apply("Ben", "Cole", "ben@example.org")
    await house.pass_time(8)
    screened(house, ada)
    await house.leap(3600)
    text = RECEIVED + (
        "screened:\n  why: w\n  owner: olga@tenant.example\n  when: {stage: screen}\n  for: 30 min\n  do: note\n"
        "  with: {text: waits}\nlong:\n  why: w\n  owner: olga@tenant.example\n  when: {stage: screen}\n  for: 3 d\n"
        "  do: note\n  with: {text: waits}\n"
    )
    run = await house.app.trigger_desk.dry_run(text)
    assert {one.trigger.name: one.times for one in run.would} == {"thanks": 2, "screened": 1, "long": 0}
    assert await states(house) == []


async def test_a_colleague_is_told_once_without_a_name_and_with_the_way_into_the_ats(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    await house.app.trigger_desk.save(
        "waits:\n  why: It waits.\n  owner: olga@tenant.example\n  when: {score: over 10, decided: no}\n  for: 24 h\n"
        "  do: notify\n  with: {to: owner, text: A strong application has waited for a day.}\n  on: yes\n", OWNER,
    )  # fmt: skip
    await house.apply()
    ben = await house.apply("Ben", "Cole", "ben@example.org")
    await house.pass_time(8)
    screened(house, ben)
    await house.leap(3600 * 23, 3600)
    assert box[0].letters == []
    await house.leap(3600 * 3, 1800)
    (letter,) = box[0].letters
    assert letter["To"] == "olga@tenant.example"
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "A strong application has waited for a day." in text
    assert "http" in text
    assert "Ada" not in text
    assert "Byron" not in text
    assert await states(house) == [("waits", FiringState.DONE)], "who was moved on meanwhile has not waited"


async def test_an_invitation_carries_the_forms_link_and_the_ats_says_invited_once_it_has_left(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house = ruled
    await house.app.trigger_desk.save(
        "ask:\n  why: w\n  owner: olga@tenant.example\n  when: {stage: applied, screening: none}\n  do: invite\n  on: yes\n"
        "remind:\n  why: w\n  owner: olga@tenant.example\n  when: {screening: [invited, started]}\n  for: 48 h\n"
        "  do: invite\n  with: {template: screening-reminder}\n  on: yes\n", OWNER,
    )  # fmt: skip
    ada = await house.apply()
    await house.pass_time(8)

    def there() -> object:
        return house.custom(house.application(ada.application)).get("bascule_screening_status")

    assert there() is None, "nobody is invited before the letter has left"
    application = (await house.record(Kind.APPLICATION, ada.application)).id

    async def counted() -> list[tuple[int, int]]:
        return [(one.invited, one.expired) for one in await house.app.screenings.rates()]

    prepared = await house.app.screenings.told(application)
    assert (prepared["status"], prepared["invited"], await counted()) == ("prepared", None, [(0, 0)])
    (review,) = await held(house, ada)
    await house.app.changes.decide(review.id, APPROVE, OWNER)
    await house.pass_time(20)
    (letter,) = box[0].letters
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    token = next(line for line in text.split() if "/screening/" in line).rpartition("/")[2]
    assert (await house.app.applicants.form(token)).ends == ""
    assert there() == "invited"
    told = await house.app.screenings.told(application)
    assert (told["status"], await counted()) == ("invited", [(1, 0)])
    assert prepared["expires"] < told["invited"] + timedelta(days=7) <= told["expires"]
    await house.leap(3600 * 49, 1800)
    (reminder,) = await held(house, ada)
    assert str(reminder.detail["subject"]).startswith("Reminder")
    assert token in str(reminder.detail["text"])
    await house.app.applicants.opt_out(token)
    await house.pass_time(20)
    assert await held(house, ada) == [], "who wants people only is not reminded"


async def test_a_form_whose_letter_never_leaves_ends_and_can_be_asked_for_again(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, screenings = ruled, ruled.app.screenings
    await house.app.trigger_desk.save(
        "ask:\n  why: w\n  owner: olga@tenant.example\n  when: {stage: applied}\n  do: invite\n  on: yes\n", OWNER
    )
    ada = await house.apply()
    await house.pass_time(8)
    application = (await house.record(Kind.APPLICATION, ada.application)).id
    link = (await screenings.told(application))["link"].rpartition("/")[2]
    (review,) = await held(house, ada)
    await house.app.changes.decide(review.id, DECLINE, OWNER)
    ended = await screenings.told(application)
    assert (ended["status"], ended["link"], ended["invited"]) == ("expired", "", None)
    (counted,) = await screenings.rates()
    assert (counted.invited, counted.expired) == (0, 0), "nobody was asked, so nobody let it end"
    with pytest.raises(NotFoundError):
        await house.app.applicants.form(link)
    one = await screenings.invite(application, OWNER)
    assert one.invited is not None, "a person has the link"
    assert one.issue == 3


async def test_a_form_whose_link_a_person_has_sent_in_their_own_words_is_one_they_are_invited_to(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, screenings = ruled, ruled.app.screenings
    await house.app.trigger_desk.save(
        "ask:\n  why: w\n  owner: olga@tenant.example\n  when: {stage: applied}\n  do: invite\n  on: yes\n", OWNER
    )
    ada = await house.apply()
    await house.pass_time(8)
    application = (await house.record(Kind.APPLICATION, ada.application)).id
    link = (await screenings.told(application))["link"]
    await house.app.message_desk.send(application, "screening-invitation", OWNER, link=link)
    await house.pass_time(20)
    assert len(box[0].letters) == 1
    told = await screenings.told(application)
    assert (told["status"], told["invited"] is not None) == ("invited", True)


async def test_a_form_that_another_letter_brings_goes_on_when_one_is_withheld(
    ruled: House, box: tuple[Mailbox, Server]
) -> None:
    house, screenings = ruled, ruled.app.screenings
    ask = "{}:\n  why: w\n  owner: olga@tenant.example\n  when: {{stage: applied}}\n  do: invite\n  on: yes\n"
    other = ask.format("two") + "  with: {template: screening-reminder}\n"
    await house.app.trigger_desk.save(ask.format("one") + other, OWNER)
    ada = await house.apply()
    await house.pass_time(8)
    application = (await house.record(Kind.APPLICATION, ada.application)).id
    first, second = await held(house, ada)
    await house.app.changes.decide(first.id, DECLINE, OWNER)
    assert (await screenings.told(application))["status"] == "prepared"
    box[0].says = "550 no such mailbox"
    await house.app.changes.decide(second.id, APPROVE, OWNER)
    await house.pass_time(8)
    assert (await screenings.told(application))["status"] == "expired", "the server has refused the other"


async def test_programs_are_told_by_reference(ruled: House) -> None:
    house = ruled
    await house.app.trigger_desk.save(
        "word:\n  why: w\n  owner: olga@tenant.example\n  when: {stage: applied}\n  do: tell\n  with: {event: new-one}\n"
        "  on: yes\n", OWNER,
    )  # fmt: skip
    ada = await house.apply()
    await house.pass_time(20)
    found = await house.app.store.read(lambda tx: tx.events.page(house.app.workspace, 0, {"trigger.fired"}, 10))
    record = (await house.record(Kind.APPLICATION, ada.application)).id
    assert [(one.record, one.after) for one in found] == [(record, "new-one")]


async def test_what_comes_to_clash_is_a_task_by_the_next_night_and_stands_against_going_live(ruled: House) -> None:
    house = ruled
    olga = await house.app.store.read(lambda tx: tx.people.user("owner"))
    await house.app.store.write(lambda tx: tx.people.set_user(replace(olga, disabled=house.clock())))
    await house.leap(3600 * 24, 1800)
    tasks = [one for one in await house.app.tasks.list(Wanted()) if "Triggers clash" in one.what]
    assert [one.href for one in tasks] == ["/triggers"]
    await house.app.accounts.set_mode(house.name, Mode.LISTEN, OWNER)
    with pytest.raises(ForbiddenError, match="names the user"):
        await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)
    await house.app.store.write(lambda tx: tx.people.set_user(olga))
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)
    await house.leap(3600 * 24, 1800)
    assert not [one for one in await house.app.tasks.list(Wanted()) if "Triggers clash" in one.what]


async def test_what_the_ats_mails_by_itself_is_shown_and_stands_against_a_rule_until_it_is_switched_off_there(
    ruled: House,
) -> None:
    house = ruled
    stage = house.stage("Backend Engineer", "Application Review")
    own = Automation(
        "Stage Application Review", "sends the e-mail Thanks", stages=(str(stage["id"]),), stage=stage["name"]
    )

    async def shows(*found: Automation) -> None:
        at = house.at
        await house.app.feeds.keep(at, replace(at.tenant, automations=found))

    await shows(own)
    (native,) = (await house.app.trigger_desk.shown()).natives
    assert (native.connection, native.does, native.read is not None) == (house.name, (own,), True)
    (clash,) = await house.app.trigger_desk.check()
    assert (clash.clash, clash.triggers, clash.refused) == (Clash.TWO_VOICES, ("thanks", own.name), True)
    with pytest.raises(InputError, match="Line 2: thanks and acme itself"):
        await house.app.trigger_desk.save(RECEIVED + "# another word\n", OWNER)
    await house.app.trigger_desk.save(RECEIVED.replace("stage: applied", "stage: screen"), OWNER)
    assert await house.app.trigger_desk.check() == (), "it is set off in another type of stage"
    await shows()
    await house.app.trigger_desk.save(RECEIVED, OWNER)
    assert (await house.app.trigger_desk.shown()).natives == ()
