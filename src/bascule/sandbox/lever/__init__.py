"""A local server that behaves as Lever (Data API v1, Postings API and webhooks) does.

Reference: Lever's developer documentation and the README of its Postings API, read 2026-11-29.
"""

from ..kit.faults import AnswerLost, Faults
from ..kit.options import Rate
from ..kit.tables import Actor, Change
from .access import CONFIDENTIAL, OFFLINE, scopes
from .app import create_app
from .hooks import EVENTS, sign
from .options import Options
from .sandbox import Sandbox
from .server import VENDOR, run

__all__ = [
    "CONFIDENTIAL", "EVENTS", "OFFLINE", "VENDOR", "Actor", "AnswerLost", "Change", "Faults", "Options", "Rate",
    "Sandbox", "create_app", "run", "scopes", "sign",
]  # fmt: skip
