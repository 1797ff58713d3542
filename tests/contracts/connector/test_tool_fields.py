"""AI tools' results stand beside the matcher's in every system, under the tool's own name, and in no other's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bascule.connectors.spec import Connector, CustomField, Tenant
from bascule.connectors.tools import OURS, as_matched, named, titled, with_tools
from bascule.model import TOOL_FIELDS, Family, Kind, Record, Refs, tool_field

from .recorded import with_fields

TOOLS = ("quill", "hawk-eye")
WANTED = [tool_field(tool, name) for tool in TOOLS for name in TOOL_FIELDS]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def application(**said: object) -> Record:
    return Record("r1", "w", Kind.APPLICATION, "f", None, {"tools": said, "match_score": 99.0}, {}, "c1", NOW)


def made(connector: Connector, tenant: Tenant) -> Tenant:
    """The account, once every field that the tools lack has been made as asked for."""
    both = with_tools(connector, TOOLS)
    custom = dict(tenant.custom)
    for one in both.setup(tenant, WANTED):
        key = f"{one.level}.{one.key}"
        custom[key] = CustomField(one.key, one.key, one.name, one.level, one.type)
    return replace(tenant, custom=custom)


def test_names_are_the_tools_own() -> None:
    assert named("custom.bascule_match_score", "hawk-eye") == "custom.bascule_hawk_eye_score"
    assert named("x_bascule_ai_status", "quill") == "x_bascule_quill_status"
    assert named("bascule-match-score-job", "hawk-eye") == "bascule-hawk-eye-score-job"
    assert named("Bascule match score", "quill") == "Bascule quill score"
    assert named("match_score", "quill") == "match_score"
    assert titled("Match score", "hawk-eye") == "Hawk eye score"
    assert titled("AI audit reference", "quill") == "quill: AI audit reference"


def test_a_tool_changes_nothing_of_what_is_ours(connector: Connector) -> None:
    tenant = with_fields(connector, "application")
    plain, both = connector.fields(tenant, "c1"), with_tools(connector, TOOLS).fields(made(connector, tenant), "c1")
    mine = [(each.kind, each.name, each.canonical, each.missing) for each in plain]
    assert [(each.kind, each.name, each.canonical, each.missing) for each in both][: len(mine)] == mine
    everything = list(OURS.values())
    assert with_tools(connector, TOOLS).setup(tenant, everything) == connector.setup(tenant, everything)


def test_no_two_tools_write_one_field(connector: Connector) -> None:
    both = with_tools(connector, TOOLS).fields(made(connector, with_fields(connector, "application")), "c1")
    outputs = [(each.kind, each.name.casefold()) for each in both if each.created]
    assert len(outputs) == len(set(outputs))
    asked = [one.key for one in with_tools(connector, TOOLS).setup(Tenant(), [*OURS.values(), *WANTED])]
    assert len(asked) == len(set(asked))


def test_where_fields_can_be_made_a_tools_are_found_and_carry_what_it_says(connector: Connector) -> None:
    tenant = with_fields(connector, "application")
    both = with_tools(connector, TOOLS)
    if not both.setup(tenant, WANTED):
        assert not [each for each in both.fields(tenant, "c1") if each.canonical[0] in WANTED and not each.missing]
        return
    there = made(connector, tenant)
    assert both.setup(there, WANTED) == ()
    mine = {each.canonical[0]: each for each in both.fields(there, "c1") if each.canonical[0] in WANTED}
    assert set(mine) == set(WANTED)
    assert not any(each.missing for each in mine.values())
    for tool, score in (("quill", 12.0), ("hawk-eye", 34.0)):
        record = application(**{"quill.score": 12.0, "hawk-eye.score": 34.0})
        assert as_matched(record, tool).fields["match_score"] == score
        each = mine[tool_field(tool, "score")]
        candidate = Record("c", "w", Kind.CANDIDATE, "f", None, {}, {}, "c1", NOW)
        child = replace(record, parent="c")
        family = Family("f", "w", Kind.CANDIDATE, 0, "salt", records={"c": candidate, "r1": child})
        shown = each.render(child if each.kind is Kind.APPLICATION else candidate, family, Refs())
        assert str(score) in str(shown)
