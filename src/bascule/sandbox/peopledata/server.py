"""The server itself: its options, what it was asked, and how it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ..kit.faults import Faults
from ..kit.trouble import BARE
from .people import Record, has, matched, shown

INPUTS = frozenset(
    (
        "pdl_id", "name", "first_name", "last_name", "middle_name", "location", "street_address", "locality", "region",
        "country", "postal_code", "company", "school", "phone", "email", "email_hash", "profile", "lid", "birth_date",
    )
)  # fmt: skip
OUTPUTS = frozenset(
    ("min_likelihood", "required", "titlecase", "pretty", "data_include", "include_if_matched", "sandbox")
)
KEYS = frozenset({"email", "phone", "profile", "email_hash", "lid", "pdl_id"})
NAMES = (frozenset({"name"}), frozenset({"first_name", "last_name"}))
BESIDE = frozenset({"location", "locality", "region", "country", "street_address", "postal_code", "company", "school"})
TYPES = {400: "invalid_request_error", 401: "authentication_error", 402: "payment_required", 404: "not_found",
         405: "not_allowed", 429: "rate_limit_error"}  # fmt: skip


@dataclass
class Options:
    """`key`: the one that is taken. `credits`: matches until the account is used up. `rate`: requests a minute.
    `people`: whom it knows; `made_up`: it makes up those whom it does not."""

    key: str = "pdl-sandbox"
    credits: int = 100
    rate: int = 100
    people: Sequence[Record] = ()
    made_up: bool = True
    faults: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Seen:
    """One request as it came, and the status it was answered with."""

    method: str
    headers: Mapping[str, str]
    asked: Mapping[str, Any]
    status: int


@dataclass(frozen=True)
class Reply:
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Server:
    """Answers requests, and remembers them."""

    def __init__(
        self,
        options: Options | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.options = options or Options()
        self.sleep = sleep
        self.now = now
        self.faults = Faults(now, kinds=BARE)
        self.faults.load(self.options.faults)
        self.seen: list[Seen] = []
        self.credits = self.options.credits
        self._window = (now(), 0)

    def reply(self, method: str, headers: Mapping[str, str], asked: Mapping[str, Any]) -> Reply:
        """What is answered. `asked`: the parameters, of the address or of the body."""
        made = self._reply(method, headers, asked)
        self.seen.append(Seen(method, headers, asked, made.status))
        return made

    def _reply(self, method: str, headers: Mapping[str, str], asked: Mapping[str, Any]) -> Reply:
        if method not in ("GET", "POST"):
            return self.refused(405, "This method is not supported on this resource")
        if self.options.key not in (headers.get("x-api-key"), asked.get("api_key")):
            return self.refused(401, "Request contained a missing or invalid key")
        if (wait := self._limited()) is not None:
            return self.refused(429, "An error occurred due to requests hitting the API too quick", wait)
        given = {name: value for name, value in asked.items() if name != "api_key"}
        if wrong := _objection(given):
            return self.refused(400, wrong)
        if self.credits < 1:
            return self.refused(402, "You have hit your account maximum for person enrichment (all matches used)")
        try:
            return self._found(given)
        except ValueError as error:
            return self.refused(400, str(error))

    def _found(self, given: Mapping[str, Any]) -> Reply:
        asked = {name: _several(value) for name, value in given.items() if name in INPUTS}
        found = matched(self.options.people, asked, made_up=self.options.made_up)
        least, required = int(given.get("min_likelihood") or 2), str(given.get("required") or "")
        if found is None or found[1] < least or (required and not has(found[0], required)):
            return self.refused(404, "No records were found matching your request")
        self.credits -= 1
        titlecase = str(given.get("titlecase", False)).casefold() == "true"
        data = shown(found[0], str(given.get("data_include") or ""), titlecase=titlecase)
        return Reply(200, {"status": 200, "likelihood": found[1], "data": data}, self._headers(1))

    def refused(self, status: int, message: str, wait: float | None = None) -> Reply:
        """An answer that names what is wrong."""
        told = {**self._headers(0), **({"retry-after": f"{wait:g}"} if wait is not None else {})}
        return Reply(
            status, {"status": status, "error": {"type": TYPES.get(status, "api_error"), "message": message}}, told
        )

    def _limited(self) -> float | None:
        """Seconds until there is room again; None where there is."""
        begun, many = self._window
        now = self.now()
        if now - begun >= timedelta(minutes=1):
            begun, many = now, 0
        self._window = (begun, many + 1)
        return (begun + timedelta(minutes=1) - now).total_seconds() if many >= self.options.rate else None

    def _headers(self, spent: int) -> dict[str, str]:
        left = max(self.options.rate - self._window[1], 0)
        return {
            "x-call-credits-spent": str(spent), "x-call-credits-type": "enrich",
            "x-ratelimit-limit": json.dumps({"minute": self.options.rate}),
            "x-ratelimit-remaining": json.dumps({"minute": left}), "x-totallimit-remaining": str(self.credits),
        }  # fmt: skip


def _objection(given: Mapping[str, Any]) -> str:
    """Why a request is invalid; "" where it is not."""
    if unknown := set(given) - INPUTS - OUTPUTS:
        return f"Invalid field(s): {', '.join(sorted(unknown))}"
    try:
        likely = int(given.get("min_likelihood") or 2)
    except (TypeError, ValueError):
        likely = 0
    if not 1 <= likely <= 10:
        return "min_likelihood must be an integer between 1 and 10"
    named = any(names <= set(given) for names in NAMES)
    if not (KEYS & set(given)) and not (named and BESIDE & set(given)):
        return (
            "Request must contain a profile, email, phone, email_hash, lid or pdl_id, or a name and a place or company"
        )
    return ""


def _several(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)
