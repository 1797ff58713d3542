"""Texts as vectors, offline: a static table of token vectors, no network and no neural inference.

The table is WordLlama's (256 dimensions), read from the installed package's data files without importing it and
mapped into memory, so that every process on a machine shares one copy. A text's vector is the sum of its tokens'
vectors, each weighted by rarity times the logarithm of its count, minus the mean of many texts, scaled to length one.
Numbers are dropped first: years and ages must not make two texts alike or unlike.
"""

import importlib.util
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, pre_tokenizers

MODEL = "wordllama-l2-supercat-256"
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_NUMBER = re.compile(r"\d+")

Vector = NDArray[np.float32]


def load_table() -> tuple[NDArray[np.float16], Tokenizer]:
    """The token vectors, mapped from their file, and the tokenizer that goes with them.

    Raises FileNotFoundError, saying what to install, when the wordllama package is missing or has changed its layout.
    """
    spec = importlib.util.find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package wordllama is not installed: run `pip install wordllama==0.4.0.post1`")
    folder = Path(spec.origin).parent
    if not (folder / _WEIGHTS).is_file() or not (folder / _TOKENIZER).is_file():
        raise FileNotFoundError(f"wordllama has no {_WEIGHTS} or {_TOKENIZER}: install version 0.4.0.post1")
    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    # No token of this model reaches over a space, so cutting there first changes nothing but the speed.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    return _map_tensor(folder / _WEIGHTS), tokenizer


def _map_tensor(path: Path) -> NDArray[np.float16]:
    """The one tensor of a safetensors file: eight bytes of header length, a JSON header, then the numbers."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = cast(dict[str, dict[str, list[int]]], json.loads(file.read(length)))
    tensor = header["embedding.weight"]
    rows, columns = tensor["shape"]
    # As a plain array: the pages stay mapped, and each look-up is spared the subclass.
    return np.asarray(np.memmap(path, np.float16, "r", 8 + length + tensor["data_offsets"][0], (rows, columns)))


class Embedder:
    """Turns texts into vectors of length one. Pure and safe to share between threads."""

    def __init__(
        self, weights: NDArray[np.float16], tokenizer: Tokenizer, idf: NDArray[np.float16], mean: Vector
    ) -> None:
        self.model = MODEL
        self.dimensions = weights.shape[1]
        self._weights = weights
        self._tokenizer = tokenizer
        self._idf = idf.astype(np.float32)
        self._mean = mean

    @classmethod
    @cache
    def load(cls) -> "Embedder":
        """The embedder with the shipped statistics; loaded once a process."""
        weights, tokenizer = load_table()
        with (
            resources.as_file(resources.files("bascule.match") / "data" / "tokens.npz") as path,
            np.load(path) as shipped,
        ):
            return cls(weights, tokenizer, shipped["idf"], shipped["mean"])

    def vector(self, text: str) -> Vector:
        """The vector of one text; all zeros when nothing in it can be embedded."""
        return self.vectors([text])[0]

    def vectors(self, texts: Sequence[str]) -> Vector:
        """One row per text."""
        return self._rows([np.array(ids, np.int64) for ids in self._tokens(texts)])

    def windows(self, texts: Sequence[str]) -> tuple[Vector, Vector]:
        """One row per text, and the vector of all of them as one text, for the price of one reading."""
        tokens = [np.array(ids, np.int64) for ids in self._tokens(texts)]
        whole = np.concatenate(tokens) if tokens else np.zeros(0, np.int64)
        return self._rows(tokens), self._rows([whole])[0]

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        cleaned = [" ".join(_NUMBER.sub(" ", text).split()) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(cleaned, add_special_tokens=False)]

    def _rows(self, tokens: Sequence[NDArray[np.int64]]) -> Vector:
        result = np.zeros((len(tokens), self.dimensions), np.float32)
        for row, ids in enumerate(tokens):
            if len(ids):
                result[row] = self._pool(ids)
        return result

    def _pool(self, ids: NDArray[np.int64]) -> Vector:
        tokens, counts = np.unique(ids, return_counts=True)
        weight = self._idf[tokens] * (1 + np.log(counts, dtype=np.float32))
        summed = weight @ self._weights[tokens].astype(np.float32)
        length = np.linalg.norm(summed)
        if not length:
            return np.zeros(self.dimensions, np.float32)
        centred = summed / length - self._mean
        return (centred / (np.linalg.norm(centred) or 1)).astype(np.float32)


def similarity(left: Vector, right: Vector) -> float:
    """Cosine of two vectors of length one, -1 to 1."""
    return float(left @ right)
