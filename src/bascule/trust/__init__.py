"""Audit verification and export."""
