"""What every embedding model is to the rest: a name, a size, and texts turned into vectors.

Vectors of two names lie in different spaces and are never compared; whoever keeps vectors keeps the name beside them.
"""

from collections.abc import Sequence
from typing import Protocol

from .embed import Vector


class EmbeddingModel(Protocol):
    """A model that turns texts into vectors of length one."""

    @property
    def model(self) -> str:
        """Its name, which changes whenever the same text would get another vector."""
        ...

    @property
    def dimensions(self) -> int: ...

    def vectors(self, texts: Sequence[str]) -> Vector:
        """One row per text; a text in which nothing can be embedded gives zeros."""
        ...
