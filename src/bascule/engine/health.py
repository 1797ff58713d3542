"""What is wrong with this installation and its connections, and the next command to type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from bascule.connectors.rights import Rights
from bascule.errors import DisconnectedError, PermissionMissingError, RemoteError, UnansweredError, UnavailableError
from bascule.model import COMMAND_LINE, Label, Mode
from bascule.store import Tx
from bascule.store.connections import Connection
from bascule.store.inbox import Heard
from bascule.store.queries import Counts

from .connections import Connected, Connections
from .consents import ending
from .drift import drifted
from .http import is_loopback
from .rhythm import HOOKED
from .shapes import ANSWERS, URGENT, standing, words

State = Literal["ok", "look", "wrong"]
SEALED_WITHIN = timedelta(minutes=1)
PULLED = "pull"  # the cursor of an AI tool: where in the feed it was last
QUIET = timedelta(hours=1)  # a tool that has changes waiting for so long and does not come is looked after


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `next` is the command or step that mends it."""

    state: State
    what: str
    next: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Came:
    """How far an AI tool is. `behind`: changes it has not asked for; `held`: applications it holds; `unconfirmed`:
    those it is to forget and has not said so."""

    at: datetime | None = None
    behind: int = 0
    held: int = 0
    unconfirmed: int = 0


def came(tx: Tx, row: Connection) -> Came:
    """When a tool last came to the door, and how far it is."""
    known = tx.connections.cursors(row.id).get(PULLED)
    place = known[0] if known is not None and isinstance(known[0], int) else 0
    held, unconfirmed = tx.tools.counted(row.id)
    return Came(known[1] if known else None, tx.tools.behind(row.workspace, place), held, unconfirmed)


def _mend(name: str, error: RemoteError) -> str:
    """What to do where a system does not let its configuration be read."""
    if isinstance(error, DisconnectedError):
        return f"bascule connections credentials {name} --set ..."
    if isinstance(error, PermissionMissingError):
        return f"Grant the right in the ATS; what is needed: bascule connections rights {name}"
    if isinstance(error, UnavailableError | UnansweredError):
        return "It is asked again by itself, and nothing is lost. Since when, and who waits: bascule incidents"
    return f"Look at what it said, and at its page: bascule incidents --connection {name}"


class Health:
    """Looks at every connection as an owner would."""

    def __init__(
        self,
        connections: Connections,
        now: Callable[[], datetime],
        learn: Callable[[Connected], Awaitable[None]],
        rights: Callable[[Connected], Rights],
        hook_url: Callable[[Connected], str],
        intervals: Callable[[Connected], Mapping[str, float]],
    ) -> None:
        self._connections = connections
        self._now = now
        self._learn = learn
        self._rights_of = rights
        self._hook_url = hook_url
        self._intervals = intervals

    async def examine(self, workspace: str) -> list[Finding]:
        """Everything but this machine itself (that is the command's part). What has changed in an account's
        configuration is told as by the hourly look."""
        everything = self._connections.all()
        if not everything:
            add = "bascule connections add NAME greenhouse --set client_id=... --set client_secret=-"
            return [Finding("look", "Nothing is connected yet.", add)]
        ids = [at.id for at in everything]

        def query(tx: Tx) -> tuple[dict[str, Counts], dict[str, Heard], Any, Any]:
            hooks = {id: tx.inbox.heard(id) for id in ids}
            return tx.pages.overview(ids), hooks, tx.audit.backlog(), tx.tasks.list(workspace, state="dead")

        counts, hooks, (unsealed, since), dead = await self._connections.store.read(query)
        found: list[Finding] = []
        for at in everything:
            found += await self._connection(at, counts[at.id], hooks[at.id])
        if since is not None and self._now() - since > SEALED_WITHIN:
            found.append(
                Finding(
                    "wrong",
                    f"{unsealed} audit entries are older than a minute and unsealed.",
                    "Is a worker running? bascule up",
                )
            )
        found += [Finding("wrong", f"The task {t.name} has given up: {t.error}", "bascule failures list") for t in dead]
        return found

    async def _connection(self, at: Connected, counts: Counts, hooks: Heard) -> list[Finding]:
        name, row = at.row.name, at.row
        if at.is_tool:
            return await self._tool(at)
        found = [await self._credentials(at), *await self._drifted(at), *await self._ending(at)]
        if row.paused:
            found.append(Finding("wrong", f"{name} is paused: {row.paused}", f"bascule connections resume {name}"))
        if row.stopped is not None:
            found.append(Finding("wrong", f"{name}: {row.stopped.words}", f"bascule connections release {name}"))
        if row.messages_stopped is not None:
            release = f"bascule connections release {name} --messages"
            found.append(Finding("wrong", f"{name}: {row.messages_stopped.words}", release))
        if not row.crawled:
            found.append(Finding("look", f"{name} has not been read whole yet.", f"bascule backfill {name}"))
        found.append(self._hooks(at, hooks))
        found += self._rights(at)
        found += await self._answers(at)
        if row.mode in (Mode.OBSERVE, Mode.LISTEN):
            what = f"{name} is in mode {row.mode}: nothing is written there."
            found.append(Finding("look", what, f"bascule connections mode {name} shadow"))
        if row.owner in ("", COMMAND_LINE):
            found.append(Finding("look", f"{name} has no owner.", f"bascule connections owner {name} E-MAIL"))
        for number, one, more, command in (
            (counts.failures, "failure waits for a person", "failures wait for a person", "bascule failures list"),
            (counts.reviews, "review waits for a person", "reviews wait for a person", "Open the review page."),
            (
                counts.gaps,
                "value the mapping does not know",
                "values the mapping does not know",
                f"bascule mapping show {name}",
            ),
            (
                counts.unseen,
                "object that is not shown any more: deleted there without a word, or hidden from us",
                "objects that are not shown any more: deleted there without a word, or hidden from us",
                f"See {name}'s page.",
            ),
        ):
            if number:
                found.append(Finding("look", f"{name}: {number} {one if number == 1 else more}.", command))
        return found

    async def _tool(self, at: Connected) -> list[Finding]:
        """An AI tool comes to us: when it last did, and what it has not taken or not confirmed."""
        name, row = at.row.name, at.row
        found: list[Finding] = []
        if row.paused:
            found.append(Finding("wrong", f"{name} is paused: {row.paused}", f"bascule connections resume {name}"))
        if row.stopped is not None:
            found.append(Finding("wrong", f"{name}: {row.stopped.words}", f"bascule connections release {name}"))
        told = await self._connections.store.read(lambda tx: came(tx, row))
        if told.at is None:
            look = "Give its makers the door and a key: docs/ai-tools.md"
            found.append(Finding("look", f"{name} (AI tool) has not asked for anything yet.", look))
        else:
            quiet = told.behind > 0 and self._now() - told.at > QUIET
            what = f"{name} (AI tool) last asked at {told.at:%Y-%m-%d %H:%M} UTC and is {told.behind} changes behind."
            found.append(Finding("look" if quiet else "ok", what, "Ask its makers." if quiet else ""))
        if told.unconfirmed:
            what = f"{name} has not confirmed that it has forgotten {told.unconfirmed} applications."
            found.append(Finding("look", what, f"bascule connections tool {name}"))
        return found

    async def _credentials(self, at: Connected) -> Finding:
        """The account's configuration is asked for: that needs working credentials, and nothing is changed."""
        name = at.row.name
        try:
            await self._learn(at)
        except RemoteError as error:
            words = f" It said: {error.words}" if error.words else ""
            return Finding("wrong", f"{name}: {error}{words}", _mend(name, error))
        return Finding("ok", f"{name} answers, and the credentials work ({at.row.label.words}).")

    async def _drifted(self, at: Connected) -> list[Finding]:
        """What has changed in the account's configuration and nobody has dealt with yet."""
        told = await self._connections.store.read(lambda tx: drifted(tx, at))
        return [Finding("look", one, "bascule tasks list") for one in told]

    async def _ending(self, at: Connected) -> list[Finding]:
        """When the credentials end, where that is known."""
        found, name, now = await self._connections.store.read(lambda tx: ending(tx, at)), at.row.name, self._now()
        enter = f"bascule connections credentials {name} --set ..."
        said: list[Finding] = []
        if found.consent is not None and found.consent.failing is not None:
            since = f"since {found.consent.failing:%Y-%m-%d %H:%M} UTC"
            said.append(Finding("wrong", f"{name}: the consent is not renewed {since}: {found.consent.error}", enter))
        if found.ends is not None:
            what = f"{name}: the credentials end on {found.ends:%Y-%m-%d %H:%M} UTC"
            renewed = " unless they are renewed, which happens by itself" if found.consent is not None else ""
            said.append(Finding("look", f"{what}.", enter) if found.told(now) else Finding("ok", f"{what}{renewed}."))
        return said

    async def _answers(self, at: Connected) -> list[Finding]:
        """Whether answers still have the shape that the connector was written for, and whether the interface ends."""
        kept = await self._connections.store.read(lambda tx: tx.connections.cursor(at.id, ANSWERS))
        found, name = standing(kept), at.row.name
        answers, interface = words(found)
        said: list[Finding] = []
        if answers:
            state: State = "look" if found.keys else "ok"
            said.append(
                Finding(state, f"{name}: keys of its answers: {answers}.", "bascule tasks list" if found.keys else "")
            )
        if interface:
            soon = any(one.sunset is not None and one.sunset - self._now() <= URGENT for one in found.ends.values())
            said.append(Finding("wrong" if soon else "look", f"{name}: {interface}.", "bascule tasks list"))
        return said

    def _hooks(self, at: Connected, heard: Heard) -> Finding:
        """Whether the system reaches us; where it does not, how soon changes follow by polling, and what to mend."""
        name, hook = at.row.name, at.connector.webhook
        if hook is None:
            return Finding("ok", f"{at.connector.label} sends no webhooks: {name} is polled.")
        if heard.forged:
            why = heard.refused.why if heard.refused is not None else ""
            what = f"{name}: calls reach its webhook address and are refused ({why}); none is let in since."
            return Finding("wrong", what, hook.secret_step(at.connector.label, name))
        if heard.arrives:
            return Finding("ok", f"{name}: webhooks arrive; edits and moves follow in seconds.")
        url = self._hook_url(at)
        what = f"{name}: no ping has arrived at {url} yet. Until one does it is polled: {self.polled(at)}."
        if at.row.label is not Label.SIMULATOR and is_loopback(urlsplit(url).hostname or ""):
            out = (
                "The vendor cannot reach this machine at that address. Behind a firewall: give a proxy or a tunnel a "
                "public https address that leads to this port (only /hooks/ is needed), set BASCULE_PUBLIC_URL to it, "
                "restart. Or leave it: polling goes on, only slower."
            )
            return Finding("look", what, out)
        steps = hook.steps(at.connector.label, name)
        return Finding("look", what, f"{steps} Address: {url}. A firewall must let the vendor through to it.")

    def polled(self, at: Connected) -> str:
        """How often lists are asked while nothing tells of changes, in words."""
        asked = [r.every.total_seconds() for r in at.connector.reads if r.kind in HOOKED and r.every is not None]
        rest = min(asked, default=60.0)
        quick = ", ".join(f"{title} every {seconds:g} s" for title, seconds in self._intervals(at).items())
        return f"every {rest:g} s" + (f" ({quick})" if quick else "")

    def _rights(self, at: Connected) -> list[Finding]:
        rights, name = self._rights_of(at), at.row.name
        found: list[Finding] = []
        if rights.missing:
            found.append(
                Finding(
                    "wrong",
                    f"{name} lacks rights: {', '.join(rights.missing)}.",
                    f"Grant them in the ATS, and say so: bascule connections rights {name} --granted '...'",
                )
            )
        if rights.unwaived:
            enter = f"bascule connections rights {name} --granted '...'"
            left = "Take them away in the ATS, or waive them in writing"
            waive = f"bascule connections rights {name} --waive 'reason'"
            next = f"{left}: {waive}" if rights.told_by else f"{enter}; needed are: {', '.join(rights.needed)}"
            found.append(Finding("look", f"{name}: {rights.objection(at.connector.label)}", next))
        elif rights.told_by and not rights.missing:
            waived = f"; waived: {', '.join(rights.excess)} ({rights.waiver.reason})" if rights.waiver else ""
            found.append(Finding("ok", f"{name} has the rights that it needs{waived}."))
        found += [
            Finding("look", f"{name}: {what} is more than is needed.", advice)
            for what, advice in at.connector.excess.items()
        ]
        return found
