"""Makes the golden files beside it with Python's lightgbm 4.7.0 and numpy: python make.py

rows.txt: `class value value ...` a row. multiclass.txt, binary.txt: models trained on them as
tests.rs trains them. multiclass_raw.txt, binary_raw.txt, multiclass_probabilities.txt,
binary_probabilities.txt: their predictions for the same rows, to 17 digits.
"""

import pathlib

import lightgbm
import numpy

HERE = pathlib.Path(__file__).parent
assert lightgbm.__version__ == "4.7.0"

generator = numpy.random.default_rng(5)
rows = generator.normal(size=(400, 5)).astype("f4")
rows[:, 1] = numpy.round(rows[:, 1] * 2)
rows[:, 3] = generator.integers(0, 12, 400)
score = rows[:, 0] + 0.4 * rows[:, 1] + 2 * (rows[:, 3] % 5 == 2) + 0.2 * rows[:, 2]
classes = numpy.digitize(score, numpy.quantile(score, [0.4, 0.75]))
rows[generator.random(rows.shape) < 0.06] = numpy.nan
rows[:8, 0] = [numpy.inf, -numpy.inf, 0, -0.0, 1e-36, -1e-38, 3e38, -3e38]
rows[8:12, 3] = [-1, -0.5, 3.7, -20]

with open(HERE / "rows.txt", "w") as file:
    for label, row in zip(classes, rows):
        print(label, *(repr(float(value)) for value in row), file=file)

SHARED = {
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "num_leaves": 7,
    "min_data_per_group": 10,
}
TRAININGS = {
    "multiclass": (
        {"objective": "multiclass", "num_class": 3, "seed": 11, "bagging_fraction": 0.8,
         "bagging_freq": 2, "feature_fraction": 0.7},
        classes, numpy.array([1.0, 2.5, 0.75]), 6),
    "binary": ({"objective": "binary", "seed": 3, "lambda_l2": 0.5}, classes > 0, None, 10),
}
for name, (parameters, labels, weights, iterations) in TRAININGS.items():
    weight = None if weights is None else weights[labels]
    data = lightgbm.Dataset(rows, labels, weight=weight, categorical_feature=[3])
    booster = lightgbm.train(
        SHARED | parameters, data, iterations, keep_training_booster=True
    )
    text = booster.model_to_string().split("\npandas_categorical")[0]
    (HERE / f"{name}.txt").write_text(text)
    # The rows as 32-bit floats, as LightGBM gets them from us.
    for kind, raw in (("raw", True), ("probabilities", False)):
        found = booster.predict(rows, raw_score=raw).reshape(len(rows), -1)
        numpy.savetxt(HERE / f"{name}_{kind}.txt", found, fmt="%.17g")
