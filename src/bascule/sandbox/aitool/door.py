"""The tool's way to Bascule's door: signed in, patient, and never more than one thing at a time."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True)
class Answer:
    """What the door answered; status 0: nothing came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def wait(self) -> float | None:
        """Seconds it asks to be left alone, where it says so."""
        told = self.headers.get("retry-after", "")
        return float(told) if told.replace(".", "", 1).isdigit() else None


Send: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], Awaitable[Answer]]
"""(method, address, headers, body) -> answer. Never raises for a door that does not answer."""


class Http:
    """`Send` over the network."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        try:
            async with self._session.request(method, url, headers=headers, data=body or None) as answer:
                read = await answer.read()
                return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, read)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Answer(0, {}, b"")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class Door:
    """The addresses of the contract. With a client id the key is exchanged for tokens."""

    def __init__(self, address: str, key: str, send: Send, client_id: str = "") -> None:
        self._address = address.rstrip("/")
        self._key = key
        self._send = send
        self._client_id = client_id
        self._token = ""

    async def applications(self, after: str, limit: int) -> Answer:
        query = urlencode({"limit": limit, **({"after": after} if after else {})})
        return await self._ask("GET", f"/applications?{query}")

    async def resume(self, application: str) -> Answer:
        return await self._ask("GET", f"/applications/{application}/resume")

    async def result(self, application: str, result: Mapping[str, Any]) -> Answer:
        return await self._ask("PUT", f"/applications/{application}/result", result)

    async def forgotten(self, application: str) -> Answer:
        return await self._ask("DELETE", f"/applications/{application}")

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        answer = await self._once(method, path, body)
        if answer.status == 401 and self._client_id:  # the token has ended: once more with another
            self._token = ""
            answer = await self._once(method, path, body)
        return answer

    async def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        if self._client_id and not self._token:
            form = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": self._key}
            headers = {"content-type": "application/x-www-form-urlencoded"}
            answer = await self._send("POST", f"{self._address}/oauth/token", headers, urlencode(form).encode())
            if answer.status != 200:
                return answer
            self._token = str(answer.json["access_token"])
        headers = {"authorization": f"Bearer {self._token or self._key}", "accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        sent = json.dumps(body).encode() if body is not None else b""
        return await self._send(method, f"{self._address}{path}", headers, sent)
