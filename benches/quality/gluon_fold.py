"""Trains AutoGluon on one fold: gluon_fold.py TRAIN TEST OUT FOLDER SECONDS.

The column `target` of TRAIN is the class; OUT gets the classes of the rows of TEST.
"""

import sys

import pandas as pd
from autogluon.tabular import TabularPredictor


def main() -> None:
    """Fit within the time, predict, write."""
    train, test, out, folder, seconds = sys.argv[1:]
    rows = pd.read_csv(train, dtype={"target": str}, keep_default_na=False)
    predictor = TabularPredictor("target", eval_metric="mcc", path=folder, verbosity=0)
    predictor.fit(rows, time_limit=float(seconds), presets="best_quality")
    predicted = predictor.predict(pd.read_csv(test))
    predicted.rename("target").to_csv(out, index=False)


if __name__ == "__main__":
    main()
