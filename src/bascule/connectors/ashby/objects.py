"""Ashby's way of asking: every call is a POST, and what it says stands under `results`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping

from bascule.connectors.spec import Asked, Request, Response
from bascule.model import Json


def ask(method: str, **body: Json) -> Generator[Request, Response, Json]:
    """What a reading call answers."""
    response = yield Request("POST", f"/{method}", json=body, safe=True)
    return response.json["results"]


def do(method: str, **body: Json) -> Generator[Request, Response, Json]:
    """What a writing call answers; the object as it is then, for most."""
    response = yield Request("POST", f"/{method}", json=body)
    return response.json.get("results")


def every(method: str, *, allowed: bool = True, **body: Json) -> Generator[Request, Response, list[Json]]:
    """All rows of a list. Where it need not be `allowed`, a missing permission gives none."""
    rows: list[Json] = []
    cursor: Mapping[str, str] = {}
    while True:
        request = Request(
            "POST", f"/{method}", json={**body, **cursor}, safe=True, done_if=() if allowed else (403,)
        )  # fmt: skip
        response = yield request
        told = response.json if isinstance(response.json, Mapping) and response.status < 400 else {}
        rows += told.get("results") or []
        if not told.get("moreDataAvailable") or not told.get("nextCursor"):
            return rows
        cursor = {"cursor": str(told["nextCursor"])}


def asking(path: str, info: str = "", key: str = "id", one: Json = None, **said: Json) -> Callable[[Asked], Request]:
    """A list, and the call that shows one of its objects by id (`key`, with `one`); lists without such a call are asked
    for whole."""

    def asked(at: Asked) -> Request:
        if at.by is not None and info:
            return Request("POST", info, json={key: at.ids[0], **(one or {})})
        places = {"cursor": at.at, "syncToken": at.token}
        return Request(
            "POST", path, json={"limit": at.size, **said, **{name: value for name, value in places.items() if value}}
        )

    return asked
