"""The server itself: its options, what it was asked, and how it answers either vendor's requests."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .faults import Faults
from .rules import DIMENSIONS, answer, text_of, tokens, vector

OVERLOADED = {"openai": 503, "anthropic": 529}
TYPES = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error",
         500: "api_error", 503: "api_error", 529: "overloaded_error"}  # fmt: skip


@dataclass
class Options:
    """`key`: the one that is taken. `models`: those there are; what is not among them is a 404."""

    key: str = "sk-sandbox"
    models: Sequence[str] = ("small", "text-small")
    dimensions: int = DIMENSIONS
    faults: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Seen:
    """One request as it came, and the status it was answered with."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    status: int


@dataclass(frozen=True)
class Reply:
    """One answer. `cut`: its body ends in the middle."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cut: bool = False


class Server:
    """Answers requests, and remembers them."""

    def __init__(
        self, options: Options | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self.options = options or Options()
        self.faults = Faults(self.options.faults)
        self.seen: list[Seen] = []
        self.sleep = sleep

    async def reply(self, vendor: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Reply:
        """What is answered to a request of that vendor's interface."""
        made = await self._reply(vendor, path, headers, body)
        self.seen.append(Seen(path, headers, body, made.status))
        return made

    async def _reply(self, vendor: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Reply:
        if (slow := self.faults.met("slow")) is not None:
            await self.sleep(slow.seconds)
        if (fault := self.faults.met("throttled", "overloaded", "fails", "quota")) is not None:
            return _failed(vendor, fault.kind, fault.seconds)
        if not self._signed_in(vendor, headers):
            return _error(vendor, 401, "This key is not known here.", "invalid_api_key")
        if vendor == "anthropic" and not headers.get("anthropic-version"):
            return _error(vendor, 400, "anthropic-version: header is required", "")
        if body.get("model") not in self.options.models:
            return _error(vendor, 404, f"The model `{body.get('model')}` does not exist.", "model_not_found")
        if path.endswith("/embeddings"):
            made = self._embedded(body)
        else:
            made = self._said(body) if vendor == "openai" else self._said_to_anthropic(body)
        return Reply(200, made, cut=self.faults.met("cut") is not None)

    def _signed_in(self, vendor: str, headers: Mapping[str, str]) -> bool:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        return self.options.key in (given, headers.get("x-api-key") if vendor == "anthropic" else None)

    def _arguments(self, schema: Mapping[str, Any], said: str) -> dict[str, Any]:
        if self.faults.met("malformed") is not None:
            return {"sentences": "none", "positions": 7}
        invents, obeys = self.faults.met("invents") is not None, self.faults.met("obeys") is not None
        return answer(schema, said, invents=invents, obeys=obeys)

    # -------------------------------------------------------------------------------------------------------- openai

    def _said(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A chat completion."""
        said = "\n".join(text_of(one.get("content")) for one in body["messages"] if one["role"] == "user")
        message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None, "annotations": []}
        tools, finish = body.get("tools") or (), "stop"
        if self.faults.met("refuses") is not None:
            message["refusal"] = "I cannot help with that."
        elif not tools or self.faults.met("talks") is not None:
            message["content"] = "Certainly! This person looks good to me."
        else:
            function = tools[0]["function"]
            arguments = json.dumps(self._arguments(function["parameters"], said))
            call = {"name": function["name"], "arguments": arguments}
            message["tool_calls"] = [{"id": "call_1", "type": "function", "function": call}]
            finish = "tool_calls"
        read, written = tokens(json.dumps(body)), tokens(json.dumps(message))
        return {
            "id": f"chatcmpl-{len(self.seen) + 1}", "object": "chat.completion", "created": 1_795_000_000,
            "model": body["model"], "service_tier": "default",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
        }  # fmt: skip

    def _embedded(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Embeddings, as numbers or as base64 of little-endian floats."""
        given = body["input"]
        texts = [given] if isinstance(given, str) else list(given)
        size = int(body.get("dimensions") or self.options.dimensions)
        made: list[Any] = [vector(text, size) for text in texts]
        if body.get("encoding_format") == "base64":
            made = [base64.b64encode(struct.pack(f"<{size}f", *one)).decode() for one in made]
        read = sum(map(tokens, texts))
        return {
            "object": "list", "model": body["model"], "usage": {"prompt_tokens": read, "total_tokens": read},
            "data": [{"object": "embedding", "index": at, "embedding": one} for at, one in enumerate(made)],
        }  # fmt: skip

    # ----------------------------------------------------------------------------------------------------- anthropic

    def _said_to_anthropic(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A message."""
        said = "\n".join(text_of(one.get("content")) for one in body["messages"] if one["role"] == "user")
        tools, stop = body.get("tools") or (), "end_turn"
        content: list[dict[str, Any]] = []
        if self.faults.met("refuses") is not None:
            stop = "refusal"
        elif not tools or self.faults.met("talks") is not None:
            content = [{"type": "text", "text": "Certainly! This person looks good to me."}]
        else:
            made = self._arguments(tools[0]["input_schema"], said)
            content = [{"type": "tool_use", "id": "toolu_1", "name": tools[0]["name"], "input": made}]
            stop = "tool_use"
        usage = {
            "input_tokens": tokens(json.dumps(body)), "output_tokens": tokens(json.dumps(content)),
            "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "service_tier": "standard",
        }  # fmt: skip
        return {
            "id": f"msg_{len(self.seen) + 1}", "type": "message", "role": "assistant", "model": body["model"],
            "content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage,
        }  # fmt: skip


def _failed(vendor: str, kind: str, seconds: float) -> Reply:
    match kind:
        case "throttled":
            error = _error(vendor, 429, "Too many requests.", "rate_limit_exceeded")
            return Reply(429, error.body, {"retry-after": f"{seconds:g}"})
        case "quota" if vendor == "anthropic":
            return _error(vendor, 400, "Your credit balance is too low.", "", "billing_error")
        case "quota":
            return _error(vendor, 429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota")
        case "overloaded":
            return _error(vendor, OVERLOADED[vendor], "Overloaded", "")
        case _:
            return _error(vendor, 500, "Something went wrong here.", "")


def _error(vendor: str, status: int, message: str, code: str, kind: str = "") -> Reply:
    told = {"message": message, "type": kind or TYPES[status]}
    if vendor == "anthropic":
        return Reply(status, {"type": "error", "error": told, "request_id": "req_1"})
    return Reply(status, {"error": {**told, "param": None, "code": code or None}})
