"""How one page of a list is asked for, and where the next one is. Pure, for every way of paging a connector names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bascule.connectors.spec import (
    Asked,
    CursorInBody,
    Keyset,
    LinkHeader,
    LinkInBody,
    Offset,
    PageNumber,
    Pages,
    Reads,
    Request,
    Response,
    next_link,
)
from bascule.model import Json, Kind


def request(reads: Reads, pages: Pages, asked: Asked) -> Request:
    """The request for one page."""
    if asked.at and isinstance(pages, LinkHeader | LinkInBody):
        return Request("GET", asked.at, budget=reads.budget)
    name, size = reads.page_size
    said: dict[str, Json] = ({name: size} if name else {}) | dict(reads.filters)
    path = reads.path
    if asked.by is not None:
        where = reads.by[asked.by]
        if where.startswith("/"):
            path = where.replace("{id}", asked.ids[0])
            said = {} if alone(reads, asked.by) else said
        else:
            said[where] = ",".join(asked.ids)
    if asked.since is not None and reads.since is not None:
        said[reads.since[0]] = _since(reads.since[1], asked.since)
    if asked.token and reads.token is not None:
        said[reads.token.param] = asked.token
    if asked.at and not isinstance(pages, LinkHeader | LinkInBody | Keyset):
        said[pages.param] = asked.at
    if reads.in_body:
        return Request("POST", path, json=said, budget=reads.budget)
    return Request("GET", path, {key: str(value) for key, value in said.items()}, budget=reads.budget)


def _since(form: str, moment: datetime) -> Json:
    if form == "{since_ms}":
        return milliseconds(moment)
    return form.format(since=stamp(moment), since_ms=milliseconds(moment))


def alone(reads: Reads, by: Kind | None) -> bool:
    """Whether one object is asked for by its own address, and answered by itself."""
    return by is not None and by == reads.kind and reads.by[by].startswith("/")


def items_of(reads: Reads, asked: Asked, body: Json) -> Json:
    """The items of a page, or what stands where they should."""
    if reads.unfold is not None:
        return reads.unfold(body)
    found = within(body, reads.items)
    return [found] if isinstance(found, Mapping) and alone(reads, asked.by) else found


def place(pages: Pages, at: str, now: datetime) -> tuple[str, datetime | None]:
    """(where the page is, the moment that all pages are asked as of)"""
    if not isinstance(pages, PageNumber) or not pages.frozen:
        return at, None
    number, _, begun = at.partition("@")
    return number, datetime.fromisoformat(begun) if begun else now


def following(pages: Pages, asked: Asked, response: Response, items: Sequence[Json]) -> str:
    """Where the next page is, "" after the last: a cursor, a number, or an address."""
    count = len(items)
    match pages:
        case Keyset(key=key):
            return key(items[-1]) if items and count >= asked.size else ""
        case LinkHeader():
            return next_link(response.headers)
        case LinkInBody(next=path):
            return str(within(response.json, path) or "")
        case CursorInBody(next=path, more=more):
            if more and not within(response.json, more):
                return ""
            return str(within(response.json, path) or "")
        case PageNumber(total=total, first=first):
            page = int(asked.at or first)
            last = _whole(within(response.json, total)) if total else None
            done = page - first + 1 >= last if last is not None else count < asked.size
            as_of = f"@{asked.begun.isoformat()}" if asked.begun is not None else ""
            return "" if done or not count else f"{page + 1}{as_of}"
        case Offset(total=total):
            passed = int(asked.at or 0) + count
            whole = _whole(within(response.json, total)) if total else None
            done = passed >= whole if whole is not None else count < asked.size
            return "" if done or not count else str(passed)


def within(body: Json, path: str) -> Json:
    """What stands at a dotted path of a body; None where nothing does."""
    for name in path.split(".") if path else ():
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def stamp(moment: datetime) -> str:
    """ISO-8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(mark: str) -> datetime | None:
    """A watermark as a time: ISO-8601 (UTC where it does not say), or milliseconds since 1970."""
    try:
        if mark.isdigit():
            return datetime.fromtimestamp(int(mark) / 1000, UTC)
        at = datetime.fromisoformat(mark.replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def behind(reads: Reads, items: Sequence[Json], since: datetime | None) -> bool:
    """Whether a page of a list with the newest first ends before what is asked for."""
    if not reads.newest_first or since is None or not items:
        return False
    at = instant(str(within(items[-1], reads.watermark) or ""))
    return at is not None and at < since


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _whole(value: Json) -> int | None:
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return None
