"""A provider of people's data as People Data Labs serves its own: the Person Enrichment API, v5.

Written from docs.peopledatalabs.com (reference, input parameters, output response, errors, usage limits), read
2026-11-30. It holds nobody's data: who it knows is given to it, or made up from what it is asked, the same each time.
"""

from .app import create_app
from .server import Options, Seen, Server

__all__ = ["Options", "Seen", "Server", "create_app"]
