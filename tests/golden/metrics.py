"""Writes metrics.json, the scores scikit-learn gives to a fixed set of random classifiers.

Run it with scikit-learn and numpy installed: python tests/golden/metrics.py
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics

SEED = 20240611
KINDS = [
    "guessing",
    "skilled",
    "absent_from_truth",
    "absent_from_predictions",
    "absent_from_both",
    "tied_scores",
    "perfect",
    "constant",
]
CLASS_COUNTS = range(2, 8)


def draw_rows(rng, kind, classes):
    """Number of rows, 5 to 200, small ones more often; both ends are met for certain."""
    if (kind, classes) == ("guessing", 2):
        return 5
    if (kind, classes) == ("skilled", 7):
        return 200
    return int(round(np.exp(rng.uniform(np.log(5), np.log(200)))))


def draw_probabilities(rng, weights, parts):
    """Rows of whole parts that sum to `parts`, so that every decimal is short and exact."""
    shares = weights / weights.sum(axis=1, keepdims=True)
    return np.array([rng.multinomial(parts, share) for share in shares])


def promote(counts, row, label):
    """Makes `label` the sole most probable class of `row`, keeping the row's sum."""
    top = int(np.argmax(counts[row]))
    counts[row, [top, label]] = counts[row, [label, top]]
    for other in np.flatnonzero(counts[row] == counts[row, label]):
        if other != label and counts[row, other] > 0:
            counts[row, other] -= 1
            counts[row, label] += 1


def draw_case(rng, kind, classes):
    """True labels and probabilities of one case."""
    rows = draw_rows(rng, kind, classes)
    gap = int(rng.integers(classes))
    present = [label for label in range(classes) if label != gap]
    hides_truth = kind in ("absent_from_truth", "absent_from_both")
    truth = rng.choice(present if hides_truth else classes, size=rows)

    weights = rng.gamma(1.0, size=(rows, classes)) + 1e-3
    if kind in ("skilled", "perfect"):
        weights[np.arange(rows), truth] += 1.5
    if kind == "constant":
        weights[:] = weights[0]
    parts = 10 if kind == "tied_scores" else int(rng.choice([100, 1000]))
    counts = draw_probabilities(rng, weights, parts)
    if kind == "constant":
        counts[:] = counts[0]
    if kind == "perfect":
        for row in range(rows):
            promote(counts, row, truth[row])
        one_hot = np.eye(classes, dtype=int)[truth[: rows // 4]] * parts
        counts[: rows // 4] = one_hot
    if kind == "absent_from_truth":
        promote(counts, 0, gap)
    if kind in ("absent_from_predictions", "absent_from_both"):
        for row in np.flatnonzero(counts.argmax(axis=1) == gap):
            promote(counts, row, int(rng.choice(present)))
    if kind == "absent_from_predictions":
        truth[0] = gap
    check_case(kind, gap, truth, counts.argmax(axis=1))
    return truth, counts / parts


def check_case(kind, gap, truth, predicted):
    """A case that misses what its kind promises would test nothing."""
    if kind == "absent_from_truth":
        assert gap not in truth and gap in predicted
    if kind == "absent_from_predictions":
        assert gap in truth and gap not in predicted
    if kind == "absent_from_both":
        assert gap not in truth and gap not in predicted
    if kind == "perfect":
        assert (truth == predicted).all()
    if kind == "constant":
        assert len(set(predicted)) == 1


def mean(values):
    """Mean of what is there, or None."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None


def score_class(label, truth, probabilities, predicted):
    """Scores of one class against the rest."""
    is_class, said_class = truth == label, predicted == label
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        is_class, said_class, average="binary", pos_label=True, zero_division=0
    )
    specificity = metrics.recall_score(~is_class, ~said_class, pos_label=True, zero_division=0)
    has_both = is_class.any() and not is_class.all()
    ranking = probabilities[:, label]
    return {
        "class": f"class {label}",
        "support": int(is_class.sum()),
        "precision": float(precision),
        "recall": float(recall),
        "specificity": float(specificity),
        "f1": float(f1),
        "roc_auc": float(metrics.roc_auc_score(is_class, ranking)) if has_both else None,
        "pr_auc": float(metrics.average_precision_score(is_class, ranking))
        if is_class.any()
        else None,
    }


def average(kind, truth, predicted, per_class):
    """Macro or weighted averages; scikit-learn has no specificity, so numpy takes its mean."""
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, predicted, average=kind, zero_division=0
    )
    seen = np.union1d(truth, predicted)
    specificities = [per_class[label]["specificity"] for label in seen]
    supports = [per_class[label]["support"] for label in seen]
    weights = supports if kind == "weighted" else None
    return {
        "precision": float(precision),
        "recall": float(recall),
        "specificity": float(np.average(specificities, weights=weights)),
        "f1": float(f1),
    }


def score(truth, probabilities):
    """Every score of a case, in the shape of the report."""
    labels = list(range(probabilities.shape[1]))
    predicted = probabilities.argmax(axis=1)
    per_class = [score_class(label, truth, probabilities, predicted) for label in labels]
    roc_auc_ovr = mean([scores["roc_auc"] for scores in per_class])
    if len(labels) > 2 and len(set(truth)) == len(labels):
        direct = metrics.roc_auc_score(truth, probabilities, multi_class="ovr", average="macro")
        assert abs(direct - roc_auc_ovr) < 1e-12
        direct = metrics.average_precision_score(truth, probabilities, average="macro")
        assert abs(direct - mean([scores["pr_auc"] for scores in per_class])) < 1e-12
    return {
        "rows": len(truth),
        "log_loss": metrics.log_loss(truth, probabilities, labels=labels),
        "accuracy": float(metrics.accuracy_score(truth, predicted)),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted),
        "mcc": metrics.matthews_corrcoef(truth, predicted),
        "macro": average("macro", truth, predicted, per_class),
        "weighted": average("weighted", truth, predicted, per_class),
        "roc_auc_ovr": roc_auc_ovr,
        "pr_auc_ovr": mean([scores["pr_auc"] for scores in per_class]),
        "per_class": per_class,
        "confusion": metrics.confusion_matrix(truth, predicted, labels=labels).tolist(),
    }


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(SEED)
    lines = []
    for kind in KINDS:
        for classes in CLASS_COUNTS:
            truth, probabilities = draw_case(rng, kind, classes)
            case = {
                "kind": kind,
                "classes": classes,
                "truth": truth.tolist(),
                "probabilities": probabilities.ravel().tolist(),
                "predicted": probabilities.argmax(axis=1).tolist(),
                "expected": score(truth, probabilities),
            }
            lines.append(json.dumps(case, separators=(",", ":"), allow_nan=False))
    versions = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
    head = f'{{"versions":{json.dumps(versions)},"seed":{SEED},"cases":[\n'
    path = pathlib.Path(__file__).with_name("metrics.json")
    path.write_text(head + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
