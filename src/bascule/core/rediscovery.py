"""Who may be considered again for another job, and how a person stands who was met before. Pure.

Left out is who has refused, or has not agreed where that is asked for, who is private in the ATS, whom no AI may look
at, and who is due under the retention rule. What is not known is no consent and no refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntFlag, StrEnum

from bascule.core import stages
from bascule.core.retention import Rule, judge, keeps, told
from bascule.errors import InputError
from bascule.model import (
    ActorKind,
    Family,
    FamilyState,
    Kind,
    Record,
    RecordState,
    StageType,
    Status,
    Value,
)

NO = frozenset({"no", "false", "0", "nein", "non", "nej", "withdrawn", "revoked", "refused", "declined"})
CONTACTS = frozenset({Kind.NOTE, Kind.MESSAGE, Kind.ACTIVITY, Kind.INTERVIEW, Kind.OFFER})
TIMES = ("created_at", "applied_at", "rejected_at", "starts_at", "sent_on")


class Fact(IntFlag):
    """What is known of a person, as bits that can be filtered by."""

    EMAIL = 1
    PHONE = 2
    NOT_BY_EMAIL = 4  # the ATS says that they may not be e-mailed
    OPEN = 8  # an application that goes on
    HIRED = 16
    REJECTED = 32
    WITHDRAWN = 64
    RESUME = 128  # found by the text of a CV, not only by what the ATS says
    REFUSED = 1 << 16
    NOT_AGREED = 1 << 17
    PRIVATE = 1 << 18
    NO_AI = 1 << 19


OUT = Fact.REFUSED | Fact.NOT_AGREED | Fact.PRIVATE | Fact.NO_AI


class Out(StrEnum):
    """Why somebody is left out."""

    REFUSED = "asked not to be considered again"
    NOT_AGREED = "have not agreed to be considered again"
    PRIVATE = "private in the ATS"
    NO_AI = "AI is switched off for them"
    RETENTION = "due under the retention rule"
    ERASED = "erased, or being erased"


WHY: Mapping[Fact, Out] = {
    Fact.REFUSED: Out.REFUSED, Fact.NOT_AGREED: Out.NOT_AGREED, Fact.PRIVATE: Out.PRIVATE, Fact.NO_AI: Out.NO_AI,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """What the workspace goes by. `field`: a custom field of the candidate in the ATS (or "consent") that says yes, no,
    or until when; `agreed`, `refused`: tags that say it. `only_agreed`: nobody else is considered. `read`: CVs of
    people who applied before Bascule came are fetched and read, so that they are found by more than their titles."""

    field: str = ""
    agreed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    only_agreed: bool = False
    read: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands. `contact`: when there was last one. `until`: from then on they are due under the retention
    rule; None: not as things stand. `reached`: the rung of the ladder their applications came to, 0 where unknown."""

    contact: datetime
    until: datetime | None
    facts: Fact
    reached: int


def read(kept: object) -> Policy:
    """The policy as it is stored; the default where there is none."""
    if not isinstance(kept, Mapping):
        return Policy()
    agreed, refused = (tuple(str(one) for one in kept.get(name, ())) for name in ("agreed", "refused"))
    return Policy(
        str(kept.get("field", "")), agreed, refused, bool(kept.get("only_agreed")), bool(kept.get("read"))
    )  # fmt: skip


def stored(policy: Policy) -> dict[str, Value]:
    return {
        "field": policy.field, "agreed": policy.agreed, "refused": policy.refused, "only_agreed": policy.only_agreed,
        "read": policy.read,
    }  # fmt: skip


def checked(policy: Policy) -> Policy:
    """The policy, if it can be one. InputError says what is wrong."""
    both = {one.casefold() for one in policy.agreed} & {one.casefold() for one in policy.refused}
    if both:
        raise InputError(f"The tag {sorted(both)[0]!r} cannot say both that somebody agrees and that they refuse.")
    if policy.only_agreed and not (policy.field or policy.agreed):
        raise InputError(
            "Nobody could be found: nothing says who has agreed.", hint="Name a field or a tag of the candidate."
        )
    return policy


def standing(
    family: Family, policy: Policy, rule: Rule, stage_of: Callable[[str], Record | None], *, ai: bool, now: datetime
) -> Standing:
    """How the person of a family stands. `ai`: whether an AI may look at them."""
    person = family.root
    applications = [one for one in _live(family, Kind.APPLICATION) if one.parent == person.id]
    facts = _reachable(person)
    for one in applications:
        facts |= _STATUS.get(str(one.fields.get("status") or Status.ACTIVE), Fact(0))
    facts |= _objections(person, policy, ai, now)
    return Standing(last_contact(family), _until(family, rule, now), facts, _reached(applications, stage_of))


def outs(facts: int, until: datetime | None, now: datetime) -> Out | None:
    """Why somebody is left out, by the first reason that holds; None: they are not."""
    if until is not None and until <= now:
        return Out.RETENTION
    return next((why for fact, why in WHY.items() if facts & fact), None)


_STATUS = {
    str(Status.ACTIVE): Fact.OPEN, str(Status.HIRED): Fact.HIRED, str(Status.REJECTED): Fact.REJECTED,
    str(Status.WITHDRAWN): Fact.WITHDRAWN,
}  # fmt: skip


def _live(family: Family, *kinds: Kind) -> Iterable[Record]:
    return (one for one in family.records.values() if one.kind in kinds and one.state is RecordState.LIVE)


def _reachable(person: Record) -> Fact:
    facts = Fact(0)
    if person.fields.get("emails"):
        facts |= Fact.EMAIL
    if person.fields.get("phones"):
        facts |= Fact.PHONE
    if person.fields.get("can_email") is False:
        facts |= Fact.NOT_BY_EMAIL
    return facts


def _objections(person: Record, policy: Policy, ai: bool, now: datetime) -> Fact:
    facts = Fact(0)
    tags = person.fields.get("tags")
    held = {str(one).casefold() for one in tags} if isinstance(tags, tuple) else set[str]()
    value = told(person, policy.field) if policy.field else None
    agreed = bool(held & {one.casefold() for one in policy.agreed}) or keeps(value, now)
    if held & {one.casefold() for one in policy.refused} or (not agreed and refuses(value, now)):
        facts |= Fact.REFUSED
    elif policy.only_agreed and not agreed:
        facts |= Fact.NOT_AGREED
    if person.fields.get("private") is True:
        facts |= Fact.PRIVATE
    return facts if ai else facts | Fact.NO_AI


def refuses(value: Value, now: datetime) -> bool:
    """A no, or a day that has passed, anywhere in the value."""
    if isinstance(value, Mapping):
        return any(refuses(one, now) for one in value.values())
    if isinstance(value, tuple):
        return any(refuses(one, now) for one in value)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10]) < now.date()
        except ValueError:
            return value.strip().casefold() in NO
    return value is False


def _until(family: Family, rule: Rule, now: datetime) -> datetime | None:
    if not rule.on or family.state is not FamilyState.LIVE:
        return None
    verdict = judge(family, rule, now)
    closed = verdict.closed or verdict.later
    return None if closed is None else rule.after(closed)


def last_contact(family: Family) -> datetime:
    """When a person last heard of us, or we of them: an application, a decision, a note or call of a person, an
    interview, an offer. What an AI wrote is none."""
    return max(contacts(family), default=family.root.born)


def contacts(family: Family) -> list[datetime]:
    """When there was one; what is not dated is none."""
    return [at for one in _live(family, Kind.APPLICATION, *CONTACTS) if not _by_machine(one) for at in _times(one)]


def _by_machine(record: Record) -> bool:
    source = record.sources.get("body")
    return source is not None and source.actor.kind is ActorKind.AI


def _times(record: Record) -> Iterable[datetime]:
    return (at for name in TIMES if (at := moment(record.fields.get(name))) is not None)


def moment(value: Value) -> datetime | None:
    """The time a field holds, where it is one."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)


def _reached(applications: Iterable[Record], stage_of: Callable[[str], Record | None]) -> int:
    rungs = [rung(stage_of(str(one.fields.get("stage")))) for one in applications if one.fields.get("stage")]
    hired = any(one.fields.get("status") == Status.HIRED for one in applications)
    return max([*rungs, _RUNGS[StageType.HIRED] if hired else 0], default=0)


_RUNGS = {one: n for n, one in enumerate(StageType, 1)}


def rung(stage: Record | None) -> int:
    """1 and up for a stage on the ladder, by its type or by what its name suggests; 0 for one that says nothing."""
    if stage is None:
        return 0
    given = stage.fields.get("type") or stages.propose(str(stage.fields.get("name") or ""))
    return _RUNGS.get(StageType(str(given)), 0) if given else 0
