"""Small local servers that behave as a vendor's system does, written from its published interface.

Each is a program of its own: it imports nothing of the rest of this package, so that what it accepts and answers
can be trusted as an outside opinion.
"""
