"""Calendars of colleagues: when they are busy, and interviews written into them. One interface for every system."""
