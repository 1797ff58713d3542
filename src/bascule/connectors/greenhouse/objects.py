"""One object of Greenhouse by its id, and values as its bodies take them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping

from bascule.connectors.spec import Rendered, Request, Response, every_page
from bascule.errors import AbsentError
from bascule.model import Fields, Json, Kind, Value


def one(path: str, id: str) -> Generator[Request, Response, Json]:
    """The object, read by the service user (lists need a Site Admin). AbsentError when it is not shown."""
    response = yield Request("GET", path, {"ids": id})
    found = response.json[0] if isinstance(response.json, list) and response.json else None
    if found is None:
        raise AbsentError(f"Greenhouse shows no {path.strip('/')} {id}.", status=404)
    return found


def of_candidate(path: str, write: Rendered) -> Generator[Request, Response, list[Json]]:
    """All that a list holds of the candidate that a write hangs on."""
    query = {"candidate_ids": write.parents[Kind.CANDIDATE], "per_page": "500"}
    return (yield from every_page(Request("GET", path, query)))


def newest(rows: Iterable[Json]) -> Fields:
    """The id of the one that was made last, if there is any."""
    last = max((row["id"] for row in rows), default=None)
    return {"external": str(last)} if last is not None else {}


def number(value: Value) -> Json:
    """Ids travel as numbers."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


def named(response: Response) -> Fields:
    """The id of what was made; an answer may be nothing but a message."""
    made = response.json if isinstance(response.json, Mapping) else {}
    return {"external": str(made["id"])} if made.get("id") is not None else {}
