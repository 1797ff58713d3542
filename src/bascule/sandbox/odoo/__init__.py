"""A local server that behaves as Odoo Recruitment does, versions 17, 18 and 19.

Reference: Odoo's own sources (addons/hr_recruitment, addons/mail, addons/base_automation, addons/rpc, odoo/addons/base)
and its documentation of the external interfaces, read 2026-11-29.
"""

from ..kit.options import Rate
from ..kit.tables import Actor
from .options import Options
from .sandbox import Sandbox
from .server import VENDOR, create_app

__all__ = ["VENDOR", "Actor", "Options", "Rate", "Sandbox", "create_app"]
