"""How a command starts quickly."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """Around imports: what they make lives as long as the process, and looking through it for garbage over and over
    takes a sixth of a server's start. Afterwards it is left out of every later look."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()
