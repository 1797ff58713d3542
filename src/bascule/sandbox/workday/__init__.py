"""A local server that behaves as Workday Recruiting does: SOAP web services, reports, REST v4.

Written from Workday's published WSDL, sample messages and Swagger, and what its public clients see; read 2026-11-29.
"""

from .app import create_app
from .options import Options, Rate
from .sandbox import AREAS, DOMAINS, Sandbox
from .server import VENDOR

__all__ = ["AREAS", "DOMAINS", "VENDOR", "Options", "Rate", "Sandbox", "create_app"]
