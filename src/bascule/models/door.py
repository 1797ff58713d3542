"""The one door by which a question goes to a model of others.

It opens only where the workspace has chosen a provider for the purpose, the provider works in a region that is
allowed, the month's budget has room for the most the question can take, and nothing of the person's name or contact
data stands in it. Every request is written down before it leaves and again when it has ended.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from bascule.engine.runtime import Runtime
from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import (
    ConfigurationError,
    DeclinedError,
    DisconnectedError,
    MalformedError,
    RejectedError,
    RemoteError,
    UnansweredError,
)
from bascule.match import Person
from bascule.model import AI, Actor, ActorKind, FamilyState
from bascule.store import Store, Tx
from bascule.store.modelcalls import ModelCall, Used

from . import library
from .checks import exposes
from .choice import Choice, Order, Purpose, read, region_objection
from .prompts import Prompt

CHOICE, KEY = "models.choice", "models.key"  # settings of the workspace
NOTICE = "language models"  # the kind of every notice about them
BUDGET, REFUSED, REJECTED, SILENT = "budget", "key", "request", "silent"  # what it may be about
MALFORMED, DECLINED = "malformed", "declined"  # outcomes of a call that an answer came to
BYTES_A_TOKEN = 3  # at least: English has four and more, and other scripts have more bytes a letter
MOST_ANSWER = 8_000_000  # bytes

Shape = TypeVar("Shape", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class About:
    """Whom a question is about. `person` is what must not be in it."""

    family: str
    record: str
    person: Person


@dataclass(frozen=True, slots=True)
class Question(Generic[Shape]):
    """What is to be asked. `data` is what the prompt is about; `most`: tokens of the answer."""

    purpose: Purpose
    prompt: Prompt
    data: str
    shape: type[Shape]
    most: int = 800
    about: About | None = None
    actor: Actor = AI


@dataclass(frozen=True, slots=True)
class _Errand:
    """What a request is made for."""

    purpose: Purpose
    model: str
    prompt: str
    most: int
    about: About | None
    actor: Actor


@dataclass(frozen=True, slots=True)
class Answer(Generic[Shape]):
    """What was answered, and by what. `call` is the request it came with."""

    value: Shape
    call: str
    model: str
    prompt: str

    @property
    def actor(self) -> Actor:
        """Who said it."""
        return actor_of(self.model)


@dataclass(frozen=True, slots=True)
class _Now:
    """What the door needs to know, read at once."""

    choice: Choice
    key: str
    refused: bool


class Models:
    """`app.models`."""

    def __init__(self, store: Store, runtime: Runtime, allowed_hosts: Sequence[str]) -> None:
        self._store = store
        self._runtime = runtime
        self._allowed = allowed_hosts

    async def ask(self, workspace: str, question: Question[Shape]) -> Answer[Shape]:
        """A model's answer. DeclinedError where none may be asked: nothing has left, and the caller goes on without.
        RemoteError for what became of one that was."""
        now = await self._store.read(lambda tx: self._now(tx, workspace))
        self._may(now, question.purpose, question.data, question.about)
        model, prompt = now.choice.model, question.prompt.label
        errand = _Errand(question.purpose, model, prompt, question.most, question.about, question.actor)
        passage = _Passage(self._store, self._runtime, workspace, now.choice, errand)
        asked = library.structured(
            now.choice, now.key, question.prompt, question.data, question.shape, question.most, passage.send
        )
        value = await self._through(workspace, now.choice, passage, asked)
        return Answer(value, passage.answered[-1], model, prompt)

    async def embed(self, workspace: str, texts: Sequence[str], about: About | None) -> Sequence[Sequence[float]]:
        """The vectors of texts by the provider's embedding model. Raises what `ask` raises."""
        now = await self._store.read(lambda tx: self._now(tx, workspace))
        self._may(now, Purpose.ORDER, "\n".join(texts), about)
        errand = _Errand(Purpose.ORDER, now.choice.embedding, "", 0, about, AI)
        passage = _Passage(self._store, self._runtime, workspace, now.choice, errand)
        asked = library.embedded(now.choice, now.key, texts, passage.send)
        return await self._through(workspace, now.choice, passage, asked)

    async def _through(self, workspace: str, choice: Choice, passage: _Passage, asked: Coroutine[Any, Any, T]) -> T:
        try:
            value = await asked
        except RemoteError as error:
            wrong = error
            await self._store.write(lambda tx: self._went_wrong(tx, workspace, choice, passage, wrong))
            raise
        await self._store.write(lambda tx: self._well(tx, workspace, passage))
        return value

    def _now(self, tx: Tx, workspace: str) -> _Now:
        return _Now(choice_of(tx, workspace), key_of(tx, workspace), tx.notices.is_open(workspace, NOTICE, REFUSED))

    def _may(self, now: _Now, purpose: Purpose, data: str, about: About | None) -> None:
        choice = now.choice
        chosen = {*choice.purposes, Purpose.TEST, *([Purpose.ORDER] if choice.order is Order.REMOTE else [])}
        if not choice.on or purpose not in chosen:
            raise DeclinedError(f"No model is chosen to {purpose}.", hint="See: bascule models show")
        if objection := region_objection(choice):
            raise DeclinedError(objection, hint="See: bascule models set --help")
        if now.refused and purpose is not Purpose.TEST:
            raise DeclinedError(f"{choice.host} refused the key; it is asked again once somebody has given another.")
        if about is not None and (what := exposes(data, about.person)):
            raise DeclinedError(f"The person's {what} stands in what would be sent.")
        try:
            library.needed()
        except ConfigurationError as error:
            raise DeclinedError(str(error)) from error

    def _well(self, tx: Tx, workspace: str, passage: _Passage) -> None:
        for call in passage.answered[:-1]:  # it had to be asked for again
            tx.model_calls.judged(call, MALFORMED)
        for about in (SILENT, REJECTED, REFUSED):
            _over(tx, workspace, self._runtime.now(), about)

    def _went_wrong(self, tx: Tx, workspace: str, choice: Choice, passage: _Passage, error: RemoteError) -> None:
        """What somebody has to know or do about a question that got no answer."""
        now = self._runtime.now()
        match error:
            case DisconnectedError():
                text = f"{error} No model is asked until another key is given, or this is ended: bascule models set"
                tx.notices.put(workspace, NOTICE, REFUSED, text, now=now)
            case MalformedError() | RejectedError() if passage.answered:
                for call in passage.answered:
                    tx.model_calls.judged(call, MALFORMED if isinstance(error, MalformedError) else DECLINED)
            case RejectedError():
                text = (
                    f"{choice.host} takes no request for the model {passage.model} ({error.status}). What it says: "
                    "bascule models test"
                )
                tx.notices.put(workspace, NOTICE, REJECTED, text, now=now)
            case _:
                return

    async def given_up(self, workspace: str, why: str) -> None:
        """A question was asked as often as it may be: the owner is told once while it lasts."""
        choice = await self._store.read(lambda tx: choice_of(tx, workspace))
        text = f"{choice.host} does not answer ({why.rstrip('.')}). What is made here is used instead."
        now = self._runtime.now()
        await self._store.write(lambda tx: tx.notices.put(workspace, NOTICE, SILENT, text, now=now))

    async def patience(self, workspace: str) -> int:
        """How often a question is asked again when it got no answer."""
        return (await self._store.read(lambda tx: choice_of(tx, workspace))).retries


class _Passage:
    """One question's requests on their way: the library may need more than one."""

    def __init__(self, store: Store, runtime: Runtime, workspace: str, choice: Choice, errand: _Errand) -> None:
        self._store = store
        self._runtime = runtime
        self._workspace = workspace
        self._choice = choice
        self._errand = errand
        self.answered: list[str] = []  # those that an answer came to
        self.model = errand.model

    async def send(self, request: WireRequest) -> WireResponse:
        """One request: written down, sent, written down again. DeclinedError where the budget has no room for it."""
        choice = self._choice
        call = await self._store.write(lambda tx: self._open(tx, request))
        if call is None:
            raise DeclinedError("This month's budget for models is used up.", hint="See: bascule models show")
        started = self._runtime.now()
        bounded = replace(request, max_bytes=MOST_ANSWER, public=choice.own_host)
        try:
            answer = await self._runtime.transport.send(bounded, choice.timeout)
        except RemoteError as error:
            lost = isinstance(error, UnansweredError)  # it may have been worked on, and be paid for
            ended = call if lost else replace(call, tokens_in=0, tokens_out=0, cost=0)
            await self._ended(replace(ended, outcome="unanswered" if lost else "unreachable"), started)
            raise
        if answer.status < 300:
            self.answered.append(call.id)
        await self._ended(_counted(call, choice, answer), started)
        return answer

    def _open(self, tx: Tx, request: WireRequest) -> ModelCall | None:
        """The call, if the budget has room for the most that it can take; else the owner is told."""
        choice, errand, workspace, now = self._choice, self._errand, self._workspace, self._runtime.now()
        tx.lock([f"models|{workspace}"])
        body = request.body or b""
        family = errand.about.family if errand.about else None
        if family is not None and tx.families.family(family).state is not FamilyState.LIVE:
            raise DeclinedError("The person is being erased.")
        most_in = -(-len(body) // BYTES_A_TOKEN)
        cost = choice.price(most_in, errand.most)
        used = used_this_month(tx, workspace, now)
        if not fits(choice, used, most_in + errand.most, cost):
            text = (
                "This month's budget for models is used up. Until the next month, or a larger budget (bascule models "
                "set), what is made here is used instead."
            )
            tx.notices.put(workspace, NOTICE, BUDGET, text, now=now)
            return None
        _over(tx, workspace, now, BUDGET)
        call = ModelCall(
            self._runtime.id(), workspace, family, now, str(errand.purpose), str(choice.provider), errand.model,
            choice.host, choice.works_in, errand.prompt, tx.vault.digest(workspace, family, body), most_in,
            errand.most, cost,
        )  # fmt: skip
        tx.model_calls.open(call)
        tx.audit.record(
            workspace=workspace, action="model asked", actor=errand.actor, at=now, family=family,
            record=errand.about.record if errand.about else None,
            detail={"call": call.id, "purpose": call.purpose, "provider": call.provider, "model": call.model,
                    "host": call.host, "region": call.region, "prompt": call.prompt, "request": call.digest},
        )  # fmt: skip
        return call

    async def _ended(self, call: ModelCall, started: datetime) -> None:
        took = round((self._runtime.now() - started).total_seconds() * 1000)
        await self._store.write(lambda tx: tx.model_calls.end(replace(call, ms=took)))


# ------------------------------------------------------------------------------------------------------ small things


def actor_of(model: str) -> Actor:
    """A model as who changes a record."""
    return Actor(ActorKind.AI, f"model:{model}", f"Language model {model}")


def choice_of(tx: Tx, workspace: str) -> Choice:
    """What the workspace has chosen."""
    kept: Any = tx.workspaces.setting(workspace, CHOICE)
    return read(kept) if kept else Choice()


def key_of(tx: Tx, workspace: str) -> str:
    """The provider's key; "" where none is kept."""
    sealed = tx.workspaces.setting(workspace, KEY)
    return tx.vault.open(base64.b64decode(str(sealed))).decode() if sealed else ""


def month(now: datetime) -> datetime:
    """When the month began that a budget is for."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def used_this_month(tx: Tx, workspace: str, now: datetime) -> Used:
    """What the budget has been used for."""
    return tx.model_calls.used(workspace, since=month(now))


def fits(choice: Choice, used: Used, tokens: int = 1, cost: int = 0) -> bool:
    """Whether the month's budget has room for so much more."""
    within = choice.cost is None or used.cost + cost <= round(choice.cost * 1_000_000)
    return used.tokens + tokens <= choice.tokens and within


def _over(tx: Tx, workspace: str, now: datetime, about: str) -> None:
    """What somebody was told of is over."""
    if tx.notices.is_open(workspace, NOTICE, about):
        tx.notices.close(workspace, NOTICE, about, now=now)


def _counted(call: ModelCall, choice: Choice, answer: WireResponse) -> ModelCall:
    """A call with what the provider says that it took; nothing where it was refused; as foreseen where the provider
    does not say."""
    if answer.status >= 300:
        return replace(call, tokens_in=0, tokens_out=0, cost=0, status=answer.status, outcome=_outcome(answer.status))
    taken_in, taken_out = _usage(answer.body)
    read = call.tokens_in if taken_in is None else taken_in
    written = call.tokens_out if taken_out is None else taken_out
    return replace(
        call, tokens_in=read, tokens_out=written, cost=choice.price(read, written), status=answer.status,
        outcome="answered",
    )  # fmt: skip


def _outcome(status: int) -> str:
    if status == 429:
        return "throttled"
    return "refused" if status < 500 else "failed"


def _usage(body: bytes) -> tuple[int | None, int | None]:
    """Tokens read and written, in the words of either interface."""
    try:
        told: Any = json.loads(body).get("usage") or {}
        read = told.get("prompt_tokens", told.get("input_tokens"))
        cached = sum(int(told.get(f"cache_{way}_input_tokens") or 0) for way in ("read", "creation"))
        written = told.get("completion_tokens", told.get("output_tokens", 0 if "total_tokens" in told else None))
        return (None if read is None else int(read) + cached), (None if written is None else int(written))
    except (ValueError, AttributeError, TypeError):
        return None, None
