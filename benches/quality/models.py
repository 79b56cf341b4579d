"""The models that are compared: each learns the train rows of a fold and predicts its test rows."""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from xgboost import XGBClassifier

from tables import Fold, Table, inputs


@dataclass(frozen=True)
class Forewarn:
    """The binary, used as anybody uses it: sweep a grid over train.csv, predict test.csv.

    All choices, of the trial, of its epoch and of an ensemble, are made within train.csv.
    """

    binary: Path
    grid: Path
    features: str
    name: str = "forewarn"
    folder: str = "forewarn"

    def key(self) -> str:
        """What the predictions follow from, beside the rows."""
        return f"{told_version(self.binary)}\n{self.grid.read_text()}"

    def predict(self, table: Table, fold: Fold, folder: Path) -> np.ndarray:
        """The classes of the fold's test rows."""
        train, test, out = (folder / name for name in ("train.csv", "test.csv", "predicted.csv"))
        table.cells.iloc[fold.train].to_csv(train, index=False)
        table.cells.iloc[fold.test].drop(columns=table.target).to_csv(test, index=False)
        run = folder / "run"
        self.call("sweep", self.grid, "--data", train, "--out", run, "--quiet", "--overwrite")
        several = run / "ensemble"
        model = several if (several / "model.json").is_file() else run
        self.call("predict", model, "--data", test, "--out", out, "--overwrite")
        predicted = pd.read_csv(out, dtype=str, keep_default_na=False)["predicted"].to_numpy(str)
        if (predicted == "").any():
            raise SystemExit(f"{out}: the grid's steps leave out rows, which would not be judged")
        return predicted

    def call(self, *words: str | Path) -> None:
        """Run the binary, and end where it fails."""
        done = subprocess.run([self.binary, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"forewarn {words[0]} failed:\n{done.stderr}")


@dataclass(frozen=True)
class Peer:
    """A classifier of another library, with its defaults but for its number of trees."""

    name: str
    package: str
    folder: str
    features: str
    classifier: Any

    def key(self) -> str:
        """What the predictions follow from, beside the rows."""
        settings = sorted(self.classifier.get_params().items(), key=str)
        return f"{self.package} {version(self.package)} {settings}"

    def predict(self, table: Table, fold: Fold, folder: Path) -> np.ndarray:
        """The classes of the fold's test rows."""
        rows = inputs(table, self.features)
        classes, labels = np.unique(table.actual, return_inverse=True)
        # A fit leaves its mark on the settings, which the key is made of.
        classifier = clone(self.classifier)
        classifier.fit(rows[fold.train], labels[fold.train])
        return classes[np.ravel(classifier.predict(rows[fold.test]))]


@cache
def told_version(binary: Path) -> str:
    """What the binary says that it is."""
    return subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout


def peers(features: str) -> list[Peer]:
    """Random forest, XGBoost and CatBoost on the same features."""
    threads = os.cpu_count() or 1
    forest = RandomForestClassifier(300, n_jobs=threads, random_state=0)
    xgboost = XGBClassifier(n_estimators=300, tree_method="hist", n_jobs=threads, random_state=0)
    catboost = CatBoostClassifier(
        iterations=500,
        thread_count=threads,
        random_state=0,
        verbose=False,
        allow_writing_files=False,
    )
    return [
        Peer("RandomForest(300)", "scikit-learn", "random_forest", features, forest),
        Peer("XGBoost(300)", "xgboost", "xgboost", features, xgboost),
        Peer("CatBoost(500)", "catboost", "catboost", features, catboost),
    ]
