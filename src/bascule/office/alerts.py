"""Alerts: what must not wait until somebody looks, sent where people are (mail, Slack, Teams and more, by Apprise).

Told are tasks that stop or may stop the bridge: notices (credentials refused, rights, drift, silence, an outage),
work that has given up, and failures. Each once while it lasts, with its owner, when it escalates, and the next step.
Any task that nobody did in time is told once more as it escalates, with whom to call, whatever it is about. When an
incident is over and what waited has gone, its report is told once. For two weeks after the first address was entered
a digest follows every day, or for as long as somebody has chosen. Addresses hold passwords: they are sealed, and
shown without them. What is sent names no candidate.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bascule.errors import InputError, NotFoundError
from bascule.model import Actor, Label, Value
from bascule.store import Tx
from bascule.store.codec import dumps, loads
from bascule.store.tasks import TaskLease

from .desk import Desk
from .incidents import Report, finished, in_words
from .owners import told
from .places import addressed
from .standing import Standing
from .tasks import Task, TaskKind, Tasks, Wanted

EACH = 15.0  # seconds between two looks
ADDRESSES, STATE = "alerts.addresses", "alerts.state"  # settings
TOLD = frozenset({TaskKind.NOTICE, TaskKind.STOPPED, TaskKind.FAILURES})
MOST = 10  # alerts in one message; the others are counted in it
DIGESTS = timedelta(days=14)
DIGEST_HOUR = 7  # UTC, or the first look after it
KNOWN = 500  # reports that are known to have been sent
DAY = timedelta(days=1)  # what was over before nobody is told of any more
LAST = 20  # alerts that were sent and are still shown


class Digest(StrEnum):
    """How long the daily digest comes."""

    AT_FIRST = "two weeks"  # after the first address was entered
    ALWAYS = "daily"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message at one address (shown without its secrets)."""

    address: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Place:
    """An address without its secrets, and what became of the last message to it; None before the first."""

    number: int
    address: str
    ok: bool | None = None
    at: datetime | None = None
    what: str = ""  # "test alert", "alert", "escalation", "digest"


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as it was sent. `reached` of the addresses took it; `due`: when it escalates; `open`: it still lasts."""

    at: datetime
    what: str
    connection: str
    owner: str
    due: datetime
    next: str
    href: str
    reached: int
    of: int
    open: bool = True


@dataclass(frozen=True, slots=True)
class Overview:
    """Where alerts go, and what was sent last (the newest first). `until`: when the digest of the first weeks ends."""

    places: tuple[Place, ...]
    last: tuple[Told, ...]
    digest: Digest
    until: datetime | None


@dataclass(frozen=True, slots=True)
class News:
    """What one look finds. `people`: how users are called, by id; `contacts`: whom to call, by connection."""

    addresses: Sequence[str]
    tasks: Sequence[Task]
    state: Mapping[str, Any]
    people: Mapping[str, str]
    contacts: Mapping[str, str]
    reports: Sequence[Report]


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

    async def overview(self) -> Overview:
        """Everything a person wants to know of them."""
        return await self._desk.store.read(self._overview)

    def _overview(self, tx: Tx) -> Overview:
        addresses, state = self._addresses(tx), self._state(tx)
        heard: Mapping[str, Any] = state.get("heard") or {}
        open_ = {task.id for task in self._tasks.listed(tx, Wanted())}
        since = state.get("since")
        return Overview(
            tuple(_place(number, one, heard.get(_digested(one))) for number, one in enumerate(addresses, 1)),
            tuple(_told(one, open_) for one in state.get("last") or ()),
            _chosen(state),
            datetime.fromisoformat(since) + DIGESTS if since and addresses else None,
        )

    async def choose_digest(self, digest: Digest, actor: Actor) -> None:
        """How long the daily digest comes."""

        def unit(tx: Tx) -> None:
            self._set(tx, {**self._state(tx), "digests": str(digest)})
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="alert digest chosen", actor=actor,
                detail={"digest": str(digest)},
            )  # fmt: skip

        await self._desk.store.write(unit)

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
            state: dict[str, Any] = dict(self._state(tx))
            if kept and not state.get("since"):
                state = {**state, "since": self._desk.now().isoformat()}
            names = {_digested(one) for one in kept}
            heard: Mapping[str, Any] = state.get("heard") or {}
            self._set(tx, {**state, "heard": {name: one for name, one in heard.items() if name in names}})
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

    async def test(self, actor: Actor, number: int | None = None) -> list[Sent]:
        """A test alert to every address, or to the one with this number (from 1). InputError where there is none."""
        addresses = await self._desk.store.read(self._addresses)
        addresses = addresses if number is None else addresses[number - 1 : number] if number > 0 else []
        if not addresses:
            raise InputError("No address is entered.", hint="Add one: bascule alerts add mailto://...")
        text = (
            f"A test alert of Bascule, asked for by {actor.name or 'a person'}. Nothing is wrong.\n{self._where('/')}"
        )
        sent = await self._send(addresses, "test alert", "Bascule: test alert", text)
        await self._desk.note(actor, "alert tested", detail={"reached": sum(one.ok for one in sent), "of": len(sent)})
        return sent

    async def look(self, _task: TaskLease) -> float:
        """Tell what is new, and once a day the digest. What no address took is told at the next look; what one took is
        told, so that a dead address does not make the others ring again and again."""
        news = await self._desk.store.read(self._news)
        addresses, state = news.addresses, news.state
        if not addresses:
            return EACH
        known, last = set(state.get("told", ())), tuple(state.get("last") or ())
        late = [task for task in news.tasks if task.escalated is not None and _escalated(task) not in known]
        fresh = [task for task in news.tasks if task.kind in TOLD and task.id not in known and task not in late]
        for tasks, what, title, text in (
            (fresh, "alert", self._title(fresh), self._text(fresh, news)),
            (late, "escalation", self._late(late), self._text(late, news)),
        ):
            sent = await self._send(addresses, what, title, text) if tasks else []
            if reached := sum(one.ok for one in sent):
                known |= {each for task in tasks for each in (task.id, _escalated(task))}
                last = (*(self._kept(task, news.people, reached, len(sent)) for task in tasks), *last)[:LAST]
        still = tuple(each for task in news.tasks for each in (task.id, _escalated(task)) if each in known)
        reported, last = await self._report(addresses, news.reports, state, last)
        digest = str(state.get("digest", ""))
        if self._digest_due(state):
            status = await self._standing.status()
            text = _digest(status, self._where("/"), _chosen(state))
            if any(one.ok for one in await self._send(addresses, "digest", f"Bascule, daily: {status['words']}", text)):
                digest = self._desk.now().date().isoformat()
        mine = {"told": still, "digest": digest, "last": last, "reported": reported}
        before = {name: tuple(state.get(name) or ()) for name in ("told", "last", "reported")}
        if mine != {**before, "digest": str(state.get("digest", ""))}:
            await self._desk.store.write(lambda tx: self._set(tx, {**self._state(tx), **mine}))
        return EACH

    async def _report(
        self, addresses: Sequence[str], fresh: Sequence[Report], state: Mapping[str, Any], last: tuple[Any, ...]
    ) -> tuple[tuple[int, ...], tuple[Any, ...]]:
        """Tell of incidents that are over; which have been told, and what was sent last."""
        known = tuple(int(id) for id in state.get("reported") or ())
        sent: list[Sent] = []
        if fresh:
            lines = [self._over(one) for one in fresh]
            title = "Bascule: an incident is over" if len(fresh) == 1 else f"Bascule: {len(fresh)} incidents are over"
            where = [f"{line}\n  {self._where(_href(one))}" for line, one in zip(lines, fresh, strict=True)]
            sent = await self._send(addresses, "report", title, "\n".join(where))
        reached = sum(one.ok for one in sent)
        if not reached:
            return known, last
        kept = tuple(self._kept_report(one, reached, len(sent)) for one in fresh)
        return (*known, *(one.incident.id for one in fresh))[-KNOWN:], (*kept, *last)[:LAST]

    def _over(self, report: Report) -> str:
        at = self._desk.connections.known(report.incident.connection)
        return f"{self._named(at.row.name)}: {in_words(report)}" if at is not None else in_words(report)

    def _kept_report(self, report: Report, reached: int, of: int) -> dict[str, Value]:
        """A report that was sent, as it is remembered."""
        at, now = self._desk.connections.known(report.incident.connection), self._desk.now().isoformat()
        return {
            "id": f"report:{report.incident.id}", "at": now, "what": in_words(report),
            "connection": at.row.name if at is not None else "", "owner": "", "due": now,
            "next": f"Read the report: bascule incidents --show {report.incident.id}", "href": _href(report),
            "reached": reached, "of": of,
        }  # fmt: skip

    async def _send(self, addresses: Sequence[str], what: str, title: str, text: str) -> list[Sent]:
        """To each of them, side by side; which took it is remembered."""
        answers = await asyncio.gather(*(_send(one, title, text) for one in addresses))
        at = self._desk.now().isoformat()
        heard = {_digested(one): {"ok": ok, "at": at, "what": what} for one, ok in zip(addresses, answers, strict=True)}

        def unit(tx: Tx) -> None:
            state = self._state(tx)
            self._set(tx, {**state, "heard": {**(state.get("heard") or {}), **heard}})

        await self._desk.store.write(unit)
        return [Sent(shown(one), ok) for one, ok in zip(addresses, answers, strict=True)]

    def _kept(self, task: Task, people: Mapping[str, str], reached: int, of: int) -> dict[str, Value]:
        """An alert that was sent, as it is remembered."""
        owner = people.get(task.assignee) or task.assignee
        return {
            "id": task.id, "at": self._desk.now().isoformat(), "what": task.what, "connection": task.connection,
            "owner": owner, "due": task.due.isoformat(), "next": f"{task.step} {task.next}".strip(),
            "href": task.href or "/tasks", "reached": reached, "of": of,
        }  # fmt: skip

    def _news(self, tx: Tx) -> News:
        state, now = self._state(tx), self._desk.now()
        known = {int(id) for id in state.get("reported") or ()}
        since = datetime.fromisoformat(state["since"]) if state.get("since") else now
        return News(
            self._addresses(tx),
            self._tasks.listed(tx, Wanted()),
            state,
            {user.id: user.name or user.email for user in tx.people.users(self._desk.workspace)},
            {row.name: str(told(row).get("escalation") or "") for row in tx.connections.list(self._desk.workspace)},
            finished(tx, self._desk.workspace, known, since=max(since, now - DAY), now=now),
        )

    def _digest_due(self, state: Mapping[str, Any]) -> bool:
        now, since = self._desk.now(), state.get("since")
        chosen = _chosen(state)
        over = not since or now - datetime.fromisoformat(since) > DIGESTS
        if chosen is Digest.NEVER or (chosen is Digest.AT_FIRST and over) or now.hour < DIGEST_HOUR:
            return False
        return state.get("digest") != now.date().isoformat()

    def _text(self, tasks: Sequence[Task], news: News) -> str:
        lines: list[str] = []
        server = self._desk.settings.address
        for task in tasks[:MOST]:
            owner = news.people.get(task.assignee) or task.assignee or "nobody: name an owner on the connection's page"
            when = f"Escalates {task.due:%d %b %Y %H:%M} UTC if nobody has done it."
            if task.escalated is not None:
                called = news.contacts.get(task.connection, "")
                when = f"It was due {task.due:%d %b %Y %H:%M} UTC and is not done." + (
                    f" Call: {called}" if called else ""
                )
            lines += [
                f"{self._named(task.connection) + ': ' if task.connection else ''}{addressed(task.what, server)}",
                f"  Owner: {owner}. {when}",
                f"  Next: {addressed(task.step, server)}",
                f"  {self._where(task.href or '/tasks')}",
            ]
        if len(tasks) > MOST:
            lines.append(f"... and {len(tasks) - MOST} more: {self._where('/tasks')}")
        return "\n".join(lines)

    def _title(self, tasks: Sequence[Task]) -> str:
        if len(tasks) == 1:
            return f"Bascule: {self._named(tasks[0].connection) or 'something'} needs somebody"
        return f"Bascule: {len(tasks)} things need somebody"

    @staticmethod
    def _late(tasks: Sequence[Task]) -> str:
        if len(tasks) == 1:
            return "Bascule: a task was not done in time"
        return f"Bascule: {len(tasks)} tasks were not done in time"

    def _named(self, name: str) -> str:
        """A connection's name with its label."""
        label = self._desk.connections.labels(self._desk.workspace).get(name)
        return f"{name} ({Label(label).words})" if label else name

    def _where(self, path: str) -> str:
        return f"{self._desk.settings.address}{path}"


def _escalated(task: Task) -> str:
    """What the telling of an escalation is remembered by: one that was taken up may escalate once more."""
    return f"{task.id}|{task.escalated.isoformat() if task.escalated is not None else ''}"


def _href(report: Report) -> str:
    return f"/incidents/{report.incident.id}"


def _chosen(state: Mapping[str, Any]) -> Digest:
    given = state.get("digests")
    return Digest(given) if given in set(Digest) else Digest.AT_FIRST


def _digested(address: str) -> str:
    """What an address is remembered by outside of its seal."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _place(number: int, address: str, heard: Any) -> Place:
    if not isinstance(heard, Mapping):
        return Place(number, shown(address))
    found: Mapping[str, Any] = heard
    return Place(
        number, shown(address), bool(found["ok"]), datetime.fromisoformat(str(found["at"])), str(found["what"])
    )


def _told(kept: Mapping[str, Any], open_: set[str]) -> Told:
    return Told(
        datetime.fromisoformat(kept["at"]), kept["what"], kept["connection"], kept["owner"],
        datetime.fromisoformat(kept["due"]), kept["next"], kept["href"], kept["reached"], kept["of"],
        kept["id"] in open_,
    )  # fmt: skip


def _digest(status: Mapping[str, Any], where: str, chosen: Digest) -> str:
    lines = [f"{status['words']}."]
    for row in status["connections"]:
        lines.append(
            f"{row['name']} ({Label(row['label']).words}, in {row['mode']}): {row['words']}. {row['waiting']} waiting, "
            f"{row['failures']} failures, {row['reviews']} reviews, {row['gaps']} mapping gaps."
        )
    first = "This digest comes for two weeks after the first address was entered; choose otherwise on the page Alerts."
    ends = first if chosen is Digest.AT_FIRST else "Switch this digest off on the page Alerts."
    return "\n".join([*lines, where, ends])


def shown(address: str) -> str:
    """An address without what could be a secret in it."""
    import apprise

    made = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    return str(made.url(privacy=True)).split("?")[0] if made is not None else f"{address.split(':')[0]}://..."


def _known(address: str) -> bool:
    import apprise

    return apprise.Apprise.instantiate(address, suppress_exceptions=True) is not None


async def _send(address: str, title: str, text: str) -> bool:
    """Whether it took the message."""
    import apprise

    one = apprise.Apprise()
    one.add(address)
    return bool(await one.async_notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT))
