"""What must hold of what follows from applications: one message for each cause, and none that nobody wanted.

What speaks against a letter in the moment in which it leaves is in `objections.py`; the rest is looked at after quiet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bascule.app import App
from bascule.core.events import FIRED
from bascule.core.reviews import APPROVE
from bascule.core.triggers import Do, Trigger
from bascule.hiring.messages import MAIL as MAIL_TASK
from bascule.hiring.messages import hours_of, noted
from bascule.hiring.notices import UNTOLD
from bascule.hiring.triggers import in_force
from bascule.model import (
    Family,
    FamilyState,
    Kind,
    Record,
    RecordState,
    Review,
    ReviewKind,
    ReviewState,
    ScreeningStatus,
)
from bascule.store import Tx
from bascule.store.messages import Message, MessageState
from bascule.store.sql import Sql
from bascule.store.triggers import Firing, FiringState

from . import meetings
from .faults import CRASH, PAUSE
from .ledger import EVERY, Ledger
from .objections import rule_of
from .rules import RITA_MAIL
from .vendor import APPLICATION, NOTE, SCORE, US

if TYPE_CHECKING:
    from .flow import Flow

OVERDUE = timedelta(minutes=2)
FIRINGS = Sql("SELECT id FROM firings ORDER BY id")
RITA = "rita"
ONCE = frozenset({"application-received", "screening-reminder", "polite-no"})  # of one rule each, once an application
AT_ONCE = frozenset({"interview-booked", "interview-moved", "interview-cancelled"})


# --------------------------------------------------------------------------------------------------- after quiet


@dataclass
class Told:
    """What is stored at the end of what has followed."""

    messages: Mapping[str, Message]
    firings: Mapping[str, Firing]
    rules: Mapping[str, Trigger | None]  # by firing
    reviews: Mapping[str, Review]
    asked: Mapping[str, list[Review]]  # what was asked about a message, by its id


def check(world: Flow, ledger: Ledger, app: App) -> None:
    app.store.query(lambda tx: _check(world, ledger, app, tx))


def _check(world: Flow, ledger: Ledger, app: App, tx: Tx) -> None:
    told = _load(app, tx, ledger)
    world.stats["letters"] = len(world.relay.taken)
    world.stats["messages sent"] = sum(one.state is MessageState.SENT for one in told.messages.values())
    world.stats["firings"] = len(told.firings)
    world.stats["uncertain"] = sum(one.state is MessageState.UNKNOWN for one in told.messages.values())
    _letters(world, told)
    _decided(world, told)
    for message in told.messages.values():
        _message(world, app, tx, told, message)
    for firing in told.firings.values():
        _firing(world, tx, ledger, told, firing)
    _once(world, told)
    _nothing_missed(world, app, tx, ledger, told)
    _colleagues(world, told)
    _asked(world, app, tx, ledger)
    _channel(world, app, tx, told)
    _opted_out(world, tx, ledger)
    _in_the_ats(world, ledger, app, told)
    meetings.check(world, tx, ledger)


def _load(app: App, tx: Tx, ledger: Ledger) -> Told:
    messages = {one.id: one for one in tx.messages.list(app.workspace, limit=EVERY)}
    firings = {id: one for (id,) in tx.rows(FIRINGS) if (one := tx.triggers.one(app.workspace, id)) is not None}
    asked: dict[str, list[Review]] = defaultdict(list)
    for review, _ in ledger.reviews:
        if review.about.startswith("message|"):
            asked[str(review.detail.get("message"))].append(review)
    return Told(
        messages, firings, {one.id: rule_of(tx, None, one) for one in firings.values()},
        {review.id: review for review, _ in ledger.reviews}, asked,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- letters


def _letters(world: Flow, told: Told) -> None:
    """Each is taken once, unless nobody knew whether it was and a person has said: again."""
    by_mail = {one.mail: one for one in told.messages.values()}
    times = Counter(one.id for one in world.relay.taken if one.whose)
    for mail, n in times.items():
        message = by_mail.get(mail)
        if message is None:
            continue
        if n > 1 + _said(world, [one for one in told.asked[message.id] if one.about.endswith("|again")]):
            world.wrong("one message taken twice", message.template, message.state, n)


def _said(world: Flow, reviews: Iterable[Review], answer: str = APPROVE) -> int:
    ids = {one.id for one in reviews}
    return sum(one.review in ids and one.answer == answer for one in world.answers)


def _decided(world: Flow, told: Told) -> None:
    """What was held leaves because a person has said so; nothing that a low score has caused leaves otherwise."""
    by_mail = {one.mail: one for one in told.messages.values()}
    for letter in world.relay.taken:
        message = by_mail.get(letter.id)
        if message is None or message.template in AT_ONCE:
            continue
        before = [one for one in world.answers if one.at <= letter.began + 0.01 and one.answer == APPROVE]
        reviews = {one.id for one in told.asked[message.id]}
        if any(one.review in reviews for one in before):
            continue
        firing = told.firings.get(message.firing or "")
        rule = told.rules.get(message.firing or "")
        if firing is None and (message.id in world.by_hand or message.sender == "rita"):
            continue
        earned = firing is not None and firing.trigger in world.automatic
        low = message.template == "polite-no" or (firing is not None and firing.trigger == "polite-answer")
        if not earned or rule is None or low:
            world.wrong("left without a person", message.template, firing and firing.trigger)


def _message(world: Flow, app: App, tx: Tx, told: Told, message: Message) -> None:
    if message.direction != "out":
        return
    about = (message.template, message.state, message.why)
    taken = [one for one in world.relay.taken if one.id == message.mail]
    open_ = [one for one in told.asked[message.id] if one.state is ReviewState.OPEN]
    now = app.runtime.now()
    match message.state:
        case MessageState.HELD if not open_:
            world.wrong("a message that waits for nobody", *about)
        case MessageState.SENDING:
            world.wrong("a message whose end nobody knows, and nobody is asked", *about)
        case MessageState.DUE:
            waits = tx.tasks.among(app.workspace, MAIL_TASK, [message.id])
            if not waits or (hours_of(tx, app.workspace).next(now) <= now and message.due < now - OVERDUE):
                world.wrong("a message that waits for nothing", *about, message.due)
        case MessageState.SENT if not taken:
            world.wrong("said to be sent, and never taken", *about)
        case MessageState.WITHHELD if not message.why:
            world.wrong("withheld without a reason", *about)
        case MessageState.UNKNOWN if not told.asked[message.id]:
            world.wrong("nobody knows whether it left, and nobody is asked", *about)
        case _:
            pass
    lost = [one for one in told.asked[message.id] if one.about.endswith("|again")]
    if taken and message.state in (MessageState.HELD, MessageState.DUE, MessageState.WITHHELD) and not lost:
        world.wrong("taken, and said not to be sent", *about)
    if open_ and message.state not in (MessageState.HELD, MessageState.UNKNOWN):
        world.wrong("a person is asked about what is over", *about)
    if message.firing is not None:
        firing = told.firings.get(message.firing)
        if firing is None or firing.effect != message.id:
            world.wrong("a message whose cause cannot be told", *about)


# ------------------------------------------------------------------------------------------------------- firings


def _firing(world: Flow, tx: Tx, ledger: Ledger, told: Told, firing: Firing) -> None:
    about = (firing.trigger, firing.action, firing.state, firing.why)
    if told.rules[firing.id] is None:
        world.wrong("a firing whose rule cannot be told", *about, firing.version)
    if firing.state in (FiringState.WITHHELD, FiringState.FAILED) and not firing.why:
        world.wrong("a firing that came to nothing, without a reason", *about)
    if firing.action in (Do.MESSAGE, Do.INVITE, Do.SCHEDULE):
        message = told.messages.get(firing.effect or "")
        if message is None:
            if firing.state not in (FiringState.WITHHELD, FiringState.FAILED):
                world.wrong("a firing whose message is not there", *about)
            return
        expected = {
            MessageState.HELD: {FiringState.WAITING}, MessageState.WITHHELD: {FiringState.WITHHELD},
            MessageState.BOUNCED: {FiringState.FAILED},
        }.get(message.state, {FiringState.DONE, FiringState.CHANGED})  # fmt: skip
        if firing.state not in expected:
            world.wrong("a firing and its message tell different things", *about, message.state)
    elif firing.state is FiringState.WAITING:
        review = told.reviews.get(firing.effect or "")
        if review is None or review.state is not ReviewState.OPEN:
            world.wrong("a firing that waits for nobody", *about, review and review.state)


def _once(world: Flow, told: Told) -> None:
    """For each cause one message at most: by what is kept of it, and by what lies in the mailboxes."""
    by_mail = {one.mail: one for one in told.messages.values()}
    causes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    boxes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for letter in world.relay.taken:
        message = by_mail.get(letter.id)
        firing = told.firings.get(message.firing or "") if message is not None else None
        rule = told.rules.get(firing.id) if firing is not None else None
        if message is not None and message.template in ONCE:
            boxes[message.template, letter.whose, message.job or ""].add(letter.id)
        if message is None or firing is None or rule is None:
            continue
        causes[firing.trigger, firing.application, firing.cause].add(letter.id)
        if not rule.again:
            boxes[firing.trigger, letter.whose, message.job or ""].add(letter.id)
    for cause, letters in causes.items():
        if len(letters) > 1:
            world.wrong("two messages for one cause", *cause)
    for (trigger, whose, job), letters in boxes.items():
        if len(letters) > 1 and whose not in world.twice and whose not in world.merged:
            world.wrong("two letters of one rule in one mailbox", trigger, whose, job, len(letters))
    per_rule = Counter((one.trigger, one.application, one.cause) for one in told.firings.values())
    for cause, n in per_rule.items():
        if n > 1:
            world.wrong("fired twice for one cause", *cause)
    effects = Counter(one.effect for one in told.firings.values() if one.effect and one.action != Do.PROPOSE)
    for effect, n in effects.items():
        if n > 1 and effect in told.messages:
            world.wrong("one message of two firings", effect)
    fired = Counter(one.firing for one in told.messages.values() if one.firing)
    for firing, n in fired.items():
        if n > 1:
            world.wrong("two messages of one firing", told.firings[firing].trigger if firing in told.firings else "")


def _nothing_missed(world: Flow, app: App, tx: Tx, ledger: Ledger, told: Told) -> None:
    """Whatever a rule in force is true of, and has been for so long, has come of it."""
    _, rules = in_force(tx, app.workspace)
    known = {(one.trigger, one.application, one.cause) for one in told.firings.values()}
    by_rule = {(one.trigger, one.application) for one in told.firings.values()}
    thanks = next(one for one in rules if one.name == "thank-for-application")
    for family in ledger.families:
        for record in family.records.values():
            if record.kind is not Kind.APPLICATION or record.state is not RecordState.LIVE:
                continue
            if family.state is not FamilyState.LIVE:
                continue
            for case in app.triggers.cases(tx, family, record, rules):
                cause = (case.trigger.name, record.id, case.held.cause)
                if case.held.due < ledger.now - OVERDUE and cause not in known:
                    world.wrong("nothing came of what a rule is true of", *cause)
            if (thanks.name, record.id) not in by_rule and _stays(world, ledger, family, record, thanks):
                world.wrong("somebody who applied, and nothing came of it", record.id)


def _stays(world: Flow, ledger: Ledger, family: Family, record: Record, thanks: Trigger) -> bool:
    """Whether an application came after the rule was there, and stands where it began: at every system."""
    if thanks.since is None or thanks.since > world.ruled:
        return False
    links = [one for one in family.links.values() if one.record == record.id and one.open]
    things = [world.vendors[ledger.names[one.connection]].things.get(one.external) for one in links]
    return bool(things) and all(
        thing is not None and thing.state is not None and thing.state["stage"].endswith(("applied", "new"))
        and thing.state["status"] == "open" and not any({"stage", "status"} & set(e.changed) for e in thing.log[1:])
        for thing in things
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- colleagues


def _again(world: Flow) -> bool:
    """Whether something may have been done and forgotten: a process ended or stood still."""
    kinds = {one.kind for one in world.scenario.faults}
    return bool(kinds & {CRASH, PAUSE}) or world.scenario.processes > 1


def _colleagues(world: Flow, told: Told) -> None:
    """A colleague is told of a firing, once; a crash may tell them twice, and none not at all without saying so."""
    times = Counter(one.id.strip("<>").partition("@")[0] for one in world.relay.taken if not one.whose)
    for firing in told.firings.values():
        if firing.action != Do.NOTIFY:
            continue
        n = times[firing.id]
        if firing.state is FiringState.DONE and not n:
            world.wrong("said to be told, and nobody was", firing.trigger)
        if n > 1 and not _again(world):
            world.wrong("a colleague told twice", firing.trigger, n)


def _asked(world: Flow, app: App, tx: Tx, ledger: Ledger) -> None:
    """Whoever is to decide something has been told of it by a letter, or the owner of why not."""
    letters = [one for one in world.relay.taken if one.to == RITA_MAIL and "your decision" in one.subject]
    for one in tx.decisions.open(app.workspace, RITA):
        told = any(letter.date >= one.at for letter in letters) or UNTOLD in ledger.notices
        if not told and one.at < ledger.now - OVERDUE:
            world.wrong("held for somebody whom nobody told", one.review)


def _channel(world: Flow, app: App, tx: Tx, told: Told) -> None:
    """Each firing that tells is one event, and each event reaches the channel; twice only where an answer was lost."""
    events = tx.events.page(app.workspace, 0, [FIRED], EVERY)
    causes = Counter(one.cause for one in events)
    gone = {one.whose for one in world.erasures}
    for firing in told.firings.values():
        if firing.action == Do.TELL and causes[firing.id] != 1:
            world.wrong("a firing that is not one event", firing.trigger, causes[firing.id])
    reached = Counter(id for id, _ in world.chat.told)
    if len(events) > len(reached) and not gone and not world.gone and not world.merged:
        world.wrong("the channel has missed something", len(events), len(reached))
    if not world.scenario.faults:
        for id, n in reached.items():
            if n > 1:
                world.wrong("the channel was told twice", id)


# ------------------------------------------------------------------------------------------------------- people


def _opted_out(world: Flow, tx: Tx, ledger: Ledger) -> None:
    """Who wants no AI has no score, here or there."""
    for family in ledger.families:
        for record in family.records.values():
            if record.fields.get("screening_status") != ScreeningStatus.OPTED_OUT:
                continue
            world.stats["opted out"] += 1
            if record.fields.get("match_score") is not None:
                world.wrong("a score of somebody who wants none", record.id)
            for link in family.links.values():
                thing = world.vendors[ledger.names[link.connection]].things.get(link.external)
                if thing is None or link.record != record.id or not (link.open and link.primary):
                    continue
                pair = link.pairs.get(SCORE)
                if (thing.state or {}).get(SCORE) is not None and (pair is None or not pair.held):
                    world.wrong("a score there of somebody who wants none", thing.id)


def _in_the_ats(world: Flow, ledger: Ledger, app: App, told: Told) -> None:
    """Notes once, and no stage that no person has chosen."""
    approved = any((one.what, one.answer) == (ReviewKind.PROPOSAL, APPROVE) for one in world.answers)
    held = Counter(
        str(record.fields.get("body"))
        for family in ledger.families
        for record in family.records.values()
        if record.kind is Kind.NOTE
    )
    for system, vendor in world.vendors.items():
        there = Counter((one.parent, str((one.state or {}).get("body"))) for one in vendor.live(NOTE) if one.by == US)
        for (_, body), n in there.items():
            if n > max(1, held[body]) and vendor.traits.note_marker and not world.merged:
                world.wrong("a note twice", system, body[:60])
        for thing in vendor.things.values():
            for entry in thing.log[1:] if thing.kind == APPLICATION and len(world.vendors) == 1 else ():
                moved = {"stage", "status"} & set(entry.changed)
                if entry.who == US and moved and not approved:
                    world.wrong("moved without a person", system, thing.id, sorted(moved))
    letters = Counter(body for body in held.elements() if body.startswith("E-mail sent"))
    for body, n in letters.items():
        sent = [one for one in told.messages.values() if body == noted(one, app.settings.address)]
        if n > max(1, len(sent)) and not world.merged:
            world.wrong("one letter noted twice", body[:60])
