"""Texts as vectors, offline: a static table of token vectors, no network and no neural inference.

The table is WordLlama's (256 dimensions), read from the installed package's data files without importing it and
mapped into memory, so that every process on a machine shares one copy. A text's vector is the sum of its tokens'
vectors, each weighted by rarity times the logarithm of its count, minus the mean of many texts, scaled to length one.
Numbers are dropped first: years and ages must not make two texts alike or unlike.
"""

import io
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, pre_tokenizers

from . import weights

MODEL = "wordllama-l2-supercat-256"
PIECES = 50_000
"""Pieces of text whose tokens are kept; about 15 MB."""
_NUMBER = re.compile(r"\d+")

Vector = NDArray[np.float32]


def load_table() -> tuple[NDArray[np.float16], Tokenizer]:
    """The token vectors, mapped from their file, and the tokenizer that goes with them.

    Raises FileNotFoundError, saying what to type, when they are not installed.
    """
    vectors, words = weights.files()
    tokenizer = Tokenizer.from_file(str(words))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    # No token of this model reaches over a space, so cutting there first changes nothing but the speed.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    return _map_tensor(vectors), tokenizer


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
        # As 32-bit numbers, filled in as tokens are met: turning them each time costs more than all else. Untouched
        # pages take no memory.
        self._table = np.zeros(weights.shape, np.float32)
        self._filled = np.zeros(len(weights), bool)
        self._tokenizer = tokenizer
        self._idf = idf.astype(np.float32)
        self._mean = mean
        self._pieces: dict[str, list[int]] = {}

    @classmethod
    @cache
    def load(cls, folder: Path | None = None) -> "Embedder":
        """The embedder with the statistics in `folder`, else the shipped ones; loaded once a process."""
        weights, tokenizer = load_table()
        with np.load(
            io.BytesIO(((folder or resources.files("bascule.match") / "data") / "tokens.npz").read_bytes())
        ) as own:
            return cls(weights, tokenizer, own["idf"], own["mean"])

    def vector(self, text: str) -> Vector:
        """The vector of one text; all zeros when nothing in it can be embedded."""
        return self.vectors([text])[0]

    def vectors(self, texts: Sequence[str]) -> Vector:
        """One row per text."""
        return self._rows([self._tokens(text) for text in texts])

    def windows(self, windows: Sequence[str], beside: Sequence[str] = ()) -> Vector:
        """One row for each window of a text, one for all of them as one text, and one for each text beside it; for the
        price of one reading."""
        return self._rows([self._tokens(text) for text in (*windows, *beside)], whole=len(windows))

    def plain(self, texts: Sequence[str]) -> Vector:
        """One row per text with the mean left in: for single words, whose tokens are few."""
        tokens = [np.array(self._tokens(text), np.int64) for text in texts]
        summed = [np.maximum(self._idf[one], 0.1) @ self._vectors(one) for one in tokens]
        return unit(np.array(summed, np.float32).reshape(len(texts), self.dimensions))

    def _tokens(self, text: str) -> list[int]:
        """The tokens of a text. No token reaches over a space, so each piece between spaces has its own, and most
        pieces were met before."""
        pieces = _NUMBER.sub(" ", text).split()
        known = self._pieces
        new = [piece for piece in set(pieces) if piece not in known]
        if new and len(known) + len(new) > PIECES:
            self._pieces = known = dict[str, list[int]]()
            new = list(set(pieces))
        if new:
            encoded = self._tokenizer.encode_batch_fast(new, add_special_tokens=False)
            known.update(zip(new, (encoding.ids for encoding in encoded), strict=True))
        return [token for piece in pieces for token in known[piece]]

    def _rows(self, texts: Sequence[Sequence[int]], whole: int | None = None) -> Vector:
        """One row per text; where `whole` is given, after so many of them one more for these together.

        Every different token is looked up once."""
        lengths = [len(tokens) for tokens in texts]
        tokens, place = np.unique(np.fromiter(chain.from_iterable(texts), np.int64, sum(lengths)), return_inverse=True)
        row = np.repeat(np.arange(len(texts)), lengths)
        counts = np.bincount(row * len(tokens) + place, minlength=len(texts) * len(tokens))
        counts = counts.reshape(len(texts), len(tokens))
        if whole is not None:
            counts = np.vstack([counts[:whole], counts[:whole].sum(axis=0), counts[whole:]])
        weight = np.log(np.maximum(counts, 1), dtype=np.float32) + (counts > 0).astype(np.float32)
        # Not @: BLAS would share so small a product among threads, which wait for each other longer than it takes.
        summed = np.einsum("nt,td->nd", weight * self._idf[tokens], self._vectors(tokens))
        return unit(unit(summed) - self._mean * (counts.any(axis=1, keepdims=True)))

    def _vectors(self, tokens: NDArray[np.int64]) -> Vector:
        new = tokens[~self._filled[tokens]]
        if len(new):
            self._table[new] = self._weights[new]
            self._filled[new] = True
        return self._table[tokens]


def unit(rows: Vector) -> Vector:
    """Each row at length one; a row of zeros stays."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(length, length, 1)).astype(np.float32)


def similarity(left: Vector, right: Vector) -> float:
    """Cosine of two vectors of length one, -1 to 1."""
    return float(left @ right)
