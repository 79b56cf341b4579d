"""Made tables of six classes, for families.py."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification

CLASSES = 6
# The share of a table that forewarn trains on; the rest are its valid and test rows.
TRAIN_SHARE = 0.8


@dataclass(frozen=True)
class Rows:
    """A table as a CSV file and as arrays: as many rows as forewarn trains on, and the others."""

    path: Path
    cells: np.ndarray
    labels: np.ndarray
    other_cells: np.ndarray
    other_labels: np.ndarray


def make_rows(folder: Path, rows: int, columns: int, missing: float) -> Rows:
    """A table of which forewarn trains on `rows` rows, with this share of missing cells."""
    total = round(rows / TRAIN_SHARE)
    cells, labels = make_classification(
        total,
        columns,
        n_informative=min(columns, 12) - 2,
        n_redundant=2,
        n_classes=CLASSES,
        flip_y=0.05,
        random_state=0,
    )
    generator = np.random.default_rng(0)
    cells = np.round(cells, 4)
    cells[generator.random(cells.shape) < missing] = np.nan
    path = folder / f"{rows}_{columns}.csv"
    frame = pd.DataFrame(cells).add_prefix("x")
    frame.assign(label=np.char.add("c", labels.astype(str))).to_csv(path, index=False)
    return Rows(path, cells[:rows], labels[:rows], cells[rows:], labels[rows:])
