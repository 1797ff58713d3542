"""Where an AI tool's results stand in an ATS: beside those of the built-in matcher, under the tool's own name.

A connector says once where a score, reasons, skills and a status go. A tool's go the same way: the connector is asked
about an account in which the tool's fields stand in the place of ours, and what it answers is given back under the
tool's names. So no two tools write one field, and no connector has to know that there are tools.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace

from bascule.connectors.spec import Connector, CustomField, Request, Response, Setup, Talk, Tenant
from bascule.model import EMPTY, Family, FieldMap, Fields, Json, Kind, Record, Refs, Value, Waits, tool_field
from bascule.model import replace as changed

OURS = {"score": "match_score", "reasons": "match_reasons", "skills": "match_skills", "status": "ai_status"}
"""What a tool says -> the matcher's output whose way it goes."""
SAID = {canonical: what for what, canonical in OURS.items()}
NAMED = re.compile(r"(?i)\b(match|ai)([ _-])(score|reasons|skills|status)(?![a-z0-9])")
KEYED = re.compile(r"(?i)(bascule[ _-])(match|ai)([ _-])(score|reasons|skills|status)(?![a-z0-9])")
RESERVED = frozenset({"ai", "audit", "bascule", "experience", "match", "ours", "shortlist", "top"})
"""What no tool may be called: its fields would have the names of ours."""


def with_tools(connector: Connector, tools: Sequence[str]) -> Connector:
    """The connector, with the fields of these tools besides its own."""
    if not tools or not any(each.created for each in connector.fields(Tenant(), "")):
        return connector

    def fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
        own = tuple(connector.fields(_without(tenant, tools), connection))
        return (*own, *(each for tool in tools for each in _fields(connector, tenant, connection, tool)))

    def setup(tenant: Tenant, wanted: Sequence[str]) -> Sequence[Setup]:
        own = tuple(connector.setup(_without(tenant, tools), wanted))
        return (*own, *(each for tool in tools for each in _setup(connector, tenant, wanted, tool)))

    def create_field(wanted: Setup) -> Talk:
        if not wanted.canonical.startswith("tools."):
            return connector.create_field(wanted)
        tool, _, what = wanted.canonical.removeprefix("tools.").rpartition(".")
        return _renamed(connector.create_field(replace(wanted, canonical=OURS[what])), tool)

    return replace(connector, fields=fields, setup=setup, create_field=create_field)


# ------------------------------------------------------------------------------------------------------------- names


def named(text: str, tool: str) -> str:
    """A key of ours, as the tool's: bascule_match_score -> bascule_acme_score."""
    return KEYED.sub(lambda found: f"{found[1]}{_spelt(tool, found[3])}{found[3]}{found[4]}", text)


def titled(text: str, tool: str) -> str:
    """A field's name for people, as the tool's: Match score -> Acme score, AI reasons -> Acme: AI reasons."""

    def put(found: re.Match[str]) -> str:
        name = _spelt(tool, found[2])
        return f"{name.capitalize() if found.start() == 0 else name}{found[2]}{found[3]}"

    made = NAMED.sub(put, text)
    return made if made != text else f"{tool}: {text}"


def _spelt(tool: str, by: str) -> str:
    """A tool's name, spelt as keys are: systems make keys out of letters and one sign."""
    return tool.replace("-", by)


def _ours(tool: str) -> Callable[[str], str]:
    """The way back: what is the tool's, as ours."""
    spelt = "[ _-]".join(map(re.escape, tool.split("-")))
    found = re.compile(rf"(?i)(bascule[ _-]){spelt}([ _-])(score|reasons|skills|status)(?![a-z0-9])")

    def back(text: str) -> str:
        return found.sub(lambda at: f"{at[1]}{'ai' if at[3].lower() == 'status' else 'match'}{at[2]}{at[3]}", text)

    return back


# ----------------------------------------------------------------------------------------------- the account as seen


def _mine(tenant: Tenant, tool: str) -> dict[str, CustomField]:
    """The tool's own custom fields, by the key they are kept by."""
    back = _ours(tool)
    return {key: one for key, one in tenant.custom.items() if back(key) != key or back(one.name) != one.name}


def _without(tenant: Tenant, tools: Sequence[str]) -> Tenant:
    """The account without what is the tools': the connector is asked about what is ours."""
    theirs = {key for tool in tools for key in _mine(tenant, tool)}
    if not theirs:
        return tenant
    return replace(tenant, custom={key: one for key, one in tenant.custom.items() if key not in theirs})


def _as_ours(tenant: Tenant, tool: str) -> Tenant:
    """The account with the tool's fields in the place of ours."""
    back, mine = _ours(tool), _mine(tenant, tool)
    kept = {
        key: one
        for key, one in tenant.custom.items()
        if key not in mine and not KEYED.search(key) and not KEYED.search(one.name)
    }
    return replace(tenant, custom=kept | {back(key): replace(one, name=back(one.name)) for key, one in mine.items()})


# --------------------------------------------------------------------------------------------------------- its fields


def _fields(connector: Connector, tenant: Tenant, connection: str, tool: str) -> list[FieldMap]:
    """The tool's fields. One that the account does not have, and that no program can make there, is left out."""
    there = {f"custom.{one.key}".casefold() for one in _mine(tenant, tool).values()}
    found: list[FieldMap] = []
    for each in connector.fields(_as_ours(tenant, tool), connection):
        what = SAID.get(each.canonical[0]) if each.created else None
        if what is None:
            continue
        name = named(each.name, tool)
        if name.casefold() in there or (each.missing and name != each.name):
            found.append(_field(each, name, tool, what))
    return found


def _field(ours: FieldMap, name: str, tool: str, what: str) -> FieldMap:
    def render(record: Record, family: Family, refs: Refs) -> Value | Waits:
        if record.kind is not Kind.APPLICATION:
            family = changed(family, records={id: as_matched(one, tool) for id, one in family.records.items()})
        return ours.render(as_matched(record, tool), family, refs)

    return replace(
        ours, name=name, canonical=(tool_field(tool, what),), render=render,
        label=titled(ours.label, tool) if KEYED.search(ours.label) or ours.missing else ours.label,
    )  # fmt: skip


def as_matched(record: Record, tool: str) -> Record:
    """An application as if the built-in matcher had said what the tool says; anything else as it is."""
    if record.kind is not Kind.APPLICATION:
        return record
    told = record.fields.get("tools")
    said: Fields = told if isinstance(told, Mapping) else EMPTY
    return changed(
        record, fields={**record.fields, **{ours: said.get(f"{tool}.{what}") for what, ours in OURS.items()}}
    )


def _setup(connector: Connector, tenant: Tenant, wanted: Sequence[str], tool: str) -> list[Setup]:
    """The definitions that the tool's outputs lack."""
    asked = [ours for what, ours in OURS.items() if tool_field(tool, what) in wanted]
    return [
        replace(
            one,
            canonical=tool_field(tool, SAID[one.canonical]),
            name=named(one.name, tool) if KEYED.search(one.name) else titled(one.name, tool),
            key=named(one.key, tool),
        )
        for one in (connector.setup(_as_ours(tenant, tool), asked) if asked else ())
    ]


def _renamed(talk: Talk, tool: str) -> Generator[Request, Response, Fields]:
    """A conversation that makes a field, with every name of ours in what leaves as the tool's."""
    try:
        request = next(talk)
        while True:
            response = yield replace(request, json=_deep(request.json, tool))
            request = talk.send(response)
    except StopIteration as end:
        return end.value


def _deep(json: Json, tool: str) -> Json:
    match json:
        case str():
            return named(json, tool)
        case dict():
            return {key: _deep(value, tool) for key, value in json.items()}
        case list() | tuple():
            return [_deep(value, tool) for value in json]
        case _:
            return json
