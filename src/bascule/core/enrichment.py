"""What a person's record lacks, what of it is out of date, and what a value that was found would do to it. Pure.

A found value fills what is empty, is added beside what is there where the systems hold several, or waits for a person.
It never takes anything away by itself, and what a person has declined once is not asked again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from bascule.core.digest import elements, in_order
from bascule.core.draft import is_empty, is_set
from bascule.core.identity import email, phone
from bascule.core.rediscovery import contacts, moment
from bascule.model import ActorKind, ConnectionView, Family, FoundValue, Kind, LinkState, Record, Value, replace

RESUME = "resume"
FIELDS = ("emails", "phones", "links", "title", "company", "location")
"""Fields of a candidate that may be found."""
SURE = 0.75  # of a value's confidence: below it a person decides, also where the field is empty
STALE = timedelta(days=730)
_DIGITS = 8  # of a phone number: the last ones are the same however it is written


class Effect(StrEnum):
    """What a value would do."""

    FILL = "fill"
    ADD = "add"
    PROPOSE = "propose"
    SAME = "same"  # it is there already
    DECLINED = "declined"  # a person has said no to it
    PASSED = "passed"  # another source is surer, or what is there is newer


ENTERS = frozenset({Effect.FILL, Effect.ADD})


@dataclass(frozen=True, slots=True)
class Step:
    """What one value would do. `becomes`: the whole field afterwards. `replaces`: what of it would go."""

    found: FoundValue
    effect: Effect
    becomes: Value = None
    replaces: tuple[str, ...] = ()
    why: str = ""


@dataclass
class _Field:
    """One field while values come to it."""

    value: Value
    filled: bool = False  # by a value of this round
    proposed: dict[str, Value] = field(default_factory=dict[str, Value])  # by source
    gives_way: tuple[str, ...] = ()  # to what is proposed


def missing(person: Record) -> tuple[str, ...]:
    """The fields that may be found and are empty."""
    return tuple(name for name in FIELDS if is_empty(person.fields.get(name)))


def steps(
    family: Family,
    values: Iterable[FoundValue],
    views: Mapping[str, ConnectionView],
    *,
    declined: Collection[tuple[str, str]] = (),
    elsewhere: Collection[str] = (),
) -> list[Step]:
    """What these values would do to a person, the surest first. `declined`: (field, value as `fold` has it) that a
    person has said no to. `elsewhere`: strong keys ("email:ada@example.org") that somebody else here is known by."""
    person, one_only = family.root, single(family, views)
    state = {name: _Field(person.fields.get(name)) for name in FIELDS}
    made: list[Step] = []
    for one in sorted(values, key=lambda x: (-x.confidence, x.field, x.source, x.value)):
        if one.field not in state:
            continue
        now = state[one.field]
        if any(fold(one.field, each) == fold(one.field, one.value) for each in elements(now.value)):
            made.append(Step(one, Effect.SAME))
        elif (one.field, fold(one.field, one.value)) in declined:
            made.append(Step(one, Effect.DECLINED, why="a person has declined it"))
        elif is_set(Kind.CANDIDATE, one.field):
            made.append(_of_several(one, now, one.field in one_only, elsewhere))
        else:
            made.append(_of_one(one, now, person))
    return [_with_all(step, state[step.found.field]) for step in made]


def _with_all(step: Step, now: _Field) -> Step:
    """A proposal about a set holds what has been entered meanwhile, and all that its source proposes."""
    one = step.found
    if step.effect is not Effect.PROPOSE or not is_set(Kind.CANDIDATE, one.field):
        return step
    kept = (each for each in elements(now.value) if each not in now.gives_way)
    return replace(step, becomes=in_order((*kept, *elements(now.proposed.get(one.source)))))


def single(family: Family, views: Mapping[str, ConnectionView]) -> frozenset[str]:
    """Fields of which a system that shows this person holds one value only."""
    shown = {x.connection for x in family.links.values() if x.kind is Kind.CANDIDATE and x.state is LinkState.LIVE}
    return frozenset(
        name
        for connection in shown
        if (view := views.get(connection)) is not None
        for one in view.fields.get(Kind.CANDIDATE, ())
        if one.single
        for name in one.canonical
    )


def _of_several(one: FoundValue, now: _Field, only_one: bool, elsewhere: Collection[str]) -> Step:
    """For e-mails, phones and links."""
    held = elements(now.value)
    others = _same_site(one.value, held) if one.field == "links" else held if only_one else ()
    if one.field == "links" and only_one and held and not others:
        return Step(one, Effect.PASSED, why="the system holds one link, of another site")
    why = _doubt(one, elsewhere)
    if others:
        why = "it would replace what is there"
    if why:
        before = elements(now.proposed.get(one.source))
        if before and (only_one or others):
            return Step(one, Effect.PASSED, why="another value of this source is surer")
        now.proposed[one.source] = (*before, one.value)
        now.gives_way = (*now.gives_way, *others)
        return Step(one, Effect.PROPOSE, None, others, why)
    effect = Effect.ADD if held else Effect.FILL
    now.value = in_order((*held, one.value))
    now.filled = True
    return Step(one, effect, now.value)


def _of_one(one: FoundValue, now: _Field, person: Record) -> Step:
    """For what there is one of: title, company, location."""
    if now.filled or one.source in now.proposed:
        return Step(one, Effect.PASSED, why="another value is surer")
    if is_empty(now.value) and one.confidence >= SURE:
        now.value, now.filled = one.value, True
        return Step(one, Effect.FILL, one.value)
    if _entered_since(person, one):
        return Step(one, Effect.PASSED, why="a person has entered what is there since")
    now.proposed[one.source] = one.value
    replaced = elements(now.value)
    return Step(one, Effect.PROPOSE, one.value, replaced, "it differs from what is there" if replaced else _UNSURE)


_UNSURE = "it is not sure enough to enter by itself"


def _doubt(one: FoundValue, elsewhere: Collection[str]) -> str:
    """Why a person is to look at it first; "" where nobody need."""
    key = f"email:{email(one.value)}" if one.field == "emails" else f"phone:{phone(one.value)}"
    if one.field in ("emails", "phones") and key in elsewhere:
        return "somebody else here has it"
    return "" if one.confidence >= SURE else _UNSURE


def _entered_since(person: Record, one: FoundValue) -> bool:
    source = person.sources.get(one.field)
    return source is not None and source.actor.kind is ActorKind.PERSON and source.at.date().isoformat() > one.seen


def _same_site(link: str, held: Sequence[str]) -> tuple[str, ...]:
    """Links to another page of the same site: a person has one profile at each."""
    return tuple(each for each in held if _site(each) == _site(link))


def _site(link: str) -> str:
    host = urlsplit(link if "//" in link else f"//{link}").hostname or ""
    return ".".join(host.removeprefix("www.").split(".")[-2:])


def fold(name: str, value: str) -> str:
    """A value as it is compared: two spellings of one thing are the same."""
    if name == "phones":
        digits = re.sub(r"\D", "", value)
        return digits[-_DIGITS:] or value
    if name == "links":
        parts = urlsplit(value if "//" in value else f"//{value}")
        return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}".casefold()
    return " ".join(value.casefold().split())


# ------------------------------------------------------------------------------------------------------ out of date


def contacted(family: Family) -> datetime | None:
    """When there was last contact with a person, or they were entered in the system; None where nothing says."""
    entered = moment(family.root.fields.get("created_at"))
    return max([*contacts(family), *([entered] if entered is not None else [])], default=None)


def stale(
    family: Family, now: datetime, values: Iterable[FoundValue] = (), bounced: Iterable[str] = ()
) -> tuple[str, ...]:
    """Why a person's contact data may be out of date: nobody was in contact for long, a message came back from one of
    the addresses (`bounced`), or their own CV gives others than the record."""
    last = contacted(family)
    why = [f"no contact since {last.date().isoformat()}"] if last is not None and last < now - STALE else []
    why += [f"a message to {one} came back" for one in bounced]
    for one in values:
        if one.source == RESUME and one.confidence >= SURE and _gives_another(family.root, one):
            what = "e-mail address" if one.field == "emails" else "phone number"
            why.append(f"the CV{' of ' + one.seen if one.seen else ''} gives another {what}")
    return tuple(dict.fromkeys(why))


def _gives_another(person: Record, one: FoundValue) -> bool:
    held = {fold(one.field, each) for each in elements(person.fields.get(one.field))}
    return one.field in ("emails", "phones") and bool(held) and fold(one.field, one.value) not in held
