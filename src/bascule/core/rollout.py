"""The gate before a mode: what must be so before a connection to a customer's own system is promoted. Pure.

Each line passes, fails, or is waived by an administrator in writing. What would break promises (a system not read
whole, rules that clash) is not waived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bascule.model import Mode

AI = "rollout.ai"
"""The setting of a connection: whether AI looks at who applies there. With a dot, as an owner's choices are named: its
client and token stay as they are."""
LADDER = (Mode.OBSERVE, Mode.LISTEN, Mode.SHADOW, Mode.LIVE)
CLEAN: Mapping[Mode, int] = {Mode.OBSERVE: 14, Mode.LISTEN: 14}
"""Days without incident or failure in a mode before the next one."""


class Item(StrEnum):
    """A line of the gate."""

    ORDER = "order"
    READ = "read"
    OWNER = "owner"
    CONTACTS = "contacts"
    ALERT = "alert"
    DAYS = "days"
    GAPS = "gaps"
    DATA = "data"
    TRIGGERS = "triggers"
    RIGHTS = "rights"
    PILOT = "pilot"
    DISCLOSURE = "disclosure"


NEEDED: Mapping[Mode, tuple[Item, ...]] = {
    Mode.OBSERVE: (),
    Mode.LISTEN: (Item.OWNER, Item.CONTACTS, Item.ALERT, Item.DAYS),
    Mode.SHADOW: (
        Item.ORDER, Item.READ, Item.OWNER, Item.CONTACTS, Item.ALERT, Item.DAYS, Item.GAPS, Item.DATA, Item.TRIGGERS,
        Item.RIGHTS,
    ),
    Mode.LIVE: tuple(Item),
}  # fmt: skip
FIRM = frozenset({Item.READ, Item.TRIGGERS})
"""Lines that nobody waives."""


class Result(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a connection. `since`: when its mode began; `trouble`: the last incident's end or failure after
    it, None for none; `clean` whether a mode without webhooks can be skipped (`hooks`: the system sends any). `wrong`:
    what stands against a line, in words, with what to do; a line that is not in it holds."""

    mode: Mode
    since: datetime
    hooks: bool = True
    trouble: datetime | None = None
    wrong: Mapping[Item, tuple[str, str]] = field(default_factory=lambda: dict[Item, tuple[str, str]]())
    good: Mapping[Item, str] = field(default_factory=lambda: dict[Item, str]())
    waived: Mapping[Item, str] = field(default_factory=lambda: dict[Item, str]())  # by whom and why


@dataclass(frozen=True, slots=True)
class Line:
    item: Item
    result: Result
    why: str
    next: str = ""

    @property
    def firm(self) -> bool:
        return self.item in FIRM


def following(mode: Mode, *, hooks: bool) -> Mode | None:
    """The next mode; a system without webhooks has nothing to listen to. None after the last."""
    if mode is Mode.LIVE:
        return None
    after = LADDER[LADDER.index(mode) + 1]
    return Mode.SHADOW if after is Mode.LISTEN and not hooks else after


def rises(before: Mode, to: Mode) -> bool:
    """Whether it is a promotion."""
    return LADDER.index(to) > LADDER.index(before)


def gate(facts: Facts, to: Mode, now: datetime) -> list[Line]:
    """Every line that stands before a mode."""
    return [_line(item, facts, to, now) for item in NEEDED[to]] if rises(facts.mode, to) else []


def refused(lines: Sequence[Line]) -> list[Line]:
    return [one for one in lines if one.result is Result.FAIL]


def clean_days(facts: Facts, now: datetime) -> int:
    """Whole days since the mode began, or since the last trouble."""
    begun = max(facts.since, facts.trouble) if facts.trouble is not None else facts.since
    return max(0, (now - begun) // timedelta(days=1))


def _line(item: Item, facts: Facts, to: Mode, now: datetime) -> Line:
    wrong = (
        _days(facts, now) if item is Item.DAYS else _order(facts, to) if item is Item.ORDER else facts.wrong.get(item)
    )
    if wrong is None:
        good = (
            f"{clean_days(facts, now)} clean days in {facts.mode}." if item is Item.DAYS else facts.good.get(item, "")
        )
        return Line(item, Result.PASS, good)
    why, after = wrong
    if item in facts.waived and item not in FIRM:
        return Line(item, Result.WAIVED, f"{why} {facts.waived[item]}")
    return Line(item, Result.FAIL, why, after)


def _order(facts: Facts, to: Mode) -> tuple[str, str] | None:
    after = following(facts.mode, hooks=facts.hooks)
    if after is None or after is to:
        return None
    return f"It is in {facts.mode}; {after} comes before {to}.", f"Promote it to {after} first."


def _days(facts: Facts, now: datetime) -> tuple[str, str] | None:
    wanted, have = CLEAN.get(facts.mode, 0), clean_days(facts, now)
    if have >= wanted:
        return None
    begun = facts.since if facts.trouble is None else max(facts.since, facts.trouble)
    broken = facts.trouble is not None and facts.trouble > facts.since
    because = f"the last incident or failure was then ({begun:%Y-%m-%d})" if broken else f"it began {begun:%Y-%m-%d}"
    until = begun + timedelta(days=wanted)
    return (
        f"{have} of {wanted} clean days in {facts.mode}: {because}.",
        f"Wait until {until:%Y-%m-%d}; an incident or failure begins them anew.",
    )
