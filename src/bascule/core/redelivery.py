"""When an event is sent again, and what a consumer's answer means. Pure: jitter comes from the key, not from chance.

The schedule is that of the Standard Webhooks specification, then once a day to the eighth day.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""How long is waited before each attempt, counted from the one before it."""
DAILY = timedelta(days=1)
LAST = timedelta(days=8)  # from the first attempt on
JITTER = 0.1  # by which a wait is lengthened at most, so that what failed together does not come back together
RESTS = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 300))
"""How long a consumer is left alone after so many attempts in a row have failed, whatever they were of."""
OUTAGE = 3  # so many in a row are the consumer's trouble and not the event's


class Format(StrEnum):
    """In what form a consumer takes events."""

    STANDARD = "standard"  # Standard Webhooks, JSON
    SLACK = "slack"  # messages of an incoming webhook of Slack, or of what speaks like one


class Verdict(StrEnum):
    """What an answer means."""

    TAKEN = "taken"
    LATER = "later"
    NEVER = "never"  # this event will never be taken
    UNSUBSCRIBED = "unsubscribed"  # the consumer is no more, and says so
    CLOSED = "closed"  # where it was sent to is closed: a person looks


@dataclass(frozen=True, slots=True)
class Answer:
    """A consumer's answer: its status (0: none came), why not, and how long it wants to be left alone."""

    status: int
    words: str = ""
    text: str = ""
    retry_after: timedelta | None = None


SLACK_CLOSED = frozenset(
    {
        "no_service", "no_service_id", "no_active_hooks", "no_team", "team_disabled", "invalid_token",
        "action_prohibited", "channel_not_found", "channel_is_archived", "user_not_found",
        "posting_to_general_channel_denied",
    }
)  # fmt: skip
SLACK_NEVER = frozenset({"invalid_payload", "no_text", "too_many_attachments", "invalid_blocks"})


def judged(format: Format, answer: Answer) -> tuple[Verdict, str]:
    """What an answer means, and the words to keep of it. Of an answer's text nothing is kept but Slack's own words: it
    may repeat what was sent."""
    said = answer.text.strip()
    if format is Format.SLACK and said in SLACK_CLOSED:
        return Verdict.CLOSED, said
    if format is Format.SLACK and said in SLACK_NEVER:
        return Verdict.NEVER, said
    if 200 <= answer.status < 300:
        return Verdict.TAKEN, ""
    if answer.status == 410:
        return (Verdict.CLOSED if format is Format.SLACK else Verdict.UNSUBSCRIBED), "answered 410: it is gone"
    if 300 <= answer.status < 400:
        return Verdict.LATER, f"answered {answer.status}: a redirect, which is not followed"
    return Verdict.LATER, answer.words or f"answered {answer.status}"


def next_try(
    first: datetime, tries: int, now: datetime, key: str, retry_after: timedelta | None = None
) -> datetime | None:
    """When an event is sent again whose `tries`-th attempt (from 1) has failed now; None: not any more."""
    wait = SCHEDULE[tries] if tries < len(SCHEDULE) else DAILY
    spread = int.from_bytes(hashlib.sha256(f"{key}|{tries}".encode()).digest()[:4]) / 2**32
    at = now + wait * (1 + JITTER * spread)
    if retry_after is not None:
        at = max(at, now + min(retry_after, DAILY))
    return at if at <= first + LAST else None


def rest(failed: int, retry_after: timedelta | None = None) -> timedelta:
    """How long a consumer is left alone after `failed` attempts in a row (from 1)."""
    usual = RESTS[min(failed, len(RESTS)) - 1]
    return usual if retry_after is None else max(usual, min(retry_after, DAILY))
