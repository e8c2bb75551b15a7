"""The project's own sentences cut into folds so that a tested sentence has no paraphrase in training.

Sentences were written in series, one thought turned about before the next, so ten that follow one another in a file
stay together. A near-copy of a tested sentence that was written elsewhere is left out of its training: one that shares
at least `NEAR_COPY` of its pieces of three characters (Jaccard), after folding, without spaces and marks. Joining
near-copies into the groups instead would chain most sentences into one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Dict, FrozenSet, List, Sequence, Tuple

import numpy as np
import yaml
from scipy import sparse

from benchmarks.evaluate import Sentence
from nlu.folding import fold

SERIES = 10
NEAR_COPY = 0.4
LANGUAGES = ("zh", "en")


def read_sentences(folder: Path) -> List[Sentence]:
    """The training sentences under `folder`/zh and `folder`/en, in the order of the files."""
    found: List[Sentence] = []
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*.yml")):
            for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
                lines = item["examples"].splitlines()
                found += [Sentence(line.strip()[2:].strip(), item["intent"], language) for line in lines]
    return found


def pieces(text: str) -> FrozenSet[str]:
    """The pieces of three characters that two wordings are compared by; of a shorter text, the text."""
    core = re.sub(r"[\W_]+", "", fold(text))
    return frozenset(core[start : start + 3] for start in range(max(1, len(core) - 2)))


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to be tested on."""

    training: Tuple[int, ...]
    test: Tuple[int, ...]


class Folds:
    """A split of `sentences` for each of `count` folds; intents and languages are spread evenly, by `seed`."""

    def __init__(self, sentences: Sequence[Sentence], count: int, seed: int = 0) -> None:
        self.sentences = sentences
        self._count = count
        self._series = self._written_together()
        self._fold_of = self._dealt(Random(seed))

    def split(self, fold_number: int) -> Split:
        """Everything that is in no series of this fold and no near-copy of a sentence of this fold, and the fold."""
        test = self._fold_of == fold_number
        near = self._near_copies
        training = ~test & ~(near @ test.astype(np.int32) > 0)
        return Split(tuple(np.flatnonzero(training)), tuple(np.flatnonzero(test)))

    def part(self, split: Split, share: float, seed: int = 0) -> Split:
        """The same test with about `share` of the training, in whole series."""
        series = sorted({self._series[row] for row in split.training})
        Random(seed).shuffle(series)
        kept = set(series[: round(share * len(series))])
        return Split(tuple(row for row in split.training if self._series[row] in kept), split.test)

    def _written_together(self) -> List[Tuple[str, str, int]]:
        seen: Dict[Tuple[str, str], int] = {}
        series = []
        for sentence in self.sentences:
            file = (sentence.lang, sentence.intent)
            series.append((*file, seen.get(file, 0) // SERIES))
            seen[file] = seen.get(file, 0) + 1
        return series

    def _dealt(self, random: Random) -> np.ndarray:
        files: Dict[Tuple[str, str], List[Tuple[str, str, int]]] = {}
        for series in dict.fromkeys(self._series):
            files.setdefault(series[:2], []).append(series)
        fold_of = {}
        for together in files.values():
            random.shuffle(together)
            first = random.randrange(self._count)
            fold_of.update({series: (first + place) % self._count for place, series in enumerate(together)})
        return np.array([fold_of[series] for series in self._series])

    @cached_property
    def _near_copies(self) -> sparse.csr_matrix:
        known: Dict[str, int] = {}
        rows = [[known.setdefault(piece, len(known)) for piece in pieces(s.text)] for s in self.sentences]
        ends = np.cumsum([0] + [len(row) for row in rows])
        has = sparse.csr_matrix((np.ones(ends[-1], np.float32), np.concatenate(rows), ends))
        sizes = np.diff(ends)
        found = []
        for start in range(0, len(rows), 1000):
            shared = (has[start : start + 1000] @ has.T).tocoo()
            alike = shared.data >= NEAR_COPY * (sizes[start + shared.row] + sizes[shared.col] - shared.data)
            found.append(np.stack([start + shared.row[alike], shared.col[alike]]))
        row, column = np.concatenate(found, axis=1)
        return sparse.csr_matrix((np.ones(len(row), np.int32), (row, column)), shape=(len(rows), len(rows)))
