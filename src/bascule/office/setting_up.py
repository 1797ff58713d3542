"""How far a connection is set up: each step from the real state of things, so that it is where it was left.

A step says which value is wrong and where it is mended, in the system's own screens or here. Nothing is remembered of a
walk through the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bascule.connectors.guide import Guide, guide
from bascule.connectors.rights import Rights
from bascule.core.rollout import AI
from bascule.engine.backfill import Backfill, Progress
from bascule.engine.connections import MISSING_RIGHT, Connected
from bascule.model import Actor, Kind, Label, Mode
from bascule.store import Tx
from bascule.store.inbox import Heard
from bascule.store.notices import SeenGap
from bascule.store.pilots import Phase, Pilot

from .accounts import wanted_fields
from .desk import Desk
from .grants import Grants
from .mapping_file import StageName
from .mappings import Mappings
from .pilots import Pilots
from .reaching import Reached, Reaching, plainly
from .rollouts import Rollouts, Standing


class Step(StrEnum):
    """In the order of the walk."""

    CREDENTIALS = "credentials"
    RIGHTS = "rights"
    READING = "reading"
    WEBHOOKS = "webhooks"
    STAGES = "stages"
    VALUES = "values"
    AI = "ai"
    YOU = "you"
    SHADOW = "shadow"  # at a customer's own system: nothing is made there before
    FIELDS = "fields"
    PILOT = "pilot"
    LIVE = "live"


class Is(StrEnum):
    """How a step stands. `OPEN`: can be done now, and need not be for what follows."""

    DONE = "done"
    WRONG = "wrong"  # a value is wrong
    NOW = "now"  # waits for a person
    RUNS = "runs"  # goes on by itself
    OPEN = "open"
    LATER = "later"  # something before it comes first


@dataclass(frozen=True, slots=True)
class StepState:
    """One step. `words`: how it stands; `next`: what to do, and where."""

    step: Step
    state: Is
    words: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """A connection's whole set-up. `here`: the step that waits for a person, None where none does."""

    name: str
    label: Label
    guide: Guide
    steps: tuple[StepState, ...]
    rights: Rights
    stages: tuple[StageName, ...]
    gaps: tuple[SeenGap, ...]
    lacking_fields: tuple[str, ...]  # for output, that can be made from here
    by_hand: tuple[str, ...]  # for output, that people make there
    heard: Heard
    reached: Reached | None
    pilot: Pilot | None
    for_pilot: tuple[str, ...]  # rights that a pilot needs and the credential lacks
    standing: Standing

    @property
    def here(self) -> Step | None:
        waits = (Is.WRONG, Is.NOW)
        return next((one.step for one in self.steps if one.state in waits), None)

    @property
    def done(self) -> int:
        return sum(one.state is Is.DONE for one in self.steps)


@dataclass
class _Facts:
    """What the store knows of a connection."""

    gaps: tuple[SeenGap, ...]
    heard: Heard
    missing: str
    strangers: tuple[str, ...]  # settings that name a user whom the system does not have
    pilots: list[Pilot] = field(default_factory=lambda: list[Pilot]())


class SettingUp:
    """`app.setting_up`."""

    def __init__(
        self, desk: Desk, grants: Grants, mappings: Mappings, rollouts: Rollouts, pilots: Pilots, backfills: Backfill,
        reaching: Reaching,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._grants = grants
        self._mappings = mappings
        self._rollouts = rollouts
        self._pilots = pilots
        self._backfills = backfills
        self._reaching = reaching

    async def of(self, name: str, actor: Actor) -> Walk:
        """How far it is, for this person. NotFoundError where there is no such connection."""
        await self._desk.connections.refresh()
        at = self._desk.connections.named(name)
        facts = await self._desk.store.read(lambda tx: self._facts(tx, at))
        standing, progress = await self._rollouts.of(name), await self._backfills.progress(at)
        stages = tuple(await self._mappings.stages(name)) if at.row.crawled else ()
        told, rights = guide(at.connector), self._grants.of(at)
        can = all(kind in at.connector.creates for kind in (Kind.CANDIDATE, Kind.APPLICATION))
        lacks = self._grants.lacking(at) if can else ()
        wanted = wanted_fields(at)
        fields = tuple(setup.name for setup in at.connector.setup(at.tenant, wanted))
        by_hand = () if fields else _by_hand(at, wanted)
        others = tuple(gap for gap in facts.gaps if gap.kind is not Kind.STAGE)
        pilot, reached = next(iter(facts.pilots), None), self._reaching.known()
        user = self._desk.connections.acts_as(at, actor)
        ai = bool(at.row.settings.get(AI, True))
        steps = (
            _credentials(at, told, facts.strangers),
            _rights(at, told, rights, facts.missing, pilot if can else None, can=can),
            _reading(at, progress, rights, facts.missing),
            _webhooks(at, told, facts.heard, reached),
            _stages(at, stages),
            _values(at, others),
            StepState(Step.AI, Is.DONE, "On.") if ai else _ai(at, facts.gaps),
            _you(at, user),
            *(() if standing.exempt else (_shadow(at, standing),)),
            _fields(at, fields, by_hand),
            _pilot(at, pilot, can=can, ready=at.row.crawled and bool(user) and ai, lacks=lacks, told=told),
            _live(at, standing),
        )
        return Walk(
            at.row.name, at.row.label, told, steps, rights, stages, others, fields, by_hand, facts.heard, reached,
            pilot, tuple(lacks), standing,
        )  # fmt: skip

    def _facts(self, tx: Tx, at: Connected) -> _Facts:
        told = next(
            (one.text for one in tx.notices.list(at.row.workspace, limit=200)
             if one.kind == MISSING_RIGHT and one.connection == at.id),
            "",
        )  # fmt: skip
        gaps = tuple(tx.gaps.list(at.row.workspace, connection=at.id))
        return _Facts(gaps, tx.inbox.heard(at.id), told, _strangers(tx, at), tx.pilots.of(at.id, limit=1))


def _by_hand(at: Connected, wanted: Sequence[str]) -> tuple[str, ...]:
    """Fields for output that the account lacks, where the system's interface makes none."""
    lacking = (each for each in at.connector.fields(at.tenant, at.id) if each.created and each.missing)
    return tuple(dict.fromkeys(each.label or each.name for each in lacking if each.canonical[0] in wanted))


# --------------------------------------------------------------------------------------------------------- the steps


def _strangers(tx: Tx, at: Connected) -> tuple[str, ...]:
    """Settings that name a user whom the system does not show, once everything is read."""
    given = {name: str({**at.row.settings, **at.secrets}.get(name) or "") for name in at.connector.users}
    known = tx.families.resolve(at.id, [(Kind.USER, value) for value in given.values() if value])
    wrong = [name for name, value in given.items() if value and (Kind.USER, value) not in known]
    return tuple(wrong) if at.row.crawled else ()


def _credentials(at: Connected, told: Guide, strangers: Sequence[str]) -> StepState:
    if at.row.paused:
        return StepState(Step.CREDENTIALS, Is.WRONG, _sentence(at.row.paused), f"In {told.label}: {told.credential}")
    if at.row.broken:
        where = f"Look whether {told.label} answers at {at.row.base_url}."
        return StepState(Step.CREDENTIALS, Is.WRONG, _sentence(plainly(at.row.broken)), where)
    if strangers:
        what = next(entry.what for entry in told.entries if entry.name == strangers[0])
        words = f"{told.label} has no such user: {what}."
        after = f"Enter it again; the rest may stay empty. {told.credential}"
        return StepState(Step.CREDENTIALS, Is.WRONG, words, after)
    return StepState(Step.CREDENTIALS, Is.DONE, f"{told.label} takes them.")


def _rights(at: Connected, told: Guide, found: Rights, missing: str, last: Pilot | None, *, can: bool) -> StepState:
    where = f"In {told.label}: {told.rights}"
    if missing or found.missing:
        words = _lacks(found.missing) if found.missing else _named(at, missing)
        return StepState(Step.RIGHTS, Is.WRONG, words, f"{where} Then enter the list again.")
    if not found.told_by:
        words = f"{told.label} does not tell which rights the credential has."
        return StepState(Step.RIGHTS, Is.NOW, words, f"Copy its list. {where}")
    piloted = last is not None and last.passed is True
    if can and not piloted and found.unwaived and set(found.unwaived) <= set(told.piloting):
        return StepState(Step.RIGHTS, Is.DONE, f"As needed, and for the {_what(at)}: {', '.join(found.unwaived)}.")
    if found.unwaived and set(found.unwaived) <= set(told.piloting):
        words = f"The {_what(at)} is over: {', '.join(found.unwaived)} is not needed any more."
        return StepState(Step.RIGHTS, Is.NOW, words, f"Take it away there, and enter the list again. {where}")
    if found.unwaived:
        words = f"It may do more than is needed: {', '.join(found.unwaived)}."
        return StepState(Step.RIGHTS, Is.NOW, words, f"Take them away or accept them in writing. {where}")
    return StepState(Step.RIGHTS, Is.DONE, "As needed." if not found.excess else "As needed, with what is accepted.")


def _lacks(missing: Sequence[str]) -> str:
    return f"It lacks {'1 right' if len(missing) == 1 else f'{len(missing)} rights'}: {_list(missing)}."


def _named(at: Connected, told: str) -> str:
    """What was answered to a call that a right was missing for, with the rights that this call needs."""
    text, path = _refused(at, told)
    needs = sorted({scope for reads in at.connector.reads if reads.path == path for scope in reads.scopes})
    return f"{text} That needs {', '.join(needs)}." if needs else text


def _refused(at: Connected, told: str) -> tuple[str, str]:
    """What was answered to a call that a right was missing for, and the path of that call."""
    text = _sentence(told.removeprefix(f"{at.row.name}: ").partition(". ")[0])
    return text, text.rpartition(" ")[2].rstrip(".")


def _reading(at: Connected, progress: Progress, found: Rights, missing: str) -> StepState:
    if at.row.crawled:
        return StepState(Step.READING, Is.DONE, "Everything there was read once.")
    if at.row.paused:
        return StepState(Step.READING, Is.LATER, "It stands still until the credentials work.")
    far = f"{progress.objects:,} objects so far." if progress.objects else "It has begun."
    path = _refused(at, missing)[1]
    waits = [one for one in at.connector.reads if one.title == progress.list]
    if any(one.path == path or set(one.scopes) & set(found.missing) for one in waits):
        words = f"It stands still at {progress.list.replace('_', ' ')}, for want of a right. {far}"
        return StepState(Step.READING, Is.LATER, words, "It goes on by itself once the right is there.")
    return StepState(Step.READING, Is.RUNS, f"Being read. {far}", "It goes on by itself, newest first.")


def _webhooks(at: Connected, told: Guide, heard: Heard, reached: Reached | None) -> StepState:
    if at.connector.webhook is None:
        return StepState(Step.WEBHOOKS, Is.DONE, f"{told.label} sends none: it is polled.")
    if heard.forged and heard.refused is not None:
        words = f"Calls reach the address and are refused: {heard.refused.why}."
        return StepState(
            Step.WEBHOOKS, Is.WRONG, words, at.connector.webhook.secret_step(told.label, at.row.name)
        )  # fmt: skip
    if heard.arrives:
        return StepState(Step.WEBHOOKS, Is.DONE, "They arrive: changes follow in seconds.")
    if reached is not None and reached.why and (not reached.local or at.row.label is not Label.SIMULATOR):
        return StepState(
            Step.WEBHOOKS, Is.OPEN if reached.local else Is.WRONG, reached.why,
            f"{reached.next} Or leave it: everything works, only slower.",
        )  # fmt: skip
    return StepState(
        Step.WEBHOOKS, Is.OPEN, "None has arrived yet. Everything works without them, only slower.", told.hook
    )  # fmt: skip


def _stages(at: Connected, stages: Sequence[StageName]) -> StepState:
    if not at.row.crawled:
        return StepState(Step.STAGES, Is.LATER, "Once everything is read.")
    unknown = [one.name for one in stages if one.type is None and one.proposed is None]
    proposed = [one.name for one in stages if one.type is None and one.proposed is not None]
    if unknown:
        words = f"{len(unknown)} of {len(stages)} stages are not understood: {_list(unknown)}."
        return StepState(Step.STAGES, Is.WRONG, words, "Choose what each one is. Nothing there need be renamed.")
    if proposed:
        words = f"{len(proposed)} of {len(stages)} are guessed from their names: {_list(proposed)}."
        return StepState(Step.STAGES, Is.NOW, words, "Look at them, mend what is wrong, and confirm.")
    return StepState(
        Step.STAGES, Is.DONE, f"{len(stages)} stages, each confirmed." if stages else "There are none yet."
    )


def _values(at: Connected, gaps: Sequence[SeenGap]) -> StepState:
    if not at.row.crawled:
        return StepState(Step.VALUES, Is.LATER, "Once everything is read.")
    if gaps:
        named = _list([f"{gap.field.replace('_', ' ')} “{gap.value}”" for gap in gaps])
        return StepState(Step.VALUES, Is.WRONG, f"Not known: {named}.", "Say on the mapping page what each one means.")
    return StepState(Step.VALUES, Is.DONE, "Every value is known.")


def _ai(at: Connected, gaps: Sequence[SeenGap]) -> StepState:
    if gaps or not at.row.crawled:
        return StepState(Step.AI, Is.LATER, "Once every stage and value is known.")
    return StepState(Step.AI, Is.NOW, "Off: nobody is scored.", "Switch it on when the mapping is right.")


def _shadow(at: Connected, standing: Standing) -> StepState:
    """At a customer's own system: everything after this needs a mode in which writes are planned."""
    if at.row.mode in (Mode.SHADOW, Mode.LIVE):
        return StepState(Step.SHADOW, Is.DONE, "Reached: writes are planned and shown.")
    if not at.row.crawled:
        return StepState(Step.SHADOW, Is.LATER, "Once everything is read.")
    if failing := [one for one in standing.lines if one.result == "fail"]:
        lines = "1 line before {} fails" if len(failing) == 1 else f"{len(failing)} lines before {{}} fail"
        words = f"In {standing.mode}. {lines.format(standing.to)}."
        after = "Each says what to do, and most can be waived in writing. The modes: observe, listen, shadow, live."
        return StepState(Step.SHADOW, Is.NOW, words, after)
    words = f"In {standing.mode}, ready for {standing.to}."
    return StepState(Step.SHADOW, Is.NOW, words, "One mode after the other; in shadow writes are planned and not sent.")


def _fields(at: Connected, lacking: Sequence[str], by_hand: Sequence[str]) -> StepState:
    label = at.connector.label
    if not at.row.crawled:
        return StepState(Step.FIELDS, Is.LATER, "Once everything is read.")
    if by_hand:
        words = f"{label} lacks {len(by_hand)} fields for what is found out, and its interface makes none."
        noted = "The score and its reasons stand in a note meanwhile. " if Kind.NOTE in at.connector.creates else ""
        return StepState(Step.FIELDS, Is.OPEN, words, f"{noted}Make them by hand in {label}; they are found there.")
    if not lacking:
        return StepState(Step.FIELDS, Is.DONE, f"{label} has a field for everything that is written there.")
    words = f"{label} lacks {len(lacking)} fields for what is found out: {_list(lacking, 3)}."
    if at.row.mode not in (Mode.SHADOW, Mode.LIVE) and at.row.label is not Label.SIMULATOR:
        return StepState(Step.FIELDS, Is.LATER, words, "They are created from shadow on: before, nothing is written.")
    return StepState(Step.FIELDS, Is.NOW, words, f"They are made in {label} now, or by hand there.")


def _you(at: Connected, user: str) -> StepState:
    if user:
        return StepState(Step.YOU, Is.DONE, "Known. What you decide here is done there in your name.")
    if not at.row.crawled:
        return StepState(Step.YOU, Is.LATER, "Once everything is read.")
    words = f"Nobody knows who you are in {at.connector.label}."
    return StepState(
        Step.YOU,
        Is.NOW,
        words,
        "Choose your user there: stages are moved in your name. "
        "Whoever is no user there leaves this, and what follows, to a colleague who is.",
    )


def _pilot(
    at: Connected, last: Pilot | None, *, can: bool, ready: bool, lacks: Sequence[str], told: Guide
) -> StepState:
    what = _what(at)
    if last is not None and last.phase != Phase.DONE:
        return StepState(Step.PILOT, Is.RUNS, f"The {what} is under way.", "Its page says what you do meanwhile.")
    if last is not None and last.passed:
        return StepState(Step.PILOT, Is.DONE, f"The {what} has passed.")
    if not can:
        words = f"{told.label}'s connector can bring no test candidate there."
        return StepState(Step.PILOT, Is.OPEN, words, "Try a few by hand, and waive the line before live.")
    if at.row.mode is Mode.LIVE and (lacks or at.row.label is not Label.SIMULATOR):
        return StepState(Step.PILOT, Is.OPEN, f"It is live already, without a {what} that has passed.")
    if not ready:
        return StepState(Step.PILOT, Is.LATER, "Once everything above is done.")
    if at.row.label is not Label.SIMULATOR and at.row.mode in (Mode.OBSERVE, Mode.LISTEN):
        return StepState(Step.PILOT, Is.LATER, "Once it is in shadow, and its fields are made there.")
    if lacks:
        words = f"The credential lacks what a {what} needs besides: {', '.join(lacks)}."
        after = f"Give it these while it lasts. In {told.label}: {told.rights} Then enter the list again, under Rights."
        return StepState(Step.PILOT, Is.WRONG, words, after)
    words = f"The last {what} has not passed." if last is not None else f"No {what} was run yet."
    return StepState(Step.PILOT, Is.WRONG if last is not None else Is.NOW, words, "Test candidates go the whole way.")


def _live(at: Connected, standing: Standing) -> StepState:
    if at.row.mode is Mode.LIVE and not at.row.scope.pilot:
        whom = "for everybody" if at.row.scope.whole else "for those it covers"
        return StepState(Step.LIVE, Is.DONE, f"Live {whom}.")
    if at.row.scope.pilot or not at.row.crawled:
        return StepState(Step.LIVE, Is.LATER, "Once everything above is done.")
    if not standing.exempt and at.row.mode in (Mode.OBSERVE, Mode.LISTEN):
        return StepState(Step.LIVE, Is.LATER, "Once it is in shadow.")
    failing = [] if standing.exempt else [one for one in standing.lines if one.result == "fail"]
    if failing:
        lines = "1 line before {} fails" if len(failing) == 1 else f"{len(failing)} lines before {{}} fail"
        words = f"In {standing.mode}. {lines.format(standing.to)}."
        after = "Each says what to do, and can be waived in writing. The modes: observe, listen, shadow, live."
        return StepState(Step.LIVE, Is.NOW, words, after)
    return StepState(Step.LIVE, Is.NOW, f"In {standing.mode}.", "Begin with one job; everybody else is only observed.")


def _what(at: Connected) -> str:
    return "rehearsal" if at.row.label is Label.SIMULATOR else "pilot"


def _list(names: Sequence[str], most: int = 6, rest: bool = True) -> str:
    more = f" and {len(names) - most} more" if rest and len(names) > most else ""
    return ", ".join(names[:most]) + more


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
