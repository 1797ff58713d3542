"""From the store to what a page shows: each function reads one snapshot and returns a value of `views`.

Nothing here changes anything, and nothing decides: it looks up, names and counts.
"""
