"""Makes weights_reference.json: what scikit-learn answers with sample_weight to the inputs that it also holds.

Run with scikit-learn 1.2 (the Debian 12 package python3-sklearn), from this folder:

    /usr/bin/python3 make_weights_reference.py

The seed is fixed, so the same versions write the same file.
"""
import json
import warnings

import numpy as np
import sklearn.metrics as skm
from scipy import special

warnings.filterwarnings("ignore")
rng = np.random.default_rng(30261)
samples, cases = {}, []


def sample(name, values):
    samples[name] = [float(v) for v in values]
    return name


def case(function, args, *expected):
    assert all(np.isfinite(expected))
    cases.append([function, list(args), [float(e) for e in expected]])


def calibration_error(y, s, w):
    bins = np.minimum(9, np.floor(s * 10)).astype(int)
    inside = [bins == k for k in range(10) if (bins == k).any()]
    return sum(abs(np.average(y[b], weights=w[b]) - np.average(s[b], weights=w[b])) * w[b].sum() for b in inside) / w.sum()


# The gaps between groups of fairlearn.metrics, by its definitions.
def gap(rates):
    return max(rates) - min(rates)


def by_group(metric, y, d, g, w):
    return [metric(y[g == k], d[g == k], sample_weight=w[g == k]) for k in np.unique(g)]


def selection_rate(y, d, sample_weight):
    return np.dot(d, sample_weight) / sample_weight.sum()


def false_positive_rate(y, d, sample_weight):
    return skm.confusion_matrix(y, d, normalize="true", sample_weight=sample_weight, labels=[0, 1])[0, 1]


# Weights of a survey, of very different sizes, and whole ones.
def weights_of(i, n):
    return (rng.uniform(0.5, 2, size=n).round(3), np.exp(rng.normal(size=n) * 2).round(6), rng.integers(1, 6, size=n))[i % 3]


# Binary classification: continuous scores, scores with ties, many rows.
for i, n in enumerate((200, 60, 800)):
    y = (rng.random(n) < 0.35).astype(int)
    s = special.expit(rng.normal(size=n) + 1.5 * y - 0.7).round(8 if i == 0 else 1 if i == 1 else 3)
    d = (s >= 0.5).astype(int)
    g = rng.integers(0, 3, size=n)
    w = weights_of(i, n).astype(float)
    Y, S, D, G, W = sample(f"wy{i}", y), sample(f"ws{i}", s), sample(f"wd{i}", d), sample(f"wg{i}", g), sample(f"ww{i}", w)
    case("weighted_roc_auc", [Y, S, W], skm.roc_auc_score(y, s, sample_weight=w))
    case("weighted_pr_auc", [Y, S, W], skm.average_precision_score(y, s, sample_weight=w))
    case("weighted_log_loss", [Y, S, W], skm.log_loss(y, s, sample_weight=w))
    case("weighted_brier", [Y, S, W], skm.brier_score_loss(y, s, sample_weight=w))
    case("weighted_ece", [Y, S, W], calibration_error(y, s, w))
    case("weighted_accuracy", [Y, D, W], skm.accuracy_score(y, d, sample_weight=w))
    case("weighted_balanced_accuracy", [Y, D, 2, W], skm.balanced_accuracy_score(y, d, sample_weight=w))
    case("weighted_precision", [Y, D, W], skm.precision_score(y, d, sample_weight=w))
    case("weighted_recall", [Y, D, W], skm.recall_score(y, d, sample_weight=w))
    case("weighted_f1", [Y, D, W], skm.f1_score(y, d, sample_weight=w))
    case("weighted_mcc", [Y, D, 2, W], skm.matthews_corrcoef(y, d, sample_weight=w))
    selected, found, alarmed = (by_group(rate, y, d, g, w) for rate in (selection_rate, skm.recall_score, false_positive_rate))
    case("weighted_selection_rates", [D, G, W], *selected)
    case("weighted_demographic_parity", [D, G, W], gap(selected), min(selected) / max(selected))
    case("weighted_equal_opportunity", [Y, D, G, W], gap(found))
    case("weighted_equalized_odds", [Y, D, G, W], max(gap(found), gap(alarmed)))

# Several classes; of five, one is never decided.
for i, (n, k) in enumerate(((300, 3), (150, 5))):
    y = rng.integers(0, k, size=n)
    p = special.softmax(rng.normal(size=(n, k)) + 1.2 * np.eye(k)[y], axis=1)
    d = p.argmax(axis=1)
    if i == 1:
        d[d == 4] = 0
    w = weights_of(i, n).astype(float)
    Y, P, D, W = sample(f"wmy{i}", y), sample(f"wmp{i}", p.ravel()), sample(f"wmd{i}", d), sample(f"wmw{i}", w)
    case("weighted_multi_roc_auc", [Y, P, k, W], skm.roc_auc_score(y, p, multi_class="ovr", sample_weight=w))
    case("weighted_multi_pr_auc", [Y, P, k, W], np.mean([skm.average_precision_score(y == c, p[:, c], sample_weight=w) for c in range(k)]))
    case("weighted_multi_log_loss", [Y, P, k, W], skm.log_loss(y, p, sample_weight=w))
    case("weighted_multi_brier", [Y, P, k, W], np.average(((p - np.eye(k)[y]) ** 2).sum(axis=1), weights=w))
    case("weighted_accuracy", [Y, D, W], skm.accuracy_score(y, d, sample_weight=w))
    case("weighted_balanced_accuracy", [Y, D, k, W], skm.balanced_accuracy_score(y, d, sample_weight=w))
    case("weighted_macro_precision", [Y, D, k, W], skm.precision_score(y, d, average="macro", sample_weight=w))
    case("weighted_macro_recall", [Y, D, k, W], skm.recall_score(y, d, average="macro", sample_weight=w))
    case("weighted_macro_f1", [Y, D, k, W], skm.f1_score(y, d, average="macro", sample_weight=w))
    case("weighted_mcc", [Y, D, k, W], skm.matthews_corrcoef(y, d, sample_weight=w))

# Regression; the second far from zero.
for i, (n, center) in enumerate(((120, 0), (121, 1e6), (80, 3))):
    y = (rng.normal(size=n) * 2 + center).round(6)
    p = (y + rng.normal(size=n)).round(6)
    w = weights_of(i, n).astype(float)
    Y, P, W = sample(f"wry{i}", y), sample(f"wrp{i}", p), sample(f"wrw{i}", w)
    case("weighted_rmse", [Y, P, W], np.sqrt(skm.mean_squared_error(y, p, sample_weight=w)))
    case("weighted_mae", [Y, P, W], skm.mean_absolute_error(y, p, sample_weight=w))
    case("weighted_r2", [Y, P, W], skm.r2_score(y, p, sample_weight=w))
    case("weighted_mape", [Y, P, W], skm.mean_absolute_percentage_error(y, p, sample_weight=w))

    # scikit-learn takes the smaller of two middle errors before 1.7, and their mean since: of whole weights, the median of repeated rows.
    whole = (w == w.round()).all()
    median = np.median(np.repeat(abs(y - p), w.astype(int))) if whole else skm.median_absolute_error(y, p, sample_weight=w)
    case("weighted_medae", [Y, P, W], median)


def compact(value):
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


with open("weights_reference.json", "w") as file:
    body = {"samples": {name: [compact(v) for v in values] for name, values in samples.items()}, "cases": cases}
    text = json.dumps(body, separators=(",", ":"), allow_nan=False)
    file.write(text.replace('],["', '],\n["') + "\n")
