"""Errands of several conversations with one system."""

from __future__ import annotations

from collections.abc import Sequence

from bascule.connectors.spec import Setup, Tenant
from bascule.errors import RejectedError

from .http import Client


async def provision(client: Client, wanted: Sequence[str]) -> tuple[Tenant, tuple[Setup, ...]]:
    """Create the custom fields that these canonical outputs lack; the account as it is then, and what was asked for.

    A system may make a field at another level than asked for (a plan without application fields): then what is missing
    is worked out anew. Raises the client's errors, and RejectedError when a field that was accepted does not appear.
    """
    connector = client.connector
    tenant = await client.run(connector.discover())
    made: list[Setup] = []
    while missing := connector.setup(tenant, wanted):
        for setup in missing:
            shown = await client.run(connector.create_field(setup))
            made.append(setup)
            if shown.get("level") != setup.level:
                break
        before = tenant.custom.keys()
        tenant = await client.run(connector.discover())
        if tenant.custom.keys() == before:
            raise RejectedError(
                f"{connector.label} accepted the custom field {missing[0].name!r} and does not show it.",
                hint="Look for it on the system's own page of custom fields; it may be switched off.",
            )
    return tenant, tuple(made)
