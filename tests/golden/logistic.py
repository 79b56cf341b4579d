"""Writes logistic.json: coefficients and probabilities by scikit-learn's LogisticRegression."""
import json, os, warnings
import numpy as np
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
g = np.random.RandomState(5)
rows = g.randn(80, 4).astype(np.float32).round(3)
rows[:, 3] = (rows[:, 3] + 3 * rows[:, 0]).round(3)
logits = rows @ g.randn(4, 3) + g.gumbel(size=(80, 3))
three = logits.argmax(1)
two = (three > 0).astype(int)
cases = []
for labels in (two, three):
    classes = int(labels.max()) + 1
    for c, l1_ratio, intercept, weights in [
        (1.0, 0.0, True, None), (0.01, 0.0, True, None), (100.0, 0.0, True, [1.0, 3.0, 0.5][:classes]), (1.0, 0.0, False, None),
        (0.3, 1.0, True, None), (10.0, 0.5, True, [2.0, 1.0, 0.25][:classes]), (0.5, 0.7, False, None),
    ]:
        solver = dict(solver="saga", tol=1e-13, max_iter=200000) if l1_ratio else dict(solver="newton-cg", tol=1e-12, max_iter=10000)
        model = LogisticRegression(C=c, l1_ratio=l1_ratio, fit_intercept=intercept, class_weight=None if weights is None else dict(enumerate(weights)), **solver)
        model.fit(rows.astype(float), labels)
        coef, bias = model.coef_, np.broadcast_to(model.intercept_, len(model.coef_))
        if classes == 2:
            coef, bias = np.vstack([0 * coef, coef]), np.array([0, bias[0]])
        cases.append(dict(classes=classes, labels=labels.tolist(), c=c, l1_ratio=l1_ratio, fit_intercept=intercept, class_weights=weights or [],
                          weights=coef.ravel().tolist(), intercepts=bias.tolist(), logs=model.predict_log_proba(rows[:5].astype(float)).ravel().tolist()))
out = dict(columns=4, rows=rows.astype(float).ravel().round(3).tolist(), cases=cases)
json.dump(out, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "logistic.json"), "w"))
