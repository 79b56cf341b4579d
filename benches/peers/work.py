"""What the peers share: the grid, the prepared table, two workers, the curves as CSV, the figures.

A peer is a program: it reads a table and a grid, trains the grid with two worker processes of one
thread each, leaves its records in a folder, and prints one line of JSON that compare.py reads.
"""

import argparse
import csv
import itertools
import json
import multiprocessing
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np

WORKERS = 2
START_LIMIT_S = 600

CURVE_COLUMNS = [
    "hidden",
    "epochs",
    "learning_rate",
    "seed",
    "epoch",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_accuracy",
]


@dataclass(frozen=True)
class Trial:
    """One network to train."""

    hidden: tuple[int, ...]
    epochs: int
    learning_rate: float
    seed: int


@dataclass(frozen=True)
class Grid:
    """The axes of a grid file that the peers know."""

    hidden: list[tuple[int, ...]]
    epochs: list[int]
    learning_rate: list[float]
    seed: list[int]
    batch_size: int

    @property
    def trials(self) -> list[Trial]:
        """Every combination, the networks of one shape and length side by side."""
        axes = (self.hidden, self.epochs, self.seed, self.learning_rate)
        return [Trial(h, e, lr, s) for h, e, s, lr in itertools.product(*axes)]

    @property
    def model_epochs(self) -> int:
        """How many passes over the train rows the grid asks for."""
        return sum(trial.epochs for trial in self.trials)


@dataclass(frozen=True)
class Table:
    """The rows as a network takes them."""

    train_x: np.ndarray
    train_y: np.ndarray
    valid_x: np.ndarray
    valid_y: np.ndarray
    classes: int

    @property
    def inputs(self) -> int:
        """Values in a row."""
        return self.train_x.shape[1]


@dataclass(frozen=True)
class Arguments:
    """What a peer is asked to do."""

    table: Table
    grid: Grid
    out: Path
    cold: bool


@dataclass(frozen=True)
class Figures:
    """What a peer measured of itself."""

    model_epochs: int
    seconds: float
    first_epoch_s: float | None = None

    def print(self) -> None:
        """Tell compare.py, as the last line of the standard output."""
        print(json.dumps(asdict(self)))


def read_grid(grid: dict[str, Any]) -> Grid:
    """The grid of a parsed grid file; one that the peers cannot train is an error."""
    axes = grid["grid"]
    if axes["optimizer"] != ["adam"] or len(axes["batch_size"]) != 1:
        raise SystemExit("the peers train with adam and one batch size: change the grid file")
    return Grid(
        hidden=[tuple(widths) for widths in axes["hidden"]],
        epochs=axes["epochs"],
        learning_rate=axes["learning_rate"],
        seed=axes.get("seed", [0]),
        batch_size=axes["batch_size"][0],
    )


def arguments(description: str | None) -> Arguments:
    """The command line of a peer."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", type=Path, help="the prepared table (.npz, compare.py writes it)")
    parser.add_argument("grid", type=Path, help="the grid file")
    parser.add_argument("out", type=Path, help="the folder for the records; it must exist")
    parser.add_argument("--cold", action="store_true", help="time it with no warm-up before")
    parsed = parser.parse_args()
    with np.load(parsed.table) as arrays:
        rows = [arrays[name] for name in ("train_x", "train_y", "valid_x", "valid_y")]
        table = Table(*rows, classes=int(arrays["classes"]))
    return Arguments(table, read_grid(json.loads(parsed.grid.read_text())), parsed.out, parsed.cold)


def worker_pool(start: Callable[..., None], *args: Any) -> Pool:
    """Two fresh processes in each of which `start` has returned; `args` go to it.

    A `start` that fails breaks the barrier, which ends the peer; without that, the pool would start
    workers for ever.
    """
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(WORKERS + 1, timeout=START_LIMIT_S)
    pool = context.Pool(WORKERS, _start_worker, (ready, start, args))
    ready.wait()
    return pool


def _start_worker(ready: Any, start: Callable[..., None], args: tuple[Any, ...]) -> None:
    try:
        start(*args)
    except BaseException:
        ready.abort()
        raise
    ready.wait()


def write_curves(path: Path, rows: Iterable[list[Any]]) -> None:
    """Write rows of `CURVE_COLUMNS`."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CURVE_COLUMNS)
        writer.writerows(rows)


def curve_rows(trial: Trial, curve: Iterable[Iterable[float]]) -> list[list[Any]]:
    """The rows of one network, from its four figures an epoch."""
    hidden = "-".join(map(str, trial.hidden))
    key = [hidden, trial.epochs, trial.learning_rate, trial.seed]
    return [[*key, epoch, *figures] for epoch, figures in enumerate(curve, start=1)]
