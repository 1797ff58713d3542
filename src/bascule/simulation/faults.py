"""What goes wrong, where and when: a plan that is drawn before the run, so that it can be made smaller afterwards."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

REQUESTS = (
    "lost answer",  # carried out, and the connection breaks
    "timeout",  # no answer in time; it lands soon, late, or never
    "throttled",  # 429, with and without Retry-After
    "broken",  # 500, 502, 503 or 504, before or after it was carried out
    "reset",  # the connection breaks before anything was done
    "slow",  # seconds pass on the way
    "truncated",  # the answer is cut off
    "malformed",  # 200, and a page for people instead of an answer
    "refused",  # 422 for what is a good request
    "stale",  # a replica shows what was
    "partial",  # some fields are not shown
    "absent",  # an object is not shown
)
PERIODS = (
    "outage",
    "locked out",  # the key is no longer good until somebody enters the new one
    "tokens end",  # all tokens end at once, and those given meanwhile after two seconds
    "skewed",  # its clock is wrong
    "hidden",  # somebody cannot be seen
    "field gone",  # a field was renamed or removed: it is not shown, and a write that names it is refused
    "field required",  # nobody is made there without a field that we do not have
)
HOOKS = ("hooks lost", "hooks late", "hooks twice")
POST = (
    "mail away",  # the relay cannot be reached
    "mail later",  # it says 4xx, at one step or another
    "mail not ours",  # it says 5xx of the sender, which is no judgement of the recipient
    "mail refused",  # it says 5xx of the recipient
    "mail lost answer",  # it has taken the letter, and the connection breaks
    "mail broken",  # the connection breaks, and it has not
    "mail slow",
)
CRASH = "crash"  # a process ends between two steps
PAUSE = "pause"  # a process stands still, with what it has on its way, and goes on as if nothing had been
RACE = "race"  # between what a commit has read and its end, others commit
INSIDE = (CRASH, PAUSE, RACE)
KINDS = (*REQUESTS, *PERIODS, *HOOKS, *INSIDE)
USUAL = {
    "lost answer": 0.25, "timeout": 0.3, "throttled": 0.5, "broken": 0.3, "reset": 0.3, "slow": 0.4, "truncated": 0.25,
    "malformed": 0.25,
    "refused": 0.1, "stale": 0.4, "partial": 0.3, "absent": 0.1, "hooks lost": 0.5, "hooks late": 0.5,
    "hooks twice": 0.4, CRASH: 0.02, PAUSE: 0.1, RACE: 0.3,
    "mail later": 0.6, "mail not ours": 0.5, "mail refused": 0.15, "mail lost answer": 0.3, "mail broken": 0.3,
    "mail slow": 0.6,
}  # fmt: skip
"""How often a fault strikes while it lasts."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble at one system (or anywhere, where `at` is empty), from `start` for `seconds`."""

    kind: str
    at: str
    start: float
    seconds: float

    def lasts(self, now: float) -> bool:
        return self.start <= now < self.start + self.seconds


class Trouble:
    """Draws whether a fault strikes. Each fault draws for itself, so that one less leaves the others as they were."""

    def __init__(self, seed: str, faults: tuple[Fault, ...], now: object) -> None:
        self._now = now
        self.faults = faults
        self._dice = {fault: dice(seed, repr(fault)) for fault in faults}

    def strikes(self, kind: str, at: str, now: float) -> random.Random | None:
        """The dice of the fault that strikes now, for what else is to be drawn; None when none does."""
        for fault in self.faults:
            if fault.kind == kind and fault.at in ("", at) and fault.lasts(now):
                drawn = self._dice[fault]
                if drawn.random() < USUAL.get(kind, 1.0):
                    return drawn
        return None


def dice(*about: object) -> random.Random:
    """Dice of their own for one thing."""
    return random.Random(hashlib.sha256("|".join(map(str, about)).encode()).digest())
