"""The vendors' sandboxes as systems of a run: how each account is opened, one module for each vendor.

A vendor's module has `KINDS`, its accounts by the names that runs call them: the vendor, and after a hyphen how it is
configured where there are several ways.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import ashby, greenhouse, lever, odoo, smartrecruiters, teamtailor, workday
from .account import Account, Kind

__all__ = ["KINDS", "Account", "Kind"]

KINDS: Mapping[str, Kind] = {
    name: kind
    for vendor in (greenhouse, lever, ashby, smartrecruiters, teamtailor, workday, odoo)
    for name, kind in vendor.KINDS.items()
}
"""Every account that a run may have, by its name there."""
