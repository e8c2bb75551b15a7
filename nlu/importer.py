"""The training data read once, in messages that are cheap to copy and to compare.

While it trains, Rasa asks for the sentences three times, and three times before that to check them; it copies all of
them with every merge of two sources and hashes them after each component. Of more than twenty thousand sentences that
took longer than learning from them.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from typing import Any, Dict, Optional, Tuple

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


class Example(Message):
    """A training sentence. What it holds is replaced and never changed, so that a copy may share it."""

    _cached_fingerprint: Optional[str]

    def __deepcopy__(self, memo: Dict[int, Any]) -> Example:
        """A message of its own, holding the same."""
        copied = Example(self.data, set(self.output_properties), self.time, list(self.features))
        copied._cached_fingerprint = self._cached_fingerprint
        return copied

    def fingerprint(self) -> str:
        """All that it holds and all its features, as a hexadecimal number."""
        if self._cached_fingerprint is None:
            held = json.dumps(self.data, default=_fingerprint_of, sort_keys=True)
            features = "".join(features.fingerprint() for features in self.features)
            self._cached_fingerprint = hashlib.sha256(f"{held} {features}".encode()).hexdigest()
        return self._cached_fingerprint


def _fingerprint_of(value: Any) -> str:
    fingerprint: str = value.fingerprint()
    return fingerprint


class TrainingFiles(RasaFileImporter):
    """Rasa's files, as Rasa's own importer reads them."""

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """The training sentences. Files of any language read alike, whatever `language` a component asks for."""
        return _sentences(tuple((path, os.stat(path).st_mtime_ns) for path in self._nlu_files))


@lru_cache(maxsize=1)
def _sentences(files: Tuple[Tuple[str, int], ...]) -> TrainingData:
    """What these files hold, read at these moments: Rasa checks the data with another importer than it trains with."""
    read = training_data_from_paths([path for path, _ in files], "en")
    read.training_examples = [Example(one.data, one.output_properties) for one in read.training_examples]
    return read
