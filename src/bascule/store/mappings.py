"""Versions of a connection's mapping: what was chosen, by whom, when, and why. Nothing is ever taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import Actor, ActorKind, Fields
from . import statements as s
from .codec import dumps, loads, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a mapping. `chosen` is the whole of it, so that it can be put back; `why` says what made it."""

    connection: str
    number: int
    at: datetime
    actor: Actor
    chosen: Fields
    why: str = ""


def _version(row: Row) -> Version:
    connection, number, at, kind, id, name, chosen, why = row
    return Version(connection, number, moment(at), Actor(ActorKind(kind), id, name), loads(chosen), why)


class Mappings:
    """`tx.mappings`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, workspace: str, version: Version) -> None:
        self._tx.run(
            s.MAPPING_ADD,
            workspace=workspace,
            connection=version.connection,
            version=version.number,
            at=stamp(version.at),
            actor_kind=version.actor.kind,
            actor_id=version.actor.id,
            actor_name=version.actor.name,
            chosen=dumps(version.chosen),
            why=version.why,
        )

    def list(self, connection: str) -> list[Version]:
        """The newest first; the first one, as the connector proposes it, is not kept."""
        return [_version(row) for row in self._tx.rows(s.MAPPINGS, connection=connection)]
