"""Who may not be kept any longer: a rule of the workspace, judged person by person. Pure.

The rule speaks of people whose applications are all closed without a hire, for so many months. An open application, a
hire, a consent to be kept, or a system that does not show the person just now keeps them: what is not known is no
reason to erase anybody.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bascule.errors import InputError
from bascule.model import Family, FamilyState, Kind, LinkState, Record, RecordState, Status, Value

RETIRE = "retire"  # the task that reads one person once more and then erases them: "<family>"
RETAIN = "retain"  # the daily task that looks for everybody who is due
CLOSED = frozenset({Status.REJECTED, Status.WITHDRAWN})
MOST = 240  # months
YES = frozenset({"yes", "true", "1", "ja", "oui", "si", "sí"})


@dataclass(frozen=True, slots=True)
class Rule:
    """`months` since the last application was closed in one of `statuses`. `tags` and `field` (a custom field of the
    candidate in the ATS, or "consent") tell of a consent to be kept: a day keeps until then, a yes as long as it
    stands. `agreed`: how many a person has agreed to erase when the rule was turned on; more than that, and more than
    the limit of a bulk change, waits for a person again."""

    on: bool = False
    months: int = 12
    statuses: frozenset[Status] = frozenset({Status.REJECTED})
    tags: tuple[str, ...] = ()
    field: str = ""
    agreed: int = 0

    def before(self, now: datetime) -> datetime:
        """Whose last application was closed before this is due."""
        return _months_on(now, -self.months)

    def after(self, closed: datetime) -> datetime:
        """From when on somebody is due whose last application was closed then."""
        return _months_on(closed, self.months)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`closed`: since when everything is closed; None where something keeps the person, and `why` says what. `later`:
    the same of somebody whom only time keeps."""

    closed: datetime | None
    why: str
    later: datetime | None = None


def _months_on(at: datetime, months: int) -> datetime:
    """The same day so many months later, or the month's last."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def read(kept: object) -> Rule:
    """The rule as it is stored; one that is off where there is none."""
    if not isinstance(kept, Mapping):
        return Rule()
    statuses = frozenset(Status(str(one)) for one in kept.get("statuses", ()))
    tags = tuple(str(one) for one in kept.get("tags", ()))
    return Rule(
        bool(kept.get("on")),
        int(kept["months"]),
        statuses,
        tags,
        str(kept.get("field", "")),
        int(kept.get("agreed", 0)),
    )


def stored(rule: Rule) -> dict[str, Value]:
    """The rule as it is kept."""
    return {
        "on": rule.on, "months": rule.months, "statuses": tuple(sorted(rule.statuses)), "tags": rule.tags,
        "field": rule.field, "agreed": rule.agreed,
    }  # fmt: skip


def checked(rule: Rule) -> Rule:
    """The rule, if it can be one. InputError says what is wrong."""
    if not 1 <= rule.months <= MOST:
        raise InputError(f"{rule.months} is not between 1 and {MOST} months.")
    if not rule.statuses or not rule.statuses <= CLOSED:
        raise InputError("A rule is about people who were rejected, or who have withdrawn.", hint="rejected, withdrawn")
    return rule


def judge(family: Family, rule: Rule, now: datetime) -> Verdict:
    """Whether a person is due under the rule."""
    person = family.root
    if family.kind is not Kind.CANDIDATE or family.state is not FamilyState.LIVE:
        return Verdict(None, "erased already, or being erased")
    mine = [link for link in family.links.values() if link.kind is Kind.CANDIDATE]
    if any(link.state is LinkState.UNSEEN for link in mine):
        return Verdict(None, "not shown by a system just now")
    applications = [
        one for one in family.records.values() if one.kind is Kind.APPLICATION and one.state is RecordState.LIVE
    ]
    if not applications:
        return Verdict(None, "no application")
    statuses = {str(one.fields.get("status") or Status.ACTIVE) for one in applications}
    if Status.ACTIVE in statuses:
        return Verdict(None, "an open application")
    if Status.HIRED in statuses:
        return Verdict(None, "hired")
    if not statuses <= rule.statuses:
        return Verdict(None, f"{' and '.join(sorted(statuses - rule.statuses))}: not of this rule")
    if consents(person, rule, now):
        return Verdict(None, "a consent to be kept")
    closed = max(_closed(one) for one in applications)
    if closed > rule.before(now):
        return Verdict(None, "closed more lately", closed)
    return Verdict(closed, f"closed since {closed.date().isoformat()}")


def consents(person: Record, rule: Rule, now: datetime) -> bool:
    """Whether the person has agreed to be kept, by a tag or field that the rule names, as the ATS shows it."""
    tags = person.fields.get("tags")
    held = {str(one).casefold() for one in tags} if isinstance(tags, tuple) else set[str]()
    if held & {one.casefold() for one in rule.tags}:
        return True
    return bool(rule.field) and keeps(told(person, rule.field), now)


def told(person: Record, name: str) -> Value:
    """What the ATS holds in a custom field of the candidate, or as "consent"."""
    if name == "consent":
        return person.fields.get("consent")
    custom = person.fields.get("custom")
    if not isinstance(custom, Mapping):
        return None
    return next((value for key, value in custom.items() if key.casefold() == name.casefold()), None)


def keeps(value: Value, now: datetime) -> bool:
    """A day that has not passed, or a yes, anywhere in the value."""
    if isinstance(value, Mapping):
        return any(keeps(one, now) for one in value.values())
    if isinstance(value, tuple):
        return any(keeps(one, now) for one in value)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10]) >= now.date()
        except ValueError:
            return value.strip().casefold() in YES
    return value is True


def _closed(application: Record) -> datetime:
    """When an application was closed: as the ATS says, else when its status was last seen to change."""
    told = application.fields.get("rejected_at")
    if isinstance(told, str):
        try:
            at = datetime.fromisoformat(told)
        except ValueError:
            at = None
        if at is not None:
            return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    source = application.sources.get("status")
    return source.at if source is not None else application.born
