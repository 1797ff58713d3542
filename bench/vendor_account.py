"""An account of any vendor in a process of its own, without rate limits, with a credential that may do the least.

    python -m bench.vendor_account SYSTEM --candidates N

It is the account of the contract's tests: that vendor's sandbox, filled, with what the connector's page asks a person
to make by hand. Says in one line of JSON where it is, and what a person would enter to connect to it.
"""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from urllib.parse import urlsplit

from bascule.contract.account import Account, Setting
from bascule.engine.runtime import run, stopper
from bascule.sandbox.kit import server
from bascule.sandbox.kit.server import Vendor
from bascule.sandbox.kit.tenant import Tenant

from .processes import say


@dataclass
class Wall:
    """The clock on the wall, as an account takes one."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def made(system: str, candidates: int) -> Account:
    found = import_module(f"tests.contracts.connector.accounts.{system}")
    return found.Account(Setting(clock=Wall(), candidates=candidates))  # type: ignore[arg-type]


async def serve(system: str, candidates: int) -> None:
    account = made(system, candidates)
    vendor = Vendor(system, "", lambda *_, **__: account.sandbox, lambda _: account.app)  # type: ignore[arg-type]

    def ready(url: str, _: Tenant) -> None:  # type: ignore[type-arg]
        say({
            "system": system, "url": url, "base_url": f"{url}{urlsplit(account.base_url).path}",
            "settings": dict(account.settings()), "secrets": dict(account.secrets()),
            "candidates": len(account.everybody()), "applications": len(account.applications()),
        })  # fmt: skip

    await server.run(vendor, 0, account.sandbox.options, ready=ready, stop=stopper())


if __name__ == "__main__":
    line = argparse.ArgumentParser()
    line.add_argument("system")
    line.add_argument("--candidates", type=int, required=True)
    given = line.parse_args()
    run(serve(given.system, given.candidates))
