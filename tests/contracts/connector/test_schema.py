"""What a connector says of its system's schema: each field once, carried by a field that is mapped, or with a reason."""

from __future__ import annotations

from dataclasses import replace

from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.lens import SENSITIVE
from bascule.connectors.spec import CustomField, Tenant

from .rig import build


def tenant(*custom: CustomField, fields: tuple[tuple[str, str, str], ...] = ()) -> Tenant:
    return Tenant({f"{one.level}.{one.key}": one for one in custom}, fields=fields)


def test_every_field_stands_once_and_is_carried_or_has_a_reason() -> None:
    schema = CONNECTOR.schema(tenant())
    named = [(one.object, one.name) for one in schema]
    assert len(named) == len(set(named))
    mapped = {(each.kind, each.name) for each in CONNECTOR.fields(tenant(), "c")}
    for one in schema:
        assert bool(one.why) != bool(one.into), one
        assert not one.into or (one.kind, one.into) in mapped, one


def test_every_kind_that_is_read_is_described() -> None:
    described = {one.kind for one in CONNECTOR.schema(tenant())}
    assert {reads.kind for reads in CONNECTOR.reads} <= described


def test_custom_fields_are_the_customers_own_with_a_reason_each() -> None:
    found = {
        one.name: one
        for one in CONNECTOR.schema(
            tenant(
                CustomField("1", "shirt", "Shirt", "candidate", "short_text"),
                CustomField("2", "old", "Old", "candidate", "short_text", active=False),
                CustomField("3", "gender_identity", "Gender identity", "candidate", "short_text"),
                CustomField("4", "salary", "Salary", "offer", "currency"),
                CustomField("5", "bascule_match_score", "Bascule match score", "application", "number"),
            )
        )
        if one.name.startswith("custom: ")
    }
    assert found["custom: shirt"].into == "custom_fields"
    assert "switched off in Greenhouse" in found["custom: old"].why
    assert "protected characteristic" in found["custom: gender_identity"].why
    assert "offer" in found["custom: salary"].why
    assert found["custom: bascule_match_score"].into == "custom.bascule_match_score"
    assert SENSITIVE.search("Gender identity")


def test_what_the_account_shows_and_nobody_knows_is_listed_as_new() -> None:
    schema = CONNECTOR.schema(tenant(fields=(("candidate", "shoe_size", "number"), ("candidate", "company", "text"))))
    (new,) = [one for one in schema if one.name == "shoe_size"]
    assert "since this connector was written" in new.why
    assert len([one for one in schema if one.name == "company"]) == 1


async def test_nothing_that_the_sandbox_shows_is_forgotten() -> None:
    """The sandbox is written from the reference by somebody else."""
    rig = build(candidates=60)
    described = {(one.object, one.name) for one in CONNECTOR.schema(tenant())}
    looked_at, missing = set[str](), set[tuple[str, str]]()
    for reads in CONNECTOR.reads:
        async for items in rig.client.list(replace(reads, drop=(), filters={}, group="")):
            for item in items:
                looked_at.add(reads.path)
                missing |= {(reads.path[1:-1], key) for key in item} - described
    assert not missing
    assert {"/candidates", "/applications", "/jobs", "/notes", "/application_stages"} <= looked_at
