"""A local server that behaves as Ashby (API of 2026-01-01 and webhooks) does.

Reference: developers.ashbyhq.com and its OpenAPI document, read 2026-11-29.
"""

from .options import Options
from .sandbox import Sandbox
from .server import VENDOR, create_app

__all__ = ["VENDOR", "Options", "Sandbox", "create_app"]
