"""What the models predicted, kept in a folder so that an interrupted comparison goes on."""

import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from tables import Fold, Table


class Model(Protocol):
    """What learns the train rows of a fold and predicts its test rows."""

    name: str
    title: str

    def key(self) -> str: ...

    def predict(self, table: Table, fold: Fold, folder: Path) -> np.ndarray: ...


@dataclass(frozen=True)
class Result:
    """What a model predicted of one fold, and the seconds of learning and predicting."""

    predicted: np.ndarray
    seconds: float


@dataclass(frozen=True)
class Store:
    """A folder of results."""

    out: Path

    def folder(self, table: Table, fold: Fold, model: Model) -> Path:
        """The folder of one result."""
        return self.out / table.name / f"order{fold.order}_fold{fold.number}" / model.name

    def find(self, table: Table, fold: Fold, model: Model) -> Result | None:
        """The result, unless the rows, the model's version or its settings have changed since."""
        record = self.folder(table, fold, model) / "result.json"
        if not record.is_file():
            return None
        found = json.loads(record.read_text())
        if found["key"] != fingerprint(table, model):
            return None
        return Result(np.array(found["predicted"]), found["seconds"])

    def make(self, table: Table, fold: Fold, model: Model) -> Result:
        """The result, found or made now."""
        found = self.find(table, fold, model)
        if found:
            return found
        folder = self.folder(table, fold, model)
        folder.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        predicted = model.predict(table, fold, folder)
        seconds = time.perf_counter() - began
        record = {"key": fingerprint(table, model), "seconds": seconds}
        text = json.dumps(record | {"predicted": predicted.tolist()})
        (folder / "result.json").write_text(text)
        where = f"{table.name}, order {fold.order}, fold {fold.number}"
        print(f"{where}: {model.title} took {seconds:.1f} s", file=sys.stderr)
        return Result(predicted, seconds)


def fingerprint(table: Table, model: Model) -> str:
    """A hash of all that a result follows from."""
    rows = pd.util.hash_pandas_object(table.cells).to_numpy().tobytes()
    return hashlib.sha256(rows + model.key().encode()).hexdigest()
