"""What a workspace has chosen about models of others: whose, for what, in which region, and for how much. Pure."""

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
MOST_SECONDS, MOST_RETRIES = 300.0, 10


class Provider(StrEnum):
    """Whose interface is spoken."""

    OPENAI = "openai"  # or anything that speaks it: a gateway, vLLM, Ollama, llama.cpp
    ANTHROPIC = "anthropic"


class Order(StrEnum):
    """What orders the top of lists."""

    SCORE = "score"
    MINILM = "minilm"  # the score, and the likeness that a model on this machine sees
    REMOTE = "remote"  # the score, and the likeness that a provider's embedding model sees


class Purpose(StrEnum):
    """What a model is asked for."""

    EXPLAIN = "explain"  # a score's reasons in two sentences
    EXTRACT = "extract"  # positions and skills out of a CV
    ORDER = "order"  # vectors of texts, for the top of lists
    TEST = "test"  # whether it answers at all


PURPOSES: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.EXPLAIN: "say a score's reasons in two plain sentences, with quotes from the CV",
        Purpose.EXTRACT: "read positions and skills in CVs whose layout could not be made out here",
    }
)
"""What may be switched on."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """What is known of a provider. `regions`: where a host of theirs works, as they publish it."""

    label: str
    base_url: str
    regions: Mapping[str, str]
    data_use: str

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(self.regions)


VENDORS: Mapping[Provider, Vendor] = MappingProxyType(
    {
        # Regions: developers.openai.com/api/docs/guides/data-residency, read 2026-11-30.
        Provider.OPENAI: Vendor(
            "OpenAI",
            "https://api.openai.com/v1",
            {
                "api.openai.com": GLOBAL,
                **{f"{code}.api.openai.com": code for code in ("us", "eu", "au", "in", "jp", "ae")},
            },
            "Requests to OpenAI say store=false, so that no completion is kept for its dashboard. That nothing is "
            "trained on is a term of its contract for the API, and no request can say it. Other servers that speak "
            "this interface have terms of their own.",
        ),
        # The regions of a request: platform.claude.com/docs/en/manage-claude/data-residency, read 2026-11-30.
        Provider.ANTHROPIC: Vendor(
            "Anthropic",
            "https://api.anthropic.com",
            {"api.anthropic.com": GLOBAL},
            "That nothing is trained on is a term of Anthropic's commercial contract, and no request can say it.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One workspace's settings. `provider` None: no model of others is asked, which is how it begins.

    `regions`: where requests may be worked on besides this machine, which is always allowed; `region`: where a host
    works that is none of the vendor's own. `tokens` and `cost` are what a calendar month (UTC) may take, `cost` in
    `currency`; prices are for a million tokens. `no_training`: somebody has seen to it that what is sent trains nobody.
    """

    provider: Provider | None = None
    model: str = ""
    base_url: str = ""  # "": the vendor's own
    purposes: frozenset[Purpose] = frozenset()
    regions: tuple[str, ...] = ()
    region: str = ""
    no_training: bool = False
    tokens: int = 1_000_000
    cost: float | None = None
    currency: str = "USD"
    price_in: float = 0.0
    price_out: float = 0.0
    timeout: float = 30.0
    retries: int = 2
    order: Order = Order.SCORE
    embedding: str = ""  # the provider's embedding model

    @property
    def on(self) -> bool:
        return self.provider is not None

    @property
    def vendor(self) -> Vendor:
        """KeyError where none is chosen."""
        assert self.provider is not None
        return VENDORS[self.provider]

    @property
    def address(self) -> str:
        """Where requests go, "" where no provider is chosen."""
        return "" if self.provider is None else self.base_url or self.vendor.base_url

    @property
    def host(self) -> str:
        return (urlsplit(self.address).hostname or "").lower()

    @property
    def own_host(self) -> bool:
        """Whether it is one of the vendor's own."""
        return self.provider is not None and self.host in self.vendor.hosts

    @property
    def works_in(self) -> str:
        """The region that requests are worked on in; "" where nobody has said."""
        if self.provider is None:
            return ""
        if is_loopback(self.host):
            return LOCAL
        if self.provider is Provider.ANTHROPIC and self.own_host:
            return self.inference_geo or GLOBAL
        return self.vendor.regions.get(self.host, self.region)

    @property
    def data_use(self) -> str:
        """What a request can say against training, and what only a contract can; "" where nothing leaves."""
        return "" if self.provider is None or self.works_in == LOCAL else self.vendor.data_use

    @property
    def inference_geo(self) -> str:
        """What Anthropic is asked to keep to: "us" where the policy allows that and not everywhere."""
        named = self.provider is Provider.ANTHROPIC and self.own_host
        return "us" if named and "us" in self.regions and GLOBAL not in self.regions else ""

    def price(self, tokens_in: int, tokens_out: int) -> int:
        """What so many tokens cost, in millionths of the currency."""
        return round(tokens_in * self.price_in + tokens_out * self.price_out)


def region_objection(choice: Choice) -> str:
    """Why the region policy lets nothing out to where requests would go; "" where it does."""
    there = choice.works_in
    if not choice.on or there == LOCAL or there in choice.regions:
        return ""
    allowed = ", ".join(choice.regions) or "no region but this machine"
    if not there:
        return f"Nobody has said in which region {choice.host} works; allowed are: {allowed}."
    return f"{choice.host} works in the region {there}; allowed are: {allowed}."


def checked(choice: Choice, *, key: bool, allowed_hosts: Sequence[str]) -> Choice:
    """The choice, if it can be kept. InputError says what to mend; `key`: one is kept, or given with it."""
    if not 0 < choice.timeout <= MOST_SECONDS:
        raise InputError(f"A time-out is more than 0 and at most {MOST_SECONDS:g} seconds, not {choice.timeout:g}.")
    if not 0 <= choice.retries <= MOST_RETRIES:
        raise InputError(f"There are 0 to {MOST_RETRIES} retries, not {choice.retries}.")
    if choice.tokens < 1 or (choice.cost is not None and choice.cost <= 0):
        raise InputError("A budget is more than nothing.", hint="To ask no model any more: bascule models off")
    if min(choice.price_in, choice.price_out) < 0:
        raise InputError("A price is not negative.")
    if choice.cost is not None and not (choice.price_in or choice.price_out):
        raise InputError(
            "A budget of money needs prices.", hint="Give what a million tokens cost: --price-in and --price-out."
        )
    if choice.order is Order.REMOTE and (choice.provider is not Provider.OPENAI or not choice.embedding):
        raise InputError(
            "The top of lists needs an embedding model with OpenAI's interface.",
            hint="Name them: --provider openai --embedding NAME. Or order by one on this machine: --order minilm",
        )
    return choice if choice.provider is None else _checked_on(choice, key, allowed_hosts)


def _checked_on(choice: Choice, key: bool, allowed_hosts: Sequence[str]) -> Choice:
    vendor = choice.vendor
    if not choice.model:
        raise InputError("No model is named.", hint="Name one as the provider does: --model NAME")
    try:
        checked_address(choice.address, vendor.hosts, vendor.label, allowed_hosts)
    except ConfigurationError as error:
        raise InputError(str(error).removesuffix(error.hint).strip(), hint=error.hint) from None
    if objection := region_objection(choice):
        where = "say where it works (--region) and " if not choice.works_in else ""
        raise InputError(objection, hint=f"Choose another address, or {where}allow the region (--allow-region).")
    if is_loopback(choice.host):
        return replace(choice, base_url=choice.base_url.rstrip("/"))
    if not key:
        raise InputError(f"{vendor.label} needs a key.", hint="Give it: --key - asks for it without showing it.")
    if not choice.no_training:
        raise InputError(
            "Nobody has said that what is sent there trains no model.",
            hint="Look at your contract and settings there, then say so: --no-training",
        )
    return replace(choice, base_url=choice.base_url.rstrip("/"))


def stored(choice: Choice) -> dict[str, Value]:
    """As it is kept, and as programs see it."""
    made: dict[str, Any] = asdict(choice)
    return {
        **made,
        "provider": str(choice.provider) if choice.provider else None,
        "purposes": tuple(sorted(map(str, choice.purposes))),
        "order": str(choice.order),
    }


def read(kept: Mapping[str, Any]) -> Choice:
    """What `stored` made. What a later version added is let go of, and what it lacks is as at the beginning."""
    known: dict[str, Any] = {name: kept[name] for name in Choice.__dataclass_fields__ if name in kept}
    provider = known.get("provider")
    known["provider"] = Provider(provider) if provider in set(Provider) else None
    known["purposes"] = frozenset(Purpose(one) for one in known.get("purposes", ()) if one in set(Purpose))
    known["order"] = Order(known["order"]) if known.get("order") in set(Order) else Order.SCORE
    known["regions"] = tuple(known.get("regions", ()))
    return Choice(**known)
