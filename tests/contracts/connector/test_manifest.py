"""What a connector says of itself to whoever has to decide whether to connect it."""

from __future__ import annotations

from bascule.connectors.manifest import FACTS, manifest
from bascule.connectors.spec import Connector
from bascule.model import Kind


def test_a_manifest_says_what_a_customer_has_to_know(connector: Connector) -> None:
    told = manifest(connector, sandbox=True)
    assert told.api
    assert told.auth
    assert told.sunset, "when the interface ends, be it that nothing is announced"
    assert told.agreement
    assert told.vendor_sandbox
    assert told.by_hand
    assert told.scopes or connector.excess or "scope" in told.by_hand.casefold() or "right" in told.by_hand.casefold()
    assert any("No run against" in one for one in told.tested), "a live account is claimed by nobody"


def test_it_names_every_kind_that_is_read_or_written(connector: Connector) -> None:
    told = {each.kind: each for each in manifest(connector, sandbox=True).objects}
    for reads in connector.reads:
        assert told[str(reads.kind)].read
    for kind in connector.creates:
        assert told[str(kind)].create
    for kind in (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB):
        assert kind in told


def test_facts_have_names_that_somebody_reads(connector: Connector) -> None:
    assert [name for name in connector.facts if name not in FACTS and not name.startswith("unverified ")] == []


def test_what_a_move_or_a_rejection_may_set_off_is_told(connector: Connector) -> None:
    told = manifest(connector, sandbox=True)
    assert set(told.effects) == {call for call, sends in connector.sends.items() if sends.hidden}


def test_without_a_sandbox_none_is_claimed(connector: Connector) -> None:
    assert not any("sandbox" in one for one in manifest(connector, sandbox=False).tested)
