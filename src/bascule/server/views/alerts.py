"""Where alerts go, and the last of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bascule.office.alerts import Place, Told


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """`digests` are the choices, `digest` the one in force, `until` when that of the first weeks ends. `labels` say of
    what sort each connection is."""

    places: tuple[Place, ...]
    last: tuple[Told, ...]
    digests: tuple[tuple[str, str], ...]
    digest: str
    until: datetime | None
    labels: Mapping[str, str]
