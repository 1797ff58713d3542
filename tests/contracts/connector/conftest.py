"""Every promise here is kept by every registered connector: a new one is tested the day its file exists."""

from __future__ import annotations

import pytest

from bascule.connectors import registry
from bascule.connectors.spec import Connector
from bascule.contract.account import on

from .accounts import all_of_them

on(*all_of_them())


@pytest.fixture(params=registry.names())
def connector(request: pytest.FixtureRequest) -> Connector:
    return registry.load(request.param)
