"""Writes training_reference.json: what scikit-learn 1.2.1 fits on small data sets. Run with Debian's python3."""
import json
import os

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge

rng = np.random.RandomState(7)


def features(rows, width):
    x = rng.normal(size=(rows, width)) * np.linspace(0.5, 3, width) + np.linspace(-1, 4, width)
    return np.round(x, 3).astype(np.float32)


def columns(x):
    return [[None if np.isnan(v) else round(float(v), 6) for v in column] for column in x.T]


def logistic():
    cases = []
    for classes, width, l2, weighted in [(2, 4, 1.0, False), (2, 4, 0.01, True), (2, 3, 100.0, False), (3, 3, 1.0, False), (4, 3, 0.1, True)]:
        x = features(80, width)
        score = x[:, :1] * np.linspace(-1, 1, classes) + x[:, 1:2] * np.linspace(1, -0.5, classes) ** 2 + rng.gumbel(size=(80, classes))
        y = score.argmax(axis=1)
        w = np.round(rng.uniform(0.5, 2, size=80), 3) if weighted else None
        model = LogisticRegression(C=1 / l2, tol=1e-9, max_iter=100000, solver="newton-cg" if classes > 2 else "newton-cholesky")
        model.fit(x.astype(np.float64), y, sample_weight=w)
        cases.append(dict(
            classes=classes, l2=l2, x=columns(x), y=y.tolist(), weights=None if w is None else w.tolist(),
            coefficients=model.coef_.ravel().tolist(), intercepts=model.intercept_.tolist()))
    return cases


def ridge():
    cases = []
    for width, l2, weighted in [(5, 1.0, False), (5, 0.01, True), (3, 1000.0, False)]:
        x = features(60, width)
        y = np.round(x @ rng.normal(size=width) + rng.normal(size=60) + 10, 3)
        w = np.round(rng.uniform(0.5, 2, size=60), 3) if weighted else None
        model = Ridge(alpha=l2, solver="cholesky").fit(x.astype(np.float64), y, sample_weight=w)
        cases.append(dict(l2=l2, x=columns(x), y=y.tolist(), weights=None if w is None else w.tolist(),
                          coefficients=model.coef_.tolist(), intercept=float(model.intercept_)))
    return cases


def boosting():
    cases = []
    for task, missing, weighted in [("regression", False, False), ("regression", True, True), ("binary", False, False), ("binary", True, False), ("multiclass", False, False)]:
        x = np.round(rng.normal(size=(240, 4)), 2).astype(np.float32)
        raw = np.sin(2 * x[:, 0]) + x[:, 1] * (x[:, 2] > 0) + 0.3 * rng.normal(size=240)
        if missing:
            gone = rng.uniform(size=240) < 0.2
            x[gone, 1] = np.nan
            raw[gone] += 1.5
        options = dict(max_iter=15, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=10, l2_regularization=1.0, max_bins=255, early_stopping=False)
        w = np.round(rng.uniform(0.5, 2, size=240), 3) if weighted else None
        if task == "regression":
            y = np.round(raw, 3)
            predicted = HistGradientBoostingRegressor(**options).fit(x, y, sample_weight=w).predict(x)
        elif task == "binary":
            y = (raw > 0.3).astype(int)
            predicted = HistGradientBoostingClassifier(**options).fit(x, y).predict_proba(x)[:, 1]
        else:
            y = np.digitize(raw, [-0.5, 0.6])
            predicted = HistGradientBoostingClassifier(**options).fit(x, y).predict_proba(x).ravel()
        cases.append(dict(task=task, classes=3 if task == "multiclass" else 2, x=columns(x), y=y.tolist(), weights=None if w is None else w.tolist(),
                          predicted=np.round(predicted, 12).tolist()))
    return cases


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "training_reference.json")
with open(path, "w", encoding="utf-8") as file:
    json.dump(dict(logistic=logistic(), ridge=ridge(), boosting=boosting()), file, separators=(",", ":"))
    file.write("\n")
