"""Writes curves.json: scikit-learn's curves of the small cases of metrics.json.

Run it with scikit-learn and numpy installed: python tests/golden/curves.py
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

KINDS_WITH_CURVES = ["guessing", "skilled", "absent_from_truth", "tied_scores", "perfect", "constant"]
FEWEST_ROWS = 15
BINS = 10


def curves_of_class(is_class, scores):
    """The three curves of a class, or None where scikit-learn warns that they mean nothing."""
    if is_class.all() or not is_class.any():
        return None
    fpr, tpr, thresholds = metrics.roc_curve(is_class, scores)
    precision, recall, pr_thresholds = metrics.precision_recall_curve(is_class, scores)
    # Without dropping points, the rates times the rows are counts of every step.
    all_fpr, all_tpr, _ = metrics.roc_curve(is_class, scores, drop_intermediate=False)
    share = (all_tpr * is_class.sum() + all_fpr * (~is_class).sum()) / len(is_class)
    return {
        "roc": [fpr.tolist(), tpr.tolist(), thresholds[1:].tolist()],
        "precision_recall": [recall[::-1].tolist(), precision[::-1].tolist(), pr_thresholds[::-1].tolist()],
        "cumulative_gain": [share.tolist(), all_tpr.tolist(), pr_thresholds[::-1].tolist()],
    }


def reliability(truth, probabilities):
    """Rows, mean confidence and accuracy of the bins that have rows, and the error made of them."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    accuracy, mean = calibration_curve(right, confidence, n_bins=BINS, strategy="uniform")
    places = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence)
    rows = np.bincount(places, minlength=BINS)
    rows = rows[rows > 0]
    error = float(np.average(np.abs(accuracy - mean), weights=rows))
    return {"rows": rows.tolist(), "mean_confidence": mean.tolist(), "accuracy": accuracy.tolist(), "error": error}


def main():
    warnings.simplefilter("ignore")
    here = pathlib.Path(__file__)
    cases = json.loads(here.with_name("metrics.json").read_text())["cases"]
    lines = []
    for kind in KINDS_WITH_CURVES:
        large = [case for case in cases if case["kind"] == kind and len(case["truth"]) >= FEWEST_ROWS]
        chosen = min(large, key=lambda case: len(case["truth"]))
        truth = np.array(chosen["truth"])
        probabilities = np.array(chosen["probabilities"]).reshape(len(truth), -1)
        case = {
            "place": cases.index(chosen),
            "classes": [
                curves_of_class(truth == label, probabilities[:, label]) for label in range(probabilities.shape[1])
            ],
            "reliability": reliability(truth, probabilities),
        }
        lines.append(json.dumps(case, separators=(",", ":"), allow_nan=False))
    versions = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
    head = f'{{"versions":{json.dumps(versions)},"cases":[\n'
    here.with_name("curves.json").write_text(head + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
