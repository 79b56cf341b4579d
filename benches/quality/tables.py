"""The two tables, the features that the models see of them, and the folds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

FOLDS = 5

AIR = "Air temperature [K]"
PROCESS = "Process temperature [K]"
SPEED = "Rotational speed [rpm]"
TORQUE = "Torque [Nm]"
WEAR = "Tool wear [min]"
QUALITY = "Type"


@dataclass(frozen=True)
class Table:
    """A table as text, as the file has it, and what is to be learnt of it."""

    name: str
    cells: pd.DataFrame
    target: str

    @property
    def actual(self) -> np.ndarray:
        """The class of each row, written as forewarn writes it: `1.0` is `1`."""
        return np.array([written(cell) for cell in self.cells[self.target]])


@dataclass(frozen=True)
class Fold:
    """One part of the rows held out, in one of the orders of the rows."""

    repeat: int
    number: int
    train: np.ndarray
    test: np.ndarray

    @property
    def name(self) -> str:
        """The folder of what is made on it."""
        return f"repeat{self.repeat}_fold{self.number}"


def ai4i(path: Path) -> Table:
    """AI4I 2020, as Kaggle has it."""
    return read("ai4i", path, "Failure Type", [QUALITY, AIR, PROCESS, SPEED, TORQUE, WEAR])


def motor(path: Path) -> Table:
    """The motor: every column but the target is a number and a feature."""
    return read("motor", path, "Motor Fails", [])


def read(name: str, path: Path, target: str, columns: list[str]) -> Table:
    """A CSV file as text; a column that is not there is an error."""
    cells = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    missing = [column for column in [target, *columns] if column not in cells]
    if missing:
        raise SystemExit(f"{path} has no column {missing[0]!r}, which the {name} table has")
    return Table(name, cells, target)


def written(cell: str) -> str:
    """A class without spaces around, a number in its shortest form."""
    try:
        return f"{float(cell):g}"
    except ValueError:
        return cell.strip()


def inputs(table: Table, features: str) -> np.ndarray:
    """What the other models see: `[rows, inputs]`, in 64 bits.

    The identifiers UDI and Product ID, and Target, which gives the failure away, are never in it.
    """
    if table.name == "motor":
        return table.cells.drop(columns=table.target).to_numpy(np.float64)
    place = table.cells[QUALITY].str.strip().map({"L": 0, "M": 1, "H": 2}).to_numpy(np.float64)
    air, process, speed, torque, wear = (
        table.cells[name].to_numpy(np.float64) for name in [AIR, PROCESS, SPEED, TORQUE, WEAR]
    )
    columns = [place, air, process, speed, torque, wear]
    if features == "physics":
        columns += [process - air, torque * speed * 2 * np.pi / 60, wear * torque]
    return np.stack(columns, axis=1)


def folds(table: Table, repeats: int) -> list[Fold]:
    """Stratified folds of the rows, dealt anew in each repeat."""
    actual = table.actual
    return [
        Fold(repeat, number, train, test)
        for repeat in range(repeats)
        for number, (train, test) in enumerate(
            StratifiedKFold(FOLDS, shuffle=True, random_state=repeat).split(actual, actual)
        )
    ]
