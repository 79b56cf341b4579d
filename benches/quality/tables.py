"""The tables that are compared on, what the models see of them, and the folds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
AI4I_NUMBERS = [AIR, PROCESS, SPEED, TORQUE, WEAR]

# What AI4I's failure rules speak of: the `derive` step of forewarn that `physics_columns` equals.
PHYSICS = {
    "temperature_difference_k": "process_temperature - air_temperature",
    "power_w": "torque * rotational_speed * 2 * pi() / 60",
    "strain_nm_min": "tool_wear * torque",
}

# The class of a steel plate stands in seven columns of 0 and 1 of which one is 1.
STEEL_FAULTS = [
    "Pastry_Fault",
    "Z_Scratch_Fault",
    "K_Scatch_Fault",
    "Stains_Fault",
    "Dirtiness_Fault",
    "Bumps_Fault",
    "Other_Faults",
]
STEEL_TARGET = "Fault"


@dataclass(frozen=True)
class Table:
    """A table as text, its target, and the features of both sides."""

    name: str
    cells: pd.DataFrame
    target: str
    features: list[str]
    # The features of the other models: `[rows, features]`, in 64 bits.
    inputs: np.ndarray
    # Steps that stand before those of the grid file, so that forewarn sees the same.
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def actual(self) -> np.ndarray:
        """The class of each row, written as forewarn writes it: `1.0` is `1`."""
        return np.array([written(cell) for cell in self.cells[self.target]])


@dataclass(frozen=True)
class Fold:
    """The rows of one fold, held out in one of the orders of the rows."""

    order: int
    number: int
    train: np.ndarray
    test: np.ndarray


def ai4i_raw(path: Path) -> Table:
    """AI4I 2020 as Kaggle has it, without UDI, Product ID, and Target, which is a leak."""
    cells = read(path, ["Failure Type", QUALITY, *AI4I_NUMBERS])
    return Table("ai4i_raw", cells, "Failure Type", [QUALITY, *AI4I_NUMBERS], raw_columns(cells))


def ai4i_physics(path: Path) -> Table:
    """The same with the three quantities of its failure rules."""
    raw = ai4i_raw(path)
    inputs = np.hstack([raw.inputs, physics_columns(raw.cells)])
    steps = [{"derive": PHYSICS}]
    return Table("ai4i_physics", raw.cells, raw.target, raw.features, inputs, steps)


def motor(path: Path) -> Table:
    """Motor failures: every column but the target is a number and a feature."""
    target = "Motor Fails"
    return all_numbers("motor", read(path, [target]), target)


def steel(path: Path) -> Table:
    """Faults of steel plates."""
    cells = read(path, STEEL_FAULTS)
    flags = cells[STEEL_FAULTS].to_numpy(np.float64)
    if (flags.sum(axis=1) != 1).any():
        raise SystemExit(f"{path}: each row must have a 1 in one of {', '.join(STEEL_FAULTS)}")
    faults = np.array(STEEL_FAULTS)[flags.argmax(axis=1)]
    cells = cells.drop(columns=STEEL_FAULTS).assign(**{STEEL_TARGET: faults})
    return all_numbers("steel", cells, STEEL_TARGET)


TABLES: dict[str, Callable[[Path], Table]] = {
    "ai4i_raw": ai4i_raw,
    "ai4i_physics": ai4i_physics,
    "motor": motor,
    "steel": steel,
}


def read(path: Path, columns: list[str]) -> pd.DataFrame:
    """A CSV file as text; a column that is not there is an error."""
    cells = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    missing = [column for column in columns if column not in cells]
    if missing:
        raise SystemExit(f"{path} has no column {missing[0]!r}")
    return cells


def all_numbers(name: str, cells: pd.DataFrame, target: str) -> Table:
    """A table whose features are all columns but the target, numbers all of them."""
    inputs = cells.drop(columns=target)
    return Table(name, cells, target, list(inputs), inputs.to_numpy(np.float64))


def raw_columns(cells: pd.DataFrame) -> np.ndarray:
    """AI4I's readings, and the product's quality as 0, 1, 2."""
    quality = cells[QUALITY].str.strip().map({"L": 0, "M": 1, "H": 2}).to_numpy(np.float64)
    return np.column_stack([quality, cells[AI4I_NUMBERS].to_numpy(np.float64)])


def physics_columns(cells: pd.DataFrame) -> np.ndarray:
    """The difference of the temperatures, the power, and wear times torque."""
    air, process, speed, torque, wear = cells[AI4I_NUMBERS].to_numpy(np.float64).T
    return np.column_stack([process - air, torque * speed * 2 * np.pi / 60, wear * torque])


def written(cell: str) -> str:
    """A class without spaces around it, a number in its shortest form."""
    try:
        return f"{float(cell):g}"
    except ValueError:
        return cell.strip()


def folds(table: Table, orders: list[int], numbers: list[int]) -> list[Fold]:
    """The stratified folds of these numbers, in each of these orders of the rows."""
    actual = table.actual
    return [
        Fold(order, number, train, test)
        for order in orders
        for number, (train, test) in enumerate(
            StratifiedKFold(FOLDS, shuffle=True, random_state=order).split(actual, actual)
        )
        if number in numbers
    ]
