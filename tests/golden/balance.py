"""Writes balance.json, what imbalanced-learn makes of small tables with unequal classes.

Run it with imbalanced-learn, scikit-learn and numpy installed: python tests/golden/balance.py
"""

import json
import pathlib
import warnings

import imblearn
import numpy as np
import sklearn
from imblearn.over_sampling import SMOTE, SMOTENC, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler

SEED = 20240611
SIZES = [[30, 9], [9, 30], [12, 12], [40, 12, 8], [8, 40, 12], [7, 20, 20, 7]]
OVER = ["auto", "minority", "not minority", "not majority", "all", 0.31, 0.3, 0.5, 0.75, 1.0]
UNDER = ["auto", "majority", "not minority", "not majority", "all", 0.2, 0.3, 0.5, 0.75, 1.0]
COUNTS = [{"0": 30}, {"1": 12}, {"1": 9, "0": 30}, {"0": 5, "1": 4}, {"1": 100}, {"unmet": 5}]


class Recorded:
    """Keeps the neighbours that rows are made from, by class."""

    def _make_samples(self, X, y_dtype, y_type, nn_data, nn_num, *rest):
        self.neighbours_ = getattr(self, "neighbours_", {}) | {int(y_type): nn_num}
        return super()._make_samples(X, y_dtype, y_type, nn_data, nn_num, *rest)


class RecordedSMOTE(Recorded, SMOTE):
    pass


class RecordedSMOTENC(Recorded, SMOTENC):
    pass


def labels_of(sizes):
    return np.repeat(np.arange(len(sizes)), sizes)


def class_sizes(sampler, sizes):
    """How many rows each class has afterwards, or None where the sampler refuses."""
    labels = labels_of(sizes)
    try:
        _, after = sampler.fit_resample(np.zeros((len(labels), 1)), labels)
    except ValueError:
        return None
    return np.bincount(after, minlength=len(sizes)).tolist()


def strategies():
    """Class sizes after every strategy on every table."""
    for sizes in SIZES:
        for algorithm, sampler, named in [
            ("random_over", RandomOverSampler, OVER),
            ("random_under", RandomUnderSampler, UNDER),
        ]:
            for strategy in named + COUNTS:
                by_class = strategy
                if isinstance(strategy, dict):
                    by_class = {int(k) if k.isdigit() else 99: n for k, n in strategy.items()}
                after = class_sizes(sampler(sampling_strategy=by_class, random_state=0), sizes)
                yield {
                    "before": sizes,
                    "algorithm": algorithm,
                    "sampling_strategy": strategy,
                    "after": after,
                }


def least_rows():
    """Whether a class of so many rows gets new ones with so many neighbours."""
    for rows in [2, 3, 5, 6]:
        for k in [1, 2, 3, 5]:
            table = np.arange(20.0 + rows).reshape(-1, 1) ** 2
            try:
                SMOTE(k_neighbors=k).fit_resample(table, labels_of([20, rows]))
                accepted = True
            except ValueError:
                accepted = False
            yield {"rows": rows, "k_neighbors": k, "accepted": accepted}


def table(rng, sizes, numeric, categories):
    """Shuffled rows: numbers that depend on the class, then codes."""
    labels = rng.permutation(labels_of(sizes))
    scales = rng.uniform(0.2, 3.0, size=numeric)
    numbers = rng.normal(size=(len(labels), numeric)) * scales + labels[:, None]
    codes = [rng.integers(0, count, size=len(labels)) for count in categories]
    return labels, numbers.round(3), np.array(codes).T.reshape(len(labels), len(categories))


def made_between(name, labels, numbers, codes, k, wanted):
    """The rows that SMOTE or SMOTE-NC makes, and all that decides which could be made."""
    settings = {"k_neighbors": k, "sampling_strategy": wanted, "random_state": SEED}
    numeric = numbers.shape[1]
    if codes.shape[1] == 0:
        sampler = RecordedSMOTE(**settings)
    else:
        places = list(range(numeric, numeric + codes.shape[1]))
        sampler = RecordedSMOTENC(categorical_features=places, **settings)
    rows, after = sampler.fit_resample(np.hstack([numbers, codes]), labels)
    new = rows[len(labels) :]
    classes = sorted(sampler.neighbours_)
    neighbours = {}
    for label in classes:
        members = np.flatnonzero(labels == label)
        for base, nearest in zip(members, sampler.neighbours_[label]):
            neighbours[str(base)] = members[nearest].tolist()
    return {
        "name": name,
        "k_neighbors": k,
        "sampling_strategy": {str(label): rows for label, rows in wanted.items()},
        "labels": labels.tolist(),
        "numeric": numbers.T.tolist(),
        "categorical": codes.T.tolist(),
        "neighbours": neighbours,
        "median_std": {str(c): float(s) for c, s in getattr(sampler, "median_std_", {}).items()},
        "new_labels": after[len(labels) :].tolist(),
        "new_numeric": new[:, :numeric].T.tolist(),
        "new_categorical": new[:, numeric:].astype(int).T.tolist(),
    }


def cases():
    rng = np.random.default_rng(SEED)
    sizes, wanted = [40, 12, 8], {0: 40, 1: 30, 2: 25}
    labels, numbers, codes = table(rng, sizes, 3, [])
    yield made_between("numbers", labels, numbers, codes, 5, wanted)
    labels, numbers, codes = table(rng, sizes, 6, [])
    yield made_between("six columns, two neighbours", labels, numbers, codes, 2, wanted)
    labels, numbers, codes = table(rng, sizes, 3, [3, 2])
    yield made_between("numbers and categories", labels, numbers, codes, 5, wanted)
    labels, numbers, codes = table(rng, sizes, 4, [4, 2, 3])
    yield made_between("an even number of deviations", labels, numbers, codes, 3, wanted)
    labels, numbers, codes = table(rng, sizes, 3, [3])
    numbers[:, :2] = 7.0
    yield made_between("a median deviation of zero", labels, numbers, codes, 3, wanted)


def main():
    warnings.simplefilter("ignore")
    versions = {
        "imbalanced-learn": imblearn.__version__,
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
    }
    parts = {"strategies": strategies(), "least_rows": least_rows(), "cases": cases()}
    text = f'{{"versions":{json.dumps(versions)},"seed":{SEED}'
    for name, items in parts.items():
        lines = [json.dumps(item, separators=(",", ":"), allow_nan=False) for item in items]
        text += f',"{name}":[\n' + ",\n".join(lines) + "\n]"
    pathlib.Path(__file__).with_name("balance.json").write_text(text + "}\n")


if __name__ == "__main__":
    main()
