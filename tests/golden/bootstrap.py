"""Writes bootstrap.json, the intervals scipy gives to the scores of a few confusion matrices.

Run it with scipy and numpy installed: python tests/golden/bootstrap.py
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import stats

SEED = 20261123
RESAMPLES = 20_000
CONFUSIONS = {
    "two classes": [[70, 30], [20, 80]],
    "one in thirty": [[960, 10], [8, 22]],
    "three rows of a class": [[450, 5, 0], [8, 34, 0], [1, 0, 2]],
    "worse than chance": [[10, 40], [35, 15]],
    "a class never predicted": [[60, 0, 5], [12, 0, 3], [9, 0, 31]],
    "six classes": [
        [300, 2, 1, 0, 4, 3],
        [5, 40, 2, 1, 0, 2],
        [3, 1, 25, 6, 0, 0],
        [0, 4, 3, 33, 2, 1],
        [7, 0, 0, 1, 18, 4],
        [2, 1, 0, 0, 3, 24],
    ],
}


def ratio(numerator, denominator):
    """Their ratio, 0 where the denominator is 0."""
    whole = np.where(denominator > 0, denominator, 1)
    return np.where(denominator > 0, numerator / whole, 0.0)


def tally(classes, truth, predicted):
    """Hits, rows and predictions of every class, the classes first."""
    pairs = [(truth == label, predicted == label) for label in range(classes)]
    hits = np.array([(is_class & said).sum(axis=-1) for is_class, said in pairs])
    rows = np.array([is_class.sum(axis=-1) for is_class, _ in pairs])
    said = np.array([said.sum(axis=-1) for _, said in pairs])
    return hits, rows, said


def rates(classes, truth, predicted):
    """Every class's precision, recall and F1, then its rows and whether it is on either side."""
    hits, rows, said = tally(classes, truth, predicted)
    scores = {
        "precision": ratio(hits, said),
        "recall": ratio(hits, rows),
        "f1": ratio(2 * hits, rows + said),
    }
    return scores, rows, rows + said > 0


def figures(classes):
    """The statistics to draw intervals of, by their place in the record."""

    def accuracy(truth, predicted, axis=-1):
        return (truth == predicted).mean(axis=axis)

    def balanced(truth, predicted, axis=-1):
        scores, rows, _ = rates(classes, truth, predicted)
        return np.average(scores["recall"], axis=0, weights=rows > 0)

    def mcc(truth, predicted, axis=-1):
        hits, rows, said = tally(classes, truth, predicted)
        total = truth.shape[-1]
        covariance = hits.sum(axis=0) * total - (rows * said).sum(axis=0)
        spread = (total**2 - (rows**2).sum(axis=0)) * (total**2 - (said**2).sum(axis=0))
        return ratio(covariance, np.sqrt(spread.astype(float)))

    def macro(name):
        def mean(truth, predicted, axis=-1):
            scores, _, seen = rates(classes, truth, predicted)
            return np.average(scores[name], axis=0, weights=seen)

        return mean

    def of_class(name, label):
        return lambda truth, predicted, axis=-1: rates(classes, truth, predicted)[0][name][label]

    found = {"/accuracy": accuracy, "/balanced_accuracy": balanced, "/mcc": mcc}
    for name in ["precision", "recall", "f1"]:
        found[f"/macro/{name}"] = macro(name)
        for label in range(classes):
            found[f"/per_class/{label}/{name}"] = of_class(name, label)
    return found


def interval(rows, statistic, rng):
    """The percentile interval over resampled rows."""
    result = stats.bootstrap(
        rows, statistic, paired=True, vectorized=True, n_resamples=RESAMPLES, batch=1_000,
        confidence_level=0.95, method="percentile", rng=rng,
    )  # fmt: skip
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def main():
    rng = np.random.default_rng(SEED)
    lines = []
    for name, counts in CONFUSIONS.items():
        table = np.array(counts)
        places = np.indices(table.shape)
        rows = tuple(np.repeat(place.ravel(), table.ravel()) for place in places)
        statistics = figures(len(counts))
        expected = {place: interval(rows, one, rng) for place, one in statistics.items()}
        case = {"name": name, "confusion": counts, "expected": expected}
        lines.append(json.dumps(case, separators=(",", ":"), allow_nan=False))
    versions = {"scipy": scipy.__version__, "numpy": np.__version__}
    head = f'{{"versions":{json.dumps(versions)},"seed":{SEED},"resamples":{RESAMPLES},"cases":[\n'
    path = pathlib.Path(__file__).with_name("bootstrap.json")
    path.write_text(head + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
