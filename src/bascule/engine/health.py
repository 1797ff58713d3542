"""What is wrong with this installation and its connections, and the next command to type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bascule.errors import RemoteError
from bascule.model import Label, Mode
from bascule.store import Tx
from bascule.store.queries import Counts

from .connections import Connected, Connections

State = Literal["ok", "look", "wrong"]
SEALED_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `next` is the command or step that mends it."""

    state: State
    what: str
    next: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


class Health:
    """Looks at every connection as an owner would."""

    def __init__(
        self,
        connections: Connections,
        now: Callable[[], datetime],
        scopes: Callable[[Connected], Mapping[str, Sequence[str]]],
        hook_url: Callable[[Connected], str],
        intervals: Callable[[Connected], Mapping[str, float]],
    ) -> None:
        self._connections = connections
        self._now = now
        self._scopes = scopes
        self._hook_url = hook_url
        self._intervals = intervals

    async def examine(self, workspace: str) -> list[Finding]:
        """Everything but this machine itself (that is the command's part)."""
        everything = self._connections.all()
        if not everything:
            add = "bascule connections add NAME greenhouse --set client_id=... --set client_secret=-"
            return [Finding("look", "Nothing is connected yet.", add)]
        ids = [at.id for at in everything]

        def query(tx: Tx) -> tuple[dict[str, Counts], dict[str, Any], Any, Any]:
            hooks = {id: tx.connections.cursor(id, "hooks") for id in ids}
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

    async def _connection(self, at: Connected, counts: Counts, hooks: Any) -> list[Finding]:
        name, row = at.row.name, at.row
        found = [await self._credentials(at)]
        if row.paused:
            found.append(Finding("wrong", f"{name} is paused: {row.paused}", f"bascule connections resume {name}"))
        if not row.crawled:
            found.append(Finding("look", f"{name} has not been read whole yet.", f"bascule backfill {name}"))
        found.append(self._hooks(at, hooks))
        found += self._rights(at)
        if row.mode in (Mode.OBSERVE, Mode.LISTEN):
            what = f"{name} is in mode {row.mode}: nothing is written there."
            found.append(Finding("look", what, f"bascule connections mode {name} shadow"))
        if not row.owner:
            found.append(Finding("look", f"{name} has no owner.", "Name one on its page."))
        for number, what, command in (
            (counts.failures, "failures wait for a person", "bascule failures list"),
            (counts.reviews, "reviews wait for a person", "Open the review page."),
            (counts.gaps, "values the mapping does not know", f"bascule mapping show {name}"),
            (
                counts.unseen,
                "objects that were there and are not shown any more",
                f"See {name}'s page.",
            ),
        ):
            if number:
                found.append(Finding("look", f"{name}: {number} {what}.", command))
        return found

    async def _credentials(self, at: Connected) -> Finding:
        """The account's configuration is asked for: that needs working credentials, and nothing is changed."""
        name = at.row.name
        try:
            await at.client.run(at.connector.discover())
        except RemoteError as error:
            words = f" It said: {error.words}" if error.words else ""
            return Finding("wrong", f"{name}: {error}{words}", f"bascule connections credentials {name} --set ...")
        return Finding("ok", f"{name} answers, and the credentials work ({at.row.label}).")

    def _hooks(self, at: Connected, hooks: Any) -> Finding:
        name, hook = at.row.name, at.connector.webhook
        if hook is None:
            return Finding("ok", f"{at.connector.label} sends no webhooks: {name} is polled.")
        if hooks is not None:
            return Finding("ok", f"{name}: webhooks arrive (the vendor's ping was seen).")
        slow = max(self._intervals(at).values(), default=60.0)
        url = self._hook_url(at)
        polled = f"Until then it is polled, every 60 s (notes and tags {slow:g} s)."
        what = f"{name}: no ping has arrived at {url} yet. {polled}"
        if at.row.label is not Label.SIMULATOR and "127.0.0.1" in url:
            out = "The vendor cannot reach 127.0.0.1: set BASCULE_PUBLIC_URL to an address it can (a proxy, a tunnel)."
            return Finding("look", what, out)
        return Finding("look", what, f"{hook.setup} Address: {url}")

    def _rights(self, at: Connected) -> list[Finding]:
        scopes, name = self._scopes(at), at.row.name
        found: list[Finding] = []
        if scopes["missing"]:
            found.append(
                Finding("wrong", f"{name} lacks rights: {', '.join(scopes['missing'])}.", "Grant them in the ATS.")
            )
        if scopes["excess"]:
            what = f"{name} may do more than it needs: {', '.join(scopes['excess'])}."
            found.append(Finding("look", what, "Take these rights away in the ATS, or waive them at promotion."))
        if not scopes["granted"]:
            what = (
                f"{at.connector.label} does not tell which rights {name} has; it needs: {', '.join(scopes['needed'])}."
            )
            found.append(Finding("ok", what))
        found += [
            Finding("look", f"{name}: {what} is more than is needed.", advice)
            for what, advice in at.connector.excess.items()
        ]
        return found
