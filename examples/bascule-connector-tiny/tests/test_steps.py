"""What is still to be filled, in the order in which it is best done."""

from pathlib import Path

import pytest
from account import Account
from bascule_connector_tiny.connector import CONNECTOR

from bascule.contract.steps import STEPS, Work, lacks

WORK = Work(CONNECTOR, Account, Path(__file__).parent / "recordings")


@pytest.mark.parametrize("step", STEPS, ids=[step.__name__ for step in STEPS])
def test_this_step_is_done(step) -> None:
    if left := lacks(step, WORK):
        pytest.fail(left, pytrace=False)


def test_the_connector_is_found_by_its_entry_point() -> None:
    from bascule.connectors import registry

    assert registry.load("tiny") is CONNECTOR


def test_the_sandbox_is_found_by_its_entry_point() -> None:
    from bascule_connector_tiny.sandbox import VENDOR

    from bascule.sandbox.registry import load

    assert load("tiny") is VENDOR
