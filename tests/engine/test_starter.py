"""The rules that the product comes with: each is switched on by itself, and does what it says, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from importlib.resources import files

import pytest
import yaml

from bascule.core.reviews import APPROVE
from bascule.core.triggers import Do
from bascule.errors import ConflictError, NotFoundError
from bascule.hiring.mail import Server
from bascule.hiring.trigger_file import Plain, read
from bascule.model import Kind, Review, ReviewKind, StageType
from bascule.sandbox.greenhouse import pipeline
from bascule.store.people import User
from bascule.store.triggers import FiringState

from .kit import DANA, OWNER, STAGE_TYPES, Applied, House
from .mailbox import Mailbox, mailbox
from .test_screening import answer_all, invited

WHOSE = "olga@tenant.example"
TEXT = files("bascule.hiring").joinpath("data/triggers.yaml").read_text("utf-8").replace("OWNER", WHOSE)
RULES = {one.name: one for one in read(TEXT)}
Steps = Callable[[House, Applied], Awaitable[None]]


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, Server]]:
    with mailbox() as found:
        yield found


@pytest.fixture
async def ready(house: House, box: tuple[Mailbox, Server]) -> House:
    """A customer with a mail server, an owner who interviews, and no rule."""
    there = {house.at.id: str(DANA.user_id)}
    user = User(OWNER.id, house.app.workspace, WHOSE, "Olga Owner", "owner", house.clock(), there)
    await house.app.store.write(lambda tx: tx.people.set_user(user))
    await house.app.connections.refresh()
    await house.app.mappings.confirm(house.name, STAGE_TYPES, OWNER)
    await house.app.message_desk.set_server(box[1], OWNER)
    await house.app.message_desk.set_hours(0, 24, range(7), "UTC", "en", OWNER)
    await house.app.calendar_desk.set_interviewer(
        WHOSE, OWNER, name="Olga Owner", zone="UTC", calendar="", days=range(7)
    )
    box[0].letters.clear()
    return house


def only(name: str) -> str:
    """A file of one of the rules, switched on."""
    entry = yaml.load(TEXT, Loader=Plain)[name]
    return yaml.safe_dump({name: {**entry, "on": "yes"}}, sort_keys=False)


async def moved(house: House, applied: Applied, stage: str) -> None:
    here = house.application(applied.application)["job_interview_stage_id"]
    there = house.stage("Backend Engineer", stage)["id"]
    pipeline.move(house.sandbox, DANA, applied.application, {"from_stage_id": here, "to_stage_id": there})
    await house.pass_time(8)


async def nothing(house: House, applied: Applied) -> None:
    return None


async def assessed(house: House, applied: Applied) -> None:
    await moved(house, applied, "Phone Screen")


async def interviewed(house: House, applied: Applied) -> None:
    await moved(house, applied, "Onsite")


async def offered(house: House, applied: Applied) -> None:
    await moved(house, applied, "Offer")


async def asked(house: House, applied: Applied) -> None:
    await invited(house, applied)
    await house.pass_time(8)


async def answered(house: House, applied: Applied) -> None:
    _, token = await invited(house, applied)
    await answer_all(house, token)
    await house.app.applicants.send(token, "de")
    await house.pass_time(8)


FIRST: dict[str, Steps] = {
    "invite-who-applies": nothing, "invite-who-reaches-the-assessment": assessed,
    "remind-who-has-not-answered": asked, "reach-who-has-not-answered-otherwise": asked,
    "look-at-who-has-answered": answered, "offer-times-for-an-interview": interviewed,
    "ask-for-the-scorecard": interviewed, "tell-the-channel-of-an-interview": interviewed,
    "stage-the-employee-record": offered, "thank-for-application": nothing, "talk-to-who-was-moved-on": interviewed,
    "nobody-has-looked": nothing, "propose-strong-ones": nothing, "show-strong-ones": nothing,
    "polite-answer": nothing, "top-of-the-job": nothing, "talk-to-whom-the-manager-approves": nothing,
}  # fmt: skip
"""What happens to somebody who has applied, until the rule is true of them."""
ELSEWHERE = frozenset({
    "top-of-the-job",  # wants ten applicants: tests/hiring/test_rules.py
    "talk-to-whom-the-manager-approves",  # wants a manager's answer: test_decisions.py
    "talk-to-who-was-moved-on",  # wants a letter that nobody answers
})  # fmt: skip
HELD = frozenset({Do.MESSAGE, Do.INVITE, Do.SCHEDULE, Do.PROPOSE, Do.SHORTLIST})


def test_every_rule_of_the_starter_is_off_and_says_why() -> None:
    assert set(RULES) == set(FIRST)
    assert not any(one.on for one in RULES.values())
    assert all(len(one.why) > 30 for one in RULES.values())


async def test_one_of_them_is_added_to_those_in_force_switched_off_and_once(ready: House) -> None:
    desk = ready.app.trigger_desk
    await desk.save(only("thank-for-application"), OWNER)
    shown = await desk.add_ready("invite-who-applies", WHOSE, OWNER)
    assert [(one.trigger.name, one.trigger.on) for one in shown.rules] == [
        ("thank-for-application", True), ("invite-who-applies", False),
    ]  # fmt: skip
    with pytest.raises(ConflictError):
        await desk.add_ready("invite-who-applies", WHOSE, OWNER)
    with pytest.raises(NotFoundError):
        await desk.add_ready("hire-everybody", WHOSE, OWNER)
    assert (await desk.switch("invite-who-applies", True, OWNER)).rules[1].trigger.on


@pytest.mark.parametrize("name", sorted(RULES.keys() - ELSEWHERE))
async def test_a_rule_that_the_product_comes_with_does_what_it_says_once(
    ready: House, box: tuple[Mailbox, Server], name: str
) -> None:
    house, rule = ready, RULES[name]
    if FIRST[name] is assessed:
        await house.app.mappings.confirm(house.name, {**STAGE_TYPES, "Phone Screen": StageType.ASSESS}, OWNER)
    if rule.do is Do.SHORTLIST:
        file = only(name).replace("do: shortlist", "do: shortlist\n  with: {to: mei@tenant.example}")
    else:
        file = only(name).replace("over 75", "over 10").replace("under 30", "under 100")
    await house.app.trigger_desk.save(file.replace("over 75", "over 10"), OWNER)
    await house.quiet()
    applied = await house.apply()
    await house.pass_time(8)
    await FIRST[name](house, applied)
    if rule.after:
        assert await house.app.trigger_desk.fired() == []
        house.clock.at += rule.after + timedelta(seconds=60)
        await house.pass_time(8)
    (fired,) = await house.app.trigger_desk.fired()
    wanted = {FiringState.WAITING} if rule.do in HELD else {FiringState.DONE}
    assert fired.trigger == name
    assert fired.state in wanted, fired.why
    family = await house.family(Kind.CANDIDATE, applied.candidate)
    assert family is not None
    held: list[Review] = [
        one for one in family.reviews.values()
        if one.kind in (ReviewKind.MESSAGE, ReviewKind.PROPOSAL, ReviewKind.SHORTLIST)
    ]  # fmt: skip
    assert len(held) == (1 if rule.do in HELD else 0)
    if held and rule.do in (Do.MESSAGE, Do.INVITE, Do.SCHEDULE):
        box[0].letters.clear()
        await house.app.changes.decide(held[0].id, APPROVE, OWNER)
        await house.pass_time(8)
        assert [str(one["To"]) for one in box[0].letters] == ["ada@example.org"]
    house.clock.at += timedelta(days=1)
    await house.pass_time(8)
    assert len(await house.app.trigger_desk.fired()) == 1  # once for one cause


async def test_the_chain_from_an_application_to_an_interview_is_made_of_them(
    ready: House, box: tuple[Mailbox, Server]
) -> None:
    """Invited, answered, moved on by a person's yes, asked for a time: nobody copies anything from one to the next."""
    house = ready
    chain = ("invite-who-applies", "look-at-who-has-answered", "offer-times-for-an-interview")
    text = "\n".join(only(name) for name in chain).replace("stage: screen", "stage: interview")
    await house.app.trigger_desk.save(text, OWNER)
    await house.quiet()
    applied = await house.apply()
    await house.pass_time(8)

    async def yes() -> None:
        family = await house.family(Kind.CANDIDATE, applied.candidate)
        assert family is not None
        (review,) = family.reviews.values()
        await house.app.changes.decide(review.id, APPROVE, OWNER)
        await house.pass_time(8)

    await yes()
    letter = box[0].letters[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    token = next(line for line in letter.splitlines() if "/screening/" in line).rpartition("/")[2]
    await answer_all(house, token)
    await house.app.applicants.send(token, "de")
    await house.pass_time(8)
    await yes()
    assert (
        house.application(applied.application)["job_interview_stage_id"]
        == house.stage("Backend Engineer", "Onsite")["id"]
    )
    await house.pass_time(8)
    await yes()
    last = box[0].letters[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "/interview/" in last
    assert [one.trigger for one in reversed(await house.app.trigger_desk.fired())] == list(chain)
