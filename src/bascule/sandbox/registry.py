"""The sandboxes there are: a name and the module that has its `VENDOR`, one line each."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .kit.server import Vendor

# Each is a package beside this module.
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


def load(name: str) -> Vendor:
    """The sandbox of that name. KeyError if there is none."""
    if name not in SANDBOXES:
        raise KeyError(name)
    return import_module(f".{name}", __package__).VENDOR
