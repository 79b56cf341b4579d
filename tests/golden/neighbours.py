"""Writes neighbours.json: distances and shares by scikit-learn's KNeighborsClassifier."""
import json, os
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

g = np.random.RandomState(7)
train = g.randn(40, 5).astype(np.float32).round(3)
rows = np.vstack([g.randn(6, 5).round(3), train[3:5]]).astype(np.float32)
labels = g.randint(0, 4, 40)
cases = []
for metric, p in [("euclidean", 2), ("manhattan", 2), ("chebyshev", 2), ("minkowski", 3), ("minkowski", 1.5), ("cosine", 2)]:
    for weights in ("uniform", "distance"):
        # The two rows that were trained on are left to "distance" with an exact metric: scikit-learn's
        # cosine of equal rows is not exactly 1.
        q = rows[:6] if metric == "cosine" else rows
        model = KNeighborsClassifier(7, metric=metric, p=p, weights=weights).fit(train.astype(float), labels)
        distances, numbers = model.kneighbors(q.astype(float))
        cases.append(dict(metric=metric, p=p, weights=weights, rows=len(q), numbers=numbers.ravel().tolist(),
                          distances=distances.ravel().tolist(), shares=model.predict_proba(q.astype(float)).ravel().tolist()))
out = dict(columns=5, classes=4, train=train.astype(float).ravel().round(3).tolist(), labels=labels.tolist(),
           rows=rows.astype(float).ravel().round(3).tolist(), k=7, cases=cases)
json.dump(out, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "neighbours.json"), "w"))
