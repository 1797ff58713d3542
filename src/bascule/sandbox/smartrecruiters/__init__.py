"""A local server that behaves as SmartRecruiters does: Customer API, users, reviews, webhook subscriptions.

Written from what SmartRecruiters publishes and what clients generated from its specifications say; read 2026-11-30.
"""

from .app import create_app
from .hooks import signature
from .options import Options, Rate
from .sandbox import Sandbox
from .server import VENDOR
from .tables import SCOPES

__all__ = ["SCOPES", "VENDOR", "Options", "Rate", "Sandbox", "create_app", "signature"]
