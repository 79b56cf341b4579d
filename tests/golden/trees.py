"""Trees of scikit-learn for golden.rs: python trees.py > trees.json

Every tree is the same for 40 orders of looking at the columns, so that no tie decides it.
"""
import json
import numpy as np
from sklearn.tree import DecisionTreeClassifier


def table(seed, rows, missing):
    r = np.random.default_rng(seed)
    x = np.round(r.normal(size=(rows, 4)), 3).astype(np.float32)
    score = x[:, 0] + 0.8 * x[:, 1] * x[:, 2] + 0.3 * r.normal(size=rows)
    y = np.digitize(score, [-0.6, 0.9])
    if missing:
        x[(r.random(rows) < 0.75) & (y == 1), 3] = np.nan
        x[r.random(rows) < 0.12, 0] = np.nan
        x[r.random(rows) < 0.05, 1] = np.nan
    return x, y


def preorder(tree, shares):
    nodes, stack = [], [0]
    while stack:
        at = stack.pop()
        leaf = tree.children_left[at] < 0
        node = {"leaf": shares[at].tolist()} if leaf else {
            "feature": int(tree.feature[at]),
            "threshold": float(tree.threshold[at]) if np.isfinite(tree.threshold[at]) else None,
            "missing_left": bool(tree.missing_go_to_left[at]),
        }
        if not leaf:
            stack += [tree.children_right[at], tree.children_left[at]]
        nodes.append(node)
    return nodes


def case(name, seed, rows=150, missing=False, **settings):
    found = []
    while len(found) < 40:
        x, y = table(seed, rows, missing)
        model = DecisionTreeClassifier(random_state=len(found), **settings).fit(x, y)
        found.append(preorder(model.tree_, model.tree_.value[:, 0, :]))
        if found[-1] != found[0]:
            seed, found = seed + 1000, []
    if weight := settings.pop("class_weight", None):
        settings["class_weight"] = [weight[label] for label in range(3)]
    cells = [None if np.isnan(cell) else round(float(cell), 3) for cell in x.ravel()]
    return {"name": name, "settings": settings, "x": cells, "y": y.tolist(), "tree": found[0]}


weights = {0: 0.25, 1: 1.0, 2: 2.75}
print(json.dumps([
    case("depth", 1, max_depth=3),
    case("entropy", 2, criterion="entropy", max_depth=3),
    case("min_samples_leaf", 3, min_samples_leaf=9),
    case("min_samples_split", 4, min_samples_split=40, min_samples_leaf=2),
    case("class_weight", 5, class_weight=weights, max_depth=4, min_samples_leaf=5),
    case("class_weight entropy", 6, class_weight=weights, criterion="log_loss", max_depth=4, min_samples_leaf=5),
    case("min_weight_fraction_leaf", 7, class_weight=weights, min_weight_fraction_leaf=0.06, min_samples_leaf=3),
    case("max_leaf_nodes", 8, max_leaf_nodes=7),
    case("max_leaf_nodes leaf", 9, max_leaf_nodes=9, min_samples_leaf=7, max_depth=4),
    case("ccp_alpha", 10, min_samples_leaf=6, ccp_alpha=0.012),
    case("ccp_alpha weights", 11, min_samples_leaf=6, class_weight=weights, ccp_alpha=0.01),
    case("min_impurity_decrease", 12, min_impurity_decrease=0.01),
    case("missing", 13, missing=True, max_depth=4, min_samples_leaf=3),
    case("missing entropy", 14, missing=True, criterion="entropy", max_depth=5, min_samples_leaf=5),
    case("missing weights", 15, missing=True, class_weight=weights, max_depth=4, min_samples_leaf=5),
    case("missing best first", 16, missing=True, max_leaf_nodes=9, min_samples_leaf=3),
], separators=(",", ":")))
