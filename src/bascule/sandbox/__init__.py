"""Small local servers that behave as vendors' systems do, written from their published interfaces.

They are programs of their own: they import nothing of the rest of this package, so that what they accept and answer can
be trusted as an outside opinion. What all of them share is in `kit`; `registry` knows their names.
"""
