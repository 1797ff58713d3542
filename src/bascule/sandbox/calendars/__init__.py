"""Colleagues' calendars as three kinds of server serve them: CalDAV, Microsoft Graph and Google Calendar.

Written from RFC 4791 and RFC 5545; learn.microsoft.com/graph/api (calendar-getschedule, user-post-events, event-update,
event-delete) and /graph/auth-v2-service; developers.google.com/workspace/calendar/api/v3/reference (freebusy, events)
and developers.google.com/identity/protocols/oauth2/service-account; all read 2026-11-30. One person's calendar is the
same at all three, so that an event written by one is seen by the others.
"""

from .app import create_app
from .server import Options, Server

__all__ = ["Options", "Server", "create_app"]
