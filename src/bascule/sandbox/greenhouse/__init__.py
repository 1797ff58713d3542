"""A local server that behaves as Greenhouse (Harvest v3 and recruiting webhooks) does."""

from ..faults import AnswerLost, Faults
from .app import create_app
from .hooks import EVENTS, encode, sign
from .options import Options, Rate
from .sandbox import Sandbox
from .server import main, run, serve
from .tables import Actor, Change

__all__ = [
    "EVENTS", "Actor", "AnswerLost", "Change", "Faults", "Options", "Rate", "Sandbox", "create_app", "encode", "main",
    "run", "serve", "sign",
]  # fmt: skip
