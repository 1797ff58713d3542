"""Finds connectors: those that come with this package, and those that other packages offer as entry points."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from bascule.connectors.spec import Connector
from bascule.errors import ConfigurationError, NotFoundError

GROUP = "bascule.connectors"
BUILT_IN = {
    "ashby": "bascule.connectors.ashby:CONNECTOR",
    "greenhouse": "bascule.connectors.greenhouse:CONNECTOR",
    "lever": "bascule.connectors.lever:CONNECTOR",
    "odoo": "bascule.connectors.odoo:CONNECTOR",
    "smartrecruiters": "bascule.connectors.smartrecruiters:CONNECTOR",
    "teamtailor": "bascule.connectors.teamtailor:CONNECTOR",
    "workday": "bascule.connectors.workday:CONNECTOR",
}
TOOL = {"aitool": "bascule.connectors.aitool:CONNECTOR"}
"""What comes to our door, and is connected like a system: no connector to choose from."""


def names() -> tuple[str, ...]:
    """Every connector's name; nothing is imported."""
    return tuple(sorted({*BUILT_IN, *(one.name for one in _offered())}))


@cache
def load(name: str) -> Connector:
    """A connector by its name. NotFoundError if there is none; ConfigurationError for what is no connector."""
    if (place := {**BUILT_IN, **TOOL}.get(name)) is not None:
        module, _, attribute = place.partition(":")
        return _checked(name, getattr(import_module(module), attribute))
    for one in _offered():
        if one.name == name:
            return _checked(name, one.load())
    raise NotFoundError(
        f"There is no connector {name!r}; there are: {', '.join(names())}.",
        hint="Name one of these, or install the package that brings the connector.",
    )


def load_all() -> tuple[Connector, ...]:
    return tuple(load(name) for name in names())


def _offered() -> tuple[EntryPoint, ...]:
    """Entry points of other packages. A built-in name cannot be taken over."""
    return tuple(one for one in entry_points(group=GROUP) if one.name not in {*BUILT_IN, *TOOL})


def _checked(name: str, found: object) -> Connector:
    if not isinstance(found, Connector) or found.name != name:
        raise ConfigurationError(
            f"The entry point {name!r} in {GROUP} is not a connector of that name.",
            hint="Uninstall the package that offers it, or tell its authors.",
        )
    return found
