"""One account of each vendor that Bascule comes with: `<system>.py` has one class `Account`."""

from __future__ import annotations

from importlib import import_module

from bascule.connectors import registry
from bascule.contract.account import (
    CV,
    Account,
    Clock,
    Deliver,
    Edited,
    Gone,
    OnKit,
    Setting,
    beside,
    nobody,
    of,
    those_that,
    variants,
)

__all__ = [
    "CV", "Account", "Clock", "Deliver", "Edited", "Gone", "OnKit", "Setting", "all_of_them", "beside", "nobody", "of",
    "those_that", "variants",
]  # fmt: skip


def all_of_them() -> list[type[Account]]:
    """A connector without an account fails here, by name."""
    return [import_module(f"{__name__}.{name}").Account for name in registry.BUILT_IN]
