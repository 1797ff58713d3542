"""What was found of people, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bascule.core.enrichment import FIELDS, RESUME, Effect, Step
from bascule.engine.connections import Connected
from bascule.enrichment.choice import Provider
from bascule.hiring.enriching import NAMES, Enriched, switched_on
from bascule.model import FoundValue, Kind, ReviewState, Value
from bascule.office.enrichment import Filters, Many, Proposal, Standing
from bascule.office.providers import Standing as ProviderStanding
from bascule.store.found import Kept
from bascule.store.lookups import FOUND, NOBODY, OPEN, Lookup

from ..rendering import count
from ..views.enrichment import (
    EnrichPage,
    FoundPage,
    FoundPart,
    FoundRow,
    LookupRow,
    ManyPart,
    ProposalRow,
    ProviderPart,
    ProvidersPart,
    Source,
)
from ..views.parts import Choice, Fact, State, Tone
from . import words

LAST = 10
HERE = "this machine"
WOULD: Mapping[str, State] = {
    Effect.FILL: State("fills the gap", Tone.IN_STEP), Effect.ADD: State("is added beside", Tone.IN_STEP),
    Effect.PROPOSE: State("waits for a yes", Tone.WAITING), Effect.SAME: State("there already", Tone.QUIET),
    Effect.DECLINED: State("declined before", Tone.QUIET), Effect.PASSED: State("left", Tone.QUIET),
}  # fmt: skip
IS: Mapping[str, State] = {
    Effect.FILL: State("entered", Tone.IN_STEP), Effect.ADD: State("added beside", Tone.IN_STEP),
    Effect.PROPOSE: State("waits for a yes", Tone.WAITING), Effect.SAME: State("there already", Tone.IN_STEP),
    Effect.DECLINED: State("not entered", Tone.QUIET), Effect.PASSED: State("left", Tone.QUIET),
}  # fmt: skip
ANSWERED: Mapping[ReviewState, State] = {
    ReviewState.APPROVED: State("approved", Tone.IN_STEP), ReviewState.DECLINED: State("declined", Tone.QUIET),
    ReviewState.LAPSED: State("lapsed: the value has moved", Tone.QUIET),
}  # fmt: skip


def source_of(name: str) -> str:
    """A source in words."""
    return NAMES.get(name, name)


def part(found: Standing) -> FoundPart:
    """The section of a candidate's page."""
    rows = sorted((_kept(one) for one in found.values), key=lambda row: (FIELDS_AT.get(row.field, 9), -row.sure))
    return FoundPart(tuple(rows), found.stale, tuple(map(_label, found.missing)))


FIELDS_AT = {words.label(Kind.CANDIDATE, name): n for n, name in enumerate(FIELDS)}


def _kept(one: Kept) -> FoundRow:
    state = IS.get(one.outcome, State(one.outcome))
    waits = one.outcome == Effect.PROPOSE and one.state is ReviewState.OPEN
    if one.outcome == Effect.PROPOSE and one.state is not None and not waits:
        state = ANSWERED.get(one.state, state)
    return _row(one.found, state, href=f"/review/{one.review}" if waits else "")


def _row(one: FoundValue, state: State, *, href: str = "", replaces: tuple[str, ...] = ()) -> FoundRow:
    return FoundRow(
        _label(one.field), one.value, source_of(one.source), one.seen, round(100 * one.confidence), state, one.quote,
        href, replaces,
    )  # fmt: skip


def _label(name: str) -> str:
    return words.label(Kind.CANDIDATE, name)


def preview(found: Standing, made: Enriched, chosen: Sequence[ProviderStanding], *, may: bool) -> EnrichPage:
    """What enriching one person would do."""
    known = {str(one.choice.provider): one for one in chosen}
    rows = tuple(_step(step) for step in made.steps)
    return EnrichPage(
        found.candidate, found.name, tuple(map(_label, found.missing)), found.stale, found.contacted, found.resume,
        rows, sum(step.effect in (Effect.FILL, Effect.ADD, Effect.PROPOSE) for step in made.steps),
        tuple(_asked(str(one.provider), one.why, known[str(one.provider)]) for one in made.looked), may,
    )  # fmt: skip


def _step(step: Step) -> FoundRow:
    state = WOULD[step.effect]
    why = step.why if step.effect in (Effect.PROPOSE, Effect.PASSED, Effect.DECLINED) else ""
    return _row(step.found, State(state.words, state.tone, None, why), replaces=step.replaces)


def _asked(name: str, why: str, one: ProviderStanding) -> Source:
    choice = one.choice
    price = f"{choice.price:g} {choice.currency} if they know them" if choice.on else ""
    left = (
        f"{one.used.cost / 1_000_000:.2f} of {choice.cost:.2f} {choice.currency} used this month" if choice.on else ""
    )
    return Source(name, choice.vendor.label, why, price, left)


# ----------------------------------------------------------------------------------------------- what waits, and many


def page(
    found: Sequence[Proposal], *, field: str, source: str, sure: str, job: str, filters: Filters,
    connections: Sequence[Connected], chosen: Sequence[ProviderStanding], ask: Sequence[str], many: Many | None,
    shown: int, may_decide: bool, may_enrich: bool,
) -> FoundPage:  # fmt: skip
    """The list of what waits for a yes, and the form to enrich many."""
    return FoundPage(
        tuple(_proposal(one) for one in found[:shown]),
        len(found),
        tuple(Choice(name, _label(name), name == field) for name in FIELDS),
        tuple(Choice(name, source_of(name), name == source) for name in (RESUME, *map(str, Provider))),
        sure,
        job,
        may_decide,
        may_enrich,
        tuple(Choice(at.row.name, at.row.name, at.row.name == filters.connection) for at in connections),
        tuple(Choice(name, _label(name), name == filters.missing) for name in FIELDS),
        filters.stale,
        tuple(
            Choice(str(x.choice.provider), x.choice.vendor.label, str(x.choice.provider) in ask)
            for x in chosen
            if x.choice.on
        ),
        _many(many) if many is not None else None,
    )


def _proposal(one: Proposal) -> ProposalRow:
    found, now = one.found, one.now
    return ProposalRow(
        f"/review/{one.review}", f"/candidates/{found.record}", one.name, _label(found.field), _value(now), found.value,
        source_of(found.source), found.seen, round(100 * found.confidence), found.quote,
    )  # fmt: skip


def _value(value: object) -> Value:
    return tuple(map(str, value)) if isinstance(value, tuple) else str(value) if value else None


def _many(found: Many) -> ManyPart:
    counts = found.counts
    more = " The filter finds more: do these first." if found.more else ""
    said = (
        f"{count(found.people, 'person', 'people')}: {count(counts[Effect.FILL], 'gap')} to fill, "
        f"{count(counts[Effect.ADD], 'value')} to add beside, {counts[Effect.PROPOSE]} to wait for a yes.{more}"
    )
    lookups = tuple(
        f"{source_of(name)}: {many} would be looked up, for {found.cost[name]} at most."
        for name, many in found.lookups.items()
    )
    return ManyPart(
        found.people, said, lookups, tuple(f"{many} would not be: {why}" for why, many in found.left.items())
    )


# ---------------------------------------------------------------------------------------------------------- settings


def providers(
    chosen: Sequence[ProviderStanding], lookups: Sequence[Lookup], names: Mapping[str, str],
    connections: Sequence[Connected],
) -> ProvidersPart:  # fmt: skip
    """The section of the settings. `names`: of those who were looked up, by record."""
    return ProvidersPart(
        tuple(_provider(one) for one in chosen),
        tuple(Choice(at.row.name, at.row.name, switched_on(at)) for at in connections),
        tuple(
            LookupRow(
                one.at, source_of(one.provider), names.get(one.record or "", "erased" if one.record is None else ""),
                one.sent, one.cost / 1_000_000, _outcome(one), one.outcome in (FOUND, NOBODY, OPEN), one.found,
            )
            for one in lookups
        ),
    )  # fmt: skip


def _outcome(one: Lookup) -> str:
    return "nobody like that" if one.outcome == NOBODY else one.outcome


def _provider(one: ProviderStanding) -> ProviderPart:
    choice = one.choice
    facts: tuple[Fact, ...] = ()
    if choice.on:
        spent = f"{one.used.cost / 1_000_000:.2f} of {choice.cost:.2f} {choice.currency}"
        full = "" if one.room else "Used up: nobody is looked up until the next month."
        facts = (
            Fact("Requests go to", choice.address),
            Fact("Worked on in", HERE if choice.works_in == "local" else choice.works_in),
            Fact("A look-up", f"{choice.price:g} {choice.currency}", note="Where somebody is found."),
            Fact("Spent this month", spent, note=full),
            Fact("Look-ups this month", one.used.lookups),
            Fact("Asked about", "who has agreed" if choice.only_agreed else "who may be considered again"),
        )
    return ProviderPart(
        str(choice.provider), choice.vendor.label, choice, one.key, facts, one.troubles
    )  # fmt: skip
