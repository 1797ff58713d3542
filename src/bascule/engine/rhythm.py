"""How often each list is asked, and how soon a change is promised to follow.

The connector knows an interval for every list; the owner may set another one, and a promise, per connection and list.
What is asked for is never asked more often than that. It is asked less often while the rate has no room: people and
changes go first, and lists share what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bascule.connectors.spec import SOONEST, Connector, Reads
from bascule.model import Fields, Kind
from bascule.store.budgets import POLLS

from .connections import Connected

HOOKED = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB)
"""Kinds that systems send webhooks for."""
FAST = timedelta(minutes=2)  # lists asked more often than this share their part of the rate
TOLD = timedelta(seconds=2)  # what webhooks tell of is promised within this
SLACK = timedelta(seconds=2)  # from an answer to its being committed here, in a promise that follows from the interval
BOUNDS = (SOONEST, timedelta(days=7))  # what an owner may set
EVERY, PROMISE = "every.", "promise."  # settings of a connection: before the list's name, seconds
PARITY = "parity"  # the task that compares a list with what is held, and the notice about what is left of it
COMPARE = "parity."  # a setting like the above: how often a list is compared
COMPARED = timedelta(days=1)  # ... where nothing is set


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is set for one list. `every`: the interval, None where the list is never asked by the clock. `chosen`: the
    owner set it. `promise`: within which a change is here and in the record. `kept`: the owner set that."""

    name: str
    kind: Kind
    every: timedelta | None
    chosen: bool
    promise: timedelta | None
    kept: bool
    told: bool  # the system's webhooks tell of changes
    usual: timedelta | None  # the connector's interval
    parity: timedelta | None = None  # how often it is compared with what is held; None where it cannot be


def usual(reads: Reads) -> timedelta | None:
    """The connector's interval: the shorter of its polls and sweeps."""
    return min((one for one in (reads.every, reads.sweep) if one is not None), default=None)


def given(settings: Fields, what: str, name: str) -> timedelta | None:
    """What the owner set for a list, of `EVERY` or `PROMISE`."""
    value = settings.get(what + name)
    return timedelta(seconds=value) if isinstance(value, int | float) else None


def asked(settings: Fields, reads: Reads, connectors: timedelta) -> timedelta:
    """The interval of a list's polls, or of its sweeps, whose interval by the connector is `connectors`: the owner's,
    where that is the quicker of the two. A daily sweep behind a poll stays daily."""
    chosen = given(settings, EVERY, reads.title)
    return chosen if chosen is not None and connectors == usual(reads) else connectors


def compared(connector: Connector) -> list[Reads]:
    """The lists that can be compared with what is held: walked whole, showing objects as they are."""
    return [one for one in connector.reads if one.by and one.walked]


def compared_every(settings: Fields, reads: Reads) -> timedelta:
    """How often that is done."""
    return given(settings, COMPARE, reads.title) or COMPARED


def quick(connector: Connector, settings: Fields) -> list[timedelta]:
    """The intervals that share the polls' part of the rate."""
    each = [
        asked(settings, reads, one)
        for reads in connector.reads
        for one in (reads.every, reads.sweep)
        if one is not None
    ]
    return [one for one in each if one < FAST]


def pace(at: Connected, reads: Reads, items: int, connectors: timedelta, part: float = POLLS) -> float:
    """Seconds from one reading of this list to the next: as set, unless all lists that are asked often would together
    take more than their `part` of the rate the system allows; then each of them is asked less often, in proportion.

    `items` is how long the list is (0: one page whatever it holds). One of many pages gets what the others leave.
    """
    wanted = asked(at.row.settings, reads, connectors)
    rate = at.connector.rates.get(reads.budget)
    if rate is None:
        return wanted.total_seconds()
    often = sum(1 / one.total_seconds() for one in quick(at.connector, at.row.settings))
    share = part * at.client.allowed.get(reads.budget, rate.requests) / rate.per.total_seconds()
    stretch = max(1.0, often / share)
    others = (often - (1 / wanted.total_seconds() if wanted < FAST else 0)) / stretch
    left = max(share - others, share / 10)  # lists that are read rarely are not counted, and need a little
    return max(wanted.total_seconds() * stretch, max(1, -(-items // reads.page_size[1])) / left)


def of(at: Connected, reads: Reads, hooked: bool) -> Rhythm:
    """What holds for one list now. `hooked`: the system's webhooks arrive."""
    settings, connectors = at.row.settings, usual(reads)
    told = hooked and at.connector.webhook is not None and reads.kind in HOOKED and not polled_only(reads)
    every = None if connectors is None else asked(settings, reads, connectors)
    kept = given(settings, PROMISE, reads.title)
    derived = TOLD if told else None
    if derived is None and connectors is not None:
        derived = timedelta(seconds=round(pace(at, reads, 0, connectors), 1)) + SLACK
    return Rhythm(
        reads.title, reads.kind, every, given(settings, EVERY, reads.title) is not None, kept or derived,
        kept is not None, told, connectors,
        compared_every(settings, reads) if reads in compared(at.connector) else None,
    )  # fmt: skip


def polled_only(reads: Reads) -> bool:
    """Whether no webhook tells of what this list shows: the connector has it asked every few seconds."""
    every = usual(reads)
    return every is not None and every < timedelta(minutes=1)


def all_of(at: Connected, hooked: bool) -> Mapping[str, Rhythm]:
    """By list, those that are asked by the clock."""
    return {reads.title: of(at, reads, hooked) for reads in at.connector.reads if usual(reads) is not None}


def list_of(connector: Connector, endpoint: str) -> str:
    """The list that is asked there; empty where none is."""
    path = endpoint.rstrip("/").rpartition("/")[2]
    return next((one.title for one in connector.reads if one.path.strip("/").rpartition("/")[2] == path), "")


def kinds_of(connector: Connector, endpoint: str) -> tuple[Kind, ...]:
    """The kinds of objects that are read there; none where it is no list of objects (a sign-in, a definition)."""
    path = endpoint.rstrip("/").rpartition("/")[2]
    shown = [one.kind for one in connector.reads if one.path.strip("/").rpartition("/")[2] == path]
    return tuple(dict.fromkeys(shown))


def told_by(connector: Connector, root: Kind) -> str:
    """The list that stands for what webhooks tell of objects of this kind."""
    return next((one.title for one in connector.reads if one.kind == root and not polled_only(one)), str(root))
