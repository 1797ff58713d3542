"""What a calendar system is asked and what it answers: one interface for all of them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bascule.core.interviews import Span
from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import (
    AbsentError,
    DisconnectedError,
    MalformedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)

from .choice import Choice, Who


@dataclass(frozen=True, slots=True)
class Event:
    """An interview as it stands in a colleague's calendar. `uid` stays the same through every change."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    subject: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that tells when these people are busy; `instead`: what to ask where it is answered that the server
    cannot do that."""

    people: tuple[Who, ...]
    request: WireRequest
    instead: WireRequest | None = None


class Speaks(Protocol):
    """A system's interface. `same_uid`: an event there keeps our UID, so that the letter brings no second one."""

    same_uid: bool

    def signs_in(self, choice: Choice, secret: str, who: Who, now: datetime) -> WireRequest | None:
        """The request for a token that may act on somebody's calendar; None where the credential goes along."""
        ...

    def headers(self, choice: Choice, secret: str, token: str) -> Mapping[str, str]: ...

    def asks(
        self, choice: Choice, headers: Mapping[str, str], people: Sequence[Who], within: Span
    ) -> Sequence[Asked]: ...

    def busy(self, answer: WireResponse, people: Sequence[Who], within: Span) -> Mapping[str, Sequence[Span]]:
        """By e-mail. RemoteError where it does not say so of each of them: nobody is free by silence."""
        ...

    def puts(self, choice: Choice, headers: Mapping[str, str], who: Who, event: Event, known: str) -> WireRequest:
        """Write an event; `known`: what it is called there, "" where it is new."""
        ...

    def put(self, answer: WireResponse, who: Who, event: Event, known: str) -> str:
        """What it is called there."""
        ...

    def named(self, event: Event) -> str:
        """What an event is called there by our choice; "" where the system chooses."""
        ...

    def finds(self, choice: Choice, headers: Mapping[str, str], who: Who, event: Event) -> WireRequest:
        """The request that finds an event whose creation was answered with "it is there" (409)."""
        ...

    def drops(self, choice: Choice, headers: Mapping[str, str], who: Who, known: str) -> WireRequest: ...


def failure(label: str, answer: WireResponse) -> RemoteError:
    """What an answer that is no success asks for."""
    status, wait, words = answer.status, answer.headers.get("retry-after", ""), _words(answer)
    later = timedelta(seconds=float(wait)) if wait.replace(".", "", 1).isdigit() else None
    match status:
        case 401:
            return DisconnectedError(f"{label} refuses the credential.", status=status, words=words)
        case 403:
            return PermissionMissingError(f"{label} does not let the credential do this.", status=status, words=words)
        case 404 | 410:
            return AbsentError(f"{label} knows no such calendar or event.", status=status, words=words)
        case 429:
            return ThrottledError(f"{label} is asked too quickly.", retry_after=later, status=status, words=words)
        case _ if status >= 500:
            return UnavailableError(f"{label} does not answer.", retry_after=later, status=status, words=words)
        case _:
            return RejectedError(f"{label} takes no such request ({status}).", status=status, words=words)


def as_object(label: str, answer: WireResponse) -> dict[str, Any]:
    """The JSON object of a success. RemoteError for everything else."""
    if not 200 <= answer.status < 300:
        raise failure(label, answer)
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise MalformedError(f"{label} answered with what is no JSON object.", status=answer.status)
    return told


def moment(label: str, text: object) -> datetime:
    """A moment of an answer, in UTC; one without a zone is UTC (what we ask for)."""
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00")[:32])
    except ValueError:
        found = _shortened(str(text))
    if found is None:
        raise MalformedError(f"{label} answered with a time that nobody can read.")
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def _shortened(text: str) -> datetime | None:
    """With more than six digits of a second, as Graph writes them."""
    try:
        return datetime.fromisoformat(text.partition(".")[0])
    except ValueError:
        return None


def plain(at: datetime) -> str:
    """A moment in UTC, by itself."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def body(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode()


def _words(answer: WireResponse) -> str:
    try:
        told = json.loads(answer.body)["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    return str(told.get("message", "") if isinstance(told, dict) else told)[:200]
