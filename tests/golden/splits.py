"""Writes splits.json, the folds that scikit-learn cuts rows into by time and by group.

Run it with scikit-learn and numpy installed: python tests/golden/splits.py
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.model_selection import GroupKFold, TimeSeriesSplit

SEED = 20250117
# Rows, of which the last are test rows, folds, rows in the gap.
BY_TIME = [(60, 12, 3, 0), (100, 10, 5, 0), (101, 20, 4, 0), (97, 7, 6, 3), (200, 50, 2, 24)]
# Groups, folds, the largest group.
BY_GROUP = [(10, 2, 30), (20, 3, 50), (40, 5, 20), (60, 9, 100), (7, 3, 90)]


def by_time(rows, test, count, gap):
    """Train and valid rows of each fold, of hourly rows in order."""
    folds = TimeSeriesSplit(n_splits=count, gap=gap).split(np.zeros(rows - test))
    folds = [{"train": train.tolist(), "valid": valid.tolist()} for train, valid in folds]
    return {"rows": rows, "test": test, "count": count, "gap": gap, "folds": folds}


def by_group(rng, groups, count, largest):
    """Each row's group, and the sizes of count + 1 parts; one of them may serve as the test part."""
    sizes = rng.integers(1, largest + 1, groups)
    codes = rng.permutation(np.repeat(np.arange(groups), sizes))
    parts = GroupKFold(n_splits=count + 1).split(codes, groups=codes)
    sizes = sorted(len(part) for _, part in parts)
    return {"groups": codes.tolist(), "count": count, "sizes": sizes}


def main():
    rng = np.random.default_rng(SEED)
    golden = {
        "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
        "seed": SEED,
        "by_time": [by_time(*case) for case in BY_TIME],
        "by_group": [by_group(rng, *case) for case in BY_GROUP],
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
