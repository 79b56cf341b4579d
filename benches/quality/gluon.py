"""AutoGluon, in a Python of its own: its packages want other versions than the peers', and 2 GB."""

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from own import Forewarn, write_rows
from results import Store
from tables import Fold, Table

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class AutoGluon:
    """AutoGluon's best_quality for MCC, in the seconds that forewarn took on the same fold."""

    python: Path
    store: Store
    forewarn: Forewarn
    name: str = "autogluon"
    title: str = "AutoGluon, best_quality"

    def key(self) -> str:
        """All but the rows and the seconds that the predictions follow from."""
        return f"autogluon {self.version} best_quality mcc"

    @cached_property
    def version(self) -> str:
        """The version of AutoGluon's package."""
        ask = "from importlib.metadata import version; print(version('autogluon.tabular'))"
        return subprocess.check_output([self.python, "-c", ask], text=True)

    def predict(self, table: Table, fold: Fold, folder: Path) -> np.ndarray:
        """The classes of the fold's test rows, from the columns that forewarn's steps make too."""
        own = self.store.make(table, fold, self.forewarn)
        train, test, out = (folder / name for name in ("train.csv", "test.csv", "predicted.csv"))
        columns = pd.DataFrame(table.inputs).add_prefix("x")
        seen = Table(table.name, columns.assign(target=table.actual), "target", [], table.inputs)
        write_rows(seen, fold, train, test)
        program = HERE / "gluon_fold.py"
        limit = str(max(1, round(own.seconds)))
        words = [self.python, program, train, test, out, folder / "models", limit]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"AutoGluon failed:\n{done.stderr}")
        return pd.read_csv(out, dtype=str, keep_default_na=False)["target"].to_numpy(str)
