"""The sandboxes there are: those that come with Bascule, one line each, and those that other packages offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .kit.server import Vendor

GROUP = "bascule.sandboxes"
# Each is a package beside this module, whose `VENDOR` says how it runs.
SANDBOXES: Mapping[str, str] = MappingProxyType(
    {
        "ashby": "RPC API, sync tokens, webhooks, careers page and a small ATS",
        "greenhouse": "Harvest v3, webhooks, careers page and a small ATS",
        "lever": "Data API v1, Postings API, webhooks and a small ATS",
        "odoo": "JSON-2, JSON-RPC and XML-RPC of 17, 18 or 19, automation webhooks, a small ATS",
        "smartrecruiters": "Customer API, reviews, webhook subscriptions and a small ATS",
        "workday": "SOAP Recruiting, reports, REST v4 and a small ATS",
        "teamtailor": "JSON:API, partner results, webhooks v1 and v2, a small ATS",
    }
)

PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        "aitool": "an AI tool that comes to Bascule's door",
        "calendars": "colleagues' calendars, as CalDAV, Microsoft Graph and Google Calendar serve them",
        "llm": "language models, without a model: it answers by rules",
        "mail": "a mail server and everybody's mailbox, so that letters can be seen, followed and answered",
        "peopledata": "a provider of people's data (People Data Labs, Person Enrichment v5), without anybody's data",
    }
)
"""What is no vendor's ATS: each is a package beside this module, whose `serve.start` runs it with its own options."""


def names() -> tuple[str, ...]:
    """Every sandbox's name; nothing is imported."""
    return tuple(sorted({*SANDBOXES, *_offered()}))


def program(name: str) -> Callable[[Sequence[str], str], None]:
    """Runs one of `PROGRAMS`: (arguments, what it is called). KeyError if there is none of that name."""
    if name not in PROGRAMS:
        raise KeyError(name)
    return import_module(f".{name}.serve", __package__).start


def says(name: str) -> str:
    """One line: what is simulated. KeyError if there is no such sandbox."""
    return SANDBOXES[name] if name in SANDBOXES else load(name).says


def load(name: str) -> Vendor:
    """The sandbox of that name. KeyError if there is none."""
    if name in SANDBOXES:
        return import_module(f".{name}", __package__).VENDOR
    return _offered()[name].load()


def _offered() -> dict[str, EntryPoint]:
    """Entry points of other packages. A name of ours cannot be taken over."""
    return {one.name: one for one in entry_points(group=GROUP) if one.name not in SANDBOXES}
