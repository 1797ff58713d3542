"""Long work in portions: while one is kept, the next are loaded and judged."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from bascule.engine.runtime import Runtime

T = TypeVar("T")
S = TypeVar("S")

AHEAD = 2  # one that is loaded while the one before is judged


def in_portions(items: Sequence[S], size: int) -> list[Sequence[S]]:
    """All of them, in their order, so many at a time."""
    return [items[first : first + size] for first in range(0, len(items), size)]


async def ahead(
    runtime: Runtime, portions: Iterable[S], make: Callable[[S], Coroutine[Any, Any, T]]
) -> AsyncGenerator[T]:
    """What is made of each portion, in their order; the next ones are being made meanwhile. Close it when you leave
    early (`contextlib.aclosing`): then what is being made is dropped."""
    making = deque[Any]()
    try:
        for one in portions:
            making.append(runtime.spawn(make(one), "portion"))
            if len(making) > AHEAD:
                yield await making.popleft()
        while making:
            yield await making.popleft()
    finally:
        for one in making:
            one.cancel()
