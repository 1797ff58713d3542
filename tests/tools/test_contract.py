"""The contract suite for AI tools, on the sandbox's."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from tests.tools.conftest import through

from bascule.contract import tools as promises
from bascule.contract.account import Clock
from bascule.contract.tools import *  # noqa: F403
from bascule.contract.tools import ToolAccount
from bascule.engine.wire import AsgiApp
from bascule.sandbox.aitool import Options, Tool, create_app


class Sandbox(ToolAccount):
    """The sandbox's tool, with its database in a file."""

    def __init__(self, door: str, key: str, secret: str, app: AsgiApp, clock: Clock) -> None:
        self.folder = TemporaryDirectory()
        self.options = Options(door, key, secret, database=f"{self.folder.name}/tool.db", page=50)
        self.clock = clock
        self.send = through("bascule.test", app)
        self._start()

    def _start(self) -> None:
        self.tool = Tool(self.options, self.send, now=lambda: self.clock().timestamp(), sleep=self.clock.sleep)
        self.app = create_app(self.tool)

    async def work(self) -> None:
        await self.tool.turn()

    async def restart(self) -> None:
        self.tool.close()
        self._start()

    def holds(self) -> Mapping[str, int]:
        return {id: one["taken"] for id, one in self.tool.held().items()}

    def everything(self) -> str:
        return self.tool.text()

    def looks(self) -> int:
        return self.tool.heard

    async def close(self) -> None:
        self.tool.close()
        self.folder.cleanup()


class WithTokens(Sandbox):
    """The same, that exchanges its key for tokens."""

    def __init__(self, door: str, key: str, secret: str, app: AsgiApp, clock: Clock) -> None:
        super().__init__(door, key, secret, app, clock)
        self.tool.close()
        self.options.client_id = "acme"
        self._start()


ToolAccount.on = (Sandbox, WithTokens)


# ---------------------------------------------------------------------------------------- each promise can be broken


class ForgetsItsCursor(Sandbox):
    """A tool that keeps its cursor in memory."""

    async def restart(self) -> None:
        await super().restart()
        self.tool._db.execute("DELETE FROM state")


class TakesEverythingAgain(Sandbox):
    """A tool that takes every entry for news."""

    def _start(self) -> None:
        super()._start()
        take = self.tool._take

        def again(one: Mapping[str, Any]) -> None:
            self.tool._db.execute("UPDATE applications SET version = ''")
            take(one)

        self.tool._take = again  # type: ignore[method-assign]


class TrustsEverybody(Sandbox):
    """A tool that looks at no signature."""

    def _start(self) -> None:
        super()._start()
        self.tool.options.secret = ""

        async def hear(_headers: Mapping[str, str], _body: bytes) -> int:
            self.tool.heard += 1
            return 204

        self.tool.hear = hear  # type: ignore[method-assign]


class IsNeverPatient(Sandbox):
    """A tool that asks again at once."""

    async def work(self) -> None:
        self.tool._not_before = 0.0
        await super().work()


class ForgetsNobody(Sandbox):
    """A tool that confirms, and keeps."""

    def _start(self) -> None:
        super()._start()

        def keep(id: str, state: str) -> None:
            self.tool._db.execute("INSERT OR IGNORE INTO ended (id, state) VALUES (?, ?)", [id, state])

        self.tool._forget = keep  # type: ignore[method-assign]


class CountsFromOne(Sandbox):
    """A tool whose versions never grow."""

    def _start(self) -> None:
        super()._start()
        self.tool._db.execute(
            "CREATE TEMP TRIGGER again AFTER UPDATE OF number ON applications BEGIN "
            "UPDATE applications SET number = 1, sent = 0 WHERE id = new.id; END"
        )


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (ForgetsItsCursor, promises.test_it_goes_on_from_its_cursor_after_a_restart),
        (TakesEverythingAgain, promises.test_an_entry_that_has_not_changed_is_no_news),
        (TrustsEverybody, promises.test_it_refuses_a_hint_that_is_forged_or_stale),
        (IsNeverPatient, functools.partial(promises.test_it_waits_as_it_is_told, status=429)),
        (ForgetsNobody, promises.test_who_is_erased_is_forgotten_and_that_is_confirmed),
        (ForgetsNobody, promises.test_what_leaves_its_scope_is_given_up),
        (CountsFromOne, promises.test_its_results_are_taken_and_their_versions_grow),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
async def test_a_tool_that_breaks_a_promise_is_found(broken: type[ToolAccount], promise: Any) -> None:
    clock, secret = Clock(), promises.whsec()
    door = promises.FakeDoor(clock)
    made = broken(promises.DOOR, door.key, secret, door, clock)
    with pytest.raises(AssertionError):
        await promise(promises.Trial(door, made, clock, secret))
    await made.close()
