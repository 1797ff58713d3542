"""What candidates, recruiters and a hiring manager do with what reaches them by mail: they follow its links, answer it,
decide; and an owner changes the rules meanwhile.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import TypeVar

from bascule.app import App
from bascule.core.interviews import Rules
from bascule.core.reviews import APPROVE, DECLINE
from bascule.errors import BasculeError
from bascule.hiring.links import Purpose
from bascule.model import Kind, RecordState, ReviewKind
from bascule.office.decisions import Item
from bascule.office.interviews import Wanted

from . import people
from .faults import dice
from .flow import RITA, RUTH, Answer, Flow
from .life import Crashed
from .relay import Taken
from .rules import DANA, MANAGER, RITA_MAIL
from .scenario import ERASE, OURS, Act
from .vendor import APPLICATION, SOMEBODY, Vendor
from .world import OWNER, World

T = TypeVar("T")
_LINK = re.compile(rf"/({'|'.join(Purpose)})/([A-Za-z0-9_-]{{51}})")
_QUIET = re.compile(r"/quiet/([A-Za-z0-9_-]+)")
MOST = 5  # people of one run
REPLIES = (
    ("Thank you, I am glad to hear that.", 5),
    ("I withdraw my application.", 2),
    ("Please delete my data.", 1),
    ("Please unsubscribe me.", 2),
)


async def act(world: Flow, one: Act) -> None:
    """One doing, at its time. Whoever finds Bascule down comes back when it is up."""
    await world.until(one.at)
    drawn = dice("act", world.scenario.seed, one)
    if one.where != OURS:
        if one.what in ("apply", "same person") and len(world.people) >= MOST:
            return
        vendor = world.vendors[one.where]
        if one.what != "stage" or drawn.random() < 0.4 or not _forward(world, vendor, drawn):
            people.there(world, vendor, one.what, drawn)
        return
    await people.here(world, one, drawn, HERE)


def _forward(world: Flow, vendor: Vendor, drawn: random.Random) -> bool:
    """Somebody is moved one stage on; False where nobody can be."""
    able = [
        (one, ladder[ladder.index(stage) + 1])
        for one in vendor.live(APPLICATION)
        if (vendor.name, one.whose) not in world.gone and one.state is not None and one.state["status"] == "open"
        and (ladder := list(vendor.ladders[one.state["job"].removeprefix(f"{vendor.name}-")]))
        and (stage := one.state["stage"]) in ladder[:-1]
    ]  # fmt: skip
    if able:
        one, stage = drawn.choice(able)
        people.said(world, vendor.name, one.whose, "stage", stage)
        vendor.change(one.id, {"stage": stage}, SOMEBODY)
    return bool(able)


# ------------------------------------------------------------------------------------------------------- recruiters


def _desk_of(world: Flow, to: str = RITA_MAIL) -> str:
    """The newest link to somebody's desk that has reached them; "" for none."""
    for letter in reversed(world.relay.taken):
        found = _LINK.search(letter.text) if letter.to == to else None
        if found is not None and found[1] == Purpose.DECISION:
            return found[2]
    return ""


async def _desk(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """A recruiter opens what waits for them, and answers some of it."""
    token = _desk_of(world)
    if not token:
        return
    opened = await app.decisions.open(token)
    rules = sorted(opened.batches)
    if rules and drawn.random() < 0.3:
        rule = drawn.choice(rules)
        mine = [one.id for one in opened.items if one.trigger == rule and one.kind == ReviewKind.MESSAGE]
        world.log("BATCH", rule, len(mine))
        for id in mine:  # whether or not each is done: what was asked for is known
            world.answers.append(Answer(world.clock.seconds, id, ReviewKind.MESSAGE, APPROVE, sure=False))
        await app.decisions.batch(token, rule, APPROVE)
        return
    for item in drawn.sample(opened.items, min(len(opened.items), drawn.randint(1, 4))):
        answer = APPROVE if drawn.random() < 0.8 else DECLINE
        words = None
        if item.kind == ReviewKind.MESSAGE and answer == APPROVE and drawn.random() < 0.1:
            words = {"subject": f"{item.subject} again", "text": f"{item.text}\n{world.value('word')}\n"}
        await _answered(world, item, answer, app.decisions.decide(token, item.id, answer, words))


async def _answered(world: Flow, item: Item, answer: str, work: Awaitable[object]) -> None:
    def said(*, sure: bool) -> Answer:
        world.answers.append(Answer(world.clock.seconds, item.id, item.kind, answer, sure))
        return world.answers[-1]

    asked = said(sure=False)  # it may be done before anybody is told so
    world.log("DECIDE", item.kind, item.trigger, answer)
    try:
        await work
    except BasculeError as error:
        world.answers[:] = [one for one in world.answers if one is not asked]  # somebody else may have answered since
        world.log("said no", str(error))
        world.stats["said no"] += 1
        return
    said(sure=True)


async def _both(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """Two recruiters answer the same thing in the same moment."""
    token = _desk_of(world)
    if not token:
        return
    opened = await app.decisions.open(token)
    if not opened.items:
        return
    item = drawn.choice(opened.items)
    one, other = drawn.choice(((APPROVE, APPROVE), (APPROVE, DECLINE), (DECLINE, APPROVE)))
    world.log("TWO AT ONCE", item.kind, one, other)
    others = [each.app for each in world.processes if each.app is not None and each.working]
    second = others[-1] if others else app
    for answer in (one, other):
        world.answers.append(Answer(world.clock.seconds, item.id, item.kind, answer, sure=False))
    done = await asyncio.gather(
        app.decisions.decide(token, item.id, one), second.changes.decide(item.id, other, RUTH), return_exceptions=True
    )
    for each in done:
        if isinstance(each, BasculeError):
            world.stats["said no"] += 1
        elif isinstance(each, Exception):
            raise each
    if item.kind != ReviewKind.REPLY and all(not isinstance(each, BaseException) for each in done):
        world.wrong("two people decided one thing", item.kind, one, other)


async def _by_hand(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """A recruiter writes to somebody."""
    application = await _application(world, app, drawn)
    if application:
        world.written += 1
        message = await app.message_desk.send(application, "next-step", RITA)
        world.by_hand.add(message.id)
        world.written -= 1


async def _application(world: World, app: App, drawn: random.Random) -> str:
    families = await app.store.read(lambda tx: world.families(tx, app))
    able = sorted(
        record.id
        for family in families
        for record in family.records.values()
        if record.kind is Kind.APPLICATION and record.state is RecordState.LIVE
    )
    return drawn.choice(able) if able else ""


async def _interview(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """A recruiter asks for an interview, answers what was proposed, or cancels one."""
    known = await app.interviews.upcoming()
    if known and drawn.random() < 0.4:
        one = drawn.choice(sorted(known, key=lambda each: each["id"]))
        if one["proposed"] and drawn.random() < 0.8:
            await app.interviews.accept(one["id"], drawn.choice(one["proposed"]), RITA)
        else:
            await app.interviews.cancel(one["id"], RITA, "it is not needed any more")
        return
    application = await _application(world, app, drawn)
    if application:
        wanted = Wanted([DANA], "https://meet.tenant.example/room", Rules(length=30, notice=2))
        await app.interviews.ask(application, wanted, RITA, send=True)


async def _rules(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """An owner pauses a rule, resumes it, words it otherwise, or moves its limits, while people are on their way."""
    shown = await app.trigger_desk.shown()
    name = drawn.choice(sorted(rule.trigger.name for rule in shown.rules))
    rule = next(rule.trigger for rule in shown.rules if rule.trigger.name == name)
    kind = drawn.choice(("switch", "switch", "words", "limit", "back"))
    world.log("RULES", kind, name)
    if kind == "switch":
        await app.trigger_desk.switch(name, not rule.on, OWNER)
        return
    text = shown.text
    if kind == "words":
        text = text.replace(rule.why, f"{rule.why.rstrip('.')}, {world.value('as')}.")
    elif kind == "limit":
        text = text.replace("for: 48 h", "for: 36 h") if "48 h" in text else text.replace("for: 36 h", "for: 48 h")
    elif shown.version > 1:
        await app.trigger_desk.roll_back(drawn.randint(1, shown.version - 1), OWNER)
        return
    await app.trigger_desk.save(text, OWNER, base=shown.version)


async def _job(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """A job is closed here, or opened again."""
    families = await app.store.read(lambda tx: world.families(tx, app))
    jobs = sorted((one.root for one in families if one.kind is Kind.JOB), key=lambda one: one.id)
    job = drawn.choice(jobs)
    status = "open" if job.fields.get("status") == "closed" else "closed"
    world.log("JOB", job.fields.get("title"), status)
    await app.changes.edit(job.id, {"status": status}, RITA)


async def _opt_out(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """Somebody says on the telephone that no AI is to look at them."""
    application = await _application(world, app, drawn)
    if application:
        world.log("OPTS OUT", application)
        await app.screenings.opt_out(application, RITA, "by telephone")


async def _manager(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """The hiring manager answers for somebody on the list."""
    for letter in reversed(world.relay.taken):
        found = _LINK.search(letter.text) if letter.to == MANAGER else None
        if found is not None:
            answer = drawn.choice(("approve", "maybe", "skip"))
            world.log("MANAGER", answer)
            await app.managers.say(found[2], "", drawn.randint(1, 2), answer, drawn.choice(("", "Good.")))
            return


# ------------------------------------------------------------------------------------------------------- candidates


async def _letters(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """Candidates look at their mail."""
    fresh = [one for one in world.relay.taken if one.whose and one.id not in world.handled]
    for letter in drawn.sample(fresh, min(len(fresh), 2)):
        found = _LINK.search(letter.text)
        if found is None:
            world.handled.add(letter.id)
        elif found[1] == Purpose.SCREENING:
            await _form(world, app, letter, found[2], drawn)
        elif found[1] == Purpose.INTERVIEW:
            await _time(world, app, letter, found[2], drawn)


async def _form(world: Flow, app: App, letter: Taken, token: str, drawn: random.Random) -> None:
    """They fill it in, or half of it, or opt out, or ask for something; or leave it for later."""
    choice = drawn.choices(("send", "begin", "opt out", "adjust", "later"), (6, 2, 1, 1, 3))[0]
    world.log("FORM", letter.whose, choice)
    if choice == "later":
        return
    if choice == "opt out":
        await app.applicants.opt_out(token)
    elif choice == "adjust":
        await app.applicants.adjust(token, "I need more time.", "en")
        return
    else:
        await app.applicants.start(token, "en", "Europe/Berlin")
        await app.applicants.answer(token, "anything", world.value("I like"), "", "en")
        if choice == "begin":
            return
        await app.applicants.answer(token, "permit", "permit_yes", "", "en")
        if drawn.random() < 0.3:
            await app.applicants.attach(token, "file", "letter.txt", b"Dear all", "en")
        await app.applicants.send(token, "en")
    world.handled.add(letter.id)


async def _time(world: Flow, app: App, letter: Taken, token: str, drawn: random.Random) -> None:
    """They take a time, another one, propose some, or do not come."""
    choice = drawn.choices(("choose", "propose", "cancel", "later"), (6, 1, 1, 1))[0]
    world.log("TIME", letter.whose, choice)
    if choice == "cancel":
        await app.booking.cancel(token)
        world.handled.add(letter.id)
    elif choice == "choose":
        free = await app.booking.free(token)
        if free.times:
            await app.booking.choose(token, drawn.choice(free.times[:4]).isoformat())
            if drawn.random() < 0.5:
                world.handled.add(letter.id)
            return
        choice = "propose"
    if choice == "propose":
        at = (world.clock() + timedelta(days=3)).replace(hour=10, minute=0, second=0, microsecond=0)
        await app.booking.propose(token, [at.isoformat()], "", "en")


async def _two_choose(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """Two candidates take the same time in the same moment."""
    links: dict[str, str] = {}
    for letter in world.relay.taken:
        found = _LINK.search(letter.text) if letter.whose else None
        if found is not None and found[1] == Purpose.INTERVIEW:
            links[letter.whose] = found[2]
    if len(links) < 2:
        return
    tokens = [links[whose] for whose in drawn.sample(sorted(links), 2)]
    one, other = [(await app.booking.free(token)).times for token in tokens]
    both = sorted(set(one) & set(other))[:3]
    if not both:
        return
    at = drawn.choice(both).isoformat()
    world.log("TWO CHOOSE", at)
    done = await asyncio.gather(*(app.booking.choose(token, at) for token in tokens), return_exceptions=True)
    world.stats["chose one time"] += 1
    start = datetime.fromisoformat(at)
    held = world.witness.query(
        lambda tx: tx.interviews.taken(app.workspace, [DANA], start, start + timedelta(minutes=1))
    )
    if len({seat.interview for seat in held}) > 1:
        world.wrong("two interviews at one time", DANA, at)
    for each in done:
        if not isinstance(each, BasculeError) and isinstance(each, BaseException):
            raise each


def _reply(letter: Taken, text: str, number: int, *, automatic: bool = False) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = letter.to, str(letter.mail["Reply-To"])
    mail["Subject"], mail["Message-ID"] = f"Re: {letter.subject}", f"<reply-{number}@people.example>"
    mail["In-Reply-To"] = letter.id
    if automatic:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text)
    return mail


async def _handed(world: Flow, data: bytes, again: bool) -> None:
    """A mail server hands a letter over until it is taken, and perhaps once more."""
    for _ in range(2 if again else 1):
        while True:
            app = await world.working()
            try:
                await app.message_desk.take(data)
                break
            except Crashed:
                await asyncio.sleep(2.0)


def _sent(world: Flow, drawn: random.Random) -> Taken | None:
    said = [one for one in world.relay.taken if one.whose and "people.example" in one.to and "Reply-To" in one.mail]
    return drawn.choice(said) if said else None


async def _answer(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    letter = _sent(world, drawn)
    if letter is None:
        return
    text = drawn.choices([one for one, _ in REPLIES], [weight for _, weight in REPLIES])[0]
    automatic = drawn.random() < 0.15
    world.log("ANSWERS", letter.whose, text, "by itself" if automatic else "")
    data = _reply(letter, f"{text}\n\n{world.value('Regards')}", world.values, automatic=automatic).as_bytes()
    await _handed(world, data, drawn.random() < 0.3)
    if "unsubscribe" in text and not automatic:
        await _now_quiet(world, letter)


async def _now_quiet(world: Flow, letter: Taken) -> None:
    """Whoever said so is hushed from now on, if the letter was theirs: it is by its own address."""
    app = await world.working()
    if app.store.query(lambda tx: tx.messages.hushed(app.workspace, letter.to)):
        world.quiet.setdefault(letter.to, world.clock())


async def _bounce(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """A letter that was taken comes back."""
    letter = _sent(world, drawn)
    if letter is None:
        return
    world.log("COMES BACK", letter.to, letter.subject)
    report = (
        "From: MAILER-DAEMON@relay.example\nTo: jobs@tenant.example\nSubject: undelivered\n"
        f"Auto-Submitted: auto-replied\nIn-Reply-To: {letter.id}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
        "Content-Type: text/plain\n\nIt could not be delivered.\n\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; {letter.to}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 no such mailbox\n\n--b--\n"
    ).encode()
    await _handed(world, report, drawn.random() < 0.3)
    world.quiet.setdefault(letter.to, world.clock())


async def _no_more(world: Flow, app: App, what: str, drawn: random.Random) -> None:
    """Somebody follows the link that says: no more messages."""
    letter = _sent(world, drawn)
    found = _QUIET.search(str(letter.mail["List-Unsubscribe"])) if letter is not None else None
    if letter is not None and found is not None:
        world.log("NO MORE", letter.whose)
        if await app.message_desk.hush(found[1]):
            world.quiet.setdefault(letter.to, world.clock())


HERE: Mapping[str, people.Here] = {
    **{what: people.HERE[what] for what in ("rescore", ERASE)},
    "desk": _desk, "two at once": _both, "by hand": _by_hand, "interview": _interview, "rules": _rules, "job": _job,
    "opt out": _opt_out, "manager": _manager, "letters": _letters, "answer": _answer, "bounce": _bounce,
    "no more": _no_more, "two choose": _two_choose,
}  # type: ignore[dict-item]  # fmt: skip
