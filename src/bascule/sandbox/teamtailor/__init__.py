"""A local server that behaves as Teamtailor does: the customer's JSON:API, the partner's, webhooks and a small ATS.

Reference: docs.teamtailor.com (2021 and clients of 2026), partner.teamtailor.com, read 2026-11-29.
"""

from .app import create_app
from .hooks import EVENTS, sign_partner, sign_v1, sign_v2
from .options import Options
from .sandbox import Sandbox
from .server import VENDOR

__all__ = ["EVENTS", "VENDOR", "Options", "Sandbox", "create_app", "sign_partner", "sign_v1", "sign_v2"]
