"""The sweep for duplicates: everybody against everybody, in a process of its own that sees no personal data."""
