"""Translators: one file per system, pure, read by the engine."""
