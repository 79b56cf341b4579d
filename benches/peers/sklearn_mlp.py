"""scikit-learn's GridSearchCV over its MLPClassifier, n_jobs=2, on one split.

MLPClassifier trains with Adam in batches and keeps its train loss of every epoch. It can measure
valid rows each epoch only with early_stopping, on rows that it draws from the train rows itself; so
here the valid rows are scored once, at the end of a fit, and there are no curves on them. That is
less work than the other peers do, and favours this one. The record is GridSearchCV's cv_results_.

Timed: GridSearchCV.fit and writing the CSV. Not timed: starting joblib's workers and importing
scikit-learn there, which a fit of one epoch before does.
"""

import csv
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.neural_network import MLPClassifier

import work


class Quiet(MLPClassifier):
    """MLPClassifier without its warning that max_iter was reached, which is what is asked for."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Quiet":
        """Train for max_iter epochs."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return super().fit(X, y)


def main() -> None:
    """Train the grid and print the figures."""
    args = work.arguments(__doc__)
    if not args.cold:
        search(args, epochs=[1])
    began = time.perf_counter()
    results = search(args, args.grid.epochs)
    write_results(args.out / "cv_results.csv", results)
    seconds = time.perf_counter() - began
    work.Figures(args.grid.model_epochs, seconds).print()


def search(args: work.Arguments, epochs: list[int]) -> dict[str, Any]:
    """Fit the grid for so many epochs; its cv_results_."""
    table, grid = args.table, args.grid
    classifier = Quiet(
        solver="adam",
        batch_size=grid.batch_size,
        alpha=0.0,
        early_stopping=False,
        tol=0.0,
        n_iter_no_change=max(grid.epochs) + 1,
    )
    axes = {
        "hidden_layer_sizes": grid.hidden,
        "learning_rate_init": grid.learning_rate,
        "max_iter": epochs,
        "random_state": grid.seed,
    }
    fold = np.repeat([-1, 0], [len(table.train_y), len(table.valid_y)])
    grid_search = GridSearchCV(
        classifier,
        axes,
        n_jobs=work.WORKERS,
        cv=PredefinedSplit(fold),
        refit=False,
        error_score="raise",
    )
    grid_search.fit(
        np.concatenate([table.train_x, table.valid_x]),
        np.concatenate([table.train_y, table.valid_y]),
    )
    return grid_search.cv_results_


def write_results(path: Path, results: dict[str, Any]) -> None:
    """Write one row a trial."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(results)
        writer.writerows(zip(*results.values()))


if __name__ == "__main__":
    main()
