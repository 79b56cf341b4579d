"""forewarn, used as anybody uses it: sweep a grid over train.csv, predict test.csv."""

import json
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tables import Fold, Table


@dataclass(frozen=True)
class Forewarn:
    """The binary with one grid file for all tables.

    Every choice, of trials, of their rounds and of the ensemble, is made within train.csv.
    """

    binary: Path
    grid: Path
    name: str = "forewarn"
    title: str = "forewarn"

    def key(self) -> str:
        """All but the rows that the predictions follow from."""
        return f"{self.version}\n{self.grid.read_text()}"

    @cached_property
    def version(self) -> str:
        """The first line of `forewarn --version`."""
        words = [self.binary, "--version"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def predict(self, table: Table, fold: Fold, folder: Path) -> np.ndarray:
        """The classes of the fold's test rows, as the run's ensemble predicts them."""
        train, test, grid = (folder / name for name in ("train.csv", "test.csv", "grid.json"))
        run, out = folder / "run", folder / "predicted.csv"
        write_rows(table, fold, train, test)
        grid.write_text(json.dumps(grid_for(self.grid, table, train)))
        self.call("sweep", grid, "--out", run, "--quiet", "--overwrite")
        ensemble = run / "ensemble"
        model = ensemble if ensemble.is_dir() else run
        self.call("predict", model, "--data", test, "--out", out, "--overwrite")
        predicted = pd.read_csv(out, dtype=str, keep_default_na=False)["predicted"].to_numpy(str)
        if (predicted == "").any():
            raise SystemExit(f"{out}: the grid's steps leave out rows, which cannot be scored")
        return predicted

    def call(self, *words: str | Path) -> None:
        """Run the binary; its failure ends the comparison."""
        done = subprocess.run([self.binary, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"forewarn {words[0]} failed:\n{done.stderr}")


def write_rows(table: Table, fold: Fold, train: Path, test: Path) -> None:
    """Write the fold's train rows, and its test rows without the target, as CSV files."""
    table.cells.iloc[fold.train].to_csv(train, index=False)
    table.cells.iloc[fold.test].drop(columns=table.target).to_csv(test, index=False)


def grid_for(path: Path, table: Table, train: Path) -> dict[str, Any]:
    """The grid file for a table: its own `data`, and the table's steps before all others."""
    grid = json.loads(path.read_text())
    grid["data"] = {
        "source": {"file": str(train.resolve())},
        "target": table.target,
        "features": table.features,
    }
    grid["steps"] = table.steps + grid["steps"]
    for variant in grid.get("variants", {}).values():
        if "replace_steps" in variant:
            variant["replace_steps"] = table.steps + variant["replace_steps"]
    del grid["$schema"]
    return grid
