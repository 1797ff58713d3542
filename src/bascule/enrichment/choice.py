"""What a workspace has chosen about a provider of people's data: its address, price and budget, and of whom it may be
asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from bascule.engine.http import checked_address, is_loopback
from bascule.errors import ConfigurationError, InputError
from bascule.model import Value

LOCAL, GLOBAL = "local", "global"  # regions: this machine; wherever the vendor has room
MOST_SECONDS, MOST_DAYS = 120.0, 3650
LIKELIEST = 10


class Provider(StrEnum):
    """Who can be asked."""

    PEOPLEDATA = "peopledata"


@dataclass(frozen=True, slots=True)
class Vendor:
    """What is known of a provider. `regions`: where a host of theirs works."""

    label: str
    base_url: str
    regions: Mapping[str, str]


VENDORS: Mapping[Provider, Vendor] = MappingProxyType(
    {
        # docs.peopledatalabs.com/docs/introduction, read 2026-11-30. It does not say where it works.
        Provider.PEOPLEDATA: Vendor(
            "People Data Labs", "https://api.peopledatalabs.com/v5", {"api.peopledatalabs.com": GLOBAL}
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One workspace's settings for one provider. Off, nobody is looked up: that is how it begins.

    `price` is of one look-up that finds somebody, `cost` what a calendar month (UTC) may take, both in `currency`.
    `likelihood`: from 1 to 10, how sure the provider must be. `fresh`: days in which nobody is looked up again.
    `only_agreed`: only who has agreed, as the workspace's policy for finding people again reads it. `informed`:
    somebody has seen to it that people are told, and that it is lawful.
    """

    provider: Provider = Provider.PEOPLEDATA
    on: bool = False
    base_url: str = ""  # "": the vendor's own
    regions: tuple[str, ...] = ()
    region: str = ""  # where a host works that is none of the vendor's own
    price: float = 0.0
    cost: float = 0.0
    currency: str = "USD"
    likelihood: int = 6
    fresh: int = 180
    only_agreed: bool = True
    informed: bool = False
    timeout: float = 20.0

    @property
    def vendor(self) -> Vendor:
        return VENDORS[self.provider]

    @property
    def address(self) -> str:
        return self.base_url or self.vendor.base_url

    @property
    def host(self) -> str:
        return (urlsplit(self.address).hostname or "").lower()

    @property
    def own_host(self) -> bool:
        """Whether it is one of the vendor's own."""
        return self.host in self.vendor.regions

    @property
    def works_in(self) -> str:
        """The region that requests are worked on in; "" where nobody has said."""
        return LOCAL if is_loopback(self.host) else self.vendor.regions.get(self.host, self.region)

    @property
    def micro_price(self) -> int:
        """Of one look-up, in millionths of the currency."""
        return round(self.price * 1_000_000)

    def fits(self, used: int) -> bool:
        """Whether the month's budget has room for one more, `used` in millionths."""
        return used + self.micro_price <= round(self.cost * 1_000_000)


def region_objection(choice: Choice) -> str:
    """Why nothing may go to where the provider works; "" where it may."""
    there = choice.works_in
    if there == LOCAL or there in choice.regions:
        return ""
    allowed = ", ".join(choice.regions) or "no region but this machine"
    if not there:
        return f"Nobody has said in which region {choice.host} works; allowed are: {allowed}."
    return f"{choice.host} works in the region {there}; allowed are: {allowed}."


def checked(choice: Choice, *, key: bool, allowed_hosts: Sequence[str]) -> Choice:
    """The choice, if it can be kept. InputError says what to mend; `key`: one is kept, or given with it."""
    if not 0 < choice.timeout <= MOST_SECONDS:
        raise InputError(f"A time-out is more than 0 and at most {MOST_SECONDS:g} seconds, not {choice.timeout:g}.")
    if not 1 <= choice.likelihood <= LIKELIEST:
        raise InputError(f"A likelihood is from 1 to {LIKELIEST}, not {choice.likelihood}.")
    if not 1 <= choice.fresh <= MOST_DAYS:
        raise InputError(f"What was found is fresh for 1 to {MOST_DAYS} days, not {choice.fresh}.")
    if choice.price < 0 or choice.cost < 0:
        raise InputError("A price or budget is not negative.")
    if not choice.on:
        return choice
    return _checked_on(choice, key, allowed_hosts)


def _checked_on(choice: Choice, key: bool, allowed_hosts: Sequence[str]) -> Choice:
    label = choice.vendor.label
    try:
        checked_address(choice.address, tuple(choice.vendor.regions), label, allowed_hosts)
    except ConfigurationError as error:
        raise InputError(str(error).removesuffix(error.hint).strip(), hint=error.hint) from None
    if objection := region_objection(choice):
        where = "say where it works (--region) and " if not choice.works_in else ""
        raise InputError(objection, hint=f"Choose another address, or {where}allow the region (--allow-region).")
    if not key:
        raise InputError(f"{label} needs a key.", hint="Give it: --key - asks for it without showing it.")
    if not choice.price or not choice.cost:
        raise InputError(
            f"{label} needs the price of a look-up and a budget for the month.", hint="Give them: --price and --cost."
        )
    if not choice.informed and not is_loopback(choice.host):
        raise InputError(
            "Nobody has said that people are told of it, and that it is lawful.",
            hint="Look people up only where both hold, then say so: --informed",
        )
    return replace(choice, base_url=choice.base_url.rstrip("/"))


def stored(choice: Choice) -> dict[str, Value]:
    """As it is kept, and as programs see it."""
    made: dict[str, Any] = asdict(choice)
    return {**made, "provider": str(choice.provider)}


def read(provider: Provider, kept: Mapping[str, Any]) -> Choice:
    """What `stored` made. What a later version added is let go of, and what it lacks is as at the beginning."""
    known: dict[str, Any] = {name: kept[name] for name in Choice.__dataclass_fields__ if name in kept}
    known["provider"] = provider
    known["regions"] = tuple(known.get("regions", ()))
    return Choice(**known)
