"""What a person does in a system's own pages to connect it, and what they bring back, read from its declaration. Pure.

One guide serves the set-up pages, the page that somebody of IT sees by a link, and their mending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .spec import Connector, Tenant, Unsigned, consenting, lacking, scopes

HOOK_SECRET = "webhook_secret"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a person enters. `needed`: there is no connection without it."""

    name: str
    what: str
    secret: bool
    needed: bool


@dataclass(frozen=True, slots=True)
class Guide:
    """`credential`, `rights`, `hook`: where in the system's own pages. `scopes`: the least; `piloting`: what a pilot
    needs besides, while it lasts; `excess`: what cannot be avoided, and what to do. `makes`: what the system calls the
    webhook secret where it makes it itself, "" where it is made here; `in_address`: it is the address's last part.
    `consent`: where a user can allow access instead of a refresh token being entered, "" if nowhere."""

    system: str
    label: str
    base_url: str
    credential: str
    rights: str
    plan: str
    by_hand: str
    entries: tuple[Entry, ...]
    scopes: tuple[str, ...]
    piloting: tuple[str, ...]
    excess: Mapping[str, str]
    hook: str
    makes: str
    in_address: bool
    consent: str


def guide(connector: Connector) -> Guide:
    fields, facts, hook = connector.fields(Tenant(), ""), connector.facts, connector.webhook
    least, needed = scopes(connector, fields, setup=True), lacking(connector, {})
    return Guide(
        system=connector.name,
        label=connector.label,
        base_url=connector.base_url,
        credential=facts.get("credential", facts.get("by hand", "")),
        rights=facts.get("rights", f"The credential's own page in {connector.label}."),
        plan=facts.get("plan", ""),
        by_hand=facts.get("by hand", ""),
        entries=tuple(
            Entry(name, what, secret, name in needed)
            for name, what, secret in connector.settings
            if name != HOOK_SECRET
        ),
        scopes=tuple(sorted(least)),
        piloting=tuple(sorted(scopes(connector, fields, setup=True, copies=True) - least)),
        excess=dict(connector.excess),
        hook=hook.setup if hook is not None else "",
        makes=hook.makes if hook is not None else "",
        in_address=hook is not None and isinstance(hook.verify, Unsigned),
        consent=connector.label if consenting(connector) is not None else "",
    )


def parted(connector: Connector, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What was entered, as (settings, secrets): the connector knows which are secret."""
    secret = {name for name, _, hidden in connector.settings if hidden} | {HOOK_SECRET}
    plain = {name: value for name, value in given.items() if name not in secret}
    return plain, {name: value for name, value in given.items() if name in secret}
