"""People as a list shows them who were found: how they can be reached, what became of them before, and why they are
here. Who may not be considered is left out, and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bascule.core.rediscovery import OUT, WHY, Fact, Out, last_contact, moment, outs, standing
from bascule.engine.connections import Connections
from bascule.errors import InputError
from bascule.hiring.indexing import is_held, notes_of, policy_of
from bascule.hiring.results import objection
from bascule.match.index import Index, Mask, word_number
from bascule.match.query import Part
from bascule.model import EMPTY, Family, Fields, Kind, Record, RecordState, StageType, Status
from bascule.store import Tx
from bascule.store.indexed import Indexed
from bascule.store.listing import name_of, text_of
from bascule.trust.retiring import rule_of

OUTCOMES: Mapping[str, Fact] = {
    "open": Fact.OPEN, "hired": Fact.HIRED, "rejected": Fact.REJECTED, "withdrawn": Fact.WITHDRAWN,
}  # fmt: skip
MONTH = timedelta(days=30.44)
MOST_MONTHS = 600


@dataclass(frozen=True, slots=True)
class Filters:
    """Whom to look among. `within`, `quiet`: months since the last contact, at most and at least. `reached`: at least
    this type of stage. `outcome`: of one of their applications. `place`, `job`: said in their text; a job that they
    have applied for."""

    within: int | None = None
    quiet: int | None = None
    reached: str = ""
    outcome: str = ""
    reachable: bool = False
    place: str = ""
    job: str = ""

    def __post_init__(self) -> None:
        for name, months in (("within", self.within), ("quiet", self.quiet)):
            if months is not None and not 0 <= months <= MOST_MONTHS:
                raise InputError(f"{name} is a number of months between 0 and {MOST_MONTHS}, not {months}.")
        if self.reached and self.reached not in set(StageType):
            raise InputError(f"There is no stage type {self.reached!r}.", hint=f"There are: {', '.join(StageType)}.")
        if self.outcome and self.outcome not in OUTCOMES:
            raise InputError(f"There is no outcome {self.outcome!r}.", hint=f"There are: {', '.join(OUTCOMES)}.")

    @property
    def any(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Past:
    """An application of theirs. `closed`: when it was rejected, where that is known."""

    application: str
    job: str
    title: str
    stage: str
    status: str
    reason: str
    applied: datetime
    closed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Something asked for that they say: as it was typed, what it was taken for, and where it stands."""

    asked: str
    label: str
    quote: str
    source: str


@dataclass(frozen=True, slots=True)
class Someone:
    """A person who was found. `alike`: how alike the texts are, 0 to 1. `score`: by the job's rubric; None: not (yet),
    and `fit` says why where it is known. `reach`: how they can be reached, in words."""

    candidate: str
    family: str
    name: str
    title: str
    company: str
    alike: float
    contact: datetime
    reach: str
    reachable: bool
    past: tuple[Past, ...]
    notes: int
    resume: bool
    score: float | None = None
    fit: Fields = field(default_factory=lambda: EMPTY)
    fresh: bool = True
    looked_at: bool = False
    said: tuple[Said, ...] = ()
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are in all, may be considered, and are left out, by why. `loaded`: all are there to be searched;
    else `of` says how many there will be."""

    people: int
    considered: int
    left_out: Mapping[str, int]
    loaded: bool
    of: int


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def considered(index: Index, now: datetime) -> Mask:
    """Who may be considered."""
    at = seconds(now)
    return index.where(lambda facts: ((_flags(facts) & int(OUT)) == 0) & (_times(facts, "until") > at))


def counted(index: Index, now: datetime, *, loaded: bool, total: int) -> Counted:
    """Everybody who is held, by whether and why not they may be considered: each by the first reason that holds."""
    at = seconds(now)
    left: dict[str, int] = {}
    due = index.where(lambda facts: _times(facts, "until") <= at)
    rest = ~due
    if many := int(np.count_nonzero(due)):
        left[Out.RETENTION] = many
    for fact, why in WHY.items():
        hit = index.where(lambda facts, fact=fact: (_flags(facts) & int(fact)) > 0)
        hit &= sized(rest, len(hit))
        if many := int(np.count_nonzero(hit)):
            left[why] = many
        rest = sized(rest, len(hit)) & ~hit
    people = len(index)
    return Counted(people, people - sum(left.values()), left, loaded, total)


def among(index: Index, filters: Filters, place: Sequence[Part], now: datetime, applied: Iterable[str] | None) -> Mask:
    """Who may be considered and passes. `applied`: who has applied for the job of the filters."""
    mask = considered(index, now)
    tests = _tests(filters, now)
    if tests:
        mask &= sized(index.where(lambda facts: np.logical_and.reduce([test(facts) for test in tests])), len(mask))
    for part in place:
        mask &= sized(index.saying(part.unit), len(mask))
    if applied is not None:
        mask &= sized(index.only(applied), len(mask))
    return mask


def allowed(tx: Tx, workspace: str, filters: Filters) -> set[str] | None:
    """Who may be found at all: who has applied for the job of the filters, of those that whoever asks may see. None:
    everybody."""
    applied, seen = tx.pages.applicants([filters.job]) if filters.job else None, tx.pages.seen(workspace)
    return applied if seen is None else seen if applied is None else applied & seen


def says(row: Indexed | None, parts: Sequence[Part]) -> bool:
    """Whether somebody really says all of this: the index may take them for somebody who does."""
    if not parts:
        return True
    words = set(memoryview(row.words).cast("I")) if row is not None else set[int]()
    return all(any(all(word_number(word) in words for word in way) for way in part.ways) for part in parts)


def _tests(filters: Filters, now: datetime) -> list[Callable[[NDArray[np.void]], Mask]]:
    tests: list[Callable[[NDArray[np.void]], Mask]] = []
    if filters.within is not None:
        since = seconds(now - filters.within * MONTH)
        tests.append(lambda facts: _times(facts, "contact") >= since)
    if filters.quiet is not None:
        until = seconds(now - filters.quiet * MONTH)
        tests.append(lambda facts: _times(facts, "contact") <= until)
    if filters.reached:
        rung = 1 + list(StageType).index(StageType(filters.reached))
        tests.append(lambda facts: facts["reached"] >= rung)
    if filters.outcome:
        fact = int(OUTCOMES[filters.outcome])
        tests.append(lambda facts: (_flags(facts) & fact) > 0)
    if filters.reachable:
        tests.append(
            lambda facts: (
                ((_flags(facts) & int(Fact.PHONE)) > 0)
                | ((_flags(facts) & int(Fact.EMAIL | Fact.NOT_BY_EMAIL)) == int(Fact.EMAIL))
            )
        )
    return tests


def _flags(facts: NDArray[np.void]) -> NDArray[np.uint32]:
    return cast(NDArray[np.uint32], facts["flags"])


def _times(facts: NDArray[np.void], name: str) -> NDArray[np.int64]:
    return cast(NDArray[np.int64], facts[name])


def sized(mask: Mask, size: int) -> Mask:
    """A mask for an index that has grown between two looks."""
    return mask[:size] if len(mask) >= size else np.pad(mask, (0, size - len(mask)))


class Shown:
    """Turns records that were found into people as a list shows them, in one snapshot."""

    def __init__(self, tx: Tx, workspace: str, connections: Connections, now: datetime) -> None:
        self._tx = tx
        self._workspace = workspace
        self._connections = connections
        self._now = now
        self._policy, self._rule = policy_of(tx, workspace), rule_of(tx, workspace)

    def families(self, records: Sequence[str]) -> dict[str, Family]:
        """The families of those who are still there and may be considered now, by record."""
        homes = {id: home for id in records if (home := self._tx.families.record_family(id)) is not None}
        found = self._tx.families.families(set(homes.values()))
        mine = {id: found[home] for id, home in homes.items() if home in found and is_held(found[home], id)}
        return {id: family for id, family in mine.items() if self.out(family) is None}

    def out(self, family: Family) -> Out | None:
        """Why somebody may not be considered, as they stand now."""
        ai = not objection(self._connections, family)
        stood = standing(family, self._policy, self._rule, lambda _: None, ai=ai, now=self._now)
        return outs(stood.facts, stood.until, self._now)

    def known(self, families: Iterable[Family]) -> dict[str, Record]:
        """What their applications refer to."""
        names = ("job", "stage", "reason")
        wanted = {
            str(one.fields[name])
            for family in families
            for one in _applications(family)
            for name in names
            if one.fields.get(name)
        }
        return self._tx.families.records(self._workspace, wanted)

    def someone(self, record: str, family: Family, known: Mapping[str, Record], alike: float, resume: bool) -> Someone:
        person = family.root
        reach, reachable = reach_of(person)
        return Someone(
            candidate=record,
            family=family.id,
            name=name_of(person),
            title=text_of(person.fields.get("title")) or _held_last(family, "experience_title"),
            company=text_of(person.fields.get("company")) or _held_last(family, "experience_employer"),
            alike=max(0.0, min(1.0, alike)),
            contact=last_contact(family),
            reach=reach,
            reachable=reachable,
            past=tuple(sorted((_past(one, known) for one in _applications(family)), key=lambda p: p.applied)[::-1]),
            notes=len(notes_of(family)),
            resume=resume,
        )


def reach_of(person: Record) -> tuple[str, bool]:
    """How somebody can be reached, in words, and whether at all."""
    ways = [word for word, name in (("e-mail", "emails"), ("phone", "phones")) if person.fields.get(name)]
    refused = person.fields.get("can_email") is False
    if refused and "e-mail" in ways:
        ways.remove("e-mail")
        return (" and ".join(ways) + ", " if ways else "") + "asked not to be e-mailed", bool(ways)
    return " and ".join(ways) or "no address known", bool(ways)


def _applications(family: Family) -> list[Record]:
    return [one for one in family.records.values() if one.kind is Kind.APPLICATION and one.state is RecordState.LIVE]


def _held_last(family: Family, name: str) -> str:
    """What the CV of the newest application says."""
    mine = sorted(_applications(family), key=lambda one: one.id, reverse=True)
    return next((text for one in mine if (text := text_of(one.fields.get(name)))), "")


def _past(application: Record, known: Mapping[str, Record]) -> Past:
    def named(name: str, of: str) -> str:
        record = known.get(str(application.fields.get(name) or ""))
        return text_of(record.fields.get(of)) if record is not None else ""

    return Past(
        application=application.id,
        job=str(application.fields.get("job") or ""),
        title=named("job", "title"),
        stage=named("stage", "name"),
        status=str(application.fields.get("status") or Status.ACTIVE),
        reason=named("reason", "name"),
        applied=moment(application.fields.get("applied_at")) or application.born,
        closed=moment(application.fields.get("rejected_at")),
    )
