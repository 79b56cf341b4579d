"""Writes explore.json: what pandas says of some tables of random cells.

Run it with pandas and numpy installed: python tests/golden/explore.py
"""

import io
import json
import pathlib

import numpy as np
import pandas as pd

SEED = 20261123
ROWS = [1, 2, 7, 60, 1300]


def draw_table(rng, rows):
    """Columns of every sort: even, skewed, whole, with gaps, following another, constant, text."""
    even = rng.normal(300, 2, rows).round(1)
    skewed = rng.lognormal(3, 1.5, rows).round(3)
    table = pd.DataFrame(
        {
            "even": even,
            "skewed": skewed,
            "whole": rng.integers(0, 9, rows),
            "large": rng.normal(1e9, 3, rows).round(2),
            "follows": (2 * even + rng.normal(0, 1, rows)).round(4),
            "gaps": np.where(rng.random(rows) < 0.3, np.nan, skewed),
            "other_gaps": np.where(rng.random(rows) < 0.4, np.nan, even.round()),
            "constant": 7.0,
            "label": rng.choice(["L", "M", "H"], rows, p=[0.6, 0.3, 0.1]),
        }
    )
    table.loc[rng.random(rows) < 0.1, "label"] = None
    repeated = table.sample(frac=0.2, random_state=rng.integers(1 << 30))
    return pd.concat([table, repeated], ignore_index=True)


def outliers(column):
    """How many values lie beyond 1.5 interquartile ranges from the quartiles."""
    low, high = column.quantile(0.25), column.quantile(0.75)
    reach = 1.5 * (high - low)
    return int(((column < low - reach) | (column > high + reach)).sum())


def plain(values):
    """Numbers that JSON can hold."""
    return {key: None if np.isnan(value) else float(value) for key, value in values.items()}


def expected(table):
    """What pandas says."""
    numbers = table.select_dtypes("number")
    varying = numbers.loc[:, numbers.nunique() > 1]
    # Around their means: pandas' corr loses digits where these are far from 0.
    varying = varying - varying.mean()
    described = {name: plain(column.describe().to_dict()) for name, column in numbers.items()}
    return {
        "rows": len(table),
        "missing": table.isna().sum().to_dict(),
        "distinct": table.nunique().to_dict(),
        "described": described,
        "outliers": {name: outliers(column) for name, column in numbers.items()},
        "duplicates": int(table.duplicated().sum()),
        "labels": table["label"].value_counts().to_dict(),
        "correlations": {name: plain(line) for name, line in varying.corr().to_dict().items()},
    }


def main():
    rng = np.random.default_rng(SEED)
    cases = []
    for rows in ROWS:
        text = draw_table(rng, rows).to_csv(index=False)
        read = pd.read_csv(io.StringIO(text))
        cases.append(json.dumps({"csv": text, "expected": expected(read)}, allow_nan=False))
    versions = json.dumps({"pandas": pd.__version__, "numpy": np.__version__})
    head = f'{{"versions":{versions},"seed":{SEED},"cases":[\n'
    path = pathlib.Path(__file__).with_name("explore.json")
    path.write_text(head + ",\n".join(cases) + "\n]}\n")


if __name__ == "__main__":
    main()
