"""Times forewarn's families beside their Python peers, in turns, and prints a Markdown table.

- forest: a random forest of 100 trees, fitted with two cores, beside scikit-learn's; on 10,000 x 8
  rows, and on 60,000 x 170 of which 9 % of the cells are missing. Both sides fit, and then measure
  the log loss and the accuracy of train rows and of a quarter as many others.
- boosting: 200 iterations with one thread beside LightGBM's Python package, measured likewise.
- neighbours: whole processes, from exec to exit, that read a table, predict its classes from the
  five nearest rows of another, and write them; the answers are compared.
- grid: 200 forests and 200 boosters, ten settings of 20 lengths, beside GridSearchCV (n_jobs=2)
  over the same; forewarn as a whole process, GridSearchCV with its workers up and its modules
  imported. forewarn measures the shorter models on its way to the longest, and trains that alone.

Before every run of a peer forewarn runs, and their ratio is that of such neighbours, so that what
slows the machine down slows both.

    pip install --no-deps -r benches/peers/requirements.txt
    python benches/peers/families.py
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Spinning threads of OpenMP take a shared core from the thread that works. Read at the import.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import lightgbm
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV, PredefinedSplit

from made_rows import CLASSES, TRAIN_SHARE, Rows, make_rows

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CORES = 2
TREES = 100
ITERATIONS = 200
LENGTHS = list(range(10, 201, 10))


@dataclass(frozen=True)
class Bench:
    """The binary, a folder for what is made, and how much to do."""

    forewarn: Path
    folder: Path
    rounds: int
    quick: bool


@dataclass(frozen=True)
class Work:
    """The same work on both sides; each call returns its seconds."""

    title: str
    forewarn: Callable[[], float]
    peer: Callable[[], float]


def main() -> None:
    """Run the works and print a row of each."""
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="forewarn-families-") as folder:
        rounds = 1 if args.quick else args.rounds
        bench = Bench(args.forewarn.resolve(), Path(folder), rounds, args.quick)
        print("| work | forewarn, s | peer, s | forewarn is … times as fast |\n|---|--:|--:|--:|")
        for name in args.work or WORKS:
            for work in WORKS[name](bench):
                print(row(work, bench.rounds), flush=True)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    binary = ROOT / "target/debug/forewarn"
    parser.add_argument("--forewarn", type=Path, default=binary, help="the binary")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each [default: 3]")
    parser.add_argument("--work", action="append", choices=WORKS, help="only this; again for more")
    parser.add_argument("--quick", action="store_true", help="one small round, to see it work")
    args = parser.parse_args()
    if not args.forewarn.is_file():
        raise SystemExit(f"{args.forewarn} is not there: run cargo build, or give --forewarn PATH")
    return args


def row(work: Work, rounds: int) -> str:
    """The medians of the neighbouring runs, and of their ratios."""
    pairs = []
    for number in range(1, rounds + 1):
        print(f"{work.title}: round {number} of {rounds}", file=sys.stderr)
        pairs.append((work.forewarn(), work.peer()))
    own, peer = (spread([pair[side] for pair in pairs]) for side in (0, 1))
    ratio = statistics.median(peer / own for own, peer in pairs)
    return f"| {work.title} | {own} | {peer} | {ratio:.2f} |"


def spread(values: list[float]) -> str:
    """Median, minimum and maximum."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def some_rows(bench: Bench, rows: int, columns: int, missing: float = 0.0) -> Rows:
    """A made table; of a smoke run a twentieth of it."""
    return make_rows(bench.folder, rows // 20 if bench.quick else rows, columns, missing)


def sweep(bench: Bench, rows: Rows, variants: dict[str, Any], jobs: int) -> Path:
    """The folder of a run of these variants."""
    grid = {
        "name": "families",
        "seed": 1,
        "data": {"source": {"file": str(rows.path)}, "target": "label"},
        "steps": [],
        "split": {"shares": {"train": TRAIN_SHARE, "valid": 0.1, "test": 0.1}},
        "variants": variants,
        "rank_by": "valid_accuracy",
        # A model is evaluated where its trial ends, as a peer's is.
        "restore_best_weights": False,
        "curve_every": 1000,
    }
    path, out = bench.folder / "grid.json", bench.folder / "run"
    path.write_text(json.dumps(grid))
    call([bench.forewarn, "sweep", path, "--out", out, "--jobs", jobs, "--quiet", "--overwrite"])
    return out


def call(words: list[Any]) -> None:
    """Run a command; its failure ends the benchmark with what it said."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{done.stderr}\n{' '.join(map(str, words))} failed")


def timed(action: Callable[[], Any]) -> float:
    """Its seconds."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def trial_seconds(bench: Bench, rows: Rows, variant: dict[str, Any], jobs: int) -> float:
    """The seconds of the one trial of a variant."""
    out = sweep(bench, rows, {"it": variant}, jobs)
    return float(pd.read_csv(out / "trials.csv")["seconds"].iloc[0])


def score(predict: Callable[[np.ndarray], Any], rows: Rows) -> None:
    """What forewarn measures of a trial: log loss and accuracy of the rows of its parts."""
    parts = [(rows.cells, rows.labels), (rows.other_cells, rows.other_labels)]
    for cells, labels in parts:
        probabilities = np.asarray(predict(cells))
        log_loss(labels, probabilities)
        accuracy_score(labels, probabilities.argmax(axis=1))


def forests(bench: Bench) -> list[Work]:
    """Random forests, narrow and wide."""
    variant = {"family": "random_forest", "grid": {"n_estimators": [TREES]}}

    def work(title: str, rows: Rows) -> Work:
        forest = RandomForestClassifier(TREES, n_jobs=CORES, random_state=0)
        return Work(
            f"forest of {TREES} trees, {title}",
            lambda: trial_seconds(bench, rows, variant, CORES),
            lambda: timed(lambda: score(forest.fit(rows.cells, rows.labels).predict_proba, rows)),
        )

    return [
        work("10,000 x 8", some_rows(bench, 10_000, 8)),
        work("60,000 x 170, 9 % missing", some_rows(bench, 60_000, 170, 0.09)),
    ]


def boosting(bench: Bench) -> list[Work]:
    """Gradient boosting with one thread."""
    rows = some_rows(bench, 10_000, 8)
    variant = {"family": "gradient_boosting", "grid": {"num_iterations": [ITERATIONS]}}
    settings = {
        "objective": "multiclass",
        "num_class": CLASSES,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }

    def fit() -> None:
        data = lightgbm.Dataset(rows.cells, rows.labels)
        score(lightgbm.train(settings, data, ITERATIONS).predict, rows)

    return [
        Work(
            f"boosting, {ITERATIONS} iterations, 10,000 x 8",
            lambda: trial_seconds(bench, rows, variant, 1),
            lambda: timed(fit),
        )
    ]


def neighbours(bench: Bench) -> list[Work]:
    """The five nearest of 20,000 rows, for 5,000 others."""
    return [nearest(bench, columns) for columns in (8, 30)]


def nearest(bench: Bench, columns: int) -> Work:
    """Both sides as whole processes, on the same two CSV files."""
    rows = some_rows(bench, 20_000, columns)
    variant = {"family": "knn", "grid": {"n_neighbors": [5]}}
    model = bench.folder / f"knn_{columns}"
    sweep(bench, rows, {"it": variant}, CORES).rename(model)
    queries, own, peer = (bench.folder / f"{name}_{columns}.csv" for name in ("ask", "own", "peer"))
    cells = pd.read_csv(rows.path).drop(columns="label")
    cells.sample(len(rows.labels) // 4, random_state=0).to_csv(queries, index=False)
    program = [sys.executable, HERE / "sklearn_neighbours.py", model / "best", queries, peer]
    words = [bench.forewarn, "predict", model, "--data", queries, "--out", own, "--overwrite"]

    def run_peer() -> float:
        seconds = timed(lambda: call(program))
        print_difference(own, peer)
        return seconds

    title = f"5 neighbours of 20,000 x {columns} for 5,000 rows"
    return Work(title, lambda: timed(lambda: call(words)), run_peer)


def print_difference(own: Path, peer: Path) -> None:
    """Print how far apart the probabilities of the two sides are."""
    columns = [f"probability_c{label}" for label in range(CLASSES)]
    one, other = (pd.read_csv(path)[columns].to_numpy() for path in (own, peer))
    largest = np.abs(one - other).max()
    print(f"  largest difference of a probability: {largest:.1e}", file=sys.stderr)


def grids(bench: Bench) -> list[Work]:
    """200 forests and 200 boosters over their lengths."""
    rows = some_rows(bench, 10_000, 8)
    lengths = LENGTHS[:3] if bench.quick else LENGTHS
    forest = {"n_estimators": lengths, "min_samples_leaf": [1, 2, 3, 5, 8]}
    boosted = {"num_leaves": [7, 15, 31, 63, 127], "learning_rate": [0.05, 0.1]}
    variants = {
        "forest": {"family": "random_forest", "grid": forest | {"max_features": ["sqrt", "all"]}},
        "boosting": {"family": "gradient_boosting", "grid": boosted | {"num_iterations": lengths}},
    }
    # scikit-learn's None is forewarn's "all".
    searches = [
        (RandomForestClassifier(random_state=0), forest | {"max_features": ["sqrt", None]}),
        (lightgbm.LGBMClassifier(n_jobs=1, verbose=-1), boosted | {"n_estimators": lengths}),
    ]

    def search() -> None:
        for classifier, axes in searches:
            search_grid(rows, classifier, axes)

    # One fit of each brings the workers up.
    for classifier, axes in searches:
        search_grid(rows, classifier, {name: values[:1] for name, values in axes.items()})
    return [
        Work(
            "grid of 200 forests and 200 boosters",
            lambda: timed(lambda: sweep(bench, rows, variants, CORES)),
            lambda: timed(search),
        )
    ]


def search_grid(rows: Rows, classifier: Any, axes: dict[str, list[Any]]) -> None:
    """GridSearchCV on one split with forewarn's share of valid rows."""
    count = len(rows.labels)
    cells = np.concatenate([rows.cells, rows.cells[: count // 8]])
    labels = np.concatenate([rows.labels, rows.labels[: count // 8]])
    split = PredefinedSplit(np.repeat([-1, 0], [count, count // 8]))
    GridSearchCV(classifier, axes, n_jobs=CORES, cv=split, refit=False).fit(cells, labels)


WORKS: dict[str, Callable[[Bench], list[Work]]] = {
    "forest": forests,
    "boosting": boosting,
    "neighbours": neighbours,
    "grid": grids,
}

if __name__ == "__main__":
    main()
