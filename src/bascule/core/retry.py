"""After an error: again at a time, a failure, or a pause. Pure: the jitter comes from the key, not from chance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from bascule.errors import (
    AbsentError,
    DisconnectedError,
    GuardRefusedError,
    MalformedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnansweredError,
    UnavailableError,
)

FIRST = timedelta(seconds=1)
CAP = timedelta(minutes=15)
MALFORMED = 5  # answers nobody can read are tried this often, then shown
ABSENT = 3
DOWN = frozenset({0, 502, 503})  # answers (0: none) of a system that is down as a whole; nothing was done
ATTEMPTS = 60  # about half a day at the cap: then a person looks


class Scope(StrEnum):
    """What a pause stops."""

    CONNECTION = "connection"  # its credentials are refused
    OBJECT = "object"  # a right is missing for this kind of call


@dataclass(frozen=True, slots=True)
class Again:
    """Try again, not before `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Dead:
    """It will not succeed by itself: kept, explained, replayable."""

    why: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is lost; a person is asked, and one probe is sent at `probe`."""

    scope: Scope
    why: str
    probe: datetime


Verdict: TypeAlias = Again | Dead | Pause


def after_error(attempt: int, error: BaseException, now: datetime, key: str = "", *, down: bool = False) -> Verdict:
    """What follows the `attempt`-th failure (from 1). A rate limit is waited for exactly as told.

    `down`: the system was known to be down as a whole before this failed. Who meets it first cannot tell whether it is
    that or its own.
    """
    match error:
        case ThrottledError():  # never given up: the system is well, and only wants time
            return Again(now + (error.retry_after if error.retry_after is not None else back_off(attempt, key)))
        case DisconnectedError():
            return Pause(Scope.CONNECTION, _words(error, "its credentials are refused"), now + CAP)
        case PermissionMissingError():
            return Pause(Scope.OBJECT, _words(error, "a right is missing"), now + CAP)
        case RejectedError():
            return Dead(_words(error, "refused"))
        case GuardRefusedError():
            return Again(now)
        case UnavailableError() if down and error.status in DOWN:  # never given up: it is asked until it is back
            return Again(now + max(back_off(attempt, key), error.retry_after or timedelta(0)))
        case UnavailableError() | UnansweredError():
            return _later(attempt, error, now, key, ATTEMPTS)
        case AbsentError():
            return _later(attempt, error, now, key, ABSENT)
        case MalformedError():
            return _later(attempt, error, now, key, MALFORMED)
        case _:
            return _later(attempt, error, now, key, MALFORMED)


def counts(error: BaseException, *, down: bool = False) -> bool:
    """Whether a failure is this piece of work's own, and so is counted against it; being told to wait, refused
    credentials and a system that was `down` already are not."""
    return not ((down and says_down(error)) or isinstance(error, DisconnectedError | ThrottledError))


def says_down(error: BaseException) -> bool:
    """Whether it looks as if the whole system was down."""
    return isinstance(error, UnavailableError) and error.status in DOWN


def _later(attempt: int, error: BaseException, now: datetime, key: str, most: int) -> Verdict:
    if attempt >= most:
        return Dead(_words(error, f"gave up after {attempt} attempts"))
    wait = back_off(attempt, key)
    if isinstance(error, UnavailableError) and error.retry_after is not None:
        wait = max(wait, error.retry_after)
    return Again(now + wait)


def rest(attempt: int, error: BaseException, key: str = "") -> timedelta:
    """How long work that cannot be given up waits after its `attempt`-th failure, when a person has been told: ever
    longer, for what nobody can read may be over soon; the longest at once where the system said no."""
    return CAP if isinstance(error, RejectedError) else back_off(attempt, key)


def back_off(attempt: int, key: str = "") -> timedelta:
    """Doubling from a second to a quarter of an hour, spread over its upper half by a hash of key and attempt."""
    whole = min(CAP, FIRST * 2 ** min(max(attempt, 1) - 1, 20))
    spread = int.from_bytes(hashlib.sha256(f"{key}|{attempt}".encode()).digest()[:4]) / 2**32
    return whole / 2 + whole / 2 * spread


def _words(error: BaseException, instead: str) -> str:
    if isinstance(error, RemoteError):
        words = error.words or str(error)
        return f"{error.status}: {words}" if error.status else words
    return str(error) or instead
