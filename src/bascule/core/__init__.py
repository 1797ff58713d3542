"""The rules of two-way sync, as pure functions: no clock, no network, no database, no randomness."""
