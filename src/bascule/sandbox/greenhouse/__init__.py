"""A local server that behaves as Greenhouse (Harvest v3 and recruiting webhooks) does."""

from ..kit.faults import AnswerLost, Faults
from ..kit.tables import Actor, Change
from .app import create_app
from .hooks import EVENTS, encode, sign
from .options import Options, Rate
from .sandbox import Sandbox
from .server import VENDOR, run

__all__ = [
    "EVENTS", "VENDOR", "Actor", "AnswerLost", "Change", "Faults", "Options", "Rate", "Sandbox", "create_app", "encode",
    "run", "sign",
]  # fmt: skip
