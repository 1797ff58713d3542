"""A transaction, as units of work see it: synchronous, and the only door to the database.

A unit of work is a plain function of a `Tx`. It may run more than once (a deadlock on PostgreSQL runs it again), so it
does nothing but use its `Tx`. What must happen once the commit is durable goes to `after_commit`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from .. import errors
from . import statements as s
from .sql import Dialect, Sql

if TYPE_CHECKING:
    from .assignments import Assignments
    from .audit import Audit
    from .budgets import Budgets
    from .bulk import Bulks
    from .connections import Connections
    from .consents import Consents
    from .corrections import Corrections
    from .credential_links import CredentialLinks
    from .decisions import Decisions
    from .erasure import Erasure
    from .events import Events
    from .families import Families
    from .figures import Figures
    from .findings import Findings
    from .fits import Fits
    from .found import FoundValues
    from .inbox import Inbox
    from .incidents import Incidents
    from .indexed import IndexRows
    from .interviews import Interviews
    from .lanes import ReadLanes, WriteLanes
    from .likenesses import Likenesses
    from .links import Links
    from .lookups import Lookups
    from .mappings import Mappings
    from .messages import Messages
    from .modelcalls import ModelCalls
    from .notices import Gaps, Notices
    from .outcomes import Outcomes
    from .parity import Parities
    from .people import People
    from .pilots import Pilots
    from .queries import Pages
    from .scores import Scores
    from .screenings import Screenings
    from .shared import Shared
    from .shortlists import Shortlists
    from .sight import Sight
    from .stored import Stored
    from .subscriptions import Subscriptions
    from .tasks import Tasks
    from .tools import Tools
    from .traces import TraceParents
    from .triggers import Triggers
    from .vault import Seals
    from .vectors import Vectors
    from .workspaces import Workspaces

T = TypeVar("T")
Row = tuple[Any, ...]

_LOG = logging.getLogger(__name__)
_FASTER = "Another commit was faster: a unique key is taken. Load and plan again."


class Tx:
    """One open transaction. Its tables are grouped by what they are for: `tx.families`, `tx.reads`, `tx.writes` ..."""

    def __init__(
        self, connection: Any, dialect: Dialect, shared: Shared, is_clash: Callable[[Exception], bool]
    ) -> None:
        self.dialect: Dialect = dialect
        self.shared = shared
        self.hooks: list[Callable[[], None]] = []
        self._connection = connection
        # every answer is taken before the next question, so that one cursor of PostgreSQL's does for all
        self._execute = connection.execute if dialect == "sqlite" else connection.cursor().execute
        self._is_clash = is_clash
        self._depth = 0
        self.sight: Sight | None = None

    # ------------------------------------------------------------------------------------------------- statements

    def _run(self, sql: Sql, parameters: Mapping[str, Any]) -> Any:
        if self.sight is not None and sql.walled is not None:
            sql, parameters = sql.walled, {**parameters, **self.sight.parameters}
        try:
            if self.dialect == "sqlite":
                return self._execute(sql.sqlite, sql.bind("sqlite", parameters))
            return self._execute(sql.postgresql, sql.bind("postgresql", parameters))
        except Exception as error:
            if self._is_clash(error):
                raise errors.StaleError(_FASTER) from error
            raise

    def run(self, sql: Sql, **parameters: Any) -> int:
        """Execute; how many rows were touched. StaleError when a unique key is taken."""
        return self._run(sql, parameters).rowcount

    def rows(self, sql: Sql, **parameters: Any) -> list[Row]:
        """Every row of the answer."""
        return self._run(sql, parameters).fetchall()

    def row(self, sql: Sql, **parameters: Any) -> Row | None:
        """The first row of the answer, or None."""
        found = self.rows(sql, **parameters)
        return found[0] if found else None

    def many(self, sql: Sql, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute once a row, in one go; how many rows were touched. StaleError when a unique key is taken."""
        if not rows:
            return 0
        if len(rows) == 1:
            return self._run(sql, rows[0]).rowcount
        try:
            if self.dialect == "sqlite":
                return self._connection.executemany(sql.sqlite, rows).rowcount
            with self._connection.cursor() as cursor:
                cursor.executemany(sql.postgresql, rows)
                return cursor.rowcount
        except Exception as error:
            if self._is_clash(error):
                raise errors.StaleError(_FASTER) from error
            raise

    def each(self, sql: Sql, rows: Sequence[Mapping[str, Any]]) -> list[list[Row]]:
        """Execute once a row, in one go; the answer of each."""
        if self.dialect == "sqlite":
            return [self._run(sql, row).fetchall() for row in rows]
        if not rows:
            return []
        answers: list[list[Row]] = []
        with self._connection.cursor() as cursor:
            cursor.executemany(sql.postgresql, rows, returning=True)
            while True:
                answers.append(cursor.fetchall())
                if not cursor.nextset():
                    return answers

    # ------------------------------------------------------------------------------------------------ transaction

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """What happens inside is undone alone when it raises (the exception goes on)."""
        self._depth += 1
        name, kept = f"s{self._depth}", len(self.hooks)
        self._connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            del self.hooks[kept:]
            for table in ("vault", "audit", "families"):  # they may remember what was made in what is undone
                self.__dict__.pop(table, None)
            if not (self.dialect == "sqlite" and not self._connection.in_transaction):
                self._connection.execute(f"ROLLBACK TO SAVEPOINT {name}")
                self._connection.execute(f"RELEASE SAVEPOINT {name}")
            raise
        else:
            self._connection.execute(f"RELEASE SAVEPOINT {name}")
        finally:
            self._depth -= 1

    def after_commit(self, act: Callable[[], None]) -> None:
        """Call this once the commit is durable, in the thread that committed; never if it is not."""
        self.hooks.append(act)

    def number(self) -> int:
        """The next number of the one sequence behind reads, wants and lease epochs: always higher, gaps allowed."""
        row = self.row(s.NUMBER_SQLITE if self.dialect == "sqlite" else s.NUMBER_POSTGRESQL)
        assert row is not None
        return int(row[0])

    def lock(self, names: Sequence[str]) -> None:
        """Let other transactions that lock one of these names wait (on SQLite one thread writes anyway)."""
        if self.dialect == "postgresql":
            for name in sorted(set(names)):
                self._run(s.LOCK, {"name": name})

    # ----------------------------------------------------------------------------------------------------- tables

    @cached_property
    def families(self) -> Families:
        from .families import Families

        return Families(self)

    @cached_property
    def likenesses(self) -> Likenesses:
        from .likenesses import Likenesses

        return Likenesses(self)

    @cached_property
    def links(self) -> Links:
        from .links import Links

        return Links(self)

    @cached_property
    def inbox(self) -> Inbox:
        from .inbox import Inbox

        return Inbox(self)

    @cached_property
    def reads(self) -> ReadLanes:
        from .lanes import ReadLanes

        return ReadLanes(self)

    @cached_property
    def writes(self) -> WriteLanes:
        from .lanes import WriteLanes

        return WriteLanes(self)

    @cached_property
    def tasks(self) -> Tasks:
        from .tasks import Tasks

        return Tasks(self)

    @cached_property
    def traces(self) -> TraceParents:
        from .traces import TraceParents

        return TraceParents(self)

    @cached_property
    def budgets(self) -> Budgets:
        from .budgets import Budgets

        return Budgets(self)

    @cached_property
    def bulk(self) -> Bulks:
        from .bulk import Bulks

        return Bulks(self)

    @cached_property
    def incidents(self) -> Incidents:
        from .incidents import Incidents

        return Incidents(self)

    @cached_property
    def consents(self) -> Consents:
        from .consents import Consents

        return Consents(self)

    @cached_property
    def connections(self) -> Connections:
        from .connections import Connections

        return Connections(self)

    @cached_property
    def workspaces(self) -> Workspaces:
        from .workspaces import Workspaces

        return Workspaces(self)

    @cached_property
    def people(self) -> People:
        from .people import People

        return People(self)

    @cached_property
    def gaps(self) -> Gaps:
        from .notices import Gaps

        return Gaps(self)

    @cached_property
    def assignments(self) -> Assignments:
        from .assignments import Assignments

        return Assignments(self)

    @cached_property
    def mappings(self) -> Mappings:
        from .mappings import Mappings

        return Mappings(self)

    @cached_property
    def found(self) -> FoundValues:
        from .found import FoundValues

        return FoundValues(self)

    @cached_property
    def lookups(self) -> Lookups:
        from .lookups import Lookups

        return Lookups(self)

    @cached_property
    def model_calls(self) -> ModelCalls:
        from .modelcalls import ModelCalls

        return ModelCalls(self)

    @cached_property
    def notices(self) -> Notices:
        from .notices import Notices

        return Notices(self)

    @cached_property
    def parity(self) -> Parities:
        from .parity import Parities

        return Parities(self)

    @cached_property
    def scores(self) -> Scores:
        from .scores import Scores

        return Scores(self)

    @cached_property
    def corrections(self) -> Corrections:
        from .corrections import Corrections

        return Corrections(self)

    @cached_property
    def outcomes(self) -> Outcomes:
        from .outcomes import Outcomes

        return Outcomes(self)

    @cached_property
    def figures(self) -> Figures:
        from .figures import Figures

        return Figures(self)

    @cached_property
    def decisions(self) -> Decisions:
        from .decisions import Decisions

        return Decisions(self)

    @cached_property
    def triggers(self) -> Triggers:
        from .triggers import Triggers

        return Triggers(self)

    @cached_property
    def messages(self) -> Messages:
        from .messages import Messages

        return Messages(self)

    @cached_property
    def findings(self) -> Findings:
        from .findings import Findings

        return Findings(self)

    @cached_property
    def pilots(self) -> Pilots:
        from .pilots import Pilots

        return Pilots(self)

    @cached_property
    def screenings(self) -> Screenings:
        from .screenings import Screenings

        return Screenings(self)

    @cached_property
    def shortlists(self) -> Shortlists:
        from .shortlists import Shortlists

        return Shortlists(self)

    @cached_property
    def credential_links(self) -> CredentialLinks:
        from .credential_links import CredentialLinks

        return CredentialLinks(self)

    @cached_property
    def interviews(self) -> Interviews:
        from .interviews import Interviews

        return Interviews(self)

    @cached_property
    def fits(self) -> Fits:
        from .fits import Fits

        return Fits(self)

    @cached_property
    def indexed(self) -> IndexRows:
        from .indexed import IndexRows

        return IndexRows(self)

    @cached_property
    def tools(self) -> Tools:
        from .tools import Tools

        return Tools(self)

    @cached_property
    def events(self) -> Events:
        from .events import Events

        return Events(self)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        from .subscriptions import Subscriptions

        return Subscriptions(self)

    @cached_property
    def audit(self) -> Audit:
        from .audit import Audit

        return Audit(self)

    @cached_property
    def erasure(self) -> Erasure:
        from .erasure import Erasure

        return Erasure(self)

    @cached_property
    def vault(self) -> Seals:
        from .vault import Seals

        return Seals(self)

    @cached_property
    def stored(self) -> Stored:
        from .stored import Stored

        return Stored(self)

    @cached_property
    def vectors(self) -> Vectors:
        from .vectors import Vectors

        return Vectors(self)

    @cached_property
    def pages(self) -> Pages:
        from .queries import Pages

        return Pages(self)


def run_hooks(hooks: Sequence[Callable[[], None]]) -> None:
    """Call what was to follow a commit. The commit stands, so a hook that fails is logged and stops nothing."""
    for act in hooks:
        try:
            act()
        except Exception as error:
            _LOG.error("what follows a commit failed: %s", type(error).__name__)


def rewrap(tx: Tx) -> int:
    """One commit's part of a rotation of the master key."""
    return tx.vault.rewrap()
