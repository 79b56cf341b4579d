"""The classifiers of other libraries, with their defaults but for the number of trees."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from xgboost import XGBClassifier

from tables import Fold, Table

THREADS = os.cpu_count() or 1


@dataclass(frozen=True)
class Peer:
    """A classifier of another library."""

    name: str
    title: str
    package: str
    make: Callable[[], Any]

    def key(self) -> str:
        """All but the rows that the predictions follow from."""
        settings = sorted(self.make().get_params().items(), key=str)
        return f"{self.package} {version(self.package)} {settings}"

    def predict(self, table: Table, fold: Fold, folder: Path) -> np.ndarray:
        """The classes of the fold's test rows."""
        classes, labels = np.unique(table.actual, return_inverse=True)
        classifier = self.make()
        classifier.fit(table.inputs[fold.train], labels[fold.train])
        return classes[np.ravel(classifier.predict(table.inputs[fold.test]))]


def random_forest() -> RandomForestClassifier:
    return RandomForestClassifier(300, n_jobs=THREADS, random_state=0)


def extra_trees() -> ExtraTreesClassifier:
    return ExtraTreesClassifier(300, n_jobs=THREADS, random_state=0)


def xgboost() -> XGBClassifier:
    return XGBClassifier(n_estimators=300, tree_method="hist", n_jobs=THREADS, random_state=0)


def lightgbm() -> LGBMClassifier:
    return LGBMClassifier(n_estimators=300, n_jobs=THREADS, random_state=0, verbose=-1)


def catboost() -> CatBoostClassifier:
    return CatBoostClassifier(
        iterations=500,
        thread_count=THREADS,
        random_state=0,
        verbose=False,
        allow_writing_files=False,
    )


PEERS = [
    Peer("random_forest", "RandomForest(300)", "scikit-learn", random_forest),
    Peer("extra_trees", "ExtraTrees(300)", "scikit-learn", extra_trees),
    Peer("xgboost", "XGBoost(300)", "xgboost", xgboost),
    Peer("lightgbm", "LightGBM(300)", "lightgbm", lightgbm),
    Peer("catboost", "CatBoost(500)", "catboost", catboost),
]
