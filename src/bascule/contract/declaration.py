"""What a connector's declaration is to be: pure words, complete, and telling a customer what they have to know."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from bascule.connectors import registry
from bascule.connectors.manifest import FACTS, manifest
from bascule.connectors.spec import Connector, Tenant
from bascule.model import Direction, Kind

from .account import systems

WORDS = ("spec", "lens", "answers", "fieldlist")
MAY_IMPORT = {"bascule.model", "bascule.errors", *(f"bascule.connectors.{one}" for one in WORDS)}
PURE = {
    "__future__",
    "collections",
    "dataclasses",
    "datetime",
    "functools",
    "hashlib",
    "itertools",
    "re",
    "typing",
    "html",
    "math",
    "base64",
    "json",
}


@pytest.fixture(params=systems())
def connector(request: pytest.FixtureRequest) -> Connector:
    """Each of those whose accounts were named (`account.on`)."""
    return registry.load(request.param)


def sources(connector: Connector) -> list[Path]:
    module = inspect.getmodule(connector.discover)
    assert module is not None
    assert module.__file__ is not None
    path = Path(module.__file__)
    return sorted(path.parent.glob("*.py")) if path.parent.name in (connector.name, "connector") else [path]


def test_a_connector_imports_words_only_and_catches_nothing(connector: Connector) -> None:
    for path in sources(connector):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not isinstance(node, (ast.Try, ast.TryStar)), f"{path.name}:{node.lineno} catches an exception"
            assert not isinstance(node, (ast.AsyncFunctionDef, ast.Await)), f"{path.name} does something by itself"
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= PURE, f"{path.name}:{node.lineno}"
            elif isinstance(node, ast.ImportFrom):
                name = node.module or ""
                own = node.level == 1 or name == "bascule.connectors"
                assert own or name in MAY_IMPORT or name.split(".")[0] in PURE, f"{path.name}:{node.lineno} {name}"


def test_every_file_of_a_connector_fits_a_reader(connector: Connector) -> None:
    for path in sources(connector):
        assert len(path.read_text("utf-8").splitlines()) <= 360, path.name


def test_every_list_is_fed_by_a_poll_a_sweep_or_a_fetch(connector: Connector) -> None:
    for reads in connector.reads:
        assert reads.by or reads.every or reads.sweep, f"nothing ever asks for {reads.title}"
    for kind in {reads.kind for reads in connector.reads}:
        mine = [reads for reads in connector.reads if reads.kind is kind]
        followed = any(kind in reads.follow for reads in connector.reads if reads.every)
        assert followed or any(reads.every or reads.sweep for reads in mine), (
            f"changes of {kind} without a webhook stay unseen"
        )
    titles = [reads.title for reads in connector.reads]
    assert len(titles) == len(set(titles))


def test_a_grouped_list_is_never_polled(connector: Connector) -> None:
    for reads in connector.reads:
        assert not (reads.group and (reads.every or reads.sweep or reads.since)), reads.title


def test_photos_and_demographics_are_dropped_everywhere(connector: Connector) -> None:
    for reads in connector.reads:
        assert {"photo_url", "race", "gender", "veteran_status", "disability_status"} <= set(reads.drop), reads.title
        assert "eeoc" not in reads.path
        assert "demographic" not in reads.path


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
    for each in connector.fields(Tenant(), ""):
        assert told[str(each.kind)].read or each.direction is Direction.OUT, "what others show of it counts too"
    for one in told.values():
        assert one.soonest is None if one.every is None else one.soonest is not None


def test_facts_have_names_that_somebody_reads(connector: Connector) -> None:
    assert [name for name in connector.facts if name not in FACTS and not name.startswith("unverified ")] == []


def test_what_a_move_or_a_rejection_may_set_off_is_told(connector: Connector) -> None:
    told = manifest(connector, sandbox=True)
    assert set(told.effects) == {call for call, sends in connector.sends.items() if sends.hidden}


def test_without_a_sandbox_none_is_claimed(connector: Connector) -> None:
    assert not any("sandbox" in one for one in manifest(connector, sandbox=False).tested)
