"""The library that speaks to providers (Pydantic AI), and nothing of it beyond this file: its requests leave by ours,
its errors become ours. It is an optional part, loaded when it is first needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import (
    BasculeError,
    ConfigurationError,
    DisconnectedError,
    MalformedError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)

from .choice import Choice, Provider
from .prompts import Prompt, enclosed

if TYPE_CHECKING:
    from pydantic_ai.embeddings import EmbeddingModel
    from pydantic_ai.models import Model

    from .wire import Wire

Shape = TypeVar("Shape", bound=BaseModel)
Send = Callable[[WireRequest], Awaitable[WireResponse]]
"""How a request leaves. What it raises ends the question, and is what the question raises."""

ASKED_AGAIN = 1  # times that an answer which does not fit its schema is asked for again
NO_KEY = "none"  # servers of one's own need none, and the library wants one


def installed() -> bool:
    """Whether the library is there."""
    return all(find_spec(name) is not None for name in ("pydantic_ai", "openai", "anthropic"))


def needed() -> None:
    """ConfigurationError, saying what to type, where the library is not there."""
    if not installed():
        raise ConfigurationError(
            "Asking models of others needs a library that is not installed.", hint="Type: pip install 'bascule[llm]'"
        )


async def structured(
    choice: Choice, key: str, prompt: Prompt, data: str, shape: type[Shape], most: int, send: Send
) -> Shape:
    """A model's answer to a prompt about `data`, in the shape asked for, `most` tokens long at most.

    Raises RemoteError of the kind that says what to do next, MalformedError for an answer that fits no shape, and
    whatever `send` raises.
    """
    wire = await asyncio.to_thread(_wire, send)
    try:
        model = await asyncio.to_thread(_model, choice, key, wire)
        return await _run(model, choice, prompt, enclosed(data), shape, most)
    except Exception as error:
        raise _ours(error, wire.stopped, choice) from error


async def embedded(choice: Choice, key: str, texts: Sequence[str], send: Send) -> Sequence[Sequence[float]]:
    """The vectors of texts by the provider's embedding model. Raises what `structured` raises."""
    wire = await asyncio.to_thread(_wire, send)
    try:
        model = await asyncio.to_thread(_embedding, choice, key, wire)
        found = await model.embed(texts, input_type="document")
        if len(found.embeddings) != len(texts):
            raise MalformedError(f"{choice.host} answered with another number of vectors.")
        return found.embeddings
    except Exception as error:
        raise _ours(error, wire.stopped, choice) from error


def _embedding(choice: Choice, key: str, wire: Wire) -> EmbeddingModel:
    import httpx2
    from openai import AsyncOpenAI
    from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
    from pydantic_ai.providers.openai import OpenAIProvider

    http = httpx2.AsyncClient(transport=wire, trust_env=False)
    client = AsyncOpenAI(api_key=key or NO_KEY, base_url=choice.address, max_retries=0, http_client=http)
    return OpenAIEmbeddingModel(choice.embedding, provider=OpenAIProvider(openai_client=client))


async def _run(model: Model, choice: Choice, prompt: Prompt, data: str, shape: type[Shape], most: int) -> Shape:
    from pydantic_ai import Agent, ToolOutput
    from pydantic_ai.settings import ModelSettings

    agent = Agent(model, output_type=ToolOutput(shape, name="answer"), instructions=prompt.text, retries=ASKED_AGAIN)
    settings: dict[str, Any] = {"max_tokens": most}
    if choice.provider is Provider.OPENAI and choice.own_host:
        settings["openai_store"] = False
    if choice.inference_geo:
        settings["extra_body"] = {"inference_geo": choice.inference_geo}
    answer = await agent.run(data, model_settings=ModelSettings(**settings))
    return answer.output


def _wire(send: Send) -> Wire:
    from .wire import Wire

    return Wire(send)


def _model(choice: Choice, key: str, wire: Wire) -> Model:
    """The model as the library knows it. Its client never retries by itself: whether to ask again, and when, is
    decided where it outlives a restart."""
    import httpx2

    key = key or NO_KEY
    http = httpx2.AsyncClient(transport=wire, trust_env=False)
    if choice.provider is Provider.ANTHROPIC:
        from anthropic import AsyncAnthropic
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        theirs = AsyncAnthropic(api_key=key, base_url=choice.address, max_retries=0, http_client=http)
        return AnthropicModel(choice.model, provider=AnthropicProvider(anthropic_client=theirs))
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    client = AsyncOpenAI(api_key=key, base_url=choice.address, max_retries=0, http_client=http)
    compatible = OpenAICompatibleProvider(choice.host, openai_client=client)
    return OpenAIChatModel(
        choice.model, provider=OpenAIProvider(openai_client=client) if choice.own_host else compatible
    )


def _ours(error: Exception, stopped: BasculeError | None, choice: Choice) -> BasculeError:
    """Our error for one of the library's. What nobody foresaw is a MalformedError of its kind's name: its words may
    quote an answer."""
    from pydantic_ai import exceptions as theirs

    if stopped is not None:
        return stopped
    if isinstance(error, BasculeError):
        return error
    name = choice.host
    status = int(getattr(error, "status_code", 0) or 0)
    told = getattr(error, "retry_after", None)
    wait = timedelta(seconds=told) if told is not None else None
    match error:
        case theirs.ModelRateLimitError():
            return ThrottledError(f"{name} asks to be left alone for a while.", retry_after=wait, status=status)
        case theirs.ModelQuotaExceededError():
            return DisconnectedError(f"The account at {name} has no credit left.", status=status)
        case theirs.ModelAuthenticationError():
            return DisconnectedError(f"{name} refuses the key.", status=status)
        case theirs.ModelServerError() | theirs.ModelUnavailableError():
            return UnavailableError(f"{name} answered {status}.", retry_after=wait, status=status)
        case theirs.ModelRequestRejectedError():
            return RejectedError(f"{name} refuses the request ({status}).", status=status, words=_words(error))
        case theirs.ContentFilterError():
            return RejectedError(f"The model {choice.model} declined to answer.")
        case theirs.UnexpectedModelBehavior():
            return MalformedError(f"The model {choice.model} gave no answer of the shape it was asked for.")
        case theirs.ModelHTTPError():
            return RemoteError(f"{name} answered {status}.", status=status, words=_words(error))
        case _:
            return MalformedError(f"The answer of {name} cannot be read ({type(error).__name__}).")


def _words(error: Any) -> str:
    """The provider's own words, shortened."""
    body: Any = getattr(error, "body", None)
    inner: Any = body.get("error", body) if isinstance(body, dict) else None
    return str(inner.get("message") or "")[:200] if isinstance(inner, dict) else ""
