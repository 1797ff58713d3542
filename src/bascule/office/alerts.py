"""Alerts: what must not wait until somebody looks, sent where people are (mail, Slack, Teams and more, by Apprise).

Told are tasks that stop or may stop the bridge: notices (credentials refused, rights, drift, silence, an outage), work
that has given up, and failures. Each once while it lasts, with its owner, when it escalates, and the next step. For two
weeks after the first address was entered a digest follows every day. Addresses hold passwords: they are sealed, and
shown without them. What is sent names no candidate.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bascule.errors import InputError, NotFoundError
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.codec import dumps, loads
from bascule.store.tasks import TaskLease

from .desk import Desk
from .standing import Standing
from .tasks import Task, TaskKind, Tasks, Wanted

EACH = 15.0  # seconds between two looks
ADDRESSES, STATE = "alerts.addresses", "alerts.state"  # settings
TOLD = frozenset({TaskKind.NOTICE, TaskKind.STOPPED, TaskKind.FAILURES})
MOST = 10  # alerts in one message; the others are counted in it
DIGESTS = timedelta(days=14)
DIGEST_HOUR = 7  # UTC, or the first look after it


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message at one address (shown without its secrets)."""

    address: str
    ok: bool


class Alerts:
    """`app.alerts`, and the handler of the task "alert"."""

    def __init__(self, desk: Desk, tasks: Tasks, standing: Standing) -> None:
        self._desk = desk
        self._tasks = tasks
        self._standing = standing

    # ---------------------------------------------------------------------------------------------------- addresses

    async def addresses(self) -> list[str]:
        """Where alerts go, without secrets, in the order they were entered."""
        return [shown(one) for one in await self._desk.store.read(self._addresses)]

    async def add(self, address: str, actor: Actor) -> list[str]:
        """Send alerts there too. InputError for an address that Apprise does not know."""
        if not _known(address):
            raise InputError(
                "Apprise does not know an address like this.",
                hint="For instance mailto://user:password@example.com or slack://token-a/token-b/token-c.",
            )
        return await self._keep(actor, "alert address added", add=address)

    async def remove(self, number: int, actor: Actor) -> list[str]:
        """Take the address with this number (from 1) away. NotFoundError where there is none."""
        return await self._keep(actor, "alert address removed", remove=number)

    async def _keep(self, actor: Actor, action: str, *, add: str = "", remove: int = 0) -> list[str]:
        def unit(tx: Tx) -> list[str]:
            known = self._addresses(tx)
            if remove and not 0 < remove <= len(known):
                raise NotFoundError(f"There is no address {remove}.", hint="See: bascule alerts list")
            kept = [one for number, one in enumerate(known, 1) if number != remove]
            kept += [add] if add and add not in kept else []
            sealed = tx.vault.seal(self._desk.workspace, None, dumps(tuple(kept)).encode())
            tx.workspaces.set_setting(self._desk.workspace, ADDRESSES, base64.b64encode(sealed).decode())
            state = self._state(tx)
            if kept and not state.get("since"):
                self._set(tx, {**state, "since": self._desk.now().isoformat()})
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action=action, actor=actor,
                detail={"address": shown(add or known[remove - 1])},
            )  # fmt: skip
            return kept

        return [shown(one) for one in await self._desk.store.write(unit)]

    def _addresses(self, tx: Tx) -> list[str]:
        sealed = tx.workspaces.setting(self._desk.workspace, ADDRESSES)
        return list(loads(tx.vault.open(base64.b64decode(str(sealed))).decode())) if sealed else []

    def _state(self, tx: Tx) -> Mapping[str, Any]:
        kept = tx.workspaces.setting(self._desk.workspace, STATE)
        return kept if isinstance(kept, Mapping) else {}

    def _set(self, tx: Tx, state: Mapping[str, Any]) -> None:
        tx.workspaces.set_setting(self._desk.workspace, STATE, dict(state))

    # ------------------------------------------------------------------------------------------------------- sending

    async def test(self, actor: Actor) -> list[Sent]:
        """A test alert to every address. InputError where there is none."""
        addresses = await self._desk.store.read(self._addresses)
        if not addresses:
            raise InputError("No address is entered.", hint="Add one: bascule alerts add mailto://...")
        text = (
            f"A test alert of Bascule, asked for by {actor.name or 'a person'}. Nothing is wrong.\n{self._where('/')}"
        )
        sent = [Sent(shown(one), await _send([one], "Bascule: test alert", text)) for one in addresses]
        await self._desk.note(actor, "alert tested", detail={"reached": sum(one.ok for one in sent), "of": len(sent)})
        return sent

    async def look(self, _task: TaskLease) -> float:
        """Tell what is new, and once a day the digest. What no address took is told at the next look."""
        addresses, open_, state, people = await self._desk.store.read(self._news)
        if not addresses:
            return EACH
        known = set(state.get("told", ()))
        fresh = [task for task in open_ if task.id not in known]
        if fresh and not await _send(addresses, self._title(fresh), self._text(fresh, people)):
            fresh = []
        told = tuple(task.id for task in open_ if task.id in known or task in fresh)
        digest = str(state.get("digest", ""))
        if self._digest_due(state):
            status = await self._standing.status()
            if await _send(addresses, f"Bascule, daily: {status['words']}", _digest(status, self._where("/"))):
                digest = self._desk.now().date().isoformat()
        after = {**state, "told": told, "digest": digest}
        if after != dict(state):
            await self._desk.store.write(lambda tx: self._set(tx, after))
        return EACH

    def _news(self, tx: Tx) -> tuple[list[str], list[Task], Mapping[str, Any], dict[str, str]]:
        people = {user.id: user.name or user.email for user in tx.people.users(self._desk.workspace)}
        tasks = [task for task in self._tasks.listed(tx, Wanted()) if task.kind in TOLD]
        return self._addresses(tx), tasks, self._state(tx), people

    def _digest_due(self, state: Mapping[str, Any]) -> bool:
        now, since = self._desk.now(), state.get("since")
        if not since or now - datetime.fromisoformat(since) > DIGESTS or now.hour < DIGEST_HOUR:
            return False
        return state.get("digest") != now.date().isoformat()

    def _text(self, tasks: Sequence[Task], people: Mapping[str, str]) -> str:
        lines: list[str] = []
        for task in tasks[:MOST]:
            owner = people.get(task.assignee) or task.assignee or "nobody: name an owner on the connection's page"
            lines += [
                f"{self._named(task.connection) + ': ' if task.connection else ''}{task.what}",
                f"  Owner: {owner}. Escalates {task.due:%d %b %Y %H:%M} UTC if nobody has done it.",
                f"  Next: {task.step} {task.next}".rstrip(),
                f"  {self._where(task.href or '/tasks')}",
            ]
        if len(tasks) > MOST:
            lines.append(f"... and {len(tasks) - MOST} more: {self._where('/tasks')}")
        return "\n".join(lines)

    def _title(self, tasks: Sequence[Task]) -> str:
        if len(tasks) == 1:
            return f"Bascule: {self._named(tasks[0].connection) or 'something'} needs somebody"
        return f"Bascule: {len(tasks)} things need somebody"

    def _named(self, name: str) -> str:
        """A connection's name with its label."""
        label = self._desk.connections.labels(self._desk.workspace).get(name)
        return f"{name} ({label})" if label else name

    def _where(self, path: str) -> str:
        return f"{self._desk.settings.address}{path}"


def _digest(status: Mapping[str, Any], where: str) -> str:
    lines = [f"{status['words']}."]
    for row in status["connections"]:
        lines.append(
            f"{row['name']} ({row['label']}, {row['mode']}): {row['words']}. {row['waiting']} waiting, "
            f"{row['failures']} failures, {row['reviews']} reviews, {row['gaps']} mapping gaps."
        )
    return "\n".join([*lines, where, "This digest comes for two weeks after the first address was entered."])


def shown(address: str) -> str:
    """An address without what could be a secret in it."""
    import apprise

    made = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    return str(made.url(privacy=True)).split("?")[0] if made is not None else f"{address.split(':')[0]}://..."


def _known(address: str) -> bool:
    import apprise

    return apprise.Apprise.instantiate(address, suppress_exceptions=True) is not None


async def _send(addresses: Sequence[str], title: str, text: str) -> bool:
    """To all of them; whether each took it."""
    import apprise

    all_of_them = apprise.Apprise()
    for one in addresses:
        all_of_them.add(one)
    return bool(await all_of_them.async_notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT))
