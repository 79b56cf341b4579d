"""Makes the golden files beside it with Python's xgboost 3.4.1 and numpy: python make.py

rows.txt: `class value value ...` a row. multiclass.json, binary.json: models trained on them as
tests.rs trains them. multiclass_margins.txt, binary_probabilities.txt and so on: their predictions for
the same rows and for odd.txt, rows that no training sees; 32-bit floats, to 9 digits.
"""

import pathlib

import numpy
import xgboost

HERE = pathlib.Path(__file__).parent
assert xgboost.__version__ == "3.4.1"

generator = numpy.random.default_rng(8)
rows = generator.normal(size=(300, 5)).astype("f4")
rows[:, 1] = numpy.round(rows[:, 1] * 2)
rows[:, 3] = generator.integers(0, 12, 300)
score = rows[:, 0] + 0.4 * rows[:, 1] + 2 * (rows[:, 3] % 5 == 2) + 0.2 * rows[:, 2]
classes = numpy.digitize(score, numpy.quantile(score, [0.4, 0.75]))
rows[generator.random(rows.shape) < 0.06] = numpy.nan
rows[:6, 0] = [0, -0.0, 1e-36, -1e-38, 1e38, -1e38]
odd = rows[:40].copy()
odd[:, 3] = numpy.concatenate([numpy.arange(36) - 0.0, [3.7, 0.5, 65535, 1e6]])
odd[6:, 0] *= 3

with open(HERE / "rows.txt", "w") as file:
    for label, row in zip(classes, rows):
        print(label, *(repr(float(value)) for value in row), file=file)
with open(HERE / "odd.txt", "w") as file:
    for row in odd:
        print(0, *(repr(float(value)) for value in row), file=file)

NAMES = ["Torque (Nm)", "b", "c d", 'Öl "x"\\', "e"]
TYPES = ["q", "q", "q", "c", "q"]
SHARED = {"nthread": 1, "max_depth": 3, "tree_method": "hist"}
TRAININGS = {
    "multiclass": (
        {"objective": "multi:softprob", "num_class": 3, "seed": 11, "subsample": 0.8,
         "colsample_bytree": 0.8, "colsample_bylevel": 0.9, "colsample_bynode": 0.9},
        classes, numpy.array([1.0, 2.5, 0.75]), 6),
    "binary": ({"objective": "binary:logistic", "seed": 3, "reg_lambda": 0.5, "gamma": 0.1},
               classes > 0, None, 10),
}
for name, (parameters, labels, weights, rounds) in TRAININGS.items():
    def matrix(rows, **more):
        return xgboost.DMatrix(rows, feature_names=NAMES, feature_types=TYPES,
                               enable_categorical=True, nthread=1, **more)

    weight = None if weights is None else weights[labels]
    booster = xgboost.train(SHARED | parameters, matrix(rows, label=labels, weight=weight), rounds)
    booster.save_model(HERE / f"{name}.json")
    both = matrix(numpy.concatenate([rows, odd]))
    for kind, raw in (("margins", True), ("probabilities", False)):
        found = booster.predict(both, output_margin=raw).reshape(len(rows) + len(odd), -1)
        numpy.savetxt(HERE / f"{name}_{kind}.txt", found, fmt="%.9g")
