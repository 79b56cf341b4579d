"""Writes importance.json, scikit-learn's permutation importance of a small linear model.

The orders of the rows are drawn as scikit-learn draws them, and checked against its figures.
Run it with scikit-learn and numpy installed: python tests/golden/importance.py
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression

SEED = 20261123
ROWS, INPUTS, REPEATS = 60, 4, 5
SCORES = ["f1_macro", "matthews_corrcoef", "neg_log_loss"]
# scikit-learn's log loss has the opposite sign.
SIGNS = np.array([1, 1, -1])


def orders():
    """The orders of the rows: each shuffles what the ones before have shuffled."""
    # permutation_importance draws a seed from its own, and begins with it at every column.
    drawn = np.random.RandomState(SEED).randint(np.iinfo(np.int32).max + 1)
    generator = np.random.RandomState(drawn)
    places, order = np.arange(ROWS), np.arange(ROWS)
    for _ in range(REPEATS):
        generator.shuffle(places)
        order = order[places]
        yield order


def check(model, rows, labels, found):
    """The drawn orders must give scikit-learn's figures."""
    metrics = [sklearn.metrics.get_scorer(score) for score in SCORES]
    for column in range(INPUTS):
        for repeat, order in enumerate(orders()):
            shuffled = rows.copy()
            shuffled[:, column] = rows[order, column]
            for metric, score in zip(metrics, SCORES):
                worse = metric(model, rows, labels) - metric(model, shuffled, labels)
                assert abs(worse - found[score].importances[column, repeat]) < 1e-12


def main():
    rng = np.random.default_rng(SEED)
    rows = np.round(rng.normal(size=(ROWS, INPUTS)) * 64) / 64
    signal = rows[:, 0] + 0.7 * rows[:, 1] * rng.normal(1, 0.5, ROWS) + 0.1 * rows[:, 2]
    labels = np.digitize(signal, [-0.6, 0.8])
    model = LogisticRegression(fit_intercept=False).fit(rows, labels)
    found = permutation_importance(
        model, rows, labels, scoring=SCORES, n_repeats=REPEATS, random_state=SEED
    )
    check(model, rows, labels, found)
    baseline = [sklearn.metrics.get_scorer(score)(model, rows, labels) for score in SCORES]
    table = {
        "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
        "seed": SEED,
        "weights": model.coef_.tolist(),
        "rows": rows.tolist(),
        "labels": labels.tolist(),
        "orders": [order.tolist() for order in orders()],
        "baseline": (SIGNS * baseline).tolist(),
        "importances_mean": np.stack([found[s].importances_mean for s in SCORES], 1).tolist(),
        "importances_std": np.stack([found[s].importances_std for s in SCORES], 1).tolist(),
    }
    lines = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in table.items()]
    path = pathlib.Path(__file__).with_name("importance.json")
    path.write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
