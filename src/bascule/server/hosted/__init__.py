"""Pages for people without an account: whoever holds a link sees one thing, and nothing of the inside.

Looking changes nothing, so that what opens links by itself (mail scanners, previews) decides nothing. No page names
another host, none is kept or indexed, and none tells another where it was opened from.
"""

from fastapi import APIRouter

from . import back, credentials, decisions, interview, screening, shortlist


def routers() -> tuple[APIRouter, ...]:
    """Every hosted page."""
    return (screening.router, shortlist.router, interview.router, decisions.router, credentials.router, back.router)
