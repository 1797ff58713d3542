"""Lists of a system's fields, as connectors keep them: what is carried and into what, what is left out and why, and
what an account shows that neither says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bascule.model import Json, Kind

from .spec import SchemaField, Tenant


def carried(table: Mapping[str, tuple[Kind, str]]) -> Iterable[SchemaField]:
    """Of each object "<field>=<type>", divided by "; ", and behind ">" the mapped field it goes into where that is
    called otherwise."""
    for of, (kind, fields) in table.items():
        for one in fields.split("; "):
            name, _, rest = one.partition("=")
            type, _, into = rest.partition(">")
            yield SchemaField(of, name, type or "text", kind, into or name)


def left(table: Mapping[str, Mapping[str, str]]) -> Iterable[SchemaField]:
    """Of each object the fields that are left out, and why."""
    for of, fields in table.items():
        yield from (SchemaField(of, name, why=why) for name, why in fields.items())


def beside(standard: Iterable[SchemaField], tenant: Tenant, why: Callable[[str], str]) -> Iterable[SchemaField]:
    """What the account shows besides, and why it is not read, by its name."""
    known = {(one.object, one.name) for one in standard}
    for of, name, type in tenant.fields:
        if (of, name) not in known:
            yield SchemaField(of, name, type, why=why(name))


def sort(value: Json) -> str:
    """What a value looks like, in the words of a list of fields; never the value."""
    match value:
        case bool():
            return "yes or no"
        case int() | float():
            return "number"
        case list():
            return "list"
        case dict():
            return "object"
        case _:
            return "text"
