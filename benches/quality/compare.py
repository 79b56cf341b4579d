"""Compares the quality of forewarn's networks with tree ensembles; prints a Markdown table a data set.

Each of five stratified folds is held out in turn, in so many orders of the rows as --repeats says.
A model learns from the other rows alone, choices of hyperparameters among them, and predicts the
rows held out. The scores are of all rows of the table together, each predicted once, and then the
means of the repeats. The seconds are those of learning from and predicting one fold, with all
cores. Models are timed one after another; two at a time on half the cores took as long.

What has been predicted lies in the folder of --out, and is not done again by the next call unless
the table, the grid file, the version of the model or its settings have changed. The tables and the
predictions (ai4i.csv, motor.csv) are written there too.

    pip install --no-deps -r benches/quality/requirements.txt
    python benches/quality/compare.py --ai4i predictive_maintenance.csv --motor motor.csv
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# OpenMP's threads spin while they wait, and take a shared core from the thread that works: on two
# cores beside other work XGBoost took ten times as long. Read when a library is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

import tables
from models import Forewarn, Peer, peers
from tables import Fold, Table

ROOT = Path(__file__).resolve().parents[2]

# The features of each table: their name, and that of the grid file.
FEATURES = {
    "ai4i": {"raw": "quality_raw.json", "physics": "quality_physics.json"},
    "motor": {"raw": "quality_motor.json"},
}

HEADER = [
    "| model | features | macro-F1 | MCC | accuracy | seconds a fold |",
    "|---|---|--:|--:|--:|--:|",
]

# What stands in its columns 3 to 5.
SCORES: list[Callable[[np.ndarray, np.ndarray], float]] = [
    lambda actual, predicted: f1_score(actual, predicted, average="macro"),
    matthews_corrcoef,
    accuracy_score,
]

Model = Forewarn | Peer


@dataclass(frozen=True)
class Done:
    """What a model made of one fold."""

    predicted: np.ndarray
    seconds: float


def main() -> None:
    """Predict what is not predicted yet, print and write the tables."""
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    given = [
        tables.ai4i(args.ai4i or ROOT / "data/ai4i_synthetic.csv"),
        tables.motor(args.motor or made_motor(args)),
    ]
    texts = [compare(table, args) for table in given if args.table in (None, table.name)]
    text = "\n".join(filter(None, texts))
    (args.out / "quality.md").write_text(text)
    print(text, end="")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--forewarn", type=Path, default=ROOT / "target/debug/forewarn", help="the binary"
    )
    parser.add_argument("--ai4i", type=Path, help="the AI4I 2020 table [default: the embedded one]")
    parser.add_argument("--motor", type=Path, help="the motor's table [default: a generated one]")
    parser.add_argument("--grids", type=Path, default=ROOT / "grids", help="the grid files' folder")
    parser.add_argument("--out", type=Path, default=ROOT / "outputs/quality", help="a folder")
    parser.add_argument("--repeats", type=int, default=2, help="orders of the rows [default: 2]")
    parser.add_argument("--table", choices=FEATURES, help="only this table")
    parser.add_argument(
        "--only",
        choices=["forewarn", "peers"],
        help="train these alone; of the others what is there already is shown",
    )
    parser.add_argument(
        "--features", choices=["raw", "physics"], help="train on these alone, likewise"
    )
    args = parser.parse_args()
    args.forewarn = args.forewarn.resolve()
    if not args.forewarn.is_file():
        raise SystemExit(f"{args.forewarn} is not there: run cargo build, or give --forewarn PATH")
    return args


def made_motor(args: argparse.Namespace) -> Path:
    """A generated table of the motor's shape."""
    path = args.out / "motor_synthetic.csv"
    words = ["synth", "motor", "--rows", "1000", "--seed", "42", "--out", path, "--overwrite"]
    subprocess.run([args.forewarn, *words], check=True, stdout=subprocess.DEVNULL)
    return path


def compare(table: Table, args: argparse.Namespace) -> str:
    """The Markdown table of one table of data, and its predictions as CSV."""
    folds = tables.folds(table, args.repeats)
    held_out = [
        pd.DataFrame(
            {"repeat": fold.repeat, "fold": fold.number, "row": fold.test + 1}
            | {"actual": table.actual[fold.test]}
        )
        for fold in folds
    ]
    predictions = pd.concat(held_out, ignore_index=True)
    lines = []
    for features, grid in FEATURES[table.name].items():
        for model in [Forewarn(args.forewarn, args.grids / grid, features), *peers(features)]:
            wanted = args.features in (None, features)
            wanted &= args.only in (None, "forewarn" if isinstance(model, Forewarn) else "peers")
            done = [done_on(table, fold, model, args.out, wanted) for fold in folds]
            if all(done):
                column = f"{model.name} {features}"
                predictions[column] = np.concatenate([fold.predicted for fold in done])
                lines.append(line(model, predictions, done))
    if not lines:
        return ""
    predictions.sort_values(["repeat", "row"]).to_csv(args.out / f"{table.name}.csv", index=False)
    title = f"{table.name}: {len(table.cells)} rows, {tables.FOLDS} folds, {args.repeats} repeat(s)"
    return "\n".join([title, "", *HEADER, *lines]) + "\n"


def line(model: Model, predictions: pd.DataFrame, done: list[Done]) -> str:
    """A model's row of the Markdown table."""
    column = f"{model.name} {model.features}"
    repeats = [rows for _, rows in predictions.groupby("repeat")]
    scores = [
        statistics.mean(score(rows["actual"], rows[column]) for rows in repeats) for score in SCORES
    ]
    seconds = statistics.mean(fold.seconds for fold in done)
    figures = " | ".join(f"{score:.4f}" for score in scores)
    return f"| {model.name} | {model.features} | {figures} | {seconds:.1f} |"


def done_on(table: Table, fold: Fold, model: Model, out: Path, wanted: bool) -> Done | None:
    """What a model made of a fold: found, or made now where it is wanted."""
    folder = out / table.name / fold.name / f"{model.folder}_{model.features}"
    record = folder / "done.json"
    rows = pd.util.hash_pandas_object(table.cells).to_numpy().tobytes()
    key = hashlib.sha256(rows + model.key().encode()).hexdigest()
    if record.is_file():
        found = json.loads(record.read_text())
        if found["key"] == key:
            return Done(np.array(found["predicted"]), found["seconds"])
    if not wanted:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    predicted = model.predict(table, fold, folder)
    seconds = time.perf_counter() - began
    record.write_text(
        json.dumps({"key": key, "seconds": seconds, "predicted": predicted.tolist()})
    )
    what = f"{table.name} {fold.name} {model.name} {model.features}"
    print(f"{what}: {seconds:.1f} s", file=sys.stderr)
    return Done(predicted, seconds)


if __name__ == "__main__":
    main()
