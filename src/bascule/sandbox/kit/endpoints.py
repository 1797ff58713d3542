"""`/sandbox/faults`: read, order, change and clear faults while a sandbox runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .faults import Faults, known


def listed(text: str | bytes) -> list[Mapping[str, Any]]:
    """Faults written as YAML or JSON: one, or a list of them. Raises ValueError."""
    try:
        asked: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"this is neither JSON nor YAML: {' '.join(str(error).split())}") from None
    return asked if isinstance(asked, list) else [asked]


class FaultEndpoints:
    """GET lists with counters, POST orders one or several, PUT replaces all, DELETE clears; one by its id."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/faults", self.all, methods=["GET", "POST", "PUT", "DELETE"]),
            Route("/sandbox/faults/kinds", self.kinds),
            Route("/sandbox/faults/{id:int}", self.one, methods=["GET", "PATCH", "DELETE"]),
        ]

    async def all(self, request: Request) -> Response:
        try:
            match request.method:
                case "POST":
                    self.faults.load(listed(await request.body()))
                case "PUT":
                    self.faults.replace(listed(await request.body()))
                case "DELETE":
                    self.faults.clear()
                case _:
                    self.faults.run_due()
        except ValueError as error:
            return _wrong(422, str(error))
        return JSONResponse({"faults": self.faults.as_json()})

    async def one(self, request: Request) -> Response:
        id = request.path_params["id"]
        try:
            if request.method == "PATCH":
                asked: Any = json.loads(await request.body())
                if not isinstance(asked, dict):
                    raise ValueError("what to change is an object")
                self.faults.change(id, asked)
            elif request.method == "DELETE":
                self.faults.remove(id)
                return JSONResponse({"faults": self.faults.as_json()})
            shown = next(row for row in self.faults.as_json() if row["id"] == id)
        except (KeyError, StopIteration):
            return _wrong(404, f"there is no fault {id}")
        except ValueError as error:
            return _wrong(422, str(error))
        return JSONResponse(shown)

    async def kinds(self, request: Request) -> Response:
        return JSONResponse({"kinds": known(self.faults.kinds)})


class Own(Protocol):
    """What goes wrong in a program that is no vendor's ATS, by kinds of its own."""

    ordered: list[Any]

    def add(self, given: Mapping[str, Any]) -> object: ...

    def clear(self) -> None: ...


def own_routes(faults: Own, kinds: Mapping[str, str]) -> list[Route]:
    """`/sandbox/faults` of such a program: GET lists with counters, POST orders one or several, DELETE clears; and its
    kinds, with what each does."""

    async def all_(request: Request) -> Response:
        try:
            if request.method == "POST":
                for one in listed(await request.body()):
                    faults.add(one)
            elif request.method == "DELETE":
                faults.clear()
        except (ValueError, TypeError) as error:
            return _wrong(422, str(error))
        return JSONResponse({"faults": [asdict(one) for one in faults.ordered]})

    async def kinds_(_: Request) -> Response:
        return JSONResponse({"kinds": [{"kind": kind, "says": says} for kind, says in kinds.items()]})

    return [
        Route("/sandbox/faults", all_, methods=["GET", "POST", "DELETE"]), Route("/sandbox/faults/kinds", kinds_),
    ]  # fmt: skip


def _wrong(status: int, message: str) -> Response:
    return JSONResponse({"errors": [{"message": message}]}, status)
