"""Models of others, as the workspace's administrator chooses them: whose, for what, where, for how much; and what was
asked of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bascule.errors import BasculeError, ConfigurationError, InputError, RemoteError
from bascule.hiring.ordering import ORDER, change
from bascule.match import minilm
from bascule.model import Actor
from bascule.models import library, prompts
from bascule.models.choice import PURPOSES, Choice, Order, Provider, Purpose, checked, stored
from bascule.models.door import (
    BUDGET,
    CHOICE,
    KEY,
    NOTICE,
    REFUSED,
    REJECTED,
    SILENT,
    Models,
    Question,
    choice_of,
    fits,
    key_of,
    month,
    used_this_month,
)
from bascule.models.shapes import Ok
from bascule.models.spaces import current, wanted
from bascule.store import Tx
from bascule.store.modelcalls import END, ModelCall, Used

from .desk import Desk

ANSWER = 200  # tokens that a test's answer may have


@dataclass(frozen=True, slots=True)
class Standing:
    """What is chosen, and how it stands. `key`: one is kept. `used` is since `since`; `room`: the budget has some left.
    `troubles`: what the owner was told and is not over."""

    choice: Choice
    key: bool
    used: Used
    since: datetime
    room: bool
    installed: bool
    troubles: tuple[str, ...]
    ordered_by: str = ""  # the model whose vectors order the top of lists now ...
    ordered_next: str = ""  # ... and the one whose vectors are being made
    jobs_left: int = 0  # whose lists lack some of them


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether a model answered, and what was wrong, in the provider's words where it has any."""

    ok: bool
    model: str
    ms: int
    what: str = ""


class Choices:
    """`app.choices`."""

    def __init__(self, desk: Desk, models: Models) -> None:
        self._desk = desk
        self._models = models

    async def told(self) -> Standing:
        """What is chosen, and how it stands."""
        return await self._desk.store.read(self.standing)

    def standing(self, tx: Tx) -> Standing:
        """The same inside a unit."""
        workspace, now = self._desk.workspace, self._desk.now()
        choice, used = choice_of(tx, workspace), used_this_month(tx, workspace, now)
        troubles = tuple(one.text for one in tx.notices.list(workspace) if one.kind == NOTICE)
        return Standing(
            choice, bool(key_of(tx, workspace)), used, month(now), fits(choice, used), library.installed(), troubles,
            current(tx, workspace), next if (next := wanted(choice)) != current(tx, workspace) else "",
            tx.tasks.count(workspace, ORDER),
        )  # fmt: skip

    async def choose(self, given: Mapping[str, Any], actor: Actor, *, key: str | None = None) -> Standing:
        """Change these fields of the choice; what is not given stays. `key` "" forgets the one that is kept; one is
        never carried over to another host. InputError changes nothing."""

        def unit(tx: Tx) -> Standing:
            before = choice_of(tx, self._desk.workspace)
            wanted = replace(before, **{name: _field(name, value) for name, value in given.items()})
            moved = wanted.host != before.host
            kept = key if key is not None else ("" if moved else key_of(tx, self._desk.workspace))
            if wanted.on and not before.on:
                _installed()
            after = checked(wanted, key=bool(kept), allowed_hosts=self._desk.settings.allowed_hosts)
            if after.order is Order.MINILM and before.order is not Order.MINILM:
                _here()
            self._keep(tx, before, after, kept, actor, new_key=key is not None)
            return self.standing(tx)

        found = await self._desk.store.write(unit)
        self._desk.wake()
        return found

    async def off(self, actor: Actor) -> Standing:
        """Ask no model of others any more, and forget the key. The rest of the choice stays."""

        def unit(tx: Tx) -> Standing:
            before = choice_of(tx, self._desk.workspace)
            order = Order.SCORE if before.order is Order.REMOTE else before.order
            self._keep(tx, before, replace(before, provider=None, order=order), "", actor, new_key=False)
            return self.standing(tx)

        return await self._desk.store.write(unit)

    def _keep(self, tx: Tx, before: Choice, choice: Choice, key: str, actor: Actor, *, new_key: bool) -> None:
        workspace, now = self._desk.workspace, self._desk.now()
        change(tx, workspace, before, choice, now)
        tx.workspaces.set_setting(workspace, CHOICE, stored(choice))
        sealed = base64.b64encode(tx.vault.seal(workspace, None, key.encode())).decode() if key else None
        tx.workspaces.set_setting(workspace, KEY, sealed)
        for about in (REFUSED, REJECTED, SILENT):
            tx.notices.close(workspace, NOTICE, about, now=now)
        if not choice.on or fits(choice, used_this_month(tx, workspace, now)):
            tx.notices.close(workspace, NOTICE, BUDGET, now=now)
        tx.audit.record(
            workspace=workspace, at=now, action="models chosen", actor=actor,
            detail={**stored(choice), "key": "another" if new_key and key else "kept" if key else "none"},
        )  # fmt: skip

    async def test(self, actor: Actor) -> Tested:
        """Ask the chosen model for a word. Nothing of anybody is sent; it is logged like every call."""
        choice = (await self.told()).choice
        if not choice.on:
            raise InputError("No model is chosen.", hint="See: bascule models set --help")
        started = self._desk.now()
        question = Question(Purpose.TEST, prompts.load("test"), "ok?", Ok, most=ANSWER, actor=actor)
        what = ""
        try:
            await self._models.ask(self._desk.workspace, question)
        except BasculeError as error:
            words = error.words if isinstance(error, RemoteError) else ""
            what = f"{error} It says: {words}" if words else str(error)
        took = round((self._desk.now() - started).total_seconds() * 1000)
        return Tested(not what, choice.model, took, what)

    async def calls(self, *, before: str = "", limit: int = 50) -> list[ModelCall]:
        """What was asked, the newest first."""
        workspace = self._desk.workspace
        return await self._desk.store.read(lambda tx: tx.model_calls.list(workspace, before=before or END, limit=limit))


def _installed() -> None:
    try:
        library.needed()
    except ConfigurationError as error:
        raise InputError(str(error).removesuffix(error.hint).strip(), hint=error.hint) from None


def _here() -> None:
    if not minilm.installed():
        raise InputError(f"The model {minilm.MODEL} is not installed.", hint=f"Type: {minilm.INSTALL}")


def _field(name: str, value: Any) -> Any:
    """A field of the choice from what a program or a form gives."""
    match name:
        case "provider" if not value:
            return None
        case "provider":
            if value not in set(Provider):
                raise InputError(f"There is no provider {value!r}.", hint=f"There are: {', '.join(Provider)}.")
            return Provider(value)
        case "purposes":
            for one in value:
                if one not in PURPOSES:
                    raise InputError(f"Models are not asked to {one!r}.", hint=f"There are: {', '.join(PURPOSES)}.")
            return frozenset(map(Purpose, value))
        case "regions":
            return tuple(dict.fromkeys(one.strip().lower() for one in value if one.strip()))
        case "order":
            if value not in set(Order):
                raise InputError(f"Lists are not ordered by {value!r}.", hint=f"There are: {', '.join(Order)}.")
            return Order(value)
        case "region" | "model" | "embedding" | "base_url" | "currency":
            return str(value).strip()
        case _ if name in Choice.__dataclass_fields__:
            return value
        case _:
            raise InputError(f"A choice of models has no {name!r}.")
