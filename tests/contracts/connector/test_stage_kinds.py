"""A system that says itself what kind of step a stage is spares a person the mapping: new jobs map themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bascule.connectors import registry
from bascule.contract.promises import rig
from bascule.core.mapping import apply
from bascule.model import Kind, Record, Refs, Unmappable

NONE: frozenset[str] = frozenset()
TOLD = {
    "ashby": frozenset({"lead", "screen", "offer"}),
    "greenhouse": NONE,  # stages have a name and a place only
    "lever": NONE,
    "odoo": frozenset({"hired"}),
    "smartrecruiters": frozenset({"lead", "applied", "interview", "offer"}),
    "teamtailor": frozenset({"applied", "hired"}),
    "workday": frozenset({"screen", "assess", "interview", "offer", "hired"}),
}


@pytest.mark.parametrize("name", registry.names())
async def test_stages_have_the_types_that_the_system_itself_tells(name: str) -> None:
    made = await rig(name)
    maps = apply(made.connector.fields(made.tenant, "c1"))[Kind.STAGE]
    reads = next(one for one in made.lists() if one.kind is Kind.JOB)
    jobs = [part.external async for part in made.polled(reads) if part.kind is Kind.JOB]
    parts = [part for job in jobs for part in (await made.read(Kind.JOB, job)).parts if part.kind is Kind.STAGE]
    assert parts
    found: set[str] = set()
    for part in parts:
        record = Record("s", "w", Kind.STAGE, "f", "j", {}, {}, "c1", made.setting.clock())
        for each in maps:
            if each.name in part.seen:
                parsed = each.parse(part.seen[each.name], record, Refs())
                assert not isinstance(parsed, Unmappable)
                record = replace(record, fields={**record.fields, **parsed})
        found |= {str(record.fields["type"])} if record.fields.get("type") else set()
    assert found == TOLD[name]
