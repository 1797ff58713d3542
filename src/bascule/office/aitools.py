"""AI tools as their owner knows them: connected, given a key, told which jobs they are for and what they may have."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from bascule.connectors.aitool import NOWHERE, SYSTEM
from bascule.connectors.registry import load
from bascule.connectors.tools import RESERVED
from bascule.engine.connections import Connected
from bascule.engine.http import checked_base, is_loopback
from bascule.errors import ConfigurationError, ConflictError, InputError
from bascule.model import Actor, Kind, Label, Mode, Scope
from bascule.store import Tx
from bascule.store.connections import Connection

from .accounts import NewConnection
from .desk import Desk
from .owners import answering

OVERLAP = timedelta(hours=24)  # for which a former key is good beside a new one
SWITCHES = ("contact", "resume", "answers")


class AiTools:
    """`app.aitools`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def connect(self, new: NewConnection, actor: Actor) -> tuple[Connected, str]:
        """Connect a tool; and its key, which is never shown again. Its name is that of its fields in every ATS."""
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,29}", new.name) or new.name in RESERVED:
            raise InputError(
                f"An AI tool cannot be called {new.name!r}: its fields in the ATS bear its name.",
                hint="Choose a letter and up to 29 letters, digits and hyphens, and none of Bascule's own words.",
            )
        settings = dict(new.settings or {})
        jobs = [one.strip() for one in settings.pop("jobs", "").split(",") if one.strip()]
        hook = self._hook(new.base_url)
        near = is_loopback(urlsplit(hook).hostname or "") if hook else False
        if new.label is Label.SIMULATOR and hook and not near:
            raise InputError(f"{hook} is no simulator on this machine.", hint="Label it vendor sandbox or live.")
        now = self._desk.now()
        row = Connection(
            id=self._desk.id(),
            workspace=self._desk.workspace,
            name=new.name,
            system=SYSTEM,
            label=new.label or (Label.SIMULATOR if near else Label.LIVE),
            base_url=hook,
            created=now,
            mode=Mode.LIVE,
            scope=Scope(await self._jobs(jobs)),
            settings=_switches(settings),
            owner=answering(new.owner or actor.id),
            live_since=now,
            crawled=True,
        )
        signing = (new.secrets or {}).get("webhook_secret") or _signing()
        key = _key()

        def unit(tx: Tx) -> None:
            if any(one.name == row.name and one.system == SYSTEM for one in tx.connections.list(row.workspace)):
                raise ConflictError(f"There is a connection named {row.name} already.")
            tx.connections.add(row)
            tx.connections.set_credentials(row.id, {"webhook_secret": signing})
            tx.tools.add_key(row.workspace, row.id, "key", key, now=now)
            tx.audit.record(
                workspace=row.workspace, at=now, action="connection added", actor=actor, connection=row.id,
                detail={"name": row.name, "system": SYSTEM, "label": str(row.label), "jobs": tuple(jobs)},
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()
        return self._desk.connections.get(row.id), key

    async def new_key(self, name: str, actor: Actor, *, overlap: timedelta = OVERLAP) -> str:
        """Another key for a tool. The former ones are good for `overlap` longer; with none, they and every token end
        now."""
        at, key, now = self._tool(name), _key(), self._desk.now()

        def unit(tx: Tx) -> None:
            tx.tools.end_keys(at.id, until=now + overlap, tokens=not overlap)
            tx.tools.add_key(at.row.workspace, at.id, "key", key, now=now)
            tx.audit.record(
                workspace=at.row.workspace, at=now, action="key of an AI tool made", actor=actor, connection=at.id,
                detail={"former_end": (now + overlap).isoformat()},
            )  # fmt: skip

        await self._desk.store.write(unit)
        return key

    async def choose(
        self,
        name: str,
        actor: Actor,
        *,
        jobs: Sequence[str] | None = None,
        switches: Mapping[str, str] | None = None,
        hook: str | None = None,
    ) -> Connected:
        """What a tool is for (jobs; none: every open one), what it may have, where it is told of news. What leaves its
        scope is shown to it as ended; what is not named stays as it was."""
        at, now = self._tool(name), self._desk.now()
        scope = None if jobs is None else Scope(await self._jobs(jobs))
        address = None if hook is None else self._hook(hook)
        given = _switches(switches or {})

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            made = replace(
                row, scope=row.scope if scope is None else scope, settings={**row.settings, **given},
                base_url=row.base_url if address is None else address,
            )  # fmt: skip
            tx.connections.set(made)
            tx.tools.mark_all(row.workspace)
            tx.audit.record(
                workspace=row.workspace, at=now, action="AI tool's scope changed", actor=actor, connection=at.id,
                detail={"jobs": tuple(sorted(made.scope.jobs))}
                | {one: str(made.settings.get(one, "")) for one in SWITCHES},
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()
        return self._desk.connections.get(at.id)

    def _tool(self, name: str) -> Connected:
        at = self._desk.connections.named(name)
        if not at.is_tool:
            raise InputError(f"{name} is no AI tool.", hint="See: bascule connections list")
        return at

    async def _jobs(self, given: Sequence[str]) -> frozenset[str]:
        """Jobs by their ids here. InputError for one that nobody knows."""
        known = await self._desk.store.read(lambda tx: tx.families.records(self._desk.workspace, list(given)))
        for id in given:
            if id not in known or known[id].kind is not Kind.JOB:
                raise InputError(f"There is no job {id!r}.", hint="Their ids stand in the addresses of their pages.")
        return frozenset(given)

    def _hook(self, url: str) -> str:
        """Where hints go, checked as every outgoing address is; "" for nowhere."""
        if not url or url == NOWHERE:
            return ""
        try:
            return checked_base(load(SYSTEM), url, self._desk.settings.allowed_hosts)
        except ConfigurationError as error:
            raise InputError(
                str(error).removesuffix(error.hint).strip(),
                hint=f"{error.hint or 'Give another address, or none.'} A tool that is told nothing still pulls.",
            ) from None


def _switches(given: Mapping[str, str]) -> dict[str, str]:
    for name, value in given.items():
        if name not in SWITCHES or value not in ("yes", "no"):
            raise InputError(f"{name}={value}: an AI tool is told {', '.join(SWITCHES)} by yes or no.")
    return dict(given)


def _key() -> str:
    return f"bst_{secrets.token_urlsafe(32)}"


def _signing() -> str:
    """As Standard Webhooks has it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
