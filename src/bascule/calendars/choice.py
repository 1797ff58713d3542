"""Which calendars a workspace's interviewers have, and how they are reached. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from bascule.engine.http import checked_address, is_loopback
from bascule.errors import ConfigurationError, InputError
from bascule.model import Value

MOST_SECONDS = 60.0


class System(StrEnum):
    """What calendars can be."""

    CALDAV = "caldav"
    GRAPH = "graph"
    GOOGLE = "google"


@dataclass(frozen=True, slots=True)
class Vendor:
    """What is known of a system. `base_url` "": every customer has their own. `account` and `secret`: what the two
    halves of its credential are called there."""

    label: str
    base_url: str
    token_url: str
    hosts: tuple[str, ...]
    account: str
    secret: str


VENDORS: Mapping[System, Vendor] = MappingProxyType(
    {
        System.CALDAV: Vendor("CalDAV", "", "", (), "user name", "password"),
        # learn.microsoft.com/graph: auth-v2-service, calendar-getschedule; read 2026-11-30.
        System.GRAPH: Vendor(
            "Microsoft 365", "https://graph.microsoft.com/v1.0",
            "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
            ("graph.microsoft.com", "login.microsoftonline.com"), "application (client) id", "client secret",
        ),
        # developers.google.com/workspace/calendar/api/v3/reference, .../identity/protocols/oauth2/service-account.
        System.GOOGLE: Vendor(
            "Google Calendar", "https://www.googleapis.com/calendar/v3", "https://oauth2.googleapis.com/token",
            ("www.googleapis.com", "oauth2.googleapis.com"), "service account's e-mail", "private key (PEM)",
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A workspace's calendars. `base_url` and `token_url` "": the vendor's own; `tenant`: of Microsoft 365; `account`:
    the first half of the credential, whose second is kept apart and sealed."""

    system: System = System.CALDAV
    on: bool = False
    base_url: str = ""
    token_url: str = ""
    tenant: str = ""
    account: str = ""
    timeout: float = 10.0

    @property
    def vendor(self) -> Vendor:
        return VENDORS[self.system]

    @property
    def address(self) -> str:
        return self.base_url or self.vendor.base_url

    @property
    def signs_in_at(self) -> str:
        return (self.token_url or self.vendor.token_url).replace("{tenant}", quote(self.tenant, safe=""))

    @property
    def own_host(self) -> bool:
        """Whether it is the vendor's."""
        return (urlsplit(self.address).hostname or "") in self.vendor.hosts


@dataclass(frozen=True, slots=True)
class Who:
    """Whose calendar. `calendar`: of CalDAV the collection's path below the server's address; elsewhere an id where it
    is not their first calendar."""

    email: str
    calendar: str = ""


def collection(choice: Choice, who: Who) -> str:
    """The address of somebody's CalDAV calendar, with a slash at its end. InputError where none is known, or where it
    lies on another server: the password must not go there."""
    if not who.calendar:
        raise InputError(
            f"Nobody has said which calendar is {who.email}'s.", hint="bascule interviewers set --calendar"
        )
    found = urljoin(
        choice.address.rstrip("/") + "/", who.calendar.lstrip("/") if "//" not in who.calendar else who.calendar
    )
    one, other = urlsplit(found), urlsplit(choice.address)
    if (one.scheme, one.netloc) != (other.scheme, other.netloc):
        raise InputError(f"{who.calendar} is not on {other.netloc}.", hint="Give the path of the calendar there.")
    return found.rstrip("/") + "/"


def checked(choice: Choice, *, secret: bool, allowed_hosts: Sequence[str]) -> Choice:
    """The choice, if it can be kept. InputError says what to mend; `secret`: one is kept, or given with it."""
    if not 0 < choice.timeout <= MOST_SECONDS:
        raise InputError(f"A time-out is more than 0 and at most {MOST_SECONDS:g} seconds, not {choice.timeout:g}.")
    if not choice.on:
        return choice
    vendor = choice.vendor
    if not choice.address:
        raise InputError(f"{vendor.label} needs the server's address.", hint="Give it: --base-url https://...")
    for address in (choice.address, choice.signs_in_at):
        if not address:
            continue
        host = urlsplit(address).hostname or ""
        try:
            checked_address(address, vendor.hosts or ("none",), vendor.label, allowed_hosts)
        except ConfigurationError as error:
            hint = f"An administrator can allow {host} in BASCULE_ALLOWED_HOSTS."
            raise InputError(str(error).removesuffix(error.hint).strip(), hint=error.hint and hint) from None
    if choice.system is System.GRAPH and not choice.tenant and not is_loopback(urlsplit(choice.address).hostname or ""):
        raise InputError("Microsoft 365 needs the directory (tenant) id.", hint="Give it: --tenant")
    if not choice.account or not secret:
        raise InputError(f"{vendor.label} needs its {vendor.account} and {vendor.secret}.")
    return replace(choice, base_url=choice.base_url.rstrip("/"))


def stored(choice: Choice) -> dict[str, Value]:
    """As it is kept, and as programs see it."""
    return {**asdict(choice), "system": str(choice.system)}


def read(kept: Mapping[str, Any]) -> Choice:
    """What `stored` made."""
    known: dict[str, Any] = {name: kept[name] for name in Choice.__dataclass_fields__ if name in kept}
    known["system"] = System(known.get("system", System.CALDAV))
    return Choice(**known)
