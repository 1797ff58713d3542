"""JSON:API as Teamtailor speaks it: documents taken apart, bodies put together."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta

from bascule.connectors.spec import Request, Response
from bascule.model import Json

MEDIA = "application/vnd.api+json"
ORDERED = "following"  # the key under which the last object of a page says where the next page begins


def flat(one: Json, included: Mapping[tuple[str, str], Json], above: tuple[tuple[str, str], ...] = ()) -> Json:
    """An object with its attributes beside its id, and what was included with it in the place of its relations.

    A relation that was not asked for has links only, and is left out: it is unseen.
    """
    found: dict[str, Json] = {"id": str(one["id"]), "type": one["type"], **(one.get("attributes") or {})}
    for name, relation in (one.get("relationships") or {}).items():
        if isinstance(relation, Mapping) and "data" in relation:
            found[name] = joined(relation["data"], included, (*above, (str(one["type"]), str(one["id"]))))
    return found


def joined(data: Json, included: Mapping[tuple[str, str], Json], above: tuple[tuple[str, str], ...]) -> Json:
    if isinstance(data, list):
        return [joined(one, included, above) for one in data]
    if not isinstance(data, Mapping):
        return None
    key = (str(data["type"]), str(data["id"]))
    whole = included.get(key) if key not in above else None
    return flat(whole, included, above) if whole is not None else {"type": key[0], "id": key[1]}


def unfold(body: Json) -> list[Json]:
    """The objects of a document, one or several."""
    body = body if isinstance(body, Mapping) else {}
    included = {(str(one["type"]), str(one["id"])): one for one in body.get("included") or ()}
    data = body.get("data")
    return [flat(one, included) for one in (data if isinstance(data, list) else [data] if data else [])]


# ----------------------------------------------------------------------------- the order in which nobody is missed


def in_order(body: Json) -> list[Json]:
    """The objects of a page that was asked for in the order of creation; the last one says where the next page begins.

    That is the moment the last one was created at, so that nobody is passed over when somebody before goes. Where all
    of a page were created at the same moment, and among what belongs to one object, it is the vendor's next page.
    """
    items = unfold(body)
    if items:
        first, last = (str(one.get("created-at") or "") for one in (items[0], items[-1]))
        link = str(((body.get("links") or {}).get("next")) or "")
        same = first == last or re.search(r"/candidates/[^/?]+/", link)
        items[-1] = {**items[-1], ORDERED: link if same else last}
    return items


def after(moment: str) -> str:
    """From when on the next page is asked for: a little before, as a filter may or may not include its moment."""
    return utc(datetime.fromisoformat(moment.replace("Z", "+00:00")) - timedelta(milliseconds=1))


def utc(moment: datetime) -> str:
    """Without an offset: a `+` in an address would have to be escaped, and offsets change with summer time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ------------------------------------------------------------------------------------------------------------ requests


def document(type: str, id: str = "", attributes: Mapping[str, Json] | None = None, **relations: Json) -> Json:
    """A body. Relations by their names, with `_` for `-`: (type, id) of the other object."""
    data: dict[str, Json] = {"type": type, **({"id": id} if id else {}), "attributes": dict(attributes or {})}
    if relations:
        data["relationships"] = {
            name.replace("_", "-"): {"data": None if to is None else {"type": to[0], "id": to[1]}}
            for name, to in relations.items()
        }
    return {"data": data}


def writing(method: str, path: str, body: Json, acts_as: str = "", done_if: tuple[int, ...] = ()) -> Request:
    return Request(method, path, json=body, headers={"content-type": MEDIA}, acts_as=acts_as, done_if=done_if)


def pages(request: Request) -> Generator[Request, Response, list[Json]]:
    """All objects of a list, inside a conversation. A status in `done_if` gives none."""
    items: list[Json] = []
    while True:
        response = yield request
        body = response.json if response.status < 400 and isinstance(response.json, Mapping) else {}
        items += unfold(body)
        following = (body.get("links") or {}).get("next")
        if not following:
            return items
        request = Request("GET", str(following), done_if=request.done_if)


def said(json: Json) -> str:
    """The vendor's own words in an error body: a list of errors, or one object, or something else altogether."""
    errors = json.get("errors") if isinstance(json, Mapping) else None
    listed = errors if isinstance(errors, list) else [errors]
    words = [str(one.get("detail") or one.get("title") or "") for one in listed if isinstance(one, Mapping)]
    return "; ".join(one for one in words if one)[:500]
