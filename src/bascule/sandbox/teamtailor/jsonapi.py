"""JSON:API as Teamtailor speaks it: what is asked for, documents with what is included, pages, bodies."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from ..kit.http import base_url, json_within
from ..kit.ids import Id
from ..kit.tables import Actor, Row
from .errors import MEDIA_TYPE, wrong
from .sandbox import LEVELS, Sandbox

USUAL, MOST = 10, 30
BODY = 1_000_000
NAMED = re.compile(r"(filter|page|fields)\[([^\]]+)\](?:\[([^\]]+)\])?")
Tree = dict[str, "Tree"]
Keep = Callable[[Row], bool]


@dataclass(frozen=True)
class View:
    """For whom something is shown, from which state of the company, under which address."""

    sandbox: Sandbox
    base: str
    level: str
    actor: Actor
    # How many seconds ago that state was; nothing that is this old counts as read.
    behind: float = 0.0
    # The partner who asks, at the partner's interface.
    partner_id: Id = None

    def at_least(self, level: str) -> bool:
        return LEVELS.index(self.level) >= LEVELS.index(level)

    @property
    def newer(self) -> bool:
        return self.sandbox.options.surface == "current"

    def seen(self, table: str, row: Row | None) -> bool:
        return row is not None and self.sandbox.seen(table, row)

    def read(self, table: str, row: Row) -> None:
        """A program has been shown this object."""
        at = self.sandbox.db.real_now().timestamp() - self.behind
        self.sandbox.overwrites.read(self.actor.kind, table, row["id"], at)


@dataclass(frozen=True)
class One:
    """A relation to one other object: its type, and the column with its id."""

    type: str
    column: str


@dataclass(frozen=True)
class Many:
    type: str
    rows: Callable[[View, Row], Iterable[Row]]


@dataclass(frozen=True)
class Body:
    """What a request asks to write: attributes and relations by their dashed names."""

    attributes: Mapping[str, Any]
    relations: Mapping[str, Any]

    def values(self, *names: str) -> dict[str, Any]:
        """The attributes with these names that were given, by column."""
        return {name.replace("-", "_"): self.attributes[name] for name in names or self.attributes
                if name in self.attributes}  # fmt: skip

    def ids(self, **columns: str) -> dict[str, Any]:
        """The ids of the relations that were given: column=relation."""
        return {column: self.relations[name] for column, name in columns.items() if name in self.relations}


@dataclass(frozen=True)
class Write:
    """What may be given, and what is done with it."""

    attributes: frozenset[str]
    relations: frozenset[str]
    do: Callable[[View, Row | None, Body], Any]


Filter = Callable[[View, list[str]], Keep]


def nothing(view: View, row: Row) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Resource:
    """One type of object: how it is shown, found and written. `newer` names what only the current surface has:
    attributes, relations, the type itself, and filters as `filter:job`."""

    type: str
    table: str
    attributes: Callable[[View, Row], dict[str, Any]]
    relations: Mapping[str, One | Many] = field(default_factory=dict[str, One | Many])
    filters: Mapping[str, Filter] = field(default_factory=dict[str, Filter])
    # Filters with [from] and [to], and their columns.
    moments: Mapping[str, str] = field(default_factory=dict[str, str])
    sorts: tuple[str, ...] = ()
    level: str = "admin"
    newer: frozenset[str] = frozenset()
    # Whether there is a list of all of them.
    listed: bool = True
    visible: Callable[[View, Row], bool] = lambda view, row: True
    links: Callable[[View, Row], dict[str, Any]] = nothing
    # Filters of a list that names none of its own.
    usual: Mapping[str, str] = field(default_factory=dict[str, str])
    order: Callable[[Row], Any] = lambda row: row["id"]
    create: Write | None = None
    update: Write | None = None
    delete: Callable[[View, Row], object] | None = None
    prefix: str = "/v1"

    def has(self, view: View, name: str) -> bool:
        return name not in self.newer or view.newer


Resources = Mapping[str, Resource]


# What is asked for.


@dataclass
class Asked:
    """The parameters of a request: `filters` by (name, part), where a part is from, to or nothing."""

    filters: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    page: dict[str, str] = field(default_factory=dict[str, str])
    fields: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    include: list[str] = field(default_factory=list[str])
    sort: list[str] = field(default_factory=list[str])


def dashed(name: str) -> str:
    return name.replace("_", "-")


def asked(request: Request) -> Asked:
    found = Asked()
    for key, value in request.query_params.multi_items():
        if key == "include":
            found.include = [dashed(one.strip()) for one in value.split(",") if one.strip()]
        elif key == "sort":
            found.sort = [
                dashed(one.strip()) if one[0] != "-" else "-" + dashed(one[1:]) for one in value.split(",") if one
            ]
        elif named := NAMED.fullmatch(key):
            group, name, part = named[1], dashed(named[2]), named[3] or ""
            if group == "filter":
                found.filters[name, part] = value
            elif group == "page":
                found.page[name] = value
            else:
                found.fields[name] = {dashed(one) for one in value.split(",")}
    return found


def moment(sandbox: Sandbox, text: object) -> datetime | None:
    """A time as ISO 8601; without an offset it is the company's own. None for anything else."""
    try:
        read = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return read and (read if read.tzinfo else read.replace(tzinfo=sandbox.zone))


def _tree(view: View, resources: Resources, resource: Resource, paths: Sequence[str]) -> Tree:
    """What to include, as a tree. Raises Refused (400) for what is no relation."""
    tree: Tree = {}
    for path in paths:
        branch, at = tree, resource
        for name in path.split("."):
            relation = at.relations.get(name)
            if relation is None or not at.has(view, name):
                raise wrong(400, "Invalid field", f"{name} is not a valid relationship of {at.type}", 112)
            branch, at = branch.setdefault(name, {}), resources[relation.type]
    return tree


# Documents.


class Document:
    """An answer in the making: its objects, and what is included with them."""

    def __init__(self, view: View, resources: Resources, resource: Resource, asked: Asked) -> None:
        self.view, self.resources, self.asked = view, resources, asked
        self.tree = _tree(view, resources, resource, asked.include)
        self._included: dict[tuple[str, str], dict[str, Any]] = {}

    def one(self, resource: Resource, row: Row | None) -> dict[str, Any]:
        return self._finished(None if row is None else self._shown(resource, row, self.tree))

    def several(self, resource: Resource, rows: Iterable[Row]) -> dict[str, Any]:
        return self._finished([self._shown(resource, row, self.tree) for row in rows])

    def _finished(self, data: Any) -> dict[str, Any]:
        return {"data": data, **({"included": list(self._included.values())} if self.asked.include else {})}

    def _shown(self, resource: Resource, row: Row, tree: Tree) -> dict[str, Any]:
        view, own = self.view, f"{self.view.base}{resource.prefix}/{resource.type}/{row['id']}"
        view.read(resource.table, row)
        only = self.asked.fields.get(resource.type)
        attributes = {name: value for name, value in resource.attributes(view, row).items()
                      if resource.has(view, name) and (only is None or name in only)}  # fmt: skip
        relations: dict[str, Any] = {}
        for name, relation in resource.relations.items():
            if not resource.has(view, name) or (only is not None and name not in only):
                continue
            relations[name] = {"links": {"self": f"{own}/relationships/{name}", "related": f"{own}/{name}"}}
            if name in tree:
                relations[name]["data"] = self._linked(relation, row, tree[name])
        links = {**resource.links(view, row), "self": own}
        shown: dict[str, Any] = {"id": str(row["id"]), "type": resource.type, "links": links, "attributes": attributes}
        return {**shown, "relationships": relations} if resource.relations else shown

    def _linked(self, relation: One | Many, row: Row, tree: Tree) -> Any:
        other = self.resources[relation.type]
        rows = related(self.view, self.resources, relation, row)
        for one in rows:
            key = (other.type, str(one["id"]))
            shown = self._shown(other, one, tree)
            if key in self._included:  # included on two ways: with what either leads on to
                for name, value in shown.get("relationships", {}).items():
                    if "data" in value:
                        self._included[key]["relationships"][name] = value
            else:
                self._included[key] = shown
        linked = [{"type": other.type, "id": str(one["id"])} for one in rows]
        return linked if isinstance(relation, Many) else next(iter(linked), None)


def related(view: View, resources: Resources, relation: One | Many, row: Row) -> list[Row]:
    """The objects on the other side of a relation, at most one of One."""
    other = resources[relation.type]
    if isinstance(relation, One):
        found: list[Row | None] = [view.sandbox.db[other.table].get(row[relation.column])]
    else:
        found = [*relation.rows(view, row)]
    return [one for one in found if one is not None and view.seen(other.table, one) and other.visible(view, one)]


# Lists.


def picked(view: View, resource: Resource, rows: Iterable[Row], asked: Asked, *, usual: bool) -> list[Row]:
    """The rows that pass the filters, in the order asked for. Raises Refused (400) for what cannot be asked."""
    filters = dict(asked.filters)
    if usual:
        for name, value in resource.usual.items():
            filters.setdefault((name, ""), value)
    kept = [row for row in rows if view.seen(resource.table, row) and resource.visible(view, row)]
    for (name, part), value in filters.items():
        keep = _filter(view, resource, name, part, value)
        kept = [row for row in kept if keep(row)]
    return _sorted(resource, kept, asked.sort)


def _filter(view: View, resource: Resource, name: str, part: str, value: str) -> Keep:
    column, allowed = resource.moments.get(name), resource.has(view, f"filter:{name}")
    if column is not None and part in ("from", "to") and allowed:
        limit = moment(view.sandbox, value)
        if limit is None:
            raise wrong(400, "Invalid filter value", f"{value} is not a valid value for {name}.", 107)
        return _bound(column, part, limit, inclusive=view.sandbox.options.bounds == "inclusive")
    made = resource.filters.get(name)
    if made is None or part or not allowed:
        raise wrong(400, "Filter not allowed", f"{name} is not allowed.", 102)
    try:
        return made(view, value.split(","))
    except ValueError:
        raise wrong(400, "Invalid filter value", f"{value} is not a valid value for {name}.", 107) from None


def _bound(column: str, part: str, limit: datetime, *, inclusive: bool) -> Keep:
    def keep(row: Row) -> bool:
        at = row[column]
        if at is None:
            return False
        return (at == limit and inclusive) or (at > limit if part == "from" else at < limit)

    return keep


def _sorted(resource: Resource, rows: list[Row], keys: Sequence[str]) -> list[Row]:
    if not keys:
        return sorted(rows, key=resource.order)
    for key in reversed(keys):
        name = key.removeprefix("-")
        if name not in ("id", *resource.sorts):
            raise wrong(400, "Invalid sort criteria", f"{name} is not a valid sort criteria for {resource.type}", 114)
        column = name.replace("-", "_")
        rows = sorted(rows, key=lambda row: _sortable(row.get(column)), reverse=key.startswith("-"))
    return rows


def _sortable(value: Any) -> tuple[Any, ...]:
    """Nothing comes last, and first in descending order, as in the database behind it."""
    return (1,) if value is None else (0, value.casefold() if isinstance(value, str) else value)


def _number(page: Mapping[str, str], name: str, usual: int) -> int:
    text = page.get(name, str(usual))
    if not text.isdigit() or int(text) < 1:
        raise wrong(400, "Invalid page value", f"{text} is not a valid value for {name} page parameter.", 118)
    return int(text)


def page(request: Request, view: View, rows: Sequence[Row], asked: Asked) -> tuple[Sequence[Row], dict[str, Any]]:
    """The rows of the page asked for, with `meta` and `links`. What comes or goes meanwhile moves the others."""
    for name in asked.page:
        if name not in ("number", "size"):
            raise wrong(400, "Page parameter not allowed", f"{name} is not an allowed page parameter.", 105)
    number, size = _number(asked.page, "number", 1), _number(asked.page, "size", USUAL)
    if size > MOST:
        raise wrong(400, "Invalid page value", f"size exceeds maximum page size of {MOST}.", 118)
    last = max(math.ceil(len(rows) / size), 1)
    others = [(key, value) for key, value in request.query_params.multi_items() if not key.startswith("page[")]

    def link(to: int) -> str:
        query = sorted([*others, ("page[number]", str(to)), ("page[size]", str(size))])
        return f"{view.base}{request.url.path}?{urlencode(query)}"

    links = {"first": link(1), **({"prev": link(number - 1)} if number > 1 else {}),
             **({"next": link(number + 1)} if number < last else {}), "last": link(last)}  # fmt: skip
    shown = rows[(number - 1) * size : number * size]
    return shown, {"meta": {"record-count": len(rows), "page-count": math.ceil(len(rows) / size)}, "links": links}


# Bodies.


async def body(request: Request, view: View, resource: Resource, write: Write, id: str | None = None) -> Body:
    """What a request asks to write. Raises Refused (415, 400) for a body that is not understood or asks too much."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != MEDIA_TYPE:
        raise wrong(415, "Unsupported media type", f"All requests that create or update must use the '{MEDIA_TYPE}' "
                    f"Content-Type. This request specified '{kind}'.", 415)  # fmt: skip
    content = await json_within(request, BODY)
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict):
        raise wrong(400, "Missing Parameter", "The required parameter, data, is missing.", 106)
    if data.get("type") != resource.type:
        if "type" not in data:
            raise wrong(400, "Missing Parameter", "The required parameter, type, is missing.", 106)
        raise wrong(400, "Invalid resource", f"{data['type']} is not a valid resource.", 101)
    if id is not None and "id" in data and str(data["id"]) != id:
        raise wrong(400, "Key is not included in URL", f"The URL does not support the key {data['id']}", 110)
    attributes = {dashed(name): value for name, value in (data.get("attributes") or {}).items()}
    for name in attributes:
        if name not in write.attributes or not resource.has(view, name):
            raise wrong(400, "Param not allowed", f"{name} is not allowed.", 105)
    relations = {dashed(name): value for name, value in (data.get("relationships") or {}).items()}
    return Body(attributes, {name: _linkage(resource, write, name, value) for name, value in relations.items()})


def _linkage(resource: Resource, write: Write, name: str, value: Any) -> Any:
    """The id, or the ids, that a relation is given; None to empty it."""
    relation = resource.relations.get(name)
    if relation is None or name not in write.relations:
        raise wrong(400, "Param not allowed", f"{name} is not allowed.", 105)
    if not isinstance(value, dict) or "data" not in value:
        raise wrong(400, "Invalid Links Object", "Data is not a valid Links Object.", 115)
    data = value["data"]
    if isinstance(relation, Many) != isinstance(data, list):
        raise wrong(400, "Invalid Links Object", "Data is not a valid Links Object.", 115)
    if isinstance(data, list):
        return [_identifier(relation.type, one) for one in data]
    return None if data is None else _identifier(relation.type, data)


def _identifier(type: str, one: Any) -> Id:
    """The id of `{"type": "users", "id": 2}`; some examples of the reference leave the type out."""
    if not isinstance(one, dict) or "id" not in one:
        raise wrong(400, "Invalid Links Object", "Data is not a valid Links Object.", 115)
    if one.get("type", type) != type:
        raise wrong(400, "Type Mismatch", f"{one['type']} is not a valid type for this operation.", 116)
    return number(one["id"])


def number(id: object) -> Id:
    """An id as it is kept; what is none finds nothing."""
    return int(id) if isinstance(id, int) or (isinstance(id, str) and id.isdigit()) else id


def view_of(sandbox: Sandbox, request: Request, level: str, actor: Actor, behind: float, partner_id: Id = None) -> View:
    shown = sandbox.as_of(behind) if behind else sandbox
    return View(shown, base_url(request), level, actor, behind, partner_id)
