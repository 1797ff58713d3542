"""The audit, a row an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .parts import Paging, State


@dataclass(frozen=True, slots=True)
class AuditRow:
    seq: int
    at: datetime
    action: str
    actor: str
    subject: str
    subject_href: str
    connection: str
    endpoint: str
    status: int | None
    fields: tuple[str, ...]
    version: str = ""
    digest: str = ""
    sealed: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditList:
    rows: tuple[AuditRow, ...]
    paging: Paging
    actions: tuple[str, ...]
    seal: State
    total: int
    action: str = ""
    actor: str = ""
    candidate: str = ""
    since: str = ""
    until: str = ""
    toggle: str = ""  # the same list with, or without, pulls
