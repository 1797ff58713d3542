"""What goes wrong on purpose: ordered from a file, over HTTP or by a call, live, with counters of how often it acted.

Time comes from the sandbox's own clock and chance from each fault's own seeded dice, so that a run in virtual time
repeats exactly. A sandbox consults `Faults` at every request and every webhook; without faults nothing changes.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from .kinds import KINDS, Clock, Deed, Fault, OnRequest, OnWebhook, Outage, read

# How many of the things a deed was done to are told.
TOLD = 50
# An outage without an end: how long webhooks wait before they try again.
LOOK_AGAIN = timedelta(seconds=30)


class AnswerLost(ConnectionResetError):
    """The connection is closed instead of an answer, whether or not the request was carried out."""


class Refusal(Exception):
    """A deed that cannot be done as things stand; the text says why."""


@dataclass
class Done:
    """What a deed was done to, as `candidates/66001`, and how to take it back (None: it cannot be)."""

    to: Sequence[str]
    undo: Callable[[], object] | None = None


Deeds = Mapping[str, Callable[[Any, Random], Done]]
"""By kind, how a sandbox does a deed. Raises Refusal."""


@dataclass
class Ordered:
    """A fault that was ordered, and what it has done so far."""

    id: int
    fault: Fault
    at: datetime
    dice: Random
    due: datetime | None = None  # of a deed: when it is done next
    met: int = 0
    acted: int = 0
    last: datetime | None = None
    done_to: list[str] = field(default_factory=list[str])
    problem: str = ""
    undo: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])

    def state(self, now: datetime) -> str:
        """waiting, on, spent (acted as often as it may) or over."""
        end = self.fault.ends(self.at)
        if end is not None and now >= end:
            return "over"
        if self.fault.most is not None and self.acted >= self.fault.most:
            return "spent" if end is None or not self.undo else "on"
        return "waiting" if now < self.fault.begins(self.at) else "on"

    def acts(self, now: datetime) -> bool:
        """Whether it acts on what it has just met; counted."""
        most = self.fault.most
        if self.state(now) != "on" or (most is not None and self.acted >= most):
            return False
        self.met += 1
        if self.fault.chance < 1.0 and self.dice.random() >= self.fault.chance:
            return False
        self.acted += 1
        self.last = now
        return True

    def drawn(self) -> Fault:
        """The fault with the seconds that its dice give it this time."""
        spread = getattr(self.fault, "spread", 0.0)
        if not spread:
            return self.fault
        seconds = getattr(self.fault, "seconds", 0.0) + self.dice.uniform(-spread, spread)
        return self.fault.model_copy(update={"seconds": max(seconds, 0.0)})

    def as_json(self, now: datetime) -> dict[str, Any]:
        spec = self.fault.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        times = {"from": self.fault.begins(self.at), "until": self.fault.ends(self.at), "last": self.last,
                 "next": self.due}  # fmt: skip
        shown = {name: at.isoformat(timespec="milliseconds") for name, at in times.items() if at}
        counted = {"state": self.state(now), "met": self.met, "acted": self.acted}
        told = {"done_to": self.done_to, "problem": self.problem}
        return {"id": self.id, **spec, "kind": self.fault.kind, **shown, **counted,
                **{name: value for name, value in told.items() if value}}  # fmt: skip


class Faults:
    """The faults of one sandbox, in the order they were asked for."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        seed: int = 0,
        deeds: Deeds | None = None,
        kinds: Collection[str] = tuple(KINDS),
    ) -> None:
        """`kinds`: those that this sandbox can do; a deed is one of `deeds` besides."""
        self._now = now
        self.kinds = tuple(kinds)
        self._seed = seed
        self.deeds: Deeds = deeds or {}
        self._count = 0
        self.ordered: list[Ordered] = []
        # Told when a deed may have come to be due.
        self.woken: Callable[[], None] = lambda: None

    # Ordering.

    def add(self, spec: Mapping[str, Any]) -> Ordered:
        """Order one fault; a deed that is due is done at once. Raises ValueError saying what is not understood."""
        made = self._make(self._checked(spec))
        self.ordered.append(made)
        self.run_due()
        self.woken()
        return made

    def load(self, specs: Iterable[Mapping[str, Any]]) -> None:
        """Order several, or none of them: ValueError names the first that is wrong."""
        checked = [self._checked(spec) for spec in specs]
        self.ordered += [self._make(fault) for fault in checked]
        self.run_due()
        self.woken()

    def replace(self, specs: Iterable[Mapping[str, Any]]) -> None:
        """These instead of all that were ordered. Raises ValueError; then nothing has changed."""
        checked = [self._checked(spec) for spec in specs]
        self.clear()
        self.ordered = [self._make(fault) for fault in checked]
        self.run_due()
        self.woken()

    def change(self, id: int, values: Mapping[str, Any]) -> Ordered:
        """Change some values of a fault; it keeps its counters. Raises ValueError, or KeyError if there is none."""
        one = self._get(id)
        spec = one.fault.model_dump(by_alias=True, exclude_unset=True)
        fault = self._checked({**spec, "kind": one.fault.kind, **values})
        one.fault = fault
        if isinstance(fault, Deed) and one.due is not None:
            one.due = max(fault.begins(one.at), self._now())
        self.run_due()
        self.woken()
        return one

    def remove(self, id: int) -> None:
        """Forget a fault; what it did for a time is taken back. KeyError if there is none."""
        one = self._get(id)
        self.ordered.remove(one)
        self._take_back(one)

    def clear(self) -> None:
        """Forget all; what they did for a time is taken back."""
        ordered, self.ordered = self.ordered, []
        for one in ordered:
            self._take_back(one)

    def _checked(self, spec: Mapping[str, Any]) -> Fault:
        fault = read(spec)
        if fault.kind not in self.kinds or (isinstance(fault, Deed) and fault.kind not in self.deeds):
            raise ValueError(f"{fault.kind}: this sandbox cannot do that")
        end = fault.ends(now := self._now())
        if end is not None and end <= fault.begins(now):
            raise ValueError(f"{fault.kind}: it would end (`until`) before it begins (`from`)")
        return fault

    def _make(self, fault: Fault) -> Ordered:
        self._count += 1
        now = self._now()
        dice = Random(f"{self._seed}-{fault.seed}-{self._count}")
        made = Ordered(self._count, fault, now, dice)
        made.due = fault.begins(now) if isinstance(fault, Deed) else None
        return made

    def _get(self, id: int) -> Ordered:
        for one in self.ordered:
            if one.id == id:
                return one
        raise KeyError(id)

    # Meeting.

    def for_request(self, method: str, path: str) -> list[Fault]:
        """The faults that act on this request, in order, up to the first that answers in its place."""
        if not self.ordered:
            return []
        acting: list[Fault] = []
        for one in self.ordered:
            fault = one.fault
            if isinstance(fault, OnRequest) and fault.meets(method, path) and one.acts(self._now()):
                acting.append(one.drawn())
                if fault.kind in ("answer", "reset", "outage"):
                    break
        return acting

    def for_webhook(self, topic: str, subject: str) -> list[Fault]:
        """The faults that act on an event about one object, written as `candidate/66001`."""
        return [
            one.drawn()
            for one in self.ordered
            if isinstance(one.fault, OnWebhook) and one.fault.meets(topic, subject) and one.acts(self._now())
        ]

    def skew(self) -> timedelta:
        """How far the system's clock is ahead now."""
        now = self._now()
        ahead = sum(one.fault.seconds for one in self.ordered
                    if isinstance(one.fault, Clock) and one.state(now) == "on")  # fmt: skip
        return timedelta(seconds=ahead)

    def down_until(self) -> datetime | None:
        """While there is an outage: when webhooks may leave again, as far as is known."""
        now = self._now()
        ends = [one.fault.ends(one.at) or now + LOOK_AGAIN for one in self.ordered
                if isinstance(one.fault, Outage) and one.state(now) == "on"]  # fmt: skip
        return max(ends, default=None)

    # Deeds.

    def next_due(self) -> datetime | None:
        """When a deed is to be done or taken back next."""
        dues = [one.due for one in self.ordered if one.due is not None]
        ends = [end for one in self.ordered if one.undo and (end := one.fault.ends(one.at)) is not None]
        return min([*dues, *ends], default=None)

    def run_due(self) -> int:
        """Do the deeds that are due, and take back those whose time is over; how many were done."""
        count, now = 0, self._now()
        for one in list(self.ordered):
            end = one.fault.ends(one.at)
            while one.due is not None and one.due <= now and (end is None or one.due < end):
                count += self._do(one, one.due)
            if end is not None and end <= now:
                one.due = None
                self._take_back(one)
        return count

    def _do(self, one: Ordered, due: datetime) -> int:
        fault = one.fault
        assert isinstance(fault, Deed)
        one.met += 1
        acts = fault.chance >= 1.0 or one.dice.random() < fault.chance
        if acts:
            try:
                done = self.deeds[fault.kind](fault, one.dice)
            except Refusal as refusal:
                one.problem = str(refusal)
            else:
                one.acted, one.last, one.problem = one.acted + 1, self._now(), ""
                one.done_to = [*one.done_to, *done.to][-TOLD:]
                if done.undo is not None:
                    one.undo.append(done.undo)
        left = fault.most is None or one.acted < fault.most
        one.due = due + timedelta(seconds=fault.every) if fault.every is not None and left else None
        return int(acts)

    def _take_back(self, one: Ordered) -> None:
        while one.undo:
            one.undo.pop()()

    # Telling.

    def as_json(self) -> list[dict[str, Any]]:
        now = self._now()
        return [one.as_json(now) for one in self.ordered]


def known(kinds: Collection[str] = tuple(KINDS)) -> list[dict[str, Any]]:
    """Every kind of fault (of these), with what it takes besides what all take, and what it does."""
    return [
        {"kind": kind, "group": model.group, "says": " ".join((model.__doc__ or "").split()),
         "takes": {name: value for name, value in example(kind).items() if name != "kind"}}
        for kind, model in KINDS.items() if kind in kinds
    ]  # fmt: skip


def example(kind: str) -> dict[str, Any]:
    """One fault of a kind as it may be written, with everything of its own; a default where there is one."""
    found: dict[str, Any] = {"kind": kind}
    for name, one in KINDS[kind].model_fields.items():
        if name not in Fault.model_fields:
            default = one.get_default(call_default_factory=True)
            found[name] = (one.examples or [None])[0] if one.is_required() else default
    return json.loads(json.dumps(found))


def from_file(path: Path) -> list[Mapping[str, Any]]:
    """The faults of a file. Raises ValueError that says what is wrong with it."""
    found = listed(path)
    for number, spec in enumerate(found, start=1):
        try:
            read(spec)
        except ValueError as error:
            raise ValueError(f"{path}, fault {number}: {error}") from None
    return found


def listed(path: Path) -> list[Mapping[str, Any]]:
    """What stands in a YAML, JSON or TOML file: a list, or an object with the list under `faults`.

    Raises ValueError where there is no such file, or it is none of these.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ValueError(f"{path} cannot be read: {why}. Name a YAML, JSON or TOML file with faults.") from None
    try:
        found: Any = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    specs = found.get("faults") if isinstance(found, Mapping) else found
    if not isinstance(specs, list):
        raise ValueError(f"{path} holds no list of faults")
    return specs
