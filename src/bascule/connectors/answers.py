"""What an answer that is no success asks for, as far as its status tells. What a vendor tells otherwise (in words, in a
200, in a fault) its connector says before it asks here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bascule.errors import (
    AbsentError,
    DisconnectedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)

from .spec import Request, Response, retry_after

NUMBERS = re.compile(r"(?<=/)[0-9]+(?=/|$)")
MIXED = re.compile(r"(?<=/)(?!v\d+(?:/|$))(?=[^/]*\d)[^/]+")  # every part of a path with a digit in it, but a version


@dataclass(frozen=True, slots=True)
class Answers:
    """One system's. `label`: its name in messages. `key`, `right`: what a person does about credentials that are
    refused and about a right that is missing. `ids`: what of an address is an id, and is left out of messages.
    `wait`: how long the system asks to be left alone. `call`: what a request is called in messages."""

    label: str
    key: str
    right: str
    ids: re.Pattern[str] = NUMBERS
    wait: Callable[[Mapping[str, str]], timedelta | None] = retry_after
    call: Callable[[Request], str] | None = None

    def by_status(self, request: Request, response: Response, words: str, code: str = "") -> RemoteError | None:
        """None for a success. `words`, `code`: the vendor's own, of which messages show the code."""
        match response.status:
            case status if status < 400:
                return None
            case 401:
                kind = DisconnectedError
            case 403:
                kind = PermissionMissingError
            case 404:
                kind = AbsentError
            case 429:
                kind = ThrottledError
            case status if status >= 500 or status in (408, 425):
                kind = UnavailableError
            case _:
                kind = RejectedError
        return self.error(kind, request, response, words, code=code)

    def error(
        self, kind: type[RemoteError], request: Request, response: Response, words: str, *, hint: str = "",
        code: str = "",
    ) -> RemoteError:  # fmt: skip
        """An error of this kind, saying what was asked and what was answered."""
        status = response.status
        called = self.call(request) if self.call else f"{request.method} {self.path(request)}"
        said = f"{self.label} answered {code or status} to {called}."
        if issubclass(kind, UnavailableError):
            return kind(said, retry_after=self.wait(response.headers), status=status, words=words, hint=hint)
        if kind is DisconnectedError:
            hint = hint or self.key
        elif kind is PermissionMissingError:
            hint = hint or self.right
        return kind(said, status=status, words=words, hint=hint)

    def path(self, request: Request) -> str:
        """The address of a request without its ids, host and query."""
        address = request.path.split("?")[0]
        path = address.partition("://")[2].partition("/")[2] if "://" in address else address.lstrip("/")
        return self.ids.sub("{id}", f"/{path}")
