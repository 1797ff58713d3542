"""Workspaces (employers), and settings by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..model import EMPTY, Fields, Value
from . import statements as s
from .codec import dumps, loads, moment, stamp

if TYPE_CHECKING:
    from .tx import Tx


@dataclass(frozen=True, slots=True)
class Workspace:
    """One employer. Every row carries its id; nothing crosses it."""

    id: str
    name: str
    created: datetime
    region: str = ""
    settings: Fields = field(default_factory=lambda: EMPTY)


class Workspaces:
    """`tx.workspaces`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def set(self, workspace: Workspace) -> None:
        """Make it, or change all but its creation time."""
        self._tx.run(
            s.WORKSPACE_ADD,
            id=workspace.id,
            name=workspace.name,
            region=workspace.region,
            settings=dumps(workspace.settings),
            now=stamp(workspace.created),
        )

    def list(self) -> list[Workspace]:
        """The oldest first."""
        rows = self._tx.rows(s.WORKSPACES)
        return [Workspace(id, name, moment(at), region, loads(settings)) for id, name, region, settings, at in rows]

    def setting(self, workspace: str, name: str, default: Value = None) -> Value:
        """A setting by name ("" for the workspace: of the whole installation)."""
        row = self._tx.row(s.SETTING, workspace=workspace, name=name)
        return default if row is None else loads(row[0])

    def settings(self, workspace: str) -> dict[str, Value]:
        return {name: loads(value) for name, value in self._tx.rows(s.SETTINGS, workspace=workspace)}

    def set_setting(self, workspace: str, name: str, value: Value) -> None:
        self._tx.run(s.SETTING_SET, workspace=workspace, name=name, value=dumps(value))
