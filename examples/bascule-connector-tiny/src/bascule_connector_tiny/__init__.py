"""Tiny, a made-up applicant tracking system: its connector and its sandbox."""
