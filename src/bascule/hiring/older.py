"""CVs of people who applied before Bascule came: fetched and read once somebody has chosen so, a few at a time.

They take their place behind everything else that is asked of a system: what is left of its rate for first readings.
Only the text is kept, and nobody is scored because of it: it is what they are found by.
"""

from __future__ import annotations

from bascule.engine.connections import Connections
from bascule.engine.contents import Contents
from bascule.engine.runtime import Runtime
from bascule.errors import AbsentError, RejectedError, RemoteError, ThrottledError, UnavailableError
from bascule.match import ResumeReader
from bascule.store import Store, Tx
from bascule.store.budgets import Work
from bascule.store.indexed import Mark
from bascule.store.tasks import TaskLease

from .enriching import switched_on, want
from .indexing import INDEX, is_held, policy_of, resumes_of
from .resumes import file_home, read_again

OLDER = "older resumes"  # the task: key "all"
TOGETHER = 5  # CVs of one run
IDLE, LATER = 60.0, 300.0  # seconds until the next look: when none is left; when a system cannot be asked


class OlderResumes:
    """Handles the task `older resumes`."""

    def __init__(
        self, runtime: Runtime, store: Store, connections: Connections, contents: Contents, reader: ResumeReader
    ) -> None:
        self._runtime = runtime
        self._store = store
        self._connections = connections
        self._contents = contents
        self._reader = reader

    async def run(self, task: TaskLease) -> float:
        """A few of those who are found by no CV; at once the next, as long as there are any."""
        workspace = task.workspace

        def load(tx: Tx) -> list[Mark]:
            return tx.indexed.unread(workspace, TOGETHER) if policy_of(tx, workspace).read else []

        marks = await self._store.read(load)
        for mark in marks:
            try:
                text = await self._text(mark)
            except (AbsentError, RejectedError):
                text = ""
            except ThrottledError as error:
                return error.retry_after.total_seconds() if error.retry_after is not None else LATER
            except RemoteError:
                return LATER
            await self._store.write(lambda tx, mark=mark, text=text: self._keep(tx, workspace, mark, text))
        return 0.0 if len(marks) == TOGETHER else IDLE

    async def _text(self, mark: Mark) -> str:
        """What the newest CV says; "" where there is none that can be read."""
        family = await self._store.read(lambda tx: tx.families.families([mark.family]).get(mark.family))
        resume = next(iter(resumes_of(family)), None) if family is not None and is_held(family, mark.record) else None
        if family is None or resume is None:
            return ""
        at = self._connections.known(file_home(family, resume))
        if at is None:
            return ""
        if not self._connections.working(at, self._runtime.now()):
            raise UnavailableError(f"{at.row.name}, where the CV is, does not answer now.")
        data = await self._contents.download(at, family, resume, Work.BACKFILL)
        if not data:
            return ""
        reading = await read_again(self._reader, data, str(resume.fields.get("filename") or "resume"))
        return reading.text if reading.status == "read" else ""

    def _keep(self, tx: Tx, workspace: str, mark: Mark, text: str) -> None:
        now = self._runtime.now()
        family = tx.families.families([mark.family]).get(mark.family)
        resume = next(iter(resumes_of(family)), None) if family is not None and is_held(family, mark.record) else None
        tx.indexed.has_been_read(workspace, mark.record)
        if text and resume is not None:
            tx.stored.put(workspace, mark.family, "text", resume.id, text.encode(), now=now, media="text/plain")
            tx.tasks.put(workspace, INDEX, mark.family, due=now)
            at = self._connections.known(resume.origin)
            if at is not None and switched_on(at):
                want(tx, workspace, mark.record, now)
