"""What the connectors that Bascule comes with keep besides: modest in what they ask for, and named in one way."""

from __future__ import annotations

import pytest

from bascule.connectors import registry
from bascule.connectors.manifest import manifest
from bascule.connectors.spec import Connector, scopes
from bascule.errors import NotFoundError
from bascule.model import FIELDS, Authority, Direction, Kind

from .recorded import with_fields

LEVELS = ("application", "candidate")


@pytest.mark.parametrize("level", LEVELS)
def test_vendor_fields_are_named_once_and_canonical_ones_exist(connector: Connector, level: str) -> None:
    fields = connector.fields(with_fields(connector, level), "c1")
    names = [(each.kind, each.name) for each in fields]
    assert len(names) == len(set(names))
    for each in fields:
        for canonical in each.canonical:
            home = canonical in FIELDS[each.kind] or (
                each.kind is Kind.CANDIDATE and canonical in FIELDS[Kind.APPLICATION]
            )
            assert home, f"{each.kind}.{each.name} shows {canonical}, which nothing has"


@pytest.mark.parametrize("level", LEVELS)
def test_every_call_that_a_field_or_a_creation_names_exists(connector: Connector, level: str) -> None:
    for each in connector.fields(with_fields(connector, level), "c1"):
        assert not each.call or connector.sends[each.call].kind is each.kind
        assert each.direction is Direction.IN or each.call or each.kind in connector.creates
    for kind, rule in connector.creates.items():
        assert connector.sends[rule.call].kind is kind
        assert connector.sends[rule.call].look is not None, "a lost creation could not be looked for"
        names = {each.name for each in connector.fields(with_fields(connector, level), "c1") if each.kind is kind}
        assert set(rule.fields) <= names


@pytest.mark.parametrize("level", LEVELS)
def test_only_fields_that_bascule_created_there_are_its_own(connector: Connector, level: str) -> None:
    for each in connector.fields(with_fields(connector, level), "c1"):
        assert each.created == (each.authority is Authority.OURS), each.name
        assert not each.created or each.direction is Direction.OUT


@pytest.mark.parametrize("level", LEVELS)
def test_outputs_never_touch_contact_data(connector: Connector, level: str) -> None:
    for each in connector.fields(with_fields(connector, level), "c1"):
        if each.created:
            specs = [FIELDS[kind].get(name) for kind in (each.kind, Kind.APPLICATION) for name in each.canonical]
            assert not any(spec is not None and spec.contact for spec in specs), each.name


def test_what_moves_people_says_what_else_may_happen(connector: Connector) -> None:
    for each in connector.fields(with_fields(connector, "application"), "c1"):
        if each.canonical[0] in ("stage", "status") and each.kind is Kind.APPLICATION and each.call:
            assert connector.sends[each.call].hidden


def test_a_mapping_that_only_reads_needs_no_right_to_write(connector: Connector) -> None:
    from dataclasses import replace

    fields = connector.fields(with_fields(connector, "application"), "c1")
    inward = [replace(each, direction=Direction.IN) for each in fields]
    needed = scopes(connector, inward)
    assert needed < scopes(connector, fields)
    written = {scope for sends in connector.sends.values() for scope in sends.scopes}
    read = {scope for reads in connector.reads for scope in reads.scopes} | set(connector.scopes)
    assert not (needed & (written - read))


def test_a_kind_that_is_not_mapped_is_not_read(connector: Connector) -> None:
    fields = [
        each for each in connector.fields(with_fields(connector, "application"), "c1") if each.kind is not Kind.OFFER
    ]
    offers = {scope for reads in connector.reads if reads.kind is Kind.OFFER for scope in reads.scopes}
    assert not (offers & scopes(connector, fields))


@pytest.mark.parametrize("name", registry.names())
def test_a_manifest_says_all_that_a_customer_has_to_know_before_they_begin(name: str) -> None:
    told = manifest(registry.load(name), sandbox=True)
    for what in ("api", "sunset", "plan", "agreement", "vendor_sandbox", "by_hand", "credential", "rights", "support"):
        assert getattr(told, what), what


def test_a_way_to_sign_in_is_promised_only_where_its_system_has_it() -> None:
    ways = {name: " ".join(manifest(registry.load(name), sandbox=True).auth) for name in registry.names()}
    own = {name for name, told in ways.items() if "client credentials" in told}
    assert own == {"greenhouse", "smartrecruiters"}
    assert {name for name, told in ways.items() if "a user's consent" in told} == {*own, "lever"}
    assert "a refresh token that is made there" in ways["workday"]


def test_an_unknown_connector_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="greenhouse"):
        registry.load("nothing-like-it")


def test_every_registered_connector_loads_under_its_own_name() -> None:
    assert [connector.name for connector in registry.load_all()] == list(registry.names())
