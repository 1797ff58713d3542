"""Everything a system already holds, page by page: newest first, resumable, readable from the first page on.

Account-wide lists in the largest pages the vendor allows, roots before children, so that a connection's history costs
one request for hundreds of objects. The place is a cursor row: a stop, a crash or a restart goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bascule.connectors.spec import Reads
from bascule.errors import PermissionMissingError, ResyncError
from bascule.model import Json, Kind
from bascule.store import Tx
from bascule.store.budgets import Budget, Work
from bascule.store.lanes import Hint, Priority
from bascule.store.tasks import TaskLease

from .connections import Connected, Connections
from .feeds import Feeds
from .http import Errand
from .observe import parse
from .rates import Rates
from .runtime import Runtime
from .stage_history import StageHistories

CURSOR = "backfill"
ASK_AGAIN = 300.0  # seconds until a list that was refused is asked for again
FIRST = (Kind.USER, Kind.SOURCE, Kind.REJECTION_REASON, Kind.JOB, Kind.STAGE, Kind.CANDIDATE, Kind.APPLICATION)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a backfill stands. `objects` have been read, `of` so many, where it is known from the last time. `eta` is
    in seconds; None with `why` where nobody can know. `pace` is pages a second."""

    state: str  # "running", "done" or "none"
    list: str = ""
    lists_done: int = 0
    lists: int = 0
    pages: int = 0
    objects: int = 0
    started: datetime | None = None
    finished: datetime | None = None
    of: int | None = None
    pace: float | None = None
    eta: float | None = None
    why: str = ""


def order(at: Connected) -> list[Reads]:
    """The lists of a backfill: reference kinds, then people, then what hangs on them."""
    wanted = [r for r in at.connector.reads if r.walked and r.by]
    return sorted(wanted, key=lambda r: FIRST.index(r.kind) if r.kind in FIRST else len(FIRST))


class Backfill:
    """The handler of the task "backfill": some pages a turn."""

    def __init__(
        self, runtime: Runtime, connections: Connections, feeds: Feeds, rates: Rates, histories: StageHistories
    ) -> None:
        self._runtime = runtime
        self._connections = connections
        self._feeds = feeds
        self._rates = rates
        self._histories = histories

    def start(self, tx: Tx, at: Connected, now: datetime) -> None:
        """Begin, or begin again from the first page."""
        before = tx.connections.cursor(at.id, CURSOR)
        sizes = before.get("sizes") or None if isinstance(before, Mapping) else None  # of the last time, by list
        state = {
            "list": 0, "next": "", "pages": 0, "objects": 0, "started": now.isoformat(), "finished": "",
            "sizes": sizes, "read": {},
        }  # fmt: skip
        tx.connections.set_cursor(at.id, CURSOR, state, now=now)
        tx.tasks.put(at.row.workspace, "backfill", at.id, due=now)
        self._histories.again(tx, at, now)

    async def progress(self, at: Connected) -> Progress:
        def query(tx: Tx) -> tuple[Any, list[Budget]]:
            return tx.connections.cursor(at.id, CURSOR), tx.budgets.list(at.id)

        state, budgets = await self._connections.store.read(query)
        if not isinstance(state, Mapping):
            return Progress("none")
        return self._progress(at, dict(state), budgets)

    def _progress(self, at: Connected, state: Mapping[str, Any], budgets: Sequence[Budget]) -> Progress:
        lists = order(at)
        index = int(state["list"])
        finished = datetime.fromisoformat(str(state["finished"])) if state["finished"] else None
        told = Progress(
            state="done" if finished else "running",
            list=lists[index].title if index < len(lists) else "",
            lists_done=index,
            lists=len(lists),
            pages=int(state["pages"]),
            objects=int(state["objects"]),
            started=datetime.fromisoformat(str(state["started"])),
            finished=finished,
        )
        if finished:
            return told
        pace = self._pace(told, budgets)
        sizes, read = dict(state.get("sizes") or {}), dict(state.get("read") or {})
        if not sizes:
            return replace(told, pace=pace, why="How much there is will be known once it has been read.")
        left = [max(0, sizes.get(one.title, 0) - read.get(one.title, 0)) for one in lists[index:]]
        pages = sum(max(1, -(-n // one.page_size[1])) for n, one in zip(left, lists[index:], strict=True))
        return replace(told, of=told.objects + sum(left), pace=pace, eta=pages / pace if pace else None)

    def _pace(self, told: Progress, budgets: Sequence[Budget]) -> float | None:
        """Pages a second: of late, as the budget counts them, else since it began."""
        now = self._runtime.now()
        of_late = [(one.at(now).share(Work.BACKFILL).pace, one.per.total_seconds()) for one in budgets]
        counted = sum(pages / seconds for pages, seconds in of_late)
        elapsed = (now - told.started).total_seconds() if told.started else 0.0
        since = told.pages / elapsed if elapsed > 0 else 0.0
        return counted or since or None

    async def run(self, task: TaskLease) -> float | None:
        """Read pages until the list ends or the budget is spent; the cursor moves with every page."""
        at = await self._connections.find(task.key)
        if at is None:
            return None
        if not self._connections.working(at, self._runtime.now()):
            return 5.0
        stored = await self._connections.store.read(lambda tx: tx.connections.cursor(at.id, CURSOR))
        if not isinstance(stored, Mapping):
            return None
        state: dict[str, Any] = dict(stored)
        lists = order(at)
        if state["finished"]:
            return None
        if int(state["list"]) >= len(lists):
            if "refused" in state:
                state["list"] = state.pop("refused")
                await self._connections.store.write(lambda tx: self._move(tx, task, at, state))
                return ASK_AGAIN
            await self._finish(task, at, state)
            return None
        reads = lists[int(state["list"])]
        purse, wait = await self._rates.ask(at.id, at.classes, Work.BACKFILL, reads.budget)
        if purse is None:
            return wait
        try:
            return await self._page(task, at.paid_from(purse), reads, state)
        finally:
            self._rates.close(purse)

    async def _page(self, task: TaskLease, at: Connected, reads: Reads, state: dict[str, Any]) -> float:
        """The next page of a list, planned; the cursor moves in a commit of its own behind it."""
        number, started = await self._connections.number()
        try:
            with Errand() as asked:
                page = await at.client.page(reads, at=str(state["next"]))
        except PermissionMissingError as error:
            return await self._refused(task, at, state, error)
        except ResyncError:
            if not state["next"]:
                raise
            state["next"] = ""  # the place has died meanwhile: what was read is known, and read again
            await self._connections.store.write(lambda tx: self._move(tx, task, at, state))
            return 0.0
        await self._feeds.absorb(
            at, reads, page.items, number, started, live=False, priority=Priority.BACKFILL, asked=asked
        )
        await self._histories.take(at, reads, page.items)
        if reads.root == Kind.JOB == reads.kind:
            await self._whole_jobs(at, reads, page.items)
        state["pages"] = int(state["pages"]) + 1
        state["objects"] = int(state["objects"]) + len(page.items)
        read = dict(state.get("read") or {})
        state["read"] = read | {reads.title: int(read.get(reads.title, 0)) + len(page.items)}
        state["next"] = page.next
        if not page.next:
            state["list"] = int(state["list"]) + 1

        def unit(tx: Tx) -> None:
            self._move(tx, task, at, state)
            if not page.next:
                self._feeds.read_whole(tx, at, reads, page.token)

        await self._connections.store.write(unit)
        return 0.0

    def _move(self, tx: Tx, task: TaskLease, at: Connected, state: Mapping[str, Any]) -> None:
        """The cursor, by whoever holds the task: one that slept would put it back."""
        tx.tasks.hold(task)
        tx.connections.set_cursor(at.id, CURSOR, dict(state), now=self._runtime.now())

    async def _refused(
        self, task: TaskLease, at: Connected, state: dict[str, Any], error: PermissionMissingError
    ) -> float:
        """A list that our rights do not reach: the owner is told, the other lists go on, and it is asked again later.
        Until it is shown, the connection has not been read whole."""
        now = self._runtime.now()
        index = int(state["list"])
        state |= {"list": index + 1, "next": "", "refused": min(index, int(state.get("refused", index)))}

        def unit(tx: Tx) -> None:
            self._move(tx, task, at, state)
            self._connections.note_error(tx, at, error, now)

        await self._connections.store.write(unit)
        return 0.0

    async def _whole_jobs(self, at: Connected, reads: Reads, items: Sequence[Json]) -> None:
        """A job's text and team stand in lists that are only asked by id."""
        roots = {part.external for part in parse(reads, items, at.tenant) if part.kind == reads.kind}
        hints = [Hint(at.id, Kind.JOB, external, priority=Priority.BACKFILL) for external in sorted(roots)]
        await self._connections.store.write(lambda tx: tx.reads.wanted(hints, now=self._runtime.now()))

    async def _finish(self, task: TaskLease, at: Connected, state: dict[str, Any]) -> None:
        now = self._runtime.now()
        state |= {"finished": now.isoformat(), "sizes": state.get("read") or None}

        def unit(tx: Tx) -> None:
            self._move(tx, task, at, state)
            row = tx.connections.get(at.id)
            tx.connections.set(replace(row, crawled=True))
            tx.tasks.put(row.workspace, "discover", at.id, due=now + timedelta(hours=1))

        await self._connections.store.write(unit)
        await self._connections.refresh()
