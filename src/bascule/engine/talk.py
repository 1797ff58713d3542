"""Errands of several conversations with one system."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import partial
from typing import TypeVar

from bascule.connectors.spec import Request, Response, Setup, Tenant
from bascule.errors import RejectedError, ThrottledError

from .http import Client

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

TRIES = 5  # conversations begun before a system that keeps asking to wait is reported
WAIT = 30.0  # seconds, where it does not say how long


async def patiently(
    client: Client, talk: Callable[[], Generator[Request, Response, T]], sleep: Sleep | None = None
) -> T:
    """A conversation of a set-up, which no lane brings back: begun again after exactly the wait the system asks for.

    Only for conversations that may be repeated. Without `sleep`, and at the fifth time, ThrottledError is raised.
    """
    for _ in range(TRIES - 1):
        try:
            return await client.run(talk())
        except ThrottledError as error:
            if sleep is None:
                raise
            await sleep(error.retry_after.total_seconds() if error.retry_after else WAIT)
    return await client.run(talk())


async def provision(
    client: Client, wanted: Sequence[str], sleep: Sleep | None = None
) -> tuple[Tenant, tuple[Setup, ...]]:
    """Create the custom fields that these canonical outputs lack; the account as it is then, and what was asked for.

    A system may make a field at another level than asked for (a plan without application fields): then what is missing
    is worked out anew. Raises the client's errors, and RejectedError when a field that was accepted does not appear.
    """
    connector = client.connector
    tenant = await patiently(client, connector.discover, sleep)
    made: list[Setup] = []
    while missing := connector.setup(tenant, wanted):
        for setup in missing:
            shown = await patiently(client, partial(connector.create_field, setup), sleep)
            made.append(setup)
            if shown.get("level") != setup.level:
                break
        before = tenant.custom
        tenant = await patiently(client, connector.discover, sleep)
        if tenant.custom == before:
            raise RejectedError(
                f"{connector.label} accepted the custom field {missing[0].name!r} and does not show it.",
                hint="Look for it on the system's own page of custom fields; it may be switched off.",
            )
    return tenant, tuple(made)
