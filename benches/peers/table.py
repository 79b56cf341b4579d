"""Prepares the table of the reference work for the peers: 8 inputs, 7,000 and 1,500 rows."""

import csv
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

TARGET = "Failure Type"
CATEGORY = "Type"
NUMBERS = [
    "Air temperature [K]",
    "Process temperature [K]",
    "Rotational speed [rpm]",
    "Torque [Nm]",
    "Tool wear [min]",
]


def prepare(source: Path, out: Path, seed: int) -> None:
    """Read a CSV file of the AI4I columns and write the split, encoded rows as an .npz file."""
    columns = read(source)
    classes, labels = np.unique(columns[TARGET], return_inverse=True)
    categories = np.unique(columns[CATEGORY])
    one_hot = columns[CATEGORY][:, None] == categories
    numbers = np.stack([columns[name].astype(np.float64) for name in NUMBERS], axis=1)
    train, rest = train_test_split(
        np.arange(len(labels)), train_size=0.7, stratify=labels, random_state=seed
    )
    valid, _ = train_test_split(rest, train_size=0.5, stratify=labels[rest], random_state=seed)
    scaled = (numbers - numbers[train].mean(axis=0)) / numbers[train].std(axis=0)
    inputs = np.concatenate([one_hot, scaled], axis=1).astype(np.float32)
    np.savez(
        out,
        train_x=inputs[train],
        train_y=labels[train],
        valid_x=inputs[valid],
        valid_y=labels[valid],
        classes=len(classes),
    )


def read(source: Path) -> dict[str, np.ndarray]:
    """The columns that are needed, as text; names match on letters and digits alone."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    places = {letters(name): place for place, name in enumerate(header)}
    missing = [name for name in [TARGET, CATEGORY, *NUMBERS] if letters(name) not in places]
    if missing:
        raise SystemExit(f"{source} has no column {missing[0]!r}: give the AI4I table with --data")
    return {
        name: np.array([line[places[letters(name)]].strip() for line in lines])
        for name in [TARGET, CATEGORY, *NUMBERS]
    }


def letters(name: str) -> str:
    """The letters and digits of a name, in lower case."""
    return "".join(character for character in name.lower() if character.isalnum())
