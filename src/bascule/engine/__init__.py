"""What moves and waits: one file per step, in the order data flows.

ingest -> observe -> reconcile -> deliver, driven by lanes; `runtime` is the one door to the world.
"""
